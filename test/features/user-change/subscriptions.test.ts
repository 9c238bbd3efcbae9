import { request } from 'node:http'
import type { Client } from 'graphql-ws'
import { WebSocket } from 'ws'
import { Role } from '../../../src/auth/viewer'
import { MISSED_MAX } from '../../../src/features/user-change/user-change.feed'
import { type Actor, createActor } from '../../support/world/actor'
import { createTestDatabase, startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus, userItem } from '../../support/world/builders'
import {
  ChangePackageTypeDocument,
  CreateApiTokenDocument,
  DeleteUserDocument,
  FindUserDocument,
  RetryActivationDocument,
  RevokeApiTokenDocument,
  UserChangesDocument,
} from '../../support/operations/operations.generated'
import { loggedLines } from '../../support/jest/test-log'
import { BUILD_TIMEOUT_MS, ensureBuilt, useTool } from '../../support/processes/processes'
import { connect, hear, type Heard, socketUrl } from '../../support/world/socket'
import { untilSettled } from '../../support/world/user-changes'
import { eventually } from '../../support/world/waiting'

interface Told {
  kind: 'CREATED' | 'UPDATED' | 'DELETED' | 'LEFT_FILTER'
  userId: string
  cursor: string
  provisionedUser: { id: string; status: string; packageType: string; customer: { id: string } } | null
}
type Changed = Heard<{ provisionedUserChanged: Told }>

const CHANGED = `subscription Changed($filter: UserChangeFilter, $after: String) {
  provisionedUserChanged(filter: $filter, after: $after) {
    kind userId cursor provisionedUser { id status packageType customer { id } }
  }
}`
const COUNTS = `subscription Counts($customerId: ID, $onboardingTemplateId: ID) {
  statusCountsChanged(customerId: $customerId, onboardingTemplateId: $onboardingTemplateId) { status count }
}`

const WAY = ['PENDING_EMAIL_INPUT', 'PROVISIONING', 'PROVISIONED']
const BAD = { code: 'BAD_USER_INPUT' }
const REFUSED = (argument: string) => ({ code: 'BAD_USER_INPUT', argument, requestId: expect.any(String) as string })
const tooCostly =
  'provisionedUsers(first: 100) { nodes { customer { provisionedUsers(first: 100) { nodes { customer { provisionedUsers(first: 100) { nodes { id } } } } } } } }'

let app: TestApp
let alice: TestPartner
let template: string
const clients: Client[] = []

beforeAll(async () => {
  // A client that is slow is one whose answers are long.
  app = await startTestApp({ environment: { QUERY_ALIASES_MAX: '5000' } })
})
beforeEach(async () => {
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin)
})
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose()
})
afterAll(() => app.stop())

function socket(actor: Pick<Actor, 'url' | 'token'>, authorization?: string | null): Client {
  const client = connect(actor, authorization)
  clients.push(client)
  return client
}

/** Hears of changes from now on: a cursor says from where, so that nothing is missed before the server listens. */
async function watch(actor: Actor, filter: Record<string, unknown> = {}): Promise<Changed> {
  await untilSettled(app)
  const { userChanges } = await actor.get(UserChangesDocument, { first: 0 })
  return hear(socket(actor), CHANGED, { filter, after: userChanges.latestCursor })
}

const told = ({ events }: Changed) => events.map(({ provisionedUserChanged: { kind, userId } }) => [kind, userId])
/** Waits until this is the last that is told of the user. */
const untilTold = (heard: Changed, userId: string, kind: Told['kind'], status?: string) =>
  eventually(async () => {
    const last = heard.events.map(event => event.provisionedUserChanged).findLast(each => each.userId === userId)
    return last?.kind === kind && (!status || last.provisionedUser?.status === status)
  })

const changePackage = (userId: string, packageType: 'BASIC' | 'PREMIUM') =>
  alice.operator.get(ChangePackageTypeDocument, { input: { userId, packageType } })
const deleteUser = (userId: string) => alice.operator.get(DeleteUserDocument, { input: { userId } })

describe('provisionedUserChanged', () => {
  it('tells of users who are made, changed and deleted, with the user as it is then', async () => {
    const heard = await watch(alice.viewer)
    const { id, customer } = await makeUser(alice.operator, template)
    await untilTold(heard, id, 'CREATED')
    expect(heard.events[0]?.provisionedUserChanged).toMatchObject({
      kind: 'CREATED',
      userId: id,
      provisionedUser: { id, status: 'PENDING_EMAIL_INPUT', packageType: 'STANDARD', customer: { id: customer.id } },
    })
    await alice.operator.get(RetryActivationDocument, { input: { userId: id, email: `anna.${nextNumber()}@example.com` } })
    await untilTold(heard, id, 'UPDATED', 'PROVISIONED')
    await deleteUser(id)
    await untilTold(heard, id, 'DELETED')
    expect(heard.events.at(-1)?.provisionedUserChanged.provisionedUser).toBeNull()
    expect(heard.errors).toEqual([])
  })

  it('tells each user in the order of its changes, and the latest state last', async () => {
    const heard = await watch(alice.viewer)
    const users = await Promise.all(
      Array.from({ length: 8 }, () => makeUser(alice.operator, template, { email: `anna.${nextNumber()}@example.com` })),
    )
    for (const { id } of users) await untilStatus(alice.viewer, id, 'PROVISIONED')
    for (const { id } of users) await untilTold(heard, id, 'UPDATED', 'PROVISIONED')
    for (const { id } of users) {
      const own = heard.events.map(event => event.provisionedUserChanged).filter(({ userId }) => userId === id)
      expect(own[0]?.kind).toBe('CREATED')
      const statuses = own.map(({ provisionedUser }) => provisionedUser?.status)
      expect([...statuses].sort((one, other) => WAY.indexOf(one ?? '') - WAY.indexOf(other ?? ''))).toEqual(statuses)
    }
  })

  it('tells who comes under the filter and who leaves it', async () => {
    const [stuck, other] = [await makeUser(alice.operator, template), await makeUser(alice.operator, template)]
    const heard = await watch(alice.viewer, { statuses: ['PENDING_EMAIL_INPUT'] })
    const live = await watch(alice.viewer, { statuses: ['PROVISIONED'] })
    await alice.operator.get(RetryActivationDocument, { input: { userId: stuck.id, email: `anna.${nextNumber()}@example.com` } })
    await untilTold(heard, stuck.id, 'LEFT_FILTER')
    await untilTold(live, stuck.id, 'UPDATED', 'PROVISIONED')
    await deleteUser(other.id)
    await untilTold(heard, other.id, 'DELETED')
    await deleteUser(stuck.id)
    await untilTold(live, stuck.id, 'DELETED')
    // Who is in neither list is not told of in it.
    expect(told(heard)).toEqual([
      ['LEFT_FILTER', stuck.id],
      ['DELETED', other.id],
    ])
    expect(told(live).every(([, userId]) => userId === stuck.id)).toBe(true)
  })

  it('can be asked for some customers and templates', async () => {
    const otherTemplate = await makeTemplate(alice.admin)
    const first = await makeUser(alice.operator, template, { spEnterpriseId: 'SP1+one' })
    const ofCustomer = await watch(alice.viewer, { customerIds: [first.customer.id] })
    const ofTemplate = await watch(alice.viewer, { onboardingTemplateIds: [template] })
    const nobody = await watch(alice.viewer, { customerIds: [] })
    const foreign = await makeUser(alice.operator, otherTemplate, { spEnterpriseId: 'SP1+two' })
    const second = await makeUser(alice.operator, template, { spEnterpriseId: 'SP1+three' })
    const third = await makeUser(alice.operator, template, { spEnterpriseId: 'SP1+one' })
    await untilTold(ofCustomer, third.id, 'CREATED')
    await untilTold(ofTemplate, third.id, 'CREATED')
    expect(told(ofCustomer)).toEqual([['CREATED', third.id]])
    expect(told(ofTemplate)).toEqual([
      ['CREATED', second.id],
      ['CREATED', third.id],
    ])
    expect(told(ofTemplate).flat()).not.toContain(foreign.id)
    expect(told(nobody)).toEqual([])
  })

  it('shows nothing of another partner, nor of customers whom the token is not for', async () => {
    const mallory = await app.addPartner()
    const { customer } = await makeUser(alice.operator, template, { spEnterpriseId: 'SP1+one' })
    const restricted = await app.addToken(alice.partnerId, Role.VIEWER, [customer.id])
    const malloryTemplate = await makeTemplate(mallory.admin)
    const [bob, foreign] = [await watch(restricted), await watch(mallory.viewer)]
    const [owns, hers]: [string[], string[]] = [[], []]
    // Once the first users are told, the server listens: the next ones are told live, not read as missed changes.
    for (let round = 0; round < 2; round += 1) {
      await makeUser(alice.operator, template, { spEnterpriseId: 'SP1+other' })
      owns.push((await makeUser(alice.operator, template, { spEnterpriseId: 'SP1+one' })).id)
      hers.push((await makeUser(mallory.operator, malloryTemplate)).id)
      await untilTold(bob, owns[round] ?? '', 'CREATED')
      await untilTold(foreign, hers[round] ?? '', 'CREATED')
    }
    expect(told(bob)).toEqual(owns.map(id => ['CREATED', id]))
    expect(told(foreign)).toEqual(hers.map(id => ['CREATED', id]))
  })

  it('goes on where it was left: after the last cursor, nothing is missing', async () => {
    const heard = await watch(alice.viewer)
    const anna = await makeUser(alice.operator, template)
    await untilTold(heard, anna.id, 'CREATED')
    heard.stop()
    const cursor = heard.events.at(-1)?.provisionedUserChanged.cursor
    const [bruno, carlo] = [await makeUser(alice.operator, template), await makeUser(alice.operator, template)]
    await deleteUser(anna.id)
    const again: Changed = hear(socket(alice.viewer), CHANGED, { after: cursor })
    await again.until(3)
    expect(told(again)).toEqual([
      ['CREATED', bruno.id],
      ['CREATED', carlo.id],
      ['DELETED', anna.id],
    ])
  })

  it('begins for who sees few customers wherever they left, however much happened to others', async () => {
    const { customer, id } = await makeUser(alice.operator, template)
    const restricted = await app.addToken(alice.partnerId, Role.VIEWER, [customer.id])
    await untilSettled(app)
    const { latestCursor } = (await restricted.get(UserChangesDocument, { first: 0 })).userChanges
    await deleteMany(MISSED_MAX + 1)
    await changePackage(id, 'BASIC')
    await untilSettled(app)
    const heard: Changed = hear(socket(restricted), CHANGED, { after: latestCursor })
    await untilTold(heard, id, 'UPDATED')
    expect(told(heard)).toEqual([['UPDATED', id]])
    const unrestricted = hear(socket(alice.viewer), CHANGED, { after: latestCursor })
    await eventually(async () => unrestricted.ended)
    expect(unrestricted.errors).toMatchObject([{ extensions: REFUSED('after') }])
  })

  it('begins with every change for a client that missed exactly as many as it may', async () => {
    await untilSettled(app)
    const { latestCursor } = (await alice.viewer.get(UserChangesDocument, { first: 0 })).userChanges
    await deleteMany(MISSED_MAX)
    await untilSettled(app)
    const heard: Changed = hear(socket(alice.viewer), CHANGED, { after: latestCursor })
    await eventually(async () => heard.ended || heard.events.length >= MISSED_MAX)
    expect(heard.errors).toEqual([])
    expect(told(heard)).toEqual(Array.from({ length: MISSED_MAX }, (_, index) => ['DELETED', `usr_${index}`]))
    expect(heard.ended).toBe(false)
  })

  it('tells who is too slow so, with the cursor to go on from, and keeps no more for them', async () => {
    const names = Array.from({ length: 2500 }, (_, index) => `a${index}: userId`).join(' ')
    const slow = await openRaw(alice.viewer)
    slow.send('subscribe', { query: `subscription { provisionedUserChanged { cursor ${names} } }` })
    const { id } = await makeUser(alice.operator, template)
    // So that the server listens before the client stops to.
    await eventually(async () => {
      await changePackage(id, 'BASIC')
      await changePackage(id, 'PREMIUM')
      return slow.messages.length > 0
    })
    slow.socket.pause()
    await deleteMany(2000)
    slow.socket.resume()
    const last = await eventually(async () => slow.messages.find(({ type }) => type === 'error'))
    const [error] = last.payload as { message: string; extensions: { code: string; cursor: string } }[]
    expect(error?.extensions.code).toBe('RATE_LIMITED')
    expect(error?.message).toMatch(/faster than you take them/)
    const before = slow.messages.filter(({ type }) => type === 'next').at(-1) as Message<{ data: { provisionedUserChanged: Told } }>
    expect(before.payload.data.provisionedUserChanged.cursor).toBe(error?.extensions.cursor)
    const { userChanges } = await alice.viewer.get(UserChangesDocument, { after: error?.extensions.cursor ?? '' })
    expect(userChanges.hasMore).toBe(true)
    slow.socket.terminate()

    // What is more than the server keeps for anybody is not begun with, either.
    const again = hear(socket(alice.viewer), CHANGED, { after: error?.extensions.cursor })
    await eventually(async () => again.ended)
    expect(again.errors).toMatchObject([
      { message: expect.stringMatching(/more than 1000 changes/) as string, extensions: REFUSED('after') },
    ])
  })
})

describe('The feed behind it', () => {
  const everything = () => ({ partnerId: alice.partnerId, customerIds: null })

  it('tells all others when one who watches fails', async () => {
    const users: string[] = []
    const feed = app.platform.userChangeFeed
    const fail = () => {
      throw new Error('of the test')
    }
    const watches = [
      await feed.watch(everything(), fail),
      await feed.watch(everything(), touched => void users.push(...touched.map(({ userId }) => userId))),
    ]
    const { id } = await makeUser(alice.operator, template)
    await eventually(async () => users.includes(id))
    for (const watch of watches) watch.end()
  })

  it('leaves time for requests between the batches of much that happened', async () => {
    let turn = 0
    const count = (): NodeJS.Immediate => setImmediate(() => (turn += 1) && (counting = count()))
    let counting = count()
    const batches: { size: number; turn: number }[] = []
    const watch = await app.platform.userChangeFeed.watch(everything(), ({ length }) => void batches.push({ size: length, turn }))
    await deleteMany(1200)
    await eventually(async () => batches.reduce((sum, { size }) => sum + size, 0) >= 1200)
    watch.end()
    clearImmediate(counting)
    expect(batches.length).toBeGreaterThanOrEqual(3)
    expect(new Set(batches.map(each => each.turn)).size).toBe(batches.length)
  })
})

describe('statusCountsChanged', () => {
  type Counts = Heard<{ statusCountsChanged: { status: string; count: number }[] }>
  const count = ({ events }: Counts, status: string) => events.at(-1)?.statusCountsChanged.find(each => each.status === status)?.count

  it('tells the counts as they are, and again whenever they have changed', async () => {
    const one = await makeUser(alice.operator, template, { spEnterpriseId: 'SP1+one' })
    const ofAll: Counts = hear(socket(alice.viewer), COUNTS)
    const ofCustomer: Counts = hear(socket(alice.viewer), COUNTS, { customerId: one.customer.id })
    const ofOther: Counts = hear(socket(alice.viewer), COUNTS, { onboardingTemplateId: await makeTemplate(alice.admin) })
    for (const heard of [ofAll, ofCustomer, ofOther]) await heard.until(1)
    expect(ofAll.events[0]?.statusCountsChanged).toHaveLength(7)
    await makeUser(alice.operator, template, { spEnterpriseId: 'SP1+two' })
    await eventually(async () => count(ofAll, 'PENDING_EMAIL_INPUT') === 2)
    await deleteUser(one.id)
    await eventually(async () => count(ofAll, 'PENDING_EMAIL_INPUT') === 1 && count(ofCustomer, 'PENDING_EMAIL_INPUT') === 0)
    expect(ofCustomer.events).toHaveLength(2)
    expect(ofOther.events).toHaveLength(1)
  })
})

describe('A filter that names what the caller does not see', () => {
  it.each([
    ['customerIds', CHANGED, (id: string) => ({ filter: { customerIds: [id] } })],
    ['customerId', COUNTS, (id: string) => ({ customerId: id })],
  ] as const)('is refused in the same words whether it is there or not: %s', async (argument, query, variables) => {
    const mallory = await app.addPartner()
    const { customer } = await makeUser(mallory.operator, await makeTemplate(mallory.admin))
    const errors = await Promise.all(
      [customer.id, 'cus_01h2xcejqtf2nbrexx3vqjhp41', 'nonsense'].map(async id => {
        const heard = hear(socket(alice.viewer), query, variables(id))
        await eventually(async () => heard.ended)
        return heard.errors
      }),
    )
    for (const each of errors) expect(each).toMatchObject([{ message: errors[0]?.[0]?.message, extensions: REFUSED(argument) }])
  })

  it.each([
    ['onboardingTemplateIds', CHANGED, (id: string) => ({ filter: { onboardingTemplateIds: [id] } })],
    ['onboardingTemplateId', COUNTS, (id: string) => ({ onboardingTemplateId: id })],
  ] as const)('also where it is a template: %s', async (argument, query, variables) => {
    const foreign = await makeTemplate((await app.addPartner()).admin)
    const heard = hear(socket(alice.viewer), query, variables(foreign))
    await eventually(async () => heard.ended)
    expect(heard.errors).toMatchObject([{ extensions: REFUSED(argument) }])
  })

  it('or too much at once is refused', async () => {
    const heard = hear(socket(alice.viewer), CHANGED, { filter: { customerIds: Array(1001).fill('cus_x') } })
    await eventually(async () => heard.ended)
    expect(heard.errors).toMatchObject([{ extensions: REFUSED('customerIds') }])
  })
})

describe('A socket', () => {
  it('carries queries and mutations, too', async () => {
    const client = socket(alice.operator)
    const query = hear<{ viewer: { role: string } }>(client, '{ viewer { role } }')
    await eventually(async () => query.ended)
    expect(query.events).toEqual([{ viewer: { role: 'OPERATOR' } }])
    const mutation = hear<{ provisionUser: { userErrors: unknown[] } }>(
      client,
      'mutation ($user: ProvisionUserItem!) { provisionUser(input: { user: $user }) { userErrors { code } } }',
      { user: userItem(template) },
    )
    await eventually(async () => mutation.ended)
    expect(mutation.events).toEqual([{ provisionUser: { userErrors: [] } }])
  })

  it.each<[string, string | null]>([
    ['no token', null],
    ['an unknown token', 'Bearer flt_unknown'],
    ['something that is no bearer token', 'Basic YTpi'],
  ])('with %s is closed with 4401', async (_name, authorization) => {
    const heard = hear(socket(alice.viewer, authorization), '{ viewer { name } }')
    await eventually(async () => heard.ended)
    expect(heard.errors).toMatchObject([{ extensions: { code: '4401' } }])
  })

  it('takes the token from the header as well', async () => {
    const raw = await openRaw(alice.viewer, { headers: { authorization: `Bearer ${alice.viewer.token}` }, payload: {} })
    raw.send('subscribe', { query: '{ viewer { role } }' })
    await eventually(async () => raw.messages.some(({ type }) => type === 'next'))
    raw.socket.terminate()
  })

  it('is closed soon after its token is revoked', async () => {
    const { createApiToken } = await alice.admin.get(CreateApiTokenDocument, { input: { name: 'Short', role: 'VIEWER' } })
    const heard = await watch(createActor(app.url, createApiToken?.secret ?? ''))
    const { id } = await makeUser(alice.operator, template)
    await untilTold(heard, id, 'CREATED')
    await alice.admin.get(RevokeApiTokenDocument, { input: { id: createApiToken?.apiToken?.id ?? '' } })
    await eventually(async () => heard.ended)
    expect(heard.errors).toMatchObject([{ extensions: { code: '4401' } }])
  })

  it.each<[string, string, Record<string, unknown>, Record<string, unknown>]>([
    ['a document that cannot be parsed', 'subscription {', {}, { code: 'BAD_USER_INPUT' }],
    ['a field that is not there', 'subscription { nothing }', {}, { code: 'BAD_USER_INPUT' }],
    ['a bad variable', CHANGED, { filter: { statuses: ['NOPE'] } }, { code: 'BAD_USER_INPUT', argument: 'statuses' }],
    [
      'a subscription without its field',
      'subscription { provisionedUserChanged @skip(if: true) { cursor } }',
      {},
      { code: 'BAD_USER_INPUT' },
    ],
    [
      'one whose fragment may leave it out',
      'subscription ($yes: Boolean!) { ...A } fragment A on Subscription { provisionedUserChanged @include(if: $yes) { cursor } }',
      { yes: true },
      { code: 'BAD_USER_INPUT' },
    ],
    ['a NUL', CHANGED, { after: 'a\0b' }, { code: 'BAD_USER_INPUT' }],
    ['a cursor of nothing', CHANGED, { after: 'x' }, { code: 'BAD_USER_INPUT', argument: 'after' }],
    ['a document with too many tokens', `subscription { ${'a '.repeat(11_000)} }`, {}, { code: 'BAD_USER_INPUT' }],
    ['a query that is too costly', `{ ${tooCostly} }`, {}, { code: 'QUERY_TOO_COMPLEX' }],
    [
      'a subscription that is too costly',
      `subscription { provisionedUserChanged { provisionedUser { customer { ${tooCostly} } } } }`,
      {},
      { code: 'QUERY_TOO_COMPLEX' },
    ],
    ['two subscriptions in one', 'subscription { a: provisionedUserChanged { kind } b: provisionedUserChanged { kind } }', {}, BAD],
  ])('refuses %s, as HTTP does', async (_name, query, variables, extensions) => {
    const heard = hear(socket(alice.viewer), query, variables)
    await eventually(async () => heard.ended)
    expect(heard.events).toEqual([])
    expect(heard.errors[0]?.extensions).toMatchObject({ ...extensions, requestId: expect.any(String) as string })
  })

  it('lets nobody do more than their role allows', async () => {
    const { id } = await makeUser(alice.operator, template)
    const heard = hear(socket(alice.viewer), `mutation { deleteUser(input: { userId: "${id}" }) { deletedUserId } }`)
    await eventually(async () => heard.ended)
    expect(heard.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    expect((await alice.viewer.get(FindUserDocument, { id })).provisionedUser).not.toBeNull()
  })

  it('has a hundred operations at a time at most', async () => {
    const client = socket(alice.viewer)
    const heard = Array.from({ length: 101 }, () => hear(client, 'subscription { provisionedUserChanged { kind } }'))
    await eventually(async () => heard.some(({ ended }) => ended))
    expect(heard.flatMap(({ errors }) => errors)).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }])
  })

  it('is closed when a message is longer than a body over HTTP may be', async () => {
    const raw = await openRaw(alice.viewer)
    raw.send('subscribe', { query: `{ viewer { name } } #${'x'.repeat(1024 * 1024)}` })
    expect(await raw.closed).toBe(1009)
  })

  it('is closed when it does not say who it is, or speaks another protocol', async () => {
    const raw = await openRaw(alice.viewer, { payload: null })
    raw.send('subscribe', { query: '{ viewer { name } }' })
    expect(await raw.closed).toBe(4401)
    const other = new WebSocket(socketUrl(app.url))
    expect(await new Promise(resolve => other.once('close', resolve).once('error', () => undefined))).toBe(4406)
  })
})

describe('Over HTTP', () => {
  it('a subscription is refused with the way to it', async () => {
    const { errors } = await alice.viewer.ask('subscription { provisionedUserChanged { kind } }')
    expect(errors).toMatchObject([{ message: expect.stringMatching(/WebSocket/) as string, extensions: BAD }])
  })

  it.each(['/healthz', '/graphql'])('a client that offers HTTP/2 is answered as if it did not: %s', async path => {
    const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAAP__' }
    const status = await new Promise((resolve, reject) => {
      request(app.url + path, { headers }, answer => resolve(answer.resume().statusCode))
        .on('error', reject)
        .end()
    })
    expect(status).toBe(path === '/healthz' ? 200 : 401)
  })
})

describe('Changes from elsewhere', () => {
  beforeAll(ensureBuilt, BUILD_TIMEOUT_MS)

  it('of a command that runs beside the server are told', async () => {
    const heard = await watch(alice.viewer)
    const { database, dataDirectory: directory, encryptionKeys } = app.platform.config
    const url = database.kind === 'sqlite' ? `sqlite:${database.path}` : database.url
    await useTool(['seed', '--users', '300', '--partner', alice.partnerId], {
      directory,
      environment: { DATABASE_URL: url, ENCRYPTION_KEY: encryptionKeys[0].toString('hex') },
    })
    await heard.until(300)
    expect(new Set(told(heard).map(([, userId]) => userId)).size).toBe(300)
  }, 120_000)

  it('of another server at the same database are told', async () => {
    // A SQLite file has one server.
    if (app.platform.database.kind !== 'postgres') return
    const { database, encryptionKeys } = app.platform.config
    const other = await startTestApp({
      database: { ...(await createTestDatabase()), url: (database as { url: string }).url },
      environment: { ENCRYPTION_KEY: encryptionKeys[0].toString('hex') },
    })
    try {
      const heard = await watch({ ...alice.viewer, url: other.url })
      const { id } = await makeUser(alice.operator, template)
      await untilTold(heard, id, 'CREATED')
    } finally {
      for (const client of clients.splice(0)) await client.dispose()
      await other.stop()
    }
  })
})

describe('On PostgreSQL, a server that lost the connection on which it hears of changes', () => {
  it('tells of them all the same, and connects again', async () => {
    const { database } = app.platform
    // SQLite has no such connection.
    if (database.kind !== 'postgres') return
    const heard = await watch(alice.viewer)
    const listeners = () =>
      database.reader.query<{ pid: number }[]>(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'`,
      )
    const [listener] = await eventually(async () => (await listeners()).slice(0, 1))
    await database.execute('SELECT pg_terminate_backend($1)', [listener?.pid])
    const { id } = await makeUser(alice.operator, template)
    await untilTold(heard, id, 'CREATED')
    await eventually(async () => (await listeners()).some(({ pid }) => pid !== listener?.pid))
  })
})

describe('A subscription that fails to start', () => {
  it('gets an error that tells nothing of the cause, which is logged', async () => {
    const own = await startTestApp()
    const bob = await own.addPartner()
    const rename = (from: string, to: string) =>
      own.platform.database.transaction(({ manager }) => manager.query(`ALTER TABLE "${from}" RENAME TO "${to}"`))
    await rename('user_change', 'user_change_away')
    const heard = hear(socket(bob.viewer), CHANGED)
    await eventually(async () => heard.ended)
    expect(heard.events).toEqual([])
    expect(heard.errors).toMatchObject([
      { message: expect.stringMatching(/^Something went wrong/) as string, extensions: { code: 'INTERNAL' } },
    ])
    expect(JSON.stringify(heard.errors)).not.toContain('user_change')
    const [{ requestId } = { requestId: '' }] = heard.errors.map(({ extensions }) => extensions)
    expect(loggedLines().some(line => line['requestId'] === requestId && /user_change/.test(JSON.stringify(line['err'])))).toBe(true)
    await rename('user_change_away', 'user_change')
    await own.stop()
  })
})

describe('A server that stops', () => {
  it('says goodbye to its sockets and waits for none that does not answer', async () => {
    const own = await startTestApp()
    const bob = await own.addPartner()
    const [polite, silent] = [await openRaw(bob.viewer), await openRaw(bob.viewer)]
    for (const raw of [polite, silent]) raw.send('subscribe', { query: 'subscription { statusCountsChanged { count } }' })
    await eventually(async () => [polite, silent].every(({ messages }) => messages.length > 0))
    silent.socket.pause()
    await own.stop()
    expect(await polite.closed).toBe(1001)
    silent.socket.terminate()
  })
})

/** Puts on record that so many users of alice were deleted who never were: making them would take its time. */
async function deleteMany(count: number): Promise<void> {
  const { database } = app.platform
  const transactionId = database.kind === 'postgres' ? `lpad(pg_current_xact_id()::text, 20, '0')` : `''`
  const rows = Array.from(
    { length: count },
    (_, index) =>
      `(${transactionId}, '${alice.partnerId}', 'cus', 'usr_${index}', '${new Date().toISOString()}', 'tpl:ERROR:BASIC:', true)`,
  )
  await database.transaction(({ manager }) =>
    manager.query(
      `INSERT INTO "user_change" ("transaction_id", "partner_id", "customer_id", "user_id", "at", "bucket_before", "folded") VALUES ${rows.join()}`,
    ),
  )
  database.notifier.notify()
}

interface Message<Payload = unknown> {
  type: string
  payload: Payload
}

/** A connection without a client's manners. */
async function openRaw(
  { url, token }: Pick<Actor, 'url' | 'token'>,
  { headers = {}, payload = { authorization: `Bearer ${token}` } }: { headers?: Record<string, string>; payload?: object | null } = {},
) {
  const raw = new WebSocket(socketUrl(url), 'graphql-transport-ws', { headers })
  const messages: Message[] = []
  const closed = new Promise<number>(resolve => raw.once('close', resolve))
  raw.on('error', () => undefined)
  await new Promise(resolve => raw.once('open', resolve))
  const acknowledged = new Promise(resolve => raw.once('message', resolve))
  raw.on('message', data => {
    const message = JSON.parse(String(data as Buffer)) as Message
    if (message.type !== 'connection_ack') messages.push(message)
  })
  if (payload) {
    raw.send(JSON.stringify({ type: 'connection_init', payload }))
    await acknowledged
  }
  let sent = 0
  return {
    socket: raw,
    messages,
    closed,
    send: (type: string, sentPayload: object) => raw.send(JSON.stringify({ id: String((sent += 1)), type, payload: sentPayload })),
  }
}
