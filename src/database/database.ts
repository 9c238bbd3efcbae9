import type { EntityManager } from 'typeorm'
import type { Logger } from '../shared/logger'
import type { RowStream, RowStreamOptions } from './row-stream'
import type { Notifier } from './notifier'

/** Everything a service needs of a database, the same on SQLite and on PostgreSQL. */
export type Database = SqliteDatabase | PostgresDatabase

export interface SqliteDatabase extends CommonDatabase {
  readonly kind: 'sqlite'
  /**
   * Brings everything from the write-ahead log into the file and empties the log, which keeps old pages until it is written over.
   * @throws DatabaseBusy when somebody looks at an older state for longer than some seconds
   */
  emptyLog(): Promise<void>
}

export interface PostgresDatabase extends CommonDatabase {
  readonly kind: 'postgres'
  /** Runs a statement of a library, which is not ours to see or to try again, on a connection that may write. */
  execute(sql: string, parameters: unknown[]): Promise<{ rows: Record<string, unknown>[] }>
}

interface CommonDatabase {
  /** Notifies this process and others of commits. */
  readonly notifier: Notifier
  /** Reads what is committed; refuses to write. */
  readonly reader: EntityManager
  /**
   * Runs the work in one transaction and answers what it answers. When another writer was quicker (a stale row, a busy file, a
   * deadlock) the work is run again from its start, so it must have no effect outside the transaction; see `afterCommit`.
   */
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>
  /**
   * Runs a read that may take long (a search, a count) without blocking other requests: on SQLite, whose driver is synchronous, in a
   * thread.
   * @returns raw rows; see `decodeRows`
   * @throws TookTooLong
   */
  backgroundRead(sql: string, parameters: unknown[], options?: BackgroundReadOptions): Promise<Record<string, unknown>[]>
  /**
   * Reads rows of any number with a connection of its own, outside of the others: they take the memory of one batch, and whoever reads
   * them may be slow. Null when all slots are taken.
   */
  stream(sql: string, parameters: unknown[], options: RowStreamOptions): Promise<RowStream | null>
  /**
   * Runs the work while it holds the lock of this name, which excludes other holders in all processes at the same database. For work of a
   * few seconds at most, and never within other such work: on PostgreSQL a lock occupies a connection.
   * @param name lower-case letters, digits, `-` and `_`
   */
  withLock<Result>(name: string, work: () => Promise<Result>): Promise<Result>
  /**
   * Brings the schema up to date; before the first change of any kind.
   * @param afterwards what else is to be brought up to date while no other process does so
   * @throws UnknownMigration when a newer version has migrated the database
   */
  migrate(afterwards?: () => Promise<void>): Promise<void>
  close(): Promise<void>
}

export interface BackgroundReadOptions {
  /** The tenant: each has few such reads at the same time, see `createTenantSemaphore`. Omitted by background work. */
  partnerId?: string
  /** The statement is ended after this time; on SQLite only with the condition of `whereInTime`. */
  timeLimitMs?: number
}

export interface Transaction {
  readonly manager: EntityManager
  /** Runs once the change is durable, and not at all when it is rolled back. */
  afterCommit(action: () => void): void
}

/** Two changes met at one row and the other one won; the transaction is run again on what is there now. */
export class StaleRowError extends Error {
  override readonly name = 'StaleRowError'
}

/** Others were quicker for so long that it was given up; nothing was changed, and it can be tried again. */
export class DatabaseBusy extends Error {
  override readonly name = 'DatabaseBusy'

  constructor(cause: unknown) {
    super('The database is busy with others; nothing was changed. Try again in a moment.', { cause })
  }
}

/** Sees the text of every statement; tests count with it. */
export type StatementObserver = (sql: string) => void

export interface DatabaseOptions {
  /** The entity classes; they live with their features, above this folder. */
  entities: EntityClass[]
  logger: Logger
  observer?: StatementObserver
}

export type EntityClass = new () => object
