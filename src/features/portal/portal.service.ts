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
import { changeUser } from '../provisioned-user/change-user'
import { sendConsentMailAgain } from '../user-action/consent-mail'
import { confirmEmail as confirm } from '../user-action/admin-first'
import { EmailOrigin, type ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { readUser } from '../provisioned-user/provisioned-user.loaders'
import { applyTrigger, requireAllowed } from '../provisioned-user/provisioned-user.transition'
import { actingAsPortal, type PortalContext } from './portal-context'
import { PortalRefusal } from './refusals'
import { countMail, enqueueValidationMail, newValidation } from './validation-mail/validation-mailing'
import { readValidationToken } from './validation-mail/validation-token'

/** The user of the session; null without a session, and when the user was deleted. */
export async function userOfSession({ userId, database }: PortalContext): Promise<ProvisionedUser | null> {
  const user = userId === null ? null : await readUser(database.reader, userId)
  return user?.deletedAt === null ? user : null
}

/**
 * Records the address and sends the validation mail. Like every step, returns the user as it is afterwards.
 * @throws Refusal REQUIRED, INVALID, TOO_LONG or TAKEN for `email`, INVALID_STATE, LIMIT_EXCEEDED; NotSignedIn
 */
export async function submitEmail(ctx: PortalContext, given: string): Promise<ProvisionedUser> {
  const user = signedIn(await userOfSession(ctx))
  await requireReady(ctx, user)
  const { id, partnerId } = user
  const acting = actingAsPortal(ctx, partnerId, ctx.requestId)
  const checks = new Checks()
  const email = checks.email(['email'], given)
  checks.throwIfAny()
  // A second tab may still offer the step although the address is confirmed and its user waits for the first user of the customer.
  if (user.emailConfirmedAt !== null && comparisonKey(email) === comparisonKey(user.email ?? '')) return user
  // Checked before the mail is counted, and again in the transaction.
  requireAllowed(user, 'SUBMIT_EMAIL', {}, 'submitEmail')
  await refuseTakenAddress({ manager: ctx.database.reader }, partnerId, email, id)
  await countMail(ctx, id)
  return changeUser(ctx.database, user, async (tx, current) => {
    await refuseTakenAddress(tx, partnerId, email, id)
    const { user: after } = await applyTrigger(acting, tx, signedIn(current), {
      trigger: 'SUBMIT_EMAIL',
      fields: { email, emailOrigin: EmailOrigin.SUBMITTED, upstreamErrors: [], ...newValidation(ctx) },
      action: 'submitEmail',
    })
    await enqueueValidationMail(acting, tx, after)
    return after
  })
}

/**
 * Confirms the address that received this token, and starts the activation. With "provision admin first", the activation starts when the
 * first user of the customer is active.
 * @throws Refusal INVALID for `token`; TAKEN when another user confirmed the address first
 */
export async function confirmEmail(ctx: PortalContext, given: string): Promise<ProvisionedUser> {
  const refused = (text: 'TOKEN_EXPIRED' | 'TOKEN_INVALID' | 'TOKEN_USED') =>
    new PortalRefusal(UserErrorCode.INVALID, text, { field: ['token'] })
  const token = await readValidationToken(ctx, given.trim())
  if (token === 'EXPIRED') throw refused('TOKEN_EXPIRED')
  if (token === 'INVALID') throw refused('TOKEN_INVALID')
  const { userId, validationId } = token
  return ctx.database.transaction(async tx => {
    const user = await readUser(tx.manager, userId)
    if (!user || user.deletedAt || user.validationId !== validationId) throw refused('TOKEN_USED')
    return confirm(actingAsPortal(ctx, user.partnerId, ctx.requestId), tx, user)
  })
}

/**
 * Leads on after an error. After a transient error, Webex is called again with the confirmed address; after any other, the user returns to
 * the address, which is kept as a suggestion.
 * @throws Refusal INVALID_STATE; NotSignedIn
 */
export async function tryAgain(ctx: PortalContext): Promise<ProvisionedUser> {
  const user = signedIn(await userOfSession(ctx))
  await requireReady(ctx, user)
  const acting = actingAsPortal(ctx, user.partnerId, ctx.requestId)
  return changeUser(ctx.database, user, async (tx, found) => {
    const current = signedIn(found)
    const fields = { upstreamErrors: [], automaticAttempts: 0 }
    const error = primaryError(current.upstreamErrors)
    requireAllowed(current, 'TRY_AGAIN', {}, 'tryAgain')
    if (error && isTransient(error) && current.trustedEmailKey !== null) {
      const facts = { emailOnRecord: true }
      const retry = { trigger: 'RETRY_ACTIVATION', facts, fields, action: 'tryAgain' } as const
      const { user: after, effect } = await applyTrigger(acting, tx, current, retry)
      await startAttempt(acting, tx, after, effect, AttemptTrigger.PORTAL)
      return after
    }
    const emailOrigin = current.email === null ? null : EmailOrigin.SUGGESTED
    const step = { trigger: 'TRY_AGAIN', fields: { ...fields, emailOrigin }, action: 'tryAgain' } as const
    return (await applyTrigger(acting, tx, current, step)).user
  })
}

/** Has Webex send its consent mail again. @throws Refusal INVALID_STATE, UPSTREAM_REFUSED, LIMIT_EXCEEDED; NotSignedIn */
export async function resendConsentEmail(ctx: PortalContext): Promise<ProvisionedUser> {
  const user = signedIn(await userOfSession(ctx))
  requireAllowed(user, 'RESEND_CONSENT_EMAIL', {}, 'resendConsentEmail')
  await countMail(ctx, user.id)
  return signedIn(await sendConsentMailAgain(actingAsPortal(ctx, user.partnerId, ctx.requestId), user))
}

/** An administrator can change the template while its users are at the portal. */
async function requireReady({ database }: PortalContext, { onboardingTemplateId }: ProvisionedUser): Promise<void> {
  const template = await readById(database.reader, OnboardingTemplate, onboardingTemplateId)
  if (!template || !isReady(template)) throw new PortalRefusal(UserErrorCode.INVALID_STATE, 'LINK_NOT_READY')
}

function signedIn(user: ProvisionedUser | null): ProvisionedUser {
  if (!user) throw new NotSignedIn('No user of the portal is signed in.')
  return user
}
