import type { Acting } from '../../../context/context'
import type { WebexError } from '../../../webex/webex-error'
import { timestamp } from '../../../shared/clock'
import { type Sync, SyncPhase, SyncState } from '../sync.entity'
import { saveSync } from '../sync.service'

/** The pauses double up to this; nobody waits for a sync, so it is patient without an end. */
const PAUSE_MAX_MS = 5 * 60_000

/** A list that loses its place again and again would never be read to its end. */
const MAX_RESTARTS = 3

/** What a link to a page that Webex has forgotten is answered with. */
const FORGOTTEN: (number | null)[] = [400, 404, 410]

/**
 * A call failed: what may pass is waited out, a list that lost its place is begun again, and anything else ends the run.
 * @throws SyncMovedOn when somebody else did the step meanwhile
 */
export async function waitOrFail(ctx: Acting, sync: Sync, error: WebexError, handOn: boolean): Promise<void> {
  if (error.isTransient) {
    const tries = sync.tries + (error.notSent ? 0 : 1)
    const growingMs = Math.min(PAUSE_MAX_MS, ctx.config.retry.firstPauseMs * 2 ** Math.min(tries, 20)) * (0.5 + Math.random() / 2)
    const pauseMs = Math.max(growingMs, error.retryAfterMs ?? 0)
    const waiting = { tries, error: `${error.message} The sync waits, and tries again by itself.` }
    return ctx.database.transaction(tx => saveSync(ctx, tx, sync, waiting, { pauseMs, handOn }))
  }
  const isListed = sync.phase === SyncPhase.ENTERPRISES || sync.phase === SyncPhase.SUBSCRIBERS
  const isLost = isListed && sync.doubts.length === 0 && sync.nextPage !== null && FORGOTTEN.includes(error.httpStatus)
  if (!isLost || sync.restarts >= MAX_RESTARTS) return failSync(ctx, sync, wordsFor(error))
  const counter = sync.phase === SyncPhase.ENTERPRISES ? 'enterprises' : 'subscribers'
  const again = { nextPage: null, restarts: sync.restarts + 1, tries: 0, [counter]: 0 }
  await ctx.database.transaction(tx => saveSync(ctx, tx, sync, again, { handOn }))
}

/** Ends a run before it is done. What it took over stays; the next one begins anew. */
export async function failSync(ctx: Acting, sync: Sync, error: string): Promise<void> {
  const endedAt = timestamp(ctx.clock.now())
  const failed = { state: SyncState.FAILED, phase: null, nextPage: null, doubts: [], unseen: [], fullRequested: false, endedAt, error }
  await ctx.database.transaction(tx => saveSync(ctx, tx, sync, failed))
}

function wordsFor({ httpStatus, message, trackingId }: WebexError): string {
  // Said by ourselves: the call was not sent, because the partner is not connected in a way that allows it.
  if (trackingId === '') return message
  const told = `${message} (HTTP ${httpStatus}, tracking ID ${trackingId})`
  if (httpStatus === 401) return `Webex does not accept the access token of this partner: ${told}`
  if (httpStatus === 403) {
    return `The access token of this partner may not read what the sync needs; its scopes must have broadworks_subscribers_read and broadworks_enterprises_read: ${told}`
  }
  return `Webex refused a call of the sync: ${told}`
}
