import { createHash } from 'node:crypto'
import type { UpstreamError } from '../../../provisioning/error-catalog'
import { UserStatus } from '../../../provisioning/lifecycle'
import type { Subscriber } from '../../../webex/webex-types'
import { timestamp, type Timestamp } from '../../../shared/clock'
import { comparisonKey } from '../../../shared/text'
import { isUpdated, upstreamErrorsOf } from '../../activation-attempt/subscriber-mapping'
import { fromWebexPackage } from '../../../webex/webex-package'
import { BROADWORKS_ID_MAX_LENGTH } from '../../provisioned-user/profile'
import { EmailOrigin, type ProvisionedUser } from '../../provisioned-user/provisioned-user.entity'
import type { NewUserFields } from '../../provisioned-user/provisioned-user.creation'
import type { UserFields } from '../../provisioned-user/user-fields'

/** A subscriber that can be kept, with its status in our words. */
export interface Found {
  subscriber: Subscriber
  status: UserStatus
}

/** What has to be known beside a subscriber to say what becomes of its user. */
export interface Terms {
  /** Finds the answer with the subscriber in Cisco's logs. */
  trackingId: string
  /** Nobody else has the address confirmed or vouched for. */
  isAddressFree: boolean
  /** Another living user has the BroadWorks ID. */
  isDuplicate: boolean
}

/** Two users on one cluster cannot have one BroadWorks ID; domain and error catalogue have this code for it. */
const DUPLICATE_BROADWORKS_ID = 200044

const STATUSES = new Map<string, UserStatus>(Object.values(UserStatus).map(status => [status.toLowerCase(), status]))

/** Null for a subscriber in a status that Webex added, or with an ID that no row can hold: that is left alone rather than bent. */
export function readFound(subscriber: Subscriber): Found | null {
  const { id, userId, spEnterpriseId, provisioningId } = subscriber
  const status = STATUSES.get(subscriber.status)
  const isKeepable = fits(id, 200) && fits(userId, BROADWORKS_ID_MAX_LENGTH) && fits(spEnterpriseId, 200) && fits(provisioningId, 200)
  if (!status || !isKeepable) return null
  const { email, personId } = subscriber
  return {
    status,
    subscriber: {
      ...subscriber,
      email: email !== null && fits(email, 254) ? email : null,
      personId: personId !== null && fits(personId, 200) ? personId : null,
    },
  }
}

/** Whether a column of this length holds the text, and PostgreSQL, which refuses a NUL. */
export function fits(text: string, maxLength: number): boolean {
  return text !== '' && text.length <= maxLength && !/\p{Cc}|\p{Cs}/u.test(text)
}

/** A user as Webex has it, whom nobody here knew. */
export function newUserFields(
  { subscriber, status }: Found,
  terms: Terms,
): Omit<NewUserFields, 'partnerId' | 'customerId' | 'onboardingTemplateId'> & Pick<UserFields, 'upstreamErrors'> {
  return {
    ...sharedFields(subscriber),
    broadworksId: subscriber.userId,
    broadworksIdSuffix: terms.isDuplicate ? duplicateSuffix(subscriber) : null,
    webexSubscriberId: subscriber.id,
    webexPersonId: subscriber.personId,
    email: subscriber.email,
    emailOrigin: subscriber.email === null ? null : originOf(status, terms),
    upstreamErrors: terms.isDuplicate ? [duplicateError(terms)] : status === UserStatus.ERROR ? errorsOf(subscriber, terms) : [],
  }
}

/** What becomes of a user of whom Webex shows this: Webex wins, except for what was asked for here and has not reached it. */
export function changedFields(user: ProvisionedUser, found: Found, terms: Terms): { status: UserStatus; fields: Partial<UserFields> } {
  const { subscriber } = found
  const standing = standingOf(user, found, terms)
  return {
    status: standing.status,
    fields: {
      ...sharedFields(subscriber),
      ...recordedProfile(user),
      ...broadworksIdOf(user, subscriber, terms),
      webexSubscriberId: subscriber.id,
      webexPersonId: personOf(user, found),
      ...emailOf(user, found, terms),
      ...standing.fields,
    },
  }
}

/** A time of Webex's, as far as it is one, and not in the future: clocks differ. */
export function timeOf(text: string | null, now: Timestamp): Timestamp {
  const time = Date.parse(text ?? '')
  return Number.isNaN(time) ? now : timestamp(new Date(Math.min(Math.max(time, 0), Date.parse(now))))
}

function sharedFields(subscriber: Subscriber) {
  const { firstName, lastName, primaryPhoneNumber, mobilePhoneNumber, extension, selfActivated } = subscriber
  const packageType = fromWebexPackage(subscriber.package)
  return { firstName, lastName, primaryPhoneNumber, mobilePhoneNumber, extension, selfActivated, packageType }
}

/** Names and numbers that an operator gave and the next attempt brings to Webex. */
function recordedProfile({ requestedProfile }: ProvisionedUser): Partial<UserFields> {
  return Object.fromEntries(Object.entries(requestedProfile ?? {}).map(([field, value]) => [field, value === '' ? null : value]))
}

/**
 * Webex may leave the person out while an update runs or after it failed, but a user never loses a person. A subscriber that replaces
 * the known one has a person only when it is live: one that failed is still to be created.
 */
function personOf(user: ProvisionedUser, { subscriber, status }: Found): string | null {
  const isSame = user.webexSubscriberId === subscriber.id
  return subscriber.personId ?? (isSame || isLive(status) ? user.webexPersonId : null)
}

/** The BroadWorks ID may have been changed at Webex, and a duplicate may have become the only one. */
function broadworksIdOf(user: ProvisionedUser, subscriber: Subscriber, { isDuplicate }: Terms): Partial<UserFields> {
  if (isDuplicate) return {}
  const isSame = comparisonKey(subscriber.userId) === comparisonKey(user.broadworksId)
  return { broadworksIdSuffix: null, ...(isSame ? {} : { broadworksId: subscriber.userId }) }
}

function standingOf(
  user: ProvisionedUser,
  { subscriber, status }: Found,
  terms: Terms,
): { status: UserStatus; fields: Partial<UserFields> } {
  if (user.broadworksIdSuffix !== null && terms.isDuplicate) {
    return { status: UserStatus.ERROR, fields: { upstreamErrors: user.upstreamErrors } }
  }
  if (status === UserStatus.ERROR) return { status, fields: { upstreamErrors: errorsOf(subscriber, terms, user.upstreamErrors) } }
  const isRequested = user.requestedPackageType !== null || user.requestedProfile !== null
  if (status === UserStatus.PROVISIONED && isRequested) {
    if (isUpdated(subscriber, user)) return { status, fields: { upstreamErrors: [], requestedPackageType: null, requestedProfile: null } }
    // An update that Webex refused at once is known only here, and waits for a person.
    const isRefused = user.status === UserStatus.ERROR && user.webexPersonId !== null
    if (isRefused) return { status: user.status, fields: { upstreamErrors: user.upstreamErrors } }
    // What was recorded before the user was live goes to Webex with the attempt that follows from this.
    return { status: UserStatus.PROVISIONING, fields: { upstreamErrors: [] } }
  }
  return { status, fields: { upstreamErrors: [] } }
}

/** Under which address a user is live is Webex's to say, and confirms it. Until then an address on record stays. */
function emailOf(user: ProvisionedUser, { subscriber, status }: Found, terms: Terms): Partial<UserFields> {
  const { email } = subscriber
  if (email === null) return {}
  const origin = originOf(status, terms)
  const isReplaced = user.webexSubscriberId !== subscriber.id
  const isSame = comparisonKey(email) === comparisonKey(user.email ?? '')
  if (user.email === null || isReplaced || (isLive(status) && !isSame)) return { email, emailOrigin: origin }
  return isSame && origin === EmailOrigin.CONFIRMED && user.trustedEmailKey === null ? { emailOrigin: origin } : {}
}

function originOf(status: UserStatus, { isAddressFree }: Terms): EmailOrigin {
  return isLive(status) && isAddressFree ? EmailOrigin.CONFIRMED : EmailOrigin.SYNCED
}

function isLive(status: UserStatus): boolean {
  return status === UserStatus.PROVISIONED || status === UserStatus.UPDATING
}

/** The errors on record where they say the same: they may have the tracking ID of the call itself. */
function errorsOf(subscriber: Subscriber, { trackingId }: Terms, known: UpstreamError[] = []): UpstreamError[] {
  const told = upstreamErrorsOf(subscriber, trackingId)
  const words = (errors: UpstreamError[]) => JSON.stringify(errors.map(({ code, upstreamText }) => [code, upstreamText]))
  // A refusal at once never gets into Webex's list.
  const isSilent = subscriber.errors.length === 0 && known.length > 0
  return isSilent || words(told) === words(known) ? known : told
}

function duplicateError({ trackingId }: Terms): UpstreamError {
  return { code: DUPLICATE_BROADWORKS_ID, httpStatus: null, upstreamText: null, trackingId }
}

/** Begins with a character that no BroadWorks ID has, and is the same in every run. */
function duplicateSuffix({ id }: Subscriber): string {
  return `\n${createHash('sha256').update(id).digest('hex').slice(0, 16)}`
}
