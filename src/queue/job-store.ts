import type { Transaction } from '../database/database'
import type { DeadJob, JobCounts, JobPayload, NewJob } from './job-queue'

export interface ClaimedJob {
  readonly id: string
  readonly name: string
  readonly payload: JobPayload
  readonly priority: number
  /** Exceptions so far. What Webex refuses is a result of the job, not an exception. */
  readonly failures: number
  /** Identifies this claim of the job. A process that claims the job after this lease has ended gets another one. */
  readonly lease: string
}

export interface Failure {
  /** This one included. */
  readonly failures: number
  readonly lastFailure: string
}

/**
 * Storage of a queue's jobs: what an engine does for the runner. Only the process that holds a job may record its result: `remove`,
 * `putBack` and `bury` change nothing, and return false, once another process has claimed the job.
 */
export interface JobStore {
  /** Creates what the engine needs besides the tables of the migrations. No other process does so at the same time. */
  prepare(): Promise<void>
  add(transaction: Transaction, job: NewJob): Promise<void>
  /**
   * Releases jobs that were claimed by a killed process.
   * @param starting whether the caller has not claimed any job yet
   */
  reclaim(starting: boolean): Promise<void>
  /** Claims up to `limit` due jobs for the caller alone, those of the highest priority first. */
  claim(limit: number): Promise<ClaimedJob[]>
  /** The job is done. */
  remove(job: ClaimedJob): Promise<boolean>
  putBack(job: ClaimedJob, failure: Failure, runAt: Date): Promise<boolean>
  /** The job is dead: it is kept, and does not run until an operator retries it. */
  bury(job: ClaimedJob, failure: Failure): Promise<boolean>
  counts(): Promise<JobCounts>
  attemptsWithJob(attemptIds: readonly string[]): Promise<Set<string>>
  deadJobs(limit: number): Promise<DeadJob[]>
  retryDeadJobs(): Promise<number>
}
