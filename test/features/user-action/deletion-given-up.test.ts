import { WebexConnection } from '../../../src/features/partner/webex-connection.entity'
import { timestamp } from '../../../src/shared/clock'
import { type FakeWebex, startFakeWebex } from '../../support/fakes/webex'
import { DeleteUserDocument, FindUserDocument, UserHistoryDocument } from '../../support/operations/operations.generated'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus } from '../../support/world/builders'
import { createTestClock, passTime } from '../../support/world/clock'
import { eventually } from '../../support/world/waiting'

/** Less than the lease of a job, so that no running job loses its lease. */
const STEP_MS = 30_000

const WAKE = 'wake'

const clock = createTestClock()
let webex: FakeWebex
let app: TestApp
let alice: TestPartner

beforeAll(async () => {
  webex = await startFakeWebex()
  app = await startTestApp({ clock, environment: { WEBEX_BASE_URL: webex.url, WEBEX_ACCESS_TOKEN: 'token' } })
  app.platform.queue.work(WAKE, async () => undefined)
  alice = await app.addPartner()
})
afterAll(async () => {
  await app.stop()
  await webex.stop()
})

/** Stores a connection that cannot be decrypted, as after the loss of an encryption key: every job that needs Webex fails. */
function breakConnection(): Promise<void> {
  return app.platform.database.transaction(async ({ manager }) => {
    const none = { clientId: null, encryptedClientSecret: null, encryptedRefreshToken: null, scope: null, settingHash: null }
    const times = { renewAt: null, accessTokenExpiresAt: null, updatedAt: timestamp(clock.now()) }
    const { partnerId } = alice
    await manager.insert(WebexConnection, { partnerId, baseUrl: webex.url, encryptedAccessToken: 'unreadable', ...none, ...times })
  })
}

async function mendConnection(): Promise<void> {
  await app.platform.database.transaction(({ manager }) => manager.delete(WebexConnection, { partnerId: alice.partnerId }))
}

/** Lets the pause after a failed job pass, and wakes the queue, which otherwise polls four times a second. */
async function passPause(): Promise<void> {
  const { queue, database } = app.platform
  if ((await queue.counts()).running > 0) return
  await passTime(app, clock, STEP_MS)
  await database.transaction(tx => queue.enqueue(tx, { name: WAKE, payload: {} }))
}

async function remove(userId: string): Promise<void> {
  const { deleteUser } = await alice.operator.get(DeleteUserDocument, { input: { userId } })
  expect(deleteUser).toMatchObject({ deletedUserId: userId, userErrors: [] })
}

describe('A deletion whose job fails until it is given up', () => {
  it('brings the user back in ERROR, with an audit event, and can be repeated once the cause is mended', async () => {
    const template = await makeTemplate(alice.admin, { provisioningId: 'dGVzdHM6dGVtcGxhdGU' })
    const { id } = await makeUser(alice.operator, template, { email: `anna-${nextNumber()}@example.com` })
    const live = await untilStatus(alice.operator, id, 'PROVISIONED')
    const subscriberId = live.webexSubscriberId ?? ''
    webex.next('DELETE', subscriberId, async ({ answer }) => {
      await breakConnection()
      answer(503, { message: 'Later', errors: [] })
    })
    await remove(id)

    const back = await eventually(async () => {
      await passPause()
      return (await alice.operator.get(FindUserDocument, { id })).provisionedUser
    })
    expect(back).toMatchObject({ status: 'ERROR', webexSubscriberId: subscriberId, webexPersonId: live.webexPersonId })
    expect(back.availableActions).toContain('DELETE_USER')
    expect(back.errors).toHaveLength(1)
    const { provisionedUser: history } = await alice.operator.get(UserHistoryDocument, { id })
    const [refused] = history?.auditEvents.nodes ?? []
    expect(refused).toMatchObject({ action: 'deletionRefused', actor: 'deletion' })
    expect(refused?.changes).toContainEqual({ field: 'status', before: 'PROVISIONED', after: 'ERROR' })
    await eventually(async () => (await app.platform.queue.counts()).dead === 1)

    await mendConnection()
    await remove(id)
    await eventually(async () => webex.subscribers.length === 0)
    expect((await alice.operator.get(FindUserDocument, { id })).provisionedUser).toBeNull()
  })
})
