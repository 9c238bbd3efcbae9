import { createHash } from 'node:crypto'
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterPostgres } from 'rate-limiter-flexible'
import { RateLimited } from '../shared/errors'
import type { Database } from './database'

export interface RateLimit {
  /** Tells it from others; part of every key. */
  name: string
  /** So many within so many seconds; the first starts the time. */
  points: number
  seconds: number
}

/** Counts what somebody does, over all processes at the database. Keys are hashed: they may be addresses of people. */
export interface RateLimiter {
  /**
   * Takes one point.
   * @returns how many are left
   * @throws RateLimited when there is none; then none is taken
   */
  take(key: string): Promise<number>
  /** Whether there is none to take. */
  isExhausted(key: string): Promise<boolean>
  /** Gives one point back. */
  giveBack(key: string): Promise<void>
  /** Refuses everything for as many seconds, whatever has been taken. */
  block(key: string, seconds: number): Promise<void>
  forget(key: string): Promise<void>
}

/** The counters are in the table `rate_limit` on PostgreSQL, and in memory on SQLite, which one process serves. */
export function createRateLimiter(database: Database, { name, points, seconds }: RateLimit): RateLimiter {
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
    async take(key) {
      try {
        return (await limiter.consume(hashed(key))).remainingPoints
      } catch (refusal) {
        if (refusal instanceof Error) throw refusal
        // The library counts what it refuses, too: who gives back later what was taken before would still be short of it.
        await limiter.reward(hashed(key))
        throw new RateLimited((refusal as { msBeforeNext: number }).msBeforeNext)
      }
    },
    isExhausted: async key => ((await limiter.get(hashed(key)))?.remainingPoints ?? 1) <= 0,
    giveBack: async key => void (await limiter.reward(hashed(key))),
    block: async (key, blockSeconds) => void (await limiter.block(hashed(key), blockSeconds)),
    forget: async key => void (await limiter.delete(hashed(key))),
  }
}

/** Deletes counters whose time is over; the library itself would do so by a timer of its own in each process. */
export async function forgetOldCounters(database: Database, now: Date): Promise<void> {
  if (database.kind === 'postgres') await database.execute('DELETE FROM rate_limit WHERE expire < $1', [now.getTime()])
}
