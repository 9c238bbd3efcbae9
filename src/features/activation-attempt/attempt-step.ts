import { Field, Int, ObjectType } from 'type-graphql'
import { DateTime } from '../../graphql/scalars'
import type { Timestamp } from '../../shared/clock'

/** What an attempt does at Webex. */
export type AttemptStepName = 'precheck' | 're-read' | 'delete' | 'create' | 'look-up' | 'update' | 'follow'

@ObjectType({ description: 'One call to Webex within an attempt.', simpleResolvers: true })
export class AttemptStep {
  @Field(() => String, {
    description:
      '`precheck` (whether the new address can be used), `re-read` (where the user stands, before anything is deleted), `delete`, `create`, `look-up` (what Webex has, after an answer was lost or a duplicate refused), `update` or `follow` (polling until it ends).',
  })
  name: AttemptStepName

  @Field(() => DateTime, { description: 'When the call was made; for `follow`, the first of them.' })
  startedAt: Timestamp

  @Field(() => DateTime, { nullable: true, description: 'When the answer came; for `follow`, the last of them.' })
  endedAt: Timestamp | null

  @Field(() => Int, { nullable: true, description: 'HTTP status of the answer; null when none came.' })
  httpStatus: number | null

  @Field(() => String, { nullable: true, description: "ID that finds the call in Cisco's logs." })
  trackingId: string | null

  @Field(() => String, { nullable: true, description: 'What came of it, in a few words.' })
  message: string | null
}
