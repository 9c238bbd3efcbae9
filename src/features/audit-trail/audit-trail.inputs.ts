import { ArgsType, Field, ID, InputType } from 'type-graphql'
import { DateTimeRange } from '../../graphql/arguments'
import { PageArgs } from '../../graphql/connection'

@InputType({ description: 'Which audit events: all given fields hold together; an empty list matches nothing.' })
export class AuditEventFilter {
  @Field(() => [ID], { nullable: true, description: 'About one of these objects, also when they are gone; 1,000 at most.' })
  targetIds?: string[] | null

  @Field(() => [String], { nullable: true, description: 'By one of these actors, as `AuditEvent.actor` names them.' })
  actors?: string[] | null

  @Field(() => [String], { nullable: true, description: 'One of these was done, as `AuditEvent.action` names it.' })
  actions?: string[] | null

  @Field(() => [ID], { nullable: true, description: 'About these customers and their users, also when they are gone; 1,000 at most.' })
  customerIds?: string[] | null

  @Field(() => DateTimeRange, { nullable: true, description: 'When it happened.' })
  at?: DateTimeRange | null
}

@ArgsType()
export class AuditEventsArgs extends PageArgs {
  @Field(() => AuditEventFilter, { nullable: true, description: 'Which events; all when left out.' })
  filter?: AuditEventFilter | null
}
