import { type EntityManager, IsNull, MoreThan } from 'typeorm'
import { timestamp } from '../../shared/clock'
import { ActivationAttempt } from './activation-attempt.entity'
import type { AttemptStep } from './attempt-step'

/** A creation whose answer never came may be carried out late: until this has passed, an upstream without it proves nothing. */
export const LATE_CREATION_MS = 60_000

/** Whether Webex may have made something of a call, now or later, without telling. */
export function isUnansweredCreation({ name, httpStatus }: AttemptStep): boolean {
  return name === 'create' && (httpStatus === null || httpStatus >= 500)
}

/** Whether a creation of this user that Webex did not answer may still be carried out. */
export async function mayBeCreatedLate(manager: EntityManager, userId: string, now: Date): Promise<boolean> {
  const since = timestamp(new Date(now.getTime() - LATE_CREATION_MS))
  const attempts = await manager.findBy(ActivationAttempt, [
    { provisionedUserId: userId, endedAt: MoreThan(since) },
    { provisionedUserId: userId, endedAt: IsNull() },
  ])
  return attempts.some(({ steps }) => steps.some(step => isUnansweredCreation(step) && step.startedAt > since))
}
