import { createActor } from '../../support/world/actor'
import { createTestDatabase, startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { attemptsOf, callsOf, pausesOf } from '../../support/world/attempts'
import { makeTemplate, makeUser, nextNumber, untilStatus } from '../../support/world/builders'
import { createTestClock, passTime } from '../../support/world/clock'
import { type Exchange, type FakeSubscriber, type FakeWebex, startFakeWebex } from '../../support/fakes/webex'
import { ChangePackageTypeDocument, RetryActivationDocument, type UserRowFragment } from '../../support/operations/operations.generated'
import { eventually } from '../../support/world/waiting'

/** Pauses and limits are those of production; the clock passes them. Tests that share the clock run one after another. */
const clock = createTestClock()
let webex: FakeWebex
let app: TestApp
let alice: TestPartner
let template: string
/** Runs in reverse order when the tests have ended, also when one failed: what is left open keeps Jest from ending. */
const atEnd: (() => Promise<void>)[] = []

beforeAll(async () => {
  webex = await startFakeWebex()
  atEnd.push(() => webex.stop())
  app = await startTestApp({ clock, environment: { ...environment(), RETRY_PAUSE_MS: '2000' } })
  atEnd.push(() => app.stop())
  alice = await app.addPartner()
  template = await newTemplate(alice)
})
afterAll(async () => {
  for (const end of atEnd.reverse()) await end()
})

function environment(): Record<string, string> {
  return { WEBEX_BASE_URL: webex.url, WEBEX_ACCESS_TOKEN: 'token', WEBEX_CALLS_PER_SECOND: '1000' }
}

function newTemplate({ admin }: TestPartner): Promise<string> {
  return makeTemplate(admin, { provisioningId: 'dGVzdHM6dGVtcGxhdGU' })
}

function handOver(broadworksId: string, { operator }: TestPartner = alice, onTemplate = template) {
  return makeUser(operator, onTemplate, { broadworksId, email: `anna-${nextNumber()}@example.com` })
}

/** Deals with every request of this method about this subject, not with the next one only. */
function always(method: string, about: string, deal: (exchange: Exchange) => void): void {
  webex.next(method, about, exchange => {
    always(method, about, deal)
    deal(exchange)
  })
}

function heldAtWebex(broadworksId: string): FakeSubscriber {
  return webex.subscribers.findLast(({ userId }) => userId === broadworksId) as FakeSubscriber
}

/** Carries every creation of this user out and shows what it made with these fields, whenever it is asked for. */
function showCreated(broadworksId: string, fields: Record<string, unknown>): void {
  always('POST', broadworksId, exchange => {
    exchange.carryOut()
    const subscriber = heldAtWebex(broadworksId)
    always('GET', subscriber.id, ({ answer }) => answer(200, { ...subscriber, ...fields }))
    exchange.answer(200, subscriber)
  })
}

/** The code of a back end in maintenance: an error that may pass. */
const FAILED_FOR_NOW = { status: 'error', errors: [{ errorCode: 2560, description: 'Maintenance' }] }

/** The work is begun anew twice, after pauses that grow; ten minutes after the first failure the third one ends the attempt. */
async function expectEndByPolicy(userId: string, again: string[]): Promise<UserRowFragment> {
  const lastAttempt = async () => (await attemptsOf(alice, userId))[0]
  const nextPause = (count: number) =>
    eventually(async () => {
      const pauses = pausesOf(await lastAttempt())
      return pauses.length === count ? pauses[count - 1] : null
    })
  // Two seconds, then three times as many, give or take a quarter.
  expect(await nextPause(1)).toBeLessThanOrEqual(3)
  await passTime(app, clock, 3000)
  expect(await nextPause(2)).toBeGreaterThan(3)
  await passTime(app, clock, 10 * 60_000)
  const failed = await untilStatus(alice.viewer, userId, 'ERROR')
  expect(callsOf(await lastAttempt()).slice(2)).toEqual([...again, ...again])
  return failed
}

describe('work at Webex that ends again and again in an error that may pass', () => {
  it('is begun anew as often as the retry policy allows for a creation, which ends in ERROR', async () => {
    const broadworksId = `user-${nextNumber()}`
    showCreated(broadworksId, FAILED_FOR_NOW)
    const { id } = await handOver(broadworksId)
    const failed = await expectEndByPolicy(id, ['re-read 200', 'delete 204', 'create 200', 'follow 200'])
    expect(failed).toMatchObject({ errors: [{ code: 2560 }], diagnosis: { nextAttemptAt: expect.any(String) as string } })
  })

  it('is begun anew as often as the retry policy allows for an update, which ends in ERROR', async () => {
    const { id } = await handOver(`user-${nextNumber()}`)
    const live = await untilStatus(alice.viewer, id, 'PROVISIONED')
    const subscriber = heldAtWebex(live.broadworksId)
    always('PUT', subscriber.id, ({ answer }) => answer(200, { ...subscriber, status: 'updating' }))
    always('GET', subscriber.id, ({ answer }) => answer(200, { ...subscriber, ...FAILED_FOR_NOW }))
    await alice.operator.get(ChangePackageTypeDocument, { input: { userId: id, packageType: 'PREMIUM' } })
    const failed = await expectEndByPolicy(id, ['look-up 200', 'update 200', 'follow 200'])
    expect(failed).toMatchObject({ webexPersonId: live.webexPersonId, errors: [{ code: 2560 }] })
  })
})

describe('work at Webex that never ends', () => {
  it('is followed for six hours, and then ends the attempt in ERROR', async () => {
    const broadworksId = `user-${nextNumber()}`
    showCreated(broadworksId, { status: 'provisioning' })
    const { id } = await handOver(broadworksId)
    const untilPolled = async () => {
      const since = clock.now().toISOString()
      const [attempt] = await eventually(async () => {
        const attempts = await attemptsOf(alice, id)
        const last = attempts[0]?.steps.at(-1)
        return last?.name === 'follow' && (last.endedAt ?? '') >= since ? attempts : null
      })
      return attempt
    }
    await untilPolled()
    await passTime(app, clock, 6 * 3_600_000 - 60_000)
    expect(await untilPolled()).toMatchObject({ outcome: 'RUNNING' })
    await passTime(app, clock, 60_000)
    expect(await untilPolled()).toMatchObject({
      outcome: 'FAILED',
      steps: [{ name: 'create' }, { name: 'follow', message: 'Webex has not finished for hours.' }],
    })
    const failed = await untilStatus(alice.viewer, id, 'ERROR')
    expect(failed).toMatchObject({ errors: [{ code: null, httpStatus: null }], diagnosis: { retryable: true } })
  })
})

describe('a look before a deletion', () => {
  it('is made again after 60 seconds, and keeps a user who became live meanwhile', async () => {
    const database = await createTestDatabase()
    atEnd.push(() => database.remove())
    const stopped = await startTestApp({ clock, environment: environment(), database })
    const bob = await stopped.addPartner()
    const broadworksId = `user-${nextNumber()}`
    webex.next('POST', broadworksId, exchange => {
      exchange.carryOut()
      const made = heldAtWebex(broadworksId)
      webex.next('GET', made.id, ({ answer }) => answer(200, { ...made, status: 'error', errors: [{ errorCode: 200039 }] }))
      exchange.answer(200, made)
    })
    const { id } = await handOver(broadworksId, bob, await newTemplate(bob))
    await untilStatus(bob.viewer, id, 'ERROR')
    const subscriber = heldAtWebex(broadworksId)
    let hasLooked = false
    webex.next('GET', subscriber.id, ({ answer }) => {
      // The server stops between the look and the deletion. By itself Webex provisions the user until it is asked again.
      void stopped.platform.queue.stop()
      answer(200, { ...subscriber, status: 'error', errors: [{ errorCode: 200039 }] })
      hasLooked = true
    })
    await bob.operator.get(RetryActivationDocument, { input: { userId: id } })
    await eventually(async () => hasLooked)
    await stopped.stop()
    clock.moveAhead(60_001)

    const started = await startTestApp({ clock, environment: environment(), database })
    atEnd.push(() => started.stop())
    const viewer = createActor(started.url, bob.viewer.token)
    expect(await untilStatus(viewer, id, 'PROVISIONED')).toMatchObject({ webexSubscriberId: subscriber.id })
    expect(callsOf((await attemptsOf({ operator: viewer }, id))[0])).toEqual(['re-read 200', 're-read 200'])
    expect(webex.requests).not.toContain(`DELETE /broadworks/subscribers/${subscriber.id}`)
  })
})
