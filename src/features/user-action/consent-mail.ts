import { runToCompletion } from '../../shared/deadline'
import type { Acting } from '../../context/context'
import { WebexError } from '../../webex/webex-error'
import { timestamp } from '../../shared/clock'
import { refuse, UserErrorCode } from '../../shared/errors'
import { enqueueConsentWatch } from '../activation-attempt/consent-watch'
import { recordAudit } from '../audit-event/audit-event.service'
import { writableCheck } from '../partner/connection.service'
import { changeUser } from '../provisioned-user/change-user'
import type { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { amendUser, requireAllowed } from '../provisioned-user/provisioned-user.transition'
import { aboutUser } from '../provisioned-user/user-fields'

/**
 * Has Webex send the mail again that asks the owner of an existing account to agree to the move.
 * @returns the user afterwards; null when the user was deleted meanwhile
 * @throws Refusal INVALID_STATE, or UPSTREAM_REFUSED with what Webex said
 */
export async function sendConsentMailAgain(ctx: Acting, user: ProvisionedUser): Promise<ProvisionedUser | null> {
  requireAllowed(user, 'RESEND_CONSENT_EMAIL', {}, 'resendConsentEmail')
  await writableCheck(ctx)()
  const client = await ctx.webex.of(user.partnerId)
  // From here on to its end: the mail cannot be taken back, and is to be on record.
  return runToCompletion(async () => {
    await client.resendConsentEmail(user.webexSubscriberId ?? '').catch((error: unknown) => {
      if (!(error instanceof WebexError)) throw error
      const tracking = error.trackingId ? ` (tracking ID ${error.trackingId})` : ''
      const message = `Webex did not send the mail: ${error.message}${tracking}`
      throw refuse(UserErrorCode.UPSTREAM_REFUSED, [], message, 'CONSENT_MAIL_NOT_SENT')
    })
    return changeUser(ctx.database, user, async (tx, current) => {
      await recordAudit(ctx, tx, { ...aboutUser(user), action: 'resendConsentEmail' })
      if (!current) return null
      // The owner may answer this mail at once, while the watch since the first one has long pauses by now.
      const consentMailedAt = timestamp(ctx.clock.now())
      const after = await amendUser(ctx, tx, current, { consentMailedAt })
      await enqueueConsentWatch(ctx, tx, user.id, consentMailedAt)
      return after
    })
  })
}
