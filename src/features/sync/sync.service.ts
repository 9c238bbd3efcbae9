import type { EntityManager } from 'typeorm'
import { StaleRowError, type Transaction } from '../../database/database'
import { readRow, selectRows } from '../../database/rows'
import { unlessTaken } from '../../database/transactions'
import type { Acting, Context } from '../../context/context'
import { enqueue } from '../../queue/define-job'
import { timestamp, type Timestamp } from '../../shared/clock'
import { refuse, UserErrorCode } from '../../shared/errors'
import { recordAudit } from '../audit-event/audit-event.service'
import { Sync, SyncPhase, SyncState } from './sync.entity'
import { advanceSyncJob } from './sync.jobs'

/** A step is one call, 30 s at the most: after this, whoever was at work on it has ended, and another process goes on. */
const STALLED_AFTER_MS = 120_000
/** Webex may show a change later than it says that it was made, and changes go on while a list is read. */
const OVERLAP_MS = 5 * 60_000

/** Somebody else did the step, or the run has ended. */
export class SyncMovedOn extends Error {
  override readonly name = 'SyncMovedOn'
}

/** What may be asked of a run. */
export interface RunOptions {
  full: boolean
  /** Delete whom Webex does not have any more, however many; of full runs only. */
  allowDeletions?: boolean
}

export type SyncChange = Partial<Omit<Sync, 'partnerId' | 'revision' | 'updatedAt'>>

/** How the sync of a partner stands; as before the first run when there was none. */
export async function readSync(manager: EntityManager, partnerId: string): Promise<Sync> {
  return (await findSync(manager, partnerId)) ?? NEVER_RUN(partnerId)
}

/**
 * Starts a run, by the name of who asks. While one is under way nothing is started; a full one that is asked for during a run of
 * changes follows it.
 * @returns whether a run was started
 * @throws Refusal INVALID for `allowDeletions` without `full`
 */
export async function startSync(ctx: Acting, { full, allowDeletions = false }: RunOptions): Promise<boolean> {
  const { partnerId } = ctx.actor
  if (allowDeletions && !full) throw refuse(UserErrorCode.INVALID, ['allowDeletions'], 'Only a full sync deletes: ask for a full one, too.')
  return ctx.database.transaction(async tx => {
    const sync = await readSync(tx.manager, partnerId)
    const changes = Object.entries({ full, allowDeletions }).map(([field, after]) => ({ field, before: null, after: String(after) }))
    await recordAudit(ctx, tx, { action: 'startSync', targetId: partnerId, targetLabel: 'sync', changes })
    try {
      if (sync.state !== SyncState.RUNNING) {
        await begin(ctx, tx, sync, { full, allowDeletions })
        return true
      }
      const asked = { fullRequested: sync.fullRequested || (full && !sync.full), allowDeletions: sync.allowDeletions || allowDeletions }
      if (asked.fullRequested === sync.fullRequested && asked.allowDeletions === sync.allowDeletions) return false
      // The step under way is lost by this and done again: its page is asked for a second time.
      const pauseMs = Math.max(0, callAt(sync) - ctx.clock.now().getTime())
      await saveSync(ctx, tx, sync, asked, { pauseMs })
      return false
    } catch (error) {
      throw error instanceof SyncMovedOn ? new StaleRowError(error.message) : error
    }
  })
}

/** Begins a run; it reads everything when it is the first one, too. */
export async function begin(ctx: Acting, tx: Transaction, sync: Sync, options: RunOptions): Promise<void> {
  await saveSync(ctx, tx, sync, beginning(sync, options, timestamp(ctx.clock.now())))
}

/** What a run begins with. */
export function beginning({ syncedUntil }: Sync, asked: RunOptions, now: Timestamp): SyncChange {
  const full = asked.full || syncedUntil === null
  return {
    state: SyncState.RUNNING,
    phase: full ? SyncPhase.ENTERPRISES : SyncPhase.SUBSCRIBERS,
    full,
    fullRequested: false,
    allowDeletions: asked.allowDeletions ?? false,
    nextPage: null,
    doubts: [],
    unseen: [],
    enterprises: 0,
    subscribers: 0,
    created: 0,
    updated: 0,
    deleted: 0,
    skipped: 0,
    tries: 0,
    restarts: 0,
    startedAt: now,
    endedAt: null,
    error: null,
    changedAfter: full ? null : timestamp(new Date(Date.parse(syncedUntil) - OVERLAP_MS)),
    newestChange: null,
  }
}

/**
 * Writes how the run stands, and enqueues its next step while it runs.
 * @param handOn false when the caller does the next step itself
 * @throws SyncMovedOn when somebody else wrote since `before` was read
 */
export async function saveSync(
  ctx: Acting,
  tx: Transaction,
  before: Sync,
  change: SyncChange,
  { pauseMs = 0, handOn = true }: { pauseMs?: number; handOn?: boolean } = {},
): Promise<void> {
  const { partnerId } = before
  const now = ctx.clock.now().getTime()
  const revision = before.revision + 1
  const isRunning = (change.state ?? before.state) === SyncState.RUNNING
  const dueAt = isRunning ? timestamp(new Date(now + pauseMs + STALLED_AFTER_MS)) : await nextRunAt(ctx)
  const written = { ...change, dueAt, revision, updatedAt: timestamp(new Date(now)) }
  if (before.revision === 0) await insertSync(tx, { ...before, ...written })
  else {
    const { affected } = await tx.manager.update(Sync, { partnerId, revision: before.revision }, written)
    if (affected !== 1) throw new SyncMovedOn(partnerId)
  }
  if (isRunning && handOn) await enqueue(ctx, tx, advanceSyncJob, { partnerId, revision }, { pauseMs })
}

/** When the next step of a run may be done, in milliseconds since 1970: at once, unless Webex asked for a rest. */
export function callAt({ dueAt }: Sync): number {
  return Date.parse(dueAt ?? '') - STALLED_AFTER_MS
}

/** When the schedule begins the next run; null while one is under way, and without a schedule. */
export function scheduledAt({ config }: Context, { state, dueAt }: Sync): Timestamp | null {
  return config.sync.intervalMinutes > 0 && state !== SyncState.RUNNING ? dueAt : null
}

/** Whether runs of a partner begin by themselves. */
export async function isScheduled({ config: { sync }, webex, actor }: Acting): Promise<boolean> {
  return sync.intervalMinutes > 0 && (sync.simulatedToo || !(await webex.status(actor.partnerId)).isSimulated)
}

async function nextRunAt(ctx: Acting): Promise<Timestamp | null> {
  if (!(await isScheduled(ctx))) return null
  return timestamp(new Date(ctx.clock.now().getTime() + ctx.config.sync.intervalMinutes * 60_000))
}

function findSync(manager: EntityManager, partnerId: string): Promise<Sync | null> {
  return readRow(selectRows(manager, Sync, 'row').where('row.partnerId = :partnerId', { partnerId }))
}

async function insertSync({ manager }: Transaction, sync: Sync): Promise<void> {
  await unlessTaken(() => manager.insert(Sync, sync))
}

const NEVER_RUN = (partnerId: string): Sync => ({
  partnerId,
  state: SyncState.IDLE,
  phase: null,
  full: false,
  fullRequested: false,
  allowDeletions: false,
  nextPage: null,
  doubts: [],
  unseen: [],
  enterprises: 0,
  subscribers: 0,
  created: 0,
  updated: 0,
  deleted: 0,
  skipped: 0,
  tries: 0,
  restarts: 0,
  revision: 0,
  startedAt: null,
  endedAt: null,
  error: null,
  changedAfter: null,
  newestChange: null,
  syncedUntil: null,
  lastFullSyncAt: null,
  lastFullSubscribers: null,
  dueAt: null,
  updatedAt: '1970-01-01T00:00:00.000Z',
})
