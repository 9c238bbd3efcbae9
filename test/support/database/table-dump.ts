import type { EntityManager } from 'typeorm'
import type { Platform } from '../../../src/context/context'

const TABLES = {
  sqlite: `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`,
  postgres: `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`,
}

const GOES_ON_BY_ITSELF = ['api_token.last_used_at', 'provisioned_user.consent_check_at', 'user_change.folded']

/** What is added up of users, and what callers have asked for. */
const COUNTED_BY_ITSELF = ['user_count', 'rate_limit']

const JOBS_OF_PG_BOSS = `SELECT id, data->>'name' AS name, data, priority, start_after, state FROM flowthrough_queue.job`

/** All rows of a table. Jobs are rows of `job`, wherever the engine of the database keeps them, dead ones included. */
export async function rowsOf(reader: EntityManager, table: string): Promise<Record<string, unknown>[]> {
  const ofPgBoss = table === 'job' && reader.dataSource.options.type === 'postgres'
  return reader.query<Record<string, unknown>[]>(ofPgBoss ? JOBS_OF_PG_BOSS : `SELECT * FROM "${table}"`)
}

export type TableDump = Record<string, string[]>

/** The last dump of each SQLite database, with the `data_version` that it was taken at. */
const lastDumps = new WeakMap<EntityManager, { version: number; dump: TableDump }>()

/**
 * Every row of every table as text, by table. What a request must not change compares equal before and after. Left out is what goes
 * on by itself: the last use of a token, the watch over consents, the adding up of changes, and the counting of requests.
 * SQLite says whether anything was committed since the last dump; when nothing was, that dump is returned again.
 */
export async function dumpTables({ database: { reader, kind } }: Platform): Promise<TableDump> {
  if (kind === 'postgres') return readDump(reader, kind)
  const [{ data_version: version } = { data_version: 0 }] = await reader.query<{ data_version: number }[]>('PRAGMA data_version')
  const last = lastDumps.get(reader)
  if (last?.version === version) return last.dump
  const dump = await readDump(reader, kind)
  lastDumps.set(reader, { version, dump })
  return dump
}

async function readDump(reader: EntityManager, kind: keyof typeof TABLES): Promise<TableDump> {
  const dump: TableDump = {}
  for (const { name } of await reader.query<{ name: string }[]>(TABLES[kind])) {
    if (COUNTED_BY_ITSELF.includes(name)) continue
    const rows = await rowsOf(reader, name)
    dump[name] = rows.filter(row => !(name === 'job' && row['name'] === 'watch-consent')).map(row => rowText(name, row))
    dump[name].sort()
  }
  return dump
}

/** Whether no job waits or runs, besides the watch over consents, which goes on by itself. */
export async function hasNoJobs({ database: { reader } }: Platform): Promise<boolean> {
  return (await rowsOf(reader, 'job')).every(row => row['name'] === 'watch-consent')
}

function rowText(table: string, row: Record<string, unknown>): string {
  const columns = Object.entries(row).filter(([column]) => !GOES_ON_BY_ITSELF.includes(`${table}.${column}`))
  return JSON.stringify(
    Object.fromEntries(columns.map(([column, value]) => [column, Buffer.isBuffer(value) ? value.toString('latin1') : value])),
  )
}

/** How many rows each table has that name holds for, for example `activation_attempt`. */
export async function countRows(platform: Platform, table: string): Promise<number> {
  return (await rowsOf(platform.database.reader, table)).length
}
