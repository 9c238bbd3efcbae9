import { DataSource } from 'typeorm'
import { dataSourceOptions } from './data-source'
import type { Database, DatabaseOptions } from './database'
import { commitWithRetries } from './transactions'

/** Any numbers that nothing else in the database uses: replicas that start together do this one after the other. */
const MIGRATION_LOCK = 4_020_626
const ALONE_LOCK = 4_020_627

/**
 * PostgreSQL through two pools: a read that waits for a connection inside a transaction which itself holds one would stop the pool
 * for good, so reads have a pool of their own.
 */
export async function openPostgres(url: string, { entities, observer }: DatabaseOptions): Promise<Database> {
  const options = dataSourceOptions({ kind: 'postgres', url }, entities, observer)
  const writer = new DataSource(options)
  const reader = new DataSource({ ...options, extra: { ...(options.extra as object), onConnect: readOnly } })
  await writer.initialize()
  await reader.initialize()

  return {
    kind: 'postgres',
    reader: reader.manager,
    transaction: work => commitWithRetries(attempt => writer.transaction(attempt), work),
    readAside: (sql, parameters) => reader.query(sql, parameters),
    alone: work => whileLocked(writer, ALONE_LOCK, work),
    async migrate() {
      await whileLocked(writer, MIGRATION_LOCK, () => writer.runMigrations({ transaction: 'all' }))
    },
    async close() {
      await reader.destroy()
      await writer.destroy()
    },
  }
}

async function whileLocked<Result>(writer: DataSource, lock: number, work: () => Promise<Result>): Promise<Result> {
  const holder = writer.createQueryRunner()
  await holder.query('SELECT pg_advisory_lock($1)', [lock])
  try {
    return await work()
  } finally {
    await holder.query('SELECT pg_advisory_unlock($1)', [lock])
    await holder.release()
  }
}

/** By a statement rather than a start-up parameter, which poolers such as PgBouncer refuse. */
async function readOnly(connection: { query(sql: string): Promise<unknown> }): Promise<void> {
  await connection.query('SET default_transaction_read_only = on')
}
