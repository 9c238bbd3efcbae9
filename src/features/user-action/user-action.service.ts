import type { EntityManager } from 'typeorm'
import type { Context } from '../../context/context'
import { once } from '../../context/idempotency'
import { readRow } from '../../database/rows'
import { Checks } from '../../shared/checks'
import { refuse, UserErrorCode } from '../../shared/errors'
import { AttemptTrigger } from '../activation-attempt/activation-attempt.entity'
import { writableCheck } from '../partner/connection.service'
import type { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { readUser, visibleUsers } from '../provisioned-user/provisioned-user.loaders'
import { sendConsentMailAgain } from './consent-mail'
import type {
  ChangePackageTypeInput,
  DeleteUserInput,
  ResendConsentEmailInput,
  RetryActivationInput,
  UpdateProvisionedUserInput,
} from './user-action.inputs'
import { type ActionSubject, type CheckedAction, checkDeletion, checkPackageChange, checkProfileChange, checkRetry } from './user-actions'

/** Starts the activation again, with the given address or the one on record. Returns the user's ID. */
export async function retryActivation(ctx: Context, input: RetryActivationInput): Promise<string> {
  const checks = new Checks()
  const email = checks.optionalEmail(['email'], input.email)
  checks.throwIfAny()
  return change(ctx, 'retryActivation', input, subject => checkRetry(subject, { email, trigger: AttemptTrigger.ADMIN }))
}

/** Gives another package: at Webex for a live user, else with the next attempt. The current package is success without a call. */
export async function changePackageType(ctx: Context, input: ChangePackageTypeInput): Promise<string> {
  const { packageType } = input
  return change(ctx, 'changePackageType', input, subject => checkPackageChange(subject, { packageType, trigger: AttemptTrigger.ADMIN }))
}

/** Changes names and numbers: at Webex for a live user, else on record for the next attempt. */
export async function updateProvisionedUser(ctx: Context, input: UpdateProvisionedUserInput): Promise<string> {
  return change(ctx, 'updateProvisionedUser', input, subject => checkProfileChange(subject, { input, trigger: AttemptTrigger.ADMIN }))
}

/** Deletes the user here at once, and at Webex by a job. Returns the IDs of the user and of the customer. */
export async function deleteUser(ctx: Context, input: DeleteUserInput): Promise<{ deletedUserId: string; customerId: string | null }> {
  const objectId = await change(ctx, 'deleteUser', input, subject => checkDeletion(subject))
  // Under a key of an earlier release the customer's ID stands behind the user's.
  const [deletedUserId = ''] = objectId.split(' ')
  const tombstone = await readUser(ctx.database.reader, deletedUserId)
  return { deletedUserId, customerId: tombstone?.customerId ?? null }
}

/** Has Webex send the consent mail again. @throws Refusal UPSTREAM_REFUSED with what Webex said. */
export async function resendConsentEmail(ctx: Context, { userId }: ResendConsentEmailInput): Promise<string> {
  const user = await findUser(ctx, ctx.database.reader, userId)
  await sendConsentMailAgain(ctx, user)
  return user.id
}

async function change(
  ctx: Context,
  mutation: string,
  input: { userId: string; idempotencyKey?: string | null },
  check: (subject: ActionSubject) => Promise<CheckedAction | null>,
): Promise<string> {
  const { objectId } = await ctx.database.transaction(tx =>
    once(ctx, tx, mutation, input, async () => {
      const user = await findUser(ctx, tx.manager, input.userId)
      const act = await check({ ctx, manager: tx.manager, user, requireWritable: writableCheck(ctx) })
      await act?.(tx)
      return user.id
    }),
  )
  return objectId
}

/** @throws Refusal NOT_FOUND for a user that does not exist, or that the caller may not see */
export async function findUser(ctx: Context, manager: EntityManager, userId: string): Promise<ProvisionedUser> {
  const user = await readRow(visibleUsers(ctx, manager).andWhere('row.id = :userId', { userId }))
  if (!user) throw refuse(UserErrorCode.NOT_FOUND, ['userId'], 'There is no user with this `userId`.')
  return user
}
