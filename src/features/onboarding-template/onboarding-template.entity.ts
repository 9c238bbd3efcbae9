import { Directive, Field, ObjectType, registerEnumType } from 'type-graphql'
import { Check, Entity, ForeignKey, Index } from 'typeorm'
import {
  BooleanColumn,
  EnumColumn,
  IdColumn,
  IntegerColumn,
  JsonColumn,
  oneOf,
  ReferenceColumn,
  TextColumn,
  TimestampColumn,
} from '../../database/columns'
import { Node } from '../../graphql/node'
import { DateTime, EmailAddress, Locale, Url } from '../../graphql/scalars'
import type { UpstreamError } from '../../provisioning/error-catalog'
import type { Timestamp } from '../../shared/clock'
import { PackageType } from '../../provisioning/package-type'
import { Partner } from '../partner/partner.entity'

/** Where the share link of a template leads. */
export enum ShareLinkTarget {
  NONE = 'NONE',
  ACTIVATION = 'ACTIVATION',
}

registerEnumType(ShareLinkTarget, {
  name: 'ShareLinkTarget',
  description: 'Where the share link of an onboarding template leads.',
  valuesConfig: {
    NONE: { description: 'There is no link to share.' },
    ACTIVATION: { description: 'To the User Activation Portal; what onboarding with untrusted e-mails needs.' },
  },
})

@Entity()
@Index('onboarding_template_created_at', ['partnerId', 'createdAt', 'id'])
@Index('onboarding_template_provisioning_id', ['partnerId', 'provisioningId'], { unique: true })
@Index('onboarding_template_activation_key', ['activationKey'], { unique: true })
@Check('onboarding_template_default_package_type', oneOf('default_package_type', PackageType))
@Check('onboarding_template_share_link', oneOf('share_link', ShareLinkTarget))
@Directive('@key(fields: "id")')
@Directive('@key(fields: "provisioningId")')
@ObjectType({
  implements: Node,
  description: 'How users are onboarded: the settings that customers share. Partner Hub calls it an onboarding template.',
  simpleResolvers: true,
})
export class OnboardingTemplate {
  @IdColumn()
  readonly id: string

  @ForeignKey(() => Partner, { name: 'onboarding_template_partner_fk' })
  @ReferenceColumn()
  readonly partnerId: string

  @Field(() => String, { description: 'Name of the template, 1 to 200 characters.' })
  @TextColumn({ length: 200 })
  readonly name: string

  @Field(() => String, {
    description: 'Provisioning ID that Partner Hub shows for the template: unpadded Base64. Unique within a partner.',
  })
  @TextColumn({ length: 200 })
  readonly provisioningId: string

  @Field(() => Boolean, {
    description: 'Whether the template was found at Webex rather than made here; some settings may be unknown then.',
  })
  @BooleanColumn()
  readonly imported: boolean

  @Field(() => String, {
    nullable: true,
    description: 'Country as in ISO 3166-1 alpha-2, for example `IT`; null only while imported and not completed.',
  })
  @TextColumn({ length: 2, nullable: true })
  readonly countryCode: string | null

  @Field(() => Locale, {
    nullable: true,
    description: 'Language of mails to users, as in BCP 47; null only while imported and not completed.',
  })
  @TextColumn({ length: 35, nullable: true })
  readonly language: string | null

  @Field(() => EmailAddress, {
    nullable: true,
    description:
      'Service provider administrator who gets delegated rights on new organisations; null only while imported and not completed.',
  })
  @TextColumn({ length: 254, nullable: true })
  readonly serviceProviderAdminEmail: string | null

  @Field(() => String, { nullable: true, description: 'Name that signs the mails to users; null only while imported and not completed.' })
  @TextColumn({ length: 200, nullable: true })
  readonly partnerAdminName: string | null

  @Field(() => PackageType, { description: 'Package of users that are handed over without one.' })
  @EnumColumn()
  readonly defaultPackageType: PackageType

  @Field(() => Boolean, { description: 'BroadWorks hands users over by itself (flow-through provisioning).' })
  @BooleanColumn()
  readonly flowThrough: boolean

  @Field(() => Boolean, { description: 'The part of an enterprise ID after `+` is a BroadWorks enterprise (true) or a group (false).' })
  @BooleanColumn()
  readonly enterpriseMode: boolean

  @Field(() => Url, {
    nullable: true,
    description: 'Xsi-Actions URL of the BroadWorks cluster, at which the portal checks passwords; null without one.',
  })
  @TextColumn({ length: 500, nullable: true })
  readonly xsiActionsUrl: string | null

  @BooleanColumn()
  readonly untrustedEmails: boolean

  @EnumColumn()
  readonly shareLink: ShareLinkTarget

  /** The unguessable part of the activation link: 128 random bits. */
  @TextColumn({ length: 64 })
  readonly activationKey: string

  @BooleanColumn()
  readonly provisionAdminFirst: boolean

  @BooleanColumn()
  readonly allowSelfActivation: boolean

  /** Attempts that ended for a permanent cause in the template or its cluster, since the last that succeeded or the last pause. */
  @IntegerColumn({ initial: 0 })
  readonly failureCount: number

  /** Since when automatic and bulk work waits; null when it does not. */
  @TimestampColumn({ nullable: true })
  readonly pausedAt: Timestamp | null

  /** The error that brought the pause about. */
  @JsonColumn({ nullable: true })
  readonly pauseCause: UpstreamError | null

  @Field(() => DateTime, { description: 'When the template came to be here.' })
  @TimestampColumn()
  readonly createdAt: Timestamp

  @Field(() => DateTime, { description: 'Last change of a setting.' })
  @TimestampColumn()
  readonly updatedAt: Timestamp
}
