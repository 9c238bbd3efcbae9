import type { Platform } from '../../src/graphql/context'

const TABLES = {
  sqlite: `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`,
  postgres: `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`,
}

/**
 * Every row of every table as text, by table. What a request must not change compares equal before and after. Left out is what goes
 * on by itself: the last use of a token, and the watch over consents.
 */
export async function dumpTables({ database }: Platform): Promise<Record<string, string[]>> {
  const { reader, kind } = database
  const dump: Record<string, string[]> = {}
  for (const { name } of await reader.query<{ name: string }[]>(TABLES[kind])) {
    const rows = await reader.query<Record<string, unknown>[]>(`SELECT * FROM "${name}"`)
    dump[name] = rows.filter(row => !(name === 'job' && row['name'] === 'watch-consent')).map(row => rowText(name, row))
    dump[name].sort()
  }
  return dump
}

function rowText(table: string, row: Record<string, unknown>): string {
  const columns = Object.entries(row).filter(([column]) => !(table === 'api_token' && column === 'last_used_at'))
  return JSON.stringify(
    Object.fromEntries(columns.map(([column, value]) => [column, Buffer.isBuffer(value) ? value.toString('latin1') : value])),
  )
}

/** How many rows each table has that name holds for, for example `activation_attempt`. */
export async function countRows(platform: Platform, table: string): Promise<number> {
  return ((await dumpTables(platform))[table] ?? []).length
}
