import type { Transaction } from '../database/database'
import type { Timestamp } from '../shared/clock'

/** Who waits for a job. Of the jobs that are due, one of a higher number is taken first. */
export enum JobPriority {
  /** Nobody in particular: bulk runs, imports, syncs. */
  BULK = 0,
  /** A step of bulk work that makes no call to Webex: it must not wait for all the calls that the steps before it asked for. */
  BULK_STEP = 5,
  /** This server, for work that it began by itself. */
  ORDINARY = 10,
  /** A person looks at the screen. */
  PERSON = 20,
}

export interface NewJob {
  name: string
  /** IDs of what the job is about; it reads everything else when it runs. */
  payload: Record<string, string>
  /** Not before this time; at once when left out. */
  runAt?: Date
  /** ORDINARY when left out. */
  priority?: JobPriority
}

export interface JobCounts {
  /** Due, or not yet. */
  waiting: number
  running: number
  dead: number
}

/** A job that failed for good; it is kept until somebody retries it. */
export interface DeadJob {
  name: string
  payload: Record<string, string>
  failures: number
  lastFailure: string
  diedAt: Timestamp
}

export type JobHandler = (payload: Record<string, string>) => Promise<void>

/**
 * Durable background work. A job is run at least once, so a handler looks at the present state first; it makes one upstream call or
 * one poll, ends within 30 seconds, and enqueues what comes after.
 */
export interface JobQueue {
  /** Part of the transaction: no job without its change, no change without its job. */
  enqueue(transaction: Transaction, job: NewJob): Promise<void>
  /**
   * Names who does the jobs of this name; before `start`.
   * @param abandon what to do when a job has failed for good, so that nobody waits for it for ever; the job is kept either way
   */
  work(name: string, handler: JobHandler, abandon?: JobHandler): void
  start(): Promise<void>
  /** Takes no new job, and answers when the running ones have ended. */
  stop(): Promise<void>
  counts(): Promise<JobCounts>
  /** The jobs that died last, up to so many. */
  deadJobs(limit: number): Promise<DeadJob[]>
  /** Makes all dead jobs due, as if they had never failed; answers how many. */
  retryDeadJobs(): Promise<number>
}
