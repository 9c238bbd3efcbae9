import { mkdirSync } from 'node:fs'
import path from 'node:path'
import BetterSqlite3 from 'better-sqlite3'

/**
 * Lets one server only use a SQLite file: a second process that serves would run every job twice. The lock is a transaction held
 * open on a small file beside it, so the system frees it however the process ends.
 * @returns a function that frees the lock, or null when another process holds it.
 */
export function lockForServing(databasePath: string): (() => void) | null {
  mkdirSync(path.dirname(databasePath), { recursive: true })
  const connection = new BetterSqlite3(`${databasePath}.lock`, { timeout: 0 })
  try {
    connection.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    connection.close()
    if ((error as { code?: unknown }).code === 'SQLITE_BUSY') return null
    throw error
  }
  return () => connection.close()
}
