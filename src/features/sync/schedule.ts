import { timestamp, type Timestamp } from '../../shared/clock'
import type { Acting, Platform } from '../../context/context'
import { Partner } from '../partner/partner.entity'
import { Sync, SyncState } from './sync.entity'
import { begin, isScheduled, readSync, saveSync, SyncMovedOn } from './sync.service'

/** Soon enough for intervals of minutes, and next to no work. */
const LOOK_INTERVAL_MS = 5000

/** Begins runs when they are due, now and from then on. Answers a function that ends it. */
export function startSchedule(platform: Platform): () => Promise<void> {
  let looking = Promise.resolve()
  const look = (): void => {
    looking = runDueSyncs(platform).catch((error: unknown) => {
      platform.logger.warn({ err: error }, 'The schedule of the sync could not be looked at; it will be in a moment.')
    })
  }
  const timer = setInterval(look, LOOK_INTERVAL_MS).unref()
  look()
  return async () => {
    clearInterval(timer)
    await looking
  }
}

/**
 * Begins the runs that are due, and goes on with those whose process has ended. Every process that serves looks; the database lets one
 * of them have each.
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
