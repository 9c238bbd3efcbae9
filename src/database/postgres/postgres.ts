import { createHash } from 'node:crypto'
import { Semaphore } from 'async-mutex'
import type { Socket } from 'node:net'
import type { Pool } from 'pg'
import type { DataSource } from 'typeorm'
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver'
import { dataSourceOptions } from '../data-source'
import { type BackgroundReadOptions, type DatabaseOptions, type PostgresDatabase } from '../database'
import { TookTooLong } from '../../shared/errors'
import { withoutDeadline } from '../../shared/deadline'
import { openRowStream } from './row-stream'
import { createPostgresNotifier } from './notifier'
import { TimedDataSource } from '../timed-data-source'
import { commitWithRetries } from '../transactions'
import { createTenantSemaphore } from '../tenant-semaphore'
import { refuseUnknownMigrations } from '../unknown-migrations'

/** Any number that nothing else in the database uses: replicas that start together do this one after the other. */
const MIGRATION_LOCK = 4_020_626
/** A lock, held or waited for, occupies a connection, and its holder needs another one: most of the ten in the pool must stay free. */
const LOCKS_MAX = 3
/** The pool has ten connections: most stay free for other partners and for short reads. */
const READS_PER_PARTNER = 3

/**
 * PostgreSQL through two pools: a read that waits for a connection inside a transaction which itself holds one would stop the pool
 * for good, so reads have a pool of their own.
 */
export async function openPostgres(url: string, { entities, logger, observer }: DatabaseOptions): Promise<PostgresDatabase> {
  const options = dataSourceOptions({ kind: 'postgres', url }, entities, observer)
  const connectedBy = (onConnect: (connection: Connection) => Promise<void>) =>
    new TimedDataSource({ ...options, extra: { ...(options.extra as object), onConnect } }, breakOff)
  const writer = connectedBy(prepare)
  const reader = connectedBy(prepareReader)
  await writer.initialize()
  await reader.initialize()
  const locksAtOnce = new Semaphore(LOCKS_MAX)
  const readSlots = createTenantSemaphore(READS_PER_PARTNER)
  // The pool itself, which closes a connection whose statement failed: pg-boss begins transactions inside of a text.
  const pool = (writer.driver as PostgresDriver).master as Pool
  const notifier = createPostgresNotifier(url, logger, sql => pool.query(sql))

  return {
    kind: 'postgres',
    reader: reader.manager,
    notifier,
    transaction: work => commitWithRetries(attempt => writer.transaction(attempt), work),
    backgroundRead(sql, parameters, { partnerId, timeLimitMs }: BackgroundReadOptions = {}) {
      const read = (): Promise<Record<string, unknown>[]> =>
        timeLimitMs === undefined ? reader.query(sql, parameters) : readWithin(reader, timeLimitMs, sql, parameters)
      return partnerId === undefined ? read() : readSlots(partnerId, read)
    },
    stream(sql, parameters, options) {
      observer?.(sql)
      return openRowStream(url, numberOf, sql, parameters, options)
    },
    withLock: (name, work) => withoutDeadline(() => locksAtOnce.runExclusive(() => withAdvisoryLock(writer, numberOf(name), work))),
    async migrate(afterwards) {
      await withAdvisoryLock(writer, MIGRATION_LOCK, async () => {
        await refuseUnknownMigrations(writer)
        await writer.runMigrations({ transaction: 'all' })
        await afterwards?.()
      })
    },
    execute: (sql, parameters) => pool.query<Record<string, unknown>>(sql, parameters),
    async close() {
      await notifier.close()
      await reader.destroy()
      await writer.destroy()
    },
  }
}

/** What PostgreSQL calls a statement that it ended. */
const QUERY_CANCELED = '57014'

async function readWithin(reader: DataSource, timeLimitMs: number, sql: string, parameters: unknown[]): Promise<Record<string, unknown>[]> {
  try {
    return await reader.transaction(async manager => {
      await manager.query(`SET LOCAL statement_timeout = ${Math.ceil(timeLimitMs)}`)
      return manager.query(sql, parameters)
    })
  } catch (error) {
    if ((error as { driverError?: { code?: string } }).driverError?.code === QUERY_CANCELED) throw new TookTooLong(String(error))
    throw error
  }
}

async function withAdvisoryLock<Result>(writer: DataSource, lock: number, work: () => Promise<Result>): Promise<Result> {
  const holder = writer.createQueryRunner()
  await holder.query('SELECT pg_advisory_lock($1)', [lock])
  try {
    return await work()
  } finally {
    await holder.query('SELECT pg_advisory_unlock($1)', [lock])
    await holder.release()
  }
}

/** PostgreSQL names its locks by numbers; of 48 bits, no two of our names will share one. */
function numberOf(name: string): number {
  return createHash('sha256').update(name).digest().readUIntBE(0, 6)
}

interface Connection {
  query(sql: string): Promise<unknown>
}

/** A transaction of ours waits for nothing but statements; one that idles belongs to a process that is stuck or gone, and holds its locks. */
const IDLE_IN_TRANSACTION_MAX_MS = 60_000
/** How soon the server sees that a connection was broken off in the middle of a statement, and ends that. */
const CONNECTION_CHECK_MS = 500

/** By statements rather than start-up parameters, which poolers such as PgBouncer refuse. */
async function prepare(connection: Connection): Promise<void> {
  await connection.query(`SET idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MAX_MS}`)
  // Not every platform of the server can look; there, a statement that nobody waits for ends by itself.
  await connection.query(`SET client_connection_check_interval = ${CONNECTION_CHECK_MS}`).catch(() => undefined)
}

async function prepareReader(connection: Connection): Promise<void> {
  await prepare(connection)
  await connection.query('SET default_transaction_read_only = on')
}

/**
 * Ends the statement that runs on a connection, with the connection: the server rolls back what it was part of. A request to cancel would
 * have to be asked for on a second connection, may come when the next statement runs, and waits for a server that hangs.
 */
function breakOff(connection: unknown): void {
  const { connection: protocol } = connection as { connection: { stream: Socket } }
  protocol.stream.destroy()
}
