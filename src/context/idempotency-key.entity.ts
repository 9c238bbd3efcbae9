import { Entity, Index, PrimaryColumn } from 'typeorm'
import type { Timestamp } from '../shared/clock'
import { ID_LENGTH, LongTextColumn, TextColumn, TimestampColumn } from '../database/columns'

/** A mutation that was carried out under a key of its caller, so that the same request again changes nothing. */
@Entity()
@Index('idempotency_key_created_at', ['createdAt'])
export class IdempotencyKey {
  @PrimaryColumn({ type: 'varchar', length: ID_LENGTH, collation: 'C' })
  readonly partnerId: string

  @PrimaryColumn({ type: 'varchar', length: '100', collation: 'C' })
  readonly caller: string

  @PrimaryColumn({ type: 'varchar', length: '64', collation: 'C' })
  readonly mutation: string

  @PrimaryColumn({ type: 'varchar', length: '255', collation: 'C' })
  readonly key: string

  /** Keyed SHA-256 of the input without the key: the same key with another input is refused. */
  @TextColumn({ length: 64 })
  readonly inputHash: string

  /** ID of the object that the mutation was about; empty until its transaction ends. */
  @LongTextColumn()
  readonly objectId: string

  @TimestampColumn()
  readonly createdAt: Timestamp
}
