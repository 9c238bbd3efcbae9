import type { UpstreamError } from '../../provisioning/error-catalog'
import type { Subscriber, SubscriberChange, SubscriberCreation } from '../../webex/webex-types'
import { comparisonKey } from '../../shared/text'
import type { Customer } from '../customer/customer.entity'
import type { OnboardingTemplate } from '../onboarding-template/onboarding-template.entity'
import { fromWebexPackage, toWebexPackage } from '../../webex/webex-package'
import type { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import type { UserFields } from '../provisioned-user/user-fields'

/** The body of the call that creates a user at Webex. */
export function creationOf(user: ProvisionedUser, template: OnboardingTemplate, customer: Customer): SubscriberCreation {
  const { primaryPhoneNumber, mobilePhoneNumber, extension } = user
  return {
    provisioningId: template.provisioningId,
    userId: user.broadworksId,
    spEnterpriseId: customer.spEnterpriseId,
    firstName: user.firstName,
    lastName: user.lastName,
    package: toWebexPackage(user.requestedPackageType ?? user.packageType),
    // The lifecycle starts no creation without an address.
    email: user.email ?? '',
    ...(primaryPhoneNumber ? { primaryPhoneNumber } : {}),
    ...(mobilePhoneNumber ? { mobilePhoneNumber } : {}),
    ...(extension ? { extension } : {}),
    ...(template.language ? { language: template.language.replace('-', '_') } : {}),
  }
}

/** The body of the call that updates a user: what was asked for. A package that nobody asked for is sent only when nothing else is. */
export function changeOf({ requestedProfile, requestedPackageType, packageType }: ProvisionedUser): SubscriberChange {
  if (requestedPackageType) return { ...requestedProfile, package: toWebexPackage(requestedPackageType) }
  return requestedProfile ?? { package: toWebexPackage(packageType) }
}

/** Whether a subscriber has what its update asks for. */
export function isUpdated(subscriber: Subscriber, user: ProvisionedUser): boolean {
  const { package: webexPackage, ...profile } = changeOf(user)
  const fields = Object.entries(profile) as [keyof typeof profile, string][]
  return (
    (webexPackage ?? subscriber.package) === subscriber.package && fields.every(([field, value]) => (subscriber[field] ?? '') === value)
  )
}

/** What Webex has is what the user has, once it is provisioned. It may leave the person out; there is no way back to a user without one. */
export function fieldsFrom(subscriber: Subscriber, user: ProvisionedUser): Partial<UserFields> {
  return {
    webexPersonId: subscriber.personId ?? user.webexPersonId,
    firstName: subscriber.firstName,
    lastName: subscriber.lastName,
    primaryPhoneNumber: subscriber.primaryPhoneNumber,
    mobilePhoneNumber: subscriber.mobilePhoneNumber,
    extension: subscriber.extension,
    packageType: fromWebexPackage(subscriber.package),
    requestedPackageType: null,
    requestedProfile: null,
    upstreamErrors: [],
  }
}

/** What Webex says of an attempt that did not end well; also for a state from which nothing goes on by itself. */
export function upstreamErrorsOf({ errors, status }: Subscriber, trackingId: string): UpstreamError[] {
  const told = errors.map(({ code, description }) => ({ code, httpStatus: null, upstreamText: description, trackingId }))
  return told.length > 0 ? told : [{ code: null, httpStatus: null, upstreamText: `status ${status}`, trackingId }]
}

/** Whether a subscriber has what its creation would say today. Numbers are left out: Webex may write them in its own way. */
export function isAsAsked(subscriber: Subscriber, user: ProvisionedUser): boolean {
  return (
    comparisonKey(subscriber.email ?? '') === comparisonKey(user.email ?? '') &&
    subscriber.package === toWebexPackage(user.requestedPackageType ?? user.packageType) &&
    subscriber.firstName === user.firstName &&
    subscriber.lastName === user.lastName
  )
}

/** Whether a subscriber found by its BroadWorks ID is the one that we sent: across clusters there may be others. */
export function isOurs(subscriber: Subscriber, user: ProvisionedUser, customer: Customer, template: OnboardingTemplate): boolean {
  return (
    comparisonKey(subscriber.userId) === comparisonKey(user.broadworksId) &&
    subscriber.spEnterpriseId === customer.spEnterpriseId &&
    subscriber.provisioningId === template.provisioningId
  )
}
