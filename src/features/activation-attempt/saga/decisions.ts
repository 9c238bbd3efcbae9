/**
 * Pure decisions of the saga: what a response of Webex means for an attempt, from the attempt, its user and the time alone. The phases make the calls
 * and write what follows.
 */
import type { WebexError } from '../../../webex/webex-error'
import type { Subscriber } from '../../../webex/webex-types'
import type { UpstreamError } from '../../../provisioning/error-catalog'
import { UserStatus } from '../../../provisioning/lifecycle'
import { comparisonKey } from '../../../shared/text'
import type { ProvisionedUser } from '../../provisioned-user/provisioned-user.entity'
import { type ActivationAttempt, AttemptPhase, AttemptTrigger } from '../activation-attempt.entity'
import { isAsAsked, isUpdated } from '../subscriber-mapping'
import { isUnansweredCreation, LATE_CREATION_MS } from '../unanswered-creation'
import { isPassing } from './setback'
import { elapsedMs, lastStep, sinceLastMs } from './steps'

/** A re-read is valid for this long: longer than two jobs in a row take, shorter than a person needs to act elsewhere. */
const REREAD_HOLDS_MS = 60_000
/** How far Webex's clock may be from ours. */
const CLOCK_SKEW_MS = 10_000
/** Webex shows within this time what it accepted, in every list. */
const SETTLES_WITHIN_MS = 60_000
/** Webex has never been seen to take hours for one user; after that a person has to look. */
const FOLLOW_MAX_MS = 6 * 3_600_000
/** Webex needs seconds for most users and minutes for the first one of a customer: polls become rarer with time. */
export const FIRST_POLL_PAUSE_MS = 250
const POLL_PAUSE_MAX_MS = 15_000
/** Webex is at work on the subscriber: with this very update, where it arrived twice or late, or with another, which ends. */
const CONFLICT = 409

/** An attempt and its user, as they are on record. */
export interface Subject {
  attempt: ActivationAttempt
  user: ProvisionedUser
}

/** What a re-read decides, right before a deletion: `KEEP` means that the attempt may not delete what Webex has. */
export type RereadOutcome = 'LIVE' | 'UPDATE_FAILED' | 'UNDER_WAY' | 'KEEP' | 'OTHER_ADDRESS' | 'DELETE'

export function outcomeOfReread({ attempt, user }: Subject, subscriber: Subscriber): RereadOutcome {
  const { status } = subscriber
  if (status === 'provisioned') return 'LIVE'
  // The user has a person, so it is live and an update from elsewhere failed: it must not be deleted.
  if (status === 'error' && subscriber.personId) return 'UPDATE_FAILED'
  if (status === 'updating' || (status === 'provisioning' && isAsAsked(subscriber, user))) return 'UNDER_WAY'
  const hasOtherAddress = subscriber.email !== null && comparisonKey(subscriber.email) !== comparisonKey(user.email ?? '')
  // A failed subscriber is of no use. Any other is deleted when a person asked for this attempt, or vouched for another address before it;
  // but not what this attempt began anew.
  const isAsked = attempt.trigger !== AttemptTrigger.AUTOMATIC || hasOtherAddress
  if (status !== 'error' && (!isAsked || attempt.setback?.restarts)) return 'KEEP'
  return hasOtherAddress && lastStep(attempt, 'precheck') === undefined ? 'OTHER_ADDRESS' : 'DELETE'
}

/** Whether an automatic attempt finds an error that would only repeat: the outcome of a creation that was sent since a person asked for one. */
export function isFinalError({ trigger }: ActivationAttempt, { status }: Subscriber, errors: UpstreamError[]): boolean {
  return trigger === AttemptTrigger.AUTOMATIC && status === 'error' && !isPassing(errors)
}

/** Whether the last re-read is too old to delete by it: the user may have become live since. */
export function isRereadOutdated(attempt: ActivationAttempt, now: Date): boolean {
  return sinceLastMs(attempt, 're-read', now) > REREAD_HOLDS_MS
}

/** Whether Webex may have created the subscriber although the creation failed: a fault of Webex may come after its work. */
export function mayHaveCreated({ notSent, httpStatus }: WebexError): boolean {
  return !notSent && (httpStatus === null || httpStatus >= 500)
}

/** What a look-up by the BroadWorks ID decides, after a lost response or the refusal of a duplicate. */
export type LookUpOutcome = 'ADOPT' | 'OLD_FAILURE' | 'OTHER_DATA' | 'MAY_SHOW_LATE' | 'REFUSED' | 'ABSENT'

/** @param ours the subscriber that this partner, customer and template have with the BroadWorks ID */
export function outcomeOfLookUp({ attempt, user }: Subject, ours: Subscriber | undefined, now: Date): LookUpOutcome {
  const isRefused = attempt.upstreamErrors.length > 0
  if (ours) {
    // The outcome of our own creation is kept; a failed subscriber from before is of no use.
    if (ours.status === 'error' && isRefused && !isMadeByAttempt(ours, attempt)) return 'OLD_FAILURE'
    return isAsAsked(ours, user) ? 'ADOPT' : 'OTHER_DATA'
  }
  if (!isRefused) return 'ABSENT'
  // A duplicate was refused after a creation without a response: what that one made may not be in Webex's lists yet.
  return hasUnansweredCreation(attempt) && sinceLastMs(attempt, 'create', now) < LATE_CREATION_MS ? 'MAY_SHOW_LATE' : 'REFUSED'
}

/** A creation may have been carried out without a response; or, delivered twice, before the refusal of the second. */
function isMadeByAttempt({ created }: Subscriber, attempt: ActivationAttempt): boolean {
  const first = attempt.steps.find(({ name }) => name === 'create')
  const isMadeSince = created !== null && first !== undefined && Date.parse(created) >= Date.parse(first.startedAt) - CLOCK_SKEW_MS
  return isMadeSince || hasUnansweredCreation(attempt)
}

/** Of this attempt, or of one before: then it began with the look-up. */
function hasUnansweredCreation({ steps }: ActivationAttempt): boolean {
  return steps[0]?.name === 'look-up' || steps.some(isUnansweredCreation)
}

/** What a poll decides. */
export type PollOutcome = 'UNDER_WAY' | 'OVERDUE' | 'LIVE' | 'NOT_SHOWN' | 'DROPPED' | 'NEEDS_CONSENT' | 'FAILED'

export function outcomeOfPoll({ attempt, user }: Subject, subscriber: Subscriber, now: Date): PollOutcome {
  const { status } = subscriber
  if (status === 'provisioning' || status === 'updating') return elapsedMs(attempt, now) > FOLLOW_MAX_MS ? 'OVERDUE' : 'UNDER_WAY'
  if (status === 'provisioned') {
    if (lastStep(attempt, 'update') === undefined || isUpdated(subscriber, user)) return 'LIVE'
    // Webex may be a little behind, or have dropped the update beside another one.
    return sinceLastMs(attempt, 'update', now) < SETTLES_WITHIN_MS ? 'NOT_SHOWN' : 'DROPPED'
  }
  return status === 'pending_user_migration' && user.status === UserStatus.PROVISIONING ? 'NEEDS_CONSENT' : 'FAILED'
}

/** Whether a subscriber that is not found was created so recently that not every list of Webex has it. */
export function mayBeTooNew(attempt: ActivationAttempt, now: Date): boolean {
  return sinceLastMs(attempt, 'create', now) < SETTLES_WITHIN_MS
}

export function pollPauseMs(attempt: ActivationAttempt, now: Date): number {
  return Math.min(POLL_PAUSE_MAX_MS, Math.max(FIRST_POLL_PAUSE_MS, elapsedMs(attempt, now) / 4))
}

/** Whether a live user has a change that was recorded while it waited for consent. An update of this attempt is not repeated. */
export function isLeftToUpdate({ attempt, user }: Subject, subscriber: Subscriber): boolean {
  const isRecorded = user.requestedPackageType !== null || user.requestedProfile !== null
  return isRecorded && lastStep(attempt, 'update') === undefined && !isUpdated(subscriber, user)
}

/** Whether the update of an attempt runs or is done. */
export function isUpdateTaken({ user }: Subject, subscriber: Subscriber): boolean {
  return subscriber.status === 'updating' || (subscriber.status === 'provisioned' && isUpdated(subscriber, user))
}

/** How an update that failed is tried again: at once where Webex has not begun it, else after a look. A conflict passes, whatever its code. */
export function retryOfUpdate({ notSent, httpStatus }: WebexError): { again: AttemptPhase; mayPass?: true } {
  const isNotBegun = notSent || httpStatus === 423 || httpStatus === 429
  return { again: isNotBegun ? AttemptPhase.UPDATE : AttemptPhase.UPDATE_SENT, ...(httpStatus === CONFLICT ? { mayPass: true } : {}) }
}
