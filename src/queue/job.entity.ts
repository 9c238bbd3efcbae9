import { Entity, Index } from 'typeorm'
import { IdColumn, IntegerColumn, JsonColumn, TextColumn, TimestampColumn } from '../database/columns'
import type { Timestamp } from '../shared/clock'
import { type JobPayload, JobPriority } from './job-queue'

/** A piece of work that is to be done once, some time after the transaction that asked for it. On PostgreSQL pg-boss has them instead. */
@Entity()
@Index('job_due', ['priority', 'runAt', 'id'], { where: 'dead_at IS NULL' })
@Index('job_attempt', { synchronize: false })
export class Job {
  @IdColumn()
  readonly id: string

  @TextColumn({ length: 64 })
  readonly name: string

  @JsonColumn()
  readonly payload: JobPayload

  @IntegerColumn({ initial: JobPriority.ORDINARY })
  readonly priority: JobPriority

  @TimestampColumn()
  readonly runAt: Timestamp

  /** Until then the process that took the job has it for itself; a killed process loses it when the time is over. */
  @TimestampColumn({ nullable: true })
  readonly lockedUntil: Timestamp | null

  /** How often the job ended with an exception of ours; what Webex refuses is a result, not an exception. */
  @IntegerColumn()
  readonly failures: number

  @TextColumn({ length: 1000, nullable: true })
  readonly lastFailure: string | null

  /** Set when the job failed too often; it is kept to be looked at. */
  @TimestampColumn({ nullable: true })
  readonly deadAt: Timestamp | null

  @TimestampColumn()
  readonly createdAt: Timestamp
}
