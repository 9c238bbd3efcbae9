import { createHash } from 'node:crypto'
import { decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose'
import type { OidcSettings } from '../config/config'
import type { Clock } from '../shared/clock'
import type { Logger } from '../shared/logger'
import { customersOf, nameOf, partnerOf, roleOf, UnusableToken } from './oidc-claims'
import { createOidcKeys } from './oidc-keys'
import type { Role } from './viewer'

/** Signed with a private key. Whatever is checked with a secret could be made by whoever checks it, or be none at all. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
/** As far as the clocks of servers are apart that ask for the time now and then. */
const CLOCK_TOLERANCE_SECONDS = 5
/** Twice what providers give to people in many groups; headers of HTTP hold no more. */
const TOKEN_MAX_LENGTH = 16_384
/** What the log says of it, with the claim and the reason, and without the token. */
export const REFUSED = 'An access token of the OpenID Connect provider was refused.'
/** Of an access token, where it has one (RFC 9068); a type of its own keeps other tokens from being taken for one. */
const HEADER_TYPES = /^(application\/)?(at\+)?jwt$/i

/** What an access token says of its bearer. Nothing is known yet of whether that partner and these customers are there. */
export interface OidcCaller {
  /** One for each bearer and restriction: who may see less from now on does not come by what it asked for when it saw more. */
  callerId: string
  name: string
  role: Role
  partnerId: string
  /** By ID or `spEnterpriseId`; null for all. */
  customers: string[] | null
}

export type VerifyOidcToken = (token: string) => Promise<OidcCaller | null>

/**
 * Takes access tokens of the configured provider: signed JWTs, for our audience, that hold now. Null for every other, with a line in the log when
 * it is one of the provider's that cannot be used.
 * @throws Unavailable while the provider's keys cannot be had
 */
export function createOidcVerifier(settings: OidcSettings, { clock, logger }: { clock: Clock; logger: Logger }): VerifyOidcToken {
  const { issuer, audience } = settings
  const keys = createOidcKeys(settings, { clock, logger })
  return async token => {
    const currentDate = clock.now()
    if (!isWorthAsking(token, issuer, currentDate)) return null
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ['exp', 'sub'],
        currentDate,
      })
      refuseOthers(payload, protectedHeader.typ)
      return callerOf(settings, payload)
    } catch (error) {
      if (error instanceof UnusableToken || error instanceof errors.JWTClaimValidationFailed) {
        logger.info({ claim: error.claim, reason: error.message }, REFUSED)
      } else if (!(error instanceof errors.JOSEError)) throw error
      return null
    }
  }
}

/** What is no token of the provider's, or was one, is refused without a call to it. */
function isWorthAsking(token: string, issuer: string, now: Date): boolean {
  if (token.length > TOKEN_MAX_LENGTH) return false
  try {
    const { iss, exp = 0 } = decodeJwt(token)
    return iss === issuer && (exp + CLOCK_TOLERANCE_SECONDS) * 1000 > now.getTime()
  } catch (error) {
    if (error instanceof errors.JOSEError) return false
    throw error
  }
}

/** The provider signs other tokens with the same keys; an ID token tells a client who signed in, and lets nobody in. */
function refuseOthers(claims: JWTPayload, headerType: string | undefined): void {
  if (headerType !== undefined && !HEADER_TYPES.test(headerType)) throw new UnusableToken('typ', 'It is no access token.')
  // Keycloak says so inside.
  if (claims['typ'] !== undefined && claims['typ'] !== 'Bearer') throw new UnusableToken('typ', 'It is no access token.')
  if (['at_hash', 'c_hash', 'nonce'].some(claim => claim in claims)) throw new UnusableToken('at_hash', 'It is an ID token.')
  // Whoever has stolen it could use it here, against what the provider promised to its holder.
  if ('cnf' in claims) throw new UnusableToken('cnf', 'It is bound to a key of its holder, of which this server takes no proof.')
}

function callerOf(settings: OidcSettings, claims: JWTPayload): OidcCaller {
  const customers = customersOf(settings, claims)
  const identity = [settings.issuer, claims.sub, customers]
  return {
    callerId: `oidc_${createHash('sha256').update(JSON.stringify(identity)).digest('base64url').slice(0, 32)}`,
    name: nameOf(settings, claims),
    role: roleOf(settings, claims),
    partnerId: partnerOf(settings, claims),
    customers,
  }
}
