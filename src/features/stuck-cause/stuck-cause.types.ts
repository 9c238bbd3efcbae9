import { Field, Int, ObjectType } from 'type-graphql'
import { DateTime } from '../../graphql/scalars'
import { Fixer } from '../../provisioning/error-catalog'
import { UserStatus } from '../../provisioning/lifecycle'
import { PackageType } from '../../provisioning/package-type'
import { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'

@ObjectType({ description: 'How many users are in one state.', simpleResolvers: true })
export class UserStatusCount {
  @Field(() => UserStatus, { description: 'The state.' })
  status: UserStatus

  @Field(() => Int, { description: 'How many users are in it; 0 when none is.' })
  count: number
}

@ObjectType({
  description: 'Users who are stuck for one reason: of one template, in one state, with one package and, in ERROR, with one error.',
  simpleResolvers: true,
})
export class StuckCause {
  @Field(() => String, {
    description: 'What `causeKey` of a filter takes: exactly these users. Opaque; the same for as long as the cause is the same.',
  })
  key: string

  @Field(() => Int, {
    nullable: true,
    description: 'Code of the error that decides the diagnosis; null unless in ERROR with a numbered error.',
  })
  code: number | null

  @Field(() => UserStatus, { description: 'State in which they are stuck.' })
  status: UserStatus

  @Field(() => PackageType, { nullable: true, description: 'Package that they have.' })
  packageType: PackageType | null

  @Field(() => String, { description: 'Why, as the diagnosis of one of them says it, in the language of `Accept-Language` (en, it).' })
  message: string

  @Field(() => Fixer, { description: 'Who has to act first.' })
  fixer: Fixer

  @Field(() => Int, { description: 'How many users.' })
  count: number

  @Field(() => DateTime, { description: 'Since when the one who waits longest is stuck.' })
  oldest: string

  @Field(() => DateTime, { description: 'Since when the last one is stuck.' })
  newest: string

  @Field(() => [ProvisionedUser], { description: 'The three who are stuck since last, the last one first.' })
  samples: ProvisionedUser[]

  readonly onboardingTemplateId: string
}
