import { Entity, Index, PrimaryGeneratedColumn } from 'typeorm'
import { BooleanColumn, ReferenceColumn, TextColumn, TimestampColumn } from '../../database/columns'
import type { Timestamp } from '../../shared/clock'
import { BUCKET_LENGTH } from './user-bucket'

/** A transaction has its number in 64 bits; with zeros in front it compares as a text. */
export const TRANSACTION_ID_LENGTH = 20

/**
 * That a user was changed: what live updates are told from and counts are kept by. It says who and what group of users was left and joined,
 * never what the change was; whoever wants to know that reads the user, or the audit trail.
 */
@Entity()
@Index('user_change_partner', ['partnerId', 'transactionId', 'number'])
@Index('user_change_unfolded', ['partnerId', 'number'], { where: 'folded = false' })
@Index('user_change_customer_unfolded', ['customerId', 'number'], { where: 'folded = false' })
export class UserChange {
  @PrimaryGeneratedColumn({ type: 'integer', primaryKeyConstraintName: 'user_change_pk' })
  readonly number: number

  /**
   * On PostgreSQL the transaction, with zeros in front: numbers are given out in one order and committed in another, and who reads in the
   * order of transactions, up to the oldest that is under way, misses nothing. Empty on SQLite, which has one writer at a time.
   */
  @TextColumn({ length: TRANSACTION_ID_LENGTH })
  readonly transactionId: string

  @ReferenceColumn()
  readonly partnerId: string

  @ReferenceColumn()
  readonly customerId: string

  @ReferenceColumn()
  readonly userId: string

  @TimestampColumn()
  readonly at: Timestamp

  /** Null when the user was not there before. */
  @TextColumn({ length: BUCKET_LENGTH, nullable: true })
  readonly bucketBefore: string | null

  /** Null when the user is deleted. */
  @TextColumn({ length: BUCKET_LENGTH, nullable: true })
  readonly bucketAfter: string | null

  /** Its part in the counts is in `user_count` already. */
  @BooleanColumn()
  readonly folded: boolean
}
