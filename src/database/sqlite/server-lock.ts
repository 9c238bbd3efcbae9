import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import BetterSqlite3 from 'better-sqlite3'

/** Nobody is told when a lock is free; a look costs next to nothing. */
const LOCK_PAUSE_MS = 20

/**
 * Lets one server only use a SQLite file: a second process that serves would run every job twice. The lock is a transaction held
 * open on a small file beside it, so the system frees it however the process ends.
 * @returns a function that frees the lock, or null when another process holds it.
 */
export function lockForServing(databasePath: string): (() => void) | null {
  return lockFile(`${databasePath}.lock`)
}

/** Waits for a lock of this name; of those who wait, any may be the next. */
export async function lockByName(databasePath: string, name: string): Promise<() => void> {
  for (;;) {
    const unlock = lockFile(`${databasePath}.${name}.lock`)
    if (unlock) return unlock
    await sleep(LOCK_PAUSE_MS)
  }
}

function lockFile(file: string): (() => void) | null {
  mkdirSync(path.dirname(file), { recursive: true })
  const connection = new BetterSqlite3(file, { timeout: 0 })
  try {
    connection.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    connection.close()
    if ((error as { code?: unknown }).code === 'SQLITE_BUSY') return null
    throw error
  }
  return () => connection.close()
}
