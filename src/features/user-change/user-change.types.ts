import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql'
import { UserStatus } from '../../provisioning/lifecycle'
import { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'

export enum UserChangeKind {
  CREATED = 'CREATED',
  UPDATED = 'UPDATED',
  DELETED = 'DELETED',
  LEFT_FILTER = 'LEFT_FILTER',
}

registerEnumType(UserChangeKind, {
  name: 'UserChangeKind',
  description: 'What became of a user, as far as a list of users is concerned.',
  valuesConfig: {
    CREATED: { description: 'The user is new, or is there again because Webex refused the deletion for good.' },
    UPDATED: {
      description: 'The user was changed, and may be new to the filter: add the user to the list, or replace the one that is there.',
    },
    DELETED: { description: 'The user is deleted: take the user off the list, if there.' },
    LEFT_FILTER: {
      description: 'The user is still there, but not what the filter asks for any more: take the user off the list, if there.',
    },
  },
})

@InputType({ description: 'Which users to hear of; the conditions that are given hold together, and an empty list matches nobody.' })
export class UserChangeFilter {
  @Field(() => [UserStatus], { nullable: true, description: 'In one of these statuses.' })
  statuses?: UserStatus[] | null

  @Field(() => [ID], {
    nullable: true,
    description: 'Of one of these customers, all of which the caller must be able to see; 1,000 at most.',
  })
  customerIds?: string[] | null

  @Field(() => [ID], {
    nullable: true,
    description: 'On one of these onboarding templates, all of which the caller must be able to see; 1,000 at most.',
  })
  onboardingTemplateIds?: string[] | null
}

@ObjectType('UserChange', {
  description: 'That a user changed, with the user as it is when this is told. Several changes in quick succession are told as one.',
  simpleResolvers: true,
})
export class ToldChange {
  @Field(() => UserChangeKind, { description: 'What became of the user.' })
  kind: UserChangeKind

  @Field(() => ID, { description: 'ID of the user, also when there is none any more.' })
  userId: string

  @Field(() => ProvisionedUser, { nullable: true, description: 'The user as it is now; null when it is deleted.' })
  provisionedUser: ProvisionedUser | null

  @Field(() => String, { description: 'Where to go on after this change: for `after` of `userChanges` and `provisionedUserChanged`.' })
  cursor: string
}

@ObjectType({ description: 'Changes of users in their order, oldest first, each user once.', simpleResolvers: true })
export class UserChangePage {
  @Field(() => [ToldChange], { description: 'The changes of this page.' })
  changes: ToldChange[]

  @Field(() => String, { description: 'Where the next page begins: for `after`. Also when this page is empty.' })
  endCursor: string

  @Field(() => Boolean, { description: 'Whether there are changes after this page already.' })
  hasMore: boolean

  @Field(() => String, {
    description: 'Where the changes to come begin. Ask for it before you read a list, and for the changes after it when you have the list.',
  })
  latestCursor: string
}
