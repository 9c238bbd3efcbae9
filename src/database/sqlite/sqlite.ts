import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { Mutex } from 'async-mutex'
import type BetterSqlite3 from 'better-sqlite3'
import type { DataSource, Driver, EntityManager } from 'typeorm'
import { dataSourceOptions } from '../data-source'
import { type BackgroundReadOptions, type DatabaseOptions, type SqliteDatabase, StaleRowError } from '../database'
import { currentDeadline, withinDeadline, withoutDeadline } from '../../shared/deadline'
import { lockByName } from './server-lock'
import { leastBusy, startReaderThread } from './reader-thread'
import { createRowStreams } from './row-stream'
import { createSqliteNotifier } from './notifier'
import { TimedDataSource } from '../timed-data-source'
import { commitWithRetries, retryWhilePassing } from '../transactions'
import { createTenantSemaphore } from '../tenant-semaphore'
import { refuseUnknownMigrations } from '../unknown-migrations'

/** More than one partner may use, so that a partner with many reads leaves a thread to the others. */
const READER_THREADS = 2
const READS_PER_PARTNER = 1
/** A statement of one partner, of which nobody else has to wait for more. A million users are searched in some seconds. */
const READ_MAX_MS = 10_000

/**
 * SQLite through two connections: TypeORM shares one connection among all callers, so writes stand in a queue before the writer,
 * and everybody else reads what is committed through a read-only connection (docs/adr/0002).
 */
export async function openSqlite(file: string, { entities, logger, observer }: DatabaseOptions): Promise<SqliteDatabase> {
  mkdirSync(path.dirname(file), { recursive: true })
  const options = dataSourceOptions({ kind: 'sqlite', path: file }, entities, observer)
  const writer = new TimedDataSource({ ...options, prepareDatabase: prepareWriter } as typeof options)
  await retryWhilePassing(() => writer.initialize())
  const reader = new TimedDataSource({ ...options, readonly: true, enableWAL: false } as typeof options)
  await reader.initialize()
  const threads = Array.from({ length: READER_THREADS }, () => startReaderThread(file, logger))
  const readSlots = createTenantSemaphore(READS_PER_PARTNER)
  const openRowStream = createRowStreams(file)
  const notifier = createSqliteNotifier(
    () => (reader.driver as ConnectedDriver).databaseConnection.pragma('data_version', { simple: true }) as number,
  )
  const queue = new Mutex()

  return {
    kind: 'sqlite',
    reader: reader.manager,
    notifier,
    transaction: work => commitWithRetries(attempt => queue.runExclusive(() => runImmediately(writer, attempt)), work),
    backgroundRead(sql, parameters, { partnerId, timeLimitMs }: BackgroundReadOptions = {}) {
      const deadline = currentDeadline()
      const endsAt = deadline ? Date.now() + deadline.leftMs + CLOCKS_DIFFER_MS : Infinity
      const read = async () => {
        observer?.(sql)
        try {
          return await leastBusy(threads).read(sql, parameters, { timeLimitMs: timeLimitMs ?? READ_MAX_MS, endsAt })
        } catch (error) {
          // The thread may be quicker to tell than our own timer.
          deadline?.check()
          throw error
        }
      }
      return partnerId === undefined ? withinDeadline(read) : readSlots(partnerId, read)
    },
    async stream(sql, parameters, options) {
      observer?.(sql)
      return openRowStream(sql, parameters, options)
    },
    withLock: (name, work) =>
      withoutDeadline(async () => {
        const unlock = await lockByName(file, name)
        return work().finally(unlock)
      }),
    emptyLog: () => retryWhilePassing(() => queue.runExclusive(() => emptyLog(writer)), LOG_BUDGET_MS),
    async migrate(afterwards) {
      await retryWhilePassing(() => queue.runExclusive(() => migrateImmediately(writer)))
      await afterwards?.()
    },
    async close() {
      await notifier.close()
      await Promise.all(threads.map(thread => thread.stop()))
      await reader.destroy()
      await queue.runExclusive(() => writer.destroy())
    },
  }
}

/** A thread has the time of the day alone in common with us, in whole milliseconds. */
const CLOCKS_DIFFER_MS = 5

/** TypeORM keeps its connection to itself. */
type ConnectedDriver = Driver & { databaseConnection: BetterSqlite3.Database }

/**
 * With a second process at the file, waiting inside SQLite would stop our event loop for as long as the other's transaction: the
 * writer is told "busy" at once and waits with `await` (see `retryWhilePassing`).
 */
function prepareWriter(connection: BetterSqlite3.Database): void {
  connection.pragma('busy_timeout = 5000')
  connection.pragma('journal_mode = WAL')
  connection.pragma('busy_timeout = 0')
  // What is deleted or overwritten is gone from the file: `flowthrough erase` promises that.
  connection.pragma('secure_delete = ON')
}

/** A download may look at one state for ten minutes; nobody waits that long for a log. */
const LOG_BUDGET_MS = 5000

/** Readers that still look at an older state keep the log from being emptied; most are soon done. */
async function emptyLog(writer: DataSource): Promise<void> {
  const [result] = await writer.query<{ busy: number }[]>('PRAGMA wal_checkpoint(TRUNCATE)')
  if (result?.busy) throw new StaleRowError('Somebody reads an older state.')
}

/** BEGIN IMMEDIATE, which TypeORM cannot say: a transaction that reads first and then writes must not find its snapshot too old. */
async function runImmediately<Result>(writer: DataSource, work: (manager: EntityManager) => Promise<Result>): Promise<Result> {
  const runner = writer.createQueryRunner()
  await runner.query('BEGIN IMMEDIATE')
  Object.assign(runner, { isTransactionActive: true })
  try {
    const result = await work(runner.manager)
    await runner.query('COMMIT')
    return result
  } catch (error) {
    await runner.query('ROLLBACK').catch(() => undefined)
    throw error
  } finally {
    Object.assign(runner, { isTransactionActive: false })
    await runner.release()
  }
}

/** Looks what is to be done inside the transaction that does it: of two processes that start together, the second finds it done. */
async function migrateImmediately(writer: DataSource): Promise<void> {
  // SQLite ignores this inside a transaction, and a migration that rebuilds a table needs it.
  await writer.query('PRAGMA foreign_keys = OFF')
  try {
    await runImmediately(writer, async () => {
      await refuseUnknownMigrations(writer)
      return writer.runMigrations({ transaction: 'none' })
    })
  } finally {
    await writer.query('PRAGMA foreign_keys = ON')
  }
}
