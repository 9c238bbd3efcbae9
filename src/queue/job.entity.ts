import { Entity, Index } from 'typeorm'
import { IdColumn, IntegerColumn, JsonColumn, TextColumn, TimestampColumn } from '../database/columns'
import type { Timestamp } from '../shared/clock'
import { type JobPayload, JobPriority } from './job-queue'

/** A background job of an SQLite database. On PostgreSQL, pg-boss keeps the jobs. */
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

  /** End of the lease of the process that claimed the job. Afterwards another process may claim it. */
  @TimestampColumn({ nullable: true })
  readonly lockedUntil: Timestamp | null

  /** Exceptions so far. What Webex refuses is a result of the job, not an exception. */
  @IntegerColumn()
  readonly failures: number

  @TextColumn({ length: 1000, nullable: true })
  readonly lastFailure: string | null

  /** Set when the job failed for good. It is kept until an operator retries it. */
  @TimestampColumn({ nullable: true })
  readonly deadAt: Timestamp | null

  @TimestampColumn()
  readonly createdAt: Timestamp
}
