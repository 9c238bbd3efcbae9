import fc from 'fast-check'
import { Customer } from '../../../src/features/customer/customer.entity'
import { seedPartner } from '../../../src/features/demo-data/seed'
import { PackageType } from '../../../src/provisioning/package-type'
import { EmailOrigin, ProvisionedUser } from '../../../src/features/provisioned-user/provisioned-user.entity'
import {
  catalogEntries,
  explainError,
  explainStatus,
  Fixer,
  primaryError,
  type UpstreamError,
} from '../../../src/provisioning/error-catalog'
import { STUCK_STATUSES, UserStatus } from '../../../src/provisioning/lifecycle'
import { newId } from '../../../src/shared/ids'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate } from '../../support/world/builders'
import { deleteUsers, idsOf, insertCustomers, insertUsers, sortKey } from '../../support/schema/lists'
import {
  type CustomerFilter,
  PageOfCustomersDocument,
  PageOfCustomerUsersDocument,
  PageOfTemplateUsersDocument,
  type ProvisionedUserFilter,
  UsersWithDiagnosisDocument,
  type UsersWithDiagnosisQuery,
} from '../../support/operations/operations.generated'

let app: TestApp
let alice: TestPartner
let stranger: TestPartner
let users: ProvisionedUser[]
let customers: Customer[]
let foreign: { user: ProvisionedUser; customer: Customer }

const STATUSES = Object.values(UserStatus)
const PACKAGE_TYPES = Object.values(PackageType)
const FIXERS = ['USER', 'PARTNER_ADMIN', 'CISCO', 'NOBODY'] as Fixer[]
const UNKNOWN_CODE = 424242

/** Every kind of error that the catalogue tells apart. */
const ERRORS: Partial<UpstreamError>[] = [
  ...catalogEntries('en').map(({ code }) => ({ code, upstreamText: 'told' })),
  ...[400, 401, 403, 404, 409, 423, 429, 500, 503, 418].map(httpStatus => ({ httpStatus, upstreamText: 'told' })),
  { code: UNKNOWN_CODE, httpStatus: 503, upstreamText: 'told' },
  { code: 10022, httpStatus: 503 },
  { upstreamText: 'only a text' },
  {},
]

function upstreamErrors(error: Partial<UpstreamError>): UpstreamError[] {
  return [{ code: null, httpStatus: null, upstreamText: null, trackingId: 'TRACKING', ...error }]
}

beforeAll(async () => {
  app = await startTestApp()
  alice = await app.addPartner()
  stranger = await app.addPartner('A stranger')
  const { reader } = app.platform.database
  const { partnerId, webexToken } = alice
  await seedPartner(app.platform, { partnerId, webexToken, users: 100 })
  const [seeded] = (await reader.findBy(Customer, { partnerId })) as [Customer]
  const [crowded, calm] = (await insertCustomers(app, partnerId, seeded.onboardingTemplateId, [
    { name: 'Crowded' },
    { name: 'Calm' },
    { name: 'Empty' },
  ])) as [Customer, Customer]
  const day = (index: number) => `2026-10-${String(1 + (index % 28)).padStart(2, '0')}T00:00:00.000Z`
  await insertUsers(
    app,
    crowded,
    STATUSES.flatMap((status, row) =>
      PACKAGE_TYPES.map((packageType, column) => ({
        status,
        packageType,
        createdAt: day(row * 4 + column),
        lastStatusChange: day(column * 7 + row),
        selfActivated: column === 1,
        upstreamErrors: status === UserStatus.ERROR ? upstreamErrors({ code: 10022 }) : [],
      })),
    ),
  )
  const errors = ERRORS.map((error, index) => ({ status: UserStatus.ERROR, upstreamErrors: upstreamErrors(error), createdAt: day(index) }))
  const gone = await insertUsers(app, crowded, [...errors, ...errors.slice(0, 3)])
  await deleteUsers(app, gone.slice(-3))
  // Who waits for something that the status does not tell: a planned attempt, the first user, the end of a pause.
  await insertUsers(app, crowded, [
    ...ERRORS.map((error, index) => ({
      status: UserStatus.ERROR,
      upstreamErrors: upstreamErrors(error),
      nextAttemptAt: day(index),
      createdAt: day(index),
    })),
    ...STATUSES.map((status, index) => ({
      status,
      email: `confirmed.${index}@rows.example`,
      emailOrigin: EmailOrigin.CONFIRMED,
      emailConfirmedAt: day(index),
    })),
    { status: UserStatus.PROVISIONING, parkedAttemptId: newId('ActivationAttempt') },
    { status: UserStatus.UPDATING, parkedAttemptId: newId('ActivationAttempt') },
  ])
  await insertUsers(app, calm, [{ status: UserStatus.PROVISIONED }, { status: UserStatus.UPDATING }])

  const [theirs] = (await insertCustomers(app, stranger.partnerId, await makeTemplate(stranger.admin), [{ name: 'Crowded' }])) as [Customer]
  const [user] = (await insertUsers(app, theirs, [{ status: UserStatus.ERROR, upstreamErrors: upstreamErrors({ code: 10022 }) }])) as [
    ProvisionedUser,
  ]
  foreign = { user, customer: theirs }
  users = (await reader.findBy(ProvisionedUser, { partnerId })).filter(({ deletedAt }) => deletedAt === null)
  customers = await reader.findBy(Customer, { partnerId })
})
afterAll(() => app.stop())

/** Who has to act, as the diagnosis says it. */
function fixerOf({ status, upstreamErrors: errors, nextAttemptAt, emailConfirmedAt, parkedAttemptId }: ProvisionedUser): Fixer | null {
  if (status === UserStatus.PROVISIONED) return null
  if (parkedAttemptId) return Fixer.PARTNER_ADMIN
  if (nextAttemptAt || (emailConfirmedAt && status === UserStatus.PENDING_EMAIL_VALIDATION)) return Fixer.NOBODY
  const error = primaryError(errors) ?? { code: null, httpStatus: null, upstreamText: null, trackingId: null }
  return (explainStatus(status, null, 'en') ?? explainError(error, 'en')).fixer
}

function within(time: string, range: { gte?: string | null; lt?: string | null } | null | undefined): boolean {
  return (range?.gte == null || time >= range.gte) && (range?.lt == null || time < range.lt)
}

/** What a filter means, said once more: all given fields hold together, null is not given. */
function matches(user: ProvisionedUser, filter: ProvisionedUserFilter): boolean {
  const oneOf = <Value>(values: readonly Value[] | null | undefined, value: Value) => values == null || values.includes(value)
  return (
    (!filter.excludeProvisioned || user.status !== UserStatus.PROVISIONED) &&
    oneOf<string>(filter.statuses, user.status) &&
    oneOf<string>(filter.packageTypes, user.packageType) &&
    oneOf(filter.customerIds, user.customerId) &&
    oneOf(filter.onboardingTemplateIds, user.onboardingTemplateId) &&
    (filter.errorCodes == null || filter.errorCodes.some(code => primaryError(user.upstreamErrors)?.code === code)) &&
    (filter.fixer == null || fixerOf(user) === (filter.fixer as string)) &&
    (filter.selfActivated == null || user.selfActivated === filter.selfActivated) &&
    (filter.search == null || textsOf(user).some(text => text.includes(sortKey((filter.search as string).trim())))) &&
    within(user.lastStatusChange, filter.lastStatusChange) &&
    within(user.createdAt, filter.createdAt)
  )
}

function textsOf({ broadworksId, email, firstName, lastName }: ProvisionedUser): string[] {
  return [broadworksId, email ?? '', `${firstName} ${lastName}`].map(sortKey)
}

async function find(filter: ProvisionedUserFilter | null, { viewer } = alice) {
  const found: { id: string; fixer: string | null }[] = []
  for (let after: string | null = null; ;) {
    const { provisionedUsers }: UsersWithDiagnosisQuery = await viewer.get(UsersWithDiagnosisDocument, { first: 100, after, filter })
    found.push(...provisionedUsers.nodes.map(({ id, diagnosis }) => ({ id, fixer: diagnosis?.fixer ?? null })))
    if (!provisionedUsers.pageInfo.hasNextPage) return { found, totalCount: provisionedUsers.totalCount }
    after = provisionedUsers.pageInfo.endCursor
  }
}

async function expectToFind(filter: ProvisionedUserFilter): Promise<ProvisionedUser[]> {
  const expected = users.filter(user => matches(user, filter))
  const { found, totalCount } = await find(filter)
  expect(new Set(idsOf(found))).toEqual(new Set(idsOf(expected)))
  expect([found.length, totalCount]).toEqual([expected.length, expected.length])
  return expected
}

async function findCustomers(filter: CustomerFilter): Promise<string[]> {
  const { customers: found } = await alice.viewer.get(PageOfCustomersDocument, { first: 100, filter })
  expect(found.totalCount).toBe(found.nodes.length)
  return idsOf(found.nodes).sort()
}

describe('each field of the filter of users alone', () => {
  it('finds those with the value, some but not all', async () => {
    const [one, another] = users as [ProvisionedUser, ProvisionedUser]
    const alone: ProvisionedUserFilter[] = [
      { excludeProvisioned: true },
      ...STATUSES.map(status => ({ statuses: [status] })),
      ...PACKAGE_TYPES.map(packageType => ({ packageTypes: [packageType] })),
      { customerIds: [one.customerId] },
      { customerIds: [one.customerId, another.customerId] },
      { onboardingTemplateIds: [one.onboardingTemplateId] },
      { errorCodes: [10022] },
      { errorCodes: [10022, UNKNOWN_CODE] },
      ...FIXERS.map(fixer => ({ fixer })),
      { selfActivated: true },
      { selfActivated: false },
      { search: 'rows.example' },
      { lastStatusChange: { gte: '2026-10-05T00:00:00.000Z' } },
      { lastStatusChange: { lt: '2026-10-05T00:00:00.000Z' } },
      { createdAt: { gte: '2026-10-05T00:00:00.000Z', lt: '2026-10-06T00:00:00.000Z' } },
    ]
    for (const filter of alone) {
      const found = await expectToFind(filter)
      expect([filter, found.length > 0 && found.length < users.length]).toEqual([filter, true])
    }
  })

  it('takes times in any offset, gte including and lt excluding its own', async () => {
    const createdAt = '2026-10-05T00:00:00.000Z'
    expect(users.some(user => user.createdAt === createdAt)).toBe(true)
    const same = '2026-10-05T02:00:00+02:00'
    const found = await find({ createdAt: { gte: same, lt: '2026-10-05T00:00:00.001Z' } })
    expect(found.totalCount).toBe(users.filter(user => user.createdAt === createdAt).length)
    expect((await find({ createdAt: { gte: same, lt: same } })).totalCount).toBe(0)
  })

  it('says with `fixer` what the diagnosis of each user says, and leaves out nobody who has one', async () => {
    const found = new Map<string, string>()
    for (const fixer of FIXERS) {
      for (const user of (await find({ fixer })).found) {
        expect(user.fixer).toBe(fixer)
        expect(found.has(user.id)).toBe(false)
        found.set(user.id, fixer)
      }
    }
    expect(new Set(found.values())).toEqual(new Set(FIXERS))
    expect([...found.keys()].sort()).toEqual(idsOf(users.filter(user => user.status !== UserStatus.PROVISIONED)).sort())
  })
})

describe('the filter of users as a whole', () => {
  it('takes null and missing fields for "not given", and false of excludeProvisioned for no condition', async () => {
    const nothing = { statuses: null, packageTypes: null, customerIds: null, onboardingTemplateIds: null, errorCodes: null, fixer: null }
    for (const filter of [
      null,
      {},
      { excludeProvisioned: false },
      {
        excludeProvisioned: null,
        selfActivated: null,
        search: null,
        lastStatusChange: null,
        createdAt: { gte: null, lt: null },
        ...nothing,
      },
    ]) {
      expect((await find(filter)).totalCount).toBe(users.length)
    }
  })

  it.each(['statuses', 'packageTypes', 'customerIds', 'onboardingTemplateIds', 'errorCodes'])(
    'matches nothing with an empty %s',
    async field => {
      expect(await find({ [field]: [] })).toEqual({ found: [], totalCount: 0 })
      expect(await find({ [field]: [], excludeProvisioned: true, search: 'example' })).toEqual({ found: [], totalCount: 0 })
    },
  )

  it('finds the same as the conditions one by one, in any combination', async () => {
    const some = <Value>(values: Value[], maxLength = 3) =>
      fc.option(fc.subarray(values, { maxLength: Math.min(maxLength, values.length) }), { freq: 2 })
    const time = fc.option(fc.constantFrom(...users.flatMap(user => [user.createdAt, user.lastStatusChange])))
    const range = fc.option(fc.record({ gte: time, lt: time }), { freq: 2 })
    const filter: fc.Arbitrary<ProvisionedUserFilter> = fc.record(
      {
        excludeProvisioned: fc.option(fc.boolean()),
        statuses: some(STATUSES, 5),
        packageTypes: some(PACKAGE_TYPES),
        customerIds: some([...idsOf(customers), 'cus_unknown', foreign.customer.id], 6),
        onboardingTemplateIds: some([...new Set(users.map(user => user.onboardingTemplateId)), foreign.customer.onboardingTemplateId]),
        errorCodes: some([10022, 200039, 1002, UNKNOWN_CODE, 0, -1]),
        fixer: fc.option(fc.constantFrom(...FIXERS)),
        selfActivated: fc.option(fc.boolean()),
        search: fc.option(fc.constantFrom('example', 'rossi', 'demo.ex', 'ANNA', 'rows')),
        lastStatusChange: range,
        createdAt: range,
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(filter, async given => {
        await expectToFind(given)
      }),
      { numRuns: 80 },
    )
  })

  it('narrows the lists of a customer and of a template, too', async () => {
    const crowded = customers.find(({ name }) => name === 'Crowded') as Customer
    const filter = { statuses: ['ERROR' as const], errorCodes: [10022] }
    const expected = users.filter(user => matches(user, filter))
    const { customer } = await alice.viewer.get(PageOfCustomerUsersDocument, { id: crowded.id, first: 100, filter })
    expect(idsOf(customer?.provisionedUsers.nodes ?? []).sort()).toEqual(
      idsOf(expected.filter(user => user.customerId === crowded.id)).sort(),
    )
    const { onboardingTemplate } = await alice.viewer.get(PageOfTemplateUsersDocument, {
      id: crowded.onboardingTemplateId,
      first: 100,
      filter,
    })
    const ofTemplate = expected.filter(user => user.onboardingTemplateId === crowded.onboardingTemplateId)
    expect(idsOf(onboardingTemplate?.provisionedUsers.nodes ?? []).sort()).toEqual(idsOf(ofTemplate).sort())
  })

  it("never finds another partner's users, whatever it names", async () => {
    const { user, customer } = foreign
    expect((await find({ customerIds: [customer.id] })).totalCount).toBe(0)
    expect((await find({ onboardingTemplateIds: [customer.onboardingTemplateId] })).totalCount).toBe(0)
    expect((await find({ search: user.broadworksId })).totalCount).toBe(0)
    expect(await find({ search: user.broadworksId }, stranger)).toEqual({ found: [{ id: user.id, fixer: 'PARTNER_ADMIN' }], totalCount: 1 })
  })
})

describe('the filter of customers', () => {
  function expected(filter: CustomerFilter): string[] {
    const hasStuck = ({ id }: Customer) => users.some(user => user.customerId === id && STUCK_STATUSES.includes(user.status))
    const found = customers.filter(
      customer =>
        (filter.onboardingTemplateIds == null || filter.onboardingTemplateIds.includes(customer.onboardingTemplateId)) &&
        (filter.hasStuckUsers == null || hasStuck(customer) === filter.hasStuckUsers) &&
        (filter.search == null ||
          [customer.name, customer.spEnterpriseId].some(text => sortKey(text).includes(sortKey(filter.search as string)))),
    )
    return idsOf(found).sort()
  }

  it('finds the same as the conditions one by one, in any combination', async () => {
    const templateIds = [...new Set(customers.map(customer => customer.onboardingTemplateId)), foreign.customer.onboardingTemplateId]
    const filter: fc.Arbitrary<CustomerFilter> = fc.record(
      {
        onboardingTemplateIds: fc.option(fc.subarray(templateIds)),
        search: fc.option(fc.constantFrom('crowd', 'DEMO+', 'bellavista', 'CALM', 'nothing of the kind')),
        hasStuckUsers: fc.option(fc.boolean()),
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(filter, async given => {
        expect([given, await findCustomers(given)]).toEqual([given, expected(given)])
      }),
      { numRuns: 30 },
    )
  })

  it('tells customers with stuck users from those whose users are live, on their way, or not there', async () => {
    const named = (name: string) => customers.find(customer => customer.name === name)?.id
    const [stuck, notStuck] = [await findCustomers({ hasStuckUsers: true }), await findCustomers({ hasStuckUsers: false })]
    expect(stuck).toContain(named('Crowded'))
    expect(notStuck).toEqual(expect.arrayContaining([named('Calm'), named('Empty')]))
    expect([...stuck, ...notStuck].sort()).toEqual(idsOf(customers).sort())
    expect(await findCustomers({ onboardingTemplateIds: [] })).toEqual([])
  })
})
