import 'reflect-metadata'
import { DataSource } from 'typeorm'
import { loadConfig } from '../../src/config/config'
import { dataSourceOptions } from '../../src/database/data-source'
import { MIGRATIONS } from '../../src/database/migrations/migrations'
import { openDatabase } from '../../src/database/open-database'
import { ENTITIES } from '../../src/entities'
import { createTestDatabase, type TestDatabase } from '../support/world/app'
import { testLogger } from '../support/jest/test-log'

let database: TestDatabase
let dataSource: DataSource

beforeEach(async () => {
  database = await createTestDatabase()
  const config = loadConfig({ DATABASE_URL: database.url }, database.directory).database
  const opened = await openDatabase(config, { entities: ENTITIES, logger: testLogger() })
  await opened.migrate()
  await opened.close()
  dataSource = await new DataSource(dataSourceOptions(config, ENTITIES)).initialize()
})

afterEach(async () => {
  await dataSource.destroy()
  await database.remove()
})

/** What would have to be done to the database to make it what the entities say. */
async function drift(): Promise<string[]> {
  return (await dataSource.driver.createSchemaBuilder().log()).upQueries.map(({ query }) => query)
}

describe('the migrations', () => {
  it('leave the schema that the entities describe', async () => {
    expect(await drift()).toEqual([])
  })

  it.each([
    ['a column too many', 'ALTER TABLE "customer" ADD COLUMN "forgotten" integer'],
    ['a missing column', 'ALTER TABLE "job" DROP COLUMN "last_failure"'],
    ['a missing index', 'DROP INDEX "customer_name"'],
  ])('would be found out if they left %s', async (_drift, change) => {
    await dataSource.query(change)
    expect(await drift()).not.toEqual([])
  })

  it('can all be taken back, and done again', async () => {
    for (let undone = 0; undone < MIGRATIONS.length; undone += 1) await dataSource.undoLastMigration()
    const runner = dataSource.createQueryRunner()
    for (const { tableName } of dataSource.entityMetadatas) expect(await runner.hasTable(tableName)).toBe(false)
    await runner.release()
    await dataSource.runMigrations()
    expect(await drift()).toEqual([])
  })

  it('are done once when several processes start together on an empty database', async () => {
    const empty = await createTestDatabase()
    const config = loadConfig({ DATABASE_URL: empty.url }, empty.directory).database
    const processes = await Promise.all([1, 2, 3].map(() => openDatabase(config, { entities: ENTITIES, logger: testLogger() })))
    await Promise.all(processes.map(({ migrate }) => migrate()))
    const [first] = processes
    expect(await first?.backgroundRead('SELECT name FROM migration ORDER BY id', [])).toEqual(MIGRATIONS.map(({ name }) => ({ name })))
    await Promise.all(processes.map(({ close }) => close()))
    await empty.remove()
  })

  it('find nothing to do when the schema is up to date', async () => {
    expect(await dataSource.runMigrations()).toEqual([])
  })
})
