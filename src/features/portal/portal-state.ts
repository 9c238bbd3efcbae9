import { readById } from '../../database/rows'
import { primaryError } from '../../provisioning/error-catalog'
import { UserStatus } from '../../provisioning/lifecycle'
import { OnboardingTemplate } from '../onboarding-template/onboarding-template.entity'
import { activationLinkOf } from '../onboarding-template/user-verification'
import { Partner } from '../partner/partner.entity'
import type { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { readUser } from '../provisioned-user/provisioned-user.loaders'
import type { ActivationContext } from './portal-context'
import { type Activation, type ActivationError, ActivationStep } from './portal.types'
import { portalSentence, portalText } from './portal-sentences'

/** "The mail could not be sent", in Cisco's list of portal errors. */
export const MAIL_NOT_SENT = 200022

/**
 * How far a user is; null for one who was deleted.
 * @param isSignedIn false for whoever only has a mail: the address may be mistyped, and the reader of the mail a stranger
 */
export async function activationOf(ctx: ActivationContext, userId: string, isSignedIn = true): Promise<Activation | null> {
  const { reader } = ctx.database
  const user = await readUser(reader, userId)
  if (!user || user.deletedAt) return null
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
    error: errorOf(ctx, user, step),
    canTryAgain: step === ActivationStep.ERROR,
    activationLink: isSignedIn ? activationLinkOf(template, ctx.publicUrl()) : null,
  }
}

function stepOf({ status, emailConfirmedAt, webexPersonId }: ProvisionedUser): ActivationStep {
  // Whoever was live once is done here, also while a change of theirs runs or has failed: that is the provider's to mend.
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

function errorOf({ locale }: ActivationContext, user: ProvisionedUser, step: ActivationStep): ActivationError | null {
  if (step === ActivationStep.CONFIRM_EMAIL && user.validationMailRefusedAt !== null) {
    return { code: MAIL_NOT_SENT, message: portalSentence(MAIL_NOT_SENT, null, locale) }
  }
  if (step !== ActivationStep.ERROR) return null
  const error = primaryError(user.upstreamErrors)
  return { code: error?.code ?? null, message: portalSentence(error?.code ?? null, error?.httpStatus ?? null, locale) }
}
