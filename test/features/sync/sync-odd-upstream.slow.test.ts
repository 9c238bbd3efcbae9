import { randomUUID } from 'node:crypto'
import { ProvisionedUser } from '../../../src/features/provisioned-user/provisioned-user.entity'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { nextNumber, untilStatus } from '../../support/world/builders'
import { type Exchange, type FakeSubscriber, type FakeWebex, startFakeWebex } from '../../support/fakes/webex'
import { DeleteUserDocument, SyncDocument, UpdateProvisionedUserDocument } from '../../support/operations/operations.generated'
import { ENTERPRISE, runSync, type SyncedUser, syncedUser, syncedUsers, untilSynced } from '../../support/world/sync'
import { eventually } from '../../support/world/waiting'

let webex: FakeWebex
let app: TestApp
let alice: TestPartner

beforeAll(async () => {
  webex = await startFakeWebex()
  app = await startTestApp({ environment: { WEBEX_BASE_URL: webex.url, WEBEX_ACCESS_TOKEN: 'token' } })
  alice = await app.addPartner()
})
afterAll(async () => {
  await app.stop()
  await webex.stop()
})
beforeEach(() => {
  webex.subscribers.length = 0
  webex.requests.length = 0
})

const SUBSCRIBERS = '/broadworks/subscribers?'
const ENTERPRISES = '/broadworks/enterprises?'

/** Lets Webex have a subscriber; not all of its lists need show it. */
function atWebex(subscriber: Partial<FakeSubscriber> = {}): FakeSubscriber {
  const number = nextNumber()
  const made: FakeSubscriber = {
    id: `subscriber-${randomUUID()}`,
    personId: `person-${randomUUID()}`,
    userId: `user.${number}@provider.example`,
    ...ENTERPRISE,
    firstName: 'Anna',
    lastName: 'Rossi',
    email: `anna.${number}@example.com`,
    extension: '4711',
    package: 'standard',
    status: 'provisioned',
    created: '2026-10-01T08:00:00.000Z',
    lastStatusChange: '2026-10-02T08:00:00.000Z',
    ...subscriber,
  }
  webex.subscribers.push(made)
  return made
}

/** What a page of a list shows, with the link to the next one where there is one. */
function page(items: unknown[], next?: string): (exchange: Exchange) => void {
  return ({ answer }) => answer(200, { items }, next ? { link: `<${webex.url}${next}>; rel="next"` } : {})
}

async function user(broadworksId: string): Promise<SyncedUser> {
  const found = await syncedUser(alice, broadworksId)
  if (!found) throw new Error(`${broadworksId} is not there.`)
  return found
}

/** Whom the BroadWorks ID finds. */
async function idOf(broadworksId: string): Promise<string | undefined> {
  const { data } = await alice.viewer.ask<{ provisionedUser: { id: string } | null }, { id: string }>(
    'query ($id: String!) { provisionedUser(broadworksId: $id) { id } }',
    { id: broadworksId },
  )
  return data.provisionedUser?.id
}

function rowOf({ id }: Pick<SyncedUser, 'id'>): Promise<ProvisionedUser> {
  return app.platform.database.reader.findOneByOrFail(ProvisionedUser, { id })
}

const sync = (full = true) => runSync(alice, { full })
const asked = (part: string) => webex.requests.filter(request => request.includes(part))

describe('a list of Webex that is behind', () => {
  it('does not take back what was changed here since it was asked for', async () => {
    const subscriber = atWebex()
    await sync()
    const { id } = await user(subscriber.userId)
    const behind = { ...subscriber }
    webex.next('GET', SUBSCRIBERS, async ({ answer }) => {
      await alice.operator.get(UpdateProvisionedUserDocument, { input: { userId: id, firstName: 'Chiara' } })
      await untilStatus(alice.viewer, id, 'PROVISIONED')
      answer(200, { items: [behind] })
    })
    expect(await sync()).toMatchObject({ updated: 0, skipped: 1 })
    expect(await user(subscriber.userId)).toMatchObject({ firstName: 'Chiara', status: 'PROVISIONED' })
    expect(await sync()).toMatchObject({ updated: 0, skipped: 0 })
  })

  it('does not show a user whom Webex still has, so nobody is deleted', async () => {
    const [listed, hidden] = [atWebex(), atWebex()]
    await sync()
    webex.next('GET', SUBSCRIBERS, page([listed]))
    expect(await sync()).toMatchObject({ subscribers: 1, deleted: 0 })
    expect(asked(`GET /broadworks/subscribers/${hidden.id}`)).toHaveLength(1)
    expect(asked(`GET /broadworks/subscribers/${listed.id}`)).toEqual([])
    expect(await user(hidden.userId)).toMatchObject({ status: 'PROVISIONED' })
  })

  it('does not bring back a user whose deletion is under way', async () => {
    const subscriber = atWebex()
    await sync()
    const { id } = await user(subscriber.userId)
    let release: () => void = () => undefined
    const held = new Promise<void>(resolve => (release = resolve))
    webex.next('DELETE', subscriber.id, async ({ carryOut, answer }) => {
      await held
      carryOut()
      answer(204, undefined)
    })
    await alice.operator.get(DeleteUserDocument, { input: { userId: id } })
    const twin = { ...subscriber, id: 'another-subscriber' }
    webex.next('GET', SUBSCRIBERS, page([subscriber, twin]))
    expect(await sync()).toMatchObject({ created: 0, skipped: 2 })
    release()
    await eventually(async () => (await rowOf({ id })).deletionEndedAt)
    // The subscriber itself is known to be gone; another one of the same BroadWorks ID is somebody new.
    webex.next('GET', SUBSCRIBERS, page([subscriber, twin]))
    expect(await sync()).toMatchObject({ created: 1, skipped: 1 })
    expect((await user(subscriber.userId)).webexSubscriberId).toBe(twin.id)
  })
})

describe('a subscriber that Webex shows again after all', () => {
  it('comes back as a new user', async () => {
    const subscriber = atWebex()
    await sync()
    const { id } = await user(subscriber.userId)
    webex.subscribers.length = 0
    expect(await sync()).toMatchObject({ deleted: 1 })
    webex.subscribers.push(subscriber)
    expect(await sync()).toMatchObject({ created: 1 })
    expect((await user(subscriber.userId)).id).not.toBe(id)
  })
})

describe('a change that is later than the run that saw it began', () => {
  it('does not hide those that others made meanwhile', async () => {
    atWebex({ lastStatusChange: '2999-01-01T00:00:00.000Z' })
    const { startedAt } = await sync()
    await sync(false)
    const last = asked(SUBSCRIBERS).at(-1) ?? ''
    const after = Number(/lastStatusChange=(\d+)/.exec(last)?.[1])
    expect(after).toBeLessThan(Date.parse(startedAt ?? ''))
  })
})

describe('two subscribers of one BroadWorks ID', () => {
  it('are two users: the second in error 200044, under its own key, until it is the only one', async () => {
    const first = atWebex()
    const second = atWebex({ userId: first.userId.toUpperCase(), firstName: 'Zoe' })
    expect(await sync()).toMatchObject({ subscribers: 2, created: 2 })
    const [one, two] = await syncedUsers({ viewer: alice.viewer })
    expect(one).toMatchObject({ webexSubscriberId: first.id, broadworksId: first.userId, status: 'PROVISIONED' })
    expect(two).toMatchObject({ webexSubscriberId: second.id, broadworksId: second.userId, status: 'ERROR', firstName: 'Zoe' })
    expect(two?.errors).toEqual([{ code: 200044, upstreamText: null }])
    expect(await idOf(first.userId)).toBe(one?.id)

    expect(await sync()).toMatchObject({ created: 0, updated: 0, deleted: 0 })
    webex.subscribers.splice(webex.subscribers.indexOf(first), 1)
    expect(await sync()).toMatchObject({ deleted: 1 })
    expect(await sync()).toMatchObject({ updated: 1 })
    const users = await syncedUsers({ viewer: alice.viewer })
    expect(users).toMatchObject([{ id: two?.id, webexSubscriberId: second.id, status: 'PROVISIONED', errors: [] }])
    expect(await idOf(first.userId)).toBe(two?.id)
  })

  it('are one user when the list shows one that is gone', async () => {
    const subscriber = atWebex()
    await sync()
    const gone = { ...subscriber, id: 'gone-long-ago' }
    webex.next('GET', SUBSCRIBERS, page([subscriber, gone]))
    expect(await sync()).toMatchObject({ subscribers: 2, created: 0, updated: 0, deleted: 0 })
    expect(asked(`GET /broadworks/subscribers/${gone.id}`)).toHaveLength(1)
    expect(await syncedUsers({ viewer: alice.viewer })).toHaveLength(1)
  })

  it('are one user when the new one took the place of the old, who stays the same user', async () => {
    const old = atWebex()
    await sync()
    const { id } = await user(old.userId)
    webex.subscribers.length = 0
    const renewed = atWebex({ userId: old.userId, email: 'renewed@example.com' })
    expect(await sync(false)).toMatchObject({ full: false, created: 0, updated: 1 })
    expect(await user(old.userId)).toMatchObject({ id, webexSubscriberId: renewed.id, email: 'renewed@example.com' })
    expect(await sync()).toMatchObject({ created: 0, updated: 0, deleted: 0 })
  })
})

describe('what cannot be understood', () => {
  it('is left alone and counted, and keeps nobody else away', async () => {
    const good = atWebex()
    const odd = [
      { ...good, id: 'unknown-status', userId: 'a@b', status: 'on_holiday' },
      { ...good, id: 'no-name', userId: 'c@d', lastName: undefined },
      { ...good, id: 'x'.repeat(201), userId: 'e@f' },
      { ...good, id: 'nul', userId: 'g\u0000h' },
      'nonsense',
    ]
    webex.next('GET', ENTERPRISES, page([{ spEnterpriseId: 'SP1+wholesale' }, { nothing: true }]))
    webex.next('GET', SUBSCRIBERS, page([...odd, good]))
    expect(await sync()).toMatchObject({ state: 'IDLE', enterprises: 2, subscribers: 6, created: 1, skipped: 7 })
    expect((await syncedUsers(alice)).map(({ broadworksId }) => broadworksId)).toEqual([good.userId])
  })
})

describe('a question about one subscriber', () => {
  it.each<[string, (exchange: Exchange) => void, number]>([
    ['is refused', ({ answer }) => answer(400, { message: 'Bad ID' }), 1],
    ['cannot be understood', ({ answer }) => answer(200, { nothing: true }), 6],
  ])('that %s leaves that one alone, and the run goes on', async (_, deal, calls) => {
    const [odd, gone] = [atWebex({ id: `a-${nextNumber()}` }), atWebex({ id: `b-${nextNumber()}` })]
    await sync()
    webex.subscribers.length = 0
    webex.requests.length = 0
    for (let call = 0; call < calls; call += 1) webex.next('GET', odd.id, deal)
    expect(await sync()).toMatchObject({ state: 'IDLE', deleted: 1, skipped: 1 })
    expect((await syncedUsers(alice)).map(({ broadworksId }) => broadworksId)).toEqual([odd.userId])
    expect(asked(`GET /broadworks/subscribers/${gone.id}`)).toHaveLength(1)
  })
})

describe('a call that fails', () => {
  it('is made again after a pause when it may succeed, and no page is read twice', async () => {
    const [one, two] = [atWebex(), atWebex()]
    webex.next('GET', ENTERPRISES, ({ drop }) => drop())
    webex.next('GET', SUBSCRIBERS, page([one], `${SUBSCRIBERS}page=two`))
    webex.next('GET', 'page=two', ({ answer }) => answer(503, { message: 'Service Unavailable' }))
    webex.next('GET', 'page=two', page([two]))
    expect(await sync()).toMatchObject({ state: 'IDLE', subscribers: 2, created: 2, error: null })
    expect(asked(ENTERPRISES)).toHaveLength(2)
    expect(asked(SUBSCRIBERS).map(request => request.includes('page=two'))).toEqual([false, true, true])
  })

  it('says meanwhile what it waits for', async () => {
    webex.next('GET', ENTERPRISES, ({ answer }) => answer(503, { message: 'Service Unavailable' }, { 'retry-after': '3' }))
    const run = sync()
    const { sync: status } = await eventually(async () => {
      const current = await alice.admin.get(SyncDocument)
      return current.sync.error ? current : null
    })
    expect(status).toMatchObject({ state: 'RUNNING', error: expect.stringContaining('tries again') })
    expect(await run).toMatchObject({ state: 'IDLE', error: null })
  })

  it.each([400, 404])('begins the list anew when Webex has forgotten the page (%i)', async status => {
    const [one, two] = [atWebex(), atWebex()]
    webex.next('GET', SUBSCRIBERS, page([one], `${SUBSCRIBERS}page=two`))
    webex.next('GET', 'page=two', ({ answer }) => answer(status, { message: 'No such page' }))
    expect(await sync()).toMatchObject({ state: 'IDLE', subscribers: 2, created: 2 })
    expect((await syncedUsers(alice)).map(({ broadworksId }) => broadworksId)).toEqual([one.userId, two.userId].sort())
  })

  it('ends the run when Webex forgets its pages again and again', async () => {
    for (let time = 0; time < 4; time += 1) {
      webex.next('GET', SUBSCRIBERS, page([], `${SUBSCRIBERS}page=two`))
      webex.next('GET', 'page=two', ({ answer }) => answer(400, { message: 'No such page' }))
    }
    expect(await sync()).toMatchObject({ state: 'FAILED', error: expect.stringContaining('No such page') })
  })

  it.each([
    [401, /does not accept the access token.*HTTP 401/],
    [403, /may not read.*broadworks_subscribers_read.*HTTP 403/],
    [405, /refused a call.*HTTP 405/],
  ])('ends the run with plain words when it is refused for good (%i), and the next one begins anew', async (status, words) => {
    const subscriber = atWebex()
    webex.next('GET', SUBSCRIBERS, ({ answer }) => answer(status, { message: 'No' }))
    const failed = await sync()
    expect(failed).toMatchObject({ state: 'FAILED', phase: null, error: expect.stringMatching(words), endedAt: expect.any(String) })
    expect(await sync()).toMatchObject({ state: 'IDLE', error: null, created: 1 })
    expect(await user(subscriber.userId)).toBeDefined()
  })
})

describe('a full sync that is asked for during one of changes', () => {
  it('follows it', async () => {
    atWebex()
    await sync()
    webex.requests.length = 0
    let release: () => void = () => undefined
    const held = new Promise<void>(resolve => (release = resolve))
    webex.next('GET', SUBSCRIBERS, async exchange => {
      await held
      page([])(exchange)
    })
    const changes = sync(false)
    await eventually(async () => asked(SUBSCRIBERS).length === 1)
    const full = sync()
    await eventually(async () => asked(SUBSCRIBERS).length >= 2)
    release()
    expect(await changes).toMatchObject({ full: true })
    expect(await full).toMatchObject({ state: 'IDLE', full: true, subscribers: 1, deleted: 0 })
    expect(await untilSynced(alice)).toMatchObject({ full: true })
  })
})
