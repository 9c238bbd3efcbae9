import { noAnswer } from '../../../provisioning/error-catalog'
import { enqueue } from '../../../queue/define-job'
import type { Subscriber } from '../../../webex/webex-types'
import { timestamp } from '../../../shared/clock'
import type { ProvisionedUser } from '../../provisioned-user/provisioned-user.entity'
import { deleteSubscriberJob } from '../../provisioned-user/provisioned-user.jobs'
import { readUser } from '../../provisioned-user/provisioned-user.loaders'
import { amendUser } from '../../provisioned-user/provisioned-user.transition'
import { AttemptPhase } from '../activation-attempt.entity'
import { endCancelledCreation, isCreatedSinceAsked } from '../activation-attempt.service'
import { creationOf, isOurs, upstreamErrorsOf } from '../subscriber-mapping'
import { and, continueAttempt, markSent, type StepRecord } from './attempt-record'
import { amendAndGoOn, fail, goOn, livingUser, retryOrFail, type Work } from './attempt-work'
import { FIRST_POLL_PAUSE_MS, isFinalError, isRereadOutdated, mayHaveCreated, outcomeOfLookUp, outcomeOfReread } from './decisions'
import { becomeLive } from './follow'
import { callUpstream } from './upstream-call'

/** Webex already has a subscriber of this BroadWorks ID. Source: Cisco's OpenAPI, example of an error. */
const DUPLICATE = 10022

/** An upstream that refuses a duplicate, shows it in a list and does not find it by its ID would keep us at it for ever. */
const MAX_CREATIONS = 20

/** Between two look-ups for what may not be in Webex's lists yet. */
const LATE_LOOK_PAUSE_MS = 5000

/** Without the role of a partner full administrator there is no precheck; then the creation will tell. */
const NO_PRECHECK: (number | null)[] = [403, 404, 405]

/** Asks whether the new address can be used: an address that would be refused is no reason to delete what Webex has. */
export async function precheck(work: Work): Promise<void> {
  const { ctx, client, user } = work
  const { step, error } = await callUpstream(ctx, 'precheck', () => client.precheck({ email: user.email ?? '' }))
  if (error && !error.notSent && NO_PRECHECK.includes(error.httpStatus)) {
    return goOn(work, AttemptPhase.REREAD, { step: and(step, 'Going on without a precheck.') })
  }
  if (error) return retryOrFail(work, { step, error, again: AttemptPhase.PRECHECK })
  await goOn(work, AttemptPhase.REREAD, { step })
}

/**
 * Looks where the user stands right before anything is deleted: who became live meanwhile stays, and so does what somebody began
 * elsewhere, unless a person asked for this attempt.
 */
export async function reread(work: Work): Promise<void> {
  const { ctx, client, attempt, user } = work
  const call = await callUpstream(ctx, 're-read', () => client.getSubscriber(user.webexSubscriberId ?? ''))
  const { step } = call
  if (call.error?.httpStatus === 404) {
    const gone = { webexSubscriberId: null, webexPersonId: null }
    return amendAndGoOn(work, gone, AttemptPhase.CREATE, { step: { ...step, message: 'The subscriber is gone.' } })
  }
  if (call.error) return retryOrFail(work, { step, error: call.error, again: AttemptPhase.REREAD })

  const { value: subscriber, trackingId } = call.answer
  const outcome = outcomeOfReread(work, subscriber)
  if (outcome === 'LIVE') return becomeLive(work, subscriber, { ...step, message: 'The user became live meanwhile; nothing was deleted.' })
  const errors = upstreamErrorsOf(subscriber, trackingId)
  if (outcome === 'UPDATE_FAILED') return fail(work, step, errors, { fields: { webexPersonId: subscriber.personId } })
  if (isFinalError(attempt, subscriber, errors) && (await isCreatedSinceAsked(ctx.database.reader, user.id))) {
    return fail(work, { ...step, message: 'The subscriber is error.' }, errors)
  }
  const message = outcome === 'UNDER_WAY' ? 'Webex is at work on it.' : `The subscriber is ${subscriber.status}.`
  if (outcome === 'UNDER_WAY' || outcome === 'KEEP') return goOn(work, AttemptPhase.FOLLOW, { step: { ...step, message } })
  if (outcome === 'OTHER_ADDRESS') {
    return goOn(work, AttemptPhase.PRECHECK, { step: { ...step, message: `${message} It has another address.` } })
  }
  // Only a look: a deletion that fails again and again is not to be tried for ever.
  await goOn(work, AttemptPhase.DELETE, { step: { ...step, message }, setback: attempt.setback })
}

/** Webex cannot change an address and does not begin anew by itself, so what it has goes first. */
export async function removeFirst(work: Work): Promise<void> {
  const { ctx, client, attempt, user } = work
  // The server may have been down since the re-read.
  if (isRereadOutdated(attempt, ctx.clock.now())) return goOn(work, AttemptPhase.REREAD, { setback: attempt.setback })
  const { step, error } = await callUpstream(ctx, 'delete', () => client.deleteSubscriber(user.webexSubscriberId ?? ''))
  if (error && error.httpStatus !== 404) return retryOrFail(work, { step, error, again: AttemptPhase.REREAD })
  await amendAndGoOn(work, { webexSubscriberId: null, webexPersonId: null }, AttemptPhase.CREATE, { step })
}

export async function create(work: Work): Promise<void> {
  const { ctx, client, template, customer, user } = work
  const creations = work.attempt.steps.filter(({ name }) => name === 'create')
  if (creations.length >= MAX_CREATIONS) {
    const step = { name: 'create' as const, startedAt: timestamp(ctx.clock.now()), httpStatus: null, trackingId: null }
    return fail(work, { ...step, message: 'Not sent: this attempt has sent too many.' }, [noAnswer(creations.at(-1)?.trackingId ?? null)])
  }
  const attempt = await ctx.database.transaction(async tx => {
    await amendUser(ctx, tx, await livingUser(tx, user.id), { creationUnconfirmed: true })
    return markSent(tx, work.attempt, AttemptPhase.CREATE_SENT)
  })
  const sent = { ...work, attempt }
  const call = await callUpstream(ctx, 'create', () => client.createSubscriber(creationOf(user, template, customer)))
  const { step, error } = call
  if (!error) return adopt(sent, call.answer.value, step)
  if (error.errors.some(({ code }) => code === DUPLICATE)) {
    const looksInto = { step: and(step, 'Looking whose it is.'), upstreamErrors: error.errors }
    return amendAndGoOn(sent, {}, AttemptPhase.FIND, looksInto)
  }
  const creationUnconfirmed = mayHaveCreated(error)
  const again = creationUnconfirmed ? AttemptPhase.FIND : AttemptPhase.CREATE
  await retryOrFail(sent, { step, error, again, fields: { creationUnconfirmed } })
}

/** A creation may have been carried out, or was refused as a duplicate: what Webex has decides how to go on. */
export async function find(work: Work): Promise<void> {
  const { ctx, client, attempt, user, customer, template } = work
  const call = await callUpstream(ctx, 'look-up', () => client.findSubscribers(user.broadworksId))
  const { step, error } = call
  if (error) return retryOrFail(work, { step, error, again: AttemptPhase.FIND })
  const ours = call.answer.value.find(subscriber => isOurs(subscriber, user, customer, template))
  const outcome = outcomeOfLookUp(work, ours, ctx.clock.now())
  if (ours && outcome === 'ADOPT') return adopt(work, ours, { ...step, message: 'The subscriber is there; going on with it.' })
  if (ours) {
    const known = { webexSubscriberId: ours.id, creationUnconfirmed: false }
    const message = outcome === 'OLD_FAILURE' ? 'The subscriber is there, in error.' : 'The subscriber is there with other data.'
    return amendAndGoOn(work, known, AttemptPhase.REREAD, { step: { ...step, message }, upstreamErrors: [] })
  }
  const message = 'There is no subscriber of ours.'
  if (outcome === 'MAY_SHOW_LATE') {
    const again = { ...step, message: `${message} It may show later.` }
    return goOn(work, AttemptPhase.FIND, { step: again, pauseMs: LATE_LOOK_PAUSE_MS, setback: attempt.setback })
  }
  const fields = { creationUnconfirmed: false }
  if (outcome === 'REFUSED') return fail(work, { ...step, message }, attempt.upstreamErrors, { fields })
  await amendAndGoOn(work, fields, AttemptPhase.CREATE, { step: { ...step, message }, setback: attempt.setback })
}

async function adopt({ ctx, attempt, user }: Work, subscriber: Subscriber, step: StepRecord): Promise<void> {
  await ctx.database.transaction(async tx => {
    const current = (await readUser(tx.manager, user.id)) as ProvisionedUser
    const known = { webexSubscriberId: subscriber.id, creationUnconfirmed: false }
    // Deleted while the call was on its way: what the call made has to go as well.
    if (current.deletedAt) {
      await amendUser(ctx, tx, current, { ...known, deletionEndedAt: null })
      await endCancelledCreation(tx, attempt.id)
      return enqueue(ctx, tx, deleteSubscriberJob, { userId: current.id })
    }
    await amendUser(ctx, tx, current, known)
    const followed = { step, pauseMs: FIRST_POLL_PAUSE_MS, upstreamErrors: [], setback: attempt.setback?.restarts ? attempt.setback : null }
    await continueAttempt(ctx, tx, attempt, AttemptPhase.FOLLOW, followed)
  })
}
