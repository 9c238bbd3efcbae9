import type { Transaction } from '../database/database'
import type { Timestamp } from '../shared/clock'

/** How urgent a job is. Of the jobs that are due, the one with the higher number runs first. */
export enum JobPriority {
  /** Bulk operations, imports and syncs. */
  BULK = 0,
  /** A step of bulk work that makes no call to Webex. It must not wait behind all the calls that the steps before it enqueued. */
  BULK_STEP = 5,
  /** Work that this server began by itself. */
  ORDINARY = 10,
  /** A person is waiting for the result. */
  PERSON = 20,
}

/** IDs of what a job is about, as JSON. The job reads everything else when it runs. */
export type JobPayload = Readonly<Record<string, string | number | null>>

/** A job as the store keeps it. Code of features enqueues with `enqueue` of define-job.ts, which checks the payload's type. */
export interface NewJob {
  name: string
  payload: JobPayload
  /** Earliest time of the job; at once when left out. */
  runAt?: Date
  /** ORDINARY when left out. */
  priority?: JobPriority
}

export interface JobCounts {
  /** Jobs that are due or will be. */
  waiting: number
  running: number
  dead: number
}

/** A job that failed for good. It is kept until an operator retries it. */
export interface DeadJob {
  name: string
  payload: JobPayload
  failures: number
  lastFailure: string
  diedAt: Timestamp
}

export type JobHandler = (payload: JobPayload) => Promise<void>

/** Durable background work. A job runs at least once. */
export interface JobQueue {
  /** Part of the transaction: no job without its change, no change without its job. */
  enqueue(transaction: Transaction, job: NewJob): Promise<void>
  /**
   * Sets the handler for jobs of a name; before `start`.
   * @param abandon runs when a job has failed for good; the job is kept either way
   */
  work(name: string, handler: JobHandler, abandon?: JobHandler): void
  start(): Promise<void>
  /** Claims no new job, and resolves when the running ones have ended. */
  stop(): Promise<void>
  counts(): Promise<JobCounts>
  /** Those of the attempts that have a job, waiting or running. A dead job does not count: nothing works on it. */
  attemptsWithJob(attemptIds: readonly string[]): Promise<Set<string>>
  /** The jobs that died last, up to `limit`. */
  deadJobs(limit: number): Promise<DeadJob[]>
  /** Makes all dead jobs due, with their failures reset. Returns their number. */
  retryDeadJobs(): Promise<number>
}
