import { setTimeout as sleep } from 'node:timers/promises'
import { loadConfig } from '../../src/config/config'
import { type Database, DatabaseBusy, StaleRowError } from '../../src/database/database'
import { openDatabase } from '../../src/database/open-database'
import { pacedTransactions, retryWhilePassing } from '../../src/database/transactions'
import { ENTITIES } from '../../src/entities'
import { createTestDatabase, type TestDatabase } from '../support/world/app'
import { testLogger } from '../support/jest/test-log'

let place: TestDatabase
/** The same database, as two processes have it. */
let database: Database
let other: Database

beforeAll(async () => {
  place = await createTestDatabase()
  const { database: config } = loadConfig({ DATABASE_URL: place.url }, place.directory)
  const open = () => openDatabase(config, { entities: ENTITIES, logger: testLogger() })
  ;[database, other] = await Promise.all([open(), open()])
  await database.migrate()
})
afterAll(async () => {
  await Promise.all([database.close(), other.close()])
  await place.remove()
})

describe('a transaction that others are quicker than', () => {
  it('is tried again until its time is over, then says that the database is busy', async () => {
    let tries = 0
    const stale = new StaleRowError('Somebody was quicker.')
    const tried = retryWhilePassing(() => {
      tries += 1
      return Promise.reject(stale)
    }, 100)
    await expect(tried).rejects.toThrow(DatabaseBusy)
    await expect(tried).rejects.toMatchObject({ message: expect.stringContaining('busy') as string, cause: stale })
    expect(tries).toBeGreaterThan(1)
  })

  it('is not tried again when something else is wrong', async () => {
    let tries = 0
    const tried = retryWhilePassing(() => {
      tries += 1
      return Promise.reject(new Error('Something else.'))
    })
    await expect(tried).rejects.toThrow('Something else.')
    expect(tries).toBe(1)
  })

  it('waits for a transaction of another process, however often that is longer than a pause', async () => {
    let order = ''
    let begun = (): void => undefined
    const began = new Promise<void>(resolve => (begun = resolve))
    const long = other.transaction(async ({ manager }) => {
      await manager.query(`UPDATE partner SET name = name`)
      begun()
      await sleep(500)
      order += 'long '
    })
    await began
    await database.transaction(async () => void (order += 'short'))
    await long
    // On PostgreSQL they do not meet.
    expect(order).toBe(database.kind === 'sqlite' ? 'long short' : 'shortlong ')
  })
})

describe('a change in many batches', () => {
  it('leaves the others as much time as it takes itself on SQLite, and does not wait on PostgreSQL', async () => {
    const HELD_MS = 100
    const transaction = pacedTransactions(database)
    const times: { from: number; to: number }[] = []
    for (let batch = 0; batch < 4; batch += 1) {
      await transaction(async () => {
        const from = performance.now()
        await sleep(HELD_MS)
        times.push({ from, to: performance.now() })
      })
    }
    const gaps = times.slice(1).map(({ from }, index) => from - (times[index]?.to ?? 0))
    // A timer may be a millisecond early.
    expect(Math.min(...gaps) >= HELD_MS - 5).toBe(database.kind === 'sqlite')
  })
})
