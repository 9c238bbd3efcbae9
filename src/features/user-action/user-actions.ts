import type { Transaction } from '../../database/database'
import type { Acting } from '../../context/context'
import type { Effect, Facts } from '../../provisioning/lifecycle'
import { enqueue } from '../../queue/define-job'
import { JobPriority } from '../../queue/job-queue'
import { timestamp } from '../../shared/clock'
import { comparisonKey } from '../../shared/text'
import type { AttemptTrigger } from '../activation-attempt/activation-attempt.entity'
import { cancelAttempts, startAttempt } from '../activation-attempt/activation-attempt.service'
import { mayBeCreatedLate } from '../activation-attempt/unanswered-creation'
import { requireWritable } from '../partner/connection.service'
import { refuseTakenAddress } from '../provisioned-user/addresses'
import { releaseAfterDeletion } from './admin-first'
import type { PackageType } from '../../provisioning/package-type'
import { EmailOrigin, type ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { deleteSubscriberJob } from '../provisioned-user/provisioned-user.jobs'
import { applyTrigger, requireAllowed } from '../provisioned-user/provisioned-user.transition'

/**
 * What an administrator can do to a user, one at a time or in bulk. Each `check` refuses whatever its action would refuse, and changes
 * nothing; each action checks before its first write, so that a refusal leaves a transaction of many users as it was.
 */

/** @throws Refusal INVALID_STATE, EMAIL_REQUIRED, INVALID or TAKEN for `email`, UPSTREAM_REFUSED */
export async function checkRetry(
  ctx: Acting,
  tx: Pick<Transaction, 'manager'>,
  user: ProvisionedUser,
  email: string | null,
): Promise<Pick<Facts, 'emailGiven' | 'emailOnRecord' | 'emailDiffers'>> {
  const facts = {
    emailGiven: email !== null,
    emailOnRecord: user.trustedEmailKey !== null,
    emailDiffers: email !== null && comparisonKey(email) !== comparisonKey(user.email ?? ''),
  }
  requireAllowed(user, 'RETRY_ACTIVATION', facts, 'retryActivation')
  if (email !== null) await refuseTakenAddress(tx, user.partnerId, email, user.id)
  await requireWritable(ctx)
  return facts
}

/** Starts the activation again, with an address that somebody vouches for, or with the one on record. */
export async function retry(
  ctx: Acting,
  tx: Transaction,
  user: ProvisionedUser,
  { email, trigger }: { email: string | null; trigger: AttemptTrigger },
): Promise<void> {
  const facts = await checkRetry(ctx, tx, user, email)
  const { user: after, effect } = await applyTrigger(ctx, tx, user, {
    trigger: 'RETRY_ACTIVATION',
    facts,
    fields: { upstreamErrors: [], automaticAttempts: 0, ...(email === null ? {} : { email, emailOrigin: EmailOrigin.VOUCHED }) },
    action: 'retryActivation',
  })
  await startAttempt(ctx, tx, after, effect, trigger, { newEmail: facts.emailDiffers })
}

/** @returns null when the user has the package, and no other is asked for. @throws Refusal INVALID_STATE, UPSTREAM_REFUSED */
export async function checkPackageChange(ctx: Acting, user: ProvisionedUser, packageType: PackageType): Promise<Effect | null> {
  const { effect } = requireAllowed(user, 'CHANGE_PACKAGE_TYPE', {}, 'changePackageType')
  if (user.packageType === packageType && user.requestedPackageType === null) return null
  if (effect === 'UPDATE') await requireWritable(ctx)
  return effect
}

/** Gives another package: at Webex for a user who is there, else with the next attempt. */
export async function changePackage(
  ctx: Acting,
  tx: Transaction,
  user: ProvisionedUser,
  { packageType, trigger }: { packageType: PackageType; trigger: AttemptTrigger },
): Promise<void> {
  const effect = await checkPackageChange(ctx, user, packageType)
  if (effect === null) return
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

/** @throws Refusal INVALID_STATE, UPSTREAM_REFUSED */
export async function checkDeletion(
  ctx: Acting,
  { manager }: Pick<Transaction, 'manager'>,
  user: ProvisionedUser,
): Promise<{ creationUnconfirmed: boolean; mayBeAtWebex: boolean }> {
  requireAllowed(user, 'DELETE_USER', {}, 'deleteUser')
  const creationUnconfirmed =
    user.webexSubscriberId === null && (user.creationUnconfirmed || (await mayBeCreatedLate(manager, user.id, ctx.clock.now())))
  const mayBeAtWebex = user.webexSubscriberId !== null || creationUnconfirmed
  if (mayBeAtWebex) await requireWritable(ctx)
  return { creationUnconfirmed, mayBeAtWebex }
}

/** Deletes the user here at once, and at Webex by a job. @param priority of that job */
export async function remove(ctx: Acting, tx: Transaction, user: ProvisionedUser, priority = JobPriority.ORDINARY): Promise<void> {
  const { creationUnconfirmed, mayBeAtWebex } = await checkDeletion(ctx, tx, user)
  await applyTrigger(ctx, tx, user, {
    trigger: 'DELETE_USER',
    fields: { creationUnconfirmed, deletionEndedAt: mayBeAtWebex ? null : timestamp(ctx.clock.now()) },
    action: 'deleteUser',
  })
  await cancelAttempts(ctx, tx, user.id)
  await releaseAfterDeletion(ctx, tx, user)
  if (mayBeAtWebex) await enqueue(ctx, tx, deleteSubscriberJob, { userId: user.id }, { priority })
}
