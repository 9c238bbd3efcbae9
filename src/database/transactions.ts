import { setTimeout as sleep } from 'node:timers/promises'
import type { EntityManager } from 'typeorm'
import { type Database, DatabaseBusy, StaleRowError, type Transaction } from './database'
import { noteChange } from '../shared/deadline'

/** How long something is tried when others are quicker: longer than any import holds the file, no longer than a client waits. */
const TIME_BUDGET_MS = 30_000
/** At random up to this, growing with each try: who waits together does not try together, and a gap between batches is not missed. */
const MAX_PAUSE_MS = 100

/** SQLite: another process writes (BUSY, and its variant for a snapshot that is too old). PostgreSQL: serialization failure, deadlock. */
const PASSING = new Set(['SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT', '40001', '40P01'])

/** Runs one try after another until the work is committed, then what it left for after the commit. */
export async function commitWithRetries<Result>(
  tryOnce: (work: (manager: EntityManager) => Promise<Result>) => Promise<Result>,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  let actions: (() => void)[] = []
  const result = await retryWhilePassing(() => {
    actions = []
    return tryOnce(manager => work({ manager, afterCommit: action => actions.push(action) }))
  })
  noteChange()
  for (const action of actions) action()
  return result
}

/** @throws DatabaseBusy when others were quicker for all of the time */
export async function retryWhilePassing<Result>(action: () => Promise<Result>, budgetMs = TIME_BUDGET_MS): Promise<Result> {
  const deadline = performance.now() + budgetMs
  for (let tries = 1; ; tries += 1) {
    try {
      return await action()
    } catch (error) {
      if (!isPassing(error)) throw error
      if (performance.now() > deadline) throw new DatabaseBusy(error)
      await sleep(Math.random() * Math.min(MAX_PAUSE_MS, 5 * tries))
    }
  }
}

/**
 * Transactions for a change in many batches. SQLite has one writer at a time and no queue between processes: whoever commits back to
 * back starves all others. So the next batch starts no sooner than the last one took, which leaves them half of the time.
 */
export function pacedTransactions(database: Database): Database['transaction'] {
  if (database.kind !== 'sqlite') return work => database.transaction(work)
  let resumeAt = 0
  return async work => {
    await sleep(Math.max(0, resumeAt - performance.now()))
    let startedAt = 0
    const result = await database.transaction(transaction => {
      startedAt = performance.now()
      return work(transaction)
    })
    resumeAt = 2 * performance.now() - startedAt
    return result
  }
}

/** Somebody else took the same key since it was looked for: the transaction is run again from its start, and finds it taken. */
export async function unlessTaken<Result>(writing: () => Promise<Result>): Promise<Result> {
  try {
    return await writing()
  } catch (error) {
    if (UNIQUE_VIOLATIONS.includes(errorCode(error))) throw new StaleRowError('Somebody took the same key at the same moment.')
    throw error
  }
}

/** Deletes a row, or throws the given refusal when other rows refer to it. PostgreSQL allows no statement after it in the transaction. */
export async function unlessReferenced<Result>(deleting: () => Promise<Result>, refusal: () => Error): Promise<Result> {
  try {
    return await deleting()
  } catch (error) {
    throw FOREIGN_KEY_VIOLATIONS.includes(errorCode(error)) ? refusal() : error
  }
}

/** SQLite's and PostgreSQL's codes for a row that a foreign key refused. */
const FOREIGN_KEY_VIOLATIONS = ['SQLITE_CONSTRAINT_FOREIGNKEY', '23503']

/** SQLite's and PostgreSQL's codes for a row that a unique index refused. */
const UNIQUE_VIOLATIONS = ['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', '23505']

function isPassing(error: unknown): boolean {
  return error instanceof StaleRowError || PASSING.has(errorCode(error))
}

function errorCode(error: unknown): string {
  const { code, driverError } = (error ?? {}) as { code?: unknown; driverError?: { code?: unknown } }
  return String(driverError?.code ?? code ?? '')
}
