import fc from 'fast-check'
import { Customer } from '../../src/features/customer/customer.entity'
import { seedPartner } from '../../src/features/demo-data/seed'
import { ProvisionedUser } from '../../src/features/provisioned-user/provisioned-user.entity'
import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import { makeTemplate, nextNumber } from '../support/world/builders'
import {
  deleteUsers,
  idsOf,
  inOrder,
  insertCustomers,
  insertUsers,
  type Page,
  type PageArguments,
  type ReadPage,
  sortKey,
  walk,
} from '../support/schema/lists'
import { PageOfUsersDocument, type ProvisionedUserFilter, type ProvisionedUserOrder } from '../support/operations/operations.generated'

let app: TestApp
/** Her users stay as they are. */
let alice: TestPartner
let users: ProvisionedUser[]
/** His come and go. */
let bob: TestPartner
let template: string

/** Names that sort otherwise by locale, by UTF-16 unit, by case, or decomposed than by code point of the NFC lower-cased text. */
const NAMES = [
  'Älm',
  'A\u0308lm',
  'alm',
  'Zoë',
  'Zoe\u0308',
  'zoe',
  'Weiß',
  'WEISS',
  'Élodie',
  'e\u0301lodie',
  "O'Neill",
  'ONeill',
  'Øre',
  '\u{FF21}',
  '\u{1F600}',
]

beforeAll(async () => {
  app = await startTestApp()
  alice = await app.addPartner()
  const { partnerId, webexToken } = alice
  await seedPartner(app.platform, { partnerId, webexToken, users: 150 })
  const seeded = await app.platform.database.reader.findBy(Customer, { partnerId })
  const [customer] = await insertCustomers(app, partnerId, (seeded[0] as Customer).onboardingTemplateId, [
    ...NAMES.map(name => ({ name, createdAt: '2026-08-02T00:00:00.000Z' })),
  ])
  // Rows with equal keys in every order, which the ID has to tell apart; their IDs are in no order of any key.
  await insertUsers(
    app,
    customer as Customer,
    [...NAMES, ...NAMES].map((lastName, index) => ({
      lastName,
      broadworksId: `${lastName}.${index}@rows.example`,
      createdAt: `2026-08-0${1 + (index % 3)}T00:00:00.000Z`,
      lastStatusChange: `2026-09-0${1 + (index % 4)}T00:00:00.000Z`,
    })),
  )
  users = await app.platform.database.reader.findBy(ProvisionedUser, { partnerId })
  bob = await app.addPartner('Bob Telecom')
  template = await makeTemplate(bob.admin)
})
afterAll(() => app.stop())

const KEYS: Record<ProvisionedUserOrder['field'], (user: ProvisionedUser) => string> = {
  CREATED_AT: user => user.createdAt,
  LAST_STATUS_CHANGE: user => user.lastStatusChange,
  BROADWORKS_ID: user => sortKey(user.broadworksId),
  LAST_NAME: user => sortKey(user.lastName),
}

const direction = fc.constantFrom('ASC' as const, 'DESC' as const)
const userOrder = fc.record({ field: fc.constantFrom(...(Object.keys(KEYS) as ProvisionedUserOrder['field'][])), direction })
const way = fc.constantFrom('forward' as const, 'backward' as const)

const FILTERS: [ProvisionedUserFilter | null, (user: ProvisionedUser) => boolean][] = [
  [null, () => true],
  [{ excludeProvisioned: true }, user => user.status !== 'PROVISIONED'],
  [{ statuses: ['ERROR', 'PENDING_EMAIL_INPUT'] }, user => ['ERROR', 'PENDING_EMAIL_INPUT'].includes(user.status)],
  [{ packageTypes: ['STANDARD'] }, user => user.packageType === 'STANDARD'],
  [{ search: 'example' }, () => true],
  [{ search: 'rows.ex' }, user => user.broadworksId.includes('rows.ex')],
]

async function newCustomer(): Promise<Customer> {
  const [customer] = await insertCustomers(app, bob.partnerId, template, [{}])
  return customer as Customer
}

function readUsers(filter: ProvisionedUserFilter | null, orderBy: ProvisionedUserOrder, { viewer } = alice): ReadPage {
  return async page => (await viewer.get(PageOfUsersDocument, { ...page, filter, orderBy })).provisionedUsers
}

async function must(read: ReadPage, page: PageArguments): Promise<Page> {
  const found = await read(page)
  if (!found) throw new Error('The list is not there.')
  return found
}

/** What the Relay specification says a page has to be, for a list that does not change. */
function expectedPage(ids: string[], { first, after, last, before }: { first?: number; after?: number; last?: number; before?: number }) {
  const from = after === undefined ? 0 : after + 1
  const until = before ?? ids.length
  const within = ids.slice(from, Math.max(from, until))
  const shown = last === undefined ? within.slice(0, first ?? 20) : within.slice(Math.max(0, within.length - last))
  const left = within.length - shown.length
  // An empty page lies between its cursors; the rows that the cursors stand for are outside of it.
  return {
    shown,
    hasNextPage:
      shown.length > 0 ? shown.at(-1) !== ids.at(-1) : last === undefined ? left > 0 || before !== undefined : before !== undefined,
    hasPreviousPage: shown.length > 0 ? shown[0] !== ids[0] : last !== undefined ? left > 0 || after !== undefined : after !== undefined,
  }
}

describe('walking a list of users', () => {
  it('visits each exactly once, in order, for every order, filter, page size and way', async () => {
    await fc.assert(
      fc.asyncProperty(
        userOrder,
        fc.constantFrom(...FILTERS),
        fc.integer({ min: 4, max: 100 }),
        way,
        async (orderBy, [filter, matches], size, goes) => {
          const expected = inOrder(users.filter(matches), KEYS[orderBy.field], orderBy.direction)
          expect(await walk(readUsers(filter, orderBy), size, goes)).toEqual(idsOf(expected))
        },
      ),
      { numRuns: 25 },
    )
  })

  it.each([1, 2, 3])('visits each exactly once with pages of %i', async size => {
    const orderBy: ProvisionedUserOrder = { field: 'LAST_NAME', direction: 'DESC' }
    const matching = users.filter(user => user.broadworksId.includes('rows.ex'))
    expect(matching).toHaveLength(30)
    const expected = idsOf(inOrder(matching, KEYS.LAST_NAME, 'DESC'))
    expect(await walk(readUsers({ search: 'rows.ex' }, orderBy), size, 'forward')).toEqual(expected)
    expect(await walk(readUsers({ search: 'rows.ex' }, orderBy), size, 'backward')).toEqual(expected)
  })

  it('counts all, whatever the page', async () => {
    await fc.assert(
      fc.asyncProperty(
        userOrder,
        fc.constantFrom(...FILTERS),
        fc.integer({ min: 0, max: 100 }),
        async (orderBy, [filter, matches], size) => {
          const page = await must(readUsers(filter, orderBy), { first: size })
          expect(page.totalCount).toBe(users.filter(matches).length)
          expect(page.nodes).toEqual(page.edges.map(({ node }) => node))
          expect([page.pageInfo.startCursor, page.pageInfo.endCursor]).toEqual([
            page.edges[0]?.cursor ?? null,
            page.edges.at(-1)?.cursor ?? null,
          ])
        },
      ),
      { numRuns: 20 },
    )
  })

  it('begins with the newest twenty when nothing is asked for', async () => {
    const { provisionedUsers } = await alice.viewer.get(PageOfUsersDocument)
    expect(idsOf(provisionedUsers.nodes)).toEqual(idsOf(inOrder(users, KEYS.CREATED_AT, 'DESC')).slice(0, 20))
  })
})

describe('a page', () => {
  it('tells the truth about what is before and after it, with any arguments', async () => {
    const customer = await newCustomer()
    const rows = await insertUsers(
      app,
      customer,
      Array.from({ length: 9 }, (_, index) => ({ lastStatusChange: `2026-01-0${1 + Math.floor(index / 3)}T00:00:00.000Z` })),
    )
    const place = fc.option(fc.nat({ max: rows.length - 1 }), { nil: undefined })
    const size = fc.integer({ min: 0, max: 11 })
    const sizes = fc.oneof(fc.record({ first: size }), fc.record({ last: size }), fc.constant({}))
    await fc.assert(
      fc.asyncProperty(direction, sizes, place, place, async (towards, given, after, before) => {
        const orderBy: ProvisionedUserOrder = { field: 'LAST_STATUS_CHANGE', direction: towards }
        const read = readUsers({ customerIds: [customer.id] }, orderBy, bob)
        const ids = idsOf(inOrder(rows, KEYS.LAST_STATUS_CHANGE, towards))
        const { edges } = await must(read, { first: 100 })
        const cursor = (index?: number) => (index === undefined ? null : edges[index]?.cursor)
        const page = await must(read, { ...given, after: cursor(after), before: cursor(before) })
        const expected = expectedPage(ids, { ...given, after, before })
        expect(idsOf(page.nodes)).toEqual(expected.shown)
        expect(page.pageInfo).toMatchObject({ hasNextPage: expected.hasNextPage, hasPreviousPage: expected.hasPreviousPage })
        expect(page.totalCount).toBe(rows.length)
      }),
      { numRuns: 80 },
    )
  })

  it('goes on from a cursor whose row is gone', async () => {
    const customer = await newCustomer()
    const rows = await insertUsers(app, customer, Array(6).fill({}))
    const read = readUsers({ customerIds: [customer.id] }, { field: 'CREATED_AT', direction: 'ASC' }, bob)
    const ids = idsOf(inOrder(rows, KEYS.CREATED_AT, 'ASC'))
    const { edges } = await must(read, { first: 100 })
    await deleteUsers(app, [{ id: ids[2] as string }])

    const onward = await must(read, { first: 2, after: edges[2]?.cursor })
    expect(idsOf(onward.nodes)).toEqual([ids[3], ids[4]])
    expect(onward.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true })
    const back = await must(read, { last: 5, before: edges[2]?.cursor })
    expect(idsOf(back.nodes)).toEqual([ids[0], ids[1]])
    expect(back.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })

    // With all rows gone that were before or after it, there is nothing there any more.
    await deleteUsers(
      app,
      [...ids.slice(0, 2), ...ids.slice(3)].map(id => ({ id })),
    )
    for (const page of [
      { first: 2, after: edges[2]?.cursor },
      { last: 2, before: edges[2]?.cursor },
      { first: 0, before: edges[2]?.cursor },
    ]) {
      const { nodes, pageInfo, totalCount } = await must(read, page)
      expect([nodes, pageInfo, totalCount]).toEqual([
        [],
        { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
        0,
      ])
    }
  })
})

describe('walking while rows come and go', () => {
  it('visits each row that stays exactly once, and none twice', async () => {
    const time = fc.integer({ min: 0, max: 40 }).map(minute => `2026-05-01T10:${String(minute).padStart(2, '0')}:00.000Z`)
    const row = fc.record({ lastName: fc.constantFrom(...NAMES), createdAt: time, lastStatusChange: time })
    const insert = (customer: Customer, made: { lastName: string }[]) =>
      insertUsers(
        app,
        customer,
        made.map(each => ({ ...each, broadworksId: `${each.lastName}.${nextNumber()}@rows.example` })),
      )
    const rows = fc.array(row, { minLength: 8, maxLength: 16 })
    const changes = fc.array(fc.record({ leave: fc.nat(), come: fc.array(row, { maxLength: 3 }) }), { minLength: 4, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(
        userOrder,
        rows,
        rows,
        changes,
        fc.integer({ min: 1, max: 5 }),
        way,
        async (orderBy, stay, go, changes, size, goes) => {
          const steps = [...changes]
          const customer = await newCustomer()
          const staying = await insert(customer, stay)
          const going = await insert(customer, go)
          const read = readUsers({ customerIds: [customer.id] }, orderBy, bob)
          const visited = await walk(read, size, goes, async () => {
            const step = steps.shift()
            if (!step) return
            await deleteUsers(app, going.splice(step.leave % (going.length + 1), 2))
            if (step.come.length > 0) going.push(...(await insert(customer, step.come)))
          })
          expect(new Set(visited).size).toBe(visited.length)
          const stayed = inOrder(staying, KEYS[orderBy.field], orderBy.direction)
          expect(visited.filter(id => staying.some(user => user.id === id))).toEqual(idsOf(stayed))
        },
      ),
      { numRuns: 20 },
    )
  })
})
