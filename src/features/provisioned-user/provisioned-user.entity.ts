import { Directive, Field, ObjectType } from 'type-graphql'
import { Check, Entity, ForeignKey, Index } from 'typeorm'
import {
  BooleanColumn,
  EnumColumn,
  IdColumn,
  IntegerColumn,
  JsonColumn,
  LongTextColumn,
  oneOf,
  ReferenceColumn,
  TextColumn,
  TimestampColumn,
} from '../../database/columns'
import { Node } from '../../graphql/node'
import { DateTime, EmailAddress } from '../../graphql/scalars'
import type { UpstreamError } from '../../provisioning/error-catalog'
import { UserStatus } from '../../provisioning/lifecycle'
import type { Timestamp } from '../../shared/clock'
import { Customer } from '../customer/customer.entity'
import { OnboardingTemplate } from '../onboarding-template/onboarding-template.entity'
import { Partner } from '../partner/partner.entity'
import { BUCKET_LENGTH } from '../change-log/user-bucket'
import { PackageType } from '../../provisioning/package-type'
import './user-enums'

/** How an address came to us. Only confirmed and vouched ones are ever sent upstream. */
export enum EmailOrigin {
  /** BroadWorks handed it over for a template that does not trust it: it only pre-fills the portal. */
  SUGGESTED = 'SUGGESTED',
  /** The user typed it in the portal, and has not followed the mail yet. */
  SUBMITTED = 'SUBMITTED',
  /** The user followed the mail. */
  CONFIRMED = 'CONFIRMED',
  /** An operator typed it, or BroadWorks handed it over for a template that trusts it. */
  VOUCHED = 'VOUCHED',
  /** Webex had it already. */
  SYNCED = 'SYNCED',
}

/** Names and numbers that a change still has to bring to Webex; an empty text removes the value. */
export type ProfileChange = Partial<Record<'firstName' | 'lastName' | 'primaryPhoneNumber' | 'mobilePhoneNumber' | 'extension', string>>

const LIVING = 'deleted_at IS NULL'
/** Lists are mostly about the few who are not live yet: each order has a small index of those, with the status to filter by. */
const UNFINISHED = 'unfinished = true'

@Entity()
@Index('provisioned_user_broadworks_id', ['partnerId', 'broadworksIdKey'], { unique: true, where: LIVING })
@Index('provisioned_user_trusted_email', ['partnerId', 'trustedEmailKey'], {
  unique: true,
  where: `${LIVING} AND trusted_email_key IS NOT NULL`,
})
@Index('provisioned_user_created_at', ['partnerId', 'createdAt', 'id'], { where: LIVING })
@Index('provisioned_user_last_status_change', ['partnerId', 'lastStatusChange', 'id'], { where: LIVING })
@Index('provisioned_user_last_name', ['partnerId', 'lastNameKey', 'id'], { where: LIVING })
@Index('provisioned_user_template_created_at', ['onboardingTemplateId', 'createdAt', 'id'], { where: LIVING })
@Index('provisioned_user_template_last_status_change', ['onboardingTemplateId', 'lastStatusChange', 'id'], { where: LIVING })
@Index('provisioned_user_template_broadworks_id', ['onboardingTemplateId', 'broadworksIdKey', 'id'], { where: LIVING })
@Index('provisioned_user_template_last_name', ['onboardingTemplateId', 'lastNameKey', 'id'], { where: LIVING })
@Index('provisioned_user_customer_created_at', ['customerId', 'createdAt', 'id'], { where: LIVING })
@Index('provisioned_user_unfinished_created_at', ['partnerId', 'unfinished', 'createdAt', 'id', 'status'], { where: UNFINISHED })
@Index('provisioned_user_unfinished_last_status_change', ['partnerId', 'unfinished', 'lastStatusChange', 'id', 'status'], {
  where: UNFINISHED,
})
@Index('provisioned_user_unfinished_broadworks_id', ['partnerId', 'unfinished', 'broadworksIdKey', 'id', 'status'], { where: UNFINISHED })
@Index('provisioned_user_unfinished_last_name', ['partnerId', 'unfinished', 'lastNameKey', 'id', 'status'], { where: UNFINISHED })
@Index('provisioned_user_template_unfinished_created_at', ['onboardingTemplateId', 'unfinished', 'createdAt', 'id', 'status'], {
  where: UNFINISHED,
})
@Index(
  'provisioned_user_template_unfinished_last_status_change',
  ['onboardingTemplateId', 'unfinished', 'lastStatusChange', 'id', 'status'],
  { where: UNFINISHED },
)
@Index('provisioned_user_template_unfinished_broadworks_id', ['onboardingTemplateId', 'unfinished', 'broadworksIdKey', 'id', 'status'], {
  where: UNFINISHED,
})
@Index('provisioned_user_template_unfinished_last_name', ['onboardingTemplateId', 'unfinished', 'lastNameKey', 'id', 'status'], {
  where: UNFINISHED,
})
@Index('provisioned_user_customer_unfinished', ['customerId', 'unfinished', 'status'], { where: UNFINISHED })
@Index('provisioned_user_busy', ['lastStatusChange', 'id'], { where: `${LIVING} AND status IN ('PROVISIONING', 'UPDATING')` })
@Index('provisioned_user_cause', ['partnerId', 'causeKey', 'lastStatusChange', 'id'], { where: 'cause_key IS NOT NULL' })
@Index('provisioned_user_customer_cause', ['customerId', 'causeKey', 'lastStatusChange', 'id'], { where: 'cause_key IS NOT NULL' })
@Index('provisioned_user_error_code', ['partnerId', 'errorCode', 'createdAt', 'id'], { where: `${LIVING} AND error_code IS NOT NULL` })
@Index('provisioned_user_live', ['customerId'], { where: `${LIVING} AND webex_person_id IS NOT NULL` })
@Index('provisioned_user_parked', ['onboardingTemplateId', 'id'], { where: 'parked_attempt_id IS NOT NULL' })
@Index('provisioned_user_webex_subscriber', ['partnerId', 'webexSubscriberId'], { where: 'webex_subscriber_id IS NOT NULL' })
@Index('provisioned_user_tombstone', ['partnerId', 'broadworksIdKey', 'deletedAt'], { where: 'deleted_at IS NOT NULL' })
@Check('provisioned_user_status', oneOf('status', UserStatus))
@Check('provisioned_user_package_type', oneOf('package_type', PackageType))
@Check('provisioned_user_requested_package_type', oneOf('requested_package_type', PackageType))
@Check('provisioned_user_email_origin', oneOf('email_origin', EmailOrigin))
@Index('provisioned_user_search', { synchronize: false })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "broadworksId")')
@ObjectType({
  implements: Node,
  description: 'A person whom BroadWorks handed over to get Webex, at whatever point of the way: one row of User Status in Partner Hub.',
  simpleResolvers: true,
})
export class ProvisionedUser {
  @IdColumn()
  readonly id: string

  @ForeignKey(() => Partner, { name: 'provisioned_user_partner_fk' })
  @ReferenceColumn()
  readonly partnerId: string

  @ForeignKey(() => Customer, { name: 'provisioned_user_customer_fk' })
  @ReferenceColumn()
  readonly customerId: string

  @ForeignKey(() => OnboardingTemplate, { name: 'provisioned_user_onboarding_template_fk' })
  @ReferenceColumn()
  readonly onboardingTemplateId: string

  @Field(() => String, {
    description:
      'User ID in BroadWorks, for example `95547321@sp.com`. Unique among the living users of a partner, whatever the case of its letters, but for a second one that Webex has of it (error 200044), whom only `id` finds; it may change hands, so store `id`.',
  })
  @TextColumn({ length: 161 })
  readonly broadworksId: string

  @TextColumn({ length: 400 })
  readonly broadworksIdKey: string

  /** Set while another living user has the same BroadWorks ID, which Webex allows across clusters: it keeps the two keys apart. */
  @TextColumn({ length: 64, nullable: true })
  readonly broadworksIdSuffix: string | null

  @Field(() => String, { nullable: true, description: 'ID of the subscriber at Webex, Base64; null while the user exists only here.' })
  @TextColumn({ length: 200, nullable: true })
  readonly webexSubscriberId: string | null

  @Field(() => String, {
    nullable: true,
    description: 'ID of the person at Webex, Base64; set once provisioned, and kept when a later update fails.',
  })
  @TextColumn({ length: 200, nullable: true })
  readonly webexPersonId: string | null

  /** A creation was sent to Webex and it is not known what came of it: there may be a subscriber whose ID we do not have. */
  @BooleanColumn()
  readonly creationUnconfirmed: boolean

  /** When Webex sent its last consent mail; the pauses of the watch grow from then on. */
  @TimestampColumn({ nullable: true })
  readonly consentMailedAt: Timestamp | null

  /** When Webex is asked next whether its owner consented; a watch for another time has ended. */
  @TimestampColumn({ nullable: true })
  readonly consentCheckAt: Timestamp | null

  @Field(() => String, { description: 'First name, 1 to 128 characters.' })
  @TextColumn({ length: 128 })
  readonly firstName: string

  @Field(() => String, { description: 'Last name, 1 to 128 characters.' })
  @TextColumn({ length: 128 })
  readonly lastName: string

  @TextColumn({ length: 400 })
  readonly lastNameKey: string

  @Field(() => EmailAddress, {
    nullable: true,
    description: 'Address that the user gave, an operator vouched for, or BroadWorks suggested; null while none is known.',
  })
  @TextColumn({ length: 254, nullable: true })
  readonly email: string | null

  @EnumColumn({ nullable: true })
  readonly emailOrigin: EmailOrigin | null

  /** When the user followed the mail; in PENDING_EMAIL_VALIDATION, the user waits for the first user of the customer since then. */
  @TimestampColumn({ nullable: true })
  readonly emailConfirmedAt: Timestamp | null

  /** Of the last validation mail, the only one whose link works; null once it was followed, or the address does not matter any more. */
  @TextColumn({ length: 40, nullable: true })
  readonly validationId: string | null

  @TimestampColumn({ nullable: true })
  readonly validationExpiresAt: Timestamp | null

  /** When a mail server refused the validation mail for good. */
  @TimestampColumn({ nullable: true })
  readonly validationMailRefusedAt: Timestamp | null

  /** Set while the address is confirmed or vouched: those are unique within a partner. */
  @TextColumn({ length: 400, nullable: true })
  readonly trustedEmailKey: string | null

  @Field(() => String, { nullable: true, description: 'Primary phone number as in BroadWorks, for example `+1-240-555-1212`.' })
  @TextColumn({ length: 32, nullable: true })
  readonly primaryPhoneNumber: string | null

  @Field(() => String, { nullable: true, description: 'Mobile phone number as in BroadWorks, for example `+1-818-279-1234`.' })
  @TextColumn({ length: 32, nullable: true })
  readonly mobilePhoneNumber: string | null

  @Field(() => String, { nullable: true, description: 'Extension: up to 20 digits.' })
  @TextColumn({ length: 20, nullable: true })
  readonly extension: string | null

  @Field(() => PackageType, { description: 'Package that the user has; before the first provisioning, the one that is meant.' })
  @EnumColumn()
  readonly packageType: PackageType

  @Field(() => PackageType, {
    nullable: true,
    description: 'Package that was asked for: non-null while its change runs or waits for the next attempt.',
  })
  @EnumColumn({ nullable: true })
  readonly requestedPackageType: PackageType | null

  @JsonColumn({ nullable: true })
  readonly requestedProfile: ProfileChange | null

  @Field(() => UserStatus, { description: 'Where the user stands.' })
  @EnumColumn()
  readonly status: UserStatus

  /** Living and not PROVISIONED. A column of its own, so that a query can name it and SQLite prefers the index that has it. */
  @BooleanColumn()
  readonly unfinished: boolean

  @Field(() => DateTime, { description: 'When the status changed last.' })
  @TimestampColumn()
  readonly lastStatusChange: Timestamp

  /** Errors of the last attempt. */
  @JsonColumn()
  readonly upstreamErrors: UpstreamError[]

  /** Code of the error that decides the diagnosis; null without an error, or when it has no code. */
  @IntegerColumn({ nullable: true })
  readonly errorCode: number | null

  /** HTTP status of the same error; null without an error, or when none was told. */
  @IntegerColumn({ nullable: true })
  readonly errorHttpStatus: number | null

  /** The last attempt ended because Webex gave no answer. */
  @BooleanColumn()
  readonly unanswered: boolean

  /** What all share who are stuck for one reason on one template with one package; null while nobody is needed. See `causeKeyOf`. */
  @TextColumn({ length: BUCKET_LENGTH, nullable: true })
  readonly causeKey: string | null

  /** When the server tries again by itself, in ERROR; any change of the status ends the plan. */
  @TimestampColumn({ nullable: true })
  readonly nextAttemptAt: Timestamp | null

  /** How many attempts the server made by itself since a person last acted or the user last recovered. */
  @IntegerColumn({ initial: 0 })
  readonly automaticAttempts: number

  /** The attempt that waits, with nothing under way, until the pause of the template ends. */
  @ReferenceColumn({ nullable: true })
  readonly parkedAttemptId: string | null

  @Field(() => Boolean, { description: 'The user activated alone, without having been handed over.' })
  @BooleanColumn()
  readonly selfActivated: boolean

  /** A tombstone: invisible in the API from then on, kept until Webex has deleted the subscriber, and after. */
  @TimestampColumn({ nullable: true })
  readonly deletedAt: Timestamp | null

  /** Nothing of the user is left at Webex. */
  @TimestampColumn({ nullable: true })
  readonly deletionEndedAt: Timestamp | null

  @LongTextColumn()
  readonly searchText: string

  /** Under which the audit trail keeps who the user is, encrypted; null once the person was erased. See `newPersonalKey`. */
  @TextColumn({ length: 200, nullable: true })
  readonly personalKey: string | null

  /** Counts the changes; a change is written only when nobody else changed the row since it was read. */
  @IntegerColumn()
  readonly revision: number

  @Field(() => DateTime, { description: 'When the user was handed over.' })
  @TimestampColumn()
  readonly createdAt: Timestamp

  @Field(() => DateTime, { description: 'Last change of anything shown here.' })
  @TimestampColumn()
  readonly updatedAt: Timestamp
}
