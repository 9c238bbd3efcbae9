import PgBoss from 'pg-boss'
import type { EntityManager } from 'typeorm'
import type { PostgresDatabase } from '../database/database'
import { timestamp, type Clock } from '../shared/clock'
import { type DeadJob, type JobPayload, JobPriority } from './job-queue'
import type { ClaimedJob, Failure, JobStore } from './job-store'

const JOBS = 'jobs'
/** Payload field with an index of its own. */
const ATTEMPT_ID = `(data->'payload'->>'attemptId')`
/** A dead job moves to this queue, which has no workers and no expiry. */
const DEAD_JOBS = 'dead-jobs'
/** A job ends within 30 seconds. After this, its process counts as killed, and another process may claim it. */
const LEASE_MS = 40_000
/** pg-boss counts ended leases. A killed process is not a failure of the job, so the limit is out of reach; `failures` counts those. */
const LEASES_MAX = 1_000_000

export interface PgBossJobStoreOptions {
  /** At least 1000, in whole seconds. */
  leaseMs?: number
}

interface JobData {
  name: string
  payload: JobPayload
  failures: number
  lastFailure: string | null
}

/**
 * Jobs in pg-boss, for several processes that share the work: the engine of PostgreSQL (docs/adr/0014). Statements go through the
 * connections of the database, those of an enqueued job through its transaction, so nothing of it has to be opened or closed.
 */
export function createPgBossJobStore(
  database: PostgresDatabase,
  clock: Clock,
  { leaseMs = LEASE_MS }: PgBossJobStoreOptions = {},
): JobStore {
  const expireInSeconds = leaseMs / 1000
  const boss = new PgBoss({
    db: { executeSql: (sql, parameters) => database.execute(sql, parameters) },
    // Apart from our tables, and from those of another product that uses pg-boss in the same database.
    schema: 'flowthrough_queue',
    // Its timers would scan all jobs twice a minute for completed, scheduled or expired ones, which never exist here.
    supervise: false,
    schedule: false,
    expireInSeconds,
    retryLimit: LEASES_MAX,
  })

  /** A delay instead of a time, because the clock of the database decides whether a job is due. */
  const delaySeconds = (runAt: Date | undefined) => (runAt ? (runAt.getTime() - clock.now().getTime()) / 1000 : 0)

  /** Changes a job only while the caller holds it. `deleteJob` and `fail` of pg-boss compare the ID only, not the lease. */
  async function asHolder({ id, lease }: ClaimedJob, change: string, parameters: unknown[] = []): Promise<boolean> {
    const { rows } = await database.execute(`${change} WHERE name = $1 AND id = $2 AND retry_count = $3 RETURNING id`, [
      JOBS,
      id,
      lease,
      ...parameters,
    ])
    return rows.length === 1
  }

  function move(job: ClaimedJob, queue: string, failure: Failure, startAfterSeconds: number): Promise<boolean> {
    // `retry_count` is the lease: counting it up ends the claim.
    const change = `UPDATE flowthrough_queue.job
                       SET name = $4, state = 'created', data = data || $5::jsonb, retry_count = retry_count + 1, created_on = now(),
                           start_after = now() + $6 * interval '1 second'`
    return asHolder(job, change, [queue, JSON.stringify(failure), startAfterSeconds])
  }

  return {
    async prepare() {
      await boss.start()
      await boss.createQueue(JOBS)
      await boss.createQueue(DEAD_JOBS)
      await addIndexes(database)
      await adoptJobsOfTable(database, expireInSeconds)
    },
    async add({ manager }, { name, payload, runAt, priority = JobPriority.ORDINARY }) {
      const data: JobData = { name, payload, failures: 0, lastFailure: null }
      const id = await boss.send(JOBS, data, { priority, startAfter: delaySeconds(runAt), db: within(manager) })
      if (id === null) throw new Error(`pg-boss did not take a job of the name ${name}.`)
    },
    reclaim: () => boss.expire(),
    async claim(limit) {
      let failure: Error | null = null
      // pg-boss returns no jobs when the statement fails.
      const executeSql: PgBoss.Db['executeSql'] = (sql, parameters) =>
        database.execute(sql, parameters).catch((error: Error) => {
          failure = error
          throw error
        })
      const jobs = await boss.fetch<JobData>(JOBS, { batchSize: limit, priority: true, includeMetadata: true, db: { executeSql } })
      if (failure) throw failure as Error
      return jobs.map(({ id, priority, retryCount, data: { name, payload, failures } }) => ({
        ...{ id, name, payload, priority, failures },
        // The number of earlier claims.
        lease: String(retryCount),
      }))
    },
    remove: job => asHolder(job, 'DELETE FROM flowthrough_queue.job'),
    putBack: (job, failure, runAt) => move(job, JOBS, failure, delaySeconds(runAt)),
    bury: (job, failure) => move(job, DEAD_JOBS, failure, 0),
    async counts() {
      const [counts] = await database.backgroundRead(
        `SELECT count(*) FILTER (WHERE name = $1 AND state < 'active')::integer AS waiting,
                count(*) FILTER (WHERE name = $1 AND state = 'active')::integer AS running,
                count(*) FILTER (WHERE name = $2)::integer AS dead
           FROM flowthrough_queue.job`,
        [JOBS, DEAD_JOBS],
      )
      return counts as { waiting: number; running: number; dead: number }
    },
    async attemptsWithJob(attemptIds) {
      const rows = await database.backgroundRead(
        `SELECT ${ATTEMPT_ID} AS "attemptId" FROM flowthrough_queue.job WHERE name = $1 AND ${ATTEMPT_ID} = ANY($2)`,
        [JOBS, attemptIds],
      )
      return new Set(rows.map(row => row['attemptId'] as string))
    },
    async deadJobs(limit) {
      const rows = await database.backgroundRead(
        `SELECT data, created_on AS "diedAt" FROM flowthrough_queue.job WHERE name = $1 ORDER BY created_on DESC LIMIT $2`,
        [DEAD_JOBS, limit],
      )
      return rows.map(row => ({ ...(row['data'] as DeadJob), diedAt: timestamp(row['diedAt'] as Date) }))
    },
    async retryDeadJobs() {
      const { rows } = await database.execute(
        `UPDATE flowthrough_queue.job SET name = $1, data = data || '{"failures": 0}', created_on = now() WHERE name = $2 RETURNING id`,
        [JOBS, DEAD_JOBS],
      )
      return rows.length
    },
  }
}

/** Runs pg-boss in a transaction of ours. Works for INSERT and SELECT, which is all that `send` needs. */
function within(manager: EntityManager): PgBoss.Db {
  return { executeSql: async (sql, parameters) => ({ rows: await manager.query<unknown[]>(sql, parameters) }) }
}

/**
 * pg-boss sorts all due jobs to claim eight, and reads all jobs to find ended leases: half a second with a million jobs. With these indexes
 * it is a few milliseconds.
 */
const INDEXES = {
  job_due: `(priority DESC, created_on, id, start_after) WHERE state < 'active'`,
  job_active: `(started_on) WHERE state = 'active'`,
  job_attempt: `(${ATTEMPT_ID})`,
}

async function addIndexes(database: PostgresDatabase): Promise<void> {
  for (const [name, definition] of Object.entries(INDEXES)) {
    const { rows } = await database.execute('SELECT to_regclass($1) AS index', [`flowthrough_queue.${name}`])
    // Asked first, because CREATE INDEX IF NOT EXISTS would wait for every transaction that enqueues.
    if (rows[0]?.['index'] === null) await database.execute(`CREATE INDEX ${name} ON flowthrough_queue.job ${definition}`, [])
  }
}

/** Moves the jobs of the table `job`, which was the queue on PostgreSQL before pg-boss. */
async function adoptJobsOfTable(database: PostgresDatabase, expireInSeconds: number): Promise<void> {
  await database.execute(
    `WITH moved AS (DELETE FROM job RETURNING *)
     INSERT INTO flowthrough_queue.job (name, priority, data, start_after, expire_in, retry_limit)
     SELECT CASE WHEN dead_at IS NULL THEN $1 ELSE $2 END, priority,
            json_build_object('name', name, 'payload', payload::json, 'failures', failures, 'lastFailure', last_failure),
            run_at::timestamptz, $3 * interval '1 second', $4
       FROM moved`,
    [JOBS, DEAD_JOBS, expireInSeconds, LEASES_MAX],
  )
}
