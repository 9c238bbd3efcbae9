import { openPlatform, startApp } from '../../../src/app'
import { loadConfig } from '../../../src/config/config'
import { connectPartner } from '../../../src/features/partner/connection.service'
import { insertPartner } from '../../../src/features/partner/partner.service'
import { runDueSyncs } from '../../../src/features/sync/schedule'
import { type Sync, SyncState } from '../../../src/features/sync/sync.entity'
import { callAt, readSync, startSync } from '../../../src/features/sync/sync.service'
import { advanceSync, takeStep } from '../../../src/features/sync/run/sync-run'
import type { Platform } from '../../../src/context/context'
import { createTestDatabase, startTestApp, type TestDatabase } from '../../support/world/app'
import { type FakeWebex, startFakeWebex } from '../../support/fakes/webex'
import { SyncDocument } from '../../support/operations/operations.generated'
import { ENTERPRISE } from '../../support/world/sync'
import { countRows } from '../../support/database/table-dump'
import { testLogger } from '../../support/jest/test-log'
import { eventually } from '../../support/world/waiting'

const MINUTE_MS = 60_000

let webex: FakeWebex
let database: TestDatabase
/** Where all clocks of a test stand. */
let now: Date
let opened: Platform[]

beforeEach(async () => {
  webex = await startFakeWebex()
  database = await createTestDatabase()
  now = new Date('2026-11-22T08:00:00.000Z')
  opened = []
})
afterEach(async () => {
  for (const platform of opened) {
    await platform.webex.stop()
    await platform.database.close()
  }
  await database.remove()
  await webex.stop()
})

function configOf(settings: Record<string, string> = {}) {
  const webexSettings = { WEBEX_BASE_URL: webex.url, WEBEX_ACCESS_TOKEN: 'token' }
  return loadConfig(
    { DATABASE_URL: database.url, PORT: '0', DEMO_DATA: 'off', LOG_LEVEL: 'fatal', ...webexSettings, ...settings },
    database.directory,
  )
}

/** A process at the database, which serves nobody: what it enqueues stays to be seen. */
async function open(settings?: Record<string, string>): Promise<Platform> {
  const platform = await openPlatform(configOf(settings), { logger: testLogger(), clock: { now: () => now } })
  opened.push(platform)
  return platform
}

async function addPartner(platform: Platform): Promise<string> {
  return (await platform.database.transaction(tx => insertPartner(platform, tx, 'Alice Telecom'))).partner.id
}

const pass = (minutes: number): void => void (now = new Date(now.getTime() + minutes * MINUTE_MS))
const syncOf = (platform: Platform, partnerId: string) => readSync(platform.database.reader, partnerId)

/** Does the steps of a run that a job would do. */
async function finish(platform: Platform, partnerId: string): Promise<Sync> {
  for (;;) {
    const sync = await syncOf(platform, partnerId)
    if (sync.state !== SyncState.RUNNING) return sync
    await takeStep(platform, sync, false)
  }
}

function putSubscribers(count: number): void {
  for (let number = 0; number < count; number += 1) {
    const own = { id: `subscriber-${number}`, userId: `user.${number}@provider.example`, email: `user.${number}@example.com` }
    const shared = {
      firstName: 'Anna',
      lastName: 'Rossi',
      extension: '4711',
      package: 'standard',
      status: 'provisioned',
      personId: `person-${number}`,
    }
    webex.subscribers.push({ ...own, ...ENTERPRISE, ...shared, lastStatusChange: '2026-11-01T08:00:00.000Z' })
  }
}

describe('the schedule', () => {
  it('has each run begun by one of the processes that look at the same time', async () => {
    const [one, two] = [await open(), await open()]
    const partnerId = await addPartner(one)
    await Promise.all([one, two, one, two].map(runDueSyncs))
    expect(await syncOf(one, partnerId)).toMatchObject({ state: 'RUNNING', full: true, revision: 1 })
    expect(await countRows(one, 'job')).toBe(1)

    const first = await finish(one, partnerId)
    await Promise.all([one, two].map(runDueSyncs))
    expect(await syncOf(one, partnerId)).toEqual(first)
    pass(10)
    await Promise.all([two, one, two, one].map(runDueSyncs))
    expect(await syncOf(one, partnerId)).toMatchObject({ state: 'RUNNING', revision: first.revision + 1 })
  })

  it('reads what changed each time, and everything once a day', async () => {
    putSubscribers(1)
    const platform = await open({ SYNC_INTERVAL_MINUTES: '60' })
    const partnerId = await addPartner(platform)
    const kinds: boolean[] = []
    for (let hour = 0; hour <= 25; hour += 1) {
      await runDueSyncs(platform)
      kinds.push((await finish(platform, partnerId)).full)
      pass(60)
    }
    expect(kinds.map((full, hour) => (full ? hour : -1)).filter(hour => hour >= 0)).toEqual([0, 24])
  })

  it('begins the next run after one that failed, too', async () => {
    const platform = await open()
    const partnerId = await addPartner(platform)
    webex.next('GET', 'enterprises', ({ answer }) => answer(403, {}))
    await runDueSyncs(platform)
    expect(await finish(platform, partnerId)).toMatchObject({ state: 'FAILED', dueAt: '2026-11-22T08:10:00.000Z' })
    pass(11)
    await runDueSyncs(platform)
    expect(await finish(platform, partnerId)).toMatchObject({ state: 'IDLE', error: null })
  })

  it('goes on with a run whose process has ended, and does not disturb one that waits', async () => {
    putSubscribers(2)
    const platform = await open({ SYNC_INTERVAL_MINUTES: '0' })
    const partnerId = await addPartner(platform)
    const acting = { ...platform, actor: { partnerId, name: 'test', requestId: null } }
    await startSync(acting, { full: false })
    webex.next('GET', 'enterprises', ({ answer }) => answer(503, {}, { 'retry-after': '240' }))
    await takeStep(platform, await syncOf(platform, partnerId))
    const waiting = await syncOf(platform, partnerId)
    expect(waiting).toMatchObject({ state: 'RUNNING', tries: 1 })
    pass(5)
    await runDueSyncs(platform)
    expect(await syncOf(platform, partnerId)).toEqual(waiting)
    pass(2)
    await runDueSyncs(platform)
    expect(await syncOf(platform, partnerId)).toMatchObject({ state: 'RUNNING', revision: waiting.revision + 1 })
    expect(await finish(platform, partnerId)).toMatchObject({ state: 'IDLE', created: 2, dueAt: null })
  })

  it('keeps its own pause after a failure for which Webex asks for none', async () => {
    const platform = await open({ SYNC_INTERVAL_MINUTES: '0', RETRY_PAUSE_MS: '20000' })
    const partnerId = await addPartner(platform)
    await startSync({ ...platform, actor: { partnerId, name: 'test', requestId: null } }, { full: false })
    webex.next('GET', 'enterprises', ({ answer }) => answer(503, {}, { 'retry-after': '0' }))
    await takeStep(platform, await syncOf(platform, partnerId))
    expect(callAt(await syncOf(platform, partnerId)) - now.getTime()).toBeGreaterThanOrEqual(20_000)
  })

  it('begins nothing without an interval', async () => {
    const platform = await open({ SYNC_INTERVAL_MINUTES: '0' })
    await addPartner(platform)
    await runDueSyncs(platform)
    expect(await countRows(platform, 'sync')).toBe(0)
  })

  it('runs in a server by itself, and tells when the next run is', async () => {
    const app = await startTestApp({
      environment: { WEBEX_BASE_URL: webex.url, WEBEX_ACCESS_TOKEN: 'token', SYNC_INTERVAL_MINUTES: '30' },
    })
    putSubscribers(3)
    const alice = await app.addPartner()
    await runDueSyncs(app.platform)
    const sync = await eventually(async () => {
      const current = (await alice.viewer.get(SyncDocument)).sync
      return current.endedAt ? current : null
    })
    expect(sync).toMatchObject({ state: 'IDLE', full: true, created: 3 })
    const pauseMs = Date.parse(sync.nextRunAt as string) - Date.parse(sync.endedAt as string)
    expect(Math.round(pauseMs / MINUTE_MS)).toBe(30)
    await app.stop()
  })
})

describe('two processes at the same step', () => {
  it('take over one page once', async () => {
    putSubscribers(5)
    const [one, two] = [await open(), await open()]
    const partnerId = await addPartner(one)
    await runDueSyncs(one)
    for (;;) {
      const sync = await syncOf(one, partnerId)
      if (sync.state !== SyncState.RUNNING) break
      await Promise.all([takeStep(one, sync), takeStep(two, sync)])
      expect((await syncOf(two, partnerId)).revision).toBe(sync.revision + 1)
    }
    expect(await syncOf(two, partnerId)).toMatchObject({ state: 'IDLE', subscribers: 5, created: 5 })
    expect(await countRows(one, 'provisioned_user')).toBe(5)
  })
})

describe('the job of a step that was done', () => {
  it('does nothing', async () => {
    putSubscribers(1)
    const platform = await open()
    const partnerId = await addPartner(platform)
    await runDueSyncs(platform)
    const { revision } = await syncOf(platform, partnerId)
    await advanceSync(platform, { partnerId, revision })
    const done = await syncOf(platform, partnerId)
    expect(done).toMatchObject({ phase: 'SUBSCRIBERS', revision: revision + 1 })
    await advanceSync(platform, { partnerId, revision })
    expect(webex.requests).toHaveLength(1)
    expect(await syncOf(platform, partnerId)).toEqual(done)
  })
})

describe('a server that is stopped during a run', () => {
  it('goes on after its start with the page that was next', async () => {
    putSubscribers(3)
    const pageOf = (number: number) => webex.subscribers.slice(number - 1, number)
    const link = (number: number) => ({ link: `<${webex.url}/broadworks/subscribers?page=${number}>; rel="next"` })
    webex.next('GET', 'subscribers?max', ({ answer }) => answer(200, { items: pageOf(1) }, link(2)))
    webex.next('GET', 'page=2', ({ answer }) => answer(200, { items: pageOf(2) }, link(3)))
    let last: () => void = () => undefined
    const reached = new Promise<void>(resolve => (last = resolve))
    // The answer never comes: the process is stopped before it.
    webex.next('GET', 'page=3', ({ drop }) => {
      last()
      setTimeout(drop, 50)
    })
    webex.next('GET', 'page=3', ({ answer }) => answer(200, { items: pageOf(3) }))

    const app = await startApp(configOf({ SYNC_INTERVAL_MINUTES: '10' }), { logger: testLogger() })
    const partnerId = await addPartner(app.platform)
    await runDueSyncs(app.platform)
    await reached
    await app.stop()
    const platform = await open({ SYNC_INTERVAL_MINUTES: '0' })
    const stopped = await syncOf(platform, partnerId)
    expect(stopped).toMatchObject({ state: 'RUNNING', phase: 'SUBSCRIBERS', subscribers: 2, created: 2 })

    const again = await startApp(configOf({ SYNC_INTERVAL_MINUTES: '0' }), { logger: testLogger() })
    const ended = await eventually(async () => {
      const sync = await syncOf(again.platform, partnerId)
      return sync.state === SyncState.RUNNING ? null : sync
    })
    await again.stop()
    expect(ended).toMatchObject({ state: 'IDLE', subscribers: 3, created: 3, startedAt: stopped.startedAt })
    expect(webex.requests.filter(request => request.includes('subscribers?max'))).toHaveLength(1)
    expect(webex.requests.filter(request => request.includes('page=2'))).toHaveLength(1)
  })
})

it('is for partners who are connected to Webex, not for those of the simulator in the same server', async () => {
  const app = await startTestApp({ environment: { SYNC_INTERVAL_MINUTES: '' } })
  try {
    const [alice, mallory] = [await app.addPartner(), await app.addPartner('Mallory Telecom')]
    await connectPartner(app.platform, alice.partnerId, { baseUrl: webex.url, accessToken: 'token' })
    await runDueSyncs(app.platform)
    await eventually(async () => (await readSync(app.platform.database.reader, alice.partnerId)).endedAt)
    const { sync } = await alice.admin.get(SyncDocument, {})
    expect(sync).toMatchObject({ state: 'IDLE', nextRunAt: expect.any(String) as string })
    expect((await mallory.admin.get(SyncDocument, {})).sync).toMatchObject({ state: 'IDLE', startedAt: null, nextRunAt: null })
  } finally {
    await app.stop()
  }
})
