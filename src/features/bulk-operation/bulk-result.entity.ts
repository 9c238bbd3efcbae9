import { Field, ID, ObjectType } from 'type-graphql'
import { Check, Entity, ForeignKey, Index } from 'typeorm'
import { EnumColumn, IdColumn, IntegerColumn, JsonColumn, oneOf, ReferenceColumn } from '../../database/columns'
import { Node } from '../../graphql/node'
import { UserError } from '../../graphql/payload'
import { BulkOperation, BulkOutcome } from './bulk-operation.entity'

const REFUSED = `outcome = '${BulkOutcome.REFUSED}'`

@Entity()
@Index('bulk_result_position', ['bulkOperationId', 'position', 'id'])
@Index('bulk_result_refused', ['bulkOperationId', 'position', 'id'], { where: REFUSED })
@Index('bulk_result_user', ['userId'])
@Check('bulk_result_outcome', oneOf('outcome', BulkOutcome))
@ObjectType({ implements: Node, description: 'What a bulk operation came to for one user.', simpleResolvers: true })
export class BulkResult {
  @IdColumn()
  readonly id: string

  @ForeignKey(() => BulkOperation, { name: 'bulk_result_operation_fk', onDelete: 'CASCADE' })
  @ReferenceColumn()
  readonly bulkOperationId: string

  /** Of the user in the operation, from 0. */
  @IntegerColumn()
  readonly position: number

  @Field(() => ID, { description: 'ID of the user, as it was asked for.' })
  @ReferenceColumn()
  readonly userId: string

  @Field(() => BulkOutcome, { description: 'What it came to; in a dry run, what it would come to.' })
  @EnumColumn()
  readonly outcome: BulkOutcome

  @Field(() => [UserError], { description: 'Why it was refused; empty when it was not.' })
  @JsonColumn()
  readonly userErrors: UserError[]
}
