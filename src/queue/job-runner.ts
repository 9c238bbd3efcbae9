import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../shared/clock'
import type { Logger } from '../shared/logger'
import { type Loop, startLoop } from '../shared/loop'
import type { JobHandler, JobQueue } from './job-queue'
import type { ClaimedJob, JobStore } from './job-store'

/** Delay until a job is seen that another process enqueued, or that becomes due. A job that this process enqueues is seen at once. */
const POLL_INTERVAL_MS = 250
/** How often the jobs of killed processes are reclaimed; it adds to the time that such a job waits. */
const RECLAIM_INTERVAL_MS = 5000
/** Limits the statements and log lines while the database is away. */
const PAUSE_AFTER_ERROR_MS = 1000
const MAX_FAILURES = 10
const FAILURE_MAX_LENGTH = 1000
/** A database that restarts is away for seconds. With the 30 seconds of a job, the sum stays within its lease. */
const WRITE_PAUSES_MS = [500, 1000, 2000, 4000]

export interface RunnerOptions {
  clock: Clock
  logger: Logger
  /** Number of jobs that run at the same time. */
  concurrency: number
  /** Pause of a job after this number of failures. */
  pauseMs?: (failures: number) => number
}

/** The queue on either engine: claims due jobs from the store, runs them, and records the result. */
export function createJobQueue(store: JobStore, { clock, logger, concurrency, pauseMs = growingPauseMs }: RunnerOptions): JobQueue {
  const handlers = new Map<string, { handle: JobHandler; abandon: JobHandler | undefined }>()
  const running = new Set<Promise<void>>()
  let loop: Loop | undefined
  let reclaimedAt = 0

  async function claimJobs(): Promise<void> {
    if (performance.now() - reclaimedAt > RECLAIM_INTERVAL_MS) {
      await store.reclaim(false)
      reclaimedAt = performance.now()
    }
    const free = concurrency - running.size
    if (free <= 0) return
    for (const job of await store.claim(free)) {
      const run = runJob(job).finally(() => {
        running.delete(run)
        loop?.wake()
      })
      running.add(run)
    }
  }

  async function runJob(job: ClaimedJob): Promise<void> {
    try {
      const worker = handlers.get(job.name)
      if (!worker) throw new Error(`There is no worker for jobs of the name ${job.name}.`)
      await worker.handle(job.payload)
    } catch (error) {
      return recordFailure(job, error)
    }
    await record(job, () => store.remove(job))
  }

  async function recordFailure(job: ClaimedJob, error: unknown): Promise<void> {
    const { name, payload } = job
    logger.error({ err: error, job: name, payload }, 'A job failed.')
    const failures = job.failures + 1
    const failure = { failures, lastFailure: String(error).slice(0, FAILURE_MAX_LENGTH) }
    if (failures < MAX_FAILURES) {
      const runAt = new Date(clock.now().getTime() + pauseMs(failures))
      await record(job, () => store.putBack(job, failure, runAt))
      return
    }
    const isDead = await record(job, async () => {
      await handlers.get(name)?.abandon?.(payload)
      return store.bury(job, failure)
    })
    if (isDead)
      logger.error(
        { err: error, job: name, payload, failures },
        'A job is dead and its work is not done: remove the cause, then run `flowthrough jobs --retry`.',
      )
  }

  /** Returns whether the result of a job is recorded: not when another process claimed the job meanwhile, or the database was away for too long. */
  async function record(job: ClaimedJob, write: () => Promise<boolean>): Promise<boolean> {
    const about = { job: job.name, payload: job.payload }
    for (const writePauseMs of [...WRITE_PAUSES_MS, null]) {
      try {
        const isWritten = await write()
        if (!isWritten) logger.debug(about, 'A job took longer than its lease, and another process has taken it over.')
        return isWritten
      } catch (error) {
        if (writePauseMs === null)
          logger.error({ err: error, ...about }, 'The result of a job could not be recorded; the job runs again when its lease ends.')
        else {
          logger.warn({ err: error, ...about }, 'The result of a job could not be recorded; it is tried again.')
          await sleep(writePauseMs)
        }
      }
    }
    return false
  }

  return {
    async enqueue(transaction, job) {
      await store.add(transaction, job)
      transaction.afterCommit(() => loop?.wake())
    },
    work: (name, handle, abandon) => void handlers.set(name, { handle, abandon }),
    async start() {
      await store.reclaim(true)
      reclaimedAt = performance.now()
      loop = startLoop(claimJobs, {
        pauseMs: POLL_INTERVAL_MS,
        pauseAfterErrorMs: PAUSE_AFTER_ERROR_MS,
        onError: error => logger.error({ err: error }, 'Claiming jobs failed; it is tried again.'),
      })
    },
    async stop() {
      // A claim that is under way may still start jobs; they run to their end as well.
      await loop?.stop()
      loop = undefined
      await Promise.all(running)
    },
    counts: () => store.counts(),
    attemptsWithJob: attemptIds => store.attemptsWithJob(attemptIds),
    deadJobs: limit => store.deadJobs(limit),
    retryDeadJobs: () => store.retryDeadJobs(),
  }
}

/** From two seconds to a minute, at random down to half of it, so that jobs that failed together do not run again together. */
function growingPauseMs(failures: number): number {
  return Math.min(60_000, 1000 * 2 ** failures) * (0.5 + Math.random() / 2)
}
