import type { Context } from '../../../context/context'
import { refuse, UserErrorCode } from '../../../shared/errors'
import { findUser } from '../../user-action/user-action.service'
import { applyTrigger, requireAllowed } from '../../provisioned-user/provisioned-user.transition'
import { enqueueValidationMail, newValidation, takeMail } from './validation-mailing'

const ACTION = 'resendValidationEmail'

/** Has the validation mail sent again, for an administrator. @throws Refusal NOT_FOUND, INVALID_STATE, LIMIT_EXCEEDED */
export async function resendValidationEmail(ctx: Context, userId: string): Promise<string> {
  // Looked at before a mail is counted, and again in the transaction.
  const known = await findUser(ctx, ctx.database.reader, userId)
  requireAllowed(known, 'RESEND_VALIDATION_EMAIL', {}, ACTION)
  // Webex may hold somebody in this state of whom it does not tell the address.
  if (known.email === null) throw refuse(UserErrorCode.EMAIL_REQUIRED, [], 'No address of this user is known; retry activation with one.')
  await takeMail(ctx, userId)
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
