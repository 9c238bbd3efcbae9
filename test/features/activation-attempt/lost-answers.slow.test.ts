import { setTimeout as sleep } from 'node:timers/promises'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus } from '../../support/world/builders'
import { type Exchange, type FakeSubscriber, type FakeWebex, startFakeWebex } from '../../support/fakes/webex'
import {
  ChangePackageTypeDocument,
  DeleteUserDocument,
  RetryActivationDocument,
  UserHistoryDocument,
} from '../../support/operations/operations.generated'
import { eventually } from '../../support/world/waiting'

let webex: FakeWebex
let app: TestApp
let alice: TestPartner
let template: string

beforeAll(async () => {
  webex = await startFakeWebex()
  app = await startTestApp({ environment: { WEBEX_BASE_URL: webex.url, WEBEX_ACCESS_TOKEN: 'token' } })
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin, { provisioningId: 'dGVzdHM6dGVtcGxhdGU' })
})
afterAll(async () => {
  await app.stop()
  await webex.stop()
})

function newId(): string {
  return `user-${nextNumber()}`
}

function address(): string {
  return `anna-${nextNumber()}@example.com`
}

/** Hands a user over with an address, so that an operator vouches for it and the creation begins. */
function hand(broadworksId: string) {
  return makeUser(alice.operator, template, { broadworksId, email: address() })
}

async function liveUser() {
  const { id } = await hand(newId())
  const user = await untilStatus(alice.operator, id, 'PROVISIONED')
  return { ...user, webexSubscriberId: user.webexSubscriberId as string }
}

async function retry(userId: string, email?: string) {
  const { retryActivation } = await alice.operator.get(RetryActivationDocument, { input: { userId, email } })
  expect(retryActivation?.userErrors).toEqual([])
}

function changePackage(userId: string, packageType: 'BASIC' | 'PREMIUM') {
  return alice.operator.get(ChangePackageTypeDocument, { input: { userId, packageType } })
}

async function lastSteps(userId: string) {
  const { provisionedUser } = await alice.operator.get(UserHistoryDocument, { id: userId })
  return provisionedUser?.attempts.nodes[0]?.steps.map(({ name, httpStatus }) => `${name} ${httpStatus}`)
}

function heldAtWebex(broadworksId: string) {
  return webex.subscribers.filter(({ userId }) => userId === broadworksId)
}

describe('a creation whose answer is lost', () => {
  it.concurrent.each<[string, (exchange: Exchange) => void]>([
    ['breaks the connection', ({ drop }) => drop()],
    ['answers what is no JSON', ({ answer }) => answer(200, '<html>A proxy says hello.</html>')],
    ['answers JSON that is not in the contract', ({ answer }) => answer(200, { id: 17, status: 'lovely' })],
  ])('is looked up and not repeated, when Webex does the work and %s', async (_, lose) => {
    const broadworksId = newId()
    webex.next('POST', broadworksId, exchange => {
      exchange.carryOut()
      lose(exchange)
    })
    const { id } = await hand(broadworksId)
    const live = await untilStatus(alice.operator, id, 'PROVISIONED')
    expect(heldAtWebex(broadworksId)).toMatchObject([{ id: live.webexSubscriberId }])
    expect(await lastSteps(id)).toEqual(['create null', 'look-up 200', 'follow 200'])
  })

  it.concurrent('is repeated when the look shows that Webex did nothing', async () => {
    const broadworksId = newId()
    webex.next('POST', broadworksId, ({ drop }) => drop())
    const { id } = await hand(broadworksId)
    await untilStatus(alice.operator, id, 'PROVISIONED')
    expect(heldAtWebex(broadworksId)).toHaveLength(1)
    expect(await lastSteps(id)).toEqual(['create null', 'look-up 200', 'create 200', 'follow 200'])
  })

  it.concurrent('ends in ERROR when the looks are not answered either, and the retry looks before it creates', async () => {
    const failed = await failedUser()
    expect(failed.errors).toMatchObject([{ code: null, httpStatus: null, upstreamText: null }])
    expect(failed).toMatchObject({ webexSubscriberId: null, diagnosis: { retryable: true, fixer: 'NOBODY' } })
    expect(failed.diagnosis?.nextAttemptAt).not.toBeNull()
    // Six tries, or fewer on a machine that is too slow to make them within the time that there is.
    expect((await lastSteps(failed.id))?.join()).toMatch(/^create 500(,look-up null){2,5}$/)
    await retry(failed.id)
    const live = await untilStatus(alice.operator, failed.id, 'PROVISIONED')
    expect(heldAtWebex(failed.broadworksId)).toMatchObject([{ id: live.webexSubscriberId }])
    expect(await lastSteps(failed.id)).toEqual(['look-up 200', 'follow 200'])
  })
})

/** Webex carries the creation out and answers HTTP 500, and then answers no look for as long as the attempt lasts. */
async function failedUser() {
  const broadworksId = newId()
  webex.next('POST', broadworksId, exchange => {
    exchange.carryOut()
    exchange.answer(500, { message: 'Internal Server Error', errors: [], trackingId: 'FAKE_500' })
  })
  let answers = false
  const drop: Parameters<typeof webex.next>[2] = exchange => {
    if (answers) return exchange.answer(200, { items: heldAtWebex(broadworksId) })
    exchange.drop()
  }
  for (let time = 0; time < 5; time += 1) webex.next('GET', broadworksId, drop)
  const { id } = await hand(broadworksId)
  const failed = await untilStatus(alice.operator, id, 'ERROR')
  answers = true
  return failed
}

describe('a creation that Webex carries out and answers with HTTP 500', () => {
  it.concurrent('is looked up and gone on with', async () => {
    const broadworksId = newId()
    webex.next('POST', broadworksId, exchange => {
      exchange.carryOut()
      exchange.answer(500, { message: 'Internal Server Error', errors: [], trackingId: 'FAKE_500' })
    })
    const { id } = await hand(broadworksId)
    const live = await untilStatus(alice.operator, id, 'PROVISIONED')
    expect(heldAtWebex(broadworksId)).toMatchObject([{ id: live.webexSubscriberId }])
    expect(await lastSteps(id)).toEqual(['create 500', 'look-up 200', 'follow 200'])
  })

  it.concurrent('is not deleted by a retry with another address, when its user is live by then', async () => {
    const failed = await failedUser()
    await retry(failed.id, address())
    const live = await untilStatus(alice.operator, failed.id, 'PROVISIONED')
    expect(live.email).toBe(failed.email)
    expect(heldAtWebex(failed.broadworksId)).toMatchObject([{ id: live.webexSubscriberId, email: failed.email }])
    expect(await lastSteps(failed.id)).toEqual(['look-up 200', 're-read 200'])
  })

  it.concurrent('is replaced by a retry with another address, when it came to nothing', async () => {
    const failed = await failedUser()
    const email = address()
    const [subscriber] = heldAtWebex(failed.broadworksId) as [FakeSubscriber]
    for (let look = 0; look < 2; look += 1) {
      webex.next('GET', subscriber.id, ({ answer }) => answer(200, { ...subscriber, status: 'error', errors: [{ errorCode: 200039 }] }))
    }
    await retry(failed.id, email)
    const live = await untilStatus(alice.operator, failed.id, 'PROVISIONED')
    expect(live.email).toBe(email)
    expect(heldAtWebex(failed.broadworksId)).toMatchObject([{ id: live.webexSubscriberId, email }])
    const replaced = ['re-read 200', 'precheck 200', 're-read 200', 'delete 204', 'create 200', 'follow 200']
    expect(await lastSteps(failed.id)).toEqual(['look-up 200', ...replaced])
  })

  it.concurrent('gets the package that was recorded meanwhile', async () => {
    const failed = await failedUser()
    await changePackage(failed.id, 'PREMIUM')
    await retry(failed.id)
    const live = await eventually(async () => {
      const user = await untilStatus(alice.operator, failed.id, 'PROVISIONED', 'UPDATING', 'PROVISIONING')
      return user.status === 'PROVISIONED' && user.packageType === 'PREMIUM' ? user : null
    })
    expect(live.requestedPackageType).toBeNull()
    expect(heldAtWebex(failed.broadworksId)).toMatchObject([{ package: 'premium' }])
  })

  it.concurrent('leaves nothing at Webex when the user is deleted then', async () => {
    const failed = await failedUser()
    expect(heldAtWebex(failed.broadworksId)).toHaveLength(1)
    await alice.operator.get(DeleteUserDocument, { input: { userId: failed.id } })
    await eventually(async () => heldAtWebex(failed.broadworksId).length === 0)
  })
})

describe('an update whose answer is lost', () => {
  it.concurrent('is not repeated while Webex is at it, which would be refused', async () => {
    const { id, webexSubscriberId } = await liveUser()
    webex.next('PUT', webexSubscriberId, exchange => {
      exchange.carryOut()
      exchange.drop()
    })
    await changePackage(id, 'BASIC')
    const live = await untilStatus(alice.operator, id, 'PROVISIONED')
    expect(live).toMatchObject({ packageType: 'BASIC', requestedPackageType: null })
    expect(await lastSteps(id)).toEqual(['update null', 'look-up 200', 'follow 200'])
  })

  it.concurrent('ends in ERROR after six times, and a retry brings it to pass', async () => {
    const { id, webexSubscriberId, webexPersonId } = await liveUser()
    for (let time = 0; time < 6; time += 1) webex.next('PUT', webexSubscriberId, ({ drop }) => drop())
    await changePackage(id, 'BASIC')
    const failed = await untilStatus(alice.operator, id, 'ERROR')
    expect(failed).toMatchObject({ webexPersonId, packageType: 'STANDARD', requestedPackageType: 'BASIC' })
    await retry(id)
    expect(await untilStatus(alice.operator, id, 'PROVISIONED')).toMatchObject({ packageType: 'BASIC', errors: [] })
  })
})

describe('a user who is deleted while the creation is under way', () => {
  it.concurrent.each<[string, (exchange: Exchange) => void]>([
    ['is answered after all', ({ answer, body }) => answer(200, heldAtWebex(body['userId'] as string)[0])],
    ['breaks the connection', ({ drop }) => drop()],
    ['answers HTTP 502', ({ answer }) => answer(502, 'Bad Gateway')],
  ])('leaves nothing at Webex when that %s', async (_, end) => {
    const broadworksId = newId()
    let goOn = (): void => undefined
    const held = new Promise<void>(resolve => (goOn = resolve))
    const creation = { arrived: false, made: 0 }
    webex.next('POST', broadworksId, async exchange => {
      creation.arrived = true
      await held
      exchange.carryOut()
      creation.made = heldAtWebex(broadworksId).length
      end(exchange)
    })
    const { id } = await hand(broadworksId)
    await eventually(async () => creation.arrived)
    const { deleteUser } = await alice.operator.get(DeleteUserDocument, { input: { userId: id } })
    expect(deleteUser).toMatchObject({ deletedUserId: id, userErrors: [] })
    // Time for a deletion that does not wait for the creation to look at Webex, find nothing, and take that for the end.
    await sleep(300)
    goOn()
    await eventually(async () => creation.made === 1 && heldAtWebex(broadworksId).length === 0)
  })
})
