import type { Transaction } from '../../database/database'
import { readById } from '../../database/rows'
import type { Acting, Platform } from '../../graphql/context'
import type { UpstreamError } from '../../provisioning/error-catalog'
import { type Trigger, UserStatus } from '../../provisioning/lifecycle'
import { type Answer, type WebexClient, WebexError } from '../../provisioning/webex-client'
import type { Subscriber } from '../../provisioning/webex-types'
import { timestamp } from '../../shared/clock'
import { Customer } from '../customer/customer.entity'
import { enqueueOrganizationLookUp } from '../customer/organization-look-up'
import { OnboardingTemplate } from '../onboarding-template/onboarding-template.entity'
import { enqueueDeletion } from '../provisioned-user/deletion'
import type { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { readUser } from '../provisioned-user/provisioned-user.loaders'
import { amendUser, applyTrigger, type UserFields } from '../provisioned-user/provisioned-user.transition'
import { ActivationAttempt, AttemptOutcome, AttemptPhase, AttemptTrigger } from './activation-attempt.entity'
import { endCancelledCreation, startAttempt } from './activation-attempt.service'
import { AttemptMovedOn, continueAttempt, endAttempt, markSent, type StepRecord } from './attempt-record'
import type { AttemptStepName } from './attempt-step'
import { enqueueConsentWatch } from './consent-watch'
import { creationOf, changeOf, fieldsFrom, isAsAsked, isOurs, isUpdated, upstreamErrorsOf } from './subscriber-mapping'

/** Calls without an answer are repeated after a pause, this often within one attempt. */
const MAX_UNANSWERED_CALLS = 3
const UNANSWERED_PAUSE_MS = 1000
/** Webex needs seconds for most users and minutes for the first of a customer: the longer it takes, the rarer we ask. */
const POLL_PAUSE_MIN_MS = 250
const POLL_PAUSE_MAX_MS = 15_000
/** Nobody saw Webex take hours for one user; after that a person has to look. */
const FOLLOW_MAX_MS = 6 * 3_600_000

interface Work {
  ctx: Acting
  client: WebexClient
  attempt: ActivationAttempt
  user: ProvisionedUser
  template: OnboardingTemplate
  customer: Customer
}

/** Makes the next call of an attempt and puts on record what came of it; does nothing when the attempt has ended. */
export async function advanceAttempt(platform: Platform, attemptId: string): Promise<void> {
  const work = await workOn(platform, attemptId)
  try {
    if (work) return await PHASES[work.attempt.phase](work)
  } catch (error) {
    if (!(error instanceof AttemptMovedOn)) throw error
  }
  await platform.database.transaction(tx => endCancelledCreation(tx, attemptId))
}

const PHASES: Record<AttemptPhase, (work: Work) => Promise<void>> = {
  [AttemptPhase.DELETE]: removeFirst,
  [AttemptPhase.CREATE]: create,
  [AttemptPhase.CREATE_SENT]: lookUp,
  [AttemptPhase.UPDATE]: update,
  [AttemptPhase.UPDATE_SENT]: lookBeforeUpdate,
  [AttemptPhase.FOLLOW]: follow,
}

async function workOn(platform: Platform, attemptId: string): Promise<Work | null> {
  const manager = platform.database.reader
  const attempt = await readById(manager, ActivationAttempt, attemptId)
  if (attempt?.outcome !== AttemptOutcome.RUNNING) return null
  const user = await readUser(manager, attempt.provisionedUserId)
  const template = user && (await readById(manager, OnboardingTemplate, user.onboardingTemplateId))
  const customer = user && (await readById(manager, Customer, user.customerId))
  if (!template || !customer) return null
  const ctx: Acting = { ...platform, actor: { partnerId: attempt.partnerId, name: 'activation', requestId: null } }
  return { ctx, client: await platform.webex.of(attempt.partnerId), attempt, user, template, customer }
}

/** A retry with another address: Webex cannot change one, so what it has is deleted first. */
async function removeFirst(work: Work): Promise<void> {
  const { ctx, client, attempt, user } = work
  const call = await callUpstream(ctx, 'delete', () => client.deleteSubscriber(user.webexSubscriberId ?? ''))
  if (call.error && call.error.httpStatus !== 404) return refusedOrUnanswered(work, call.step, call.error)
  await ctx.database.transaction(async tx => {
    await amendUser(ctx, tx, await livingUser(tx, user.id), { webexSubscriberId: null, webexPersonId: null })
    await continueAttempt(ctx, tx, attempt, AttemptPhase.CREATE, { step: call.step })
  })
}

async function create(work: Work): Promise<void> {
  const { ctx, client, template, customer, user } = work
  const attempt = await ctx.database.transaction(async tx => {
    await amendUser(ctx, tx, await livingUser(tx, user.id), { creationUnconfirmed: true })
    return markSent(tx, work.attempt, AttemptPhase.CREATE_SENT)
  })
  const call = await callUpstream(ctx, 'create', () => client.createSubscriber(creationOf(user, template, customer)))
  if (!call.error) return adopt({ ...work, attempt }, call.answer.value, call.step)
  // A fault on the other side may have come after the work was done; any other refusal says that nothing was made.
  const { httpStatus } = call.error
  const creationUnconfirmed = httpStatus === null || httpStatus >= 500
  await refusedOrUnanswered({ ...work, attempt }, call.step, call.error, { creationUnconfirmed })
}

/** A creation was sent and its answer is lost: what Webex has decides whether to follow it or to send it again. */
async function lookUp(work: Work): Promise<void> {
  const { ctx, client, attempt, user, customer, template } = work
  const call = await callUpstream(ctx, 'look-up', () => client.findSubscribers(user.broadworksId))
  if (call.error) return refusedOrUnanswered(work, call.step, call.error)
  const ours = call.answer.value.find(subscriber => isOurs(subscriber, user, customer, template))
  if (ours && !isAsAsked(ours, user)) return replace(work, ours, { ...call.step, message: 'The subscriber is there with other data.' })
  if (ours) return adopt(work, ours, { ...call.step, message: 'The subscriber is there.' })
  await ctx.database.transaction(async tx => {
    await amendUser(ctx, tx, await livingUser(tx, user.id), { creationUnconfirmed: false })
    await continueAttempt(ctx, tx, attempt, AttemptPhase.CREATE, { step: { ...call.step, message: 'There is no subscriber.' } })
  })
}

/** What the lost creation made is not what is wanted by now: an operator gave another address, for example. */
async function replace({ ctx, attempt, user }: Work, subscriber: Subscriber, step: StepRecord): Promise<void> {
  await ctx.database.transaction(async tx => {
    await amendUser(ctx, tx, await livingUser(tx, user.id), { webexSubscriberId: subscriber.id, creationUnconfirmed: false })
    await continueAttempt(ctx, tx, attempt, AttemptPhase.DELETE, { step })
  })
}

async function adopt({ ctx, attempt, user }: Work, subscriber: Subscriber, step: StepRecord): Promise<void> {
  await ctx.database.transaction(async tx => {
    const current = (await readUser(tx.manager, user.id)) as ProvisionedUser
    const known = { webexSubscriberId: subscriber.id, creationUnconfirmed: false }
    // Deleted while the call was on its way: what the call made has to go as well.
    if (current.deletedAt) {
      await amendUser(ctx, tx, current, { ...known, deletionEndedAt: null })
      await endCancelledCreation(tx, attempt.id)
      return enqueueDeletion(ctx, tx, current.id)
    }
    await amendUser(ctx, tx, current, known)
    await continueAttempt(ctx, tx, attempt, AttemptPhase.FOLLOW, { step, pauseMs: POLL_PAUSE_MIN_MS })
  })
}

async function update(work: Work): Promise<void> {
  const { ctx, client, user } = work
  const attempt = await ctx.database.transaction(tx => markSent(tx, work.attempt, AttemptPhase.UPDATE_SENT))
  const call = await callUpstream(ctx, 'update', () => client.updateSubscriber(user.webexSubscriberId ?? '', changeOf(user)))
  if (call.error) return refusedOrUnanswered({ ...work, attempt }, call.step, call.error)
  await goOn(ctx, attempt, AttemptPhase.FOLLOW, call.step, POLL_PAUSE_MIN_MS)
}

/** Webex refuses a second update while one runs, and an update whose answer was lost may be running or done. */
async function lookBeforeUpdate(work: Work): Promise<void> {
  const { ctx, client, attempt, user } = work
  const call = await callUpstream(ctx, 'look-up', () => client.getSubscriber(user.webexSubscriberId ?? ''))
  if (call.error) return refusedOrUnanswered(work, call.step, call.error)
  const { value: subscriber } = call.answer
  const done = subscriber.status === 'updating' || (subscriber.status === 'provisioned' && isUpdated(subscriber, user))
  await goOn(ctx, attempt, done ? AttemptPhase.FOLLOW : AttemptPhase.UPDATE, call.step)
}

async function follow(work: Work): Promise<void> {
  const { ctx, client, attempt, user, customer } = work
  const call = await callUpstream(ctx, 'follow', () => client.getSubscriber(user.webexSubscriberId ?? ''))
  const wait = (step: StepRecord) =>
    elapsedMs(ctx, attempt) > FOLLOW_MAX_MS
      ? fail(work, { ...step, message: 'Webex has not finished for hours.' }, [noAnswer(step.trackingId)])
      : goOn(ctx, attempt, AttemptPhase.FOLLOW, step, pollPauseMs(ctx, attempt))
  if (call.error) return call.error.isTransient ? wait(call.step) : fail(work, call.step, call.error.errors)

  const { value: subscriber, trackingId } = call.answer
  const { status } = subscriber
  if (status === 'provisioning' || status === 'updating') return wait(call.step)
  if (status === 'provisioned') {
    return settle(work, 'UPSTREAM_PROVISIONED', AttemptOutcome.PROVISIONED, fieldsFrom(subscriber), call.step, async tx => {
      if (!customer.webexOrgId) await enqueueOrganizationLookUp(ctx, tx, customer.id)
      if (isLeftToUpdate(work, subscriber)) await updateNow(ctx, tx, user)
    })
  }
  if (status === 'pending_user_migration' && user.status === UserStatus.PROVISIONING) {
    const consentMailedAt = timestamp(ctx.clock.now())
    const fields = { upstreamErrors: [], consentMailedAt }
    return settle(work, 'UPSTREAM_NEEDS_CONSENT', AttemptOutcome.PENDING_USER_MIGRATION, fields, call.step, tx =>
      enqueueConsentWatch(ctx, tx, user.id, consentMailedAt),
    )
  }
  const fields = { webexPersonId: subscriber.personId ?? user.webexPersonId }
  return fail(work, call.step, upstreamErrorsOf(subscriber, trackingId), fields)
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

/** Ends an attempt whose job failed again and again for a reason of our own, so that a person can retry; the log has the reason. */
export async function abandonAttempt(platform: Platform, attemptId: string): Promise<void> {
  const work = await workOn(platform, attemptId)
  if (!work || work.user.deletedAt) return
  const name = work.attempt.steps.at(-1)?.name ?? 'follow'
  const startedAt = timestamp(platform.clock.now())
  const step = { name, startedAt, httpStatus: null, trackingId: null, message: 'The server could not go on; its log says why.' }
  await fail(work, step, [noAnswer(null)])
}

async function goOn(ctx: Acting, attempt: ActivationAttempt, phase: AttemptPhase, step: StepRecord, pauseMs = 0): Promise<void> {
  await ctx.database.transaction(tx => continueAttempt(ctx, tx, attempt, phase, { step, pauseMs }))
}

async function settle(
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

async function fail(work: Work, step: StepRecord, errors: UpstreamError[], fields: Partial<UserFields> = {}): Promise<void> {
  await settle(work, 'UPSTREAM_FAILED', AttemptOutcome.FAILED, { ...fields, upstreamErrors: errors }, step, async () => undefined)
}

/** A refusal ends the attempt. Without an answer the same phase is tried again; for what was sent, that is the look at what Webex has. */
async function refusedOrUnanswered(work: Work, step: StepRecord, error: WebexError, fields: Partial<UserFields> = {}): Promise<void> {
  const { ctx, attempt } = work
  const unanswered = attempt.steps.filter(earlier => earlier.httpStatus === null).length + 1
  if (error.httpStatus !== null || unanswered >= MAX_UNANSWERED_CALLS) return fail(work, step, error.errors, fields)
  await goOn(ctx, attempt, attempt.phase, step, UNANSWERED_PAUSE_MS)
}

type Call<Value> = { step: StepRecord; error: null; answer: Answer<Value> } | { step: StepRecord; error: WebexError }

async function callUpstream<Value>(ctx: Acting, name: AttemptStepName, call: () => Promise<Answer<Value>>): Promise<Call<Value>> {
  const startedAt = timestamp(ctx.clock.now())
  try {
    const answer = await call()
    const { httpStatus, trackingId } = answer
    return { answer, error: null, step: { name, startedAt, httpStatus, trackingId, message: 'Done.' } }
  } catch (error) {
    if (!(error instanceof WebexError)) throw error
    const { httpStatus, trackingId, message } = error
    return { error, step: { name, startedAt, httpStatus, trackingId, message } }
  }
}

/** The user as it is now: others may have changed it while the call was under way, and who deleted it also ended the attempt. */
async function livingUser({ manager }: Transaction, id: string): Promise<ProvisionedUser> {
  const user = await readUser(manager, id)
  if (!user || user.deletedAt) throw new AttemptMovedOn(id)
  return user
}

function pollPauseMs(ctx: Acting, attempt: ActivationAttempt): number {
  return Math.min(POLL_PAUSE_MAX_MS, Math.max(POLL_PAUSE_MIN_MS, elapsedMs(ctx, attempt) / 4))
}

function elapsedMs({ clock }: Acting, { startedAt }: ActivationAttempt): number {
  return clock.now().getTime() - Date.parse(startedAt)
}

function noAnswer(trackingId: string | null): UpstreamError {
  return { code: null, httpStatus: null, upstreamText: null, trackingId }
}
