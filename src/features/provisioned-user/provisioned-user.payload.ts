import { Field, ObjectType } from 'type-graphql'
import { UserError } from '../../graphql/payload'
import { ProvisionedUser } from './provisioned-user.entity'

/** What every mutation on one user answers. */
@ObjectType({ simpleResolvers: true })
export abstract class ProvisionedUserPayload {
  @Field(() => ProvisionedUser, { nullable: true, description: 'The user as it is now; null when there are user errors.' })
  provisionedUser?: ProvisionedUser | null

  @Field(() => [UserError], { description: 'What the caller can mend; empty when it was done.' })
  userErrors: UserError[]
}
