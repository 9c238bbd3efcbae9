import 'reflect-metadata'
import { loadConfig } from '../../../src/config/config'
import { openDatabase } from '../../../src/database/open-database'
import { ENTITIES } from '../../../src/entities'
import { rowsOf } from './table-dump'
import { testLogger } from '../jest/test-log'

/** All rows of every table of a database that a process of its own uses or used. */
export async function readTables({ databaseUrl, directory }: { databaseUrl: string; directory: string }) {
  const config = loadConfig({ DATABASE_URL: databaseUrl }, directory)
  const database = await openDatabase(config.database, { entities: ENTITIES, logger: testLogger() })
  try {
    const names = ['migration', ...database.reader.dataSource.entityMetadatas.map(({ tableName }) => tableName)]
    const tables = await Promise.all(names.map(async name => [name, await rowsOf(database.reader, name)] as const))
    return Object.fromEntries(tables) as Record<string, Record<string, unknown>[]>
  } finally {
    await database.close()
  }
}
