import { ActivationAttempt } from '../../../src/features/activation-attempt/activation-attempt.entity'
import { BulkResult } from '../../../src/features/bulk-operation/bulk-result.entity'
import { advanceBulkOperationJob } from '../../../src/features/bulk-operation/bulk-operation.jobs'
import { advanceBulkOperation } from '../../../src/features/bulk-operation/run/bulk-run'
import type { Customer } from '../../../src/features/customer/customer.entity'
import { EmailOrigin, ProvisionedUser } from '../../../src/features/provisioned-user/provisioned-user.entity'
import type { Platform } from '../../../src/context/context'
import { implementJob, registerWorkers } from '../../../src/queue/define-job'
import { UserStatus } from '../../../src/provisioning/lifecycle'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus } from '../../support/world/builders'
import { type FakeWebex, startFakeWebex } from '../../support/fakes/webex'
import { insertCustomers, insertUsers } from '../../support/schema/lists'
import {
  BulkChangePackageTypeDocument,
  BulkDeleteUsersDocument,
  BulkRetryActivationDocument,
  type BulkRowFragment,
  CancelBulkOperationDocument,
  FindBulkOperationDocument,
  ResumeBulkOperationDocument,
} from '../../support/operations/operations.generated'
import { eventually } from '../../support/world/waiting'

/** A chunk and a little more, so that two chunks are too many. */
const UNDER_WAY_MAX = 60
const PROVISIONING_ID = 'dGVzdHM6dGVtcGxhdGU'

let webex: FakeWebex
let app: TestApp
let alice: TestPartner
let template: string
let customer: Customer

beforeAll(async () => {
  webex = await startFakeWebex()
  app = await startTestApp({
    environment: { WEBEX_BASE_URL: webex.url, WEBEX_ACCESS_TOKEN: 'token', WEBEX_CALLS_PER_SECOND: '10000' },
  })
  const paced = implementJob(advanceBulkOperationJob, (platform: Platform, payload) =>
    advanceBulkOperation(platform, payload, UNDER_WAY_MAX),
  )
  registerWorkers(app.platform.queue, [paced], app.platform)
  alice = await app.addPartner()
  ;({ template, customer } = await prepare(app, alice))
})
afterAll(async () => {
  await app.stop()
  await webex.stop()
})

async function prepare(where: TestApp, { admin, partnerId }: TestPartner) {
  const id = await makeTemplate(admin, { provisioningId: PROVISIONING_ID })
  const [made] = await insertCustomers(where, partnerId, id, [{}])
  return { template: id, customer: made as Customer }
}

/** Users who are live, here and at Webex. */
async function live(where: TestApp, of: Customer, count: number): Promise<ProvisionedUser[]> {
  const rows = Array.from({ length: count }, () => {
    const number = nextNumber()
    const ids = {
      broadworksId: `live-${number}@rows.example`,
      webexSubscriberId: `subscriber-${number}`,
      webexPersonId: `person-${number}`,
    }
    return { ...ids, email: `live-${number}@example.com`, emailOrigin: EmailOrigin.CONFIRMED, status: UserStatus.PROVISIONED }
  })
  const users = await insertUsers(where, of, rows)
  for (const { webexSubscriberId, webexPersonId, broadworksId, firstName, lastName, email, extension } of users) {
    webex.subscribers.push({
      id: webexSubscriberId ?? '',
      personId: webexPersonId ?? '',
      userId: broadworksId,
      spEnterpriseId: of.spEnterpriseId,
      provisioningId: PROVISIONING_ID,
      firstName,
      lastName,
      email: email ?? '',
      extension,
      package: 'standard',
      status: 'provisioned',
    })
  }
  return users
}

const ids = (users: { id: string }[]) => users.map(({ id }) => id)

async function changePackages({ operator }: TestPartner, userIds: string[]): Promise<string> {
  const { bulkChangePackageType } = await operator.get(BulkChangePackageTypeDocument, { input: { userIds, packageType: 'PREMIUM' } })
  return (bulkChangePackageType?.bulkOperation as BulkRowFragment).id
}

async function find({ operator }: TestPartner, id: string): Promise<BulkRowFragment> {
  return (await operator.get(FindBulkOperationDocument, { id })).bulkOperation as BulkRowFragment
}

const untilDone = (partner: TestPartner, id: string) =>
  eventually(async () => {
    const operation = await find(partner, id)
    return operation.status === 'DONE' && operation
  }, 30_000)

/** Whether a statement asks how much room there is. */
const isLook = (sql: string) => sql.includes('JOIN "provisioned_user" "handled"')

/** Waits until an operation has looked twice, from now on, whether there is room. */
async function untilLookedAgain(): Promise<void> {
  app.statements.length = 0
  await eventually(async () => app.statements.filter(isLook).length >= 2, 30_000)
}

describe('An operation at whose users Webex is at work', () => {
  it('has some hundreds under way and no more, can be cancelled and resumed meanwhile, and goes on as they end', async () => {
    const users = await live(app, customer, 2 * UNDER_WAY_MAX)
    const theirs = new Set(users.map(({ webexSubscriberId }) => webexSubscriberId))
    webex.isAtWorkOn = ({ id }) => theirs.has(id)
    const operation = await changePackages(alice, ids(users))
    await untilLookedAgain()
    expect(await find(alice, operation)).toMatchObject({ status: 'RUNNING', done: 100 })

    const cancelled = (await alice.operator.get(CancelBulkOperationDocument, { input: { id: operation } })).cancelBulkOperation
    expect(cancelled?.bulkOperation).toMatchObject({ status: 'CANCELLED', done: 100 })
    await alice.operator.get(ResumeBulkOperationDocument, { input: { id: operation } })
    await untilLookedAgain()
    expect(await find(alice, operation)).toMatchObject({ status: 'RUNNING', done: 100 })

    webex.isAtWorkOn = () => false
    expect(await untilDone(alice, operation)).toMatchObject({ total: users.length, done: users.length, failed: 0 })
    const attempts = await app.platform.database.reader.findBy(ActivationAttempt, { partnerId: alice.partnerId })
    const count = attempts.filter(({ provisionedUserId }) => ids(users).includes(provisionedUserId)).length
    expect(count).toBe(users.length)
    for (const { id } of [users[0], users.at(-1)] as ProvisionedUser[]) {
      await eventually(async () => (await row(app, id)).status === UserStatus.PROVISIONED)
      expect((await row(app, id)).packageType).toBe('PREMIUM')
    }
  })

  it('lets another one pass, which is at its end before', async () => {
    const users = await live(app, customer, 2 * UNDER_WAY_MAX)
    const theirs = new Set(users.map(({ webexSubscriberId }) => webexSubscriberId))
    webex.isAtWorkOn = ({ id }) => theirs.has(id)
    const large = await changePackages(alice, ids(users))
    await untilLookedAgain()
    const { id } = await makeUser(alice.operator, template)
    const items = [{ userId: id, email: `anna-${nextNumber()}@example.com` }]
    const { bulkRetryActivation } = await alice.operator.get(BulkRetryActivationDocument, { input: { items } })
    await untilDone(alice, bulkRetryActivation?.bulkOperation?.id ?? '')
    await untilStatus(alice.operator, id, 'PROVISIONED')
    expect(await find(alice, large)).toMatchObject({ status: 'RUNNING', done: 100 })
    webex.isAtWorkOn = () => false
    expect(await untilDone(alice, large)).toMatchObject({ failed: 0 })
  })
})

function row({ platform }: TestApp, id: string): Promise<ProvisionedUser> {
  return platform.database.reader.findOneByOrFail(ProvisionedUser, { id })
}

describe('Users who do not hold an operation up', () => {
  /** Nobody works on its queue. */
  let held: TestApp
  let bob: TestPartner
  let ofBob: Customer
  const max = 10

  beforeAll(async () => {
    held = await startTestApp()
    bob = await held.addPartner()
    ofBob = (await prepare(held, bob)).customer
    await held.platform.queue.stop()
  })
  afterAll(() => held.stop())

  /** One chunk and a user more, of whom the first fifty are under way. */
  async function heldUp(start: (userIds: string[]) => Promise<string>): Promise<{ id: string; userIds: string[] }> {
    const userIds = ids(await live(held, ofBob, 51))
    const id = await start(userIds)
    await advanceBulkOperation(held.platform, { bulkOperationId: id, run: 1 }, max)
    await advanceBulkOperation(held.platform, { bulkOperationId: id, run: 1 }, max)
    expect(await find(bob, id)).toMatchObject({ status: 'RUNNING', done: 50 })
    return { id, userIds }
  }

  async function goesOn(id: string, failed = 0): Promise<void> {
    await advanceBulkOperation(held.platform, { bulkOperationId: id, run: 1 }, max)
    expect(await find(bob, id)).toMatchObject({ status: 'DONE', done: 51, failed })
  }

  const amend = (userIds: string[], fields: Partial<ProvisionedUser>) =>
    held.platform.database.transaction(async ({ manager }) => {
      for (const id of userIds) await manager.update(ProvisionedUser, { id }, fields as object)
    })

  it.each<[string, Partial<ProvisionedUser>]>([
    ['ended in an error', { status: UserStatus.ERROR, nextAttemptAt: '2099-01-01T00:00:00.000Z' }],
    ['wait for the consent of another', { status: UserStatus.PENDING_USER_MIGRATION }],
    ['wait until their template is resumed', { parkedAttemptId: 'att_of_the_test' }],
    ['were deleted meanwhile', { deletedAt: '2026-03-01T10:00:00.000Z' }],
  ])('are those who %s', async (_, fields) => {
    const { id, userIds } = await heldUp(userIds => changePackages(bob, userIds))
    // One fewer than would be too many.
    await amend(userIds.slice(0, 50 - max), fields)
    await advanceBulkOperation(held.platform, { bulkOperationId: id, run: 1 }, max)
    expect(await find(bob, id)).toMatchObject({ done: 50 })
    await amend(userIds.slice(50 - max, 51 - max), fields)
    await goesOn(id)
  })

  it('are those whom it handled long ago', async () => {
    const { id } = await heldUp(userIds => changePackages(bob, userIds))
    await held.platform.database.transaction(({ manager }) =>
      manager.update(BulkResult, { bulkOperationId: id }, { position: () => 'position - 5000' }),
    )
    await goesOn(id)
  })

  it('are those who were deleted at Webex, too', async () => {
    const { id, userIds } = await heldUp(async userIds => {
      const { bulkDeleteUsers } = await bob.admin.get(BulkDeleteUsersDocument, { input: { userIds } })
      return bulkDeleteUsers?.bulkOperation?.id ?? ''
    })
    await amend(userIds.slice(0, 50), { deletionEndedAt: '2026-03-01T10:00:00.000Z' })
    await goesOn(id)
  })

  it('are refused users, also while Webex works on them for another reason', async () => {
    const { id, userIds } = await heldUp(async userIds => {
      await amend(userIds.slice(0, 50 - max), { status: UserStatus.UPDATING })
      return changePackages(bob, userIds)
    })
    await amend(userIds.slice(50 - max, 51 - max), { status: UserStatus.PROVISIONED })
    await goesOn(id, 50 - max)
  })

  it('are refused users, who take no room: the room is read once', async () => {
    const userIds = ids(await live(held, ofBob, 51))
    await amend(userIds.slice(0, 50), { status: UserStatus.UPDATING })
    const id = await changePackages(bob, userIds)
    held.statements.length = 0
    await goesOn(id, 50)
    expect(held.statements.filter(isLook)).toHaveLength(1)
  })

  it('are those for whom Webex is not asked', async () => {
    const userIds = ids(await insertUsers(held, ofBob, Array<object>(51).fill({})))
    await goesOn(await changePackages(bob, userIds))
  })
})
