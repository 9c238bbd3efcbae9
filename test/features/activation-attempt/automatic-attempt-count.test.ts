import { UserStatus } from '../../../src/provisioning/lifecycle'
import { type Exchange, type FakeSubscriber, type FakeWebex, startFakeWebex } from '../../support/fakes/webex'
import { ChangePackageTypeDocument, FindUserDocument, type UserRowFragment } from '../../support/operations/operations.generated'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus } from '../../support/world/builders'
import { createTestClock, passTime } from '../../support/world/clock'
import { runSync } from '../../support/world/sync'
import { eventually } from '../../support/world/waiting'

const MINUTE_MS = 60_000
const FIRST_PAUSE_MS = 15 * MINUTE_MS

const clock = createTestClock()
let webex: FakeWebex
let app: TestApp
let alice: TestPartner
let template: string

beforeAll(async () => {
  webex = await startFakeWebex()
  const environment = { WEBEX_BASE_URL: webex.url, WEBEX_ACCESS_TOKEN: 'token', RETRY_PAUSE_MS: '2000' }
  app = await startTestApp({ clock, environment })
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin, { provisioningId: 'dGVzdHM6dGVtcGxhdGU' })
})
afterAll(async () => {
  await app.stop()
  await webex.stop()
})

/** Ends the attempt at once: the pause is longer than an attempt may last. */
function unavailable({ answer }: Exchange): void {
  answer(503, { message: 'HTTP 503', errors: [] }, { 'retry-after': '601' })
}

/** Accepts the next creation of this user, and responds to the requests after it in this order. */
function accept(broadworksId: string, ...responses: ((subscriber: FakeSubscriber) => (exchange: Exchange) => void)[]): void {
  webex.next('POST', broadworksId, ({ carryOut, answer }) => {
    carryOut()
    const subscriber = webex.subscribers.find(({ userId }) => userId === broadworksId) as FakeSubscriber
    for (const respond of responses) webex.next('GET', subscriber.id, respond(subscriber))
    answer(200, subscriber)
  })
}

const shown =
  (fields: Partial<FakeSubscriber>) =>
  (subscriber: FakeSubscriber) =>
  ({ answer }: Exchange) =>
    answer(200, { ...subscriber, ...fields })

function make(broadworksId: string) {
  return makeUser(alice.operator, template, { broadworksId, email: `anna-${nextNumber()}@example.com` })
}

/** Waits until an attempt that is not planned for `earlier` is planned. */
function untilPlanned(id: string, earlier: string | null = null): Promise<UserRowFragment & { nextAttemptAt: string }> {
  return eventually(async () => {
    const { provisionedUser: user } = await alice.viewer.get(FindUserDocument, { id })
    const nextAttemptAt = user?.diagnosis?.nextAttemptAt
    return user && nextAttemptAt && nextAttemptAt !== earlier ? { ...user, nextAttemptAt } : null
  })
}

const passTimeUntil = (time: string) => passTime(app, clock, Date.parse(time) - clock.now().getTime() + 1)

/** Expects the first pause, which varies by a quarter; the second one is four times as long. */
function expectFirstPause({ nextAttemptAt, lastStatusChange }: { nextAttemptAt: string; lastStatusChange: string }): void {
  const pauseMs = Date.parse(nextAttemptAt) - Date.parse(lastStatusChange)
  expect(Math.abs(pauseMs - FIRST_PAUSE_MS)).toBeLessThanOrEqual(FIRST_PAUSE_MS / 4 + MINUTE_MS)
}

describe('The pauses between automatic attempts begin again with the first one', () => {
  it('after the user became live', async () => {
    const broadworksId = `user-${nextNumber()}`
    accept(broadworksId, () => unavailable)
    const { id } = await make(broadworksId)
    const failed = await untilPlanned(id)
    expectFirstPause(failed)
    // Sent by the server itself as soon as the user is live.
    await alice.operator.get(ChangePackageTypeDocument, { input: { userId: id, packageType: 'PREMIUM' } })
    webex.next('PUT', failed.webexSubscriberId ?? '', unavailable)
    await passTimeUntil(failed.nextAttemptAt)
    const failedAgain = await untilPlanned(id, failed.nextAttemptAt)
    expect(failedAgain.webexPersonId).not.toBeNull()
    expectFirstPause(failedAgain)
  })

  it('after Webex asked the owner of the address for consent', async () => {
    const broadworksId = `user-${nextNumber()}`
    webex.next('POST', broadworksId, unavailable)
    const { id } = await make(broadworksId)
    const failed = await untilPlanned(id)
    const live = { status: 'provisioned', personId: `person-${nextNumber()}` }
    accept(broadworksId, shown({ status: 'pending_user_migration' }), shown(live), () => unavailable)
    await passTimeUntil(failed.nextAttemptAt)
    await untilStatus(alice.viewer, id, 'PENDING_USER_MIGRATION')
    await passTime(app, clock, MINUTE_MS)
    expectFirstPause(await untilPlanned(id, failed.nextAttemptAt))
  })

  it('after a sync found the user live', async () => {
    const broadworksId = `user-${nextNumber()}`
    accept(
      broadworksId,
      () => unavailable,
      () => unavailable,
    )
    const { id } = await make(broadworksId)
    const failed = await untilPlanned(id)
    await passTimeUntil(failed.nextAttemptAt)
    const { webexSubscriberId } = await untilPlanned(id, failed.nextAttemptAt)
    const subscriber = webex.subscribers.find(each => each.id === webexSubscriberId) as FakeSubscriber
    Object.assign(subscriber, { status: 'provisioned', personId: `person-${nextNumber()}` })
    await runSync(alice)
    await untilStatus(alice.viewer, id, UserStatus.PROVISIONED)

    // A change made in Partner Hub.
    Object.assign(subscriber, { status: 'updating' })
    webex.next('GET', subscriber.id, unavailable)
    await runSync(alice)
    expectFirstPause(await untilPlanned(id))
  })
})
