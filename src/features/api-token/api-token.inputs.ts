import { Field, ID, InputType } from 'type-graphql'
import { Role } from '../../auth/viewer'
import { DateTime } from '../../graphql/scalars'

@InputType({ description: 'Input of `createApiToken`.' })
export class CreateApiTokenInput {
  @Field(() => String, { description: 'What the token is for, 1 to 100 characters; the audit log shows it as the actor.' })
  name: string

  @Field(() => Role, { description: 'What its holder may do.' })
  role: Role

  @Field(() => DateTime, { nullable: true, description: 'From then on the token is refused; never when left out.' })
  expiresAt?: string | null

  @Field(() => [ID], { nullable: true, description: 'The only customers whose users its holder sees, 100 at most; all when left out.' })
  customerIds?: string[] | null

  @Field(() => String, {
    nullable: true,
    description: 'Up to 255 characters of your choice. The same key again within 24 hours answers the same token, without its secret.',
  })
  idempotencyKey?: string | null
}

@InputType({ description: 'Input of `revokeApiToken`.' })
export class RevokeApiTokenInput {
  @Field(() => ID, { description: 'ID of the token, not its secret.' })
  id: string
}
