import { ArgsType, Field, ID, InputType, registerEnumType } from 'type-graphql'
import { PageArgs } from '../../graphql/connection'
import { OrderDirection } from '../../graphql/order'

@InputType({ description: 'Which customers: all given fields hold together.' })
export class CustomerFilter {
  @Field(() => [ID], { nullable: true, description: 'On one of these onboarding templates; 1,000 at most, an empty list matches nothing.' })
  onboardingTemplateIds?: string[] | null

  @Field(() => String, { nullable: true, description: '3 to 100 characters of the name or the enterprise ID, in any case.' })
  search?: string | null

  @Field(() => Boolean, { nullable: true, description: 'Whether they have users who are stuck: in a pending state or in ERROR.' })
  hasStuckUsers?: boolean | null
}

export enum CustomerOrderField {
  CREATED_AT = 'CREATED_AT',
  NAME = 'NAME',
}

registerEnumType(CustomerOrderField, {
  name: 'CustomerOrderField',
  description: 'What a list of customers is sorted by; ties are broken by ID.',
  valuesConfig: {
    CREATED_AT: { description: 'When their first user was handed over.' },
    NAME: { description: 'Name in lower case, by code point.' },
  },
})

@InputType({ description: 'How a list of customers is sorted.' })
export class CustomerOrder {
  @Field(() => CustomerOrderField, { description: 'What to sort by.' })
  field: CustomerOrderField

  @Field(() => OrderDirection, { description: 'Which end comes first.' })
  direction: OrderDirection
}

@ArgsType()
export class CustomersArgs extends PageArgs {
  @Field(() => CustomerFilter, { nullable: true, description: 'Which customers; all when left out.' })
  filter?: CustomerFilter | null

  @Field(() => CustomerOrder, { nullable: true, description: 'Their order; newest first when left out.' })
  orderBy?: CustomerOrder | null
}
