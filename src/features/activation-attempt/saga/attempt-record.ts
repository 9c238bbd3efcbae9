import type { Transaction } from '../../../database/database'
import type { Acting } from '../../../context/context'
import type { UpstreamError } from '../../../provisioning/error-catalog'
import type { Setback } from '../../../provisioning/retry-policy'
import { timestamp, type Timestamp } from '../../../shared/clock'
import { ActivationAttempt, AttemptOutcome, type AttemptPhase } from '../activation-attempt.entity'
import { enqueueAdvance } from '../activation-attempt.service'
import type { AttemptStep, AttemptStepName } from '../attempt-step'

/** What one call came to, ready to be put on record. */
export interface StepRecord {
  name: AttemptStepName
  startedAt: Timestamp
  httpStatus: number | null
  trackingId: string | null
  message: string
}

/** What is done about it, after what Webex said, which ends with a full stop or not. */
export function and(step: StepRecord, sentence: string): StepRecord {
  return { ...step, message: `${step.message.replace(/[.\s]*$/, '.')} ${sentence}` }
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

export interface Continuation {
  step?: StepRecord
  pauseMs?: number
  /** Kept as it is when left out. */
  setback?: Setback | null
  /** The refusal that is being looked into. */
  upstreamErrors?: UpstreamError[]
}

/** Moves a running attempt on to its next phase and enqueues the job that does it. */
export async function continueAttempt(
  ctx: Acting,
  tx: Transaction,
  attempt: ActivationAttempt,
  phase: AttemptPhase,
  { step, pauseMs = 0, ...kept }: Continuation,
): Promise<void> {
  const next = { ...attempt, turn: attempt.turn + 1 }
  await update(tx, attempt, { phase, turn: next.turn, ...kept, ...(step ? { steps: withStep(ctx, attempt, step) } : {}) })
  await enqueueAdvance(ctx, tx, next, pauseMs)
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
    setback: null,
    ...(step ? { steps: withStep(ctx, attempt, step) } : {}),
  })
}

/** Compare-and-set on turn and phase: a job that was taken over by another process must not write over what that one did. */
async function update(tx: Transaction, attempt: ActivationAttempt, fields: Partial<ActivationAttempt>): Promise<void> {
  const { affected } = await tx.manager.update(
    ActivationAttempt,
    { id: attempt.id, outcome: AttemptOutcome.RUNNING, phase: attempt.phase, turn: attempt.turn },
    fields,
  )
  if (affected !== 1) throw new AttemptMovedOn(attempt.id)
}

/** An attempt may poll for hours while one poll in three fails: past this its polls are one step, whatever came of them. */
const MAX_STEPS = 100

/** The polls of one wait that came to the same are one step: the first keeps its start, each later one brings its end. */
function withStep(ctx: Acting, attempt: ActivationAttempt, step: StepRecord): AttemptStep[] {
  const last = attempt.steps.at(-1)
  const isSame = last?.httpStatus === step.httpStatus || attempt.steps.length >= MAX_STEPS
  const goesOn = step.name === 'follow' && last?.name === 'follow' && isSame
  const done: AttemptStep = { ...step, startedAt: goesOn ? last.startedAt : step.startedAt, endedAt: timestamp(ctx.clock.now()) }
  return [...(goesOn ? attempt.steps.slice(0, -1) : attempt.steps), done]
}
