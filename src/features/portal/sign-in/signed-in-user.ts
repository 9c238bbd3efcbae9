import type { XsiProfile } from '../../../broadworks/xsi-client'
import { Checks } from '../../../shared/checks'
import { Refusal, UserErrorCode } from '../../../shared/errors'
import { comparisonKey } from '../../../shared/text'
import { AttemptTrigger } from '../../activation-attempt/activation-attempt.entity'
import type { HandOver } from '../../provisioning-request/provisioning-request.entity'
import {
  handOver,
  type HandOverItem,
  type HandOverTerms,
  prepareHandOver,
  readHandOver,
  waitingForDeletion,
} from '../../provisioning-request/provisioning-request.service'
import type { OnboardingTemplate } from '../../onboarding-template/onboarding-template.entity'
import { findLivingUser } from '../../provisioned-user/provisioned-user.loaders'
import { checkNumbers } from '../../provisioned-user/profile'
import { actingFor, type ActivationContext } from '../portal-context'
import { portalSentence } from '../portal-sentences'
import { refuseInPortal } from '../refusals'
import type { Identity } from './credentials'

/** "The template on the user is not the customer's", "adding the user failed in self-activation", in Cisco's list of portal errors. */
const OTHER_TEMPLATE = 200040
const NOT_ADDED = 200019

/** How long somebody waits for the deletion of who they were before to end. */
const DELETION_WAIT_MS = 5000

/**
 * The user who signed in: the one that lives, else a new one, from the hand-over that outlives a deletion or from the profile.
 * @returns the user's ID
 * @throws Refusal in the portal's words
 */
export async function userOf(ctx: ActivationContext, template: OnboardingTemplate, identity: Identity): Promise<string> {
  const { reader } = ctx.database
  const { partnerId } = template
  const key = comparisonKey('record' in identity ? identity.record.broadworksId : identity.profile.broadworksId)
  const living = await findLivingUser(reader, partnerId, key)
  if (living) {
    if (living.onboardingTemplateId !== template.id) throw refuseWith(ctx, OTHER_TEMPLATE)
    return living.id
  }
  if ('record' in identity) return handOverAs(ctx, template, itemOf(identity.record), {})
  const record = await readHandOver(reader, partnerId, key)
  if (record && record.onboardingTemplateId !== template.id) throw refuseWith(ctx, OTHER_TEMPLATE)
  if (record) return handOverAs(ctx, template, itemOf(record), {})
  // Nobody handed this one over. A template that is ready lets those in: it is of flow-through, or allows to self-activate.
  return handOverAs(ctx, template, itemOfProfile(identity.profile, template), { selfActivated: true })
}

async function handOverAs(
  ctx: ActivationContext,
  template: OnboardingTemplate,
  item: HandOverItem,
  { selfActivated = false }: Pick<HandOverTerms, 'selfActivated'>,
): Promise<string> {
  const acting = actingFor(ctx, template.partnerId)
  const terms = { template, trigger: AttemptTrigger.PORTAL, vouches: false, customerIds: null, selfActivated }
  try {
    const prepared = await prepareHandOver(acting, terms, item)
    const deadline = performance.now() + DELETION_WAIT_MS
    const work = () => ctx.database.transaction(tx => handOver(acting, tx, terms, prepared))
    return (await waitingForDeletion(deadline, [], work)).userId
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const [complaint] = error.complaints
    if (complaint?.code === UserErrorCode.INVALID_STATE) {
      throw refuseInPortal(ctx.locale, UserErrorCode.INVALID_STATE, { text: 'DELETION_UNDER_WAY' })
    }
    ctx.logger.warn({ err: error, onboardingTemplateId: template.id }, 'A user who signed in could not be taken over.')
    throw refuseWith(ctx, complaint?.catalogCode ?? NOT_ADDED)
  }
}

function refuseWith({ locale }: ActivationContext, catalogCode: number): Refusal {
  return new Refusal([{ code: UserErrorCode.INVALID, field: [], message: portalSentence(catalogCode, null, locale), catalogCode }])
}

function itemOf(record: HandOver): HandOverItem {
  const { broadworksId, spEnterpriseId, customerName, firstName, lastName, email, packageType } = record
  const { primaryPhoneNumber, mobilePhoneNumber, extension } = record
  const numbers = { primaryPhoneNumber, mobilePhoneNumber, extension }
  return { broadworksId, spEnterpriseId, customerName, firstName, lastName, email, packageType, ...numbers }
}

/** The enterprise as Webex for BroadWorks knows it: the service provider, `+`, and the enterprise or the group (docs/adr/0022). */
function itemOfProfile(profile: XsiProfile, { enterpriseMode }: OnboardingTemplate): HandOverItem {
  const { broadworksId, firstName, lastName, serviceProviderId, groupId } = profile
  const spEnterpriseId = `${serviceProviderId}+${enterpriseMode ? serviceProviderId : (groupId ?? '')}`
  return { broadworksId, firstName, lastName, spEnterpriseId, ...usable(profile) }
}

/** BroadWorks holds in these fields whatever somebody typed there. What does not do is left out, so that it keeps nobody out. */
function usable({ email, primaryPhoneNumber, mobilePhoneNumber, extension }: XsiProfile): HandOverItem {
  const kept = (check: (checks: Checks) => HandOverItem): HandOverItem => {
    const checks = new Checks()
    const item = check(checks)
    return checks.areFine ? item : {}
  }
  return {
    ...kept(checks => ({ email: checks.optionalEmail(['email'], email) })),
    ...kept(checks => ({ primaryPhoneNumber: checkNumbers(checks, [], { primaryPhoneNumber }).primaryPhoneNumber })),
    ...kept(checks => ({ mobilePhoneNumber: checkNumbers(checks, [], { mobilePhoneNumber }).mobilePhoneNumber })),
    ...kept(checks => ({ extension: checkNumbers(checks, [], { extension }).extension })),
  }
}
