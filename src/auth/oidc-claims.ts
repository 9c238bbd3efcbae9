import type { JWTPayload } from 'jose'
import type { OidcSettings } from '../config/config'
import { Role } from './viewer'

/** As long as names of API tokens, which stand beside it in the audit trail. */
const NAME_MAX_LENGTH = 100
const ALL_CUSTOMERS = '*'
/** Also what makes the text around it run backwards. */
const NOT_IN_NAMES = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu
const ROLES_DOWNWARD = [Role.ADMIN, Role.OPERATOR, Role.VIEWER]

/** A token of the provider's with which nobody is let in. */
export class UnusableToken extends Error {
  override readonly name = 'UnusableToken'
  readonly claim: string

  constructor(claim: string, message: string) {
    super(message)
    this.claim = claim
  }
}

/** The ID of the one partner that the token is for. @throws UnusableToken */
export function partnerOf({ partnerClaim, partners }: OidcSettings, claims: JWTPayload): string {
  const meant = meanings(textsIn(claims, partnerClaim), partners)
  const [partnerId] = meant
  if (partnerId === undefined) throw new UnusableToken(partnerClaim, 'The claim names no partner.')
  if (meant.length > 1) throw new UnusableToken(partnerClaim, 'The claim names more than one partner.')
  return partnerId
}

/** The highest of the roles that the token names. @throws UnusableToken */
export function roleOf({ roleClaim, roles }: OidcSettings, claims: JWTPayload): Role {
  const meant = meanings(textsIn(claims, roleClaim), roles)
  const role = ROLES_DOWNWARD.find(each => meant.includes(each))
  if (!role) throw new UnusableToken(roleClaim, 'The claim names no role.')
  return role
}

/** The customers that the token is restricted to, as it names them; null when it is for the whole partner. @throws UnusableToken */
export function customersOf({ customersClaim }: OidcSettings, claims: JWTPayload): string[] | null {
  if (customersClaim === null) return null
  const customers = textsIn(claims, customersClaim)
  // Whoever forgot it in the provider's settings should not have given everything away.
  if (!customers) throw new UnusableToken(customersClaim, 'The claim is missing, and would say for which customers the token is.')
  return customers.includes(ALL_CUSTOMERS) ? null : [...new Set(customers)].sort()
}

/** What the audit trail calls the caller. @throws UnusableToken when there is nothing to call it by */
export function nameOf({ nameClaim }: OidcSettings, claims: JWTPayload): string {
  const names = [...(textsIn(claims, nameClaim) ?? []), claims.sub ?? ''].map(name => name.replace(NOT_IN_NAMES, '').trim())
  const name = names.find(each => each !== '')
  if (name === undefined) throw new UnusableToken('sub', 'The claim is empty.')
  return Array.from(name).slice(0, NAME_MAX_LENGTH).join('')
}

function meanings(values: string[] | null, of: Map<string, string> | null): string[] {
  return [...new Set((values ?? []).flatMap(value => (of ? (of.get(value) ?? []) : value)))]
}

/** One text or a list of texts; null when the claim is neither. */
function textsIn(claims: JWTPayload, name: string): string[] | null {
  const value = claimAt(claims, name)
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter(each => typeof each === 'string') : null
}

/** By its name; else by the path that the name is, as in `realm_access.roles`. Names may be URLs, which have dots, too. */
function claimAt(claims: JWTPayload, name: string): unknown {
  const within = (object: unknown, key: string): unknown =>
    typeof object === 'object' && object !== null && Object.hasOwn(object, key) ? (object as Record<string, unknown>)[key] : undefined
  return within(claims, name) ?? name.split('.').reduce(within, claims)
}
