import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { exportSPKI, generateKeyPair, importJWK, type KeyLike, SignJWT, UnsecuredJWT } from 'jose'
import { createOidcVerifier, type VerifyOidcToken } from '../../src/auth/oidc'
import type { OidcSettings } from '../../src/config/config'
import { createLogger } from '../../src/shared/logger'
import { createTestClock, type TestClock } from '../support/world/clock'
import { freePort } from '../support/processes/free-port'
import { AUDIENCE, type OidcProvider, startOidcProvider } from '../support/fakes/oidc'

let provider: OidcProvider
const PARTNER = 'prt_01h455vb4pex5vsknk084sn02q'
const CLAIMS = { partner: PARTNER, role: 'OPERATOR' }

beforeAll(async () => void (provider = await startOidcProvider()))
afterAll(() => provider.stop())

const settings = (given: Partial<OidcSettings> = {}): OidcSettings => ({
  issuer: provider.issuer,
  audience: AUDIENCE,
  jwksUrl: null,
  partnerClaim: 'partner',
  partners: null,
  roleClaim: 'role',
  roles: null,
  customersClaim: null,
  nameClaim: 'sub',
  ...given,
})

interface Verifier {
  verify: VerifyOidcToken
  clock: TestClock
  log: () => string
}

function verifier(given?: Partial<OidcSettings>): Verifier {
  const clock = createTestClock()
  let log = ''
  const destination = new Writable({ write: (chunk, _encoding, done) => ((log += String(chunk)), done()) })
  return { verify: createOidcVerifier(settings(given), { clock, logger: createLogger('info', destination) }), clock, log: () => log }
}

describe('An access token of the provider', () => {
  it('says who bears it', async () => {
    expect(await verifier().verify(await provider.token(CLAIMS))).toEqual({
      callerId: expect.stringMatching(/^oidc_[\w-]{32}$/),
      name: 'portal',
      role: 'OPERATOR',
      partnerId: PARTNER,
      customers: null,
    })
  })

  it.each(['ES256', 'PS256', 'EdDSA'])('may be signed with %s', async alg => {
    const other = await startOidcProvider({ alg })
    try {
      expect(await verifier({ issuer: other.issuer }).verify(await other.signed(CLAIMS))).toMatchObject({ role: 'OPERATOR' })
    } finally {
      await other.stop()
    }
  })

  it('names roles and a partner in the words of the provider, in claims within claims, and by names that are URLs', async () => {
    const { verify } = verifier({
      partnerClaim: 'https://flowthrough.example/partner',
      partners: new Map([['alice', PARTNER]]),
      roleClaim: 'realm_access.roles',
      roles: new Map([
        ['desk', 'OPERATOR'],
        ['boss', 'ADMIN'],
        ['reader', 'VIEWER'],
      ]),
      nameClaim: 'person.name',
    })
    const claims = {
      'https://flowthrough.example/partner': ['alice', 'somebody else'],
      realm_access: { roles: ['reader', 'boss', 'ADMIN of nothing'] },
      person: { name: 'Anna\n\u202eRossi ' + '😀'.repeat(100) },
    }
    expect(await verify(await provider.signed(claims))).toMatchObject({
      partnerId: PARTNER,
      role: 'ADMIN',
      name: 'AnnaRossi ' + '😀'.repeat(90),
    })
  })

  it.each<[string, Record<string, unknown>, string, Partial<OidcSettings>]>([
    ['names no partner', { partner: undefined }, 'partner', {}],
    ['names two partners', { partner: ['a', 'b'] }, 'partner', {}],
    ['names a partner in a word that means none', { partner: 'bob' }, 'partner', { partners: new Map([['alice', PARTNER]]) }],
    ['names no role', { role: undefined }, 'role', {}],
    ['names a role that is none', { role: ['admin', 'SUPERUSER'] }, 'role', {}],
    ['names a role in a word that means none', { role: 'ADMIN' }, 'role', { roles: new Map([['boss', 'ADMIN']]) }],
    ['names a role that every object has', { role: 'ADMIN' }, 'constructor.name', { roleClaim: 'constructor.name' }],
    ['does not say for which customers it is', {}, 'customers', { customersClaim: 'customers' }],
    ['is for another service', { aud: 'https://other.example' }, 'aud', {}],
    ['is a logout token', { header: 'logout+jwt' }, 'typ', {}],
    ['is an ID token of Keycloak', { typ: 'ID' }, 'typ', {}],
    ['is a refresh token of Keycloak', { typ: 'Refresh' }, 'typ', {}],
    ['is an ID token', { at_hash: 'x' }, 'at_hash', {}],
    ['is bound to a key of its holder', { cnf: { jkt: 'x' } }, 'cnf', {}],
    ['is not valid yet', { nbf: Math.floor(Date.now() / 1000) + 3600 }, 'nbf', {}],
  ])('is refused when it %s, and the log says why', async (_why, { header, ...claims }, claim, given) => {
    const { verify, log } = verifier(given)
    const token = await provider.signed({ ...CLAIMS, ...claims }, header === undefined ? {} : { typ: String(header) })
    expect(await verify(token)).toBeNull()
    expect(JSON.parse(log())).toMatchObject({ claim, reason: expect.any(String), msg: expect.stringContaining('refused') })
    expect(log()).not.toContain(token.slice(-20))
  })

  it('names the customers that it is for', async () => {
    const { verify } = verifier({ customersClaim: 'customers' })
    const customersOf = async (customers: unknown) => (await verify(await provider.signed({ ...CLAIMS, customers })))?.customers
    expect(await customersOf(['SP1+b', 'SP1+a', 'SP1+b'])).toEqual(['SP1+a', 'SP1+b'])
    expect(await customersOf('SP1+a')).toEqual(['SP1+a'])
    expect(await customersOf([])).toEqual([])
    expect(await customersOf(['SP1+a', '*'])).toBeNull()
    expect(await customersOf({ all: true })).toBeUndefined()
  })

  it('makes another caller of each bearer and of each restriction, and the same of each token', async () => {
    const { verify } = verifier({ customersClaim: 'customers' })
    const callerOf = async (customers: string[], client = 'portal') =>
      (await verify(await provider.token({ ...CLAIMS, customers }, { client })))?.callerId
    const [caller, again, other, restricted] = await Promise.all([
      callerOf(['*']),
      callerOf(['*']),
      callerOf(['*'], 'robot'),
      callerOf(['SP1+a']),
    ])
    expect(again).toBe(caller)
    expect(new Set([caller, other, restricted]).size).toBe(3)
  })
})

describe('A token that the provider did not sign for us, or not for now', () => {
  it('is refused once it has expired', async () => {
    const { verify, clock } = verifier()
    const token = await provider.token(CLAIMS, { seconds: 60 })
    clock.moveAhead(62_000)
    expect(await verify(token)).not.toBeNull()
    clock.moveAhead(4000)
    expect(await verify(token)).toBeNull()
  })

  it.each([
    ['no token', 'garbage'],
    ['no JWT', 'a.b.c'],
    ['nothing', '..'],
    ['encrypted', 'eyJhbGciOiJkaXIifQ.a.b.c.d'],
    ['far too long', `a.${'b'.repeat(20_000)}.c`],
  ])('is refused without a call to the provider when it is %s', async (_what, token) => {
    const before = provider.fetches()
    expect(await verifier().verify(token)).toBeNull()
    expect(provider.fetches()).toBe(before)
  })

  it('is refused when another issuer made it, without a call to the provider', async () => {
    const before = provider.fetches()
    expect(await verifier().verify(await provider.signed({ ...CLAIMS, iss: 'https://mallory.example' }))).toBeNull()
    expect(provider.fetches()).toBe(before)
  })

  it('is refused with no signature, one by a secret that everybody knows, and one by another key', async () => {
    const { verify } = verifier()
    const good = { ...CLAIMS, iss: provider.issuer, aud: AUDIENCE, sub: 'mallory', exp: Math.floor(Date.now() / 1000) + 600 }
    const { kid, kty, n, e } = provider.key
    const publicKey = (await importJWK({ kty: kty as string, n: n as string, e: e as string }, 'RS256')) as KeyLike
    const publicText = new TextEncoder().encode(await exportSPKI(publicKey))
    const { privateKey } = await generateKeyPair('RS256')
    const header = { kid: kid as string }
    const forged = [
      new UnsecuredJWT(good).encode(),
      await new SignJWT(good).setProtectedHeader({ ...header, alg: 'HS256' }).sign(publicText),
      await new SignJWT(good).setProtectedHeader({ ...header, alg: 'RS256' }).sign(privateKey),
      (await provider.signed(CLAIMS)).replace(/\.[^.]+$/, '.'),
    ]
    for (const token of forged) expect(await verify(token)).toBeNull()
  })

  it('cannot be without an end, nor without a bearer', async () => {
    const { verify } = verifier()
    expect(await verify(await provider.signed({ ...CLAIMS, exp: undefined }))).toBeNull()
    expect(await verify(await provider.signed({ ...CLAIMS, sub: undefined }))).toBeNull()
    expect(await verify(await provider.signed({ ...CLAIMS, sub: ' \n' }))).toBeNull()
  })
})

describe("The provider's keys", () => {
  it('are asked for once for many tokens, and about unknown keys once in half a minute', async () => {
    const { verify, clock } = verifier()
    const { privateKey } = await generateKeyPair('RS256')
    const made = async (kid: string) =>
      new SignJWT({ ...CLAIMS, iss: provider.issuer, aud: AUDIENCE, sub: 'mallory' })
        .setProtectedHeader({ alg: 'RS256', kid })
        .setExpirationTime('10m')
        .sign(privateKey)
    const before = provider.fetches()
    const good = await provider.token(CLAIMS)
    expect((await Promise.all(Array.from({ length: 20 }, () => verify(good)))).every(caller => caller !== null)).toBe(true)
    for (let round = 0; round < 3; round += 1) {
      for (let number = 0; number < 20; number += 1) expect(await verify(await made(`made-up-${round}-${number}`))).toBeNull()
      expect(provider.fetches() - before).toBe(1 + round)
      clock.moveAhead(31_000)
    }
  })

  it('may change: new ones are taken, and those that are gone are not', async () => {
    const port = await freePort()
    const first = await startOidcProvider({ port })
    const { verify, clock } = verifier({ issuer: first.issuer })
    const old = await first.token(CLAIMS)
    expect(await verify(old)).not.toBeNull()
    await first.stop()
    const second = await startOidcProvider({ port })
    try {
      clock.moveAhead(31_000)
      expect(await verify(old)).not.toBeNull()
      expect(await verify(await second.token(CLAIMS))).not.toBeNull()
      expect(await verify(old)).toBeNull()
    } finally {
      await second.stop()
    }
  })

  it('are forgotten in ten minutes, though nobody brings a new one', async () => {
    const port = await freePort()
    const first = await startOidcProvider({ port })
    const { verify, clock } = verifier({ issuer: first.issuer })
    const old = await first.token(CLAIMS, { seconds: 3600 })
    expect(await verify(old)).not.toBeNull()
    await first.stop()
    const second = await startOidcProvider({ port })
    try {
      clock.moveAhead(601_000)
      expect(await verify(old)).toBeNull()
    } finally {
      await second.stop()
    }
  })

  it('that cannot be had are no fault of the token, and are not asked for again and again', async () => {
    const port = await freePort()
    const first = await startOidcProvider({ port })
    const token = await first.token(CLAIMS)
    await first.stop()
    const { verify, clock, log } = verifier({ issuer: first.issuer })
    for (let number = 0; number < 10; number += 1) await expect(verify(token)).rejects.toThrow('cannot be reached')
    expect(log().trim().split('\n')).toHaveLength(1)
    clock.moveAhead(6000)
    await expect(verify(token)).rejects.toThrow('cannot be reached')
    expect(log().trim().split('\n')).toHaveLength(2)
    const second = await startOidcProvider({ port })
    try {
      clock.moveAhead(6000)
      expect(await verify(await second.token(CLAIMS))).not.toBeNull()
    } finally {
      await second.stop()
    }
  })

  it('go on to be used while the provider is away', async () => {
    const away = await startOidcProvider()
    const { verify, clock } = verifier({ issuer: away.issuer })
    const [token, unknown] = [await away.token(CLAIMS), await away.signed(CLAIMS)]
    expect(await verify(token)).not.toBeNull()
    await away.stop()
    clock.moveAhead(31_000)
    const made = unknown.replace(/^[^.]+/, Buffer.from(JSON.stringify({ alg: 'RS256', kid: 'made-up' })).toString('base64url'))
    await expect(verify(made)).rejects.toThrow('cannot be reached')
    expect(await verify(token)).not.toBeNull()
  })

  it.each([
    ['is the document of another issuer', { issuer: 'https://mallory.example', jwks_uri: 'https://mallory.example/keys' }],
    ['names no keys', {}],
  ])('are not taken from where it %s', async (_what, document) => {
    const server = createServer((_request, response) => response.end(JSON.stringify({ issuer: issuerOf(), ...document })))
    const issuerOf = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    try {
      const { verify, log } = verifier({ issuer: issuerOf() })
      await expect(verify(await provider.signed({ ...CLAIMS, iss: issuerOf() }))).rejects.toThrow('cannot be reached')
      expect(log()).toMatch(/another issuer|names no jwks_uri/)
    } finally {
      server.close()
    }
  })

  it('come from where the settings say, where they do', async () => {
    const { verify } = verifier({ issuer: 'https://no-documents.example/', jwksUrl: `${provider.issuer}/jwks` })
    expect(await verify(await provider.signed({ ...CLAIMS, iss: 'https://no-documents.example/' }))).not.toBeNull()
  })
})
