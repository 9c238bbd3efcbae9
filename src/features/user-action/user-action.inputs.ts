import { Field, ID, InputType } from 'type-graphql'
import { PackageType } from '../../provisioning/package-type'

const USER_ID = { description: 'ID of the user.' }
const IDEMPOTENCY_KEY = {
  nullable: true,
  description:
    'Up to 255 characters of your choice. The same key with the same input within 24 hours changes nothing again and answers the same object.',
}

@InputType({ description: 'Input of `retryActivation`.' })
export class RetryActivationInput {
  @Field(() => ID, USER_ID)
  userId: string

  @Field(() => String, {
    nullable: true,
    description:
      'Address to activate with. By giving it you vouch for it: no validation mail is sent. Needed when no confirmed or vouched address is on record.',
  })
  email?: string | null

  @Field(() => String, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null
}

@InputType({ description: 'Input of `changePackageType`.' })
export class ChangePackageTypeInput {
  @Field(() => ID, USER_ID)
  userId: string

  @Field(() => PackageType, { description: 'Package that the user is to have.' })
  packageType: PackageType

  @Field(() => String, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null
}

@InputType({ description: 'Input of `deleteUser`.' })
export class DeleteUserInput {
  @Field(() => ID, USER_ID)
  userId: string

  @Field(() => String, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null
}

@InputType({ description: 'Input of `resendConsentEmail`.' })
export class ResendConsentEmailInput {
  @Field(() => ID, USER_ID)
  userId: string
}

@InputType({ description: 'Input of `updateProvisionedUser`. A field that is null or missing stays as it is.' })
export class UpdateProvisionedUserInput {
  @Field(() => ID, USER_ID)
  userId: string

  @Field(() => String, { nullable: true, description: 'First name, 1 to 128 characters.' })
  firstName?: string | null

  @Field(() => String, { nullable: true, description: 'Last name, 1 to 128 characters.' })
  lastName?: string | null

  @Field(() => String, { nullable: true, description: 'Primary phone number; an empty text removes it, if there is an extension.' })
  primaryPhoneNumber?: string | null

  @Field(() => String, { nullable: true, description: 'Mobile phone number; an empty text removes it.' })
  mobilePhoneNumber?: string | null

  @Field(() => String, { nullable: true, description: 'Extension; an empty text removes it, if there is a primary phone number.' })
  extension?: string | null

  @Field(() => String, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null
}
