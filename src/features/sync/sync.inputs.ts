import { Field, InputType } from 'type-graphql'

@InputType({ description: 'Input of `startSync`.' })
export class StartSyncInput {
  @Field(() => Boolean, {
    nullable: true,
    description: 'Read everything, and find out who is gone; only what changed when left out. The first run reads everything anyway.',
  })
  full?: boolean | null

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Delete whom Webex does not have any more, however many they are; only together with `full`. Otherwise a run fails rather than delete more than 100 users that are also more than 10 % of those who were at Webex: mostly the connection is that of another organization.',
  })
  allowDeletions?: boolean | null
}
