import type { ActivationAttempt } from '../activation-attempt.entity'
import type { AttemptStep, AttemptStepName } from '../attempt-step'

type Steps = Pick<ActivationAttempt, 'steps'>

/** The last call of this name that is on record. */
export function lastStep({ steps }: Steps, name: AttemptStepName): AttemptStep | undefined {
  return steps.findLast(step => step.name === name)
}

/** Milliseconds since the last call of this name ended; infinite when none is on record. */
export function sinceLastMs(attempt: Steps, name: AttemptStepName, now: Date): number {
  const endedAt = lastStep(attempt, name)?.endedAt
  return endedAt ? now.getTime() - Date.parse(endedAt) : Infinity
}

/** Milliseconds since the attempt was asked for. */
export function elapsedMs({ startedAt }: Pick<ActivationAttempt, 'startedAt'>, now: Date): number {
  return now.getTime() - Date.parse(startedAt)
}
