import { Field, InputType } from 'type-graphql'

@InputType({ description: 'Input of `startSync`.' })
export class StartSyncInput {
  @Field(() => Boolean, {
    nullable: true,
    description: 'Read everything, and find out who is gone; only what changed when left out. The first run reads everything anyway.',
  })
  full?: boolean | null
}
