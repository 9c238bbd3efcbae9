import type { RequestLimits } from '../config/config'
import type { Database } from '../database/database'
import { createRateLimiter, type RateLimit, type RateLimiter } from '../database/rate-limiter'

/** So many callers of one partner may ask for all that they may at a time; a gateway may for as many as its factor says. */
const CALLERS_OF_A_PARTNER = 10
/** What the column of the counters holds. */
const POINTS_MAX = 2_000_000_000

/** What is counted, by whom; the counters are shared by all processes at a database. */
export interface Limits {
  /** By caller, in cost points; see `Budget`. */
  cost: RateLimiter
  /** As `cost`, of whoever comes through a gateway. */
  gatewayCost: RateLimiter
  /** By partner, all callers of it together, in cost points: tokens are made at will. */
  partnerCost: RateLimiter
  /** By network, requests of the partner API without a valid token. */
  anonymous: RateLimiter
  /** The counter of a limit that a feature defines. Calls with the same name share one counter. */
  of(limit: RateLimit): RateLimiter
}

export function createLimits(database: Database, { costPerMinute, gatewayFactor, anonymousPerMinute }: RequestLimits): Limits {
  const counters = new Map<string, RateLimiter>()
  const of = (limit: RateLimit): RateLimiter => {
    const counter = counters.get(limit.name) ?? createRateLimiter(database, limit)
    counters.set(limit.name, counter)
    return counter
  }
  const perMinute = (name: string, points: number) => of({ name, points: Math.min(points, POINTS_MAX), seconds: 60 })
  return {
    cost: perMinute('cost', costPerMinute),
    gatewayCost: perMinute('gateway-cost', costPerMinute * gatewayFactor),
    partnerCost: perMinute('partner-cost', costPerMinute * Math.max(CALLERS_OF_A_PARTNER, gatewayFactor)),
    anonymous: perMinute('anonymous', anonymousPerMinute),
    of,
  }
}
