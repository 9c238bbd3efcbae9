import { timestamp, type Timestamp } from '../../shared/clock'
import type { Acting, Platform } from '../../context/context'
import type { PeriodicTask } from '../../queue/periodic-task'
import { Partner } from '../partner/partner.entity'
import { Sync, SyncState } from './sync.entity'
import { begin, isScheduled, readSync, saveSync, SyncMovedOn } from './sync.service'

/** Starts runs when they are due. The interval is short for schedules of minutes, and a run costs one statement. */
export const syncSchedule: PeriodicTask<Platform> = { name: 'sync-schedule', intervalMs: 5000, run: runDueSyncs }

/**
 * Starts the runs that are due, and continues those whose process has ended. Every serving process tries; the database lets one of them
 * have each run.
 */
export async function runDueSyncs(platform: Platform): Promise<void> {
  for (const partnerId of await duePartners(platform)) {
    const ctx: Acting = { ...platform, actor: { partnerId, name: 'sync', requestId: null } }
    try {
      await takeTurn(ctx)
    } catch (error) {
      // Another process was quicker.
      if (!(error instanceof SyncMovedOn)) throw error
    }
  }
}

async function takeTurn(ctx: Acting): Promise<void> {
  await ctx.database.transaction(async tx => {
    const sync = await readSync(tx.manager, ctx.actor.partnerId)
    if (sync.dueAt !== null && sync.dueAt > timestamp(ctx.clock.now())) return
    if (sync.state === SyncState.RUNNING) return saveSync(ctx, tx, sync, {})
    if (!(await isScheduled(ctx))) return
    await begin(ctx, tx, sync, { full: isFullDue(ctx, sync.lastFullSyncAt) })
  })
}

function isFullDue({ config, clock }: Acting, lastFullSyncAt: Timestamp | null): boolean {
  return clock.now().getTime() - Date.parse(lastFullSyncAt ?? '1970-01-01') >= config.sync.fullIntervalHours * 3_600_000
}

async function duePartners({ config, database, clock }: Platform): Promise<string[]> {
  const now = timestamp(clock.now())
  const query = database.reader
    .createQueryBuilder(Partner, 'partner')
    .leftJoin(Sync, 'sync', 'sync.partnerId = partner.id')
    .select('partner.id', 'id')
    .where('sync.state = :running AND sync.dueAt <= :now', { running: SyncState.RUNNING, now })
  if (config.sync.intervalMinutes > 0) {
    query.orWhere('sync.partnerId IS NULL OR (sync.state <> :running AND (sync.dueAt IS NULL OR sync.dueAt <= :now))')
  }
  return (await query.getRawMany<{ id: string }>()).map(({ id }) => id)
}
