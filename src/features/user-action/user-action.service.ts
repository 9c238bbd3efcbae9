import type { EntityManager } from 'typeorm'
import type { Transaction } from '../../database/database'
import { readRow } from '../../database/rows'
import type { Context } from '../../context/context'
import { once } from '../../context/idempotency'
import { Checks } from '../../shared/checks'
import { refuse, UserErrorCode } from '../../shared/errors'
import { AttemptTrigger } from '../activation-attempt/activation-attempt.entity'
import { startAttempt } from '../activation-attempt/activation-attempt.service'
import { sendConsentMailAgain } from './consent-mail'
import { checkProfile } from '../provisioned-user/profile'
import type { ProfileChange, ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import type {
  ChangePackageTypeInput,
  DeleteUserInput,
  ResendConsentEmailInput,
  RetryActivationInput,
  UpdateProvisionedUserInput,
} from './user-action.inputs'
import { visibleUsers } from '../provisioned-user/provisioned-user.loaders'
import { applyTrigger, requireAllowed } from '../provisioned-user/provisioned-user.transition'
import type { UserFields } from '../provisioned-user/user-fields'
import { changePackage, remove, retry } from './user-actions'

/** Starts the activation again, with the given address or the one on record. Answers the user's ID. */
export async function retryActivation(ctx: Context, input: RetryActivationInput): Promise<string> {
  const checks = new Checks()
  const email = checks.optionalEmail(['email'], input.email)
  checks.throwIfAny()
  return change(ctx, 'retryActivation', input, (tx, user) => retry(ctx, tx, user, { email, trigger: AttemptTrigger.ADMIN }))
}

/** Gives another package: at Webex for a user who is there, else with the next attempt. The current package is success without a call. */
export async function changePackageType(ctx: Context, input: ChangePackageTypeInput): Promise<string> {
  const { packageType } = input
  return change(ctx, 'changePackageType', input, (tx, user) => changePackage(ctx, tx, user, { packageType, trigger: AttemptTrigger.ADMIN }))
}

/** Changes names and numbers: at Webex for a user who is there, else on record for the next attempt. */
export async function updateProvisionedUser(ctx: Context, input: UpdateProvisionedUserInput): Promise<string> {
  return change(ctx, 'updateProvisionedUser', input, async (tx, user) => {
    const { effect } = requireAllowed(user, 'UPDATE_PROFILE', {}, 'updateProvisionedUser')
    const changed = checkProfile(user, input)
    if (Object.keys(changed).length === 0) return
    const { user: after } = await applyTrigger(ctx, tx, user, {
      trigger: 'UPDATE_PROFILE',
      // Recorded, the next creation takes it from the user; whom Webex holds already may go on there without one, and needs the update.
      fields: {
        ...(effect === 'RECORD' ? recorded(changed) : { upstreamErrors: [], automaticAttempts: 0 }),
        ...(user.webexSubscriberId ? { requestedProfile: { ...user.requestedProfile, ...changed } } : {}),
      },
      action: 'updateProvisionedUser',
    })
    if (effect === 'UPDATE') await startAttempt(ctx, tx, after, effect, AttemptTrigger.ADMIN)
  })
}

/** Deletes the user here at once, and at Webex by a job. Answers the IDs of the user and of the customer. */
export async function deleteUser(ctx: Context, input: DeleteUserInput): Promise<{ deletedUserId: string; customerId: string }> {
  const { objectId } = await ctx.database.transaction(tx =>
    once(ctx, tx, 'deleteUser', input, async () => {
      const user = await findUser(ctx, tx.manager, input.userId)
      await remove(ctx, tx, user)
      return `${user.id} ${user.customerId}`
    }),
  )
  const [deletedUserId, customerId] = objectId.split(' ') as [string, string]
  return { deletedUserId, customerId }
}

/** Has Webex send the consent mail again. @throws Refusal UPSTREAM_REFUSED with what Webex said. */
export async function resendConsentEmail(ctx: Context, { userId }: ResendConsentEmailInput): Promise<string> {
  const user = await findUser(ctx, ctx.database.reader, userId)
  await sendConsentMailAgain(ctx, user)
  return user.id
}

/** What a change of the profile makes of the user's own fields. */
function recorded(changed: ProfileChange): Partial<UserFields> {
  return Object.fromEntries(Object.entries(changed).map(([field, value]) => [field, value === '' ? null : value]))
}

async function change(
  ctx: Context,
  mutation: string,
  input: { userId: string; idempotencyKey?: string | null },
  work: (tx: Transaction, user: ProvisionedUser) => Promise<void>,
): Promise<string> {
  const { objectId } = await ctx.database.transaction(tx =>
    once(ctx, tx, mutation, input, async () => {
      const user = await findUser(ctx, tx.manager, input.userId)
      await work(tx, user)
      return user.id
    }),
  )
  return objectId
}

/** @throws Refusal NOT_FOUND for who is not there, or whom the caller may not see */
export async function findUser(ctx: Context, manager: EntityManager, userId: string): Promise<ProvisionedUser> {
  const user = await readRow(visibleUsers(ctx, manager).andWhere('row.id = :userId', { userId }))
  if (!user) throw refuse(UserErrorCode.NOT_FOUND, ['userId'], 'There is no user with this `userId`.')
  return user
}
