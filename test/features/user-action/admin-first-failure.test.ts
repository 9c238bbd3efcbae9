import type { Customer } from '../../../src/features/customer/customer.entity'
import { EmailOrigin, type ProvisionedUser } from '../../../src/features/provisioned-user/provisioned-user.entity'
import { UserStatus } from '../../../src/provisioning/lifecycle'
import { type FakeSubscriber, type FakeWebex, startFakeWebex } from '../../support/fakes/webex'
import { RetryActivationDocument, UserHistoryDocument } from '../../support/operations/operations.generated'
import { insertCustomers, insertUsers } from '../../support/schema/lists'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, nextNumber, untilStatus } from '../../support/world/builders'

let webex: FakeWebex
let app: TestApp
let alice: TestPartner

beforeAll(async () => {
  webex = await startFakeWebex()
  app = await startTestApp({ environment: { WEBEX_BASE_URL: webex.url, WEBEX_ACCESS_TOKEN: 'token' } })
  alice = await app.addPartner()
})
afterAll(async () => {
  await app.stop()
  await webex.stop()
})

const address = () => `anna-${nextNumber()}@example.com`

/** The first user of a customer, without an address, and a second one who confirmed an address and waits for the first. */
async function firstAndWaiting(): Promise<{ first: ProvisionedUser; waiting: ProvisionedUser }> {
  const userVerification = { provisionAdminFirst: true }
  const template = await makeTemplate(alice.admin, { provisioningId: `template-${nextNumber()}`, userVerification })
  const [customer] = (await insertCustomers(app, alice.partnerId, template, [{}])) as [Customer]
  const now = new Date().toISOString()
  const confirmed = { email: address(), emailOrigin: EmailOrigin.CONFIRMED, emailConfirmedAt: now }
  const rows = [{}, { ...confirmed, status: UserStatus.PENDING_EMAIL_VALIDATION, createdAt: now }]
  const [first, waiting] = (await insertUsers(app, customer, rows)) as [ProvisionedUser, ProvisionedUser]
  return { first, waiting }
}

/** Lets the next creation of this user end in an error at Webex after the person was made, and the next look fail for good. */
function failWithPerson(broadworksId: string, errorCode: number): void {
  webex.next('POST', broadworksId, ({ carryOut, answer }) => {
    carryOut()
    const subscriber = webex.subscribers.find(({ userId }) => userId === broadworksId) as FakeSubscriber
    const errors = [{ errorCode, description: 'As told' }]
    webex.next('GET', subscriber.id, exchange => exchange.answer(200, { ...subscriber, status: 'error', personId: 'person', errors }))
    webex.next('GET', subscriber.id, exchange => exchange.answer(403, { message: 'Forbidden', errors: [] }))
    answer(200, subscriber)
  })
}

describe('With "provision admin first", a first user whose activation fails', () => {
  it.each([
    ['at once', 200048, { code: 200048 }],
    ['after Webex was asked to begin anew', 2560, { code: null, httpStatus: 403 }],
  ])('%s releases the users who wait when Webex made a person: the customer has its administrator', async (_, errorCode, error) => {
    const { first, waiting } = await firstAndWaiting()
    failWithPerson(first.broadworksId, errorCode)
    const { retryActivation } = await alice.operator.get(RetryActivationDocument, { input: { userId: first.id, email: address() } })
    expect(retryActivation?.userErrors).toEqual([])
    expect(await untilStatus(alice.viewer, first.id, 'ERROR')).toMatchObject({ webexPersonId: 'person', errors: [error] })

    await untilStatus(alice.viewer, waiting.id, 'PROVISIONED')
    const { provisionedUser } = await alice.viewer.get(UserHistoryDocument, { id: waiting.id })
    expect(provisionedUser?.attempts.nodes).toMatchObject([{ trigger: 'AUTOMATIC', actor: 'activation', email: waiting.email }])
  })
})
