import type { Database } from '../database/database'
import { readRows, selectRows } from '../database/rows'
import { timestamp, type Clock } from '../shared/clock'
import { newId } from '../shared/ids'
import { Job } from './job.entity'
import { JobPriority } from './job-queue'
import type { ClaimedJob, JobStore } from './job-store'

/** Twice the time that a job may take. Afterwards a job whose result could not be recorded runs again. */
const LEASE_MS = 60_000
const HIGHEST_FIRST = [JobPriority.PERSON, JobPriority.ORDINARY, JobPriority.BULK_STEP, JobPriority.BULK]

export interface TableJobStoreOptions {
  leaseMs?: number
}

/** Jobs in a table of the same database, claimed row by row with compare-and-set: the engine of SQLite (docs/adr/0005). */
export function createTableJobStore(database: Database, clock: Clock, { leaseMs = LEASE_MS }: TableJobStoreOptions = {}): JobStore {
  const later = (milliseconds: number) => timestamp(new Date(clock.now().getTime() + milliseconds))
  const write = async ({ id, lease }: ClaimedJob, values: Partial<Job>) => {
    const { affected } = await database.transaction(({ manager }) =>
      manager.update(Job, { id, lockedUntil: lease }, { lockedUntil: null, ...values }),
    )
    return affected === 1
  }

  /** One query for each priority, so that the index leads to the due jobs only and not through the later ones. */
  async function dueJobs(limit: number, now: string): Promise<Job[]> {
    const due: Job[] = []
    for (const priority of HIGHEST_FIRST) {
      if (due.length === limit) break
      const ofPriority = selectRows(database.reader, Job, 'job')
        .where('job.deadAt IS NULL AND job.priority = :priority AND job.runAt <= :now', { priority, now })
        .andWhere('(job.lockedUntil IS NULL OR job.lockedUntil < :now)')
        .orderBy('job.runAt')
        .addOrderBy('job.id')
        .limit(limit - due.length)
      due.push(...(await readRows(ofPriority)))
    }
    return due
  }

  return {
    prepare: async () => undefined,
    async add({ manager }, { name, payload, runAt, priority = JobPriority.ORDINARY }) {
      const now = clock.now()
      await manager.insert(Job, {
        id: newId('Job'),
        name,
        payload,
        priority,
        runAt: timestamp(runAt ?? now),
        lockedUntil: null,
        failures: 0,
        lastFailure: null,
        deadAt: null,
        createdAt: timestamp(now),
      })
    },
    async reclaim(starting) {
      // Only one process serves an SQLite file, so at its start every lease belongs to a process that has ended.
      if (starting)
        await database.transaction(({ manager }) => manager.createQueryBuilder().update(Job).set({ lockedUntil: null }).execute())
    },
    async claim(limit) {
      const now = later(0)
      const due = await dueJobs(limit, now)
      if (due.length === 0) return []
      return database.transaction(async ({ manager }) => {
        const claimed: ClaimedJob[] = []
        // Later than every lease that has ended, so that no two claims of a job are equal.
        const lease = later(leaseMs)
        for (const job of due) {
          const { affected } = await manager
            .createQueryBuilder()
            .update(Job)
            .set({ lockedUntil: lease })
            .where('id = :id AND dead_at IS NULL AND run_at <= :now AND (locked_until IS NULL OR locked_until < :now)', { id: job.id, now })
            .execute()
          if (affected === 1) claimed.push({ ...job, lease })
        }
        return claimed
      })
    },
    async remove({ id, lease }) {
      const { affected } = await database.transaction(({ manager }) => manager.delete(Job, { id, lockedUntil: lease }))
      return affected === 1
    },
    putBack: (job, failure, runAt) => write(job, { ...failure, runAt: timestamp(runAt) }),
    bury: (job, failure) => write(job, { ...failure, deadAt: later(0) }),
    async counts() {
      const counted = (condition: string) =>
        selectRows(database.reader, Job, 'job')
          .where(condition, { now: later(0) })
          .getCount()
      const dead = await counted('job.deadAt IS NOT NULL')
      const running = await counted('job.deadAt IS NULL AND job.lockedUntil >= :now')
      const waiting = await counted('job.deadAt IS NULL AND (job.lockedUntil IS NULL OR job.lockedUntil < :now)')
      return { waiting, running, dead }
    },
    async attemptsWithJob(attemptIds) {
      // As the index has it.
      const attemptId = `json_extract("payload", '$.attemptId')`
      const rows = await database.reader.query<{ attemptId: string }[]>(
        `SELECT ${attemptId} AS "attemptId" FROM "job" WHERE ${attemptId} IN (${attemptIds.map(() => '?').join(', ')}) AND dead_at IS NULL`,
        [...attemptIds],
      )
      return new Set(rows.map(row => row.attemptId))
    },
    async deadJobs(limit) {
      const dead = await readRows(
        selectRows(database.reader, Job, 'job').where('job.deadAt IS NOT NULL').orderBy('job.deadAt', 'DESC').limit(limit),
      )
      return dead.map(({ name, payload, failures, lastFailure, deadAt }) => ({
        name,
        payload,
        failures,
        lastFailure: lastFailure as string,
        diedAt: deadAt as string,
      }))
    },
    async retryDeadJobs() {
      const { affected } = await database.transaction(({ manager }) =>
        manager
          .createQueryBuilder()
          .update(Job)
          .set({ deadAt: null, failures: 0, runAt: later(0) })
          .where('dead_at IS NOT NULL')
          .execute(),
      )
      return affected ?? 0
    },
  }
}
