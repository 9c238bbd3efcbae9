import PgBoss from 'pg-boss'
import type { EntityManager } from 'typeorm'
import type { PostgresDatabase } from '../database/database'
import { timestamp, type Clock } from '../shared/clock'
import { type DeadJob, JobPriority } from './job-queue'
import type { ClaimedJob, Failure, JobStore } from './job-store'

const JOBS = 'jobs'
/** A dead job moves to a queue of its own that nobody works on. Nothing there ends by itself. */
const DEAD_JOBS = 'dead-jobs'
/** A job ends within 30 seconds. One that has not after this is taken for that of a killed process, and is given to another. */
const LEASE_MS = 40_000
/** pg-boss counts how often a lease ended. A killed process is no fault of the job, so the limit is out of reach; failures are counted by us. */
const LEASES_MAX = 1_000_000

export interface PgBossJobStoreOptions {
  /** At least 1000, in whole seconds. */
  leaseMs?: number
}

interface JobData {
  name: string
  payload: Record<string, string>
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
    // Its timers would look at every job twice a minute for what is never there: here nothing is completed, scheduled or out of date.
    supervise: false,
    schedule: false,
    expireInSeconds,
    retryLimit: LEASES_MAX,
  })

  /** A delay rather than a time: whether a job is due is measured by the clock of the database. */
  const delaySeconds = (runAt: Date | undefined) => (runAt ? (runAt.getTime() - clock.now().getTime()) / 1000 : 0)

  /** A statement of ours, for pg-boss asks only for the ID: its `deleteJob` and `fail` would also take the job from who has it by now. */
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
    // Counted up here, too, so that the claim is over.
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
      // To pg-boss a look that failed is an empty queue.
      const executeSql: PgBoss.Db['executeSql'] = (sql, parameters) =>
        database.execute(sql, parameters).catch((error: Error) => {
          failure = error
          throw error
        })
      const jobs = await boss.fetch<JobData>(JOBS, { batchSize: limit, priority: true, includeMetadata: true, db: { executeSql } })
      if (failure) throw failure as Error
      return jobs.map(({ id, priority, retryCount, data: { name, payload, failures } }) => ({
        ...{ id, name, payload, priority, failures },
        // pg-boss counts with it how often the job was taken before.
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

/** pg-boss in a transaction of ours. Good for what answers rows by INSERT or SELECT: `send`. */
function within(manager: EntityManager): PgBoss.Db {
  return { executeSql: async (sql, parameters) => ({ rows: await manager.query<unknown[]>(sql, parameters) }) }
}

/**
 * pg-boss sorts all due jobs to take eight, and reads all jobs to find those whose lease is over: half a second with a million jobs.
 * In these orders it is a few milliseconds.
 */
async function addIndexes(database: PostgresDatabase): Promise<void> {
  const { rows } = await database.execute('SELECT to_regclass($1) AS index', ['flowthrough_queue.job_active'])
  // Asked first, because CREATE INDEX IF NOT EXISTS would wait for every transaction that enqueues.
  if (rows[0]?.['index'] !== null) return
  await database.execute(
    `CREATE INDEX job_due ON flowthrough_queue.job (priority DESC, created_on, id, start_after) WHERE state < 'active'`,
    [],
  )
  await database.execute(`CREATE INDEX job_active ON flowthrough_queue.job (started_on) WHERE state = 'active'`, [])
}

/** Moves what an installation from before pg-boss left in the table `job`, which was the queue on PostgreSQL, too. */
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
