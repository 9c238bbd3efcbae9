import { parse } from 'csv-parse/sync'
import { Role } from '../../../src/auth/viewer'
import type { Platform } from '../../../src/context/context'
import type { Database } from '../../../src/database/database'
import { ActivationAttempt } from '../../../src/features/activation-attempt/activation-attempt.entity'
import { BulkChunk } from '../../../src/features/bulk-operation/bulk-chunk.entity'
import { BulkOperation, BulkStatus } from '../../../src/features/bulk-operation/bulk-operation.entity'
import { BulkResult } from '../../../src/features/bulk-operation/bulk-result.entity'
import { purgeExpiredDryRuns } from '../../../src/features/bulk-operation/run/dry-run-retention'
import { advanceBulkOperation } from '../../../src/features/bulk-operation/run/bulk-run'
import { seedPartner } from '../../../src/features/demo-data/seed'
import { ProvisionedUser } from '../../../src/features/provisioned-user/provisioned-user.entity'
import { newId } from '../../../src/shared/ids'
import type { Actor } from '../../support/world/actor'
import { createTestDatabase, startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, type MadeUser, nextNumber, untilStatus } from '../../support/world/builders'
import {
  BulkChangePackageTypeDocument,
  BulkDeleteUsersDocument,
  BulkOperationsDocument,
  BulkRetryActivationDocument,
  type BulkRowFragment,
  CancelBulkOperationDocument,
  FindBulkOperationDocument,
  type FindBulkOperationQuery,
  FindUserDocument,
  PageOfUsersDocument,
  ResumeBulkOperationDocument,
} from '../../support/operations/operations.generated'
import { askOverSocket, connect, hear } from '../../support/world/socket'
import { eventually } from '../../support/world/waiting'

type Operation = NonNullable<FindBulkOperationQuery['bulkOperation']>

let app: TestApp

beforeAll(async () => {
  app = await startTestApp()
})

afterAll(() => app.stop())

const goodAddress = () => `anna.${nextNumber()}@example.com`
const badAddress = () => `error-200041-${nextNumber()}@example.com`

async function find(actor: Actor, id: string, failedOnly = false): Promise<Operation> {
  return (await actor.get(FindBulkOperationDocument, { id, failedOnly })).bulkOperation as Operation
}

async function untilDone(actor: Actor, started: BulkRowFragment | null | undefined): Promise<Operation> {
  if (!started) throw new Error('The operation was not started.')
  return eventually(async () => {
    const operation = await find(actor, started.id)
    return operation.status === 'DONE' && operation
  })
}

/** A partner with users who failed for one reason, users who wait for an address, and one who is live. */
async function stuckPartner(sizes: { failed?: number; waiting?: number; live?: number }) {
  const partner = await app.addPartner()
  const templateId = await makeTemplate(partner.admin)
  const make = (count: number | undefined, email: () => string | undefined) =>
    Promise.all(
      Array.from({ length: count ?? 0 }, () => {
        const address = email()
        return makeUser(partner.operator, templateId, address === undefined ? {} : { email: address })
      }),
    )
  const failed = await make(sizes.failed, badAddress)
  const waiting = await make(sizes.waiting, () => undefined)
  const live = await make(sizes.live, goodAddress)
  for (const { id } of failed) await untilStatus(partner.operator, id, 'ERROR')
  for (const { id } of live) await untilStatus(partner.operator, id, 'PROVISIONED')
  return { ...partner, templateId, failed, waiting, live }
}

const ids = (users: MadeUser[]) => users.map(({ id }) => id)

/** Rows at once, so that there are many: they are at the simulator, too. */
async function crowd(users: number): Promise<TestPartner> {
  const partner = await app.addPartner()
  await seedPartner(app.platform, { partnerId: partner.partnerId, webexToken: partner.webexToken, users })
  return partner
}

describe('A dry run', () => {
  it('is done at once, tells what would happen to how many and why, and changes nothing', async () => {
    const { operator, partnerId, waiting, live } = await stuckPartner({ failed: 2, waiting: 3, live: 1 })
    const before = await app.platform.database.reader.findBy(ProvisionedUser, { partnerId })
    const { bulkRetryActivation } = await operator.get(BulkRetryActivationDocument, { input: { filter: {}, dryRun: true } })
    const operation = bulkRetryActivation?.bulkOperation
    expect(bulkRetryActivation?.userErrors).toEqual([])
    expect(operation).toMatchObject({ kind: 'RETRY_ACTIVATION', status: 'DONE', dryRun: true, total: 6, done: 6, succeeded: 2, failed: 4 })
    expect(operation?.endedAt).not.toBeNull()
    expect(operation?.summary).toEqual([
      { outcome: 'REFUSED', code: 'EMAIL_REQUIRED', status: 'PENDING_EMAIL_INPUT', count: 3 },
      { outcome: 'CHANGED', code: null, status: 'ERROR', count: 2 },
      { outcome: 'REFUSED', code: 'INVALID_STATE', status: 'PROVISIONED', count: 1 },
    ])
    const { results } = await find(operator, operation?.id ?? '', true)
    expect(results.totalCount).toBe(4)
    expect(new Set(results.nodes.map(({ userId }) => userId))).toEqual(new Set(ids([...waiting, ...live])))
    expect(results.nodes.every(({ userErrors }) => userErrors[0]?.message)).toBe(true)
    expect(await app.platform.database.reader.findBy(ProvisionedUser, { partnerId })).toEqual(before)
  })

  it('says the same as the run that follows', async () => {
    const partner = await crowd(400)
    const input = { filter: { excludeProvisioned: true } }
    const dry = (await partner.operator.get(BulkRetryActivationDocument, { input: { ...input, dryRun: true } })).bulkRetryActivation
    const { total, summary } = dry?.bulkOperation as BulkRowFragment
    const started = await partner.operator.get(BulkRetryActivationDocument, { input: { ...input, expectedCount: total } })
    const done = await untilDone(partner.viewer, started.bulkRetryActivation?.bulkOperation)
    expect(done).toMatchObject({ total, done: total, dryRun: false })
    expect(done.summary).toEqual(summary)
    expect(done.succeeded).toBeGreaterThan(0)
    expect(done.failed).toBeGreaterThan(0)
  })
})

describe('A bulk retry', () => {
  it('starts an attempt for each user once, in the name of who asked', async () => {
    const { operator, failed } = await stuckPartner({ failed: 3 })
    const items = failed.map(({ id }) => ({ userId: id, email: goodAddress() }))
    const { bulkRetryActivation } = await operator.get(BulkRetryActivationDocument, { input: { items } })
    expect(bulkRetryActivation?.bulkOperation).toMatchObject({ dryRun: false, total: 3, actor: 'operator of the tests' })
    const operation = await untilDone(operator, bulkRetryActivation?.bulkOperation)
    expect(operation).toMatchObject({ succeeded: 3, failed: 0, done: 3 })
    expect(operation.results.nodes.map(({ userId, outcome }) => [userId, outcome])).toEqual(ids(failed).map(id => [id, 'CHANGED']))
    for (const [index, { id }] of failed.entries()) {
      expect(await untilStatus(operator, id, 'PROVISIONED')).toMatchObject({ email: items[index]?.email })
      const attempts = await app.platform.database.reader.findBy(ActivationAttempt, { provisionedUserId: id })
      expect(attempts.filter(({ trigger }) => trigger === 'BULK').map(({ actor }) => actor)).toEqual(['operator of the tests'])
    }
    expect(await app.platform.database.reader.countBy(BulkChunk, { bulkOperationId: operation.id })).toBe(0)
  })

  it('never uses an address that nobody confirmed or vouched for', async () => {
    const partner = await app.addPartner()
    const templateId = await makeTemplate(partner.admin)
    // Handed over with an address that is only suggested: an import says nothing of who vouches for it.
    await crowdOfSuggested(partner, templateId)
    const { bulkRetryActivation } = await partner.operator.get(BulkRetryActivationDocument, { input: { filter: {} } })
    const operation = await untilDone(partner.operator, bulkRetryActivation?.bulkOperation)
    expect(operation).toMatchObject({ total: 2, failed: 2 })
    expect(operation.results.nodes.flatMap(({ userErrors }) => userErrors.map(({ code }) => code))).toEqual([
      'EMAIL_REQUIRED',
      'EMAIL_REQUIRED',
    ])
  })

  it('refuses those who cannot be retried one by one, and those who are not there', async () => {
    const { operator, failed, live } = await stuckPartner({ failed: 1, live: 1 })
    const stranger = await stuckPartner({ waiting: 1 })
    const userIds = [...ids(failed), ...ids(live), ...ids(stranger.waiting), 'nonsense', ...ids(failed)]
    const { bulkRetryActivation } = await operator.get(BulkRetryActivationDocument, { input: { userIds } })
    const { results, total } = await untilDone(operator, bulkRetryActivation?.bulkOperation)
    expect(total).toBe(4)
    expect(results.nodes.map(({ outcome, userErrors, provisionedUser }) => [outcome, userErrors[0]?.code, provisionedUser?.id])).toEqual([
      ['CHANGED', undefined, failed[0]?.id],
      ['REFUSED', 'INVALID_STATE', live[0]?.id],
      ['REFUSED', 'NOT_FOUND', undefined],
      ['REFUSED', 'NOT_FOUND', undefined],
    ])
    // It may be a name, pasted by mistake, and could never be erased.
    expect(results.nodes[3]).toMatchObject({ userId: 'no ID', userErrors: [{ field: ['userIds', '3'] }] })
    expect(await untilStatus(stranger.operator, stranger.waiting[0]?.id ?? '', 'PENDING_EMAIL_INPUT')).toBeTruthy()
  })

  it('gives an address to one user only', async () => {
    const { operator, waiting, live } = await stuckPartner({ waiting: 2, live: 1 })
    const retry = async (emails: string[]) => {
      const items = ids(waiting).map((userId, index) => ({ userId, email: emails[index] ?? '' }))
      return (await operator.get(BulkRetryActivationDocument, { input: { items } })).bulkRetryActivation
    }
    const email = goodAddress()
    expect((await retry([email, email.toUpperCase()]))?.userErrors).toMatchObject([{ code: 'INVALID', field: ['items', '1', 'email'] }])
    const { results } = await untilDone(operator, (await retry([email, live[0]?.email ?? '']))?.bulkOperation)
    expect(results.nodes.map(({ outcome, userErrors }) => [outcome, userErrors[0]?.code])).toEqual([
      ['CHANGED', undefined],
      ['REFUSED', 'TAKEN'],
    ])
  })
})

describe('A bulk deletion', () => {
  it('deletes here and at Webex', async () => {
    const { admin, failed, live, waiting } = await stuckPartner({ failed: 1, live: 1, waiting: 1 })
    const userIds = ids([...failed, ...live])
    const { bulkDeleteUsers } = await admin.get(BulkDeleteUsersDocument, { input: { userIds } })
    await untilDone(admin, bulkDeleteUsers?.bulkOperation)
    for (const id of userIds) expect((await admin.get(FindUserDocument, { id })).provisionedUser).toBeNull()
    expect((await admin.get(PageOfUsersDocument, {})).provisionedUsers.nodes).toEqual([{ id: waiting[0]?.id }])
    await eventually(async () => {
      const tombstones = await app.platform.database.reader.findBy(
        ProvisionedUser,
        userIds.map(id => ({ id })),
      )
      return tombstones.every(({ deletionEndedAt }) => deletionEndedAt !== null)
    })
  })

  it('needs the expected number from a number on, and one that is right', async () => {
    const { admin } = await crowd(150)
    const filter = { statuses: ['PROVISIONED' as const] }
    const ask = async (input: object) => (await admin.get(BulkDeleteUsersDocument, { input: { filter, ...input } })).bulkDeleteUsers
    expect((await ask({}))?.userErrors).toMatchObject([{ code: 'REQUIRED', field: ['expectedCount'] }])
    const total = (await ask({ dryRun: true }))?.bulkOperation?.total ?? 0
    expect(total).toBeGreaterThan(100)
    expect((await ask({ expectedCount: total + 1 }))?.userErrors).toMatchObject([
      { code: 'EXPECTED_COUNT_MISMATCH', field: ['expectedCount'] },
    ])
    expect((await admin.get(PageOfUsersDocument, {})).provisionedUsers.totalCount).toBe(150)
    const { done } = await untilDone(admin, (await ask({ expectedCount: total }))?.bulkOperation)
    expect(done).toBe(total)
    expect((await admin.get(PageOfUsersDocument, {})).provisionedUsers.totalCount).toBe(150 - total)
  })

  it('takes it for a condition that users did not activate alone', async () => {
    const { admin, waiting } = await stuckPartner({ waiting: 2 })
    const selfActivated = waiting[0]?.id ?? ''
    await app.platform.database.transaction(({ manager }) =>
      manager.update(ProvisionedUser, { id: selfActivated }, { selfActivated: true }),
    )
    const { bulkDeleteUsers } = await admin.get(BulkDeleteUsersDocument, { input: { filter: { selfActivated: false } } })
    expect(bulkDeleteUsers?.userErrors).toEqual([])
    expect(await untilDone(admin, bulkDeleteUsers?.bulkOperation)).toMatchObject({ total: 1, succeeded: 1 })
    expect((await admin.get(PageOfUsersDocument, {})).provisionedUsers.nodes).toEqual([{ id: selfActivated }])
  })
})

describe('A bulk change of packages', () => {
  it('asks Webex for those who are live, records it for the others, and leaves alone who has it', async () => {
    const { operator, live, waiting } = await stuckPartner({ live: 1, waiting: 1 })
    const change = async (packageType: 'PREMIUM' | 'STANDARD') => {
      const answer = await operator.get(BulkChangePackageTypeDocument, { input: { filter: {}, packageType } })
      return untilDone(operator, answer.bulkChangePackageType?.bulkOperation)
    }
    expect((await change('STANDARD')).summary.map(({ outcome }) => outcome)).toEqual(['UNCHANGED', 'UNCHANGED'])
    expect(await change('PREMIUM')).toMatchObject({ packageType: 'PREMIUM', succeeded: 2, failed: 0 })
    await eventually(async () => {
      const { provisionedUser } = await operator.get(FindUserDocument, { id: live[0]?.id ?? '' })
      return provisionedUser?.packageType === 'PREMIUM' && provisionedUser.status === 'PROVISIONED'
    })
    const { provisionedUser } = await operator.get(FindUserDocument, { id: waiting[0]?.id ?? '' })
    expect(provisionedUser).toMatchObject({ packageType: 'STANDARD', requestedPackageType: 'PREMIUM', status: 'PENDING_EMAIL_INPUT' })
  })
})

/** The platform with a function that is called before each transaction. */
function withHook(platform: Platform, beforeTransaction: () => Promise<void>): Platform {
  const { database } = platform
  const transaction: Database['transaction'] = async work => {
    await beforeTransaction()
    return database.transaction(work)
  }
  return { ...platform, database: { ...database, transaction } }
}

describe('A running operation', () => {
  it('is cancelled between two users and resumed with the rest, each handled once', async () => {
    const held = await startTestApp()
    try {
      const partner = await held.addPartner()
      await seedPartner(held.platform, { partnerId: partner.partnerId, webexToken: partner.webexToken, users: 220 })
      // Nobody works on the queue: the test takes each step itself.
      await held.platform.queue.stop()
      const { operator } = partner
      const input = { filter: { statuses: ['PROVISIONED' as const] }, packageType: 'PREMIUM' as const }
      const { bulkChangePackageType } = await operator.get(BulkChangePackageTypeDocument, { input })
      const { id, total } = bulkChangePackageType?.bulkOperation as BulkRowFragment
      let transactions = 0
      const killed = withHook(held.platform, async () => {
        transactions += 1
        if (transactions > 2) throw new Error('killed')
      })
      await expect(advanceBulkOperation(killed, { bulkOperationId: id, run: 1 })).rejects.toThrow('killed')
      expect(await find(operator, id)).toMatchObject({ status: 'RUNNING', done: 100 })

      const cancelled = (await operator.get(CancelBulkOperationDocument, { input: { id } })).cancelBulkOperation
      expect(cancelled?.bulkOperation).toMatchObject({ status: 'CANCELLED', done: 100, total })
      await advanceBulkOperation(held.platform, { bulkOperationId: id, run: 1 })
      expect(await find(operator, id)).toMatchObject({ status: 'CANCELLED', done: 100 })
      expect((await operator.get(CancelBulkOperationDocument, { input: { id } })).cancelBulkOperation?.userErrors).toMatchObject([
        { code: 'INVALID_STATE', field: ['id'] },
      ])

      const resumed = (await operator.get(ResumeBulkOperationDocument, { input: { id } })).resumeBulkOperation
      expect(resumed?.bulkOperation).toMatchObject({ status: 'RUNNING', endedAt: null })
      // The job of before is over; that of the new run and a twin of it do each user once.
      await advanceBulkOperation(held.platform, { bulkOperationId: id, run: 1 })
      expect(await find(operator, id)).toMatchObject({ done: 100 })
      await Promise.all([
        advanceBulkOperation(held.platform, { bulkOperationId: id, run: 2 }),
        advanceBulkOperation(held.platform, { bulkOperationId: id, run: 2 }),
      ])
      expect(await find(operator, id)).toMatchObject({ status: 'DONE', done: total, failed: 0 })
      const attempts = await held.platform.database.reader.find(ActivationAttempt, {
        where: { partnerId: partner.partnerId, actor: 'operator of the tests' },
      })
      expect(new Set(attempts.map(({ provisionedUserId }) => provisionedUserId)).size).toBe(attempts.length)
      expect((await operator.get(ResumeBulkOperationDocument, { input: { id } })).resumeBulkOperation?.userErrors[0]?.code).toBe(
        'INVALID_STATE',
      )
    } finally {
      await held.stop()
    }
  })

  it('handles no more users when it is cancelled after a run has read it and before the transaction of the run', async () => {
    const held = await startTestApp()
    try {
      const { admin, operator } = await held.addPartner()
      const { id: userId } = await makeUser(operator, await makeTemplate(admin))
      await held.platform.queue.stop()
      const input = { userIds: [userId], packageType: 'PREMIUM' as const }
      const { bulkChangePackageType } = await operator.get(BulkChangePackageTypeDocument, { input })
      const { id } = bulkChangePackageType?.bulkOperation as BulkRowFragment
      let cancellations = 0
      const cancelled = withHook(held.platform, async () => {
        cancellations += 1
        if (cancellations === 1) await operator.get(CancelBulkOperationDocument, { input: { id } })
      })
      await advanceBulkOperation(cancelled, { bulkOperationId: id, run: 1 })
      expect(cancellations).toBe(1)
      expect(await find(operator, id)).toMatchObject({ status: 'CANCELLED', done: 0, results: { nodes: [] } })
      const { provisionedUser } = await operator.get(FindUserDocument, { id: userId })
      expect(provisionedUser).toMatchObject({ packageType: 'STANDARD', requestedPackageType: null })
      expect(await held.platform.database.reader.countBy(BulkChunk, { bulkOperationId: id })).toBe(1)
    } finally {
      await held.stop()
    }
  })

  it('survives a restart of the server', async () => {
    const database = await createTestDatabase()
    const first = await startTestApp({ database })
    const partner = await first.addPartner()
    await seedPartner(first.platform, { partnerId: partner.partnerId, webexToken: partner.webexToken, users: 120 })
    await first.platform.queue.stop()
    const { bulkDeleteUsers } = await partner.admin.get(BulkDeleteUsersDocument, { input: { filter: { excludeProvisioned: true } } })
    await first.stop()
    const second = await startTestApp({ database })
    try {
      const actor = await second.addToken(partner.partnerId, Role.ADMIN)
      const { total, failed } = await untilDone(actor, bulkDeleteUsers?.bulkOperation)
      expect({ failed, total }).toEqual({ failed: 0, total: bulkDeleteUsers?.bulkOperation?.total })
      const left = await actor.get(PageOfUsersDocument, { filter: { excludeProvisioned: true } })
      expect(left.provisionedUsers.totalCount).toBe(0)
    } finally {
      await second.stop()
      await database.remove()
    }
  })

  it('is about those whom the filter selected when it started', async () => {
    const held = await startTestApp()
    try {
      const { admin, operator } = await held.addPartner()
      const templateId = await makeTemplate(admin)
      const early = await makeUser(operator, templateId)
      await held.platform.queue.stop()
      const { bulkDeleteUsers } = await admin.get(BulkDeleteUsersDocument, { input: { filter: { onboardingTemplateIds: [templateId] } } })
      const late = await makeUser(operator, templateId)
      await advanceBulkOperation(held.platform, { bulkOperationId: bulkDeleteUsers?.bulkOperation?.id ?? '', run: 1 })
      expect((await admin.get(FindUserDocument, { id: early.id })).provisionedUser).toBeNull()
      expect((await admin.get(FindUserDocument, { id: late.id })).provisionedUser).not.toBeNull()
    } finally {
      await held.stop()
    }
  })
})

describe('A dry run that is long', () => {
  it('is gone on with by a job, and is forgotten after a week', async () => {
    const partner = await crowd(60)
    const { bulkRetryActivation } = await partner.operator.get(BulkRetryActivationDocument, { input: { filter: {}, dryRun: true } })
    const { id, failed } = bulkRetryActivation?.bulkOperation as BulkRowFragment
    await app.platform.database.transaction(async ({ manager }) => {
      const users = await manager.findBy(ProvisionedUser, { partnerId: partner.partnerId })
      const items = users.map(user => ({ userId: user.id }))
      await manager.delete(BulkResult, { bulkOperationId: id })
      await manager.insert(BulkChunk, { bulkOperationId: id, number: 0, items })
      const anew = { status: BulkStatus.RUNNING, done: 0, failed: 0, succeeded: 0, nextChunk: 0, summary: [], endedAt: null }
      await manager.update(BulkOperation, { id }, anew)
    })
    await advanceBulkOperation(app.platform, { bulkOperationId: id, run: 1 })
    expect(await find(partner.viewer, id)).toMatchObject({ status: 'DONE', done: 60, failed })
    const days = (count: number) => ({ ...app.platform, clock: { now: () => new Date(Date.now() + count * 24 * 3_600_000) } })
    await purgeExpiredDryRuns(days(6))
    expect((await find(partner.viewer, id)).results.totalCount).toBe(failed)
    await purgeExpiredDryRuns(days(8))
    expect(await find(partner.viewer, id)).toBeNull()
    expect(await app.platform.database.reader.countBy(BulkResult, { bulkOperationId: id })).toBe(0)
  })

  it('is forgotten at once with all others of its age, however many they are', async () => {
    const { viewer, partnerId, operator } = await stuckPartner({ waiting: 1 })
    const { bulkRetryActivation } = await operator.get(BulkRetryActivationDocument, { input: { filter: {}, dryRun: true } })
    const { reader } = app.platform.database
    const made = await reader.findOneByOrFail(BulkOperation, { id: bulkRetryActivation?.bulkOperation?.id ?? '' })
    const old = Array.from({ length: 501 }, () => ({ ...made, id: newId('BulkOperation'), createdAt: '2020-01-01T00:00:00.000Z' }))
    await app.platform.database.transaction(async ({ manager }) => {
      for (const first of [0, 250, 500]) await manager.insert(BulkOperation, old.slice(first, first + 250))
    })
    await purgeExpiredDryRuns(app.platform)
    expect(await reader.countBy(BulkOperation, { partnerId })).toBe(1)
    expect(await find(viewer, made.id)).not.toBeNull()
  })
})

describe('Its progress', () => {
  const PROGRESS = 'subscription ($id: ID!) { bulkOperationProgressed(id: $id) { status done total } }'
  type Progress = { bulkOperationProgressed: { status: string; done: number; total: number } }

  it('is told as it is at once, then whenever it has moved on, through a cancellation, until it is done', async () => {
    const held = await startTestApp()
    const partner = await held.addPartner()
    const client = connect(partner.viewer)
    try {
      await seedPartner(held.platform, { partnerId: partner.partnerId, webexToken: partner.webexToken, users: 60 })
      await held.platform.queue.stop()
      const { bulkChangePackageType } = await partner.operator.get(BulkChangePackageTypeDocument, {
        input: { filter: {}, packageType: 'PREMIUM' },
      })
      const { id } = bulkChangePackageType?.bulkOperation as BulkRowFragment
      const heard = hear<Progress>(client, PROGRESS, { id })
      expect((await heard.until(1))[0]?.bulkOperationProgressed).toEqual({ status: 'RUNNING', done: 0, total: 60 })
      await partner.operator.get(CancelBulkOperationDocument, { input: { id } })
      expect((await heard.until(2))[1]?.bulkOperationProgressed.status).toBe('CANCELLED')
      await partner.operator.get(ResumeBulkOperationDocument, { input: { id } })
      await heard.until(3)
      await advanceBulkOperation(held.platform, { bulkOperationId: id, run: 2 })
      await eventually(async () => heard.ended)
      expect(heard.events.at(-1)?.bulkOperationProgressed).toEqual({ status: 'DONE', done: 60, total: 60 })
      expect(heard.errors).toEqual([])
    } finally {
      await client.dispose()
      await held.stop()
    }
  })

  it('is nothing to another partner, as if there were no such operation', async () => {
    const { operator } = await stuckPartner({ waiting: 1 })
    const mallory = await app.addPartner('Mallory')
    const { bulkRetryActivation } = await operator.get(BulkRetryActivationDocument, { input: { filter: {}, dryRun: true } })
    const told = async (id: string) => (await askOverSocket(mallory.admin, PROGRESS, { id })).errors.map(({ message }) => message)
    expect(await told(bulkRetryActivation?.bulkOperation?.id ?? '')).toEqual(await told('nonsense'))
    expect(await told('nonsense')).toHaveLength(1)
  })
})

describe('Who may do what', () => {
  it('lets nobody delete in bulk who is no administrator, nor resume a deletion', async () => {
    const { admin, operator, waiting } = await stuckPartner({ waiting: 1 })
    const refused = await operator.ask(BulkDeleteUsersDocument, { input: { userIds: ids(waiting) } })
    expect(refused.errors[0]?.extensions.code).toBe('FORBIDDEN')
    expect((await admin.get(FindUserDocument, { id: waiting[0]?.id ?? '' })).provisionedUser).not.toBeNull()
    const { bulkDeleteUsers } = await admin.get(BulkDeleteUsersDocument, { input: { userIds: ids(waiting) } })
    const { id } = await untilDone(admin, bulkDeleteUsers?.bulkOperation)
    await app.platform.database.transaction(({ manager }) => manager.update(BulkOperation, { id }, { status: BulkStatus.CANCELLED }))
    expect((await operator.ask(ResumeBulkOperationDocument, { input: { id } })).errors[0]?.extensions.code).toBe('FORBIDDEN')
    expect((await find(admin, id)).status).toBe('CANCELLED')
  })

  it('shows operations to their partner alone, and to who is restricted to customers its own', async () => {
    const { operator, partnerId, waiting } = await stuckPartner({ waiting: 2 })
    const mallory = await app.addPartner('Mallory')
    const [user] = waiting as [MadeUser]
    const restricted = await app.addToken(partnerId, Role.OPERATOR, [user.customer.id])
    const start = async (actor: Actor) =>
      (await actor.get(BulkRetryActivationDocument, { input: { filter: {}, dryRun: true } })).bulkRetryActivation?.bulkOperation?.id ?? ''
    const ofAll = await start(operator)
    const ofSome = await start(restricted)
    const seen = async (actor: Actor) => (await actor.get(BulkOperationsDocument, {})).bulkOperations.nodes.map(({ id }) => id)
    expect(await seen(operator)).toEqual([ofSome, ofAll])
    expect(await seen(restricted)).toEqual([ofSome])
    expect(await seen(mallory.admin)).toEqual([])
    for (const [actor, id] of [
      [restricted, ofAll],
      [mallory.admin, ofAll],
    ] as const) {
      expect((await actor.get(FindBulkOperationDocument, { id })).bulkOperation).toBeNull()
      expect((await actor.get(CancelBulkOperationDocument, { input: { id } })).cancelBulkOperation?.userErrors[0]?.code).toBe('NOT_FOUND')
      expect((await actor.get(ResumeBulkOperationDocument, { input: { id } })).resumeBulkOperation?.userErrors[0]?.code).toBe('NOT_FOUND')
    }
  })
})

describe('Bad input', () => {
  it('is refused by its name, and starts nothing', async () => {
    const { admin, waiting } = await stuckPartner({ waiting: 1 })
    const userIds = ids(waiting)
    const refusedBy = async (input: object) => {
      const { errors } = await admin.ask(BulkDeleteUsersDocument, { input } as never)
      return [errors[0]?.extensions.code, errors[0]?.extensions.argument]
    }
    expect(await refusedBy({})).toEqual(['BAD_USER_INPUT', 'filter'])
    expect(await refusedBy({ filter: { search: 'anna' }, userIds })).toEqual(['BAD_USER_INPUT', 'userIds'])
    for (const filter of [{}, { search: null }, { excludeProvisioned: false }, { createdAt: {} }]) {
      expect(await refusedBy({ filter })).toEqual(['BAD_USER_INPUT', 'filter'])
    }
    const complaints = async (input: object) => (await admin.get(BulkRetryActivationDocument, { input })).bulkRetryActivation?.userErrors
    const tooMany = Array.from({ length: 1001 }, (_, index) => `usr_${index}`)
    expect(await complaints({ userIds: tooMany })).toMatchObject([{ code: 'LIMIT_EXCEEDED', field: ['userIds'] }])
    expect(await complaints({ userIds: [] })).toMatchObject([{ code: 'REQUIRED', field: ['userIds'] }])
    const items = [
      { userId: userIds[0], email: 'no address' },
      { userId: userIds[0], email: goodAddress() },
    ]
    expect(await complaints({ items })).toMatchObject([
      { code: 'INVALID', field: ['items', '0', 'email'] },
      { code: 'INVALID', field: ['items', '1', 'userId'] },
    ])
    expect(await complaints({ filter: {}, expectedCount: 7 })).toMatchObject([{ code: 'EXPECTED_COUNT_MISMATCH' }])
    expect((await admin.get(BulkOperationsDocument, {})).bulkOperations.totalCount).toBe(0)
  })

  it('is a key that was used with another input; with the same, the operation is the same', async () => {
    const { operator, waiting } = await stuckPartner({ waiting: 1 })
    const input = { userIds: ids(waiting), idempotencyKey: `key ${nextNumber()}` }
    const ask = async (changed: object = {}) =>
      (await operator.get(BulkRetryActivationDocument, { input: { ...input, ...changed } })).bulkRetryActivation
    const first = await ask()
    expect((await ask())?.bulkOperation?.id).toBe(first?.bulkOperation?.id)
    expect((await ask({ dryRun: true }))?.userErrors[0]?.code).toBe('IDEMPOTENCY_KEY_REUSED')
  })
})

describe('Results', () => {
  it('are a CSV file, too, that names nobody whom the caller may not see', async () => {
    const { operator, waiting } = await stuckPartner({ waiting: 1 })
    const stranger = await stuckPartner({ waiting: 1 })
    const userIds = [...ids(waiting), ...ids(stranger.waiting)]
    const { bulkRetryActivation } = await operator.get(BulkRetryActivationDocument, { input: { userIds, dryRun: true } })
    const id = bulkRetryActivation?.bulkOperation?.id ?? ''
    const { data } = await operator.ask<{ exportBulkResults: { downloadUrl: string; rowCount: number } }, { id: string }>(
      'mutation ($id: ID!) { exportBulkResults(input: { id: $id, locale: "it" }) { downloadUrl rowCount userErrors { code } } }',
      { id },
    )
    expect(data.exportBulkResults.rowCount).toBe(2)
    const text = await (await fetch(data.exportBulkResults.downloadUrl)).text()
    const [heading, ...rows] = parse(text, { bom: true }) as string[][]
    expect(heading).toEqual(['Utente', 'ID BroadWorks', 'Esito', 'Codici di errore', "Testo dell'errore"])
    expect(rows.map(([userId, broadworksId, outcome, code]) => [userId, broadworksId, outcome, code])).toEqual([
      [waiting[0]?.id, waiting[0]?.broadworksId, 'REFUSED', 'EMAIL_REQUIRED'],
      [stranger.waiting[0]?.id, '', 'REFUSED', 'NOT_FOUND'],
    ])
    const foreign = await stranger.operator.ask<{ exportBulkResults: { userErrors: { code: string }[] } }, { id: string }>(
      'mutation ($id: ID!) { exportBulkResults(input: { id: $id }) { userErrors { code } } }',
      { id },
    )
    expect(foreign.data.exportBulkResults.userErrors).toEqual([{ code: 'NOT_FOUND' }])
  })

  it('are pages in the order of the users, all of them or those who were refused', async () => {
    const partner = await crowd(130)
    const { bulkRetryActivation } = await partner.operator.get(BulkRetryActivationDocument, { input: { filter: {}, dryRun: true } })
    const id = bulkRetryActivation?.bulkOperation?.id ?? ''
    for (const failedOnly of [false, true]) {
      const seen: string[] = []
      let after: string | null = null
      for (;;) {
        const answer: FindBulkOperationQuery = await partner.viewer.get(FindBulkOperationDocument, { id, failedOnly, first: 30, after })
        const { results } = answer.bulkOperation as Operation
        seen.push(...results.nodes.map(({ userId }) => userId))
        expect(results.pageInfo.hasPreviousPage).toBe(after !== null)
        if (!results.pageInfo.hasNextPage) break
        after = results.pageInfo.endCursor
      }
      // Of a dry run, only those who would be refused are of interest.
      expect(seen).toHaveLength(bulkRetryActivation?.bulkOperation?.failed ?? 0)
      expect(new Set(seen).size).toBe(seen.length)
    }
  })
})

async function crowdOfSuggested({ partnerId, operator }: TestPartner, templateId: string): Promise<void> {
  for (let made = 0; made < 2; made += 1) {
    const { id } = await makeUser(operator, templateId)
    await app.platform.database.transaction(({ manager }) =>
      manager.update(ProvisionedUser, { id, partnerId }, { email: goodAddress(), emailOrigin: 'SUGGESTED' as never }),
    )
  }
}
