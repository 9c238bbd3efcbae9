import { type EntityManager, MoreThan } from 'typeorm'
import type { Transaction } from '../../database/database'
import { readById } from '../../database/rows'
import type { Acting } from '../../context/context'
import { enqueue } from '../../queue/define-job'
import { JobPriority } from '../../queue/job-queue'
import type { Effect } from '../../provisioning/lifecycle'
import { timestamp } from '../../shared/clock'
import { newId } from '../../shared/ids'
import type { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { ActivationAttempt, AttemptOutcome, AttemptPhase, AttemptTrigger } from './activation-attempt.entity'
import { advanceAttemptJob } from './activation-attempt.jobs'

/** Who waits for the outcome of an attempt. */
const PRIORITY: Record<AttemptTrigger, JobPriority> = {
  [AttemptTrigger.PORTAL]: JobPriority.PERSON,
  [AttemptTrigger.ADMIN]: JobPriority.PERSON,
  [AttemptTrigger.API]: JobPriority.PERSON,
  [AttemptTrigger.AUTOMATIC]: JobPriority.ORDINARY,
  [AttemptTrigger.BULK]: JobPriority.BULK,
  [AttemptTrigger.IMPORT]: JobPriority.BULK,
}

/** Whether somebody asked for this very attempt: it goes through the pause of a template, which holds back the work of machines. */
export function isPersonal({ trigger }: Pick<ActivationAttempt, 'trigger'>): boolean {
  return PRIORITY[trigger] === JobPriority.PERSON
}

/**
 * Starts the attempt that an effect of the lifecycle asks for, in the transaction of the change. The caller has checked that the
 * connection can write where a person is told; without that, the attempt ends in an error that says so.
 * @param newEmail the address differs from the one that Webex may have been given before
 */
export async function startAttempt(
  ctx: Acting,
  tx: Transaction,
  user: ProvisionedUser,
  effect: Effect,
  trigger: AttemptTrigger,
  { newEmail = false }: { newEmail?: boolean } = {},
): Promise<void> {
  await insertAttempt(ctx, tx, user, firstPhase(user, effect, newEmail), trigger)
}

/** Enqueues the next call of an attempt. */
export async function enqueueAdvance(
  ctx: Acting,
  tx: Transaction,
  { id, trigger, turn }: Pick<ActivationAttempt, 'id' | 'trigger' | 'turn'>,
  pauseMs = 0,
): Promise<void> {
  await enqueue(ctx, tx, advanceAttemptJob, { attemptId: id, version: turn }, { pauseMs, priority: PRIORITY[trigger] })
}

/** Goes on watching what Webex began by itself, for example after its user consented to the move. */
export async function followByAttempt(ctx: Acting, tx: Transaction, user: ProvisionedUser, trigger: AttemptTrigger): Promise<void> {
  await insertAttempt(ctx, tx, user, AttemptPhase.FOLLOW, trigger)
}

export function readAttempt(manager: EntityManager, id: string): Promise<ActivationAttempt | null> {
  return readById(manager, ActivationAttempt, id)
}

export function hasRunningAttempt(manager: EntityManager, userId: string): Promise<boolean> {
  return manager.existsBy(ActivationAttempt, { provisionedUserId: userId, outcome: AttemptOutcome.RUNNING })
}

/** More attempts than the server makes by itself after one that somebody asked for. */
const LAST_ATTEMPTS = 10

/**
 * Whether a creation was sent since somebody last asked for an attempt: what Webex has is from then, whatever the answer was, because
 * nothing is created before what was there is gone, or found to be as asked.
 */
export async function isCreatedSinceAsked(manager: EntityManager, userId: string): Promise<boolean> {
  const attempts = await manager.find(ActivationAttempt, {
    where: { provisionedUserId: userId },
    order: { startedAt: 'DESC', id: 'DESC' },
    take: LAST_ATTEMPTS,
  })
  const asked = attempts.findIndex(({ trigger }) => trigger !== AttemptTrigger.AUTOMATIC)
  return attempts.slice(0, asked + 1).some(({ steps }) => steps.some(({ name }) => name === 'create'))
}

/** Ends what runs for a user who was deleted. */
export async function cancelAttempts(ctx: Acting, { manager }: Transaction, userId: string): Promise<void> {
  await manager.update(
    ActivationAttempt,
    { provisionedUserId: userId, outcome: AttemptOutcome.RUNNING },
    { outcome: AttemptOutcome.CANCELLED, endedAt: timestamp(ctx.clock.now()) },
  )
}

/** A call and the record of its answer take a minute at most. Whatever was not recorded by then lost its job. */
const CREATION_MAX_MS = 5 * 60_000

/** Whether the creation of a deleted user is on its way: until it has ended, Webex may hold a subscriber or not. */
export async function isCreationUnderWay(manager: EntityManager, userId: string, now: Date): Promise<boolean> {
  return manager.existsBy(ActivationAttempt, {
    provisionedUserId: userId,
    outcome: AttemptOutcome.CANCELLED,
    phase: AttemptPhase.CREATE_SENT,
    endedAt: MoreThan(timestamp(new Date(now.getTime() - CREATION_MAX_MS))),
  })
}

/** The creation of an attempt that was cancelled meanwhile is not on its way any more, whatever came of it. */
export async function endCancelledCreation({ manager }: Transaction, attemptId: string): Promise<void> {
  await manager.update(
    ActivationAttempt,
    { id: attemptId, outcome: AttemptOutcome.CANCELLED, phase: AttemptPhase.CREATE_SENT },
    { phase: AttemptPhase.CREATE },
  )
}

async function insertAttempt(
  ctx: Acting,
  tx: Transaction,
  user: ProvisionedUser,
  phase: AttemptPhase,
  trigger: AttemptTrigger,
): Promise<void> {
  const id = newId('ActivationAttempt')
  await tx.manager.insert(ActivationAttempt, {
    id,
    partnerId: user.partnerId,
    provisionedUserId: user.id,
    trigger,
    actor: ctx.actor.name,
    email: phase === AttemptPhase.UPDATE || phase === AttemptPhase.UPDATE_SENT ? null : user.email,
    outcome: AttemptOutcome.RUNNING,
    phase,
    startedAt: timestamp(ctx.clock.now()),
    endedAt: null,
    upstreamErrors: [],
    turn: 0,
    setback: null,
    steps: [],
  })
  await enqueueAdvance(ctx, tx, { id, trigger, turn: 0 })
}

function firstPhase(user: ProvisionedUser, effect: Effect, newEmail: boolean): AttemptPhase {
  if (effect === 'UPDATE') return AttemptPhase.UPDATE
  if (effect === 'REPEAT_UPDATE') return AttemptPhase.UPDATE_SENT
  if (user.webexSubscriberId !== null) return newEmail ? AttemptPhase.PRECHECK : AttemptPhase.REREAD
  return user.creationUnconfirmed ? AttemptPhase.FIND : AttemptPhase.CREATE
}
