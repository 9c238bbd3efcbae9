import type { Client } from 'graphql-ws'
import { Role } from '../../../src/auth/viewer'
import type { Database } from '../../../src/database/database'
import { BulkChunk } from '../../../src/features/bulk-operation/bulk-chunk.entity'
import { BulkOperation } from '../../../src/features/bulk-operation/bulk-operation.entity'
import { type BulkOperationFeed, createBulkOperationFeed } from '../../../src/features/bulk-operation/bulk-operation.feed'
import { streamOfOperation } from '../../../src/features/bulk-operation/bulk-operation.stream'
import { seedPartner } from '../../../src/features/demo-data/seed'
import { requestContext } from '../../../src/context/request-context'
import { currentRequest } from '../../../src/shared/current-request'
import type { Actor } from '../../support/world/actor'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import {
  BulkChangePackageTypeDocument,
  type BulkRowFragment,
  CancelBulkOperationDocument,
  ResumeBulkOperationDocument,
} from '../../support/operations/operations.generated'
import { connect, hear } from '../../support/world/socket'
import { loggedLines } from '../../support/jest/test-log'
import { eventually } from '../../support/world/waiting'

let app: TestApp
let alice: TestPartner
const clients: Client[] = []

beforeAll(async () => {
  app = await startTestApp()
  alice = await app.addPartner()
  await seedPartner(app.platform, { partnerId: alice.partnerId, webexToken: alice.webexToken, users: 2 })
  // So that an operation moves when a test says so.
  await app.platform.queue.stop()
})
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose()
})
afterAll(() => app.stop())

/** One that runs, and does not get on. */
async function start(dryRun = false): Promise<string> {
  const input = { filter: {}, packageType: 'PREMIUM', dryRun } as const
  const { bulkChangePackageType } = await alice.operator.get(BulkChangePackageTypeDocument, { input })
  return (bulkChangePackageType?.bulkOperation as BulkRowFragment).id
}

const cancel = (id: string) => alice.operator.get(CancelBulkOperationDocument, { input: { id } })
const resume = (id: string) => alice.operator.get(ResumeBulkOperationDocument, { input: { id } })

const PROGRESS = 'subscription ($id: ID!) { bulkOperationProgressed(id: $id) { id status } }'
type Progress = { bulkOperationProgressed: { id: string; status: string } }

function watch(client: Client, id: string) {
  return hear<Progress>(client, PROGRESS, { id })
}

function socket(actor: Actor): Client {
  const client = connect(actor)
  clients.push(client)
  return client
}

describe('Whoever watch bulk operations', () => {
  it('are told by one statement a look, however many they are and of however many operations', async () => {
    const operations = [await start(), await start(), await start()]
    const client = socket(alice.viewer)
    const watching = operations.map(id => Array.from({ length: 25 }, () => watch(client, id)))
    for (const heard of watching.flat()) await heard.until(1)
    app.statements.length = 0
    await cancel(operations[0] as string)
    for (const heard of watching[0] ?? []) {
      await heard.until(2)
      expect(heard.events.map(({ bulkOperationProgressed: { status } }) => status)).toEqual(['RUNNING', 'CANCELLED'])
    }
    // Requests name the partner, too.
    const looks = app.statements.filter(sql => /FROM "bulk_operation" .*WHERE "row"."id" IN/.test(sql))
    expect(looks.length).toBeGreaterThan(0)
    expect(looks.filter(sql => !/IN \((\?|\$1), (\?|\$2), (\?|\$3)\)/.test(sql))).toEqual([])
    // Each of them by itself would be 75 statements.
    expect(looks.length).toBeLessThan(25)
    expect(app.statements.filter(sql => sql.includes('FROM "bulk_operation"')).length - looks.length).toBeLessThan(5)
    for (const heard of watching.slice(1).flat()) expect(heard.events).toHaveLength(1)
  })

  it('hear of one that is done once, and then nothing more', async () => {
    const heard = watch(socket(alice.viewer), await start(true))
    await eventually(async () => heard.ended)
    expect(heard.events.map(({ bulkOperationProgressed: { status } }) => status)).toEqual(['DONE'])
    expect(heard.errors).toEqual([])
  })

  it('are told when it is there no more', async () => {
    const id = await start()
    const heard = watch(socket(alice.viewer), id)
    await heard.until(1)
    const { database } = app.platform
    await database.transaction(async ({ manager, afterCommit }) => {
      await manager.delete(BulkChunk, { bulkOperationId: id })
      await manager.delete(BulkOperation, { id })
      afterCommit(() => database.notifier.notify())
    })
    await eventually(async () => heard.ended)
    expect(heard.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', argument: 'id' } }])
  })

  it('get the latest state only when they are slow', async () => {
    const id = await start()
    const viewer = { partnerId: alice.partnerId, name: 'test', role: Role.VIEWER, callerId: 'test', customerIds: null }
    const stream = await streamOfOperation(requestContext(app.platform, { viewer, requestId: 'of-the-test', locale: 'en' }), id)
    const told: (string | undefined)[] = []
    const end = app.platform.bulkOperationFeed.watch(id, operation => void told.push(operation?.status))
    expect((await stream.next()).value).toMatchObject({ status: 'RUNNING', run: 1 })
    await cancel(id)
    await eventually(async () => told.at(-1) === 'CANCELLED')
    await resume(id)
    await eventually(async () => told.at(-1) === 'RUNNING')
    end()
    expect((await stream.next()).value).toMatchObject({ status: 'RUNNING', run: 2 })
    await cancel(id)
    expect((await stream.next()).value).toMatchObject({ status: 'CANCELLED' })
    await stream.return()
  })
})

describe('The feed behind it', () => {
  /** A feed of its own, which is woken when a test says so, and told of each of its reads before it is made. */
  function ownFeed(onRead: (reads: number) => void = () => undefined) {
    const listeners = new Set<() => void>()
    const { database: real, logger } = app.platform
    const state = { reads: 0, listeners, wake: () => listeners.forEach(listener => listener()) }
    const database = {
      ...real,
      get reader() {
        onRead((state.reads += 1))
        return real.reader
      },
      notifier: {
        ...real.notifier,
        listen(listener: () => void) {
          const own = () => listener()
          listeners.add(own)
          return () => void listeners.delete(own)
        },
      },
    } as Database
    return { state, feed: createBulkOperationFeed({ database, logger }) }
  }

  const statuses = (feed: BulkOperationFeed, id: string) => {
    const told: (string | undefined)[] = []
    return { told, end: feed.watch(id, operation => void told.push(operation?.status)) }
  }

  it('listens while somebody watches, once for all of them', async () => {
    const { state, feed } = ownFeed()
    const id = await start()
    const [first, second] = [statuses(feed, id), statuses(feed, id)]
    expect(state.listeners.size).toBe(1)
    first.end()
    first.end()
    expect(state.listeners.size).toBe(1)
    await eventually(async () => second.told.length === 1)
    second.end()
    expect([state.listeners.size, first.told]).toEqual([0, []])
    const third = statuses(feed, id)
    await eventually(async () => third.told.length === 1)
    third.end()
  })

  it('tells who joins how it is, and nobody what they know', async () => {
    const { state, feed } = ownFeed()
    const id = await start()
    const first = statuses(feed, id)
    await eventually(async () => first.told.length === 1)
    const second = statuses(feed, id)
    await eventually(async () => second.told.length === 1)
    const { reads } = state
    state.wake()
    await eventually(async () => state.reads > reads)
    await cancel(id)
    state.wake()
    await eventually(async () => second.told.length > 1)
    expect([first.told, second.told]).toEqual([
      ['RUNNING', 'CANCELLED'],
      ['RUNNING', 'CANCELLED'],
    ])
    first.end()
    second.end()
  })

  it('misses nothing that is announced while it reads, and waits for no other announcement after a read that failed', async () => {
    const id = await start()
    const { state, feed } = ownFeed(reads => {
      if (reads === 1) state.wake()
      if (reads === 3) throw new Error('of the test')
    })
    const heard = statuses(feed, id)
    await eventually(async () => state.reads === 2 && heard.told.length === 1)
    await cancel(id)
    state.wake()
    await eventually(async () => heard.told.length === 2)
    expect([heard.told, state.reads]).toEqual([['RUNNING', 'CANCELLED'], 4])
    heard.end()
    const lines = loggedLines().filter(({ msg, err }) => /^Bulk operations/.test(String(msg)) && /of the test/.test(JSON.stringify(err)))
    expect(lines).toHaveLength(1)
  })

  it('reads for nobody in particular, and tells all others when one who watches fails', async () => {
    const id = await start()
    const requests: unknown[] = []
    const { feed } = ownFeed(() => requests.push(currentRequest.getStore()))
    const [end, heard] = currentRequest.run({ requestId: 'of-the-test' }, () => [
      feed.watch(id, () => {
        throw new Error('of the test')
      }),
      statuses(feed, id),
    ])
    await eventually(async () => heard.told.length === 1)
    end()
    heard.end()
    expect(new Set(requests)).toEqual(new Set([null]))
  })

  it('reads hundreds at a time', async () => {
    const { state, feed } = ownFeed()
    const watching = Array.from({ length: 1001 }, (_, index) => statuses(feed, `blk_${index}`))
    await eventually(async () => watching.every(({ told }) => told.length === 1))
    // The first one had begun before the others joined.
    expect(state.reads).toBe(1 + 3)
    for (const { end } of watching) end()
  })
})
