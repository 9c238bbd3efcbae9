import { readById } from '../../../database/rows'
import type { Acting, Platform } from '../../../context/context'
import { implementJob, type PayloadOf } from '../../../queue/define-job'
import { noAnswer } from '../../../provisioning/error-catalog'
import { timestamp } from '../../../shared/clock'
import { Customer } from '../../customer/customer.entity'
import { OnboardingTemplate } from '../../onboarding-template/onboarding-template.entity'
import { readUser } from '../../provisioned-user/provisioned-user.loaders'
import { type ActivationAttempt, AttemptOutcome, AttemptPhase } from '../activation-attempt.entity'
import { advanceAttemptJob } from '../activation-attempt.jobs'
import { endCancelledCreation, readAttempt } from '../activation-attempt.service'
import { AttemptMovedOn } from './attempt-record'
import { fail, type Work } from './attempt-work'
import { create, find, precheck, removeFirst, reread } from './creation'
import { follow } from './follow'
import { hasToPark, park } from './parking'
import { lookBeforeUpdate, update } from './update'

const PHASES: Record<AttemptPhase, (work: Work) => Promise<void>> = {
  [AttemptPhase.PRECHECK]: precheck,
  [AttemptPhase.REREAD]: reread,
  [AttemptPhase.DELETE]: removeFirst,
  [AttemptPhase.CREATE]: create,
  [AttemptPhase.CREATE_SENT]: find,
  [AttemptPhase.FIND]: find,
  [AttemptPhase.UPDATE]: update,
  [AttemptPhase.UPDATE_SENT]: lookBeforeUpdate,
  [AttemptPhase.FOLLOW]: follow,
}

export const advanceAttemptWorker = implementJob(advanceAttemptJob, advanceAttempt, abandonAttempt)

type Payload = PayloadOf<typeof advanceAttemptJob>

/** Makes the next call of an attempt and records its result; does nothing when the attempt has moved on or has ended. */
async function advanceAttempt(platform: Platform, { attemptId, version }: Payload): Promise<void> {
  const attempt = await readAttempt(platform.database.reader, attemptId)
  if (attempt?.turn !== version) return
  const work = await workOn(platform, attempt)
  try {
    if (work) return await (hasToPark(work) ? park(work) : PHASES[work.attempt.phase](work))
  } catch (error) {
    if (!(error instanceof AttemptMovedOn)) throw error
  }
  await platform.database.transaction(tx => endCancelledCreation(tx, attemptId))
}

/** Ends an attempt whose job failed for good because of an error of this server, so that a person can retry. The log has the error. */
async function abandonAttempt(platform: Platform, { attemptId, version }: Payload): Promise<void> {
  const attempt = await readAttempt(platform.database.reader, attemptId)
  const work = attempt?.turn === version ? await workOn(platform, attempt) : null
  if (!work || work.user.deletedAt) return
  const name = work.attempt.steps.at(-1)?.name ?? 'follow'
  const startedAt = timestamp(platform.clock.now())
  const step = { name, startedAt, httpStatus: null, trackingId: null, message: 'The server could not go on; its log says why.' }
  await fail(work, step, [noAnswer(null)])
}

async function workOn(platform: Platform, attempt: ActivationAttempt): Promise<Work | null> {
  if (attempt.outcome !== AttemptOutcome.RUNNING) return null
  const manager = platform.database.reader
  const user = await readUser(manager, attempt.provisionedUserId)
  const template = user && (await readById(manager, OnboardingTemplate, user.onboardingTemplateId))
  const customer = user && (await readById(manager, Customer, user.customerId))
  if (!template || !customer) return null
  const ctx: Acting = { ...platform, actor: { partnerId: attempt.partnerId, name: 'activation', requestId: null } }
  return { ctx, client: await platform.webex.of(attempt.partnerId), attempt, user, template, customer }
}
