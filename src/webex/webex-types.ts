/** A BroadWorks subscriber as Webex tells it, decoded; the fields of Cisco's published OpenAPI. */
export interface Subscriber {
  id: string
  personId: string | null
  userId: string
  spEnterpriseId: string
  provisioningId: string
  firstName: string
  lastName: string
  email: string | null
  primaryPhoneNumber: string | null
  mobilePhoneNumber: string | null
  extension: string | null
  package: WebexPackage
  /** In lower case: one of the documented seven, or whatever Webex adds to them. */
  status: string
  errors: SubscriberError[]
  /** When it was made at Webex. RFC 3339, or null when absent. */
  created: string | null
  /** RFC 3339, or null when absent. */
  lastStatusChange: string | null
  selfActivated: boolean
}

/** A customer as Webex tells it, decoded. */
export interface Enterprise {
  spEnterpriseId: string
  orgId: string | null
  provisioningId: string | null
}

export interface SubscriberError {
  code: number | null
  description: string | null
}

export type WebexPackage = 'softphone' | 'basic' | 'standard' | 'premium'

export interface SubscriberCreation {
  provisioningId: string
  userId: string
  spEnterpriseId: string
  firstName: string
  lastName: string
  package: WebexPackage
  email: string
  primaryPhoneNumber?: string
  mobilePhoneNumber?: string
  extension?: string
  language?: string
}

/** What a precheck is asked about: the address, and whatever else is known. */
export type SubscriberPrecheck = Pick<SubscriberCreation, 'email'> & Partial<SubscriberCreation>

/** A remark of a precheck that passed; 100 says that there is none. */
export interface PrecheckInfo {
  code: number | null
  description: string | null
}

/** Only what changes; an empty text removes a phone number or extension. Webex has no way to change an address. */
export type SubscriberChange = Partial<
  Pick<SubscriberCreation, 'firstName' | 'lastName' | 'package' | 'primaryPhoneNumber' | 'mobilePhoneNumber' | 'extension'>
>
