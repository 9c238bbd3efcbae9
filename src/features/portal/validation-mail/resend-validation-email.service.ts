import type { Context } from '../../../context/context'
import { refuse, UserErrorCode } from '../../../shared/errors'
import { findUser } from '../../user-action/user-action.service'
import { applyTrigger, requireAllowed } from '../../provisioned-user/provisioned-user.transition'
import { countMail, enqueueValidationMail, newValidation } from './validation-mailing'

const ACTION = 'resendValidationEmail'

/** Sends the validation mail again, for an administrator. Returns the user's ID. @throws Refusal NOT_FOUND, INVALID_STATE, LIMIT_EXCEEDED */
export async function resendValidationEmail(ctx: Context, userId: string): Promise<string> {
  // Checked before the mail is counted, and again in the transaction.
  const known = await findUser(ctx, ctx.database.reader, userId)
  requireAllowed(known, 'RESEND_VALIDATION_EMAIL', {}, ACTION)
  // A sync can find a user in this state at Webex without learning the address.
  if (known.email === null) throw refuse(UserErrorCode.EMAIL_REQUIRED, [], 'No address of this user is known; retry activation with one.')
  await countMail(ctx, userId)
  await ctx.database.transaction(async tx => {
    const { user } = await applyTrigger(ctx, tx, await findUser(ctx, tx.manager, userId), {
      trigger: 'RESEND_VALIDATION_EMAIL',
      fields: newValidation(ctx),
      action: ACTION,
    })
    await enqueueValidationMail(ctx, tx, user)
  })
  return userId
}
