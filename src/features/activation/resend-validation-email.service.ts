import type { Context } from '../../graphql/context'
import { findUser } from '../provisioned-user/provisioned-user.service'
import { applyTrigger, requireAllowed } from '../provisioned-user/provisioned-user.transition'
import { enqueueValidationMail, newValidation, takeMail } from './validation-mailing'

const ACTION = 'resendValidationEmail'

/** Has the validation mail sent again, for an administrator. @throws Refusal NOT_FOUND, INVALID_STATE, LIMIT_EXCEEDED */
export async function resendValidationEmail(ctx: Context, userId: string): Promise<string> {
  // Looked at before a mail is counted, and again in the transaction.
  requireAllowed(await findUser(ctx, ctx.database.reader, userId), 'RESEND_VALIDATION_EMAIL', {}, ACTION)
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
