import { Field, ObjectType } from 'type-graphql'
import { Entity } from 'typeorm'
import { IdColumn, TextColumn, TimestampColumn } from '../../database/columns'
import { Node } from '../../graphql/node'
import type { Timestamp } from '../../shared/clock'

@Entity()
@ObjectType({ implements: Node, description: 'A service provider: the tenant to whom everything else belongs.', simpleResolvers: true })
export class Partner {
  @IdColumn()
  readonly id: string

  @Field(() => String, { description: 'Name of the service provider.' })
  @TextColumn({ length: 200 })
  readonly name: string

  /** Token for this partner's Webex organisation, encrypted; with the simulator, the name of its organisation there. */
  @TextColumn({ length: 2000 })
  readonly encryptedWebexToken: string

  @TimestampColumn()
  readonly createdAt: Timestamp

  @TimestampColumn()
  readonly updatedAt: Timestamp
}
