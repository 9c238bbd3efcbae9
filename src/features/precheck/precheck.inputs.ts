import { Field, ID, InputType } from 'type-graphql'
import { PackageType } from '../../provisioning/package-type'

@InputType({
  description:
    'Somebody to look at before anything is done: a user who would get another address, by `userId` alone, or a user who would be handed over, by whatever is known of the hand-over.',
})
export class PrecheckItem {
  @Field(() => String, { description: 'Address that the user would get.' })
  email: string

  @Field(() => ID, {
    nullable: true,
    description: 'The user who would get the address by `retryActivation`; none of the following fields goes with it.',
  })
  userId?: string | null

  @Field(() => ID, { nullable: true, description: 'Onboarding template that the user would be handed over on.' })
  onboardingTemplateId?: string | null

  @Field(() => String, { nullable: true, description: 'User ID in BroadWorks, up to 161 characters.' })
  broadworksId?: string | null

  @Field(() => String, { nullable: true, description: 'Enterprise ID, `<service provider>+<enterprise or group>`.' })
  spEnterpriseId?: string | null

  @Field(() => String, { nullable: true, description: 'First name, up to 128 characters.' })
  firstName?: string | null

  @Field(() => String, { nullable: true, description: 'Last name, up to 128 characters.' })
  lastName?: string | null

  @Field(() => PackageType, { nullable: true, description: 'Package; that of the template when left out and the template is given.' })
  packageType?: PackageType | null

  @Field(() => String, { nullable: true, description: 'Primary phone number, for example `+1-240-555-1212`.' })
  primaryPhoneNumber?: string | null

  @Field(() => String, { nullable: true, description: 'Mobile phone number, for example `+1-818-279-1234`.' })
  mobilePhoneNumber?: string | null

  @Field(() => String, { nullable: true, description: 'Extension, up to 20 digits.' })
  extension?: string | null
}

@InputType({ description: 'Input of `precheckUsers`.' })
export class PrecheckUsersInput {
  @Field(() => [PrecheckItem], { description: 'Whom to look at, 100 at most; each is looked at by itself.' })
  users: PrecheckItem[]
}
