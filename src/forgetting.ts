import { forgetOldCounters } from './database/rate-limiter'
import { forgetOldDryRuns } from './features/bulk-operation/run/old-dry-runs'
import { forgetOldDownloads } from './features/download/download.service'
import { forgetOldUserChanges } from './features/user-change/user-change.log'
import type { Platform } from './context/context'
import { forgetOldKeys } from './context/idempotency'

/** Often enough that nothing piles up for long. */
const SWEEP_INTERVAL_MS = 3_600_000

/** What is kept for some time only. */
const FORGOTTEN: Record<string, (platform: Platform) => Promise<void>> = {
  'idempotency keys': forgetOldKeys,
  'counters of limits': ({ database, clock }) => forgetOldCounters(database, clock.now()),
  'changes of users': forgetOldUserChanges,
  'dry runs': forgetOldDryRuns,
  downloads: forgetOldDownloads,
}

/** Deletes what has had its time, now and every hour. Answers a function that ends it, when a sweep that runs is over. */
export function startForgetting(platform: Platform): () => Promise<void> {
  let sweep = Promise.resolve()
  const look = (): void => {
    sweep = sweep.then(() => forgetAll(platform))
  }
  const timer = setInterval(look, SWEEP_INTERVAL_MS).unref()
  look()
  return async () => {
    clearInterval(timer)
    await sweep
  }
}

async function forgetAll(platform: Platform): Promise<void> {
  for (const [what, forget] of Object.entries(FORGOTTEN)) {
    await forget(platform).catch((error: unknown) => {
      platform.logger.warn({ err: error, what }, 'What has had its time could not be deleted; it will be in an hour.')
    })
  }
}
