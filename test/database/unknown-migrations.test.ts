import 'reflect-metadata'
import { DataSource } from 'typeorm'
import { openPlatform } from '../../src/app'
import { loadConfig } from '../../src/config/config'
import { dataSourceOptions } from '../../src/database/data-source'
import { MIGRATIONS } from '../../src/database/migrations/migrations'
import { openDatabase } from '../../src/database/open-database'
import { ENTITIES } from '../../src/entities'
import { CloserStack } from '../../src/shared/closer-stack'
import { readTables } from '../support/database/read-tables'
import { testLogger } from '../support/jest/test-log'
import { createTestDatabase, startTestApp, type TestDatabase } from '../support/world/app'

const FROM_A_NEWER_VERSION = 'SplitNames1999999999999'

let database: TestDatabase

beforeEach(async () => (database = await createTestDatabase()))
afterEach(() => database.remove())

/** A database as a newer version left it that has one of our migrations not, and one that we do not have. */
async function migratedByANewerVersion(): Promise<void> {
  await (await startTestApp({ database })).stop()
  const dataSource = await new DataSource(dataSourceOptions(config().database, ENTITIES)).initialize()
  await dataSource.undoLastMigration()
  await dataSource.query(`INSERT INTO "migration" ("timestamp", "name") VALUES (1999999999999, '${FROM_A_NEWER_VERSION}')`)
  await dataSource.destroy()
}

const config = () => loadConfig({ DATABASE_URL: database.url }, database.directory)
const tables = () => readTables({ databaseUrl: database.url, directory: database.directory })

const REFUSED = new RegExp(`does not know: ${FROM_A_NEWER_VERSION}\\..* Run the newer version, or restore a backup`)

describe('A database that a newer version has migrated', () => {
  it.each([
    [
      'migrated',
      async () => {
        const opened = await openDatabase(config().database, { entities: ENTITIES, logger: testLogger() })
        await opened.migrate(() => Promise.reject(new Error('went on'))).finally(() => opened.close())
      },
    ],
    [
      'opened for a command',
      async () => {
        const closers = new CloserStack()
        await openPlatform(config(), { logger: testLogger() }, { closers }).finally(() => closers.close())
      },
    ],
    ['served', () => startTestApp({ database })],
  ])('is not %s, and stays as it is', async (_use, use) => {
    await migratedByANewerVersion()
    const before = await tables()
    await expect(use()).rejects.toThrow(REFUSED)
    expect(await tables()).toEqual(before)
  })

  it('is served again once it is restored', async () => {
    await migratedByANewerVersion()
    const dataSource = await new DataSource(dataSourceOptions(config().database, ENTITIES)).initialize()
    await dataSource.query(`DELETE FROM "migration" WHERE "name" = '${FROM_A_NEWER_VERSION}'`)
    await dataSource.destroy()
    const app = await startTestApp({ database })
    await app.stop()
    expect((await tables())['migration']?.map(({ name }) => name)).toEqual(MIGRATIONS.map(({ name }) => name))
  })
})
