import type { Transaction } from '../../../database/database'
import type { Acting } from '../../../context/context'
import { noAnswer } from '../../../provisioning/error-catalog'
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
import { fieldsFrom, upstreamErrorsOf } from '../subscriber-mapping'
import { endAttempt, type StepRecord } from './attempt-record'
import { fail, goOn, livingUser, restartOrFail, retryOrFail, settle, type Work } from './attempt-work'
import { isLeftToUpdate, mayBeTooNew, outcomeOfPoll, pollPauseMs } from './decisions'
import { callUpstream } from './upstream-call'

/** Asks how far Webex is with what it was told to do. */
export async function follow(work: Work): Promise<void> {
  const { ctx, client, attempt, user } = work
  const call = await callUpstream(ctx, 'follow', () => client.getSubscriber(user.webexSubscriberId ?? ''))
  const { step, error } = call
  if (error?.httpStatus === 404 && mayBeTooNew(attempt, ctx.clock.now())) return pollAgain(work, step)
  if (error) return retryOrFail(work, { step, error, again: AttemptPhase.FOLLOW })

  const { value: subscriber, trackingId } = call.answer
  const personId = subscriber.personId ?? user.webexPersonId
  switch (outcomeOfPoll(work, subscriber, ctx.clock.now())) {
    case 'UNDER_WAY':
      return pollAgain(work, step)
    case 'OVERDUE':
      return fail(work, { ...step, message: 'Webex has not finished for hours.' }, [noAnswer(trackingId)])
    case 'LIVE':
      return becomeLive(work, subscriber, step)
    case 'NOT_SHOWN':
      return pollAgain(work, { ...step, message: 'The update does not show yet.' })
    case 'DROPPED':
      return repeatUpdate(work, step, trackingId)
    case 'NEEDS_CONSENT':
      return waitForConsent(work, step)
    case 'FAILED': {
      const again = personId ? AttemptPhase.UPDATE_SENT : AttemptPhase.REREAD
      const told = { ...step, message: `The subscriber is ${subscriber.status}.` }
      return restartOrFail(work, told, upstreamErrorsOf(subscriber, trackingId), { again, fields: { webexPersonId: personId } })
    }
  }
}

/** Webex accepted an update and does not show it. */
async function repeatUpdate(work: Work, step: StepRecord, trackingId: string): Promise<void> {
  const upstreamText = 'Webex accepted the update and does not show it.'
  const errors = [{ code: null, httpStatus: null, upstreamText, trackingId }]
  const fields = { webexPersonId: work.user.webexPersonId }
  await restartOrFail(work, { ...step, message: upstreamText }, errors, { again: AttemptPhase.UPDATE_SENT, fields, mayPass: true })
}

async function pollAgain(work: Work, step: StepRecord): Promise<void> {
  await goOn(work, AttemptPhase.FOLLOW, { step, pauseMs: pollPauseMs(work.attempt, work.ctx.clock.now()) })
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

async function updateNow(ctx: Acting, tx: Transaction, { id, requestedPackageType, requestedProfile }: ProvisionedUser): Promise<void> {
  const { user, effect } = await applyTrigger(ctx, tx, await livingUser(tx, id), {
    trigger: 'CHANGE_PACKAGE_TYPE',
    fields: { requestedPackageType, requestedProfile },
    action: 'statusChanged',
  })
  await startAttempt(ctx, tx, user, effect, AttemptTrigger.AUTOMATIC)
}
