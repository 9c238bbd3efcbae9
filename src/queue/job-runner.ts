import { setTimeout as sleep } from 'node:timers/promises'
import { detached } from '../shared/deadline'
import type { Clock } from '../shared/clock'
import type { Logger } from '../shared/logger'
import type { JobHandler, JobQueue } from './job-queue'
import type { ClaimedJob, JobStore } from './job-store'

/** How soon a job is seen that another process enqueued, or whose time has come. Enqueued here it is seen at once. */
const POLL_INTERVAL_MS = 250
/** How often it is looked for jobs of killed processes; it adds to the time that such a job waits. */
const RECLAIM_INTERVAL_MS = 5000
/** A database that is away is not asked at every poll, nor does every poll log that it is. */
const REST_AFTER_ERROR_MS = 1000
const MAX_FAILURES = 10
const FAILURE_MAX_LENGTH = 1000
/** A database that restarts is away for seconds, the end of a lease for up to a minute. With the 30 seconds of a job it is within its lease. */
const WRITE_PAUSES_MS = [500, 1000, 2000, 4000]

export interface RunnerOptions {
  clock: Clock
  logger: Logger
  /** How many jobs are run at a time. */
  concurrency: number
  /** How long a job waits after having failed so often. */
  pauseMs?: (failures: number) => number
}

/** The queue on either engine: takes due jobs out of the store, runs them, and writes down what became of them. */
export function createJobQueue(store: JobStore, { clock, logger, concurrency, pauseMs = growingPauseMs }: RunnerOptions): JobQueue {
  const handlers = new Map<string, { handle: JobHandler; abandon: JobHandler | undefined }>()
  const running = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | null = null
  let lookAgain = false
  let stopped = true
  let reclaimedAt = 0
  let restUntil = 0

  function wake(): void {
    // Often called by a request, of which the jobs are no part.
    if (!stopped) detached(() => setImmediate(look))
  }

  function look(): void {
    if (stopped || performance.now() < restUntil) return
    // What was committed while a look was under way may have escaped it.
    lookAgain = looking !== null
    looking ??= takeJobs()
      .catch((error: unknown) => {
        restUntil = performance.now() + REST_AFTER_ERROR_MS
        logger.error({ err: error }, 'The queue could not look for jobs; it will try again.')
      })
      .finally(() => {
        looking = null
        if (lookAgain) look()
      })
  }

  async function takeJobs(): Promise<void> {
    if (performance.now() - reclaimedAt > RECLAIM_INTERVAL_MS) {
      await store.reclaim(false)
      reclaimedAt = performance.now()
    }
    const free = concurrency - running.size
    if (free <= 0) return
    for (const job of await store.claim(free)) {
      const run = runJob(job).finally(() => {
        running.delete(run)
        wake()
      })
      running.add(run)
    }
  }

  async function runJob(job: ClaimedJob): Promise<void> {
    try {
      const worker = handlers.get(job.name)
      if (!worker) throw new Error(`Nobody does jobs of the name ${job.name}.`)
      await worker.handle(job.payload)
    } catch (error) {
      return noteFailure(job, error)
    }
    await writeDown(job, () => store.remove(job))
  }

  async function noteFailure(job: ClaimedJob, error: unknown): Promise<void> {
    const { name, payload } = job
    logger.error({ err: error, job: name, payload }, 'A job failed.')
    const failures = job.failures + 1
    const failure = { failures, lastFailure: String(error).slice(0, FAILURE_MAX_LENGTH) }
    if (failures < MAX_FAILURES) {
      const runAt = new Date(clock.now().getTime() + pauseMs(failures))
      await writeDown(job, () => store.putBack(job, failure, runAt))
      return
    }
    const isDead = await writeDown(job, async () => {
      await handlers.get(name)?.abandon?.(payload)
      return store.bury(job, failure)
    })
    if (isDead)
      logger.error(
        { err: error, job: name, payload, failures },
        'A job is dead, and what it was to do stays undone: mend the cause, then run `flowthrough jobs --retry`.',
      )
  }

  /** Answers whether what became of the job is written down: not when another has it by now, or the database was away for too long. */
  async function writeDown(job: ClaimedJob, write: () => Promise<boolean>): Promise<boolean> {
    const about = { job: job.name, payload: job.payload }
    for (const writePauseMs of [...WRITE_PAUSES_MS, null]) {
      try {
        const isWritten = await write()
        if (!isWritten) logger.debug(about, 'A job took longer than its lease, and another has taken it over.')
        return isWritten
      } catch (error) {
        if (writePauseMs === null) logger.error({ err: error, ...about }, 'The end of a job could not be written down; its lease will end.')
        else {
          logger.warn({ err: error, ...about }, 'The end of a job could not be written down; it will be tried again.')
          await sleep(writePauseMs)
        }
      }
    }
    return false
  }

  return {
    async enqueue(transaction, job) {
      await store.add(transaction, job)
      transaction.afterCommit(wake)
    },
    work: (name, handle, abandon) => void handlers.set(name, { handle, abandon }),
    async start() {
      await store.reclaim(true)
      reclaimedAt = performance.now()
      stopped = false
      timer = setInterval(look, POLL_INTERVAL_MS)
      wake()
    },
    async stop() {
      stopped = true
      clearInterval(timer)
      // A look that is under way may still take jobs; those are run to their end as well.
      await looking
      await Promise.all(running)
    },
    counts: () => store.counts(),
    deadJobs: limit => store.deadJobs(limit),
    retryDeadJobs: () => store.retryDeadJobs(),
  }
}

/** From two seconds to a minute, at random down to half of it, so that jobs which failed together do not come back together. */
function growingPauseMs(failures: number): number {
  return Math.min(60_000, 1000 * 2 ** failures) * (0.5 + Math.random() / 2)
}
