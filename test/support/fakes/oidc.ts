import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import readline from 'node:readline'
import { exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, type KeyLike, SignJWT } from 'jose'
import { nextNumber } from '../world/builders'

export const AUDIENCE = 'https://flowthrough.example/api'
/** Longer than any test moves the clock ahead. */
const SECONDS = 3600

/** A real OpenID Connect provider in a process of its own. */
export interface OidcProvider {
  issuer: string
  /** What it signs with; tests make tokens of it that no provider gives out. */
  key: JWK
  /** How often its public keys were fetched. */
  fetches(): number
  /** An access token, as a program gets it for itself: `sub` is the client. */
  token(claims: Record<string, unknown>, options?: { client?: string; audience?: string; seconds?: number }): Promise<string>
  /** A token with the provider's own signature that says whatever it is told to; what is left out is as in a good one. */
  signed(claims: JWTPayload, header?: { typ?: string }): Promise<string>
  stop(): Promise<void>
}

const CLIENTS = ['portal', 'robot'] as const

/** @param port of one that was there before, to take its place */
export async function startOidcProvider({ port = 0, alg = 'RS256' } = {}): Promise<OidcProvider> {
  const key = await newKey(alg)
  const child = spawn(process.execPath, [path.join(__dirname, 'oidc-provider.mjs')], { stdio: ['pipe', 'pipe', 'ignore'] })
  child.stdin.write(`${JSON.stringify({ port, key, clients: CLIENTS })}\n`)
  let fetches = 0
  const lines = readline.createInterface({ input: child.stdout })
  const issuer = await new Promise<string>((resolve, reject) => {
    lines.once('line', resolve)
    child.once('exit', code => reject(new Error(`The provider did not start (exit code ${code}).`)))
  })
  lines.on('line', () => (fetches += 1))
  return {
    issuer,
    key,
    fetches: () => fetches,
    async token(claims, { client = 'portal', audience = AUDIENCE, seconds = SECONDS } = {}) {
      const body = new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: client,
        client_secret: 'secret',
        resource: audience,
        claims: JSON.stringify(claims),
        seconds: String(seconds),
      })
      const response = await fetch(`${issuer}/token`, { method: 'POST', body })
      const answer = (await response.json()) as { access_token?: string }
      if (!answer.access_token) throw new Error(JSON.stringify(answer))
      return answer.access_token
    },
    async signed(claims, header = {}) {
      const nowSeconds = Math.floor(Date.now() / 1000)
      return new SignJWT({ iss: issuer, aud: AUDIENCE, sub: 'portal', iat: nowSeconds, exp: nowSeconds + SECONDS, ...claims })
        .setProtectedHeader({ alg, kid: key.kid as string, ...header })
        .sign((await importJWK(key, alg)) as KeyLike)
    },
    async stop() {
      const ended = once(child, 'exit')
      child.stdin.end()
      await ended
    },
  }
}

async function newKey(alg: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  return { ...(await exportJWK(privateKey)), alg, use: 'sig', kid: `key-${nextNumber()}` }
}
