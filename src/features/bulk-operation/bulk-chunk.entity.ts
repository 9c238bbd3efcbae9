import { Entity, ForeignKey, PrimaryColumn } from 'typeorm'
import { ID_LENGTH, JsonColumn } from '../../database/columns'
import { BulkOperation } from './bulk-operation.entity'

/** One user of a bulk operation, as it was asked for. */
export interface BulkItem {
  userId: string
  /** Address that the caller vouches for. */
  email?: string
  /** There was no such user whom the caller may see: where the request named it. */
  unknown?: string[]
}

/** Users whom an operation has still to handle, some at a time: a hundred thousand IDs are two thousand rows. Gone when it is done. */
@Entity()
export class BulkChunk {
  @ForeignKey(() => BulkOperation, { name: 'bulk_chunk_operation_fk', onDelete: 'CASCADE' })
  @PrimaryColumn({ type: 'varchar', length: ID_LENGTH, collation: 'C' })
  readonly bulkOperationId: string

  @PrimaryColumn({ type: 'integer' })
  readonly number: number

  @JsonColumn()
  readonly items: BulkItem[]
}
