import type { Context } from '../../context/context'
import { readById } from '../../database/rows'
import type { SubscriberPrecheck } from '../../webex/webex-types'
import { Checks } from '../../shared/checks'
import { type Complaint, Refusal, refuse, UserErrorCode } from '../../shared/errors'
import { comparisonKey } from '../../shared/text'
import { Customer } from '../customer/customer.entity'
import { customerBySpEnterpriseId } from '../customer/customer.loaders'
import { otherTemplate, SP_ENTERPRISE_ID, usersOfBroadworksId } from '../provisioning-request/provisioning-request.service'
import { OnboardingTemplate } from '../onboarding-template/onboarding-template.entity'
import { templateById } from '../onboarding-template/onboarding-template.loaders'
import { refuseTakenAddress } from '../provisioned-user/addresses'
import { toWebexPackage } from '../../webex/webex-package'
import { BROADWORKS_ID_MAX_LENGTH, checkNumbers, NAME_MAX_LENGTH } from '../provisioned-user/profile'
import type { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { userById } from '../provisioned-user/provisioned-user.loaders'
import { requireAllowed } from '../provisioned-user/provisioned-user.transition'
import type { PrecheckItem } from './precheck.inputs'

export interface Examined {
  /** What our own rules have against it. */
  complaints: Complaint[]
  /** What Webex is to be asked; null when there is nothing to ask. */
  question: SubscriberPrecheck | null
  /** Why Webex was not asked, although nothing is wrong. */
  remark: string | null
}

/**
 * Holds an item against our own rules. What is well formed and about somebody the caller may see goes to Webex too, whatever else we have
 * against it, so that the caller is told everything at once.
 * @param twin the earlier item of the same request with the same address or BroadWorks ID
 */
export async function examine(ctx: Context, item: PrecheckItem, path: string[], twin: Twin | null): Promise<Examined> {
  try {
    const examined = item.userId == null ? await examineNewcomer(ctx, item, path) : await examineUser(ctx, item, item.userId, path)
    return { ...examined, complaints: [...(twin ? [complaintAbout(twin, path)] : []), ...examined.complaints] }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { complaints: [...error.complaints], question: null, remark: null }
  }
}

interface Twin {
  field: 'email' | 'broadworksId'
  index: number
}

/** For each item, the first one before it that would take the same address or BroadWorks ID. */
export function twins(items: PrecheckItem[]): (Twin | null)[] {
  const known = new Map<string, number>()
  return items.map((item, index) => {
    let found: Twin | null = null
    for (const field of ['email', 'broadworksId'] as const) {
      const text = item[field]?.trim()
      if (!text) continue
      const key = `${field} ${comparisonKey(text)}`
      const first = known.get(key)
      if (first === undefined) known.set(key, index)
      else found ??= { field, index: first }
    }
    return found
  })
}

function complaintAbout({ field, index }: Twin, path: string[]): Complaint {
  return { code: UserErrorCode.TAKEN, field: [...path, field], message: `\`users.${index}\` of this request has the same \`${field}\`.` }
}

/** A user who is there and would be retried with the address. */
async function examineUser(ctx: Context, item: PrecheckItem, userId: string, path: string[]): Promise<Examined> {
  const checks = new Checks()
  const email = checks.email([...path, 'email'], item.email)
  checks.throwIfAny()
  const user = await ctx.load(userById, userId)
  if (!user) throw refuse(UserErrorCode.NOT_FOUND, [...path, 'userId'], 'There is no user with this `userId`.')
  const { userId: _, email: __, ...others } = item
  if (Object.values(others).some(value => value != null)) {
    throw refuse(
      UserErrorCode.INVALID,
      [...path, 'userId'],
      'Of a user who is there, everything but the address is known: leave the other fields out.',
    )
  }
  const emailDiffers = comparisonKey(email) !== comparisonKey(user.email ?? '')
  const complaints = await complaintsOf(
    () =>
      void requireAllowed(
        user,
        'RETRY_ACTIVATION',
        { emailGiven: true, emailOnRecord: user.trustedEmailKey !== null, emailDiffers },
        'retryActivation',
      ),
    () => refuseTakenAddress({ manager: ctx.database.reader }, user.partnerId, email, user.id),
  )
  const within = complaints.map(complaint => ({ ...complaint, field: [...path, ...complaint.field] }))
  // It would find its own subscriber under the address.
  const isKnownThere = user.webexSubscriberId !== null && !emailDiffers
  if (isKnownThere) return { complaints: within, question: null, remark: 'Webex was not asked: it has this address for this user already.' }
  return { complaints: within, question: await questionAbout(ctx, user, email), remark: null }
}

async function questionAbout(ctx: Context, user: ProvisionedUser, email: string): Promise<SubscriberPrecheck> {
  const [customer, template] = await Promise.all([
    readById(ctx.database.reader, Customer, user.customerId),
    readById(ctx.database.reader, OnboardingTemplate, user.onboardingTemplateId),
  ])
  return question({
    ...user,
    email,
    // Of its own subscriber, Webex would say that the ID is taken; it is deleted before another is created.
    broadworksId: user.webexSubscriberId === null ? user.broadworksId : null,
    spEnterpriseId: customer?.spEnterpriseId ?? null,
    provisioningId: template?.provisioningId ?? null,
    packageType: user.requestedPackageType ?? user.packageType,
  })
}

/** Somebody who would be handed over; whatever is not given is not looked at. */
async function examineNewcomer(ctx: Context, item: PrecheckItem, path: string[]): Promise<Examined> {
  const checks = new Checks()
  const email = checks.email([...path, 'email'], item.email)
  const broadworksId = checks.optionalText([...path, 'broadworksId'], item.broadworksId, BROADWORKS_ID_MAX_LENGTH)
  const spEnterpriseId = checks.optionalText([...path, 'spEnterpriseId'], item.spEnterpriseId, 200, SP_ENTERPRISE_ID)
  const firstName = checks.optionalText([...path, 'firstName'], item.firstName, NAME_MAX_LENGTH)
  const lastName = checks.optionalText([...path, 'lastName'], item.lastName, NAME_MAX_LENGTH)
  const numbers = checkNumbers(checks, path, item)
  checks.throwIfAny()
  const template = item.onboardingTemplateId == null ? null : await ctx.load(templateById, item.onboardingTemplateId)
  if (item.onboardingTemplateId != null && !template) {
    const message = 'There is no onboarding template with this `onboardingTemplateId`.'
    throw refuse(UserErrorCode.NOT_FOUND, [...path, 'onboardingTemplateId'], message)
  }
  const customer = spEnterpriseId === null ? null : await ctx.load(customerBySpEnterpriseId, spEnterpriseId)
  if (spEnterpriseId !== null && !customer && ctx.viewer.customerIds) {
    throw refuse(UserErrorCode.NOT_FOUND, [...path, 'spEnterpriseId'], 'There is no customer with this enterprise ID.')
  }
  const { partnerId } = ctx.viewer
  const complaints = await complaintsOf(
    () => refuseTakenAddress({ manager: ctx.database.reader }, partnerId, email, null, path),
    () => (broadworksId === null ? undefined : refuseTakenId(ctx, broadworksId, path)),
    () => {
      if (customer && template && customer.onboardingTemplateId !== template.id) throw otherTemplate(path)
    },
  )
  const packageType = item.packageType ?? template?.defaultPackageType ?? null
  const provisioningId = template?.provisioningId ?? null
  const asked = question({ email, broadworksId, spEnterpriseId, provisioningId, firstName, lastName, packageType, ...numbers })
  return { complaints, question: asked, remark: null }
}

async function refuseTakenId(ctx: Context, broadworksId: string, path: string[]): Promise<void> {
  const users = await usersOfBroadworksId(ctx.database.reader, ctx.viewer.partnerId, comparisonKey(broadworksId))
  const field = [...path, 'broadworksId']
  if (users.some(({ deletedAt }) => deletedAt === null)) {
    throw refuse(
      UserErrorCode.TAKEN,
      field,
      `A user with the BroadWorks ID ${broadworksId} is there already; to look at another address for it, give its \`userId\`.`,
    )
  }
  if (users.length > 0) {
    const message = `${broadworksId} was deleted, and Webex has not finished deleting it; try again in a minute.`
    throw refuse(UserErrorCode.INVALID_STATE, field, message)
  }
}

/** What all of the rules have against it. */
async function complaintsOf(...rules: (() => void | Promise<void>)[]): Promise<Complaint[]> {
  const found: Complaint[] = []
  for (const rule of rules) {
    try {
      await rule()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      found.push(...error.complaints)
    }
  }
  return found
}

type Known = Pick<ProvisionedUser, 'primaryPhoneNumber' | 'mobilePhoneNumber' | 'extension'> & {
  email: string
  packageType: ProvisionedUser['packageType'] | null
} & Record<'broadworksId' | 'spEnterpriseId' | 'provisioningId' | 'firstName' | 'lastName', string | null>

/** What is known, in Webex's words; what is not is left out. */
function question({ email, broadworksId, packageType, ...known }: Known): SubscriberPrecheck {
  const { spEnterpriseId, provisioningId, firstName, lastName, primaryPhoneNumber, mobilePhoneNumber, extension } = known
  const said = {
    userId: broadworksId,
    package: packageType && toWebexPackage(packageType),
    ...{ spEnterpriseId, provisioningId, firstName, lastName, primaryPhoneNumber, mobilePhoneNumber, extension },
  }
  return { email, ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null)) }
}
