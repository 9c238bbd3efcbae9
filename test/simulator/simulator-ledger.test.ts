import { randomUUID } from 'node:crypto'
import { openSimulatorStore } from '../../src/simulator/store'
import type { WebexClient } from '../../src/webex/webex-client'
import { WebexError } from '../../src/webex/webex-error'
import { subscriberId } from '../../src/webex/webex-identifiers'
import { newSubscriber, startTestSimulator, type TestSimulator, type ToolAnswer } from '../support/fakes/simulator'
import { eventually } from '../support/world/waiting'

let simulator: TestSimulator
let partner: WebexClient
let token: string

beforeAll(async () => {
  simulator = await startTestSimulator()
})

beforeEach(async () => {
  token = randomUUID()
  partner = simulator.client({ token })
  await simulator.tool('DELETE', '/faults')
})

afterAll(() => simulator.stop())

it('tells what was accepted and which duplicates were refused, with the tracking IDs of the answers', async () => {
  const creation = newSubscriber()
  const created = await partner.createSubscriber(creation)
  const { id } = created.value
  const refused = (await partner.createSubscriber({ ...creation, firstName: 'Eva' }).catch((error: unknown) => error)) as WebexError
  await eventually(async () => (await partner.getSubscriber(id)).value.status === 'provisioned')
  const updated = await partner.updateSubscriber(id, { package: 'basic' })
  const deleted = await partner.deleteSubscriber(id)

  const { items, next } = await ledger()
  const organisation = expect.stringMatching(/^[0-9a-f]{64}$/)
  const common = { organisation, userId: creation.userId, time: expect.stringMatching(/^20.*Z$/), sequence: expect.any(Number) }
  expect(items).toEqual([
    { ...common, kind: 'create', subscriberId: id, trackingId: created.trackingId },
    { ...common, kind: 'refused-duplicate', subscriberId: null, trackingId: refused.trackingId },
    { ...common, kind: 'update', subscriberId: id, trackingId: updated.trackingId },
    { ...common, kind: 'delete', subscriberId: id, trackingId: deleted.trackingId },
  ])
  expect(next).toBeNull()
})

it('is silent about calls that were refused for another reason, or were only questions', async () => {
  const taken = newSubscriber()
  await partner.createSubscriber(taken)
  const calls = [
    partner.createSubscriber(newSubscriber({ extension: '' })),
    partner.createSubscriber(newSubscriber({ spEnterpriseId: taken.spEnterpriseId, provisioningId: 'other' })),
    partner.createSubscriber(newSubscriber({ email: 'http-503@example.com' })),
    partner.updateSubscriber(subscriberId(randomUUID()), { package: 'basic' }),
    partner.deleteSubscriber(subscriberId(randomUUID())),
  ]
  for (const call of calls) await expect(call).rejects.toThrow(WebexError)
  await partner.findSubscribers(taken.userId)
  await partner.precheck({ email: 'free@example.com' })
  expect((await ledger()).items).toHaveLength(1)
})

it('has what was done although its answer was lost, and both halves of what was done twice', async () => {
  const [lost, twice] = [newSubscriber(), newSubscriber()]
  await simulator.setFaults({ kind: 'drop-after', times: 1 }, { kind: 'twice', times: 1 })
  for (const creation of [lost, twice]) await expect(partner.createSubscriber(creation)).rejects.toThrow(WebexError)
  expect((await summary()).items).toMatchObject([
    { userId: lost.userId, creates: 1, refusedDuplicates: 0, live: 1 },
    { userId: twice.userId, creates: 1, refusedDuplicates: 1, live: 1 },
  ])
})

it('sums up by user: who was made again is one live subscriber', async () => {
  const [again, gone] = [newSubscriber(), newSubscriber()]
  for (const creation of [again, gone]) await partner.deleteSubscriber((await partner.createSubscriber(creation)).value.id)
  const { value: live } = await partner.createSubscriber({ ...again, userId: again.userId.toUpperCase() })
  await eventually(async () => (await partner.getSubscriber(live.id)).value.status === 'provisioned')
  await partner.updateSubscriber(live.id, { package: 'basic' })
  await simulator.client().createSubscriber(gone)
  const { items } = await summary()
  const organisation = expect.any(String)
  expect(items).toEqual([
    { organisation, userId: expect.any(String), creates: 2, updates: 1, deletes: 1, refusedDuplicates: 0, live: 1 },
    { organisation, userId: gone.userId, creates: 1, updates: 0, deletes: 1, refusedDuplicates: 0, live: 0 },
  ])
})

it('is read page by page, each entry once, of one organisation or of all', async () => {
  const stranger = simulator.client()
  const made: string[] = []
  for (let index = 0; index < 5; index += 1) {
    made.push((await partner.createSubscriber(newSubscriber())).value.userId)
    await stranger.createSubscriber(newSubscriber())
  }
  for (const target of [`/ledger?organisation=${token}`, `/ledger/summary?organisation=${token}`]) {
    const pages = await walk(`${target}&max=2`)
    expect(pages.map(page => page.length)).toEqual([2, 2, 1])
    expect(pages.flat().map(({ userId }) => userId)).toEqual(made)
  }
  const [{ organisation: key }] = (await ledger()).items
  expect((await simulator.tool('GET', `/ledger?organisation=${key}`)).body.items).toHaveLength(5)
  for (const target of ['/ledger?max=3', '/ledger/summary?max=3']) {
    const all = (await walk(target)).flat()
    expect(all.length).toBeGreaterThanOrEqual(10)
    expect(new Set(all.map(item => JSON.stringify(item))).size).toBe(all.length)
  }
})

it.each(['/ledger?max=1001', '/ledger?cursor=made-up', '/ledger/summary?cursor=WzFd', '/ledger/summary?max=none'])(
  'refuses %s',
  async target => {
    expect((await simulator.tool('GET', target)).status).toBe(400)
  },
)

it('outlives a restart', async () => {
  await partner.createSubscriber(newSubscriber())
  const before = await ledger()
  await simulator.restart()
  expect(await ledger()).toEqual(before)
})

describe('work under way on seeded subscribers', () => {
  it('ends as their address says, at its time', async () => {
    const dueAt = '2026-10-01T08:00:00.000Z'
    const cases = [
      { status: 'provisioning', email: 'anna@example.com' },
      { status: 'provisioning', email: 'error-200054@example.com' },
      { status: 'provisioning', email: 'consumer-anna@example.com' },
      { status: 'updating', email: 'bob@example.com' },
      { status: 'updating', email: 'update-error-6003@example.com' },
    ] as const
    const ids = seed(cases.map(one => ({ ...one, dueAt })))
    const seen = await Promise.all(ids.map(async id => (await partner.getSubscriber(id)).value))
    expect(seen.map(({ status, errors }) => [status, ...errors.map(({ code }) => code)])).toEqual([
      ['provisioned'],
      ['error', 200054],
      ['pending_user_migration'],
      ['provisioned'],
      ['error', 6003],
    ])
    expect(seen.every(({ lastStatusChange }) => lastStatusChange === dueAt)).toBe(true)
  })

  it('takes a while where no time is given, so that there is something to see', async () => {
    const [provisioning, updating, failed] = seed([{ status: 'provisioning' }, { status: 'updating' }, { status: 'error' }])
    const statuses = [provisioning, updating, failed].map(async id => (await partner.getSubscriber(id!)).value.status)
    expect(await Promise.all(statuses)).toEqual(['provisioning', 'updating', 'error'])
  })

  it('is done for all of them before anyone looks, however many they are', async () => {
    const ids = seed(Array.from({ length: 1234 }, () => ({ status: 'provisioning', dueAt: '2026-10-01T08:00:00.000Z' })))
    expect((await partner.getSubscriber(ids.at(-1)!)).value.status).toBe('provisioned')
  })

  function seed(rows: { status: 'provisioning' | 'updating' | 'error'; email?: string; dueAt?: string }[]): string[] {
    const time = '2026-09-01T08:00:00.000Z'
    const full = rows.map(row => ({
      ...newSubscriber(),
      id: subscriberId(randomUUID()),
      created: time,
      lastStatusChange: time,
      ...row,
    }))
    const store = openSimulatorStore(simulator.databasePath)
    expect(store.putSubscribers(token, full)).toBe(rows.length)
    store.close()
    return full.map(({ id }) => id)
  }
})

async function ledger() {
  return (await simulator.tool('GET', `/ledger?organisation=${token}`)).body
}

async function summary() {
  return (await simulator.tool('GET', `/ledger/summary?organisation=${token}`)).body
}

async function walk(target: string): Promise<ToolAnswer[][]> {
  const pages: ToolAnswer[][] = []
  for (let next: string | null = new URL(`/simulator${target}`, simulator.url).href; next !== null;) {
    const page = (await (await fetch(next)).json()) as ToolAnswer
    pages.push(page.items)
    next = page.next
  }
  return pages
}
