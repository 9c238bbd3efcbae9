import { setTimeout as sleep } from 'node:timers/promises'
import type { EntityManager } from 'typeorm'
import { StaleRowError, type Transaction } from './database'

/** How often something is tried when others are quicker; with the pauses below about five seconds, then the caller is told. */
const MAX_TRIES = 100
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
  for (const action of actions) action()
  return result
}

export async function retryWhilePassing<Result>(action: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await action()
    } catch (error) {
      if (!isPassing(error) || tries >= MAX_TRIES) throw error
      await sleep(Math.random() * Math.min(MAX_PAUSE_MS, 5 * tries))
    }
  }
}

/** A unique index refused a row: SQLite's and PostgreSQL's word for it. */
export function isUniqueViolation(error: unknown): boolean {
  return ['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', '23505'].includes(errorCode(error))
}

function isPassing(error: unknown): boolean {
  return error instanceof StaleRowError || PASSING.has(errorCode(error))
}

function errorCode(error: unknown): string {
  const { code, driverError } = (error ?? {}) as { code?: unknown; driverError?: { code?: unknown } }
  return String(driverError?.code ?? code ?? '')
}
