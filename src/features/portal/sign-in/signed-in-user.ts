import type { XsiProfile } from '../../../broadworks/xsi-client'
import { Checks } from '../../../shared/checks'
import { NotSignedIn, Refusal, UserErrorCode } from '../../../shared/errors'
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
import { checkNumbers } from '../../provisioned-user/profile'
import type { ProvisionedUser } from '../../provisioned-user/provisioned-user.entity'
import { findLivingUser, readUser } from '../../provisioned-user/provisioned-user.loaders'
import { actingAsPortal, type PortalContext } from '../portal-context'
import { PortalRefusal } from '../refusals'
import type { Identity } from './credentials'

/** "The template on the user is not the customer's", "adding the user failed in self-activation", in Cisco's list of portal errors. */
const OTHER_TEMPLATE = 200040
const NOT_ADDED = 200019

/** How long a sign-in waits until Webex has deleted the previous user of the same BroadWorks ID. */
const DELETION_WAIT_MS = 5000

/**
 * The user who signed in: the existing one, else a new one, made from the record of the provisioning request, which outlives a deletion,
 * or from the profile.
 * @throws Refusal INVALID_STATE while the previous user is being deleted; INVALID with 200040 or 200050 for another template, with 200019
 *   when the data cannot be activated
 */
export async function userOf(ctx: PortalContext, template: OnboardingTemplate, identity: Identity): Promise<ProvisionedUser> {
  const { reader } = ctx.database
  const { partnerId } = template
  const key = comparisonKey('record' in identity ? identity.record.broadworksId : identity.profile.broadworksId)
  const living = await findLivingUser(reader, partnerId, key)
  if (living) {
    if (living.onboardingTemplateId !== template.id) throw refuseWith(OTHER_TEMPLATE)
    return living
  }
  if ('record' in identity) return addUser(ctx, template, itemOf(identity.record), {})
  const record = await readHandOver(reader, partnerId, key)
  if (record && record.onboardingTemplateId !== template.id) throw refuseWith(OTHER_TEMPLATE)
  if (record) return addUser(ctx, template, itemOf(record), {})
  // Never imported. A template that is ready admits such users: it is of flow-through, or allows self-activation.
  return addUser(ctx, template, itemOfProfile(identity.profile, template), { selfActivated: true })
}

async function addUser(
  ctx: PortalContext,
  template: OnboardingTemplate,
  item: HandOverItem,
  { selfActivated = false }: Pick<HandOverTerms, 'selfActivated'>,
): Promise<ProvisionedUser> {
  const acting = actingAsPortal(ctx, template.partnerId, ctx.requestId)
  const terms = { template, trigger: AttemptTrigger.PORTAL, vouches: false, customerIds: null, selfActivated }
  try {
    const prepared = await prepareHandOver(acting, terms, item)
    const deadline = performance.now() + DELETION_WAIT_MS
    const work = () => ctx.database.transaction(tx => handOver(acting, tx, terms, prepared))
    const { userId } = await waitingForDeletion(deadline, [], work)
    const user = await readUser(ctx.database.reader, userId)
    if (!user || user.deletedAt) throw new NotSignedIn('The user was deleted during the sign-in.')
    return user
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const [complaint] = error.complaints
    if (complaint?.reason === 'DELETION_UNDER_WAY') throw new PortalRefusal(UserErrorCode.INVALID_STATE, 'DELETION_UNDER_WAY')
    ctx.logger.warn({ err: error, onboardingTemplateId: template.id }, 'A user who signed in could not be added.')
    // The other complaints are about data that the user did not enter and cannot correct.
    throw refuseWith(complaint?.catalogCode ?? NOT_ADDED)
  }
}

function refuseWith(catalogCode: number): Refusal {
  return new Refusal([{ code: UserErrorCode.INVALID, field: [], message: `The sign-in failed with ${catalogCode}.`, catalogCode }])
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

/** The optional fields of a profile that pass our checks. BroadWorks accepts any text there; an invalid one must not block a sign-in. */
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
