import { isTransient, primaryError, type UpstreamError } from '../../../provisioning/error-catalog'
import type { Setback } from '../../../provisioning/retry-policy'
import { timestamp } from '../../../shared/clock'
import type { ProvisionedUser } from '../../provisioned-user/provisioned-user.entity'

/** Whether what failed may succeed a little later although no person does anything. */
export function isPassing(errors: UpstreamError[]): boolean {
  const error = primaryError(errors)
  return error !== null && isTransient(error)
}

/** Whether a retry needs nothing from a person: a user without a vouched address cannot be created. */
export function canRetryAlone({ webexPersonId, trustedEmailKey }: Pick<ProvisionedUser, 'webexPersonId' | 'trustedEmailKey'>): boolean {
  return webexPersonId !== null || trustedEmailKey !== null
}

/** The setback of an attempt, or one that begins now. */
export function setbackSince(setback: Setback | null, now: Date): Setback {
  return setback ?? { failedCalls: 0, restarts: 0, since: timestamp(now) }
}

/** The setback after another call that failed. */
export function withFailedCall(setback: Setback | null, now: Date): Setback {
  const before = setbackSince(setback, now)
  return { ...before, failedCalls: before.failedCalls + 1 }
}

/** The setback after background work at Webex that failed and is begun anew. */
export function withRestart(setback: Setback | null, now: Date): Setback {
  const before = setbackSince(setback, now)
  return { ...before, failedCalls: 0, restarts: before.restarts + 1 }
}

/** The setback after a call that succeeded: failed calls are over; work that was begun anew has yet to succeed. */
export function withoutFailedCalls(setback: Setback | null): Setback | null {
  return setback && setback.restarts > 0 ? { ...setback, failedCalls: 0 } : null
}
