import { randomUUID } from 'node:crypto'
import { openPlatform } from '../../../src/app'
import { loadConfig } from '../../../src/config/config'
import { connectPartner } from '../../../src/features/partner/connection.service'
import { insertPartner } from '../../../src/features/partner/partner.service'
import { type Sync, SyncState } from '../../../src/features/sync/sync.entity'
import { readSync, type RunOptions, startSync } from '../../../src/features/sync/sync.service'
import { takeStep } from '../../../src/features/sync/run/sync-run'
import type { Acting, Platform } from '../../../src/context/context'
import { createTestDatabase, type TestDatabase } from '../../support/world/app'
import { type FakeWebex, startFakeWebex } from '../../support/fakes/webex'
import { ENTERPRISE } from '../../support/world/sync'
import { testLogger } from '../../support/jest/test-log'

let webex: FakeWebex
let database: TestDatabase
/** A process that serves nobody: the test takes the steps that a job would. */
let platform: Platform
let ctx: Acting

beforeAll(async () => {
  webex = await startFakeWebex()
  database = await createTestDatabase()
  const settings = { DATABASE_URL: database.url, PORT: '0', DEMO_DATA: 'off', LOG_LEVEL: 'fatal', WEBEX_CALLS_PER_SECOND: '10000' }
  const config = loadConfig(settings, database.directory)
  platform = await openPlatform(config, { logger: testLogger() })
})
afterAll(async () => {
  await platform.webex.stop()
  await platform.database.close()
  await database.remove()
  await webex.stop()
})
beforeEach(async () => {
  const { partner } = await platform.database.transaction(tx => insertPartner(platform, tx, 'Alice Telecom'))
  await connectPartner(platform, partner.id, { baseUrl: webex.url, accessToken: 'token' })
  ctx = { ...platform, actor: { partnerId: partner.id, name: 'test', requestId: null } }
  webex.requests.length = 0
})

const PAGE_SIZE = 100

/** Lets Webex have so many subscribers and nobody else, as the organization of a token does. */
function organization(count: number): FakeWebex['subscribers'] {
  const prefix = randomUUID()
  return Array.from({ length: count }, (_, number) => ({
    id: `${prefix}-${number}`,
    personId: `person-${prefix}-${number}`,
    userId: `user.${number}@${prefix}.example`,
    email: `user.${number}@${prefix}.example`,
    ...ENTERPRISE,
    firstName: 'Anna',
    lastName: 'Rossi',
    extension: '4711',
    package: 'standard',
    status: 'provisioned',
    lastStatusChange: '2026-10-02T08:00:00.000Z',
  }))
}

/** Shows these subscribers from now on, the list by pages. */
function show(subscribers: FakeWebex['subscribers']): void {
  webex.subscribers.splice(0, Infinity, ...subscribers)
}

function dealPages(): void {
  for (let from = 0; from < webex.subscribers.length; from += PAGE_SIZE) {
    const items = webex.subscribers.slice(from, from + PAGE_SIZE)
    const isLast = from + PAGE_SIZE >= webex.subscribers.length
    const link = `<${webex.url}/broadworks/subscribers?page=${from}>; rel="next"`
    webex.next('GET', '/broadworks/subscribers?', ({ answer }) => answer(200, { items }, isLast ? {} : { link }))
  }
}

async function run(options: RunOptions = { full: true }): Promise<Sync> {
  dealPages()
  await startSync(ctx, options)
  return finish()
}

async function finish(): Promise<Sync> {
  for (;;) {
    const sync = await readSync(platform.database.reader, ctx.actor.partnerId)
    if (sync.state !== SyncState.RUNNING) return sync
    await takeStep(platform, sync, false)
  }
}

const questions = () => webex.requests.filter(request => request.startsWith('GET /broadworks/subscribers/'))

describe('a full sync that misses more than a hundred users and a tenth of them', () => {
  it('fails, says what to do, and deletes nobody, also the next time, when it knows the users of the other organization', async () => {
    const ours = organization(120)
    show(ours)
    expect(await run()).toMatchObject({ state: 'IDLE', created: 120 })
    // So many that ours are less than a tenth of all.
    show(organization(1200))
    const failed = await run()
    expect(failed).toMatchObject({ state: 'FAILED', phase: null, created: 1200, deleted: 0 })
    expect(failed.error).toMatch(/^120 of 120 users .* missing there; nothing was deleted\. Check .* connection/)
    expect(failed.error).toContain('`flowthrough sync --full --allow-deletions`')
    expect(failed.error).toContain('`startSync(input: {full: true, allowDeletions: true})`')
    expect(await run()).toMatchObject({ state: 'FAILED', created: 0, deleted: 0, error: expect.stringMatching(/^120 of 1320 users/) })
    expect(questions()).toEqual([])
    show(ours)
    expect(await run()).toMatchObject({ state: 'FAILED', created: 0, updated: 0, error: expect.stringMatching(/^1200 of 1320 users/) })
  })

  it('deletes them when somebody allows it, for that run alone', async () => {
    show(organization(101))
    await run()
    show([])
    expect(await run()).toMatchObject({ state: 'FAILED', deleted: 0 })
    expect(await run({ full: true, allowDeletions: true })).toMatchObject({ state: 'IDLE', deleted: 101, error: null })
    show(organization(101))
    await run()
    show([])
    expect(await run()).toMatchObject({ state: 'FAILED', deleted: 0 })
  })

  it.each([
    ['a run of changes is under way, which it follows', false],
    ['a full run is under way, of which it holds', true],
  ])('deletes them when it was allowed while %s', async (_, full) => {
    show(organization(101))
    await run()
    show([])
    await startSync(ctx, { full })
    await startSync(ctx, { full: true, allowDeletions: true })
    // Asking again for less takes nothing back.
    await startSync(ctx, { full: true })
    expect(await finish()).toMatchObject({ state: 'IDLE', full: true, deleted: 101 })
  })
})

describe('a full sync that misses fewer', () => {
  it.each([
    ['a hundred, whatever the share', 100, 100],
    ['a tenth, however many', 1010, 101],
  ])('deletes %s', async (_, count, gone) => {
    const ours = organization(count)
    show(ours)
    await run()
    show(ours.slice(gone))
    expect(await run()).toMatchObject({ state: 'IDLE', deleted: gone })
    expect(questions()).toHaveLength(gone)
  })
})
