import type { EntityManager } from 'typeorm'
import type { Acting } from '../../context/context'
import type { Transaction } from '../../database/database'
import type { PackageType } from '../../provisioning/package-type'
import { enqueue } from '../../queue/define-job'
import { JobPriority } from '../../queue/job-queue'
import { timestamp } from '../../shared/clock'
import { comparisonKey } from '../../shared/text'
import type { AttemptTrigger } from '../activation-attempt/activation-attempt.entity'
import { cancelAttempts, startAttempt } from '../activation-attempt/activation-attempt.service'
import { mayBeCreatedLate } from '../activation-attempt/unanswered-creation'
import type { RequireWritable } from '../partner/connection.service'
import { refuseTakenAddress } from '../provisioned-user/addresses'
import { checkProfile, type ProfileInput } from '../provisioned-user/profile'
import { EmailOrigin, type ProfileChange, type ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { deleteSubscriberJob } from '../provisioned-user/provisioned-user.jobs'
import { applyTrigger, requireAllowed } from '../provisioned-user/provisioned-user.transition'
import type { UserFields } from '../provisioned-user/user-fields'
import { releaseAfterDeletion } from './admin-first'

/** The user that an action is about, and the means of its check. */
export interface ActionSubject {
  ctx: Acting
  /** For reads; that of the transaction where the action follows. */
  manager: EntityManager
  user: ProvisionedUser
  requireWritable: RequireWritable
}

/**
 * Carries out what its check allowed, in the transaction of the change, without reading or checking again. Single mutations and items of
 * bulk operations call it; dry runs do not. Each check refuses before anything is written, so one refused user leaves a transaction of
 * many users as it was.
 */
export type CheckedAction = (tx: Transaction) => Promise<void>

/**
 * Checks a new activation with a vouched address, or with the one on record.
 * @throws Refusal INVALID_STATE, EMAIL_REQUIRED, INVALID or TAKEN for `email`, UPSTREAM_REFUSED
 */
export async function checkRetry(
  { ctx, manager, user, requireWritable }: ActionSubject,
  { email, trigger }: { email: string | null; trigger: AttemptTrigger },
): Promise<CheckedAction> {
  const facts = {
    emailGiven: email !== null,
    emailOnRecord: user.trustedEmailKey !== null,
    emailDiffers: email !== null && comparisonKey(email) !== comparisonKey(user.email ?? ''),
  }
  requireAllowed(user, 'RETRY_ACTIVATION', facts, 'retryActivation')
  if (email !== null) await refuseTakenAddress({ manager }, user.partnerId, email, user.id)
  await requireWritable()
  return async tx => {
    const { user: after, effect } = await applyTrigger(ctx, tx, user, {
      trigger: 'RETRY_ACTIVATION',
      facts,
      fields: { upstreamErrors: [], automaticAttempts: 0, ...(email === null ? {} : { email, emailOrigin: EmailOrigin.VOUCHED }) },
      action: 'retryActivation',
    })
    await startAttempt(ctx, tx, after, effect, trigger, { newEmail: facts.emailDiffers })
  }
}

/**
 * Checks another package: at Webex for a user that Webex has, else with the next attempt.
 * @returns null when the user has the package and no other is requested
 * @throws Refusal INVALID_STATE, UPSTREAM_REFUSED
 */
export async function checkPackageChange(
  { ctx, user, requireWritable }: ActionSubject,
  { packageType, trigger }: { packageType: PackageType; trigger: AttemptTrigger },
): Promise<CheckedAction | null> {
  const { effect } = requireAllowed(user, 'CHANGE_PACKAGE_TYPE', {}, 'changePackageType')
  if (user.packageType === packageType && user.requestedPackageType === null) return null
  if (effect === 'UPDATE') await requireWritable()
  return async tx => {
    const { user: after } = await applyTrigger(ctx, tx, user, {
      trigger: 'CHANGE_PACKAGE_TYPE',
      fields:
        effect === 'RECORD'
          ? { requestedPackageType: user.packageType === packageType ? null : packageType }
          : { requestedPackageType: packageType, upstreamErrors: [], automaticAttempts: 0 },
      action: 'changePackageType',
    })
    if (effect === 'UPDATE') await startAttempt(ctx, tx, after, effect, trigger)
  }
}

/**
 * Checks a change of names and numbers: at Webex for a user that Webex has, else on record for the next attempt.
 * @returns null when nothing differs
 * @throws Refusal INVALID_STATE, UPSTREAM_REFUSED, and those of the fields
 */
export async function checkProfileChange(
  { ctx, user, requireWritable }: ActionSubject,
  { input, trigger }: { input: ProfileInput; trigger: AttemptTrigger },
): Promise<CheckedAction | null> {
  const { effect } = requireAllowed(user, 'UPDATE_PROFILE', {}, 'updateProvisionedUser')
  const changed = checkProfile(user, input)
  if (Object.keys(changed).length === 0) return null
  if (effect === 'UPDATE') await requireWritable()
  return async tx => {
    const { user: after } = await applyTrigger(ctx, tx, user, {
      trigger: 'UPDATE_PROFILE',
      // The next creation takes recorded fields from the user. A user that Webex has already may go on there without a creation, and needs the update.
      fields: {
        ...(effect === 'RECORD' ? recorded(changed) : { upstreamErrors: [], automaticAttempts: 0 }),
        ...(user.webexSubscriberId ? { requestedProfile: { ...user.requestedProfile, ...changed } } : {}),
      },
      action: 'updateProvisionedUser',
    })
    if (effect === 'UPDATE') await startAttempt(ctx, tx, after, effect, trigger)
  }
}

/** A change of the profile as fields of the user; an empty text removes a number. */
function recorded(changed: ProfileChange): Partial<UserFields> {
  return Object.fromEntries(Object.entries(changed).map(([field, value]) => [field, value === '' ? null : value]))
}

/**
 * Checks a deletion: here at once, and at Webex by a job.
 * @param priority of that job
 * @throws Refusal INVALID_STATE, UPSTREAM_REFUSED
 */
export async function checkDeletion(
  { ctx, manager, user, requireWritable }: ActionSubject,
  priority = JobPriority.ORDINARY,
): Promise<CheckedAction> {
  requireAllowed(user, 'DELETE_USER', {}, 'deleteUser')
  const creationUnconfirmed =
    user.webexSubscriberId === null && (user.creationUnconfirmed || (await mayBeCreatedLate(manager, user.id, ctx.clock.now())))
  const mayBeAtWebex = user.webexSubscriberId !== null || creationUnconfirmed
  if (mayBeAtWebex) await requireWritable()
  return async tx => {
    await applyTrigger(ctx, tx, user, {
      trigger: 'DELETE_USER',
      fields: { creationUnconfirmed, deletionEndedAt: mayBeAtWebex ? null : timestamp(ctx.clock.now()) },
      action: 'deleteUser',
    })
    await cancelAttempts(ctx, tx, user.id)
    await releaseAfterDeletion(ctx, tx, user)
    if (mayBeAtWebex) await enqueue(ctx, tx, deleteSubscriberJob, { userId: user.id }, { priority })
  }
}
