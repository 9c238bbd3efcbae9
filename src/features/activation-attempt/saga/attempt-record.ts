import type { Transaction } from '../../database/database'
import type { Acting } from '../../graphql/context'
import type { UpstreamError } from '../../provisioning/error-catalog'
import { timestamp, type Timestamp } from '../../shared/clock'
import { ActivationAttempt, AttemptOutcome, type AttemptPhase } from './activation-attempt.entity'
import { ADVANCE_ATTEMPT } from './activation-attempt.service'
import type { AttemptStep, AttemptStepName } from './attempt-step'

/** What one call came to, ready to be put on record. */
export interface StepRecord {
  name: AttemptStepName
  startedAt: Timestamp
  httpStatus: number | null
  trackingId: string | null
  message: string
}

/** The attempt ended or went on while a call was under way: what was written meanwhile stands. */
export class AttemptMovedOn extends Error {
  override readonly name = 'AttemptMovedOn'
}

/** Puts on record that a call is on its way, before it is: after a crash we know that Webex has to be asked. */
export async function markSent<Phase extends AttemptPhase>(
  tx: Transaction,
  attempt: ActivationAttempt,
  phase: Phase,
): Promise<ActivationAttempt & { phase: Phase }> {
  await update(tx, attempt, { phase })
  return { ...attempt, phase }
}

/** Moves a running attempt on to its next phase and enqueues the job that does it. */
export async function continueAttempt(
  ctx: Acting,
  tx: Transaction,
  attempt: ActivationAttempt,
  phase: AttemptPhase,
  { step, pauseMs = 0 }: { step?: StepRecord; pauseMs?: number },
): Promise<void> {
  await update(tx, attempt, { phase, ...(step ? { steps: withStep(ctx, attempt, step) } : {}) })
  const runAt = new Date(ctx.clock.now().getTime() + pauseMs)
  await ctx.queue.enqueue(tx, { name: ADVANCE_ATTEMPT, payload: { attemptId: attempt.id }, runAt })
}

export async function endAttempt(
  ctx: Acting,
  tx: Transaction,
  attempt: ActivationAttempt,
  outcome: AttemptOutcome,
  { step, errors = [] }: { step?: StepRecord; errors?: UpstreamError[] },
): Promise<void> {
  await update(tx, attempt, {
    outcome,
    endedAt: timestamp(ctx.clock.now()),
    upstreamErrors: errors,
    ...(step ? { steps: withStep(ctx, attempt, step) } : {}),
  })
}

/** Compare-and-set on the phase: a job that was taken over by another process must not write over what that one did. */
async function update(tx: Transaction, attempt: ActivationAttempt, fields: Partial<ActivationAttempt>): Promise<void> {
  const { affected } = await tx.manager.update(
    ActivationAttempt,
    { id: attempt.id, outcome: AttemptOutcome.RUNNING, phase: attempt.phase },
    fields,
  )
  if (affected !== 1) throw new AttemptMovedOn(attempt.id)
}

/** The polls of one wait are one step: the first keeps its start, each later one brings its end. */
function withStep(ctx: Acting, attempt: ActivationAttempt, step: StepRecord): AttemptStep[] {
  const last = attempt.steps.at(-1)
  const goesOn = step.name === 'follow' && last?.name === 'follow'
  const done: AttemptStep = { ...step, startedAt: goesOn ? last.startedAt : step.startedAt, endedAt: timestamp(ctx.clock.now()) }
  return [...(goesOn ? attempt.steps.slice(0, -1) : attempt.steps), done]
}
