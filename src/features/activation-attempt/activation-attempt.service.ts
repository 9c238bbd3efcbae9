import type { EntityManager } from 'typeorm'
import type { Transaction } from '../../database/database'
import type { Acting } from '../../graphql/context'
import type { Effect } from '../../provisioning/lifecycle'
import { timestamp } from '../../shared/clock'
import { newId } from '../../shared/ids'
import type { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { ActivationAttempt, AttemptOutcome, AttemptPhase, type AttemptTrigger } from './activation-attempt.entity'

export const ADVANCE_ATTEMPT = 'advance-attempt'

/** Starts the attempt that an effect of the lifecycle asks for, in the transaction of the change. */
export async function startAttempt(
  ctx: Acting,
  tx: Transaction,
  user: ProvisionedUser,
  effect: Effect,
  trigger: AttemptTrigger,
): Promise<void> {
  await insertAttempt(ctx, tx, user, firstPhase(user, effect), trigger)
}

/** Goes on watching what Webex began by itself, for example after its user consented to the move. */
export async function followByAttempt(ctx: Acting, tx: Transaction, user: ProvisionedUser, trigger: AttemptTrigger): Promise<void> {
  await insertAttempt(ctx, tx, user, AttemptPhase.FOLLOW, trigger)
}

/** Ends what runs for a user who was deleted. */
export async function cancelAttempts(ctx: Acting, { manager }: Transaction, userId: string): Promise<void> {
  await manager.update(
    ActivationAttempt,
    { provisionedUserId: userId, outcome: AttemptOutcome.RUNNING },
    { outcome: AttemptOutcome.CANCELLED, endedAt: timestamp(ctx.clock.now()) },
  )
}

/** Whether the creation of a deleted user is on its way: until that has ended, nobody can tell what Webex will hold. */
export async function isCreationUnderWay(manager: EntityManager, userId: string): Promise<boolean> {
  return manager.existsBy(ActivationAttempt, {
    provisionedUserId: userId,
    outcome: AttemptOutcome.CANCELLED,
    phase: AttemptPhase.CREATE_SENT,
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
    steps: [],
  })
  await ctx.queue.enqueue(tx, { name: ADVANCE_ATTEMPT, payload: { attemptId: id } })
}

function firstPhase(user: ProvisionedUser, effect: Effect): AttemptPhase {
  if (effect === 'UPDATE') return AttemptPhase.UPDATE
  if (effect === 'REPEAT_UPDATE') return AttemptPhase.UPDATE_SENT
  if (user.webexSubscriberId !== null) return AttemptPhase.DELETE
  return user.creationUnconfirmed ? AttemptPhase.CREATE_SENT : AttemptPhase.CREATE
}
