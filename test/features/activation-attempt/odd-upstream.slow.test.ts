import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus } from '../../support/world/builders'
import { type FakeSubscriber, type FakeWebex, startFakeWebex } from '../../support/fakes/webex'
import {
  ChangePackageTypeDocument,
  DeleteUserDocument,
  ResendConsentEmailDocument,
  RetryActivationDocument,
  UpdateProvisionedUserDocument,
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

function hand(broadworksId: string) {
  return makeUser(alice.operator, template, { broadworksId, email: `anna-${nextNumber()}@example.com` })
}

function heldAtWebex(broadworksId: string): FakeSubscriber[] {
  return webex.subscribers.filter(({ userId }) => userId === broadworksId)
}

const REFUSED = { message: 'In use', errors: [{ errorCode: 10022, description: 'In use' }], trackingId: 'FAKE' }

describe('a creation that Webex refuses because somebody else has the BroadWorks ID', () => {
  it('leaves the other subscriber alone when our user is deleted', async () => {
    const broadworksId = `user-${nextNumber()}`
    webex.subscribers.push({
      id: 'others',
      userId: broadworksId,
      spEnterpriseId: 'SP1+acme',
      provisioningId: 'other',
      firstName: 'Bruno',
      lastName: 'Bianchi',
      package: 'basic',
      email: '',
      status: 'provisioned',
    })
    webex.next('POST', broadworksId, ({ answer }) => answer(409, REFUSED))
    const { id } = await hand(broadworksId)
    await untilStatus(alice.operator, id, 'ERROR')
    const { deleteUser } = await alice.operator.get(DeleteUserDocument, { input: { userId: id } })
    expect(deleteUser?.deletedUserId).toBe(id)
    // The ID is free at once, so the deletion has ended.
    const again = await makeUser(alice.operator, template, { broadworksId })
    expect(again.status).toBe('PENDING_EMAIL_INPUT')
    expect(heldAtWebex(broadworksId).map(({ id: subscriberId }) => subscriberId)).toEqual(['others'])
    expect(webex.requests.filter(request => request === 'DELETE /broadworks/subscribers/others')).toEqual([])
  })
})

describe('a creation whose answer was lost', () => {
  it('is still looked up after a look-up was refused', async () => {
    const broadworksId = `user-${nextNumber()}`
    webex.next('POST', broadworksId, exchange => {
      exchange.carryOut()
      exchange.drop()
    })
    webex.next('GET', broadworksId, ({ answer }) => answer(403, { message: 'Forbidden' }))
    const { id } = await hand(broadworksId)
    const failed = await untilStatus(alice.operator, id, 'ERROR')
    expect(failed.errors).toMatchObject([{ httpStatus: 403 }])
    await alice.operator.get(RetryActivationDocument, { input: { userId: id } })
    const live = await untilStatus(alice.operator, id, 'PROVISIONED')
    expect(heldAtWebex(broadworksId)).toMatchObject([{ id: live.webexSubscriberId }])
  })
})

describe('what Webex says in its own way', () => {
  it.each([
    ['a status that nobody knows', 'lovely'],
    ['a wait of its own for an address', 'pending_email_input'],
  ])('ends an attempt with %s in ERROR and not in an endless wait', async (_, status) => {
    const broadworksId = `user-${nextNumber()}`
    webex.next('POST', broadworksId, exchange => {
      exchange.carryOut()
      const [subscriber] = heldAtWebex(broadworksId)
      webex.next('GET', subscriber?.id as string, ({ answer }) => answer(200, { ...subscriber, status }))
      exchange.answer(200, subscriber)
    })
    const { id } = await hand(broadworksId)
    const failed = await untilStatus(alice.operator, id, 'ERROR')
    expect(failed.errors).toMatchObject([{ code: null, upstreamText: `status ${status}` }])
    expect(failed.availableActions).toContain('RETRY_ACTIVATION')
  })

  it('cuts a name that is longer than we keep, and gives up no user for it', async () => {
    const broadworksId = `user-${nextNumber()}`
    const { id } = await hand(broadworksId)
    await untilStatus(alice.operator, id, 'PROVISIONED')
    const [subscriber] = heldAtWebex(broadworksId) as [FakeSubscriber]
    webex.next('PUT', subscriber.id, exchange => {
      exchange.carryOut()
      subscriber['firstName'] = 'A'.repeat(300)
      exchange.answer(200, subscriber)
    })
    await alice.operator.get(UpdateProvisionedUserDocument, { input: { userId: id, extension: '4711' } })
    const live = await eventually(async () => {
      const user = await untilStatus(alice.operator, id, 'PROVISIONED', 'UPDATING')
      return user.extension === '4711' ? user : null
    })
    expect(live.firstName).toBe('A'.repeat(128))
  })

  it('sends no package with a change of names, which would undo a change made in Partner Hub', async () => {
    const broadworksId = `user-${nextNumber()}`
    const { id } = await hand(broadworksId)
    await untilStatus(alice.operator, id, 'PROVISIONED')
    const [subscriber] = heldAtWebex(broadworksId) as [FakeSubscriber]
    subscriber['package'] = 'premium'
    await alice.operator.get(UpdateProvisionedUserDocument, { input: { userId: id, lastName: 'Bianchi' } })
    await eventually(async () => (await untilStatus(alice.operator, id, 'PROVISIONED')).lastName === 'Bianchi')
    expect((await untilStatus(alice.operator, id, 'PROVISIONED')).packageType).toBe('PREMIUM')
  })

  it('asks no more often after a consent mail was sent again and again', async () => {
    const broadworksId = `user-${nextNumber()}`
    webex.next('POST', broadworksId, exchange => {
      exchange.carryOut()
      const [subscriber] = heldAtWebex(broadworksId) as [FakeSubscriber]
      webex.next('GET', subscriber.id, ({ answer }) => answer(200, { ...subscriber, status: 'pending_user_migration' }))
      exchange.answer(200, subscriber)
    })
    const { id } = await hand(broadworksId)
    await untilStatus(alice.operator, id, 'PENDING_USER_MIGRATION')
    const [{ id: subscriberId }] = heldAtWebex(broadworksId) as [FakeSubscriber]
    for (let time = 0; time < 50; time += 1) {
      webex.next('GET', subscriberId, ({ answer, carryOut }) => {
        carryOut()
        answer(200, { ...heldAtWebex(broadworksId)[0], status: 'pending_user_migration' })
      })
    }
    for (let time = 0; time < 10; time += 1) {
      webex.next('POST', `${subscriberId}/emails/consentMove`, ({ answer }) => answer(204, undefined))
      const { resendConsentEmail } = await alice.operator.get(ResendConsentEmailDocument, { input: { userId: id } })
      expect(resendConsentEmail?.userErrors).toEqual([])
    }
    const asked = () => webex.requests.filter(request => request === `GET /broadworks/subscribers/${subscriberId}`).length
    const before = asked()
    // Two more looks of the one watch that is left; eleven watches would have made many times as many.
    await eventually(async () => asked() >= before + 2)
    expect(asked()).toBeLessThan(before + 6)
  })
})

describe('a refused action', () => {
  it('is refused for the state of the user before anything else', async () => {
    const { id } = await hand(`user-${nextNumber()}`)
    await untilStatus(alice.operator, id, 'PROVISIONED')
    const other = await untilStatus(alice.operator, (await hand(`user-${nextNumber()}`)).id, 'PROVISIONED')
    const { retryActivation } = await alice.operator.get(RetryActivationDocument, { input: { userId: id, email: other.email } })
    expect(retryActivation?.userErrors).toMatchObject([{ code: 'INVALID_STATE', field: null }])
    const { changePackageType } = await alice.operator.get(ChangePackageTypeDocument, { input: { userId: id, packageType: 'STANDARD' } })
    expect(changePackageType?.userErrors).toEqual([])
  })
})
