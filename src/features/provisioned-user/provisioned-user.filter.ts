import { Field, ID, InputType, Int, registerEnumType } from 'type-graphql'
import { DateTimeRange } from '../../graphql/arguments'
import { OrderDirection } from '../../graphql/order'
import { Fixer } from '../../provisioning/error-catalog'
import { UserStatus } from '../../provisioning/lifecycle'
import { PackageType } from '../../provisioning/package-type'

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

  @Field(() => String, {
    nullable: true,
    description: 'Stuck for this cause: a `key` of `causes`. A key that fits nobody matches nothing.',
  })
  causeKey?: string | null

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
