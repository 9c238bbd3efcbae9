import { Role } from '../../../src/auth/viewer'
import { seedPartner } from '../../../src/features/demo-data/seed'
import { UserChange } from '../../../src/features/change-log/user-change.entity'
import { foldUserChanges } from '../../../src/features/user-change/user-count.service'
import { STUCK_STATUSES, UserStatus } from '../../../src/provisioning/lifecycle'
import type { Actor } from '../../support/world/actor'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, untilStatus } from '../../support/world/builders'
import {
  CausesDocument,
  CausesOfTemplatesDocument,
  CountsOfCustomersDocument,
  DeleteUserDocument,
  PageOfUsersDocument,
  type ProvisionedUserFilter,
  RetryActivationDocument,
  StatusCountsDocument,
  UsersWithCauseDocument,
  type UsersWithCauseQuery,
} from '../../support/operations/operations.generated'

type User = UsersWithCauseQuery['provisionedUsers']['nodes'][number]

let app: TestApp
let alice: TestPartner
let mallory: TestPartner

beforeAll(async () => {
  app = await startTestApp()
  alice = await app.addPartner()
  mallory = await app.addPartner('Mallory')
  await seedPartner(app.platform, { partnerId: alice.partnerId, webexToken: alice.webexToken, users: 700 })
})

afterAll(() => app.stop())

/** Every user of a filter, read page by page: what counts are held against. */
async function usersOf(actor: Actor, filter: ProvisionedUserFilter = {}): Promise<User[]> {
  const users: User[] = []
  let after: string | null = null
  for (;;) {
    const { provisionedUsers }: UsersWithCauseQuery = await actor.get(UsersWithCauseDocument, { after, filter })
    users.push(...provisionedUsers.nodes)
    if (!provisionedUsers.pageInfo.hasNextPage) return users
    after = provisionedUsers.pageInfo.endCursor
  }
}

function counted(users: User[]): { status: string; count: number }[] {
  return Object.values(UserStatus).map(status => ({ status, count: users.filter(user => user.status === status).length }))
}

const isStuck = ({ status }: User) => STUCK_STATUSES.includes(status as UserStatus)
const reasonOf = ({ status, packageType, onboardingTemplate, errors, diagnosis }: User) =>
  JSON.stringify([status, packageType, onboardingTemplate.id, errors[0]?.code ?? null, diagnosis?.cause, diagnosis?.fixer])

function groupedByReason(users: User[]): Map<string, User[]> {
  const groups = new Map<string, User[]>()
  for (const user of users.filter(isStuck)) groups.set(reasonOf(user), [...(groups.get(reasonOf(user)) ?? []), user])
  return groups
}

async function expectToAgree(actor: Actor, filter: ProvisionedUserFilter): Promise<void> {
  const users = await usersOf(actor, filter)
  expect((await actor.get(StatusCountsDocument, { filter })).statusCounts).toEqual(counted(users))
  const { causes } = await actor.get(CausesDocument, { filter, first: 100 })
  const groups = groupedByReason(users)
  expect(causes).toHaveLength(groups.size)
  for (const { count, oldest, newest, samples, code, status, packageType, message, fixer, onboardingTemplate } of causes) {
    const members = groups.get(JSON.stringify([status, packageType, onboardingTemplate.id, code, message, fixer])) ?? []
    const times = members.map(({ lastStatusChange }) => lastStatusChange).sort()
    expect({ count, oldest, newest }).toEqual({ count: members.length, oldest: times[0], newest: times.at(-1) })
    expect(samples.map(({ lastStatusChange }) => lastStatusChange)).toEqual(times.reverse().slice(0, 3))
    expect(members.map(({ id }) => id)).toEqual(expect.arrayContaining(samples.map(({ id }) => id)))
  }
  expect(causes.map(({ count }) => count)).toEqual(causes.map(({ count }) => count).sort((one, other) => other - one))
}

async function someIds(): Promise<{ customerIds: string[]; onboardingTemplateIds: string[] }> {
  const users = await usersOf(alice.viewer)
  const distinct = (ids: string[]) => [...new Set(ids)]
  return {
    customerIds: distinct(users.filter(isStuck).map(({ customer }) => customer.id)),
    onboardingTemplateIds: distinct(users.map(({ onboardingTemplate }) => onboardingTemplate.id)),
  }
}

describe('Counts and causes', () => {
  it('agree with the users of the list, for every filter, folded or not', async () => {
    const { customerIds, onboardingTemplateIds } = await someIds()
    const filters: ProvisionedUserFilter[] = [
      {},
      { excludeProvisioned: true },
      { customerIds: customerIds.slice(0, 1) },
      { customerIds: customerIds.slice(0, 4) },
      { customerIds: [] },
      { onboardingTemplateIds: onboardingTemplateIds.slice(0, 1), packageTypes: ['STANDARD', 'BASIC'] },
      { statuses: ['ERROR', 'PROVISIONED'] },
      { errorCodes: [10022, 200048] },
      { fixer: 'PARTNER_ADMIN' },
      { search: 'rossi' },
      { createdAt: { lt: '2026-09-15T00:00:00Z' } },
      { selfActivated: true },
    ]
    expect(await app.platform.database.reader.countBy(UserChange, { partnerId: alice.partnerId })).toBe(700)
    for (const filter of filters) await expectToAgree(alice.viewer, filter)
    await foldUserChanges(app.platform)
    expect(await app.platform.database.reader.countBy(UserChange, { folded: false })).toBe(0)
    for (const filter of filters) await expectToAgree(alice.viewer, filter)
  })

  it('follow every change, before and after it is folded', async () => {
    const partner = await app.addPartner('In motion')
    const templateId = await makeTemplate(partner.admin)
    const waiting = await makeUser(partner.operator, templateId)
    const failing = await makeUser(partner.operator, templateId, { email: `error-200041-${Date.now()}@example.com` })
    await untilStatus(partner.operator, failing.id, 'ERROR')
    await expectToAgree(partner.viewer, {})
    const { causes } = await partner.viewer.get(CausesDocument, {})
    expect(causes.map(({ status, code }) => [status, code]).sort()).toEqual([
      ['ERROR', 200041],
      ['PENDING_EMAIL_INPUT', null],
    ])
    await foldUserChanges(app.platform)
    await partner.operator.get(RetryActivationDocument, { input: { userId: waiting.id, email: `anna-${Date.now()}@example.com` } })
    await untilStatus(partner.operator, waiting.id, 'PROVISIONED')
    await expectToAgree(partner.viewer, {})
    await partner.operator.get(DeleteUserDocument, { input: { userId: failing.id } })
    await expectToAgree(partner.viewer, {})
    await foldUserChanges(app.platform)
    await expectToAgree(partner.viewer, {})
    expect((await partner.viewer.get(CausesDocument, {})).causes).toEqual([])
  })

  it('give a key that selects exactly the users of the cause', async () => {
    const { causes } = await alice.viewer.get(CausesDocument, { first: 100 })
    for (const { key, count, status } of causes.slice(0, 8)) {
      const users = await usersOf(alice.viewer, { causeKey: key })
      expect(users).toHaveLength(count)
      expect(new Set(users.map(user => user.status))).toEqual(new Set([status]))
      await expectToAgree(alice.viewer, { causeKey: key })
    }
    const { provisionedUsers } = await alice.viewer.get(PageOfUsersDocument, { filter: { causeKey: 'no such cause' } })
    expect(provisionedUsers.totalCount).toBe(0)
  })

  it('are those of each template and of each customer', async () => {
    const users = await usersOf(alice.viewer)
    const { onboardingTemplates } = await alice.viewer.get(CausesOfTemplatesDocument, { first: 3 })
    for (const { id, statusCounts, causes } of onboardingTemplates.nodes) {
      const ofTemplate = users.filter(({ onboardingTemplate }) => onboardingTemplate.id === id)
      expect(statusCounts).toEqual(counted(ofTemplate))
      const sizes = [...groupedByReason(ofTemplate).values()].map(({ length }) => length).sort((one, other) => other - one)
      expect(causes.map(({ count }) => count)).toEqual(sizes.slice(0, 3))
    }
    const { customers } = await alice.viewer.get(CountsOfCustomersDocument)
    for (const { id, statusCounts } of customers.nodes)
      expect(statusCounts).toEqual(counted(users.filter(({ customer }) => customer.id === id)))
  })

  it('are one statement for all customers of a page', async () => {
    app.statements.length = 0
    await alice.viewer.get(CountsOfCustomersDocument)
    expect(app.statements.filter(sql => sql.includes('SUM("users")'))).toHaveLength(1)
  })

  it('show a caller no more than its partner, and its customers', async () => {
    const { customerIds, onboardingTemplateIds } = await someIds()
    const restricted = await app.addToken(alice.partnerId, Role.VIEWER, customerIds.slice(0, 2))
    await expectToAgree(restricted, {})
    await expectToAgree(restricted, { customerIds: customerIds.slice(1, 3) })
    await expectToAgree(restricted, { onboardingTemplateIds })
    const [cause] = (await alice.viewer.get(CausesDocument, {})).causes
    for (const filter of [{ customerIds }, { onboardingTemplateIds }, { causeKey: cause?.key ?? '' }, {}]) {
      expect((await mallory.admin.get(StatusCountsDocument, { filter })).statusCounts).toEqual(counted([]))
      expect((await mallory.admin.get(CausesDocument, { filter })).causes).toEqual([])
    }
  })

  it('refuse what no list would take', async () => {
    const ask = (query: string) => alice.viewer.ask(query)
    expect((await ask('{ causes(first: 101) { key } }')).errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'first' })
    expect((await ask('{ causes(first: -1) { key } }')).errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'first' })
    const { errors } = await ask('{ statusCounts(filter: { search: "ab" }) { count } }')
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'search' })
  })
})

describe('Counting one by one', () => {
  const FILTER = { search: 'rossi' }
  const seen = (what: RegExp) => app.statements.filter(sql => what.test(sql))

  it('is one statement with one limit of time, samples and all', async () => {
    app.statements.length = 0
    const { causes } = await alice.viewer.get(CausesDocument, { filter: FILTER, first: 100 })
    expect(causes.length).toBeGreaterThan(3)
    const [counting, ...others] = seen(app.platform.database.kind === 'sqlite' ? /MATCH/ : /LIKE/)
    expect(others).toEqual([])
    if (app.platform.database.kind === 'sqlite') expect(counting?.match(/in_time\(\) = 1/g)).toHaveLength(2)
    else expect(seen(/SET LOCAL statement_timeout = 2000/)).toHaveLength(1)
  })

  it('of no causes at all reads nothing, and refuses what no list would take', async () => {
    app.statements.length = 0
    expect((await alice.viewer.get(CausesDocument, { filter: FILTER, first: 0 })).causes).toEqual([])
    expect((await alice.viewer.get(CausesDocument, { first: 0 })).causes).toEqual([])
    expect(seen(/provisioned_user|user_count/)).toEqual([])
    const { errors } = await alice.viewer.ask('{ causes(first: 0, filter: { search: "ab" }) { key } }')
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'search' })
  })

  it('is ended when it takes too long', async () => {
    const { database } = app.platform
    const endless =
      database.kind === 'sqlite'
        ? 'WITH RECURSIVE "row" AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM "row") SELECT COUNT(*) FROM "row" WHERE in_time() = 1'
        : 'SELECT pg_sleep(30)'
    await expect(database.backgroundRead(endless, [], { timeLimitMs: 50 })).rejects.toMatchObject({ name: 'TookTooLong' })
    expect(await database.backgroundRead('SELECT 1 AS "one"', [], { timeLimitMs: 5000 })).toEqual([{ one: 1 }])
  })
})
