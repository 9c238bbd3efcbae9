import type { RequestLimits } from '../config/config'
import type { Database } from '../database/database'
import { createRateLimiter, type RateLimit, type RateLimiter } from '../database/rate-limiter'

/** Per-partner cap on cost, as a multiple of the per-caller cap. A larger gateway factor takes its place. */
const CALLERS_OF_A_PARTNER = 10
/** Largest value of the counters' column. */
const POINTS_MAX = 2_000_000_000

/** A rate limiter of the cost points of callers. */
export interface CostLimiter extends RateLimiter {
  /** Callers without points, as far as this process knows, and when (in ms) their budgets are full again: they are refused without a query. */
  readonly spentUntil: Map<string, number>
}

/** Rate limits. All processes at a PostgreSQL database share the counters. */
export interface Limits {
  /** Cost per caller; see `Budget`. */
  cost: CostLimiter
  /** Cost per caller behind a gateway. */
  gatewayCost: CostLimiter
  /** Cost per partner. Needed beside `cost`, because a partner can create any number of tokens. */
  partnerCost: RateLimiter
  /** Requests to the partner API without a valid token, per network. */
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
  const costPerCaller = (name: string, points: number) => ({ ...perMinute(name, points), spentUntil: new Map<string, number>() })
  return {
    cost: costPerCaller('cost', costPerMinute),
    gatewayCost: costPerCaller('gateway-cost', costPerMinute * gatewayFactor),
    partnerCost: perMinute('partner-cost', costPerMinute * Math.max(CALLERS_OF_A_PARTNER, gatewayFactor)),
    anonymous: perMinute('anonymous', anonymousPerMinute),
    of,
  }
}
