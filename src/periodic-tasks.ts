import type { Platform } from './context/context'
import { purgeExpiredIdempotencyKeys } from './context/idempotency'
import { purgeExpiredCounters } from './database/rate-limiter'
import { attemptSweep } from './features/activation-attempt/sweep/attempt-sweep'
import { purgeExpiredDryRuns } from './features/bulk-operation/run/dry-run-retention'
import { purgeExpiredDownloads } from './features/download/download.service'
import { syncSchedule } from './features/sync/schedule'
import { userCountFolding } from './features/user-change/user-count.service'
import { purgeExpiredUserChanges } from './features/user-change/user-change.log'
import type { PeriodicTask } from './queue/periodic-task'

/** Purges of the rows that are kept for a limited time. */
const PURGES: Record<string, (platform: Platform) => Promise<void>> = {
  'idempotency keys': purgeExpiredIdempotencyKeys,
  'rate limit counters': purgeExpiredCounters,
  'user changes': purgeExpiredUserChanges,
  'dry runs': purgeExpiredDryRuns,
  downloads: purgeExpiredDownloads,
}

/** One purge after the other, so that their transactions leave room for others. */
const retention: PeriodicTask<Platform> = {
  name: 'retention',
  intervalMs: 3_600_000,
  async run(platform) {
    for (const [rows, purge] of Object.entries(PURGES)) {
      await purge(platform).catch((error: unknown) => {
        platform.logger.warn({ err: error, rows }, 'Purging expired rows failed; the next run is in one hour.')
      })
    }
  },
}

/** All work that a serving process repeats. */
export const PERIODIC_TASKS: readonly PeriodicTask<Platform>[] = [retention, syncSchedule, userCountFolding, attemptSweep]
