import { registerEnumType } from 'type-graphql'
import { PackageType } from '../../provisioning/package-type'
import { ErrorSurface, Fixer } from '../../provisioning/error-catalog'
import { UserStatus } from '../../provisioning/lifecycle'

/** What an administrator can do about a user; which of them, and when, is the lifecycle's table. */
export enum UserAction {
  RETRY_ACTIVATION = 'RETRY_ACTIVATION',
  CHANGE_PACKAGE_TYPE = 'CHANGE_PACKAGE_TYPE',
  DELETE_USER = 'DELETE_USER',
  RESEND_CONSENT_EMAIL = 'RESEND_CONSENT_EMAIL',
  RESEND_VALIDATION_EMAIL = 'RESEND_VALIDATION_EMAIL',
}

registerEnumType(UserStatus, {
  name: 'UserStatus',
  description: 'Where a user stands on the way to Webex. Stuck are the three pending ones and ERROR: they wait for a person.',
  valuesConfig: {
    PENDING_EMAIL_INPUT: { description: 'No address is known yet: the user has to sign in to the portal, or an operator has to give one.' },
    PENDING_EMAIL_VALIDATION: { description: 'The user typed an address and has not followed the link in the mail.' },
    PENDING_USER_MIGRATION: { description: 'The address belongs to an existing Webex account; its owner has to consent to the move.' },
    PROVISIONING: { description: 'Webex is at work; minutes for the first user of a customer.' },
    PROVISIONED: { description: 'Live.' },
    UPDATING: { description: 'A change of a live user is at work.' },
    ERROR: { description: 'The last attempt failed; see `errors` and `diagnosis`.' },
  },
})

registerEnumType(UserAction, {
  name: 'UserAction',
  description: 'What can be done about a user now.',
  valuesConfig: {
    RETRY_ACTIVATION: { description: 'Start the activation again: `retryActivation`.' },
    CHANGE_PACKAGE_TYPE: { description: 'Give another package: `changePackageType`.' },
    DELETE_USER: { description: 'Delete the user here and at Webex: `deleteUser`.' },
    RESEND_CONSENT_EMAIL: { description: 'Have Webex send the consent mail again: `resendConsentEmail`.' },
    RESEND_VALIDATION_EMAIL: { description: 'Send the validation mail again.' },
  },
})

registerEnumType(Fixer, {
  name: 'Fixer',
  description: 'Who has to act first.',
  valuesConfig: {
    USER: { description: 'The user.' },
    PARTNER_ADMIN: { description: "The service provider's administrator." },
    CISCO: { description: 'Cisco; report it with the tracking ID.' },
    NOBODY: { description: 'Nobody: it goes on by itself.' },
  },
})

registerEnumType(ErrorSurface, {
  name: 'ErrorSurface',
  description: 'Where an error shows itself.',
  valuesConfig: {
    API: { description: 'In the answer to a call of the Webex API.' },
    ASYNC: { description: 'In the errors of a subscriber, after the call was accepted.' },
    PORTAL: { description: 'To the user, in the activation portal.' },
    DIRECTORY_SYNC: { description: 'In the status of a directory synchronization.' },
    BROADWORKS: { description: 'In BroadWorks, when the service is assigned.' },
  },
})

registerEnumType(PackageType, {
  name: 'PackageType',
  description: 'Package of Webex for BroadWorks.',
  valuesConfig: {
    SOFTPHONE: { description: 'Calling only: no messaging, no meetings.' },
    BASIC: { description: 'Calling, messaging, meetings in spaces up to 25 people; no Personal Meeting Room.' },
    STANDARD: { description: 'As Basic; meetings in spaces and in the Personal Meeting Room up to 100 people.' },
    PREMIUM: { description: 'As Standard; up to 300 people in spaces, 1,000 in the Personal Meeting Room.' },
  },
})
