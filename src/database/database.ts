import type { EntityManager } from 'typeorm'
import type { DatabaseConfig } from '../config'
import type { Logger } from '../shared/logger'

/** Everything a service needs of a database, the same on SQLite and on PostgreSQL. */
export interface Database {
  readonly kind: DatabaseConfig['kind']
  /** Reads what is committed; refuses to write. */
  readonly reader: EntityManager
  /**
   * Runs the work in one transaction and answers what it answers. When another writer was quicker (a stale row, a busy file, a
   * deadlock) the work is run again from its start, so it must have no effect outside the transaction; see `afterCommit`.
   */
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>
  /**
   * Runs a read that may take long (a search, a count) without stopping other requests: on SQLite, whose driver is synchronous,
   * in a thread of its own. Answers raw rows; see `decodeRows`.
   */
  readAside(sql: string, parameters: unknown[]): Promise<Record<string, unknown>[]>
  /** Runs the work while nothing else that is run so does, in this process or in another that serves the same database. */
  alone<Result>(work: () => Promise<Result>): Promise<Result>
  migrate(): Promise<void>
  close(): Promise<void>
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
    super('The database is busy with other changes; nothing was changed. Try again in a moment.', { cause })
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
