import Sqlite from 'better-sqlite3'
import { Client } from 'pg'
import { seedPartner } from '../../src/features/demo-data/seed'
import { EmailOrigin, ProvisionedUser } from '../../src/features/provisioned-user/provisioned-user.entity'
import { foldUserChanges } from '../../src/features/user-change/user-count.service'
import { UserStatus } from '../../src/provisioning/lifecycle'
import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import { makeTemplate, nextNumber } from '../support/world/builders'
import { insertAttempts, insertCustomers, insertEvents, insertUsers } from '../support/schema/lists'
import {
  BulkChangePackageTypeDocument,
  BulkOperationsWithResultsDocument,
  CausesDocument,
  CausesOfTemplatesDocument,
  CountsOfCustomersDocument,
  CustomersInFullDocument,
  CustomersWithManyCodesDocument,
  CustomersWithUserHistoriesDocument,
  FindNodesDocument,
  FindUserDocument,
  PageOfAttemptsDocument,
  PageOfCustomersDocument,
  PageOfCustomerUsersDocument,
  PageOfEventsDocument,
  PageOfTemplateUsersDocument,
  PageOfUserEventsDocument,
  PageOfUsersDocument,
  type ProvisionedUserFilter,
  type ProvisionedUserOrder,
  StatusCountsDocument,
  UserChangesDocument,
  UsersInFullDocument,
  UsersWithCauseDocument,
  UsersWithHistoryDocument,
} from '../support/operations/operations.generated'
import { OF_NO_REQUEST } from '../support/database/statements'

/** Enough that no planner takes a walk through the whole table for cheap. */
const USERS = 3000

let app: TestApp
let alice: TestPartner
/** Of customers each of which has a first user, and two who wait for that one. */
let waiting: ProvisionedUserFilter
let users: { id: string; broadworksId: string; customer: { id: string }; onboardingTemplate: { id: string } }[]

beforeAll(async () => {
  // Time stands still, so that no token is due to have its last use written.
  const now = new Date()
  app = await startTestApp({ clock: { now: () => now } })
  alice = await app.addPartner()
  const { partnerId, webexToken, viewer } = alice
  await seedPartner(app.platform, { partnerId, webexToken, users: USERS })
  // The queue looks for jobs now and then, and there are none.
  await app.platform.queue.stop()
  users = (await viewer.get(UsersInFullDocument, { first: 100 })).provisionedUsers.nodes as typeof users
  const times = Array.from({ length: 100 }, (_, day) => new Date(now.getTime() - day * 86_400_000).toISOString())
  for (const { id } of users.slice(0, 20)) {
    const user = await app.platform.database.reader.findOneByOrFail(ProvisionedUser, { id })
    await insertAttempts(app, user, times)
    await insertEvents(app, user, times)
  }
  await makeOperations()
  waiting = { onboardingTemplateIds: [await insertWaitingUsers()], fixer: 'NOBODY' }
  await foldUserChanges(app.platform)
  // As autovacuum does sooner or later: statistics, and all rows in the search index instead of beside it.
  await onServer(client => client.query('VACUUM ANALYZE'))
})
afterAll(() => app.stop())

async function insertWaitingUsers(): Promise<string> {
  const template = await makeTemplate(alice.admin, { userVerification: { provisionAdminFirst: true } })
  const customers = await insertCustomers(app, alice.partnerId, template, Array<object>(25).fill({}))
  const row = (createdAt: string) => ({
    createdAt,
    status: UserStatus.PENDING_EMAIL_VALIDATION,
    email: `anna-${nextNumber()}@example.com`,
    emailOrigin: EmailOrigin.CONFIRMED,
    emailConfirmedAt: createdAt,
  })
  for (const customer of customers) {
    await insertUsers(app, customer, [{}, row('2026-03-02T10:00:00.000Z'), row('2026-03-03T10:00:00.000Z')])
  }
  return template
}

/** Dry runs, which leave the same rows: one on everybody, and others on users of whom every other is not there. */
async function makeOperations(): Promise<void> {
  const run = (input: object) =>
    alice.admin.get(BulkChangePackageTypeDocument, { input: { packageType: 'PREMIUM', dryRun: true, ...input } })
  await run({ filter: {} })
  for (let made = 1; made < 10; made += 1) await run({ userIds: users.slice(made, made + 50).flatMap(({ id }) => [id, `${id}x`]) })
}

type Ask = Parameters<TestPartner['viewer']['ask']>

async function statementsOf(...[document, variables]: Ask): Promise<string[]> {
  app.statements.length = 0
  const { errors } = await alice.viewer.ask(document, variables)
  expect(errors).toEqual([])
  return app.statements.filter(sql => !OF_NO_REQUEST.test(sql))
}

/** What each statement reads, sorted: the first table that it names, or the count of it. */
async function readsOf(...ask: Ask): Promise<string[]> {
  return (await statementsOf(...ask))
    .map(sql => `${sql.includes('COUNT(*)') ? 'count of ' : ''}${/FROM "(\w+)"/.exec(sql)?.[1] ?? sql}`)
    .sort()
}

async function onServer<Result>(work: (client: Client) => Promise<Result>): Promise<Result | null> {
  const { database } = app.platform.config
  if (database.kind !== 'postgres') return null
  const client = new Client({ connectionString: database.url })
  await client.connect()
  return work(client).finally(() => client.end())
}

describe('the statements of a request', () => {
  it.each([10, 100])('are four for a page of %i users with customer, template, errors and diagnosis', async first => {
    expect(await readsOf(UsersInFullDocument, { first })).toEqual(['api_token', 'customer', 'onboarding_template', 'provisioned_user'])
    expect(await readsOf(UsersInFullDocument, { first, filter: { excludeProvisioned: true } })).toEqual([
      'api_token',
      'customer',
      'onboarding_template',
      'provisioned_user',
    ])
  })

  it.each([10, 50])('are one more for the first users of their customers, whom %i users wait for', async first => {
    const { provisionedUsers } = await alice.viewer.get(UsersInFullDocument, { first, filter: waiting })
    const blockers = provisionedUsers.nodes.map(({ diagnosis }) => diagnosis?.blockedBy?.id)
    expect([blockers.length, new Set(blockers).size, blockers.includes(undefined)]).toEqual([first, Math.min(first, 25), false])
    expect(await readsOf(UsersInFullDocument, { first, filter: waiting })).toEqual([
      'api_token',
      'customer',
      'onboarding_template',
      'provisioned_user',
      'provisioned_user',
    ])
  })

  it('are one more for the count, and one for each look at what the page does not show', async () => {
    const { provisionedUsers } = await alice.viewer.get(PageOfUsersDocument, { first: 3 })
    const after = provisionedUsers.pageInfo.endCursor
    expect(await readsOf(PageOfUsersDocument, { first: 100 })).toEqual(['api_token', 'count of provisioned_user', 'provisioned_user'])
    expect(await readsOf(PageOfUsersDocument, { first: 100, after })).toEqual([
      'api_token',
      'count of provisioned_user',
      'provisioned_user',
      'provisioned_user',
    ])
  })

  it.each([10, 50, 100])('are six for %i customers with their template and a page and count of their users', async first => {
    expect(await readsOf(CustomersInFullDocument, { first, users: 5 })).toEqual([
      'api_token',
      'count of provisioned_user',
      // The customers of the list, and those that their users name.
      'customer',
      'customer',
      'onboarding_template',
      'provisioned_user',
    ])
  })

  it.each([10, 100])('are five for %i users with their attempts, the count of these, and their audit events', async first => {
    expect(await readsOf(UsersWithHistoryDocument, { first })).toEqual([
      'activation_attempt',
      'api_token',
      'audit_event',
      'count of activation_attempt',
      'provisioned_user',
    ])
  })

  it.each([10, 100])('are one for each type of %i nodes', async count => {
    const ids = users.slice(0, count / 2).flatMap(({ id, customer }) => [id, customer.id])
    expect(ids).toHaveLength(count)
    expect(await readsOf(FindNodesDocument, { ids })).toEqual(['api_token', 'customer', 'provisioned_user'])
  })

  it.each([10, 100])('are one for each key of %i entities that a gateway asks for', async count => {
    const representations = users.slice(0, count).map(({ id, broadworksId, customer, onboardingTemplate }, index) =>
      [
        { __typename: 'ProvisionedUser', id },
        { __typename: 'ProvisionedUser', broadworksId },
        { __typename: 'Customer', id: customer.id },
        { __typename: 'OnboardingTemplate', id: onboardingTemplate.id },
      ].at(index % 4),
    )
    const entities = `query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename } }`
    const { data } = await alice.viewer.ask<{ _entities: { __typename: string }[] }, object & Record<string, unknown>>(entities, {
      representations,
    })
    expect(data._entities.map(({ __typename }) => __typename)).toEqual(representations.map(representation => representation?.__typename))
    expect(await readsOf(entities, { representations })).toEqual([
      'api_token',
      'customer',
      'onboarding_template',
      'provisioned_user',
      'provisioned_user',
    ])
  })

  it('are one for the counts of everybody, of some customers and of a page of customers', async () => {
    const customerIds = [...new Set(users.map(({ customer }) => customer.id))].slice(0, 20)
    expect(await readsOf(StatusCountsDocument)).toEqual(['api_token', 'user_count'])
    expect(await readsOf(StatusCountsDocument, { filter: { customerIds } })).toEqual(['api_token', 'customer', 'user_count'])
    // Customers are looked up by their IDs once more, to see whether they may be seen.
    expect(await readsOf(CountsOfCustomersDocument)).toEqual(['api_token', 'customer', 'customer', 'user_count'])
    expect(await readsOf(StatusCountsDocument, { filter: { errorCodes: [10022] } })).toEqual(['api_token', 'count of provisioned_user'])
  })

  it.each([1, 5, 10])('are four for %i causes with their template, how long they last, and samples', async first => {
    const { causes } = await alice.viewer.get(CausesDocument, { first })
    expect(causes).toHaveLength(first)
    expect(await readsOf(CausesDocument, { first })).toEqual(['api_token', 'onboarding_template', 'provisioned_user', 'user_count'])
    expect(await readsOf(CausesOfTemplatesDocument, { first })).toEqual([
      'api_token',
      'onboarding_template',
      'provisioned_user',
      'user_count',
    ])
  })

  it.each([2, 10])('are five for %i bulk operations with their results, the count of these, and the users', async first => {
    for (const failedOnly of [false, true]) {
      expect(await readsOf(BulkOperationsWithResultsDocument, { first, results: 50, failedOnly })).toEqual([
        'api_token',
        'bulk_operation',
        'bulk_result',
        'count of bulk_result',
        'provisioned_user',
      ])
    }
  })

  it.each([10, 100])('are four for %i changes of users', async first => {
    expect(await readsOf(UserChangesDocument, { first })).toEqual(['api_token', 'provisioned_user', 'user_change', 'user_change'])
  })

  it('are split where one would be longer than SQLite takes', async () => {
    const histories = await readsOf(CustomersWithUserHistoriesDocument, { customers: 30, users: 25 })
    expect(histories.filter(table => table === 'activation_attempt')).toHaveLength(8)
    // A thousand codes for each of a hundred customers are more parameters than either database takes.
    const errorCodes = Array.from({ length: 1000 }, (_, code) => code)
    const withCodes = await readsOf(CustomersWithManyCodesDocument, { errorCodes })
    expect(withCodes.filter(table => table === 'provisioned_user')).toHaveLength(4)
  })
})

/** How the database means to run a statement, line by line, without knowing its parameters. */
async function planOf(sql: string): Promise<string> {
  const { database } = app.platform.config
  if (database.kind === 'sqlite') {
    const connection = new Sqlite(database.path, { readonly: true })
    // Ours, which ends a statement that takes too long.
    connection.function('in_time', () => 1)
    const parameters: null[] = Array(sql.split('?').length - 1).fill(null)
    const rows = connection.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters)
    connection.close()
    return rows.map(({ detail }) => detail).join('\n')
  }
  const result = await onServer(client => client.query<Record<string, string>>(`EXPLAIN (GENERIC_PLAN) ${sql}`))
  return (result?.rows ?? []).map(row => row['QUERY PLAN']).join('\n')
}

/** The plans of the statements that read rows of the table, in a request; to count all of them, all have to be looked at. */
async function plansOf(table: string, ...ask: Ask): Promise<string[]> {
  const statements = (await statementsOf(...ask)).filter(sql => /FROM "(\w+)"/.exec(sql)?.[1] === table && !sql.includes('COUNT(*)'))
  expect(statements.length).toBeGreaterThan(0)
  return Promise.all(statements.map(planOf))
}

/** A walk through a whole table: on SQLite a SCAN that is not of a result or of the full-text index, on PostgreSQL a sequential one. */
const WALK = /^SCAN (?!branch|counted|\w+_search_index)|Seq Scan/m
/** PostgreSQL may sort a few rows that an index found; SQLite has no statistics, and must find the order in an index. */
const SORTS = /TEMP B-TREE/

/** Through the primary key; PostgreSQL knows how many rows there are, and may read a few thousand in whatever way. */
const BY_ID = { sqlite: /^SEARCH row USING INDEX sqlite_autoindex_\w+ \(id=\?\)$/, postgres: / Scan / }

const FIELDS: [ProvisionedUserOrder['field'], index: string][] = [
  ['CREATED_AT', 'created_at'],
  ['LAST_STATUS_CHANGE', 'last_status_change'],
  ['BROADWORKS_ID', 'broadworks_id'],
  ['LAST_NAME', 'last_name'],
]
const NOT_LIVE: ProvisionedUserFilter[] = [{ excludeProvisioned: true }, { statuses: ['ERROR'] }, { fixer: 'PARTNER_ADMIN' }]

describe.each(FIELDS)('a page of users by %s', (field, index) => {
  it.each(['ASC', 'DESC'] as const)('%s is read from the index of that order, from any cursor on', async direction => {
    const orderBy = { field, direction }
    const { provisionedUsers } = await alice.viewer.get(PageOfUsersDocument, { first: 3, orderBy })
    const after = provisionedUsers.pageInfo.endCursor
    for (const page of [{ first: 20 }, { last: 20 }, { first: 20, after }]) {
      const [plan, ...rest] = await plansOf('provisioned_user', PageOfUsersDocument, { ...page, orderBy })
      expect(plan).toMatch(new RegExp(`provisioned_user_${index}\\b`))
      for (const each of [plan, ...rest]) expect(each).not.toMatch(WALK)
      expect(plan).not.toMatch(SORTS)
    }
  })

  it.each(['ASC', 'DESC'] as const)('%s of those who are not live is read from a small index, of a template too', async direction => {
    const page = { first: 20, orderBy: { field, direction } }
    const id = users[0]?.onboardingTemplate.id
    for (const filter of NOT_LIVE) {
      const [plan] = await plansOf('provisioned_user', PageOfUsersDocument, { ...page, filter })
      expect(plan).toMatch(new RegExp(`provisioned_user_unfinished_${index}\\b`))
      const [ofTemplate] = await plansOf('provisioned_user', PageOfTemplateUsersDocument, { ...page, filter, id })
      const { kind } = app.platform.database
      expect(ofTemplate).toMatch(kind === 'sqlite' ? new RegExp(`_template_unfinished_${index}\\b`) : /_template_unfinished_/)
      for (const each of [plan, ofTemplate]) {
        expect(each).not.toMatch(WALK)
        expect(each).not.toMatch(SORTS)
      }
    }
  })
})

describe('other reads', () => {
  it('find users by an index: of a customer, with an error code, the first of a customer, by their IDs', async () => {
    const [user] = users as [(typeof users)[number]]
    const causeKey = (await alice.viewer.get(CausesDocument, { first: 1 })).causes[0]?.key
    for (const ask of [
      [PageOfCustomerUsersDocument, { id: user.customer.id }],
      [PageOfUsersDocument, { filter: { errorCodes: [10022] } }],
      [UsersInFullDocument, { first: 50, filter: waiting }],
      [FindUserDocument, { id: user.id }],
      [FindUserDocument, { broadworksId: user.broadworksId }],
      [UsersWithCauseDocument, { filter: { causeKey, onboardingTemplateIds: [user.onboardingTemplate.id] } }],
    ] as Ask[]) {
      for (const plan of await plansOf('provisioned_user', ...ask)) expect(plan).not.toMatch(WALK)
    }
  })

  it('find many objects one by one by their IDs, instead of among all of the partner', async () => {
    type History = Record<'attempts' | 'auditEvents', { nodes: { id: string }[] }>
    const { data } = await alice.viewer.ask<{ provisionedUser: History }, Record<string, never>>(
      `{ provisionedUser(id: "${users[0]?.id}") { attempts(first: 100) { nodes { id } } auditEvents(first: 100) { nodes { id } } } }`,
    )
    const nodes = (ids: string[]) => [FindNodesDocument, { ids }] as Ask
    for (const [table, ask] of [
      ['provisioned_user', nodes(users.map(({ id }) => id))],
      ['provisioned_user', [BulkOperationsWithResultsDocument, { first: 10, results: 50 }]],
      ['customer', nodes([...new Set(users.map(({ customer }) => customer.id))])],
      ['activation_attempt', nodes(data.provisionedUser.attempts.nodes.map(({ id }) => id))],
      ['audit_event', nodes(data.provisionedUser.auditEvents.nodes.map(({ id }) => id))],
    ] as [string, Ask][]) {
      for (const plan of await plansOf(table, ...ask)) expect(plan).toMatch(BY_ID[app.platform.database.kind])
    }
  })

  it('count users in the index of a customer or partner, and of what is not folded', async () => {
    const customerIds = [users[0]?.customer.id ?? '']
    for (const filter of [null, { customerIds }]) {
      for (const plan of await plansOf('user_count', StatusCountsDocument, { filter })) {
        expect(plan).not.toMatch(WALK)
        expect(plan).toMatch(/user_change_\w*unfolded/)
      }
    }
  })

  it('find samples of a cause, of a template too, in the index of causes', async () => {
    for (const ask of [
      [CausesDocument, { first: 10 }],
      [CausesOfTemplatesDocument, { first: 10 }],
    ] as Ask[]) {
      for (const plan of await plansOf('provisioned_user', ...ask)) {
        expect(plan).toMatch(/provisioned_user_cause/)
        expect(plan).not.toMatch(WALK)
        expect(plan).not.toMatch(/provisioned_user_(?!cause)/)
        expect(plan).not.toMatch(SORTS)
      }
    }
  })

  it('find bulk operations, their results and those refused by an index each', async () => {
    const page = { first: 10, results: 50 }
    for (const plan of await plansOf('bulk_operation', BulkOperationsWithResultsDocument, page)) {
      expect(plan).not.toMatch(SORTS)
      expect(plan).not.toMatch(/^SCAN (?!branch)/m)
    }
    for (const [failedOnly, index] of [
      [false, /bulk_result_position/],
      [true, /bulk_result_(position|refused)/],
    ] as const) {
      for (const plan of await plansOf('bulk_result', BulkOperationsWithResultsDocument, { ...page, failedOnly })) {
        expect(plan).toMatch(index)
        expect(plan).not.toMatch(WALK)
        expect(plan).not.toMatch(SORTS)
      }
    }
  })

  it('find changes of users in the order in which they are told', async () => {
    for (const plan of await plansOf('user_change', UserChangesDocument, { first: 100 })) {
      expect(plan).toMatch(/user_change_partner/)
      expect(plan).not.toMatch(WALK)
      expect(plan).not.toMatch(SORTS)
    }
  })

  it('find customers with stuck users by an index of those users', async () => {
    for (const plan of await plansOf('customer', PageOfCustomersDocument, { filter: { hasStuckUsers: true } })) {
      expect(plan).toMatch(/provisioned_user_\w*unfinished/)
      expect(plan).not.toMatch(/^SCAN stuck|Seq Scan on provisioned_user/m)
    }
  })

  it('find attempts and audit events by an index', async () => {
    const id = users[0]?.id
    for (const plan of await plansOf('activation_attempt', PageOfAttemptsDocument, { id })) expect(plan).not.toMatch(WALK)
    for (const plan of await plansOf('audit_event', PageOfUserEventsDocument, { id })) expect(plan).not.toMatch(WALK)
    for (const plan of await plansOf('audit_event', PageOfEventsDocument)) expect(plan).not.toMatch(WALK)
  })

  it('search through the trigram index', async () => {
    const [sql] = (await statementsOf(PageOfUsersDocument, { filter: { search: 'rossi.2999' } })).filter(each => /search/.test(each))
    // Without knowing the term, PostgreSQL would guess that it is a common one.
    const plan = await planOf((sql as string).replace(/LIKE (\$\d+)/, "LIKE coalesce('%rossi.2999%', $1)"))
    expect(plan).toMatch(/SCAN provisioned_user_search_index VIRTUAL TABLE INDEX \d+:M|Index Scan on provisioned_user_search/)
    expect(plan).not.toMatch(WALK)
  })
})
