import { Field, ID, InputType } from 'type-graphql'
import { PackageType } from '../../provisioning/package-type'

@InputType({ description: 'A user to hand over, as BroadWorks would.' })
export class ProvisionUserItem {
  @Field(() => ID, { description: 'Onboarding template of the customer.' })
  onboardingTemplateId: string

  @Field(() => String, { description: 'User ID in BroadWorks, 1 to 161 characters.' })
  broadworksId: string

  @Field(() => String, { description: 'Enterprise ID, `<service provider>+<enterprise or group>`. The first user makes the customer.' })
  spEnterpriseId: string

  @Field(() => String, {
    nullable: true,
    description: 'Name of the customer, used when this user makes it; else the part of the enterprise ID after `+`.',
  })
  customerName?: string | null

  @Field(() => String, { description: 'First name, 1 to 128 characters.' })
  firstName: string

  @Field(() => String, { description: 'Last name, 1 to 128 characters.' })
  lastName: string

  @Field(() => String, {
    nullable: true,
    description:
      'Address. By giving it you vouch for it, and provisioning starts; without one the user goes on in the portal. Needed when the template trusts addresses.',
  })
  email?: string | null

  @Field(() => PackageType, { nullable: true, description: "Package; the template's default when left out." })
  packageType?: PackageType | null

  @Field(() => String, {
    nullable: true,
    description: 'Primary phone number, for example `+1-240-555-1212`; this or `extension` is needed.',
  })
  primaryPhoneNumber?: string | null

  @Field(() => String, { nullable: true, description: 'Mobile phone number, for example `+1-818-279-1234`.' })
  mobilePhoneNumber?: string | null

  @Field(() => String, { nullable: true, description: 'Extension, up to 20 digits; this or `primaryPhoneNumber` is needed.' })
  extension?: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Password for the portal where BroadWorks cannot be asked, 4 to 128 characters. Only its hash is kept.',
  })
  activationPasscode?: string | null
}

const IDEMPOTENCY_KEY = {
  nullable: true,
  description:
    'Up to 255 characters of your choice. The same key with the same input within 24 hours changes nothing again and answers the same users.',
}

@InputType({ description: 'Input of `provisionUser`.' })
export class ProvisionUserInput {
  @Field(() => ProvisionUserItem, { description: 'The user.' })
  user: ProvisionUserItem

  @Field(() => String, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null
}

@InputType({ description: 'Input of `provisionUsers`.' })
export class ProvisionUsersInput {
  @Field(() => [ProvisionUserItem], { description: 'The users, 100 at most; each is taken over or refused by itself.' })
  users: ProvisionUserItem[]

  @Field(() => String, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null
}
