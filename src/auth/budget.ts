import { TIME_IS_OVER_MS } from '../database/rate-limiter'
import type { Clock } from '../shared/clock'
import { RateLimited } from '../shared/errors'
import type { Limits } from './limits'
import type { Viewer } from './viewer'

/** Every request has its caller looked up and its answer written, whatever it asks for. */
const REQUEST_COST = 10
/** Reading is work, too, and all that there is of a request that is refused for how it is written: up to 80 ms for 60 kB. */
const BYTES_FOR_A_POINT = 100

/** How a caller stands, in cost points. */
export interface Balance {
  /** Of a full budget. */
  limit: number
  remaining: number
  /** When the budget is full again. */
  resetAt: Date
  /** What this request came to, as far as that is known. */
  cost: number
}

/** What one request may take of its caller's budget: as much as it may cost before it is carried out, less what it did not need after it. */
export interface Budget {
  /** As far as this request knows; null before it has taken anything. */
  readonly balance: Balance | null
  /** Says how long the request is, which decides what it costs at least. */
  read(bytes: number): void
  /** @throws RateLimited when the caller has spent what a request costs at least, as far as this process knows; asks nobody else */
  refuseSpent(): void
  /** @throws RateLimited when there is not as much left; then nothing is taken */
  take(cost: number): Promise<void>
  /** Takes what a part came to that nobody had to ask for anew, such as an event of a subscription: 1 at least. @throws RateLimited as `take` */
  pay(cost: number): Promise<void>
  /** Gives back what the request has taken beyond this, or takes what is missing. @throws RateLimited when that cannot be had */
  settle(cost: number): Promise<void>
}

/** Entries of `spentUntil`; a spent caller without an entry costs a query. */
const SPENT_MAX = 10_000

export function createBudget(
  { limits, clock }: { limits: Limits; clock: Clock },
  { callerId, partnerId }: Viewer,
  viaGateway: boolean,
): Budget {
  const limiter = viaGateway ? limits.gatewayCost : limits.cost
  const { points: limit } = limiter.limit
  const { spentUntil } = limiter
  const inTime = (ms: number) => new Date(clock.now().getTime() + ms)
  let balance: Balance | null = null
  let least = REQUEST_COST

  function refuse(cost: number, { retryAfterMs, left }: RateLimited, whose: string, of: number): RateLimited {
    balance = { limit, remaining: Math.min(left, limit), resetAt: inTime(retryAfterMs), cost: 0 }
    if (left < REQUEST_COST) rememberSpent(spentUntil, callerId, Date.now() + retryAfterMs)
    const message = `This may cost ${cost} ${cost === 1 ? 'point' : 'points'}, and ${left} of ${whose} ${of} a minute are left. Ask for less, or wait.`
    return new RateLimited(retryAfterMs, message, left)
  }

  async function takePoints(points: number): Promise<void> {
    const taken = await limiter.take(callerId, points).catch((error: unknown) => {
      throw error instanceof RateLimited ? refuse(points, error, 'your', limit) : error
    })
    try {
      await limits.partnerCost.take(partnerId, points)
    } catch (error) {
      await limiter.giveBack(callerId, points)
      throw error instanceof RateLimited ? refuse(points, error, "your partner's", limits.partnerCost.limit.points) : error
    }
    balance = { limit, remaining: taken.left, resetAt: inTime(taken.refillMs), cost: (balance?.cost ?? 0) + points }
  }

  return {
    get balance() {
      return balance
    },
    read(bytes) {
      least = Math.max(REQUEST_COST, Math.ceil(bytes / BYTES_FOR_A_POINT))
    },
    refuseSpent() {
      const remainingMs = (spentUntil.get(callerId) ?? 0) - Date.now()
      if (remainingMs > 0) throw refuse(REQUEST_COST, new RateLimited(remainingMs), 'your', limit)
      spentUntil.delete(callerId)
    },
    take: cost => takePoints(Math.min(Math.max(Math.ceil(cost), least), limit)),
    pay: cost => takePoints(Math.min(Math.max(Math.ceil(cost), 1), limit)),
    async settle(cost) {
      // Who was refused pays nothing.
      if (!balance || balance.cost === 0) return
      const rest = balance.cost - Math.max(Math.ceil(cost), least)
      // A list without pages may have been longer than was reckoned with.
      if (rest < 0) return takePoints(Math.min(-rest, limit))
      if (rest === 0) return
      // Once the time is over all is given back already; what came after it would be a present.
      const isOver = clock.now().getTime() + TIME_IS_OVER_MS >= balance.resetAt.getTime()
      balance = { ...balance, remaining: balance.remaining + (isOver ? 0 : rest), cost: balance.cost - rest }
      if (isOver) return
      await limiter.giveBack(callerId, rest)
      await limits.partnerCost.giveBack(partnerId, rest)
      spentUntil.delete(callerId)
    },
  }
}

function rememberSpent(spentUntil: Map<string, number>, callerId: string, untilMs: number): void {
  if (spentUntil.size >= SPENT_MAX) {
    for (const [known, knownUntilMs] of spentUntil) if (knownUntilMs < Date.now()) spentUntil.delete(known)
  }
  if (spentUntil.size < SPENT_MAX) spentUntil.set(callerId, untilMs)
}
