import type { Customer } from '../../src/features/customer/customer.entity'
import { OnboardingTemplate } from '../../src/features/onboarding-template/onboarding-template.entity'
import type { ProvisionedUser } from '../../src/features/provisioned-user/provisioned-user.entity'
import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import { makeTemplate } from '../support/world/builders'
import {
  idsOf,
  inOrder,
  insertAttempts,
  insertCustomers,
  insertEvents,
  insertUsers,
  type ReadPage,
  sortKey,
  walk,
} from '../support/schema/lists'
import {
  CustomersWithUsersDocument,
  PageOfAttemptsDocument,
  PageOfCustomersDocument,
  PageOfCustomerUsersDocument,
  PageOfEventsDocument,
  PageOfTemplateCustomersDocument,
  PageOfTemplatesDocument,
  PageOfTemplateUsersDocument,
  PageOfUserEventsDocument,
} from '../support/operations/operations.generated'

let app: TestApp
let alice: TestPartner

beforeAll(async () => {
  app = await startTestApp()
})
/** Every test has a partner of its own: what one makes is in no list of another. */
beforeEach(async () => {
  alice = await app.addPartner()
})
afterAll(() => app.stop())

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
  "O'Neill",
  'ONeill',
  '\u{FF21}',
  '\u{1F600}',
]
const TIMES = Array.from({ length: 12 }, (_, index) => `2026-06-0${1 + (index % 4)}T00:00:00.000Z`)

async function walksBothWays(read: ReadPage, expected: string[]): Promise<void> {
  for (const size of [2, 5, 100]) {
    expect(await walk(read, size, 'forward')).toEqual(expected)
    expect(await walk(read, size, 'backward')).toEqual(expected)
  }
  expect((await read({ first: 0 }))?.totalCount).toBe(expected.length)
}

function newCustomers(template: string): Promise<Customer[]> {
  return insertCustomers(
    app,
    alice.partnerId,
    template,
    NAMES.map((name, index) => ({ name, createdAt: TIMES[index % 5] as string })),
  )
}

describe.each(['ASC', 'DESC'] as const)('walking the customers (%s)', direction => {
  it('visits each exactly once, by name and by time, of all and of one template', async () => {
    const { viewer, admin } = alice
    const [template, another] = [await makeTemplate(admin), await makeTemplate(admin)]
    const [ofTemplate, ofAnother] = [await newCustomers(template), await newCustomers(another)]
    for (const [field, keyOf] of [
      ['NAME', (customer: Customer) => sortKey(customer.name)],
      ['CREATED_AT', (customer: Customer) => customer.createdAt],
    ] as const) {
      const orderBy = { field, direction }
      await walksBothWays(
        async page => (await viewer.get(PageOfCustomersDocument, { ...page, orderBy })).customers,
        idsOf(inOrder([...ofTemplate, ...ofAnother], keyOf, direction)),
      )
      await walksBothWays(
        async page => (await viewer.get(PageOfTemplateCustomersDocument, { ...page, id: template, orderBy })).onboardingTemplate?.customers,
        idsOf(inOrder(ofTemplate, keyOf, direction)),
      )
    }
  })
})

describe('walking other lists', () => {
  it('visits each user of a template exactly once', async () => {
    const id = await makeTemplate(alice.admin)
    const users: ProvisionedUser[] = []
    for (const customer of (await newCustomers(id)).slice(0, 2)) {
      users.push(...(await insertUsers(app, customer, [...NAMES.map(lastName => ({ lastName }))])))
    }
    const orderBy = { field: 'LAST_NAME', direction: 'DESC' } as const
    await walksBothWays(
      async page => (await alice.viewer.get(PageOfTemplateUsersDocument, { ...page, id, orderBy })).onboardingTemplate?.provisionedUsers,
      idsOf(inOrder(users, user => sortKey(user.lastName), 'DESC')),
    )
  })

  it('visits each template exactly once, the newest first', async () => {
    for (let count = 0; count < 8; count += 1) await makeTemplate(alice.admin)
    const templates = await app.platform.database.reader.findBy(OnboardingTemplate, { partnerId: alice.partnerId })
    expect(templates).toHaveLength(8)
    await walksBothWays(
      async page => (await alice.viewer.get(PageOfTemplatesDocument, { ...page })).onboardingTemplates,
      idsOf(inOrder(templates, template => template.createdAt, 'DESC')),
    )
  })

  it('visits each attempt and each audit event of a user exactly once, the newest first', async () => {
    const [customer] = (await newCustomers(await makeTemplate(alice.admin))) as [Customer]
    const [user, neighbour] = (await insertUsers(app, customer, [{}, {}])) as [ProvisionedUser, ProvisionedUser]
    await insertAttempts(app, neighbour, TIMES)
    const attempts = idsOf(inOrder(await insertAttempts(app, user, TIMES), attempt => attempt.startedAt, 'DESC'))
    await insertEvents(app, neighbour, TIMES)
    const events = idsOf(inOrder(await insertEvents(app, user, TIMES), event => event.at, 'DESC'))
    const { viewer } = alice
    const { id } = user
    await walksBothWays(async page => (await viewer.get(PageOfAttemptsDocument, { ...page, id })).provisionedUser?.attempts, attempts)
    await walksBothWays(async page => (await viewer.get(PageOfUserEventsDocument, { ...page, id })).provisionedUser?.auditEvents, events)
    const filter = { targetIds: [id] }
    await walksBothWays(async page => (await viewer.get(PageOfEventsDocument, { ...page, filter })).auditEvents, events)
  })
})

describe('lists of several customers in one request', () => {
  const orderBy = { field: 'LAST_NAME', direction: 'ASC' } as const
  let usersOf: Map<string, ProvisionedUser[]>

  /** Customers with 0, 2, 4, … users, sorted by last name. */
  beforeEach(async () => {
    usersOf = new Map()
    const customers = await insertCustomers(app, alice.partnerId, await makeTemplate(alice.admin), Array(5).fill({}))
    for (const [index, customer] of customers.entries()) {
      const rows = NAMES.slice(0, 2 * index).map(lastName => ({ lastName }))
      usersOf.set(
        customer.id,
        inOrder(await insertUsers(app, customer, rows), user => sortKey(user.lastName), 'ASC'),
      )
    }
  })

  async function customersWithUsers(page: { first: number; after?: string }) {
    const { customers } = await alice.viewer.get(CustomersWithUsersDocument, { customers: usersOf.size + 1, ...page, orderBy })
    expect(customers.nodes).toHaveLength(usersOf.size)
    return customers.nodes.map(({ id, provisionedUsers }) => ({ id, page: provisionedUsers, users: usersOf.get(id) ?? [] }))
  }

  it('are kept apart: each has its own page, count and end', async () => {
    for (const { page, users } of await customersWithUsers({ first: 3 })) {
      expect(idsOf(page.nodes)).toEqual(idsOf(users.slice(0, 3)))
      expect(page.totalCount).toBe(users.length)
      expect(page.pageInfo).toMatchObject({ hasNextPage: users.length > 3, hasPreviousPage: false })
    }
  })

  it('can each be walked on from where it ended', async () => {
    for (const { id } of await customersWithUsers({ first: 1 })) {
      await walksBothWays(
        async page => (await alice.viewer.get(PageOfCustomerUsersDocument, { ...page, id, orderBy })).customer?.provisionedUsers,
        idsOf(usersOf.get(id) ?? []),
      )
    }
  })

  it('go on behind one cursor each by itself', async () => {
    const all = inOrder([...usersOf.values()].flat(), user => sortKey(user.lastName), 'ASC')
    const middle = all[all.length / 2] as ProvisionedUser
    const lists = await customersWithUsers({ first: 100 })
    const after = lists.flatMap(({ page }) => page.edges).find(({ node }) => node.id === middle.id)?.cursor as string
    const isBehind = (user: ProvisionedUser) => all.indexOf(user) > all.indexOf(middle)
    for (const { page, users } of await customersWithUsers({ first: 100, after })) {
      expect(idsOf(page.nodes)).toEqual(idsOf(users.filter(isBehind)))
      expect(page.pageInfo.hasPreviousPage).toBe(users.some(user => !isBehind(user)))
    }
  })
})
