import type { Transaction } from '../../../database/database'
import type { Acting } from '../../../context/context'
import { primaryError, type UpstreamError } from '../../../provisioning/error-catalog'
import type { Trigger } from '../../../provisioning/lifecycle'
import { pauseBeforeNextAttempt, pauseBeforeNextTry, type Setback } from '../../../provisioning/retry-policy'
import { enqueue } from '../../../queue/define-job'
import type { WebexClient } from '../../../webex/webex-client'
import type { WebexError } from '../../../webex/webex-error'
import { timestamp } from '../../../shared/clock'
import type { Customer } from '../../customer/customer.entity'
import type { OnboardingTemplate } from '../../onboarding-template/onboarding-template.entity'
import { countFailure } from '../../onboarding-template/circuit-breaker'
import type { ProvisionedUser } from '../../provisioned-user/provisioned-user.entity'
import { releaseWaitingUsersJob } from '../../provisioned-user/provisioned-user.jobs'
import { readUser } from '../../provisioned-user/provisioned-user.loaders'
import { amendUser, applyTrigger } from '../../provisioned-user/provisioned-user.transition'
import type { UserFields } from '../../provisioned-user/user-fields'
import { type ActivationAttempt, AttemptOutcome, type AttemptPhase } from '../activation-attempt.entity'
import { attemptAutomaticallyJob } from '../activation-attempt.jobs'
import { and, AttemptMovedOn, continueAttempt, type Continuation, endAttempt, type StepRecord } from './attempt-record'
import { canRetryAlone, isPassing, setbackSince, withFailedCall, withoutFailedCalls, withRestart } from './setback'

/** An attempt and all that its next call needs to know. */
export interface Work {
  ctx: Acting
  client: WebexClient
  attempt: ActivationAttempt
  user: ProvisionedUser
  template: OnboardingTemplate
  customer: Customer
}

/**
 * The last call did its part: on to the next phase. What failed before is forgotten by it, unless the continuation keeps the setback
 * because the call only looked and what failed is still to be done.
 */
export async function goOn({ ctx, attempt }: Work, phase: AttemptPhase, continuation: Continuation): Promise<void> {
  await ctx.database.transaction(tx =>
    continueAttempt(ctx, tx, attempt, phase, { setback: withoutFailedCalls(attempt.setback), ...continuation }),
  )
}

/** As `goOn`, with what Webex told of the user. */
export async function amendAndGoOn(
  work: Work,
  fields: Partial<UserFields>,
  phase: AttemptPhase,
  continuation: Continuation,
): Promise<void> {
  await amendAndContinue(work, fields, phase, { setback: withoutFailedCalls(work.attempt.setback), ...continuation })
}

async function amendAndContinue(
  { ctx, attempt, user }: Work,
  fields: Partial<UserFields>,
  phase: AttemptPhase,
  continuation: Continuation,
): Promise<void> {
  await ctx.database.transaction(async tx => {
    const current = await livingUser(tx, user.id)
    const names = Object.keys(fields) as (keyof UserFields)[]
    if (names.some(name => fields[name] !== current[name])) await amendUser(ctx, tx, current, fields)
    await continueAttempt(ctx, tx, attempt, phase, continuation)
  })
}

/** What a call failed with, and how to go on where that may pass. */
export interface Failure {
  step: StepRecord
  error: WebexError
  /** The phase that tries again: the same one, or the one that looks first where the call may have been carried out. */
  again: AttemptPhase
  fields?: Partial<UserFields>
  /** Where the error itself does not tell. */
  mayPass?: boolean
}

/** A failure that may pass is tried again after a pause, as long as the retry policy allows; any other ends the attempt. */
export async function retryOrFail(
  work: Work,
  { step, error, again, fields = {}, mayPass = isPassing(error.errors) }: Failure,
): Promise<void> {
  const { ctx, attempt } = work
  if (error.notSent) return wait(work, { step, error, again, fields })
  const setback = withFailedCall(attempt.setback, ctx.clock.now())
  const pauseMs = mayPass ? pauseFor(ctx, setback, setback.failedCalls, error.retryAfterMs) : null
  if (pauseMs === null) return fail(work, step, error.errors, { fields, retryAfterMs: error.retryAfterMs })
  await amendAndContinue(work, fields, again, { step: againIn(step, pauseMs), pauseMs, setback })
}

/** Background work at Webex ended in an error: begun anew where that may pass, otherwise the end of the attempt. */
export async function restartOrFail(
  work: Work,
  step: StepRecord,
  errors: UpstreamError[],
  { again, fields, mayPass = isPassing(errors) }: { again: AttemptPhase; fields: Partial<UserFields>; mayPass?: boolean },
): Promise<void> {
  const { ctx, attempt } = work
  const setback = withRestart(attempt.setback, ctx.clock.now())
  const pauseMs = mayPass ? pauseFor(ctx, setback, setback.restarts, null) : null
  if (pauseMs === null) return fail(work, step, errors, { fields })
  await amendAndContinue(work, fields, again, { step: againIn(step, pauseMs), pauseMs, setback })
}

/** Ends an attempt in ERROR. What may pass is planned to be attempted again; what lies in the template counts towards its pause. */
export async function fail(
  work: Work,
  step: StepRecord,
  errors: UpstreamError[],
  { fields = {}, retryAfterMs = null }: { fields?: Partial<UserFields>; retryAfterMs?: number | null } = {},
): Promise<void> {
  const { ctx, user, template } = work
  const mayRepeat = isPassing(errors) && canRetryAlone({ ...user, ...fields })
  const pauseMs = mayRepeat ? pauseBeforeNextAttempt(ctx.config.retry, user.automaticAttempts, retryAfterMs) : null
  const nextAttemptAt = pauseMs === null ? null : timestamp(new Date(ctx.clock.now().getTime() + pauseMs))
  await settle(work, 'UPSTREAM_FAILED', AttemptOutcome.FAILED, { ...fields, upstreamErrors: errors, nextAttemptAt }, step, async tx => {
    if (nextAttemptAt) {
      const payload = { userId: user.id, at: nextAttemptAt }
      await enqueue(ctx, tx, attemptAutomaticallyJob, payload, { runAt: new Date(nextAttemptAt) })
    }
    // The person is at Webex, if not as requested: the customer has its administrator.
    const hasPerson = (fields.webexPersonId ?? user.webexPersonId) !== null
    if (template.provisionAdminFirst && hasPerson) await enqueue(ctx, tx, releaseWaitingUsersJob, { customerId: user.customerId })
    await countFailure(ctx, tx, template.id, primaryError(errors))
  })
}

/** Ends an attempt with what came of it. */
export async function settle(
  { ctx, attempt, user }: Work,
  trigger: Trigger,
  outcome: AttemptOutcome,
  fields: Partial<UserFields>,
  step: StepRecord,
  also: (tx: Transaction) => Promise<void>,
): Promise<void> {
  await ctx.database.transaction(async tx => {
    // First the user, as every mutation does: two transactions that lock in one order do not wait for each other.
    await applyTrigger(ctx, tx, await livingUser(tx, user.id), { trigger, fields, action: 'statusChanged' })
    await endAttempt(ctx, tx, attempt, outcome, { step, errors: fields.upstreamErrors ?? [] })
    await also(tx)
  })
}

/** The user as it is now: others may have changed it while the call was under way, and who deleted it also ended the attempt. */
export async function livingUser({ manager }: Transaction, id: string): Promise<ProvisionedUser> {
  const user = await readUser(manager, id)
  if (!user || user.deletedAt) throw new AttemptMovedOn(id)
  return user
}

/**
 * Nothing was sent, because Webex asked the partner for a rest: that is no try, and nothing to put on record. But a rest without an end
 * ends the attempt, as failures would.
 */
async function wait(work: Work, { step, error, again, fields = {} }: Failure): Promise<void> {
  const { ctx, attempt } = work
  const setback = setbackSince(attempt.setback, ctx.clock.now())
  const pauseMs = pauseFor(ctx, setback, 1, error.retryAfterMs)
  if (pauseMs === null) {
    const limited = { code: null, httpStatus: 429, upstreamText: error.message, trackingId: null }
    return fail(work, step, [limited], { fields, retryAfterMs: error.retryAfterMs })
  }
  await amendAndContinue(work, fields, again, { pauseMs, setback })
}

function pauseFor(ctx: Acting, { since }: Setback, failures: number, retryAfterMs: number | null): number | null {
  const sinceMs = ctx.clock.now().getTime() - Date.parse(since)
  return pauseBeforeNextTry(ctx.config.retry, { failures, sinceMs, retryAfterMs })
}

function againIn(step: StepRecord, pauseMs: number): StepRecord {
  return and(step, `Trying again in ${Math.max(1, Math.round(pauseMs / 1000))} s.`)
}
