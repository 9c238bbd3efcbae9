import { Client } from 'pg'
import { Role } from '../../../src/auth/viewer'
import { purgeExpiredUserChanges } from '../../../src/features/user-change/user-change.log'
import type { Actor } from '../../support/world/actor'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, untilStatus } from '../../support/world/builders'
import { createTestClock, type TestClock } from '../../support/world/clock'
import { startFakeWebex } from '../../support/fakes/webex'
import {
  ChangePackageTypeDocument,
  DeleteUserDocument,
  UserChangesDocument,
  type UserChangesQuery,
} from '../../support/operations/operations.generated'
import { untilSettled } from '../../support/world/user-changes'
import { eventually } from '../../support/world/waiting'

type Page = UserChangesQuery['userChanges']

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

let app: TestApp
let clock: TestClock
let alice: TestPartner
let template: string

beforeAll(async () => {
  clock = createTestClock()
  // Cursors are the same for an hour: it is to be one hour for all of the tests.
  clock.moveAhead(HOUR_MS - (Date.now() % HOUR_MS))
  app = await startTestApp({ clock })
})
beforeEach(async () => {
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin)
})
afterAll(() => app.stop())

async function read(actor: Actor, after?: string | null, first?: number): Promise<Page> {
  await untilSettled(app)
  return (await actor.get(UserChangesDocument, { after, first })).userChanges
}

/** Every page from a cursor on. */
async function readAll(actor: Actor, after: string | null, first: number): Promise<Page['changes']> {
  const page = await read(actor, after, first)
  return [...page.changes, ...(page.hasMore ? await readAll(actor, page.endCursor, first) : [])]
}

async function latest(actor: Actor): Promise<string> {
  return (await read(actor, null, 0)).latestCursor
}

const changePackage = (userId: string, packageType: 'BASIC' | 'PREMIUM') =>
  alice.operator.get(ChangePackageTypeDocument, { input: { userId, packageType } })
const deleteUser = (userId: string) => alice.operator.get(DeleteUserDocument, { input: { userId } })

const told = ({ changes }: Pick<Page, 'changes'>) => changes.map(({ kind, userId }) => [kind, userId])

describe('userChanges', () => {
  it('tells each user once, as it is now, in the order of the last changes', async () => {
    const [anna, bruno, carlo] = [
      await makeUser(alice.operator, template),
      await makeUser(alice.operator, template),
      await makeUser(alice.operator, template),
    ]
    await changePackage(anna.id, 'BASIC')
    await deleteUser(bruno.id)
    const page = await read(alice.viewer)
    expect(told(page)).toEqual([
      ['CREATED', carlo.id],
      ['CREATED', anna.id],
      ['DELETED', bruno.id],
    ])
    expect(page.changes.map(({ provisionedUser }) => provisionedUser)).toEqual([
      { id: carlo.id, status: 'PENDING_EMAIL_INPUT', packageType: 'STANDARD' },
      { id: anna.id, status: 'PENDING_EMAIL_INPUT', packageType: 'STANDARD' },
      null,
    ])
    expect(page.hasMore).toBe(false)
  })

  it('goes on after a cursor: of a change, of a page, or of what was newest before a list was read', async () => {
    const anna = await makeUser(alice.operator, template)
    const before = await latest(alice.viewer)
    const bruno = await makeUser(alice.operator, template)
    await changePackage(anna.id, 'BASIC')
    const page = await read(alice.viewer, before)
    expect(told(page)).toEqual([
      ['CREATED', bruno.id],
      ['UPDATED', anna.id],
    ])
    expect(told(await read(alice.viewer, page.changes[0]?.cursor))).toEqual([['UPDATED', anna.id]])
    expect(await read(alice.viewer, page.endCursor)).toMatchObject({ changes: [], endCursor: page.endCursor, hasMore: false })
    expect(page.latestCursor).toBe(page.endCursor)
  })

  it('pages through all changes without a gap, however small the pages', async () => {
    const users: string[] = []
    for (let index = 0; index < 5; index += 1) users.push((await makeUser(alice.operator, template)).id)
    for (const id of users) await changePackage(id, 'BASIC')
    await deleteUser(users[0] as string)
    for (const first of [1, 2, 3, 100]) {
      const changes = await readAll(alice.viewer, null, first)
      const last = new Map(changes.map(({ userId, kind }) => [userId, kind]))
      expect([...last.keys()].sort()).toEqual([...users].sort())
      expect(last.get(users[0] as string)).toBe('DELETED')
    }
    // Each change is a page of its own, but for the first: the user whom it made is no more.
    expect(await readAll(alice.viewer, null, 1)).toHaveLength(10)
  })

  it('shows nothing of another partner, nor of customers whom the token is not for', async () => {
    const mallory = await app.addPartner()
    const { customer } = await makeUser(alice.operator, template, { spEnterpriseId: 'SP1+one' })
    const other = await makeUser(alice.operator, template, { spEnterpriseId: 'SP1+other' })
    const restricted = await app.addToken(alice.partnerId, Role.VIEWER, [other.customer.id])
    expect(customer.id).not.toBe(other.customer.id)
    expect(told(await read(restricted))).toEqual([['CREATED', other.id]])
    expect(await read(mallory.viewer)).toMatchObject({ changes: [], hasMore: false })
    const foreign = await mallory.viewer.ask(UserChangesDocument, { after: await latest(alice.viewer) })
    expect(foreign.errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'after' })
  })

  it('moves on past what the caller may not see', async () => {
    const own = await makeUser(alice.operator, template, { spEnterpriseId: 'SP1+one' })
    const restricted = await app.addToken(alice.partnerId, Role.VIEWER, [own.customer.id])
    const first = await read(restricted)
    const other = await makeUser(alice.operator, template, { spEnterpriseId: 'SP1+other' })
    const second = await read(restricted, first.endCursor)
    expect(second).toMatchObject({ changes: [], hasMore: false, endCursor: second.latestCursor })
    expect(second.endCursor).not.toBe(first.endCursor)
    expect(told(await read(alice.viewer, first.endCursor))).toEqual([['CREATED', other.id]])
    expect(told(await read(alice.viewer, second.endCursor))).toEqual([])
    await changePackage(own.id, 'BASIC')
    expect(told(await read(restricted, second.endCursor))).toEqual([['UPDATED', own.id]])
  })

  it('tells of a user who is there again because Webex refused the deletion', async () => {
    const webex = await startFakeWebex()
    const own = await startTestApp({ environment: { WEBEX_BASE_URL: webex.url, WEBEX_ACCESS_TOKEN: 'token' } })
    try {
      const bob = await own.addPartner()
      const { id } = await makeUser(bob.operator, await makeTemplate(bob.admin, { provisioningId: 'template' }), {
        email: 'bruno@example.com',
      })
      const { webexSubscriberId } = await untilStatus(bob.viewer, id, 'PROVISIONED')
      webex.next('DELETE', webexSubscriberId ?? '', ({ answer }) => answer(403, { message: 'The token lacks a scope.', errors: [] }))
      await untilSettled(own)
      const before = await latest(bob.viewer)
      await bob.operator.get(DeleteUserDocument, { input: { userId: id } })
      await untilStatus(bob.viewer, id, 'ERROR')
      await untilSettled(own)
      expect(await readAll(bob.viewer, before, 1)).toMatchObject([
        { kind: 'UPDATED', userId: id },
        { kind: 'CREATED', userId: id, provisionedUser: { status: 'ERROR' } },
      ])
    } finally {
      await own.stop()
      await webex.stop()
    }
  })

  it('does not tell what could still be overtaken by an older transaction, and tells all of it when that is over', async () => {
    const { database } = app.platform.config
    // SQLite has one writer at a time: nothing can be overtaken.
    if (database.kind !== 'postgres') return
    await makeUser(alice.operator, template)
    const before = await latest(alice.viewer)
    const slow = new Client({ connectionString: database.url })
    await slow.connect()
    try {
      await slow.query('BEGIN')
      await slow.query('SELECT pg_current_xact_id()')
      const { id } = await makeUser(alice.operator, template)
      const held = await alice.viewer.get(UserChangesDocument, { after: before })
      expect(held.userChanges).toMatchObject({ changes: [], latestCursor: before })
      await slow.query('COMMIT')
      await eventually(async () => told(await read(alice.viewer, before)).some(([, userId]) => userId === id))
    } finally {
      await slow.end()
    }
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['a negative number of changes', { first: -1 }, 'first'],
    ['more changes than a page has', { first: 101 }, 'first'],
    ['a cursor that is none', { after: 'x' }, 'after'],
    ['a cursor of another list', { after: null }, 'after'],
  ])('refuses %s', async (_name, variables, argument) => {
    const { data } = await alice.viewer.ask<{ customers: { pageInfo: { endCursor: string } } }, Record<string, never>>(
      '{ customers(first: 1) { pageInfo { endCursor } } }',
    )
    await makeUser(alice.operator, template)
    const given = variables['after'] === null ? { after: data.customers.pageInfo.endCursor ?? 'none' } : variables
    const { errors } = await alice.viewer.ask(UserChangesDocument, given)
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', argument } }])
  })
})

describe('After seven days', () => {
  it('changes are forgotten, and a cursor from before is refused in words that say what to do', async () => {
    const anna = await makeUser(alice.operator, template)
    const before = await latest(alice.viewer)
    await eventually(async () => {
      const [row] = await app.platform.database.reader.query<{ unfolded: number }[]>(
        'SELECT COUNT(*) AS unfolded FROM "user_change" WHERE folded = false',
      )
      return Number(row?.unfolded) === 0
    })
    clock.moveAhead(6 * DAY_MS)
    const bruno = await makeUser(alice.operator, template)
    await purgeExpiredUserChanges(app.platform)
    expect(told(await read(alice.viewer, before))).toEqual([['CREATED', bruno.id]])
    expect(told(await read(alice.viewer))).toEqual([
      ['CREATED', anna.id],
      ['CREATED', bruno.id],
    ])

    clock.moveAhead(2 * DAY_MS)
    const { endCursor } = await read(alice.viewer, (await read(alice.viewer)).endCursor)
    await purgeExpiredUserChanges(app.platform)
    const { errors } = await alice.viewer.ask(UserChangesDocument, { after: before })
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', argument: 'after' } }])
    expect(errors[0]?.message).toMatch(/older than 7 days; read the list again/)
    expect(told(await read(alice.viewer))).toEqual([['CREATED', bruno.id]])
    // Who asks now and then is never too late, however little happens.
    clock.moveAhead(5 * DAY_MS)
    const still = await read(alice.viewer, endCursor)
    expect(still.changes).toEqual([])
    clock.moveAhead(5 * DAY_MS)
    expect((await read(alice.viewer, still.endCursor)).changes).toEqual([])
  })

  it('what is not in the counts yet is kept', async () => {
    await app.platform.database.transaction(({ manager }) =>
      manager.query(
        `INSERT INTO "user_change" ("transaction_id", "partner_id", "customer_id", "user_id", "at", "folded")
          VALUES ('', 'prt_unfolded', 'cus', 'usr', '2020-01-01T00:00:00.000Z', false)`,
      ),
    )
    await purgeExpiredUserChanges(app.platform)
    const rows = await app.platform.database.reader.query(`SELECT 1 FROM "user_change" WHERE "partner_id" = 'prt_unfolded'`)
    expect(rows).toHaveLength(1)
  })

  it('many changes are forgotten in several steps, with time for others in between', async () => {
    const row = "('', 'prt_many', 'cus', 'usr', '2020-01-01T00:00:00.000Z', true)"
    await app.platform.database.transaction(({ manager }) =>
      manager.query(
        `INSERT INTO "user_change" ("transaction_id", "partner_id", "customer_id", "user_id", "at", "folded") VALUES ${Array(1100).fill(row).join()}`,
      ),
    )
    let turns = 0
    const count = (): NodeJS.Immediate => setImmediate(() => (turns += 1) && (counting = count()))
    let counting = count()
    await purgeExpiredUserChanges(app.platform)
    clearImmediate(counting)
    expect(turns).toBeGreaterThanOrEqual(3)
    expect(await app.platform.database.reader.query(`SELECT 1 FROM "user_change" WHERE "partner_id" = 'prt_many'`)).toEqual([])
  })
})
