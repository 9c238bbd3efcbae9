import { ArgsType, Field } from 'type-graphql'
import { PageArgs } from '../../graphql/connection'
import { ProvisionedUserFilter, ProvisionedUserOrder } from './provisioned-user.filter'

@ArgsType()
export class ProvisionedUsersArgs extends PageArgs {
  @Field(() => ProvisionedUserFilter, { nullable: true, description: 'Which users; all when left out.' })
  filter?: ProvisionedUserFilter | null

  @Field(() => ProvisionedUserOrder, { nullable: true, description: 'Their order; newest hand-over first when left out.' })
  orderBy?: ProvisionedUserOrder | null
}
