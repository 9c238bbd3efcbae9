import type { EntityManager } from 'typeorm'
import { readById } from '../../database/rows'
import { isTransient, primaryError } from '../../provisioning/error-catalog'
import { Checks } from '../../shared/checks'
import { NotSignedIn, UserErrorCode } from '../../shared/errors'
import { comparisonKey } from '../../shared/text'
import { AttemptTrigger } from '../activation-attempt/activation-attempt.entity'
import { startAttempt } from '../activation-attempt/activation-attempt.service'
import { OnboardingTemplate } from '../onboarding-template/onboarding-template.entity'
import { isReady } from '../onboarding-template/user-verification'
import { refuseTakenAddress } from '../provisioned-user/addresses'
import { sendConsentMailAgain } from '../user-action/consent-mail'
import { confirmEmail as confirm } from '../user-action/admin-first'
import { EmailOrigin, type ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { readUser } from '../provisioned-user/provisioned-user.loaders'
import { applyTrigger, requireAllowed } from '../provisioned-user/provisioned-user.transition'
import { actingFor, type ActivationContext } from './portal-context'
import { portalText } from './portal-sentences'
import { inPortalWords, refuseInPortal } from './refusals'
import { enqueueValidationMail, newValidation, takeMail } from './validation-mail/validation-mailing'
import { readValidationToken } from './validation-mail/validation-token'

/**
 * Takes the address down and sends the validation mail. Each of these steps answers the user's ID.
 * @throws Refusal REQUIRED, INVALID, TOO_LONG or TAKEN for `email`, INVALID_STATE, LIMIT_EXCEEDED; NotSignedIn
 */
export function submitEmail(ctx: ActivationContext, given: string): Promise<string> {
  return inPortalWords(ctx.locale, async () => {
    const { reader } = ctx.database
    const user = await userOfSession(ctx, reader)
    await requireReady(ctx, user)
    const { id, partnerId } = user
    const acting = actingFor(ctx, partnerId)
    const checks = new Checks()
    const email = checks.email(['email'], given)
    checks.throwIfAny()
    // A second tab may not know yet that the address is confirmed and its user waits for somebody else.
    if (user.emailConfirmedAt !== null && comparisonKey(email) === comparisonKey(user.email ?? '')) return id
    // Looked at before a mail is counted, and again in the transaction.
    requireAllowed(user, 'SUBMIT_EMAIL', {}, 'submitEmail')
    await refuseTakenAddress({ manager: reader }, partnerId, email, id)
    await takeMail(ctx, id)
    await ctx.database.transaction(async tx => {
      await refuseTakenAddress(tx, partnerId, email, id)
      const { user: after } = await applyTrigger(acting, tx, await userOfSession(ctx, tx.manager), {
        trigger: 'SUBMIT_EMAIL',
        fields: { email, emailOrigin: EmailOrigin.SUBMITTED, upstreamErrors: [], ...newValidation(ctx) },
        action: 'submitEmail',
      })
      await enqueueValidationMail(acting, tx, after)
    })
    return id
  })
}

/**
 * Confirms the address that the mail with this token was sent to, and starts the activation; with "provision admin first", once the
 * first user of the customer is live.
 * @throws Refusal INVALID for `token`; TAKEN when another user was quicker to confirm the address
 */
export async function confirmEmail(ctx: ActivationContext, given: string): Promise<string> {
  const token = await readValidationToken(ctx, given.trim())
  const refused = (text: 'TOKEN_EXPIRED' | 'TOKEN_INVALID' | 'TOKEN_USED') =>
    refuseInPortal(ctx.locale, UserErrorCode.INVALID, { field: ['token'], text })
  if (token === 'EXPIRED') throw refused('TOKEN_EXPIRED')
  if (token === 'INVALID') throw refused('TOKEN_INVALID')
  const { userId, validationId } = token
  const isConfirmed = await inPortalWords(ctx.locale, () =>
    ctx.database.transaction(async tx => {
      const user = await readUser(tx.manager, userId)
      if (!user || user.deletedAt || user.validationId !== validationId) return false
      await confirm(actingFor(ctx, user.partnerId), tx, user)
      return true
    }),
  )
  if (!isConfirmed) throw refused('TOKEN_USED')
  return userId
}

/**
 * Leads on after an error, to the step that can be mended: where it may pass, Webex is asked once more with the address that is confirmed;
 * else back to the address, which is kept to begin with.
 * @throws Refusal INVALID_STATE; NotSignedIn
 */
export function tryAgain(ctx: ActivationContext): Promise<string> {
  return inPortalWords(ctx.locale, () =>
    ctx.database.transaction(async tx => {
      const user = await userOfSession(ctx, tx.manager)
      await requireReady(ctx, user)
      const acting = actingFor(ctx, user.partnerId)
      const fields = { upstreamErrors: [], automaticAttempts: 0 }
      const error = primaryError(user.upstreamErrors)
      requireAllowed(user, 'TRY_AGAIN', {}, 'tryAgain')
      if (error && isTransient(error) && user.trustedEmailKey !== null) {
        const facts = { emailOnRecord: true }
        const { user: after, effect } = await applyTrigger(acting, tx, user, {
          trigger: 'RETRY_ACTIVATION',
          facts,
          fields,
          action: 'tryAgain',
        })
        await startAttempt(acting, tx, after, effect, AttemptTrigger.PORTAL)
        return user.id
      }
      const emailOrigin = user.email === null ? null : EmailOrigin.SUGGESTED
      await applyTrigger(acting, tx, user, { trigger: 'TRY_AGAIN', fields: { ...fields, emailOrigin }, action: 'tryAgain' })
      return user.id
    }),
  )
}

/** Has Webex send its consent mail again. @throws Refusal INVALID_STATE, UPSTREAM_REFUSED, LIMIT_EXCEEDED; NotSignedIn */
export function resendConsentEmail(ctx: ActivationContext): Promise<string> {
  return inPortalWords(ctx.locale, async () => {
    const user = await userOfSession(ctx, ctx.database.reader)
    requireAllowed(user, 'RESEND_CONSENT_EMAIL', {}, 'resendConsentEmail')
    await takeMail(ctx, user.id)
    await sendConsentMailAgain(actingFor(ctx, user.partnerId), user)
    return user.id
  })
}

/** Somebody may have changed the template while its users are at the portal. */
async function requireReady({ database, locale }: ActivationContext, { onboardingTemplateId }: ProvisionedUser): Promise<void> {
  const template = await readById(database.reader, OnboardingTemplate, onboardingTemplateId)
  if (!template || !isReady(template)) throw refuseInPortal(locale, UserErrorCode.INVALID_STATE, { text: 'LINK_NOT_READY' })
}

async function userOfSession({ userId, locale }: ActivationContext, manager: EntityManager): Promise<ProvisionedUser> {
  const user = userId === null ? null : await readUser(manager, userId)
  if (!user || user.deletedAt) throw new NotSignedIn(portalText('SESSION_NEEDED', locale))
  return user
}
