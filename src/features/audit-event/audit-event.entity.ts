import { Field, ID, ObjectType } from 'type-graphql'
import { Entity, ForeignKey, Index } from 'typeorm'
import { IdColumn, JsonColumn, LongTextColumn, ReferenceColumn, TextColumn, TimestampColumn } from '../../database/columns'
import { Node } from '../../graphql/node'
import { DateTime } from '../../graphql/scalars'
import type { Timestamp } from '../../shared/clock'

@ObjectType({ description: 'One field that a change touched. Secrets are never shown, neither before nor after.', simpleResolvers: true })
export class AuditChange {
  @Field(() => String, { description: 'Name of the field, as in the API.' })
  field: string

  @Field(() => String, { nullable: true, description: 'Value before as text; null when there was none.' })
  before: string | null

  @Field(() => String, { nullable: true, description: 'Value after as text; null when there is none.' })
  after: string | null
}

@Entity()
@Index('audit_event_at', ['partnerId', 'at', 'id'])
@Index('audit_event_target', ['targetId', 'at', 'id'])
@Index('audit_event_actor', ['partnerId', 'actor', 'at', 'id'])
@Index('audit_event_action', ['partnerId', 'action', 'at', 'id'])
@Index('audit_event_customer', ['customerId', 'at', 'id'])
@ObjectType({
  implements: Node,
  description: 'Who changed what and when. Written in the transaction of the change, never altered, and kept when its target is gone.',
  simpleResolvers: true,
})
export class AuditEvent {
  @IdColumn()
  readonly id: string

  @ForeignKey('Partner', { name: 'audit_event_partner_fk' })
  @ReferenceColumn()
  readonly partnerId: string

  @Field(() => DateTime, { description: 'When it happened.' })
  @TimestampColumn()
  readonly at: Timestamp

  @Field(() => String, { description: 'Who did it: the name of a token, or of a part of this server.' })
  @TextColumn({ length: 200 })
  readonly actor: string

  @Field(() => String, { description: 'What was done, for example `retryActivation` or `statusChanged`.' })
  @TextColumn({ length: 64 })
  readonly action: string

  @Field(() => ID, { description: 'ID of the object that was changed.' })
  @ReferenceColumn()
  readonly targetId: string

  @TextColumn({ length: 254 })
  readonly targetLabel: string

  /** The customer whose user was changed; callers that are restricted to some customers see those events only. */
  @ReferenceColumn({ nullable: true })
  readonly customerId: string | null

  @JsonColumn()
  readonly changes: AuditChange[]

  /** Of an event about a person, `targetLabel` and `changes` as they were, under the person's key; the two columns are without the person. */
  @LongTextColumn({ nullable: true })
  readonly sealed: string | null

  @Field(() => String, {
    nullable: true,
    description: 'ID of the request that made the change, as in errors and logs; null for background work.',
  })
  @TextColumn({ length: 64, nullable: true })
  readonly requestId: string | null
}
