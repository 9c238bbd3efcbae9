import { ArgsType, Field, ID, InputType, Int, registerEnumType } from 'type-graphql'
import { DateTimeRange } from '../../graphql/arguments'
import { PageArgs } from '../../graphql/connection'
import { OrderDirection } from '../../graphql/order'
import { Fixer } from '../../provisioning/error-catalog'
import { UserStatus } from '../../provisioning/lifecycle'
import { PackageType } from './package-type'

@InputType({
  description:
    'Which users: all given fields hold together. A field that is null or missing is no condition; an empty list matches nothing.',
})
export class ProvisionedUserFilter {
  @Field(() => Boolean, { nullable: true, description: 'Leave out those who are PROVISIONED; false is no condition.' })
  excludeProvisioned?: boolean | null

  @Field(() => [UserStatus], { nullable: true, description: 'In one of these states.' })
  statuses?: UserStatus[] | null

  @Field(() => [PackageType], { nullable: true, description: 'With one of these packages; what they have, not what is requested.' })
  packageTypes?: PackageType[] | null

  @Field(() => [ID], { nullable: true, description: 'Of one of these customers; 1,000 at most.' })
  customerIds?: string[] | null

  @Field(() => [ID], { nullable: true, description: 'Of one of these onboarding templates; 1,000 at most.' })
  onboardingTemplateIds?: string[] | null

  @Field(() => [Int], {
    nullable: true,
    description: 'In ERROR with one of these codes: the code that decides the diagnosis, the first that Webex gave.',
  })
  errorCodes?: number[] | null

  @Field(() => Fixer, { nullable: true, description: 'Whose diagnosis says that this one has to act.' })
  fixer?: Fixer | null

  @Field(() => Boolean, { nullable: true, description: 'Whether they activated alone.' })
  selfActivated?: boolean | null

  @Field(() => String, {
    nullable: true,
    description: '3 to 100 characters of the BroadWorks ID, the e-mail address or the name, in any case.',
  })
  search?: string | null

  @Field(() => DateTimeRange, { nullable: true, description: 'When their status changed last.' })
  lastStatusChange?: DateTimeRange | null

  @Field(() => DateTimeRange, { nullable: true, description: 'When they were handed over.' })
  createdAt?: DateTimeRange | null
}

export enum ProvisionedUserOrderField {
  CREATED_AT = 'CREATED_AT',
  LAST_STATUS_CHANGE = 'LAST_STATUS_CHANGE',
  BROADWORKS_ID = 'BROADWORKS_ID',
  LAST_NAME = 'LAST_NAME',
}

registerEnumType(ProvisionedUserOrderField, {
  name: 'ProvisionedUserOrderField',
  description: 'What a list of users is sorted by; ties are broken by ID.',
  valuesConfig: {
    CREATED_AT: { description: 'When they were handed over.' },
    LAST_STATUS_CHANGE: { description: 'When their status changed last.' },
    BROADWORKS_ID: { description: 'BroadWorks ID in lower case, by code point.' },
    LAST_NAME: { description: 'Last name in lower case, by code point.' },
  },
})

@InputType({ description: 'How a list of users is sorted.' })
export class ProvisionedUserOrder {
  @Field(() => ProvisionedUserOrderField, { description: 'What to sort by.' })
  field: ProvisionedUserOrderField

  @Field(() => OrderDirection, { description: 'Which end comes first.' })
  direction: OrderDirection
}

@ArgsType()
export class ProvisionedUsersArgs extends PageArgs {
  @Field(() => ProvisionedUserFilter, { nullable: true, description: 'Which users; all when left out.' })
  filter?: ProvisionedUserFilter | null

  @Field(() => ProvisionedUserOrder, { nullable: true, description: 'Their order; newest hand-over first when left out.' })
  orderBy?: ProvisionedUserOrder | null
}

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
