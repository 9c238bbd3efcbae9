import type { Transaction } from '../../../database/database'
import type { Acting, Platform } from '../../../context/context'
import type { Answer, WebexClient } from '../../../webex/webex-client'
import { WebexError } from '../../../webex/webex-error'
import type { Subscriber } from '../../../webex/webex-types'
import { timestamp, type Timestamp } from '../../../shared/clock'
import { enqueue, implementJob, type PayloadOf } from '../../../queue/define-job'
import { releaseWaitingUsersJob } from '../../provisioned-user/provisioned-user.jobs'
import type { ProvisionedUser } from '../../provisioned-user/provisioned-user.entity'
import { readUser } from '../../provisioned-user/provisioned-user.loaders'
import { applyTrigger } from '../../provisioned-user/provisioned-user.transition'
import { takeOverEnterprises } from './customers-at-webex'
import { dropSightings, recordSightings } from './seen-ids'
import { fits } from './subscriber-fields'
import { takeOverSubscribers } from './subscriber-page'
import { type Doubt, type Sync, SyncPhase, SyncState } from '../sync.entity'
import { advanceSyncJob } from '../sync.jobs'
import { failSync, waitOrFail } from './sync-failure'
import { beginning, readSync, saveSync, type SyncChange, SyncMovedOn } from '../sync.service'
import { nextUnseen, refuseManyDeletions } from './unseen-users'

/** A question about one subscriber must not hold up a run for ever; the next full one asks again. */
const MAX_TRIES_OF_ONE = 6

/** From here on a time has another form, whose text order is not its order. */
const YEAR_10000 = Date.UTC(10_000, 0)

/** A run and all that its next step needs. */
export interface Step {
  ctx: Acting
  sync: Sync
  client: WebexClient
  /** Whether the next step is left to a job. */
  handOn: boolean
}

export const advanceSyncWorker = implementJob(advanceSyncJob, advanceSync, abandonSync)

type Payload = PayloadOf<typeof advanceSyncJob>

/** Does the step that the job was enqueued for, unless it was done already. */
export async function advanceSync(platform: Platform, { partnerId, revision }: Payload): Promise<void> {
  const sync = await readSync(platform.database.reader, partnerId)
  if (sync.state === SyncState.RUNNING && sync.revision === revision) await takeStep(platform, sync)
}

/** Ends a run whose step failed for good because of an error of this server. The log has the error. */
async function abandonSync(platform: Platform, { partnerId, revision }: Payload): Promise<void> {
  const sync = await readSync(platform.database.reader, partnerId)
  if (sync.state !== SyncState.RUNNING || sync.revision !== revision) return
  await failSync(actingFor(platform, partnerId), sync, 'This server could not go on with the sync; its log says why.')
}

/**
 * Makes the next call of a run and takes over what it brings, in one transaction with where the run stands then. Without effect when
 * somebody else did the step meanwhile.
 * @param handOn false when the caller takes the next step itself instead of a job
 */
export async function takeStep(platform: Platform, sync: Sync, handOn = true): Promise<void> {
  const ctx = actingFor(platform, sync.partnerId)
  try {
    try {
      await stepOf(sync)({ ctx, sync, handOn, client: await platform.webex.of(sync.partnerId) })
    } catch (error) {
      if (!(error instanceof WebexError)) throw error
      await waitOrFail(ctx, sync, error, handOn)
    }
  } catch (error) {
    if (!(error instanceof SyncMovedOn)) throw error
  }
}

const STEPS: Record<SyncPhase, (step: Step) => Promise<void>> = {
  [SyncPhase.ENTERPRISES]: readEnterprises,
  [SyncPhase.SUBSCRIBERS]: readSubscribers,
  [SyncPhase.CONFIRM]: confirm,
  [SyncPhase.CLEAN_UP]: cleanUp,
}

function stepOf({ doubts: [doubt], phase }: Sync): (step: Step) => Promise<void> {
  return doubt ? step => resolve(step, doubt) : STEPS[phase as SyncPhase]
}

async function readEnterprises(step: Step): Promise<void> {
  const { ctx, sync, client } = step
  const { partnerId, nextPage: page, enterprises, skipped } = sync
  // Left behind by a run that failed.
  while (page === null && (await ctx.database.transaction(tx => dropSightings(tx, partnerId))));
  const { items, unreadable, nextPage } = (await client.listEnterprises(page ?? undefined)).value
  await commit(step, async tx => ({
    enterprises: enterprises + items.length + unreadable,
    skipped: skipped + unreadable + (await takeOverEnterprises(ctx, tx, items)),
    ...(nextPage ? { nextPage } : { phase: SyncPhase.SUBSCRIBERS, nextPage: null }),
  }))
}

async function readSubscribers(step: Step): Promise<void> {
  const { ctx, sync, client } = step
  const { partnerId, full, changedAfter, nextPage: page } = sync
  const askedAt = timestamp(ctx.clock.now())
  const { value, trackingId } = await client.listSubscribers({ ...(changedAfter ? { changedAfter } : {}), ...(page ? { page } : {}) })
  const { items, unreadable, nextPage } = value
  await commit(step, async tx => {
    const ids = items.map(({ id }) => id).filter(id => fits(id, 200))
    if (full) await recordSightings(tx, partnerId, [...new Set(ids)])
    const { doubts, ...outcome } = await takeOverSubscribers(ctx, tx, items, { askedAt, trackingId })
    const change: SyncChange = {
      ...counted(sync, outcome, unreadable),
      subscribers: sync.subscribers + items.length + unreadable,
      newestChange: newestOf(sync, items),
      doubts,
    }
    if (nextPage) return { ...change, nextPage }
    if (full || doubts.length > 0) return { ...change, phase: SyncPhase.CONFIRM, nextPage: null }
    return { ...change, ...ending({ ...sync, ...change }, timestamp(ctx.clock.now())) }
  })
}

/** Asks for the two subscribers of one BroadWorks ID, one after the other: a list may show one that is gone. */
async function resolve(step: Step, doubt: Doubt): Promise<void> {
  const { ctx, sync } = step
  const doubts = sync.doubts.slice(1)
  const askedAt = timestamp(ctx.clock.now())
  const answer = await ask(step, doubt.rivalIsGone === null ? doubt.rivalId : doubt.subscriberId)
  if (answer === 'UNKNOWN') return commit(step, async () => ({ doubts, skipped: sync.skipped + 1 }))
  if (doubt.rivalIsGone === null) {
    return commit(step, async () => ({ doubts: [{ ...doubt, rivalIsGone: answer === 'GONE' }, ...doubts] }))
  }
  await commit(step, async tx => {
    if (answer === 'GONE') return { doubts }
    const terms = { askedAt, trackingId: answer.trackingId, resolved: doubt }
    // Where the user here changed meanwhile, the doubt is another one, and the next run finds it.
    return { ...counted(sync, await takeOverSubscribers(ctx, tx, [answer.value], terms)), doubts }
  })
}

/** Only whom neither the lists nor this question find is deleted. */
async function confirm(step: Step): Promise<void> {
  const { ctx, sync } = step
  const found = sync.unseen.length > 0 ? sync.unseen : sync.full ? await nextUnseen(ctx.database, sync) : []
  const words = sync.nextPage === null ? await refuseManyDeletions(ctx.database, sync, found) : null
  if (words !== null) return failSync(ctx, sync, words)
  const [candidate, ...unseen] = found
  if (!candidate) {
    const end = () => (sync.full ? { phase: SyncPhase.CLEAN_UP, nextPage: null } : ending(sync, timestamp(ctx.clock.now())))
    return commit(step, async () => end())
  }
  const { userId, subscriberId } = candidate
  const next: SyncChange = { unseen, nextPage: subscriberId }
  const user = await readUser(ctx.database.reader, userId)
  if (user?.webexSubscriberId !== subscriberId || user.deletedAt || user.updatedAt >= (sync.startedAt ?? '')) {
    return commit(step, async () => next)
  }
  const askedAt = timestamp(ctx.clock.now())
  const answer = await ask(step, subscriberId)
  await commit(step, async tx => {
    if (answer === 'UNKNOWN') return { ...next, skipped: sync.skipped + 1 }
    if (answer === 'GONE') return { ...next, deleted: sync.deleted + Number(await deleteHere(ctx, tx, user)) }
    return { ...next, ...counted(sync, await takeOverSubscribers(ctx, tx, [answer.value], { askedAt, trackingId: answer.trackingId })) }
  })
}

/** Webex does not have the user any more; unless the user changed since that was asked. */
async function deleteHere(ctx: Acting, tx: Transaction, { id, revision }: ProvisionedUser): Promise<boolean> {
  const user = await readUser(tx.manager, id)
  if (user?.revision !== revision) return false
  // Without its ID the subscriber would be taken over as a new user, should Webex show it again after all.
  const fields = { webexSubscriberId: null, deletionEndedAt: timestamp(ctx.clock.now()) }
  await applyTrigger(ctx, tx, user, { trigger: 'UPSTREAM_GONE', fields, action: 'goneAtWebex' })
  await enqueue(ctx, tx, releaseWaitingUsersJob, { customerId: user.customerId })
  return true
}

async function cleanUp(step: Step): Promise<void> {
  const { ctx, sync } = step
  await commit(step, async tx => ((await dropSightings(tx, sync.partnerId)) ? {} : ending(sync, timestamp(ctx.clock.now()))))
}

/** GONE only when Webex says that it has no such subscriber; UNKNOWN when it will not tell of this one, or nobody can read what it tells. */
async function ask({ client, sync }: Step, subscriberId: string): Promise<Answer<Subscriber> | 'GONE' | 'UNKNOWN'> {
  if (sync.tries >= MAX_TRIES_OF_ONE) return 'UNKNOWN'
  try {
    return await client.getSubscriber(subscriberId)
  } catch (error) {
    if (!(error instanceof WebexError)) throw error
    if (error.httpStatus === 404) return 'GONE'
    if (error.isTransient || error.httpStatus === 401 || error.httpStatus === 403) throw error
    return 'UNKNOWN'
  }
}

async function commit({ ctx, sync, handOn }: Step, work: (tx: Transaction) => Promise<SyncChange>): Promise<void> {
  await ctx.database.transaction(async tx => {
    const change = await work(tx)
    await saveSync(ctx, tx, sync, { tries: 0, error: null, ...change }, { handOn })
  })
}

function counted(sync: Sync, outcome: { created: number; updated: number; skipped: number }, unreadable = 0): SyncChange {
  return {
    created: sync.created + outcome.created,
    updated: sync.updated + outcome.updated,
    skipped: sync.skipped + outcome.skipped + unreadable,
  }
}

function newestOf({ newestChange }: Sync, subscribers: Subscriber[]): Timestamp | null {
  const times = subscribers.map(({ lastStatusChange }) => Date.parse(lastStatusChange ?? '')).filter(time => time > 0 && time < YEAR_10000)
  const newest = Math.max(Date.parse(newestChange ?? '1970-01-01'), ...times)
  return newest > 0 ? timestamp(new Date(newest)) : null
}

/**
 * The run has read all there was. Changes are asked for from the latest one that it saw, by Webex's clock; but not from later than the run
 * began, because who was read early in a long run may have changed before it ended.
 */
function ending(sync: Sync, now: Timestamp): SyncChange {
  const { full, fullRequested, allowDeletions, newestChange, startedAt, syncedUntil } = sync
  const seenUntil = [newestChange ?? '', startedAt ?? ''].sort()[0] ?? ''
  const ended: SyncChange = {
    state: SyncState.IDLE,
    phase: null,
    nextPage: null,
    endedAt: now,
    syncedUntil: [seenUntil, syncedUntil ?? ''].sort()[1] || null,
    ...(full ? { lastFullSyncAt: now, lastFullSubscribers: sync.subscribers } : {}),
  }
  return fullRequested ? { ...ended, ...beginning({ ...sync, ...ended } as Sync, { full: true, allowDeletions }, now) } : ended
}

function actingFor(platform: Platform, partnerId: string): Acting {
  return { ...platform, actor: { partnerId, name: 'sync', requestId: null } }
}
