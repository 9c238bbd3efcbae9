import type { Transaction } from '../../../database/database'
import type { Acting } from '../../../context/context'
import { noAnswer } from '../../../provisioning/error-catalog'
import { UserStatus } from '../../../provisioning/lifecycle'
import { enqueue } from '../../../queue/define-job'
import type { Subscriber } from '../../../webex/webex-types'
import { timestamp } from '../../../shared/clock'
import { lookUpOrganizationJob } from '../../customer/customer.jobs'
import { countSuccess } from '../../onboarding-template/circuit-breaker'
import { emailOfLiveUser } from '../../provisioned-user/addresses'
import type { ProvisionedUser } from '../../provisioned-user/provisioned-user.entity'
import { releaseWaitingUsersJob } from '../../provisioned-user/provisioned-user.jobs'
import { applyTrigger } from '../../provisioned-user/provisioned-user.transition'
import { AttemptOutcome, AttemptPhase, AttemptTrigger } from '../activation-attempt.entity'
import { startAttempt } from '../activation-attempt.service'
import { enqueueConsentWatch } from '../consent-watch'
import { fieldsFrom, isUpdated, upstreamErrorsOf } from '../subscriber-mapping'
import { endAttempt, type StepRecord } from './attempt-record'
import { elapsedMs, fail, goOn, lastStep, livingUser, restartOrFail, retryOrFail, settle, sinceMs, type Work } from './attempt-work'
import { callUpstream } from './upstream-call'

/** Webex needs seconds for most users and minutes for the first of a customer: the longer it takes, the rarer we ask. */
export const FIRST_POLL_PAUSE_MS = 250
const POLL_PAUSE_MAX_MS = 15_000
/** What Webex accepted shows within this, wherever it is asked. */
const SETTLES_WITHIN_MS = 60_000
/** Nobody saw Webex take hours for one user; after that a person has to look. */
const FOLLOW_MAX_MS = 6 * 3_600_000

/** Asks how far Webex is with what it was told to do. */
export async function follow(work: Work): Promise<void> {
  const { ctx, client, attempt, user } = work
  const call = await callUpstream(ctx, 'follow', () => client.getSubscriber(user.webexSubscriberId ?? ''))
  const { step, error } = call
  // What was made a moment ago may not be found everywhere yet.
  if (error?.httpStatus === 404 && sinceMs(ctx, lastStep(attempt, 'create')) < SETTLES_WITHIN_MS) return pollAgain(work, step)
  if (error) return retryOrFail(work, { step, error, again: AttemptPhase.FOLLOW })

  const { value: subscriber, trackingId } = call.answer
  const { status } = subscriber
  if (status === 'provisioning' || status === 'updating') {
    return elapsedMs(ctx, attempt) > FOLLOW_MAX_MS
      ? fail(work, { ...step, message: 'Webex has not finished for hours.' }, [noAnswer(trackingId)])
      : pollAgain(work, step)
  }
  if (status === 'provisioned') return isShown(work, subscriber) ? becomeLive(work, subscriber, step) : awaitUpdate(work, step, trackingId)
  if (status === 'pending_user_migration' && user.status === UserStatus.PROVISIONING) return waitForConsent(work, step)
  const fields = { webexPersonId: subscriber.personId ?? user.webexPersonId }
  const again = fields.webexPersonId ? AttemptPhase.UPDATE_SENT : AttemptPhase.REREAD
  const told = { ...step, message: `The subscriber is ${status}.` }
  await restartOrFail(work, told, upstreamErrorsOf(subscriber, trackingId), { again, fields })
}

/** Whether the update of this attempt shows in what Webex has, if it sent one. */
function isShown({ attempt, user }: Work, subscriber: Subscriber): boolean {
  return lastStep(attempt, 'update') === undefined || isUpdated(subscriber, user)
}

/** An update was accepted and does not show: Webex may be a little behind, or have dropped it beside another one. */
async function awaitUpdate(work: Work, step: StepRecord, trackingId: string): Promise<void> {
  const { ctx, attempt, user } = work
  const message = 'The update does not show yet.'
  if (sinceMs(ctx, lastStep(attempt, 'update')) < SETTLES_WITHIN_MS) return pollAgain(work, { ...step, message })
  const upstreamText = 'Webex accepted the update and does not show it.'
  const errors = [{ code: null, httpStatus: null, upstreamText, trackingId }]
  const fields = { webexPersonId: user.webexPersonId }
  await restartOrFail(work, { ...step, message: upstreamText }, errors, { again: AttemptPhase.UPDATE_SENT, fields, mayPass: true })
}

async function pollAgain(work: Work, step: StepRecord): Promise<void> {
  await goOn(work, AttemptPhase.FOLLOW, { step, pauseMs: pollPauseMs(work) })
}

/** The user is live. What was recorded meanwhile goes on as an update. */
export async function becomeLive(work: Work, subscriber: Subscriber, step: StepRecord): Promise<void> {
  const { ctx, attempt, user, template, customer } = work
  const trigger = 'UPSTREAM_PROVISIONED'
  await ctx.database.transaction(async tx => {
    const current = await livingUser(tx, user.id)
    const fields = { ...fieldsFrom(subscriber, current), ...(await emailOfLiveUser(tx, current, subscriber.email)) }
    await applyTrigger(ctx, tx, current, { trigger, fields, action: 'statusChanged' })
    await endAttempt(ctx, tx, attempt, AttemptOutcome.PROVISIONED, { step })
    await countSuccess(tx, template.id)
    if (!customer.webexOrgId) await enqueue(ctx, tx, lookUpOrganizationJob, { customerId: customer.id })
    if (template.provisionAdminFirst) await enqueue(ctx, tx, releaseWaitingUsersJob, { customerId: customer.id })
    if (isLeftToUpdate(work, subscriber)) await updateNow(ctx, tx, user)
  })
}

async function waitForConsent(work: Work, step: StepRecord): Promise<void> {
  const { ctx, user } = work
  const consentMailedAt = timestamp(ctx.clock.now())
  const fields = { upstreamErrors: [], consentMailedAt }
  await settle(work, 'UPSTREAM_NEEDS_CONSENT', AttemptOutcome.PENDING_USER_MIGRATION, fields, step, tx =>
    enqueueConsentWatch(ctx, tx, user.id, consentMailedAt),
  )
}

/** What was recorded while the user waited for consent: Webex goes on with what it got before. An update itself is not repeated here. */
function isLeftToUpdate({ attempt, user }: Work, subscriber: Subscriber): boolean {
  const isRecorded = user.requestedPackageType !== null || user.requestedProfile !== null
  return isRecorded && !attempt.steps.some(step => step.name === 'update') && !isUpdated(subscriber, user)
}

async function updateNow(ctx: Acting, tx: Transaction, { id, requestedPackageType, requestedProfile }: ProvisionedUser): Promise<void> {
  const { user, effect } = await applyTrigger(ctx, tx, await livingUser(tx, id), {
    trigger: 'CHANGE_PACKAGE_TYPE',
    fields: { requestedPackageType, requestedProfile },
    action: 'statusChanged',
  })
  await startAttempt(ctx, tx, user, effect, AttemptTrigger.AUTOMATIC)
}

function pollPauseMs({ ctx, attempt }: Work): number {
  return Math.min(POLL_PAUSE_MAX_MS, Math.max(FIRST_POLL_PAUSE_MS, elapsedMs(ctx, attempt) / 4))
}
