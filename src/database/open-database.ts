import type { DatabaseConfig } from '../config/config'
import type { Database, DatabaseOptions } from './database'
import { openPostgres } from './postgres/postgres'
import { openSqlite } from './sqlite/sqlite'

/** Opens a database as it is; call `migrate` before using it. */
export function openDatabase(config: DatabaseConfig, options: DatabaseOptions): Promise<Database> {
  return config.kind === 'sqlite' ? openSqlite(config.path, options) : openPostgres(config.url, options)
}
