import { createActor } from '../../support/world/actor'
import { createTestDatabase, startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus } from '../../support/world/builders'
import { createTestClock, passTime } from '../../support/world/clock'
import { type Exchange, type FakeSubscriber, type FakeWebex, startFakeWebex } from '../../support/fakes/webex'
import {
  DeleteUserDocument,
  RetryActivationDocument,
  type UserRowFragment,
  UserHistoryDocument,
} from '../../support/operations/operations.generated'
import { eventually } from '../../support/world/waiting'

const PROVISIONING_ID = 'dGVzdHM6dGVtcGxhdGU'
const ENTERPRISE = 'SP1+acme'

let webex: FakeWebex
let app: TestApp
let alice: TestPartner
let template: string

beforeAll(async () => {
  webex = await startFakeWebex()
  app = await startTestApp({ environment: environment() })
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin, { provisioningId: PROVISIONING_ID })
})
afterAll(async () => {
  await app.stop()
  await webex.stop()
})

function environment(): Record<string, string> {
  return { WEBEX_BASE_URL: webex.url, WEBEX_ACCESS_TOKEN: 'token', WEBEX_CALLS_PER_SECOND: '1000' }
}

function newId(): string {
  return `user-${nextNumber()}`
}

function address(): string {
  return `anna-${nextNumber()}@example.com`
}

function heldAtWebex(broadworksId: string): FakeSubscriber[] {
  return webex.subscribers.filter(({ userId }) => userId === broadworksId)
}

/** Whether anybody asked Webex to delete this subscriber. */
function isDeletionAsked({ id }: FakeSubscriber): boolean {
  return webex.requests.includes(`DELETE /broadworks/subscribers/${id}`)
}

interface Stuck {
  user: UserRowFragment
  /** What Webex has of the user. */
  subscriber: FakeSubscriber
}

/** The next look at this subscriber shows it like this, though by itself Webex would have provisioned it by then. */
function show(subscriber: FakeSubscriber, fields: Record<string, unknown> = {}): void {
  const shown = { ...subscriber, status: 'error', errors: [{ errorCode: 200039, description: 'In use' }], ...fields }
  webex.next('GET', subscriber.id, ({ answer }) => answer(200, shown))
}

/** A user whom Webex accepted, with an address that turned out not to do. */
async function stuckUser(partner = alice, onTemplate = template): Promise<Stuck> {
  const broadworksId = newId()
  webex.next('POST', broadworksId, exchange => {
    exchange.carryOut()
    const [subscriber] = heldAtWebex(broadworksId) as [FakeSubscriber]
    show(subscriber)
    exchange.answer(200, subscriber)
  })
  const { id } = await makeUser(partner.operator, onTemplate, { broadworksId, email: address() })
  const user = await untilStatus(partner.operator, id, 'ERROR')
  return { user, subscriber: heldAtWebex(broadworksId)[0] as FakeSubscriber }
}

async function retry(userId: string, email?: string, { operator } = alice): Promise<void> {
  const { retryActivation } = await operator.get(RetryActivationDocument, { input: { userId, email } })
  expect(retryActivation?.userErrors).toEqual([])
}

async function lastAttempt(userId: string, { operator } = alice) {
  const { provisionedUser } = await operator.get(UserHistoryDocument, { id: userId })
  const [attempt] = provisionedUser?.attempts.nodes ?? []
  return { outcome: attempt?.outcome, calls: attempt?.steps.map(({ name, httpStatus }) => `${name} ${httpStatus}`), steps: attempt?.steps }
}

async function callsOf(userId: string, partner = alice): Promise<string[] | undefined> {
  return (await lastAttempt(userId, partner)).calls
}

/** Refuses the call with this HTTP status and code. */
function refusing(status: number, errorCode?: number): (exchange: Exchange) => void {
  const errors = errorCode === undefined ? [] : [{ errorCode, description: 'No' }]
  return ({ answer }) => answer(status, { message: 'No', errors, trackingId: 'FAKE' })
}

/** Lets the next request wait until it is told to go on. */
function hold(method: string, about: string, end: (exchange: Exchange) => void) {
  let goOn = (): void => undefined
  const held = new Promise<void>(resolve => (goOn = resolve))
  const state = { arrived: false, goOn }
  webex.next(method, about, async exchange => {
    state.arrived = true
    await held
    end(exchange)
  })
  return state
}

/** What a retry with a new address comes to when all goes well. */
const REPLACED = ['precheck 200', 're-read 200', 'delete 204', 'create 200', 'follow 200']

describe('a retry with a new address for a user whom Webex holds', () => {
  it.concurrent('checks the address, looks once more, deletes and creates', async () => {
    const { user, subscriber } = await stuckUser()
    const email = address()
    show(subscriber)
    await retry(user.id, email)
    const live = await untilStatus(alice.viewer, user.id, 'PROVISIONED')
    expect(live.email).toBe(email)
    expect(heldAtWebex(user.broadworksId)).toMatchObject([{ id: live.webexSubscriberId, email }])
    expect(await callsOf(user.id)).toEqual(REPLACED)
  })

  it.concurrent('gives nothing up for an address that the precheck refuses, and works with the next one', async () => {
    const { user, subscriber } = await stuckUser()
    const refused = address()
    webex.next('POST', refused, refusing(400, 200049))
    await retry(user.id, refused)
    const failed = await untilStatus(alice.viewer, user.id, 'ERROR')
    expect(failed).toMatchObject({ errors: [{ code: 200049, httpStatus: 400 }], webexSubscriberId: subscriber.id })
    expect(await lastAttempt(user.id)).toMatchObject({ outcome: 'FAILED', calls: ['precheck 400'] })
    expect(isDeletionAsked(subscriber)).toBe(false)
    expect(heldAtWebex(user.broadworksId)).toMatchObject([{ id: subscriber.id }])

    const email = address()
    show(subscriber)
    await retry(user.id, email)
    expect(await untilStatus(alice.viewer, user.id, 'PROVISIONED')).toMatchObject({ email })
    expect(await callsOf(user.id)).toEqual(REPLACED)
  })

  it.concurrent.each([403, 404, 405])('goes on where a precheck is not to be had (HTTP %i)', async status => {
    const { user, subscriber } = await stuckUser()
    const email = address()
    webex.next('POST', email, refusing(status))
    show(subscriber)
    await retry(user.id, email)
    expect(await untilStatus(alice.viewer, user.id, 'PROVISIONED')).toMatchObject({ email })
    const { calls, steps } = await lastAttempt(user.id)
    expect(calls).toEqual([`precheck ${status}`, ...REPLACED.slice(1)])
    expect(steps?.[0]?.message).toBe('No. Going on without a precheck.')
  })

  it.concurrent('deletes nobody who became live meanwhile, and takes over the address that Webex has', async () => {
    const { user, subscriber } = await stuckUser()
    await retry(user.id, address())
    const live = await untilStatus(alice.viewer, user.id, 'PROVISIONED')
    expect(live).toMatchObject({ webexSubscriberId: subscriber.id, email: subscriber.email, errors: [] })
    expect(live.webexPersonId).not.toBeNull()
    expect(await callsOf(user.id)).toEqual(['precheck 200', 're-read 200'])
    expect(isDeletionAsked(subscriber)).toBe(false)
  })

  it.concurrent('leaves the address that Webex has to whom it was vouched for meanwhile', async () => {
    const { user, subscriber } = await stuckUser()
    const look = hold('GET', subscriber.id, ({ answer }) => answer(200, { ...subscriber, status: 'provisioned', personId: 'person' }))
    await retry(user.id, address())
    await eventually(async () => look.arrived)
    const other = await makeUser(alice.operator, template, { email: subscriber.email })
    await untilStatus(alice.viewer, other.id, 'PROVISIONED')
    look.goOn()
    expect(await untilStatus(alice.viewer, user.id, 'PROVISIONED')).toMatchObject({ email: subscriber.email })
    // It stays theirs: it is refused to a third, and the first has none that is vouched for.
    const third = await makeUser(alice.operator, template)
    const { retryActivation } = await alice.operator.get(RetryActivationDocument, { input: { userId: third.id, email: subscriber.email } })
    expect(retryActivation?.userErrors).toMatchObject([{ code: 'TAKEN' }])
  })

  it.concurrent('creates when Webex does not have the user any more', async () => {
    const { user, subscriber } = await stuckUser()
    webex.subscribers.splice(webex.subscribers.indexOf(subscriber), 1)
    const email = address()
    await retry(user.id, email)
    const live = await untilStatus(alice.viewer, user.id, 'PROVISIONED')
    expect(await callsOf(user.id)).toEqual(['precheck 200', 're-read 404', 'create 200', 'follow 200'])
    expect(heldAtWebex(user.broadworksId)).toMatchObject([{ id: live.webexSubscriberId, email }])
  })

  it.concurrent('creates when somebody else was quicker to delete', async () => {
    const { user, subscriber } = await stuckUser()
    show(subscriber)
    webex.next('DELETE', subscriber.id, exchange => {
      exchange.carryOut()
      refusing(404)(exchange)
    })
    await retry(user.id, address())
    await untilStatus(alice.viewer, user.id, 'PROVISIONED')
    expect(await callsOf(user.id)).toEqual(['precheck 200', 're-read 200', 'delete 404', 'create 200', 'follow 200'])
  })

  it.concurrent('deletes nobody who has a person, though an update of theirs failed', async () => {
    const { user, subscriber } = await stuckUser()
    show(subscriber, { personId: 'person-of-the-tests', errors: [{ errorCode: 200041, description: 'Conflict' }] })
    await retry(user.id, address())
    const failed = await untilStatus(alice.viewer, user.id, 'ERROR')
    expect(failed).toMatchObject({ webexPersonId: 'person-of-the-tests', errors: [{ code: 200041 }] })
    expect(isDeletionAsked(subscriber)).toBe(false)
    // From now on a retry repeats an update.
    await retry(user.id)
    expect(await untilStatus(alice.viewer, user.id, 'PROVISIONED')).toMatchObject({ webexSubscriberId: subscriber.id })
    expect(isDeletionAsked(subscriber)).toBe(false)
  })

  it.concurrent('deletes nobody whom Webex is updating', async () => {
    const { user, subscriber } = await stuckUser()
    show(subscriber, { status: 'updating', errors: [] })
    await retry(user.id, address())
    await untilStatus(alice.viewer, user.id, 'PROVISIONED')
    expect(await callsOf(user.id)).toEqual(['precheck 200', 're-read 200', 'follow 200'])
    expect(isDeletionAsked(subscriber)).toBe(false)
  })

  it.concurrent('follows a creation that Webex is still at, when it is the one that is asked for', async () => {
    const { user, subscriber } = await stuckUser()
    show(subscriber, { status: 'provisioning', errors: [] })
    await retry(user.id)
    await untilStatus(alice.viewer, user.id, 'PROVISIONED')
    expect(await callsOf(user.id)).toEqual(['re-read 200', 'follow 200'])
    expect(heldAtWebex(user.broadworksId)).toMatchObject([{ id: subscriber.id, email: user.email }])
  })

  it.concurrent('replaces a creation that Webex is still at, when it is with the old address', async () => {
    const { user, subscriber } = await stuckUser()
    const email = address()
    show(subscriber, { status: 'provisioning', errors: [] })
    await retry(user.id, email)
    await untilStatus(alice.viewer, user.id, 'PROVISIONED')
    expect(await callsOf(user.id)).toEqual(REPLACED)
    expect(heldAtWebex(user.broadworksId)).toMatchObject([{ email }])
  })

  it.concurrent('begins its next retry at the creation, when that is refused for good after the deletion', async () => {
    const { user, subscriber } = await stuckUser()
    show(subscriber)
    webex.next('POST', user.broadworksId, refusing(400, 200042))
    await retry(user.id, address())
    const failed = await untilStatus(alice.viewer, user.id, 'ERROR')
    expect(failed).toMatchObject({ webexSubscriberId: null, errors: [{ code: 200042 }] })
    expect(await callsOf(user.id)).toEqual([...REPLACED.slice(0, 3), 'create 400'])
    expect(heldAtWebex(user.broadworksId)).toEqual([])

    const email = address()
    await retry(user.id, email)
    const live = await untilStatus(alice.viewer, user.id, 'PROVISIONED')
    expect(await callsOf(user.id)).toEqual(['create 200', 'follow 200'])
    expect(heldAtWebex(user.broadworksId)).toMatchObject([{ id: live.webexSubscriberId, email }])
  })
})

/** Each call of the saga, by what tells it at Webex, with the calls that come when it fails once in a way that may pass. */
const STEPS: [step: string, method: string, about: (stuck: Stuck, email: string) => string, calls: string[]][] = [
  ['precheck', 'POST', (_, email) => email, ['precheck 503', ...REPLACED]],
  ['re-read', 'GET', ({ subscriber }) => subscriber.id, ['precheck 200', 're-read 503', ...REPLACED.slice(1)]],
  ['delete', 'DELETE', ({ subscriber }) => subscriber.id, ['precheck 200', 're-read 200', 'delete 503', ...REPLACED.slice(1)]],
  [
    'create',
    'POST',
    ({ user }) => user.broadworksId,
    ['precheck 200', 're-read 200', 'delete 204', 'create 503', 'look-up 200', 'create 200', 'follow 200'],
  ],
]

describe('a call of the saga that fails for the time being', () => {
  it.concurrent.each(STEPS)('is made again: %s', async (step, method, about, calls) => {
    const stuck = await stuckUser()
    const email = address()
    webex.next(method, about(stuck, email), refusing(503))
    show(stuck.subscriber)
    // What was seen before a deletion that failed is looked at anew.
    if (step === 'delete') show(stuck.subscriber)
    await retry(stuck.user.id, email)
    const live = await untilStatus(alice.viewer, stuck.user.id, 'PROVISIONED')
    expect(await callsOf(stuck.user.id)).toEqual(calls)
    expect(heldAtWebex(live.broadworksId)).toMatchObject([{ id: live.webexSubscriberId, email }])
  })
})

/** The next creation is refused as a duplicate of what this makes of it. */
function refuseAsDuplicate(broadworksId: string, fields: Record<string, unknown>): void {
  webex.next('POST', broadworksId, exchange => {
    const { body } = exchange
    webex.subscribers.push({ ...body, id: `duplicate-${nextNumber()}`, status: 'provisioning', ...fields } as FakeSubscriber)
    refusing(409, 10022)(exchange)
  })
}

describe('a creation that is refused because the BroadWorks ID is there already', () => {
  const hand = (broadworksId: string) => makeUser(alice.operator, template, { broadworksId, email: address(), spEnterpriseId: ENTERPRISE })

  it.concurrent('goes on with the subscriber when that is ours and as we asked', async () => {
    const broadworksId = newId()
    refuseAsDuplicate(broadworksId, {})
    const { id } = await hand(broadworksId)
    const live = await untilStatus(alice.viewer, id, 'PROVISIONED')
    expect(heldAtWebex(broadworksId)).toMatchObject([{ id: live.webexSubscriberId }])
    expect(live.errors).toEqual([])
    expect(await callsOf(id)).toEqual(['create 409', 'look-up 200', 'follow 200'])
  })

  it.concurrent('takes over who is ours and live, with the address that Webex has', async () => {
    const broadworksId = newId()
    const email = address()
    refuseAsDuplicate(broadworksId, { email, status: 'provisioned' })
    const { id } = await hand(broadworksId)
    expect(await untilStatus(alice.viewer, id, 'PROVISIONED')).toMatchObject({ email })
    expect(await callsOf(id)).toEqual(['create 409', 'look-up 200', 're-read 200'])
    expect(isDeletionAsked(heldAtWebex(broadworksId)[0] as FakeSubscriber)).toBe(false)
  })

  it.concurrent('replaces who is ours with other data and not live', async () => {
    const broadworksId = newId()
    webex.next('POST', broadworksId, exchange => {
      const other = { ...exchange.body, id: `duplicate-${nextNumber()}`, email: address(), status: 'error' } as FakeSubscriber
      webex.subscribers.push(other)
      show(other)
      show(other)
      refusing(409, 10022)(exchange)
    })
    const { id } = await hand(broadworksId)
    const live = await untilStatus(alice.viewer, id, 'PROVISIONED')
    expect(await callsOf(id)).toEqual(['create 409', 'look-up 200', 're-read 200', ...REPLACED])
    expect(heldAtWebex(broadworksId)).toMatchObject([{ id: live.webexSubscriberId, email: live.email }])
  })

  it.concurrent('takes what it came to itself for the outcome, when it was delivered twice', async () => {
    const broadworksId = newId()
    webex.next('POST', broadworksId, exchange => {
      const made = {
        ...(exchange.body as unknown as FakeSubscriber),
        id: `delivered-${nextNumber()}`,
        created: new Date().toISOString(),
        status: 'error',
      }
      webex.subscribers.push(made)
      show(made)
      refusing(409, 10022)(exchange)
    })
    const { id } = await hand(broadworksId)
    const failed = await untilStatus(alice.viewer, id, 'ERROR')
    const [made] = heldAtWebex(broadworksId) as [FakeSubscriber]
    expect(failed).toMatchObject({ webexSubscriberId: made.id, errors: [{ code: 200039 }] })
    expect(await callsOf(id)).toEqual(['create 409', 'look-up 200', 'follow 200'])
    expect(isDeletionAsked(made)).toBe(false)
  })

  it.concurrent('replaces a failed one of long before', async () => {
    const broadworksId = newId()
    webex.next('POST', broadworksId, exchange => {
      const old = {
        ...(exchange.body as unknown as FakeSubscriber),
        id: `old-${nextNumber()}`,
        created: '2026-01-01T00:00:00.000Z',
        status: 'error',
      }
      webex.subscribers.push(old)
      show(old)
      refusing(409, 10022)(exchange)
    })
    const { id } = await hand(broadworksId)
    const live = await untilStatus(alice.viewer, id, 'PROVISIONED')
    expect(await callsOf(id)).toEqual(['create 409', 'look-up 200', 're-read 200', ...REPLACED.slice(2)])
    expect(heldAtWebex(broadworksId)).toMatchObject([{ id: live.webexSubscriberId }])
  })

  it.concurrent.each<[string, Record<string, unknown>]>([
    ['of another enterprise', { spEnterpriseId: 'SP1+other' }],
    ['of another template', { provisioningId: 'b3RoZXI' }],
  ])('is an error for a person when the subscriber is %s, who is left alone', async (_, fields) => {
    const broadworksId = newId()
    refuseAsDuplicate(broadworksId, fields)
    const { id } = await hand(broadworksId)
    const failed = await untilStatus(alice.viewer, id, 'ERROR')
    expect(failed).toMatchObject({ webexSubscriberId: null, errors: [{ code: 10022, httpStatus: 409 }] })
    expect(failed.diagnosis).toMatchObject({ fixer: 'PARTNER_ADMIN', nextAttemptAt: null })
    expect(await callsOf(id)).toEqual(['create 409', 'look-up 200'])
    const [theirs] = heldAtWebex(broadworksId) as [FakeSubscriber]
    await alice.operator.get(DeleteUserDocument, { input: { userId: id } })
    // The BroadWorks ID is free here again, so the deletion has ended.
    await makeUser(alice.operator, template, { broadworksId })
    expect(heldAtWebex(broadworksId)).toMatchObject([{ id: theirs.id, ...fields }])
    expect(isDeletionAsked(theirs)).toBe(false)
  })
})

describe('an unanswered creation that Webex carries out after its user was deleted', () => {
  it.concurrent('leaves nothing at Webex, when the next one was yet to come', async () => {
    const broadworksId = newId()
    let carryOut = (): void => undefined
    webex.next('POST', broadworksId, exchange => {
      carryOut = exchange.carryOut
      exchange.drop()
      // What is sent next has to wait, so that the user can be deleted between the two.
      webex.next('POST', broadworksId, ({ answer }) => answer(423, { message: 'Locked', errors: [] }, { 'retry-after': '3' }))
    })
    const { id } = await makeUser(alice.operator, template, { broadworksId, email: address() })
    await eventually(async () => (await callsOf(id))?.join() === 'create null,look-up 200,create 423')
    await alice.operator.get(DeleteUserDocument, { input: { userId: id } })
    carryOut()
    const [late] = heldAtWebex(broadworksId) as [FakeSubscriber]
    await eventually(async () => heldAtWebex(broadworksId).length === 0)
    expect(isDeletionAsked(late)).toBe(true)
  })

  it.concurrent('leaves nothing at Webex, when the next one went well', async () => {
    const broadworksId = newId()
    let carryOut = (): void => undefined
    webex.next('POST', broadworksId, exchange => {
      carryOut = exchange.carryOut
      exchange.drop()
    })
    const { id } = await makeUser(alice.operator, template, { broadworksId, email: address() })
    await untilStatus(alice.viewer, id, 'PROVISIONED')
    const [known] = heldAtWebex(broadworksId) as [FakeSubscriber]
    await alice.operator.get(DeleteUserDocument, { input: { userId: id } })
    await eventually(async () => isDeletionAsked(known))
    carryOut()
    const [late] = heldAtWebex(broadworksId) as [FakeSubscriber]
    await eventually(async () => heldAtWebex(broadworksId).length === 0)
    expect(isDeletionAsked(late)).toBe(true)
  })
})

/** What Webex answers at the end of each call, and how the whole attempt looks then. */
const STOPS: [
  step: string,
  method: string,
  about: (stuck: Stuck, email: string) => string,
  end: (exchange: Exchange, stuck: Stuck) => void,
  calls: string[],
][] = [
  ['the precheck', 'POST', (_, email) => email, ({ answer }) => answer(200, { message: 'success', info: [{ infoCode: 100 }] }), REPLACED],
  [
    'the re-read',
    'GET',
    ({ subscriber }) => subscriber.id,
    ({ answer }, { subscriber }) => answer(200, { ...subscriber, status: 'error' }),
    REPLACED,
  ],
  [
    'the deletion',
    'DELETE',
    ({ subscriber }) => subscriber.id,
    ({ carryOut, answer }) => {
      carryOut()
      answer(204, undefined)
    },
    REPLACED,
  ],
  [
    'the creation',
    'POST',
    ({ user }) => user.broadworksId,
    ({ carryOut, answer }, { user }) => {
      carryOut()
      answer(200, heldAtWebex(user.broadworksId)[0])
    },
    REPLACED,
  ],
  [
    'a creation whose answer is lost',
    'POST',
    ({ user }) => user.broadworksId,
    ({ carryOut, drop }) => {
      carryOut()
      drop()
    },
    [...REPLACED.slice(0, 3), 'create null', 'look-up 200', 'follow 200'],
  ],
]

describe('a server that is stopped in the middle of the saga', () => {
  it.concurrent.each(STOPS)('goes on where it was when it is started again, after %s', async (_, method, about, end, calls) => {
    const database = await createTestDatabase()
    const stopped = await startTestApp({ environment: environment(), database })
    const partner = await stopped.addPartner()
    const stuck = await stuckUser(partner, await makeTemplate(partner.admin, { provisioningId: PROVISIONING_ID }))
    const { user, subscriber } = stuck
    const email = address()
    const reached = { call: false }
    webex.next(method, about(stuck, email), exchange => {
      // From now on no job is begun; this one ends, and puts on record what it came to.
      void stopped.platform.queue.stop()
      end(exchange, stuck)
      reached.call = true
    })
    if (method !== 'GET') show(subscriber)
    await retry(user.id, email, partner)
    await eventually(async () => reached.call)
    await stopped.stop()
    expect(heldAtWebex(user.broadworksId).filter(({ status }) => status === 'provisioned')).toEqual([])

    const started = await startTestApp({ environment: environment(), database })
    const viewer = createActor(started.url, partner.viewer.token)
    const live = await untilStatus(viewer, user.id, 'PROVISIONED')
    expect(heldAtWebex(user.broadworksId)).toMatchObject([{ id: live.webexSubscriberId, email }])
    expect(await callsOf(user.id, { ...partner, operator: viewer })).toEqual(calls)
    await started.stop()
    await database.remove()
  })
})

describe('the deletion of a user whose creation was sent and not answered', () => {
  const clock = createTestClock()
  let slow: TestApp
  let bob: TestPartner
  let bobsTemplate: string

  beforeAll(async () => {
    // The attempt itself would look for what became of the creation; here it has not done so yet when its user is deleted.
    slow = await startTestApp({ clock, environment: { ...environment(), RETRY_PAUSE_MS: '60000' } })
    bob = await slow.addPartner('Bob Telecom')
    bobsTemplate = await makeTemplate(bob.admin, { provisioningId: PROVISIONING_ID })
  })
  afterAll(() => slow.stop())

  const looksFor = (broadworksId: string) =>
    webex.requests.filter(request => request.startsWith('GET') && request.includes(broadworksId)).length

  /** Answers how Webex carries the creation out after all. */
  async function deletedUser(broadworksId: string): Promise<() => void> {
    let carryOut = (): void => undefined
    webex.next('POST', broadworksId, exchange => {
      carryOut = exchange.carryOut
      exchange.drop()
    })
    const { id } = await makeUser(bob.operator, bobsTemplate, { broadworksId, email: address() })
    await eventually(async () => (await callsOf(id, bob))?.join() === 'create null')
    await bob.operator.get(DeleteUserDocument, { input: { userId: id } })
    // The first look has ended, too: what it plans counts from the time at which it ends.
    await eventually(async () => looksFor(broadworksId) > 0 && (await slow.platform.queue.counts()).running === 0)
    return carryOut
  }

  it('leaves nothing at Webex when that is carried out late', async () => {
    const broadworksId = newId()
    const carryOut = await deletedUser(broadworksId)
    carryOut()
    const [late] = heldAtWebex(broadworksId) as [FakeSubscriber]
    await passTime(slow, clock, 30_000)
    await eventually(async () => heldAtWebex(broadworksId).length === 0)
    expect(isDeletionAsked(late)).toBe(true)
  })

  it.each([503, 401])('looks on after a look that failed with HTTP %i', async status => {
    const broadworksId = newId()
    webex.next('GET', broadworksId, refusing(status))
    const carryOut = await deletedUser(broadworksId)
    carryOut()
    await passTime(slow, clock, 30_000)
    await eventually(async () => heldAtWebex(broadworksId).length === 0)
  })

  it.each<[string, Record<string, unknown>]>([
    ['of another enterprise', { spEnterpriseId: 'SP1+other' }],
    ['of another template', { provisioningId: 'b3RoZXI' }],
    ['of another BroadWorks ID', { userId: 'another-user' }],
  ])('deletes its own subscriber, and none %s that Webex lists before it', async (_, fields) => {
    const broadworksId = newId()
    const carryOut = await deletedUser(broadworksId)
    carryOut()
    const [ours] = heldAtWebex(broadworksId) as [FakeSubscriber]
    const theirs = { ...ours, id: `theirs-${nextNumber()}`, ...fields }
    webex.subscribers.push(theirs)
    webex.next('GET', broadworksId, ({ answer }) => answer(200, { items: [theirs, ours] }))
    await passTime(slow, clock, 30_000)
    await eventually(async () => isDeletionAsked(ours) && (await slow.platform.queue.counts()).running === 0)
    // From now on Webex lists theirs alone. The BroadWorks ID is free here once the deletion has ended.
    await passTime(slow, clock, 61_000)
    await makeUser(bob.operator, bobsTemplate, { broadworksId })
    expect(isDeletionAsked(theirs)).toBe(false)
    expect(webex.subscribers).toContain(theirs)
  })

  it('ends a minute after the user was deleted, when nothing shows, and frees the BroadWorks ID', async () => {
    const broadworksId = newId()
    await deletedUser(broadworksId)
    await passTime(slow, clock, 61_000)
    expect((await makeUser(bob.operator, bobsTemplate, { broadworksId })).status).toBe('PENDING_EMAIL_INPUT')
    const looks = looksFor(broadworksId)
    expect(looks).toBeGreaterThan(1)
    await passTime(slow, clock, 3_600_000)
    await eventually(async () => {
      const { waiting, running } = await slow.platform.queue.counts()
      return waiting + running === 0
    })
    expect(looksFor(broadworksId)).toBe(looks)
  })
})
