import { randomUUID } from 'node:crypto'
import { Role } from '../../../src/auth/viewer'
import { ActivationAttempt } from '../../../src/features/activation-attempt/activation-attempt.entity'
import { ProvisionedUser } from '../../../src/features/provisioned-user/provisioned-user.entity'
import { personId } from '../../../src/webex/webex-identifiers'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus } from '../../support/world/builders'
import { DeleteUserDocument, RetryActivationDocument, StartSyncDocument, SyncDocument } from '../../support/operations/operations.generated'
import { ENTERPRISE, putAtWebex, runSync, subscriberRow, type SyncedUser, syncedUser, syncedUsers, webexOf } from '../../support/world/sync'
import { countRows } from '../../support/database/table-dump'
import { eventually } from '../../support/world/waiting'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.stop())

const daysAgo = (days: number) => new Date(Date.now() - days * 24 * 3_600_000).toISOString()

async function rowOf({ id }: Pick<SyncedUser, 'id'>): Promise<ProvisionedUser> {
  return app.platform.database.reader.findOneByOrFail(ProvisionedUser, { id })
}

async function theUser(partner: TestPartner, broadworksId: string): Promise<SyncedUser> {
  const user = await syncedUser(partner, broadworksId)
  if (!user) throw new Error(`${broadworksId} is not there.`)
  return user
}

/** Changes a user past the lifecycle, to show that a sync leaves the row alone or puts it right. */
async function bend({ id }: { id: string }, columns: Partial<ProvisionedUser>): Promise<void> {
  await app.platform.database.transaction(({ manager }) => manager.update(ProvisionedUser, { id }, columns as object))
}

/** Waits until Webex has done what it was told to. */
async function untilDone(partner: TestPartner, subscriberId: string): Promise<void> {
  const webex = await webexOf(app, partner)
  await eventually(async () => (await webex.getSubscriber(subscriberId)).value.status === 'provisioned')
}

describe('the first sync', () => {
  it('takes over every page of what Webex has: customers with their organisation, templates, and users', async () => {
    const alice = await app.addPartner()
    const rows = Array.from({ length: 230 }, (_, index) =>
      subscriberRow({ spEnterpriseId: `SP1+site${index % 3}`, provisioningId: index % 3 === 2 ? 'dHdvOnR3bw' : 'b25lOm9uZQ' }),
    )
    putAtWebex(app, alice, rows)
    expect(await runSync(alice)).toMatchObject({
      state: 'IDLE',
      phase: null,
      full: true,
      enterprises: 3,
      subscribers: 230,
      created: 230,
      updated: 0,
      deleted: 0,
      skipped: 0,
      error: null,
      nextRunAt: null,
    })
    const [user] = await syncedUsers(alice)
    expect(user?.customer).toMatchObject({ spEnterpriseId: 'SP1+site0', name: 'site0', webexOrgId: expect.stringMatching(/^\S{20,}$/) })
    expect(user?.onboardingTemplate).toMatchObject({ name: 'b25lOm9uZQ', provisioningId: 'b25lOm9uZQ', imported: true, countryCode: null })
    expect(user?.onboardingTemplate.userVerification.checks).toContainEqual({ code: 'SETTINGS_KNOWN', passed: false })
    const other = (await syncedUsers(alice)).find(({ customer }) => customer.spEnterpriseId === 'SP1+site2')
    expect(other?.onboardingTemplate.provisioningId).toBe('dHdvOnR3bw')
  })

  it('takes a user over with all that Webex tells, and says in the audit log that the sync did it', async () => {
    const alice = await app.addPartner()
    const row = subscriberRow({ mobilePhoneNumber: '+39-333-5550123', extension: '4711', package: 'premium', selfActivated: true })
    putAtWebex(app, alice, [row])
    await runSync(alice)
    const user = await theUser(alice, row.userId)
    expect(user).toMatchObject({
      webexSubscriberId: row.id,
      webexPersonId: row.personId,
      firstName: 'Anna',
      lastName: 'Rossi',
      email: row.email,
      primaryPhoneNumber: '+39-02-5550123',
      mobilePhoneNumber: '+39-333-5550123',
      extension: '4711',
      packageType: 'PREMIUM',
      status: 'PROVISIONED',
      selfActivated: true,
      createdAt: row.created,
      lastStatusChange: row.lastStatusChange,
      attempts: { nodes: [] },
      auditEvents: { nodes: [{ actor: 'sync', action: 'foundAtWebex' }] },
    })
    expect((await rowOf(user)).emailOrigin).toBe('CONFIRMED')
  })

  it.each([
    ['pending_email_input', 'PENDING_EMAIL_INPUT'],
    ['pending_email_validation', 'PENDING_EMAIL_VALIDATION'],
    ['pending_user_migration', 'PENDING_USER_MIGRATION'],
    ['error', 'ERROR'],
  ] as const)('takes %s over, with an address that nobody here has confirmed', async (status, expected) => {
    const alice = await app.addPartner()
    const errors = status === 'error' ? [{ errorCode: 10022, description: 'The ID is taken' }] : []
    const row = subscriberRow({ status, errors, email: status === 'pending_email_input' ? null : `b.${nextNumber()}@example.com` })
    putAtWebex(app, alice, [row])
    await runSync(alice)
    const user = await theUser(alice, row.userId)
    expect(user).toMatchObject({ status: expected, email: row.email, webexPersonId: null })
    expect(user.errors).toEqual(errors.map(({ errorCode, description }) => ({ code: errorCode, upstreamText: description })))
    expect((await rowOf(user)).emailOrigin).toBe(row.email === null ? null : 'SYNCED')
  })

  it.each(['provisioning', 'updating'] as const)('follows a user whom Webex is %s, to the end', async status => {
    const alice = await app.addPartner()
    const row = subscriberRow({ status, dueAt: new Date(Date.now() + 2500).toISOString() })
    putAtWebex(app, alice, [row])
    await runSync(alice)
    const { id } = await theUser(alice, row.userId)
    await untilStatus(alice.viewer, id, 'PROVISIONED')
    expect((await theUser(alice, row.userId)).attempts.nodes).toEqual([{ trigger: 'AUTOMATIC', actor: 'sync', outcome: 'PROVISIONED' }])
  })

  it('gives an address that two users have at Webex to the first, and keeps it unconfirmed for the other', async () => {
    const alice = await app.addPartner()
    const email = `both.${nextNumber()}@example.com`
    const [first, second] = [subscriberRow({ email }), subscriberRow({ email: email.toUpperCase(), created: daysAgo(1) })]
    putAtWebex(app, alice, [first, second])
    await runSync(alice)
    expect((await rowOf(await theUser(alice, first.userId))).emailOrigin).toBe('CONFIRMED')
    const other = await theUser(alice, second.userId)
    expect(other.email).toBe(email.toUpperCase())
    expect(await rowOf(other)).toMatchObject({ emailOrigin: 'SYNCED', trustedEmailKey: null })
  })

  it('puts users on the templates and customers that are here already', async () => {
    const alice = await app.addPartner()
    const template = await makeTemplate(alice.admin, { provisioningId: ENTERPRISE.provisioningId })
    const known = await makeUser(alice.operator, template, { spEnterpriseId: ENTERPRISE.spEnterpriseId, customerName: 'Acme Inc.' })
    const row = subscriberRow()
    putAtWebex(app, alice, [row])
    expect(await runSync(alice)).toMatchObject({ created: 1 })
    const user = await theUser(alice, row.userId)
    expect(user.onboardingTemplate).toMatchObject({ id: template, imported: false })
    expect(user.customer).toMatchObject({ id: known.customer.id, name: 'Acme Inc.', webexOrgId: expect.any(String) })
  })
})

describe('a later sync', () => {
  it('reads only what changed since, and lets Webex win', async () => {
    const alice = await app.addPartner()
    const rows = [subscriberRow({ lastStatusChange: daysAgo(1) }), ...Array.from({ length: 30 }, () => subscriberRow())]
    putAtWebex(app, alice, rows)
    await runSync(alice)
    const changed = rows[5]
    if (!changed) throw new Error()
    const webex = await webexOf(app, alice)
    await webex.updateSubscriber(changed.id, { firstName: 'Chiara', extension: '99', primaryPhoneNumber: '', package: 'basic' })
    await untilDone(alice, changed.id)

    expect(await runSync(alice)).toMatchObject({ full: false, enterprises: 0, subscribers: 2, created: 0, updated: 1, skipped: 0 })
    const user = await theUser(alice, changed.userId)
    expect(user).toMatchObject({ firstName: 'Chiara', extension: '99', primaryPhoneNumber: null, packageType: 'BASIC' })
    expect(user.auditEvents.nodes).toContainEqual({ actor: 'sync', action: 'changedAtWebex' })
  })

  it('writes nothing when nothing differs', async () => {
    const alice = await app.addPartner()
    const status = 'error'
    putAtWebex(app, alice, [
      subscriberRow(),
      subscriberRow({ status: 'pending_email_input', email: null }),
      subscriberRow({ status, errors: [{ errorCode: 1, description: 'One' }] }),
      subscriberRow({ status }),
    ])
    await runSync(alice)
    const before = [await syncedUsers(alice), await countRows(app.platform, 'audit_event')]
    expect(await runSync(alice, { full: true })).toMatchObject({
      full: true,
      subscribers: 4,
      created: 0,
      updated: 0,
      deleted: 0,
      skipped: 0,
    })
    // Asking for it is on record itself.
    expect([await syncedUsers(alice), (await countRows(app.platform, 'audit_event')) - 1]).toEqual(before)
  })

  it('takes over status, errors and person of a user from here, and an address where there is none', async () => {
    const alice = await app.addPartner()
    const [one, two] = [subscriberRow(), subscriberRow({ email: null, status: 'pending_email_input' })]
    putAtWebex(app, alice, [one, two])
    await runSync(alice)
    const [first, second] = [await theUser(alice, one.userId), await theUser(alice, two.userId)]
    const error = { code: 1, httpStatus: null, upstreamText: 'Old', trackingId: null }
    await bend(first, {
      status: 'ERROR',
      upstreamErrors: [error],
      webexPersonId: null,
      unfinished: true,
    } as never)
    await bend(second, { status: 'ERROR', upstreamErrors: [error], email: null } as never)

    expect(await runSync(alice, { full: true })).toMatchObject({ updated: 2 })
    expect(await theUser(alice, one.userId)).toMatchObject({
      id: first.id,
      status: 'PROVISIONED',
      errors: [],
      webexPersonId: one.personId,
    })
    expect(await theUser(alice, two.userId)).toMatchObject({ id: second.id, status: 'PENDING_EMAIL_INPUT', errors: [] })

    const given = subscriberRow({ email: `given.${nextNumber()}@example.com` })
    putAtWebex(app, alice, [given])
    await runSync(alice)
    await bend(await theUser(alice, given.userId), { email: null, emailOrigin: null, trustedEmailKey: null })
    await runSync(alice, { full: true })
    const filled = await theUser(alice, given.userId)
    expect(filled.email).toBe(given.email)
    expect((await rowOf(filled)).emailOrigin).toBe('CONFIRMED')
  })

  it.each([
    ['provisioned', true, 'CONFIRMED'],
    ['updating', true, 'CONFIRMED'],
    ['provisioned', false, 'SYNCED'],
  ] as const)('takes the address under which Webex has a user %s (free: %s), and keeps it as %s', async (status, isFree, emailOrigin) => {
    const alice = await app.addPartner()
    const email = `live.${nextNumber()}@example.com`
    const row = subscriberRow({ status, email, ...(status === 'updating' ? { dueAt: new Date(Date.now() + 600_000).toISOString() } : {}) })
    putAtWebex(app, alice, [...(isFree ? [] : [subscriberRow({ email, created: daysAgo(30) })]), row])
    await runSync(alice)
    const { id } = await theUser(alice, row.userId)
    const own = { email: 'own@example.com', emailOrigin: 'VOUCHED', trustedEmailKey: 'own@example.com' }
    await app.platform.database.transaction(({ manager }) => manager.delete(ActivationAttempt, { provisionedUserId: id }))
    await bend({ id }, own as never)
    expect(await runSync(alice, { full: true })).toMatchObject({ updated: 1 })
    expect(await rowOf({ id })).toMatchObject({ email, emailOrigin, trustedEmailKey: isFree ? email : null })
  })

  it('keeps an address on record while its user is not live at Webex', async () => {
    const alice = await app.addPartner()
    const row = subscriberRow({ status: 'pending_email_validation' })
    putAtWebex(app, alice, [row])
    await runSync(alice)
    const { id } = await theUser(alice, row.userId)
    await bend({ id }, { email: 'own@example.com' })
    expect(await runSync(alice, { full: true })).toMatchObject({ updated: 0 })
    expect(await rowOf({ id })).toMatchObject({ email: 'own@example.com', emailOrigin: 'SYNCED' })
  })

  it.each(['error', 'updating'] as const)('lets those go on who wait for a first user whom Webex has %s, with a person', async status => {
    const alice = await app.addPartner()
    const { provisioningId } = ENTERPRISE
    const template = await makeTemplate(alice.admin, { provisioningId, userVerification: { provisionAdminFirst: true } })
    const row = subscriberRow({ status: 'pending_user_migration' })
    putAtWebex(app, alice, [row])
    await runSync(alice)
    const waiting = await makeUser(alice.operator, template, { spEnterpriseId: row.spEnterpriseId })
    const email = `waits.${nextNumber()}@example.com`
    const confirmed = { status: 'PENDING_EMAIL_VALIDATION', email, emailOrigin: 'CONFIRMED', trustedEmailKey: email }
    await bend(waiting, { ...confirmed, emailConfirmedAt: new Date().toISOString() } as never)
    const later = status === 'updating' ? { dueAt: new Date(Date.now() + 600_000).toISOString() } : {}
    await (await webexOf(app, alice)).deleteSubscriber(row.id)
    putAtWebex(app, alice, [{ ...row, status, personId: personId(randomUUID()), ...later }])
    expect(await runSync(alice, { full: true })).toMatchObject({ updated: 1 })
    await untilStatus(alice.viewer, waiting.id, 'PROVISIONED')
  })

  it('never touches a user who is held only here, whatever Webex has under the BroadWorks ID', async () => {
    const alice = await app.addPartner()
    const template = await makeTemplate(alice.admin)
    const local = await makeUser(alice.operator, template, { firstName: 'Local' })
    putAtWebex(app, alice, [subscriberRow({ userId: local.broadworksId.toUpperCase() })])
    const before = await rowOf(local)
    expect(await runSync(alice, { full: true })).toMatchObject({ subscribers: 1, created: 0, updated: 0, deleted: 0, skipped: 1 })
    expect(await rowOf(local)).toEqual(before)
    expect(await syncedUsers(alice)).toHaveLength(1)
  })

  it('never touches a user whom an attempt is at work on', async () => {
    const alice = await app.addPartner()
    const template = await makeTemplate(alice.admin)
    const { id } = await makeUser(alice.operator, template, { email: `slow-600-${nextNumber()}@example.com` })
    await eventually(async () => (await rowOf({ id })).webexSubscriberId)
    // Without the attempt, the sync would put this right.
    await bend({ id }, { lastName: 'Bent', updatedAt: daysAgo(1) })
    expect(await runSync(alice, { full: true })).toMatchObject({ subscribers: 1, updated: 0, deleted: 0, skipped: 1 })
    expect(await rowOf({ id })).toMatchObject({ lastName: 'Bent', status: 'PROVISIONING' })
  })

  it('follows a user who is at work here without an attempt', async () => {
    const alice = await app.addPartner()
    const row = subscriberRow()
    putAtWebex(app, alice, [row])
    await runSync(alice)
    const user = await theUser(alice, row.userId)
    const webex = await webexOf(app, alice)
    await webex.updateSubscriber(row.id, { firstName: 'Chiara' })
    await runSync(alice)
    expect(await untilStatus(alice.viewer, user.id, 'PROVISIONED')).toMatchObject({ firstName: 'Chiara' })
  })

  it('brings to Webex what was recorded for a user who became live there meanwhile', async () => {
    const alice = await app.addPartner()
    const row = subscriberRow()
    putAtWebex(app, alice, [row])
    await runSync(alice)
    const { id } = await theUser(alice, row.userId)
    const recorded = { requestedPackageType: 'PREMIUM', requestedProfile: { firstName: 'Recorded' }, firstName: 'Recorded' }
    await bend({ id }, { status: 'PENDING_USER_MIGRATION', unfinished: true, webexPersonId: null, ...recorded } as never)
    await runSync(alice, { full: true })
    const user = await eventually(async () => {
      const current = await theUser(alice, row.userId)
      return current.status === 'PROVISIONED' && current.requestedPackageType === null ? current : null
    })
    expect(user).toMatchObject({ id, firstName: 'Recorded', packageType: 'PREMIUM' })
    const webex = await webexOf(app, alice)
    expect((await webex.getSubscriber(row.id)).value).toMatchObject({ firstName: 'Recorded', package: 'premium' })
  })

  it('leaves an update that Webex refused to a person: only we know of it', async () => {
    const alice = await app.addPartner()
    const row = subscriberRow()
    putAtWebex(app, alice, [row])
    await runSync(alice)
    const user = await theUser(alice, row.userId)
    const upstreamErrors = [{ code: 1002, httpStatus: 400, upstreamText: 'Too long', trackingId: null }]
    await bend(user, { status: 'ERROR', unfinished: true, upstreamErrors, requestedPackageType: 'PREMIUM' } as never)
    expect(await runSync(alice, { full: true })).toMatchObject({ updated: 0 })
    expect(await theUser(alice, row.userId)).toMatchObject({ status: 'ERROR', errors: [{ code: 1002 }], requestedPackageType: 'PREMIUM' })
    await (await webexOf(app, alice)).updateSubscriber(row.id, { package: 'premium' })
    await untilDone(alice, row.id)
    await runSync(alice)
    expect(await theUser(alice, row.userId)).toMatchObject({ status: 'PROVISIONED', errors: [], requestedPackageType: null })
  })

  it('shows a user under the BroadWorks ID that was given at Webex', async () => {
    const alice = await app.addPartner()
    const row = subscriberRow()
    putAtWebex(app, alice, [row])
    await runSync(alice)
    const { id } = await theUser(alice, row.userId)
    await bend({ id }, { broadworksId: 'old@provider.example', broadworksIdKey: 'old@provider.example' })
    await runSync(alice, { full: true })
    expect((await theUser(alice, row.userId)).id).toBe(id)
  })
})

describe('a full sync', () => {
  it('deletes whom Webex does not have any more, which a sync of changes cannot see', async () => {
    const alice = await app.addPartner()
    const [kept, gone] = [subscriberRow(), subscriberRow()]
    putAtWebex(app, alice, [kept, gone])
    await runSync(alice)
    const user = await theUser(alice, gone.userId)
    await (await webexOf(app, alice)).deleteSubscriber(gone.id)

    expect(await runSync(alice)).toMatchObject({ full: false, deleted: 0 })
    expect(await syncedUser(alice, gone.userId)).toBeDefined()
    expect(await runSync(alice, { full: true })).toMatchObject({ full: true, deleted: 1, updated: 0 })
    expect((await syncedUsers(alice)).map(({ broadworksId }) => broadworksId)).toEqual([kept.userId])
    expect(await rowOf(user)).toMatchObject({ deletedAt: expect.any(String), deletionEndedAt: expect.any(String) })
    expect(await countRows(app.platform, 'sync_sighting')).toBe(0)
    const { data } = await alice.admin.ask<{ auditEvents: { nodes: { actor: string; action: string }[] } }, { ids: string[] }>(
      'query ($ids: [ID!]!) { auditEvents(first: 1, filter: { targetIds: $ids }) { nodes { actor action } } }',
      { ids: [user.id] },
    )
    expect(data.auditEvents.nodes).toEqual([{ actor: 'sync', action: 'goneAtWebex' }])
  })

  it('leaves alone who is held only here or being changed from here, and lets them be handed over again when they are gone', async () => {
    const alice = await app.addPartner()
    const template = await makeTemplate(alice.admin)
    const local = await makeUser(alice.operator, template)
    const busy = await makeUser(alice.operator, template, { email: `slow-600-${nextNumber()}@example.com` })
    const live = await makeUser(alice.operator, template, { email: `live.${nextNumber()}@example.com` })
    await untilStatus(alice.viewer, live.id, 'PROVISIONED')
    const webex = await webexOf(app, alice)
    const atWebex = await eventually(async () => {
      const { items } = (await webex.listSubscribers()).value
      return items.length === 2 ? items : null
    })
    for (const { id } of atWebex) await webex.deleteSubscriber(id)
    expect(await runSync(alice, { full: true })).toMatchObject({ deleted: 1 })
    expect((await syncedUsers(alice)).map(({ id }) => id).sort()).toEqual([local.id, busy.id].sort())
    const again = await makeUser(alice.operator, template, { broadworksId: live.broadworksId })
    expect(again.id).not.toBe(live.id)
  })
})

describe('who was deleted here', () => {
  it('is not brought back', async () => {
    const alice = await app.addPartner()
    const row = subscriberRow()
    putAtWebex(app, alice, [row])
    await runSync(alice)
    const user = await theUser(alice, row.userId)
    await alice.operator.get(DeleteUserDocument, { input: { userId: user.id } })
    await eventually(async () => (await rowOf(user)).deletionEndedAt)
    // Webex shows the subscriber again, as a list that is behind would.
    putAtWebex(app, alice, [row])
    expect(await runSync(alice, { full: true })).toMatchObject({ subscribers: 1, created: 0, skipped: 1 })
    expect(await syncedUsers(alice)).toEqual([])
  })
})

describe('a retry of a user whom the sync found', () => {
  it('replaces the subscriber, and the next sync finds nothing to do', async () => {
    const alice = await app.addPartner()
    const row = subscriberRow({ status: 'error', errors: [{ errorCode: 10022, description: 'Taken' }] })
    putAtWebex(app, alice, [row])
    await runSync(alice)
    const { id } = await theUser(alice, row.userId)
    const { retryActivation } = await alice.operator.get(RetryActivationDocument, {
      input: { userId: id, email: `again.${nextNumber()}@example.com` },
    })
    expect(retryActivation?.userErrors).toEqual([])
    await untilStatus(alice.viewer, id, 'PROVISIONED')
    expect((await theUser(alice, row.userId)).webexSubscriberId).not.toBe(row.id)
    expect(await runSync(alice, { full: true })).toMatchObject({ created: 0, updated: 0, deleted: 0 })
  })
})

it('deletes in full runs only, so only those may be told to delete however many', async () => {
  const alice = await app.addPartner()
  const { startSync } = await alice.admin.get(StartSyncDocument, { input: { allowDeletions: true } })
  expect(startSync).toMatchObject({ sync: null, userErrors: [{ code: 'INVALID', field: ['allowDeletions'] }] })
  expect((await alice.viewer.get(SyncDocument)).sync.startedAt).toBeNull()
})

describe('the state of the sync', () => {
  it('is IDLE before the first run', async () => {
    const alice = await app.addPartner()
    expect((await alice.viewer.get(SyncDocument)).sync).toMatchObject({ state: 'IDLE', startedAt: null, lastFullSyncAt: null, created: 0 })
  })

  it('is of the whole partner, so a token for some customers may neither see it nor start one', async () => {
    const alice = await app.addPartner()
    const { customer } = await makeUser(alice.operator, await makeTemplate(alice.admin))
    const restricted = await app.addToken(alice.partnerId, Role.ADMIN, [customer.id])
    expect((await restricted.ask(SyncDocument)).errors).toMatchObject([{ path: ['sync'], extensions: { code: 'FORBIDDEN' } }])
    const { errors } = await restricted.ask(StartSyncDocument, { input: {} })
    expect(errors).toMatchObject([{ path: ['startSync'], extensions: { code: 'FORBIDDEN' } }])
    expect((await alice.viewer.get(SyncDocument)).sync.startedAt).toBeNull()
  })
})
