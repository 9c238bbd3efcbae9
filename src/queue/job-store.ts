import type { Transaction } from '../database/database'
import type { DeadJob, JobCounts, JobPayload, NewJob } from './job-queue'

export interface ClaimedJob {
  readonly id: string
  readonly name: string
  readonly payload: JobPayload
  readonly priority: number
  /** How often it ended with an exception of ours; what Webex refuses is a result, not an exception. */
  readonly failures: number
  /** Names this claim of the job: whoever takes it later, because its lease has ended, has another one. */
  readonly lease: string
}

export interface Failure {
  /** This one included. */
  readonly failures: number
  readonly lastFailure: string
}

/**
 * Where the jobs of a queue are kept: all that an engine has to do for the runner. What becomes of a claimed job is written down only
 * for who has it still: `remove`, `putBack` and `bury` change nothing, and answer false, when another has taken it over.
 */
export interface JobStore {
  /** Makes what the engine needs beside the tables of the migrations. No other process does so meanwhile. */
  prepare(): Promise<void>
  add(transaction: Transaction, job: NewJob): Promise<void>
  /**
   * Gives jobs back that were claimed by a process which was killed.
   * @param starting whether the caller has not claimed any job yet
   */
  reclaim(starting: boolean): Promise<void>
  /** Takes up to so many due jobs for the caller alone, of the higher priority first. */
  claim(limit: number): Promise<ClaimedJob[]>
  /** The job is done. */
  remove(job: ClaimedJob): Promise<boolean>
  putBack(job: ClaimedJob, failure: Failure, runAt: Date): Promise<boolean>
  /** The job is dead: kept, and run no more until somebody retries it. */
  bury(job: ClaimedJob, failure: Failure): Promise<boolean>
  counts(): Promise<JobCounts>
  attemptsWithJob(attemptIds: readonly string[]): Promise<Set<string>>
  deadJobs(limit: number): Promise<DeadJob[]>
  retryDeadJobs(): Promise<number>
}
