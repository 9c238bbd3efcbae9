import { createHash } from 'node:crypto'
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterPostgres } from 'rate-limiter-flexible'
import type { Clock } from '../shared/clock'
import { RateLimited } from '../shared/errors'
import type { Database } from './database'

export interface RateLimit {
  /** Tells it from others; part of every key. */
  name: string
  /** So many within so many seconds; the first starts the time. */
  points: number
  seconds: number
}

/** So shortly before the time is over nothing is given back: it could come after it, beside all that can be taken then. */
export const TIME_IS_OVER_MS = 500

export interface Taken {
  /** Points that can still be taken. */
  left: number
  /** Until all of them can be taken again. */
  refillMs: number
}

/** Counts what somebody does, over all processes at the database. Keys are hashed: they may be addresses of people. */
export interface RateLimiter {
  readonly limit: RateLimit
  /**
   * Takes points, one unless it says otherwise.
   * @throws RateLimited when there are not as many; then none is taken
   */
  take(key: string, points?: number): Promise<Taken>
  /** Whether there is none to take. */
  isExhausted(key: string): Promise<boolean>
  /** Gives points back. */
  giveBack(key: string, points?: number): Promise<void>
  /** Refuses everything for as many seconds, whatever has been taken. */
  block(key: string, seconds: number): Promise<void>
  forget(key: string): Promise<void>
}

/** The counters are in the table `rate_limit` on PostgreSQL, and in memory on SQLite, which one process serves. */
export function createRateLimiter(database: Database, limit: RateLimit): RateLimiter {
  const { name, points, seconds } = limit
  const options = { keyPrefix: name, points, duration: seconds }
  const limiter: RateLimiterAbstract =
    database.kind === 'sqlite'
      ? new RateLimiterMemory(options)
      : new RateLimiterPostgres({
          ...options,
          storeClient: { query: ({ text, values }: { text: string; values: unknown[] }) => database.execute(text, values) },
          storeType: 'client',
          tableName: 'rate_limit',
          tableCreated: true,
          clearExpiredByTimeout: false,
        })
  const hashed = (key: string) => createHash('sha256').update(key).digest('base64url')
  return {
    limit,
    async take(key, taken = 1) {
      try {
        const { remainingPoints: left, msBeforeNext: refillMs } = await limiter.consume(hashed(key), taken)
        return { left, refillMs }
      } catch (refusal) {
        if (refusal instanceof Error) throw refusal
        const { msBeforeNext, consumedPoints } = refusal as { msBeforeNext: number; consumedPoints: number }
        // The library counts what it refuses, too: who gives back later what was taken before would still be short of it.
        if (msBeforeNext > TIME_IS_OVER_MS) await limiter.reward(hashed(key), taken)
        throw new RateLimited(msBeforeNext, undefined, Math.max(0, points - (consumedPoints - taken)))
      }
    },
    isExhausted: async key => ((await limiter.get(hashed(key)))?.remainingPoints ?? 1) <= 0,
    giveBack: async (key, given = 1) => void (await limiter.reward(hashed(key), given)),
    block: async (key, blockSeconds) => void (await limiter.block(hashed(key), blockSeconds)),
    forget: async key => void (await limiter.delete(hashed(key))),
  }
}

/** Deletes the counters whose time is over. The library's own clean-up would need a timer in each process. */
export async function purgeExpiredCounters({ database, clock }: { readonly database: Database; readonly clock: Clock }): Promise<void> {
  if (database.kind === 'postgres') await database.execute('DELETE FROM rate_limit WHERE expire < $1', [clock.now().getTime()])
}
