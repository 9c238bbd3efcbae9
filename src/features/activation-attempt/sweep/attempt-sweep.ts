import type { Acting, Platform } from '../../../context/context'
import type { PeriodicTask } from '../../../queue/periodic-task'
import { UserStatus } from '../../../provisioning/lifecycle'
import type { ProvisionedUser } from '../../provisioned-user/provisioned-user.entity'
import { readUser } from '../../provisioned-user/provisioned-user.loaders'
import { amendUser, applyTrigger } from '../../provisioned-user/provisioned-user.transition'
import { AttemptOutcome, AttemptTrigger } from '../activation-attempt.entity'
import { followByAttempt, hasRunningAttempt, readAttempt, startAttempt } from '../activation-attempt.service'
import { AttemptMovedOn, continueAttempt, endAttempt } from '../saga/attempt-record'
import { BATCH_SIZE, type Look, lookAtAttempts, lookAtUsers, type Place, type RunningAttempt, START } from './lost-work'

/** IDs that a line of the log names. */
const LOGGED_MAX = 20

/** The error that administrators and support see. */
const ATTEMPT_LOST = 'The server has no record of an attempt for this user. Retry the activation.'

/** Seldom, because a repair is an exception; a user who lost the attempt waits for about ten minutes. */
export const attemptSweep: PeriodicTask<Platform> = { name: 'attempt-sweep', intervalMs: 5 * 60_000, run: sweepAttempts }

/**
 * Repairs what no job works on: a running attempt without a job gets one, and a user who is PROVISIONING or UPDATING without an attempt
 * gets an attempt or an error. One process at a time; every repair checks again in its transaction.
 */
export async function sweepAttempts(platform: Platform): Promise<void> {
  await platform.database.withLock('attempt-sweep', async () => {
    await sweep(platform, lookAtAttempts, resumeAttempt, 'Running attempts had no job; they go on.')
    await sweep(platform, lookAtUsers, freeUser, 'Users were under way without an attempt; each has an attempt now, or an error.')
  })
}

/** @param repair answers false when there is nothing to repair any more */
async function sweep<Row extends Place>(
  platform: Platform,
  look: (platform: Platform, after: Place) => Promise<Look<Row>>,
  repair: (platform: Platform, row: Row) => Promise<boolean>,
  message: string,
): Promise<void> {
  const repaired: string[] = []
  let after = START
  for (;;) {
    const { rows, lost } = await look(platform, after)
    for (const row of lost) if (await attemptTo(platform, repair, row)) repaired.push(row.id)
    const last = rows.at(-1)
    if (!last || rows.length < BATCH_SIZE) break
    after = last
  }
  if (repaired.length > 0) platform.logger.warn({ count: repaired.length, ids: repaired.slice(0, LOGGED_MAX) }, message)
}

/** One row that cannot be repaired must not keep the sweep from the others. */
async function attemptTo<Row extends Place>(
  platform: Platform,
  repair: (platform: Platform, row: Row) => Promise<boolean>,
  row: Row,
): Promise<boolean> {
  try {
    return await repair(platform, row)
  } catch (error) {
    if (!(error instanceof AttemptMovedOn))
      platform.logger.error({ err: error, id: row.id }, 'Nothing works on this, and the repair failed.')
    return false
  }
}

/** Enqueues the job of an attempt with a new turn, so that an earlier job does nothing should it show up after all. */
function resumeAttempt(platform: Platform, { id, turn }: RunningAttempt): Promise<boolean> {
  return platform.database.transaction(async tx => {
    const attempt = await readAttempt(tx.manager, id)
    if (attempt?.outcome !== AttemptOutcome.RUNNING || attempt.turn !== turn) return false
    const user = await readUser(tx.manager, attempt.provisionedUserId)
    // It waits without a job for the end of its template's pause.
    if (user?.parkedAttemptId === id) return false
    const ctx = actingFor(platform, attempt)
    if (user?.deletedAt) await endAttempt(ctx, tx, attempt, AttemptOutcome.CANCELLED, {})
    else if (user && isUnderWay(user)) await continueAttempt(ctx, tx, attempt, attempt.phase, {})
    else await endAttempt(ctx, tx, attempt, AttemptOutcome.FAILED, {})
    return true
  })
}

/**
 * Asks Webex about a user who is known there, and sends an update that did not arrive. A creation is not sent: what became of an earlier
 * one is not on record, so an administrator decides.
 */
function freeUser(platform: Platform, { id }: Place): Promise<boolean> {
  return platform.database.transaction(async tx => {
    const user = await readUser(tx.manager, id)
    if (!user || user.deletedAt || !isUnderWay(user) || (await hasRunningAttempt(tx.manager, id))) return false
    const ctx = actingFor(platform, user)
    if (user.webexSubscriberId === null) {
      const error = { code: null, httpStatus: null, upstreamText: ATTEMPT_LOST, trackingId: null }
      await applyTrigger(ctx, tx, user, { trigger: 'UPSTREAM_FAILED', fields: { upstreamErrors: [error] }, action: 'statusChanged' })
      return true
    }
    // A change of the row: of two transactions that free a user at once, the second one runs again.
    const locked = await amendUser(ctx, tx, user, {})
    if (user.status === UserStatus.UPDATING) await startAttempt(ctx, tx, locked, 'REPEAT_UPDATE', AttemptTrigger.AUTOMATIC)
    else await followByAttempt(ctx, tx, locked, AttemptTrigger.AUTOMATIC)
    return true
  })
}

function isUnderWay({ status }: ProvisionedUser): boolean {
  return status === UserStatus.PROVISIONING || status === UserStatus.UPDATING
}

function actingFor(platform: Platform, { partnerId }: { partnerId: string }): Acting {
  return { ...platform, actor: { partnerId, name: 'activation', requestId: null } }
}
