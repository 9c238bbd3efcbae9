import type { RequestLimits } from '../config/config'
import type { Database } from '../database/database'
import { createRateLimiter, type RateLimiter } from '../database/rate-limiter'

/** How long a sign-in is locked after too many wrong tries. Source: 200018 in Cisco's list of portal errors, "about ten minutes". */
export const LOCK_SECONDS = 600
/** Wrong tries until then, of one user and from one network. Passcodes have four characters at least. */
const WRONG_TRIES = 10

/** A page asks every two seconds while it waits, and more rarely after a minute; an office behind one address may have twenty people at it. */
const REQUESTS_PER_MINUTE = 600
/** A link belongs to a provider's customers, who may all get it with one mail; each try costs us or BroadWorks a password check. */
const SIGN_INS_OF_LINK_PER_MINUTE = 600
/** So that nobody can have us flood a mailbox. */
const MAILS_PER_HOUR = 5

/** So many callers of one partner may ask for all that they may at a time; a gateway may for as many as its factor says. */
const CALLERS_OF_A_PARTNER = 10
/** What the column of the counters holds. */
const POINTS_MAX = 2_000_000_000

/** A rate limiter of the cost points of callers. */
export interface CostLimiter extends RateLimiter {
  /** Callers without points, as far as this process knows, and when (in ms) their budgets are full again: they are refused without a query. */
  readonly spentUntil: Map<string, number>
}

/** What is counted, by whom; the counters are shared by all processes at a database. */
export interface Limits {
  /** By caller, in cost points; see `Budget`. */
  cost: CostLimiter
  /** As `cost`, of whoever comes through a gateway. */
  gatewayCost: CostLimiter
  /** By partner, all callers of it together, in cost points: tokens are made at will. */
  partnerCost: RateLimiter
  /** By network, requests of the partner API without a valid token. */
  anonymous: RateLimiter
  /** By network, all requests of the portal. */
  requests: RateLimiter
  /** By template. */
  signInsOfLink: RateLimiter
  /** By partner and BroadWorks ID. */
  wrongTriesOfUser: RateLimiter
  /** By network. */
  wrongTriesFromNetwork: RateLimiter
  /** By user. */
  mails: RateLimiter
}

export function createLimits(database: Database, { costPerMinute, gatewayFactor, anonymousPerMinute }: RequestLimits): Limits {
  const limiter = (name: string, points: number, seconds: number) => createRateLimiter(database, { name, points, seconds })
  const costLimiter = (name: string, points: number) => ({ ...limiter(name, points, 60), spentUntil: new Map<string, number>() })
  return {
    cost: costLimiter('cost', costPerMinute),
    gatewayCost: costLimiter('gateway-cost', Math.min(costPerMinute * gatewayFactor, POINTS_MAX)),
    partnerCost: limiter('partner-cost', Math.min(costPerMinute * Math.max(CALLERS_OF_A_PARTNER, gatewayFactor), POINTS_MAX), 60),
    anonymous: limiter('anonymous', anonymousPerMinute, 60),
    requests: limiter('activation-requests', REQUESTS_PER_MINUTE, 60),
    signInsOfLink: limiter('sign-ins-of-link', SIGN_INS_OF_LINK_PER_MINUTE, 60),
    wrongTriesOfUser: limiter('wrong-tries-of-user', WRONG_TRIES, LOCK_SECONDS),
    wrongTriesFromNetwork: limiter('wrong-tries-from-network', WRONG_TRIES, LOCK_SECONDS),
    mails: limiter('mails', MAILS_PER_HOUR, 3600),
  }
}
