import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import type { OidcSettings } from '../config/config'
import type { Clock } from '../shared/clock'
import { Unavailable } from '../shared/errors'
import type { Logger } from '../shared/logger'

/** A key that the provider has withdrawn is good for no longer than this. */
const KEYS_MAX_AGE_MS = 10 * 60_000
/** Anybody can make up a token that names a key which nobody knows: the provider is asked about such no more often than this. */
const ASKED_AGAIN_AFTER_MS = 30_000
/** The same while it does not answer; those who wait are told so at once meanwhile. */
const FAILED_AGAIN_AFTER_MS = 5000
/** For one document, to its last byte: a request waits for it. */
const TIMEOUT_MS = 5000

interface Keys {
  find: JWTVerifyGetKey
  at: number
}

/**
 * The public keys of the provider, for `jwtVerify`. They are fetched when the first token comes, when they are old, and when a token names one
 * that is not among them, which is how a provider's new keys come to be known.
 * @throws Unavailable when they are needed and cannot be had; JWKSNoMatchingKey for a key that the provider does not have
 */
export function createOidcKeys(
  { issuer, jwksUrl }: Pick<OidcSettings, 'issuer' | 'jwksUrl'>,
  { clock, logger }: { clock: Clock; logger: Logger },
): JWTVerifyGetKey {
  const now = () => clock.now().getTime()
  let keys: Keys | null = null
  let failedAt = -Infinity
  let asking: Promise<Keys> | null = null

  async function ask(): Promise<Keys> {
    try {
      const found = await fetchJson(jwksUrl ?? (await discoverKeys(issuer)))
      return (keys = { find: createLocalJWKSet(found as unknown as JSONWebKeySet), at: now() })
    } catch (error) {
      failedAt = now()
      logger.error({ err: error }, 'The keys of the OpenID Connect provider could not be had; its tokens are refused meanwhile.')
      throw unavailable()
    } finally {
      asking = null
    }
  }

  function renewed(): Promise<Keys> {
    if (asking) return asking
    if (now() - failedAt < FAILED_AGAIN_AFTER_MS) throw unavailable()
    return (asking = ask())
  }

  return async (header, token) => {
    const known = keys && now() - keys.at < KEYS_MAX_AGE_MS ? keys : await renewed()
    try {
      return await known.find(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || now() - known.at < ASKED_AGAIN_AFTER_MS) throw error
    }
    return (await renewed()).find(header, token)
  }
}

async function discoverKeys(issuer: string): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const { issuer: named, jwks_uri: keysUrl } = await fetchJson(url)
  // Else it would be another's word for whose keys these are.
  if (named !== issuer) throw new Error(`${url} is the document of another issuer than OIDC_ISSUER says: ${JSON.stringify(named)}.`)
  if (typeof keysUrl !== 'string') throw new Error(`${url} names no jwks_uri.`)
  return keysUrl
}

async function fetchJson(url: string): Promise<Record<string, unknown>> {
  const headers = { accept: 'application/json' }
  const response = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) })
  if (!response.ok) throw new Error(`${url} answered ${response.status}.`)
  return (await response.json()) as Record<string, unknown>
}

function unavailable(): Unavailable {
  return new Unavailable('Your token cannot be checked just now: its OpenID Connect provider cannot be reached. Try again in a moment.')
}
