import { Field, ID, InputType } from 'type-graphql'
import { PackageType } from '../../provisioning/package-type'
import { ShareLinkTarget } from './onboarding-template.entity'

const IDEMPOTENCY_KEY = {
  nullable: true,
  description:
    'Up to 255 characters of your choice. The same key with the same input within 24 hours changes nothing again and answers the same object.',
}

@InputType({ description: 'The User Verification settings of a template. A field that is null or missing stays as it is.' })
export class UserVerificationInput {
  @Field(() => Boolean, {
    nullable: true,
    description: 'Users type and confirm their address themselves; else what BroadWorks hands over is trusted. New templates: true.',
  })
  untrustedEmails?: boolean | null

  @Field(() => ShareLinkTarget, { nullable: true, description: 'Where the share link leads. New templates: ACTIVATION.' })
  shareLink?: ShareLinkTarget | null

  @Field(() => Boolean, {
    nullable: true,
    description: 'Nobody else can finish until the first user of a customer is live. New templates: false.',
  })
  provisionAdminFirst?: boolean | null

  @Field(() => Boolean, { nullable: true, description: 'Users who were never handed over may activate by the link. New templates: false.' })
  allowSelfActivation?: boolean | null
}

@InputType({ description: 'Input of `createOnboardingTemplate`.' })
export class CreateOnboardingTemplateInput {
  @Field(() => String, { description: 'Name of the template, 1 to 200 characters.' })
  name: string

  @Field(() => String, {
    nullable: true,
    description: 'Provisioning ID that Partner Hub shows for the template. Only with the simulator may it be left out: one is made then.',
  })
  provisioningId?: string | null

  @Field(() => String, { description: 'Country as in ISO 3166-1 alpha-2, for example `IT`.' })
  countryCode: string

  @Field(() => String, { description: 'Language of mails to users, as in BCP 47, for example `it`.' })
  language: string

  @Field(() => String, { description: 'Address of the service provider administrator.' })
  serviceProviderAdminEmail: string

  @Field(() => String, { description: 'Name that signs the mails to users, 1 to 200 characters.' })
  partnerAdminName: string

  @Field(() => PackageType, { description: 'Package of users that are handed over without one.' })
  defaultPackageType: PackageType

  @Field(() => Boolean, { nullable: true, description: 'BroadWorks hands users over by itself. New templates: true.' })
  flowThrough?: boolean | null

  @Field(() => Boolean, {
    nullable: true,
    description: 'Enterprise IDs end in a BroadWorks enterprise (true) or a group (false). New templates: true.',
  })
  enterpriseMode?: boolean | null

  @Field(() => String, { nullable: true, description: 'Xsi-Actions URL of the BroadWorks cluster, `https://…`; null without one.' })
  xsiActionsUrl?: string | null

  @Field(() => UserVerificationInput, { nullable: true, description: 'User Verification settings.' })
  userVerification?: UserVerificationInput | null

  @Field(() => String, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null
}

@InputType({ description: 'Input of `updateOnboardingTemplate`. A field that is null or missing stays as it is.' })
export class UpdateOnboardingTemplateInput {
  @Field(() => ID, { description: 'ID of the template.' })
  id: string

  @Field(() => String, { nullable: true, description: 'Name of the template, 1 to 200 characters.' })
  name?: string | null

  @Field(() => String, { nullable: true, description: 'Country as in ISO 3166-1 alpha-2, for example `IT`.' })
  countryCode?: string | null

  @Field(() => String, { nullable: true, description: 'Language of mails to users, as in BCP 47, for example `it`.' })
  language?: string | null

  @Field(() => String, { nullable: true, description: 'Address of the service provider administrator.' })
  serviceProviderAdminEmail?: string | null

  @Field(() => String, { nullable: true, description: 'Name that signs the mails to users, 1 to 200 characters.' })
  partnerAdminName?: string | null

  @Field(() => PackageType, { nullable: true, description: 'Package of users that are handed over without one.' })
  defaultPackageType?: PackageType | null

  @Field(() => Boolean, { nullable: true, description: 'BroadWorks hands users over by itself.' })
  flowThrough?: boolean | null

  @Field(() => Boolean, { nullable: true, description: 'Enterprise IDs end in a BroadWorks enterprise (true) or a group (false).' })
  enterpriseMode?: boolean | null

  @Field(() => String, { nullable: true, description: 'Xsi-Actions URL of the BroadWorks cluster, `https://…`; an empty text removes it.' })
  xsiActionsUrl?: string | null

  @Field(() => UserVerificationInput, { nullable: true, description: 'User Verification settings.' })
  userVerification?: UserVerificationInput | null

  @Field(() => String, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null
}

@InputType({ description: 'Input of `deleteOnboardingTemplate`.' })
export class DeleteOnboardingTemplateInput {
  @Field(() => ID, { description: 'ID of the template; it must have no customers.' })
  id: string

  @Field(() => String, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null
}

@InputType({ description: 'Input of `resumeOnboardingTemplate`.' })
export class ResumeOnboardingTemplateInput {
  @Field(() => ID, { description: 'ID of the template.' })
  id: string

  @Field(() => String, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null
}

@InputType({ description: 'Input of `rotateActivationLink`.' })
export class RotateActivationLinkInput {
  @Field(() => ID, { description: 'ID of the template.' })
  id: string

  @Field(() => String, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null
}
