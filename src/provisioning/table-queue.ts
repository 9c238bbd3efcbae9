import type { Database } from '../database/database'
import { readRows, selectRows } from '../database/rows'
import { timestamp, type Clock } from '../shared/clock'
import { newId } from '../shared/ids'
import type { Logger } from '../shared/logger'
import { Job } from './job.entity'
import type { JobHandler, JobQueue } from './job-queue'

/** Jobs mostly wait for Webex; more at a time would only meet its rate limits. */
const CONCURRENCY = 8
/** How soon a job is seen that another process enqueued, or whose time has come. Enqueued here it is seen at once. */
const POLL_INTERVAL_MS = 250
/** Twice what a job may take; after that another process takes the job of one that was killed. */
const LEASE_MS = 60_000
const MAX_FAILURES = 10

/** A queue on a table of the same database, claimed row by row with compare-and-set; works on SQLite and PostgreSQL. */
export function createTableQueue(database: Database, clock: Clock, logger: Logger): JobQueue {
  const handlers = new Map<string, { handle: JobHandler; abandon: JobHandler | undefined }>()
  const running = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | null = null
  let stopped = true

  function wake(): void {
    if (!stopped) setImmediate(look)
  }

  function look(): void {
    if (looking || stopped) return
    looking = takeJobs()
      .catch((error: unknown) => logger.error({ err: error }, 'The queue could not look for jobs; it will try again.'))
      .finally(() => {
        looking = null
      })
  }

  async function takeJobs(): Promise<void> {
    const free = CONCURRENCY - running.size
    if (free <= 0) return
    for (const job of await claim(free)) {
      const run = runJob(job).finally(() => {
        running.delete(run)
        wake()
      })
      running.add(run)
    }
  }

  async function claim(limit: number): Promise<Job[]> {
    const now = timestamp(clock.now())
    const due = await readRows(
      selectRows(database.reader, Job, 'job')
        .where('job.deadAt IS NULL AND job.runAt <= :now AND (job.lockedUntil IS NULL OR job.lockedUntil < :now)', { now })
        .andWhere('job.name IN (:...names)', { names: [...handlers.keys()] })
        .orderBy('job.runAt')
        .addOrderBy('job.id')
        .limit(limit),
    )
    if (due.length === 0) return []
    const lockedUntil = timestamp(new Date(clock.now().getTime() + LEASE_MS))
    return database.transaction(async ({ manager }) => {
      const claimed: Job[] = []
      for (const job of due) {
        const { affected } = await manager
          .createQueryBuilder()
          .update(Job)
          .set({ lockedUntil })
          .where('id = :id AND run_at <= :now AND (locked_until IS NULL OR locked_until < :now)', { id: job.id, now })
          .execute()
        if (affected === 1) claimed.push(job)
      }
      return claimed
    })
  }

  async function runJob(job: Job): Promise<void> {
    try {
      await handlers.get(job.name)?.handle(job.payload)
      await database.transaction(({ manager }) => manager.delete(Job, { id: job.id }))
    } catch (error) {
      logger.error({ err: error, job: job.name, payload: job.payload }, 'A job failed.')
      await putBack(job, error).catch(cause => logger.error({ err: cause }, 'A failed job could not be put back; its lease will end.'))
    }
  }

  async function putBack(job: Job, error: unknown): Promise<void> {
    const failures = job.failures + 1
    const dead = failures >= MAX_FAILURES
    if (dead) await handlers.get(job.name)?.abandon?.(job.payload)
    const now = clock.now()
    const pauseMs = Math.min(60_000, 1000 * 2 ** failures) * (0.5 + Math.random() / 2)
    await database.transaction(({ manager }) =>
      manager.update(
        Job,
        { id: job.id },
        {
          failures,
          lastFailure: String(error).slice(0, 1000),
          lockedUntil: null,
          runAt: timestamp(new Date(now.getTime() + pauseMs)),
          deadAt: dead ? timestamp(now) : null,
        },
      ),
    )
  }

  return {
    async enqueue(transaction, { name, payload, runAt }) {
      const now = clock.now()
      await transaction.manager.insert(Job, {
        id: newId('Job'),
        name,
        payload,
        runAt: timestamp(runAt ?? now),
        lockedUntil: null,
        failures: 0,
        lastFailure: null,
        deadAt: null,
        createdAt: timestamp(now),
      })
      transaction.afterCommit(wake)
    },
    work: (name, handle, abandon) => void handlers.set(name, { handle, abandon }),
    async start() {
      // Only one process serves a SQLite file, so whatever is taken there was taken by one that has ended.
      if (database.kind === 'sqlite') {
        await database.transaction(({ manager }) => manager.createQueryBuilder().update(Job).set({ lockedUntil: null }).execute())
      }
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
  }
}
