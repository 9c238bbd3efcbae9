import { randomUUID } from 'node:crypto'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { attemptsOf, callsOf } from '../../support/world/attempts'
import { nextNumber, untilStatus } from '../../support/world/builders'
import { type FakeSubscriber, type FakeWebex, startFakeWebex } from '../../support/fakes/webex'
import { RetryActivationDocument } from '../../support/operations/operations.generated'
import { ENTERPRISE, runSync, syncedUser } from '../../support/world/sync'

let webex: FakeWebex
let app: TestApp
let alice: TestPartner

beforeAll(async () => {
  webex = await startFakeWebex()
  app = await startTestApp({ environment: { WEBEX_BASE_URL: webex.url, WEBEX_ACCESS_TOKEN: 'token', WEBEX_CALLS_PER_SECOND: '1000' } })
  alice = await app.addPartner()
})
afterAll(async () => {
  await app.stop()
  await webex.stop()
})
beforeEach(() => {
  webex.subscribers.length = 0
  webex.requests.length = 0
})

/** A live subscriber at Webex, and its user here. */
async function syncedSubscriber() {
  const number = nextNumber()
  const subscriber: FakeSubscriber = {
    id: `subscriber-${number}`,
    personId: `person-${randomUUID()}`,
    userId: `user.${number}@provider.example`,
    ...ENTERPRISE,
    firstName: 'Anna',
    lastName: 'Rossi',
    email: `anna.${number}@example.com`,
    package: 'standard',
    status: 'provisioned',
    created: '2026-10-01T08:00:00.000Z',
    lastStatusChange: '2026-10-02T08:00:00.000Z',
  }
  webex.subscribers.push(subscriber)
  await runSync(alice, { full: true })
  return { subscriber, user: await userOf(subscriber) }
}

async function userOf({ userId }: FakeSubscriber) {
  const user = await syncedUser(alice, userId)
  if (!user) throw new Error(`${userId} is not there.`)
  return user
}

/** What a response of Webex shows of a subscriber when it leaves the person out. */
function withoutPerson({ personId: _, ...subscriber }: FakeSubscriber, status: 'error' | 'updating') {
  const errors = status === 'error' ? [{ errorCode: 200041, description: 'Conflict' }] : []
  return { ...subscriber, status, errors }
}

async function retry(userId: string, email?: string) {
  const { retryActivation } = await alice.operator.get(RetryActivationDocument, { input: { userId, email } })
  expect(retryActivation?.userErrors).toEqual([])
  return retryActivation?.provisionedUser
}

describe('a live user whom Webex shows without a person', () => {
  it.each(['error', 'updating'] as const)(
    'keeps the person that is known while Webex shows %s, so that a retry is an update',
    async status => {
      const { subscriber, user } = await syncedSubscriber()
      webex.next('GET', '/broadworks/subscribers?', ({ answer }) => answer(200, { items: [withoutPerson(subscriber, status)] }))
      // An update that runs is followed, and ends in an error.
      const shows = status === 'updating' ? 2 : 1
      for (let show = 0; show < shows; show += 1) {
        webex.next('GET', subscriber.id, ({ answer }) => answer(200, withoutPerson(subscriber, 'error')))
      }
      expect(await runSync(alice, { full: true })).toMatchObject({ updated: 1 })
      const failed = await untilStatus(alice.viewer, user.id, 'ERROR')
      expect(failed).toMatchObject({ webexPersonId: subscriber.personId, errors: [{ code: 200041 }] })

      expect(await retry(user.id)).toMatchObject({ status: 'UPDATING' })
      const live = await untilStatus(alice.viewer, user.id, 'PROVISIONED', 'ERROR')
      expect(live).toMatchObject({ status: 'PROVISIONED', webexSubscriberId: subscriber.id, webexPersonId: subscriber.personId })
      expect(callsOf((await attemptsOf(alice, user.id))[0])).toEqual(['look-up 200', 'update 200', 'follow 200'])
      expect(webex.requests.filter(request => request.startsWith('DELETE'))).toEqual([])
    },
  )
})

describe('a subscriber without a person that took the place of a live one', () => {
  it('is not given the person of the other, so that a retry replaces what failed', async () => {
    const { subscriber, user } = await syncedSubscriber()
    const renewed: FakeSubscriber = { ...withoutPerson(subscriber, 'error'), id: `renewed-${nextNumber()}` }
    webex.subscribers.splice(0, 1, renewed)
    // The sync asks whether it is there, and the retry before it deletes.
    for (let show = 0; show < 2; show += 1) webex.next('GET', renewed.id, ({ answer }) => answer(200, renewed))
    expect(await runSync(alice)).toMatchObject({ updated: 1 })
    const failed = await untilStatus(alice.viewer, user.id, 'ERROR')
    expect(failed).toMatchObject({ webexSubscriberId: renewed.id, webexPersonId: null })

    expect(await retry(user.id, renewed.email)).toMatchObject({ status: 'PROVISIONING' })
    await untilStatus(alice.viewer, user.id, 'PROVISIONED')
    expect(callsOf((await attemptsOf(alice, user.id))[0])).toEqual(['re-read 200', 'delete 204', 'create 200', 'follow 200'])
  })
})
