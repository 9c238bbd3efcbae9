import BetterSqlite3 from 'better-sqlite3'
import { Client } from 'pg'
import type { Platform } from '../../../src/context/context'

/**
 * Has another connection hold the database, as a process that hangs would: on PostgreSQL users and templates altogether, on SQLite, where
 * readers never wait, all changes. Answers how to let go.
 */
export async function holdTables({ config }: Platform): Promise<() => Promise<void>> {
  if (config.database.kind === 'sqlite') {
    const connection = new BetterSqlite3(config.database.path)
    connection.exec('BEGIN IMMEDIATE')
    return async () => void connection.close()
  }
  const client = new Client({ connectionString: config.database.url })
  await client.connect()
  await client.query('BEGIN')
  await client.query('LOCK TABLE provisioned_user, onboarding_template IN ACCESS EXCLUSIVE MODE')
  return () => client.end()
}
