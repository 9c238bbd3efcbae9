import { readById } from '../../database/rows'
import { primaryError } from '../../provisioning/error-catalog'
import { UserStatus } from '../../provisioning/lifecycle'
import { OnboardingTemplate } from '../onboarding-template/onboarding-template.entity'
import { activationLinkOf } from '../onboarding-template/user-verification'
import { Partner } from '../partner/partner.entity'
import type { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import type { PortalContext } from './portal-context'
import { type Activation, type ActivationError, ActivationStep } from './portal.types'
import { portalSentence, type PortalLocale, portalText } from './portal-sentences'

/** "The mail could not be sent", in Cisco's list of portal errors. */
export const MAIL_NOT_SENT = 200022

/**
 * The portal state of a user: the step, and what the page shows with it. Null when the partner or the template is gone.
 * @param isSignedIn false when the request only has the token of a mail. The address may be mistyped and the reader of the mail a stranger,
 *   who must not see the BroadWorks ID.
 */
export async function portalStateOf(ctx: PortalContext, user: ProvisionedUser, isSignedIn: boolean): Promise<Activation | null> {
  const { reader } = ctx.database
  const partner = await readById(reader, Partner, user.partnerId)
  const template = await readById(reader, OnboardingTemplate, user.onboardingTemplateId)
  if (!partner || !template) return null
  const step = stepOf(user)
  return {
    step,
    broadworksId: isSignedIn ? user.broadworksId : null,
    firstName: user.firstName,
    partnerName: partner.name,
    email: user.email,
    // Source: the known issues of Webex for BroadWorks in Cisco's help.
    emailWarning: user.email?.includes('+') ? portalText('EMAIL_PLUS', ctx.locale) : null,
    linkExpiresAt: step === ActivationStep.CONFIRM_EMAIL ? user.validationExpiresAt : null,
    error: errorOf(user, step, ctx.locale),
    canTryAgain: step === ActivationStep.ERROR,
    activationLink: isSignedIn ? activationLinkOf(template, ctx.publicUrl()) : null,
  }
}

function stepOf({ status, emailConfirmedAt, webexPersonId }: ProvisionedUser): ActivationStep {
  // A user who has been active is done here, even while a later change runs or has failed: the provider resolves that.
  if (webexPersonId !== null) return ActivationStep.DONE
  switch (status) {
    case UserStatus.PENDING_EMAIL_INPUT:
      return ActivationStep.ENTER_EMAIL
    case UserStatus.PENDING_EMAIL_VALIDATION:
      return emailConfirmedAt === null ? ActivationStep.CONFIRM_EMAIL : ActivationStep.WAIT_FOR_FIRST_USER
    case UserStatus.PENDING_USER_MIGRATION:
      return ActivationStep.GIVE_CONSENT
    case UserStatus.PROVISIONING:
    case UserStatus.UPDATING:
      return ActivationStep.PROVISIONING
    case UserStatus.PROVISIONED:
      return ActivationStep.DONE
    case UserStatus.ERROR:
      return ActivationStep.ERROR
  }
}

function errorOf(user: ProvisionedUser, step: ActivationStep, locale: PortalLocale): ActivationError | null {
  if (step === ActivationStep.CONFIRM_EMAIL && user.validationMailRefusedAt !== null) {
    return { code: MAIL_NOT_SENT, message: portalSentence(MAIL_NOT_SENT, null, locale) }
  }
  if (step !== ActivationStep.ERROR) return null
  const error = primaryError(user.upstreamErrors)
  return { code: error?.code ?? null, message: portalSentence(error?.code ?? null, error?.httpStatus ?? null, locale) }
}
