import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '../../src/database/open-database'
import type { RowStream } from '../../src/database/row-stream'
import { ENTITIES } from '../../src/entities'
import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import { makeTemplate, nextNumber } from '../support/world/builders'
import { idsOf, insertCustomers, insertUsers } from '../support/schema/lists'
import { eventually } from '../support/world/waiting'

let app: TestApp
let alice: TestPartner
let userIds: string[]
/** Of every stream that a test leaves open. */
const endings: AbortController[] = []

/** More than one batch, and than the one that is read ahead. */
const USERS = 1700

beforeAll(async () => {
  app = await startTestApp()
  alice = await app.addPartner()
  const [customer] = await insertCustomers(app, alice.partnerId, await makeTemplate(alice.admin), [{}])
  userIds = idsOf(await insertUsers(app, customer as never, Array(USERS).fill({ firstName: 'Anna' })))
})
afterAll(() => {
  for (const ending of endings) ending.abort()
  return app.stop()
})

const OWN_SLOT = () => ({ name: `test-${nextNumber()}`, count: 1 })
const ALL = 'SELECT id, first_name FROM provisioned_user ORDER BY id'

function open({ signal = newSignal(), slots = OWN_SLOT(), sql = ALL, parameters = [] as unknown[] } = {}) {
  return app.platform.database.stream(sql, parameters, { signal, slots })
}

function newSignal(): AbortSignal {
  const ending = new AbortController()
  endings.push(ending)
  return ending.signal
}

async function openOne(options?: Parameters<typeof open>[0]): Promise<RowStream> {
  const stream = await open(options)
  if (!stream) throw new Error('No slot is free.')
  return stream
}

async function readAll(stream: RowStream): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = []
  for await (const batch of stream) rows.push(...batch)
  return rows
}

describe('A stream of rows', () => {
  it('gives all rows in their order, batch by batch', async () => {
    const sizes: number[] = []
    const ids: unknown[] = []
    for await (const batch of await openOne()) {
      sizes.push(batch.length)
      ids.push(...batch.map(({ id }) => id))
    }
    expect(sizes.length).toBeGreaterThan(2)
    expect(Math.max(...sizes)).toBeLessThan(USERS / 2)
    expect(ids).toEqual([...userIds].sort())
  })

  it('gives nothing where there is nothing, and takes parameters of every kind', async () => {
    const placeholder = app.platform.database.kind === 'postgres' ? '$1' : '?'
    const asked = (parameter: unknown) =>
      openOne({ sql: `SELECT id FROM provisioned_user WHERE self_activated = ${placeholder}`, parameters: [parameter] })
    expect(await readAll(await asked(true))).toEqual([])
    expect(await readAll(await asked(false))).toHaveLength(USERS)
  })

  it('shows what was there when its first rows were read, whatever is changed meanwhile', async () => {
    const stream = (await openOne())[Symbol.asyncIterator]()
    const { value: first } = (await stream.next()) as { value: Record<string, unknown>[] }
    await app.platform.database.transaction(async tx => {
      await tx.manager.query(`UPDATE provisioned_user SET first_name = 'Changed'`)
      await tx.manager.query(`DELETE FROM provisioned_user WHERE id = '${userIds.toSorted().at(-1)}'`)
    })
    const rest = await readAll({ [Symbol.asyncIterator]: () => stream })
    expect([...first, ...rest].map(({ first_name }) => first_name)).toEqual(Array(USERS).fill('Anna'))
    expect(new Set((await readAll(await openOne())).map(({ first_name }) => first_name))).toEqual(new Set(['Changed']))
    userIds = userIds.toSorted().slice(0, -1)
  })

  it('is read no further ahead than one batch', async () => {
    const text = app.platform.database.kind === 'sqlite' ? 'hex(zeroblob(5000))' : `repeat('0', 10000)`
    const numbers = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)'
    const stream = (await openOne({ sql: `${numbers} SELECT i, ${text} AS text FROM n` }))[Symbol.asyncIterator]()
    const { rss } = process.memoryUsage()
    await stream.next()
    // All of it would be a gigabyte; what of that comes in this time is far more than some batches.
    await sleep(700)
    expect(process.memoryUsage().rss - rss).toBeLessThan(120_000_000)
    await stream.return?.()
  })

  it('fails where its statement does, and gives its slot back', async () => {
    const slots = OWN_SLOT()
    await expect(readAll(await openOne({ sql: 'SELECT id FROM nowhere', slots }))).rejects.toThrow(/nowhere/)
    expect(await readAll(await openOne({ slots }))).toHaveLength(userIds.length)
  })

  it('fails at once when it is to end before it begins', async () => {
    await expect(open({ signal: AbortSignal.abort() })).rejects.toThrow(/abort/)
  })
})

describe('The slots', () => {
  it('are as many as said, for each name', async () => {
    const slots = { ...OWN_SLOT(), count: 2 }
    const ending = new AbortController()
    const { signal } = ending
    expect(await open({ slots, signal })).not.toBeNull()
    expect(await open({ slots, signal })).not.toBeNull()
    expect(await open({ slots, signal })).toBeNull()
    expect(await readAll(await openOne())).toHaveLength(userIds.length)
    ending.abort()
    await eventually(() => open({ slots }))
  })

  it.each<[string, (stream: RowStream, ending: AbortController) => Promise<unknown>]>([
    ['was read to its end', stream => readAll(stream)],
    ['is left in the middle', async stream => leave(stream)],
    ['is ended before anybody read', async (_, ending) => ending.abort()],
    [
      'is ended, and nobody goes on reading',
      async (stream, ending) =>
        stream[Symbol.asyncIterator]()
          .next()
          .then(() => ending.abort()),
    ],
  ])('are free again once a stream %s', async (_how, end) => {
    const slots = OWN_SLOT()
    const ending = new AbortController()
    const stream = await openOne({ slots, signal: ending.signal })
    expect(await open({ slots })).toBeNull()
    await end(stream, ending)
    const next = await eventually(() => open({ slots }))
    expect(await readAll(next)).toHaveLength(userIds.length)
  })

  it('are shared by all processes at a PostgreSQL, and of the one that serves an SQLite file', async () => {
    const { config, logger } = app.platform
    const other = await openDatabase(config.database, { entities: ENTITIES, logger })
    const slots = OWN_SLOT()
    await openOne({ slots })
    const ending = new AbortController()
    const second = await other.stream(ALL, [], { slots, signal: ending.signal })
    expect(second === null).toBe(other.kind === 'postgres')
    ending.abort()
    await other.close()
  })

  it('end who reads on after their end with an error', async () => {
    const ending = new AbortController()
    const stream = (await openOne({ signal: ending.signal }))[Symbol.asyncIterator]()
    await stream.next()
    ending.abort()
    // What was read ahead may still come.
    await expect(readAll({ [Symbol.asyncIterator]: () => stream })).rejects.toThrow()
  })
})

async function leave(stream: RowStream): Promise<void> {
  for await (const batch of stream) if (batch.length > 0) return
}
