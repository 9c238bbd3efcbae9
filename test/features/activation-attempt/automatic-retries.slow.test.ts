import { ProvisionedUser } from '../../../src/features/provisioned-user/provisioned-user.entity'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { attemptsOf, callsOf, pausesOf } from '../../support/world/attempts'
import { makeTemplate, makeUser, nextNumber, untilStatus } from '../../support/world/builders'
import { createTestClock, passTime } from '../../support/world/clock'
import { type Exchange, type FakeSubscriber, type FakeWebex, startFakeWebex } from '../../support/fakes/webex'
import {
  ChangePackageTypeDocument,
  DeleteUserDocument,
  type Fixer,
  FindUserDocument,
  ListUsersDocument,
  RetryActivationDocument,
  type UserRowFragment,
  UserHistoryDocument,
  type UserStatus,
} from '../../support/operations/operations.generated'
import { eventually } from '../../support/world/waiting'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** More than the ten minutes within which an attempt tries again: it ends at its first failure. */
const TOO_LONG_S = 601

let webex: FakeWebex
/** Pauses of some milliseconds. */
let quick: TestApp
let alice: TestPartner
/** Pauses as they are by default, which pass when a test says so: what is tested here is tested one after another. */
let patient: TestApp
let bob: TestPartner
const clock = createTestClock()
const templates = new Map<TestPartner, string>()

beforeAll(async () => {
  webex = await startFakeWebex()
  const environment = { WEBEX_BASE_URL: webex.url, WEBEX_ACCESS_TOKEN: 'token', WEBEX_CALLS_PER_SECOND: '1000' }
  quick = await startTestApp({ environment })
  patient = await startTestApp({ clock, environment: { ...environment, RETRY_PAUSE_MS: '2000' } })
  alice = await quick.addPartner()
  bob = await patient.addPartner('Bob Telecom')
  for (const partner of [alice, bob]) templates.set(partner, await makeTemplate(partner.admin, { provisioningId: 'dGVzdHM6dGVtcGxhdGU' }))
})
afterAll(async () => {
  await quick.stop()
  await patient.stop()
  await webex.stop()
})

function newId(): string {
  return `user-${nextNumber()}`
}

/** Hands a user over with an address, so that the creation begins. */
function hand({ operator }: TestPartner, broadworksId: string) {
  return makeUser(operator, templates.get(operator === bob.operator ? bob : alice) ?? '', {
    broadworksId,
    email: `anna-${nextNumber()}@example.com`,
  })
}

async function retry({ operator }: TestPartner, userId: string): Promise<void> {
  const { retryActivation } = await operator.get(RetryActivationDocument, { input: { userId } })
  expect(retryActivation).toMatchObject({ provisionedUser: { diagnosis: { nextAttemptAt: null } }, userErrors: [] })
}

function heldAtWebex(broadworksId: string): FakeSubscriber[] {
  return webex.subscribers.filter(({ userId }) => userId === broadworksId)
}

type Deal = (exchange: Exchange) => void

function failing(status: number, headers: Record<string, string> = {}): Deal {
  return ({ answer }) => answer(status, { message: `HTTP ${status}`, errors: [], trackingId: `FAKE_${status}` }, headers)
}

/** The next creation of this user is accepted, and the work behind it ends in an error. */
function failInBackground(broadworksId: string, errorCode: number, looks = 1): void {
  webex.next('POST', broadworksId, exchange => {
    exchange.carryOut()
    const [subscriber] = heldAtWebex(broadworksId) as [FakeSubscriber]
    const failed = { ...subscriber, status: 'error', errors: [{ errorCode, description: 'As told' }] }
    for (let look = 0; look < looks; look += 1) webex.next('GET', subscriber.id, ({ answer }) => answer(200, failed))
    exchange.answer(200, subscriber)
  })
}

describe('a creation that fails for the time being', () => {
  it.concurrent.each<[string, number | null, Deal]>([
    ['a broken connection', null, ({ drop }) => drop()],
    ['HTTP 500', 500, failing(500)],
    ['HTTP 502', 502, failing(502)],
    ['HTTP 503', 503, failing(503)],
    ['HTTP 504', 504, failing(504)],
  ])('is tried again by itself after %s, once it is seen that nothing was made', async (_, httpStatus, deal) => {
    const broadworksId = newId()
    webex.next('POST', broadworksId, deal)
    const { id } = await hand(alice, broadworksId)
    const live = await untilStatus(alice.viewer, id, 'PROVISIONED')
    expect(heldAtWebex(broadworksId)).toMatchObject([{ id: live.webexSubscriberId }])
    expect(live).toMatchObject({ errors: [], diagnosis: null })
    const [attempt, ...others] = await attemptsOf(alice, id)
    expect(others).toEqual([])
    expect(attempt).toMatchObject({ trigger: 'API', outcome: 'PROVISIONED', errors: [] })
    expect(callsOf(attempt)).toEqual([`create ${httpStatus}`, 'look-up 200', 'create 200', 'follow 200'])
    expect(attempt?.steps[0]).toMatchObject({
      trackingId: expect.stringMatching(/^FAKE_|^FLOWTHROUGH_/) as string,
      message: expect.stringMatching(/\. Trying again in 1 s\.$/) as string,
    })
  })

  it.concurrent('is tried again without a look when it was locked, not before the lock ends, and is not in error meanwhile', async () => {
    const broadworksId = newId()
    webex.next('POST', broadworksId, failing(423, { 'retry-after': '1' }))
    const { id } = await hand(alice, broadworksId)
    const waiting = await eventually(async () => {
      const [attempt] = await attemptsOf(alice, id)
      return attempt?.steps.length === 1 ? attempt : null
    })
    expect(waiting).toMatchObject({ outcome: 'RUNNING', steps: [{ httpStatus: 423, message: 'HTTP 423. Trying again in 1 s.' }] })
    const { provisionedUser } = await alice.viewer.get(FindUserDocument, { id })
    expect(provisionedUser).toMatchObject({ status: 'PROVISIONING', errors: [], diagnosis: { nextAttemptAt: null, stuckSince: null } })
    await untilStatus(alice.viewer, id, 'PROVISIONED')
    const [attempt] = await attemptsOf(alice, id)
    expect(callsOf(attempt)).toEqual(['create 423', 'create 200', 'follow 200'])
    const [first, second] = attempt?.steps ?? []
    expect(Date.parse(second?.startedAt ?? '') - Date.parse(first?.endedAt ?? '')).toBeGreaterThanOrEqual(1000)
  })

  it.concurrent('is made anew when the work behind it ends in the code of a back end in maintenance', async () => {
    const broadworksId = newId()
    // The look before the deletion sees the error as well.
    failInBackground(broadworksId, 2560, 2)
    const { id } = await hand(alice, broadworksId)
    const live = await untilStatus(alice.viewer, id, 'PROVISIONED')
    expect(heldAtWebex(broadworksId)).toMatchObject([{ id: live.webexSubscriberId }])
    const [attempt, ...others] = await attemptsOf(alice, id)
    expect(others).toEqual([])
    expect(attempt?.errors).toEqual([])
    expect(callsOf(attempt)).toEqual(['create 200', 'follow 200', 're-read 200', 'delete 204', 'create 200', 'follow 200'])
    expect(pausesOf(attempt)).toEqual([1])
  })

  it.concurrent('goes on when only the look at how far it is fails', async () => {
    const broadworksId = newId()
    webex.next('POST', broadworksId, exchange => {
      exchange.carryOut()
      const [subscriber] = heldAtWebex(broadworksId) as [FakeSubscriber]
      webex.next('GET', subscriber.id, failing(502))
      exchange.answer(200, subscriber)
    })
    const { id } = await hand(alice, broadworksId)
    await untilStatus(alice.viewer, id, 'PROVISIONED')
    expect(callsOf((await attemptsOf(alice, id))[0])).toEqual(['create 200', 'follow 502', 'follow 200'])
  })
})

describe('an error that will not pass', () => {
  it.concurrent.each<[string, number | null, number | null, (broadworksId: string) => void]>([
    ...[400, 404, 405, 409].map((status): [string, null, number, (broadworksId: string) => void] => [
      `HTTP ${status}`,
      null,
      status,
      broadworksId => webex.next('POST', broadworksId, failing(status)),
    ]),
    ...[200043, 200044, 424242, 600013].map((code): [string, number, null, (broadworksId: string) => void] => [
      `code ${code}`,
      code,
      null,
      broadworksId => failInBackground(broadworksId, code),
    ]),
  ])('ends the attempt at once and plans no other: %s', async (_, code, httpStatus, script) => {
    const broadworksId = newId()
    script(broadworksId)
    const { id } = await hand(alice, broadworksId)
    const failed = await untilStatus(alice.viewer, id, 'ERROR')
    expect(failed.errors).toMatchObject([{ code, httpStatus }])
    expect(failed.diagnosis).toMatchObject({ nextAttemptAt: null, stuckSince: failed.lastStatusChange })
    expect(failed.diagnosis?.steps.join()).not.toContain('nextAttemptAt')
    const [attempt, ...others] = await attemptsOf(alice, id)
    expect(others).toEqual([])
    expect(attempt).toMatchObject({ outcome: 'FAILED', errors: [{ code }] })
    expect(pausesOf(attempt)).toEqual([])
  })
})

describe('a Webex that wants no more calls', () => {
  it('is left alone for as long as it asks, which is a failed try of the call that was told so and of no other', async () => {
    const told = newId()
    const other = newId()
    let toldAt = Infinity
    let nextAt = 0
    webex.next('POST', told, exchange => {
      toldAt = Date.now()
      failing(429, { 'retry-after': '1' })(exchange)
    })
    webex.next('POST', other, exchange => {
      nextAt = Date.now()
      exchange.carryOut()
      exchange.answer(200, heldAtWebex(other)[0])
    })
    const first = await hand(alice, told)
    await eventually(async () => toldAt < Infinity)
    const second = await hand(alice, other)
    for (const { id } of [first, second]) await untilStatus(alice.viewer, id, 'PROVISIONED')
    expect(nextAt - toldAt).toBeGreaterThanOrEqual(990)
    const [attempt] = await attemptsOf(alice, first.id)
    expect(callsOf(attempt)).toEqual(['create 429', 'create 200', 'follow 200'])
    expect(pausesOf(attempt)).toEqual([1])
    expect(callsOf((await attemptsOf(alice, second.id))[0])).toEqual(['create 200', 'follow 200'])
  })
})

/** Waits for the status, and lets each pause between two tries pass as soon as it is on record. */
async function untilStatusInHaste(id: string, ...statuses: UserStatus[]): Promise<UserRowFragment> {
  let passed = 0
  return eventually(async () => {
    const pauses = pausesOf((await attemptsOf(bob, id))[0])
    for (; passed < pauses.length; passed += 1) await passTime(patient, clock, ((pauses[passed] as number) + 1) * 1000)
    const { provisionedUser: user } = await bob.viewer.get(FindUserDocument, { id })
    return user && statuses.includes(user.status) ? user : null
  })
}

/** A user whose creation failed in a way that may pass, so that another attempt is planned. */
async function userWithPlan() {
  const broadworksId = newId()
  webex.next('POST', broadworksId, failing(503, { 'retry-after': String(TOO_LONG_S) }))
  const { id } = await hand(bob, broadworksId)
  const failed = await untilStatus(bob.viewer, id, 'ERROR')
  expect(failed.diagnosis?.nextAttemptAt).not.toBeNull()
  return { ...failed, nextAttemptAt: failed.diagnosis?.nextAttemptAt as string }
}

function msUntil(time: string): number {
  return Date.parse(time) - clock.now().getTime()
}

function passTimeUntil(time: string): Promise<void> {
  return passTime(patient, clock, msUntil(time) + 1)
}

/** Lets everything become due that is planned, and waits until it is done. */
async function untilNothingIsPlanned(): Promise<void> {
  await passTime(patient, clock, 48 * HOUR_MS)
  await eventually(async () => {
    const { waiting, running } = await patient.platform.queue.counts()
    return waiting + running === 0
  })
}

async function idsFixedBy(fixer: Fixer): Promise<string[]> {
  const { provisionedUsers } = await bob.viewer.get(ListUsersDocument, { first: 100, filter: { fixer } })
  return provisionedUsers.edges.map(({ node }) => node.id)
}

/** Deletes the user, whose creation may be carried out late, and lets the time pass after which it cannot be any more. */
async function remove(id: string): Promise<void> {
  await bob.operator.get(DeleteUserDocument, { input: { userId: id } })
  await eventually(async () => {
    const { deletionEndedAt } = await patient.platform.database.reader.findOneByOrFail(ProvisionedUser, { id })
    if (deletionEndedAt === null) await passTime(patient, clock, 20_000)
    return deletionEndedAt
  })
}

describe('a retry with a new address that fails before anything is deleted', () => {
  it('is gone on with by itself, from the precheck, though Webex asks the owner of the old address by now', async () => {
    const broadworksId = newId()
    failInBackground(broadworksId, 200039)
    const { id } = await hand(bob, broadworksId)
    await untilStatus(bob.viewer, id, 'ERROR')
    const [subscriber] = heldAtWebex(broadworksId) as [FakeSubscriber]

    const email = `new-${nextNumber()}@example.com`
    webex.next('POST', email, failing(503, { 'retry-after': String(TOO_LONG_S) }))
    const asked = await bob.operator.get(RetryActivationDocument, { input: { userId: id, email } })
    expect(asked.retryActivation?.userErrors).toEqual([])
    const failed = await untilStatus(bob.viewer, id, 'ERROR')
    expect(callsOf((await attemptsOf(bob, id))[0])).toEqual(['precheck 503'])

    const pending = { ...subscriber, status: 'pending_user_migration' }
    for (let look = 0; look < 2; look += 1) webex.next('GET', subscriber.id, ({ answer }) => answer(200, pending))
    await passTimeUntil(failed.diagnosis?.nextAttemptAt as string)
    expect(await untilStatusInHaste(id, 'PROVISIONED', 'PENDING_USER_MIGRATION')).toMatchObject({ status: 'PROVISIONED', email })
    const [attempt] = await attemptsOf(bob, id)
    expect(attempt?.trigger).toBe('AUTOMATIC')
    expect(callsOf(attempt)).toEqual(['re-read 200', 'precheck 200', 're-read 200', 'delete 204', 'create 200', 'follow 200'])
    expect(heldAtWebex(broadworksId)).toMatchObject([{ email }])
  })
})

describe('a creation that failed for good while Webex could not be asked', () => {
  it.each<[string, (exchange: Exchange, subscriber: FakeSubscriber) => void]>([
    ['was', ({ answer }, subscriber) => answer(200, subscriber)],
    ['was not', ({ drop }) => drop()],
  ])('is not made again by itself, where it %s answered: how it ended is the outcome', async (_, end) => {
    const broadworksId = newId()
    webex.next('POST', broadworksId, exchange => {
      exchange.carryOut()
      const [subscriber] = heldAtWebex(broadworksId) as [FakeSubscriber]
      webex.next('GET', subscriber.id, failing(503, { 'retry-after': String(TOO_LONG_S) }))
      end(exchange, subscriber)
    })
    const { id } = await hand(bob, broadworksId)
    const failed = await untilStatusInHaste(id, 'ERROR')
    const [subscriber] = heldAtWebex(broadworksId) as [FakeSubscriber]
    const ended = { ...subscriber, status: 'error', errors: [{ errorCode: 200048, description: 'In use' }] }
    webex.next('GET', subscriber.id, ({ answer }) => answer(200, ended))
    await passTimeUntil(failed.diagnosis?.nextAttemptAt as string)
    const seen = await eventually(async () => {
      const { provisionedUser } = await bob.viewer.get(FindUserDocument, { id })
      return provisionedUser?.status === 'ERROR' && provisionedUser.errors[0]?.code === 200048 ? provisionedUser : null
    })
    expect(seen).toMatchObject({ webexSubscriberId: subscriber.id, diagnosis: { nextAttemptAt: null } })
    expect(callsOf((await attemptsOf(bob, id))[0])).toEqual(['re-read 200'])
    expect(heldAtWebex(broadworksId)).toMatchObject([{ id: subscriber.id }])
  })
})

describe('a creation that fails again and again', () => {
  it('ends in ERROR after six tries with growing pauses, and is attempted once more by itself, which ends the plan', async () => {
    const broadworksId = newId()
    for (let time = 0; time < 6; time += 1) webex.next('POST', broadworksId, failing(503))
    const { id } = await hand(bob, broadworksId)
    const failed = await untilStatusInHaste(id, 'ERROR')

    const [attempt, ...others] = await attemptsOf(bob, id)
    expect(others).toEqual([])
    expect(attempt).toMatchObject({ outcome: 'FAILED', errors: [{ code: null }] })
    const failedTry = { name: 'create', httpStatus: 503, trackingId: expect.stringMatching(/^FAKE_/) as string }
    const look = { name: 'look-up', httpStatus: 200, message: 'There is no subscriber of ours.' }
    const again = { ...failedTry, message: expect.stringMatching(/^HTTP 503\. Trying again in \d+ s\.$/) as string }
    expect(attempt?.steps).toMatchObject([
      ...Array.from({ length: 5 }, () => [again, look]).flat(),
      { ...failedTry, message: expect.stringMatching(/^HTTP 503\.?$/) as string },
    ])
    for (const [index, pause] of [2, 6, 18, 54, 162].entries()) {
      expect(Math.abs((pausesOf(attempt)[index] as number) - pause)).toBeLessThanOrEqual(pause / 4 + 0.5)
    }
    expect(failed.errors).toMatchObject([{ code: null, httpStatus: 503, upstreamText: 'HTTP 503' }])

    const { nextAttemptAt, steps, ...diagnosis } = failed.diagnosis ?? {}
    const planned = nextAttemptAt as string
    expect(diagnosis).toMatchObject({ fixer: 'NOBODY', retryable: true, stuckSince: failed.lastStatusChange })
    expect(steps?.[0]).toMatch(/^Nothing has to be done now: .*`nextAttemptAt`/)
    expect(steps?.length).toBeGreaterThan(1)
    const pauseMs = Date.parse(planned) - Date.parse(attempt?.endedAt ?? '')
    expect(Math.abs(pauseMs - 15 * MINUTE_MS)).toBeLessThanOrEqual((15 * MINUTE_MS) / 4 + 1000)
    expect(await idsFixedBy('NOBODY')).toContain(id)
    for (const fixer of ['PARTNER_ADMIN', 'CISCO', 'USER'] as const) expect(await idsFixedBy(fixer)).not.toContain(id)

    await passTimeUntil(planned)
    const live = await untilStatusInHaste(id, 'PROVISIONED')
    expect(heldAtWebex(broadworksId)).toMatchObject([{ id: live.webexSubscriberId }])
    expect(await idsFixedBy('NOBODY')).not.toContain(id)
    const { provisionedUser: history } = await bob.viewer.get(UserHistoryDocument, { id })
    expect(history?.attempts.nodes).toMatchObject([
      { trigger: 'AUTOMATIC', actor: 'activation', email: live.email, outcome: 'PROVISIONED' },
      { trigger: 'API', outcome: 'FAILED' },
    ])
    expect(history?.auditEvents.nodes.map(({ action, actor }) => `${actor}: ${action}`)).toEqual([
      'activation: statusChanged',
      'activation: retryAutomatically',
      'activation: statusChanged',
      'operator of the tests: handOver',
    ])
    await untilNothingIsPlanned()
  })

  it('waits with the attempt after it for as long as Webex asks, when that is more than the tries may last', async () => {
    const broadworksId = newId()
    webex.next('POST', broadworksId, failing(503, { 'retry-after': String(5 * 3600) }))
    const { id } = await hand(bob, broadworksId)
    const { diagnosis } = await untilStatus(bob.viewer, id, 'ERROR')
    const [attempt] = await attemptsOf(bob, id)
    expect(callsOf(attempt)).toEqual(['create 503'])
    expect(Date.parse(diagnosis?.nextAttemptAt ?? '') - Date.parse(attempt?.endedAt ?? '')).toBeGreaterThanOrEqual(5 * HOUR_MS - 1000)
    await remove(id)
  })

  it('is attempted five times by itself, ever more rarely; then the one has to act whom the catalogue names', async () => {
    const { id, broadworksId, nextAttemptAt } = await userWithPlan()
    let planned: string | null | undefined = nextAttemptAt
    for (const hours of [0.25, 1, 4, 12, 24]) {
      expect(Math.abs(msUntil(planned as string) / HOUR_MS - hours)).toBeLessThanOrEqual(hours / 4 + 0.05)
      webex.next('POST', broadworksId, failing(503, { 'retry-after': String(TOO_LONG_S) }))
      const attempts: number = (await attemptsOf(bob, id)).length
      await passTimeUntil(planned as string)
      await eventually(async () => (await attemptsOf(bob, id)).length > attempts)
      planned = (await untilStatus(bob.viewer, id, 'ERROR')).diagnosis?.nextAttemptAt
    }
    expect(planned).toBeNull()
    const { diagnosis } = await untilStatus(bob.viewer, id, 'ERROR')
    expect(diagnosis).toMatchObject({ fixer: 'CISCO', retryable: true })
    expect(diagnosis?.steps.join()).not.toContain('nextAttemptAt')
    expect(await idsFixedBy('CISCO')).toContain(id)
    expect(await idsFixedBy('NOBODY')).not.toContain(id)
    expect((await attemptsOf(bob, id)).map(({ trigger }) => trigger)).toEqual([...Array<string>(5).fill('AUTOMATIC'), 'API'])
    await untilNothingIsPlanned()

    // A person begins from the start.
    webex.next('POST', broadworksId, failing(503, { 'retry-after': String(TOO_LONG_S) }))
    await retry(bob, id)
    const again = await eventually(async () => {
      const user = await untilStatus(bob.viewer, id, 'ERROR')
      return user.diagnosis?.nextAttemptAt ? user : null
    })
    expect(msUntil(again.diagnosis?.nextAttemptAt as string)).toBeLessThan(20 * MINUTE_MS)
    await remove(id)
  })
})

describe('an attempt that is planned', () => {
  it('is not made when a person retried before it', async () => {
    const { id, broadworksId, nextAttemptAt } = await userWithPlan()
    webex.next('POST', broadworksId, failing(400))
    await retry(bob, id)
    const failed = await eventually(async () => {
      const user = await untilStatus(bob.viewer, id, 'ERROR')
      return user.errors[0]?.httpStatus === 400 ? user : null
    })
    // What is on record is the last attempt's, and nothing of the one before.
    expect(failed.errors).toHaveLength(1)
    expect(failed.errorText).not.toContain('503')
    expect(failed.diagnosis).toMatchObject({ nextAttemptAt: null, fixer: 'PARTNER_ADMIN' })
    await untilNothingIsPlanned()
    expect(msUntil(nextAttemptAt)).toBeLessThan(0)
    expect((await attemptsOf(bob, id)).map(({ trigger }) => trigger)).toEqual(['ADMIN', 'API'])
  })

  it('is forgotten with the user who is deleted before it', async () => {
    const { id, broadworksId } = await userWithPlan()
    await remove(id)
    const again = await hand(bob, broadworksId)
    await untilStatus(bob.viewer, again.id, 'PROVISIONED')
    await untilNothingIsPlanned()
    expect(heldAtWebex(broadworksId)).toHaveLength(1)
    expect(await attemptsOf(bob, again.id)).toHaveLength(1)
  })

  it('is kept when a package is recorded meanwhile, and gives that package', async () => {
    const { id, broadworksId, nextAttemptAt } = await userWithPlan()
    const { changePackageType } = await bob.operator.get(ChangePackageTypeDocument, { input: { userId: id, packageType: 'PREMIUM' } })
    expect(changePackageType?.provisionedUser).toMatchObject({
      status: 'ERROR',
      requestedPackageType: 'PREMIUM',
      diagnosis: { nextAttemptAt },
    })
    await passTimeUntil(nextAttemptAt)
    const live = await untilStatusInHaste(id, 'PROVISIONED')
    expect(live).toMatchObject({ packageType: 'PREMIUM', requestedPackageType: null })
    expect(heldAtWebex(broadworksId)).toMatchObject([{ package: 'premium' }])
    expect((await attemptsOf(bob, id)).map(({ trigger }) => trigger)).toEqual(['AUTOMATIC', 'API'])
  })

  it('repeats the update of a user who is live', async () => {
    const { id } = await hand(bob, newId())
    const { webexSubscriberId } = await untilStatusInHaste(id, 'PROVISIONED')
    webex.next('PUT', webexSubscriberId as string, failing(503, { 'retry-after': String(TOO_LONG_S) }))
    await bob.operator.get(ChangePackageTypeDocument, { input: { userId: id, packageType: 'PREMIUM' } })
    const failed = await untilStatus(bob.viewer, id, 'ERROR')
    expect(failed).toMatchObject({ packageType: 'STANDARD', diagnosis: { fixer: 'NOBODY' } })
    await passTimeUntil(failed.diagnosis?.nextAttemptAt as string)
    const live = await untilStatusInHaste(id, 'PROVISIONED')
    expect(live).toMatchObject({ packageType: 'PREMIUM', webexSubscriberId })
    expect((await attemptsOf(bob, id)).map(({ trigger, outcome }) => `${trigger} ${outcome}`)).toEqual([
      'AUTOMATIC PROVISIONED',
      'ADMIN FAILED',
      'API PROVISIONED',
    ])
  })
})
