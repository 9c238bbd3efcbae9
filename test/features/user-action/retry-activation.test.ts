import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, untilStatus } from '../../support/world/builders'
import { RetryActivationDocument, UserHistoryDocument } from '../../support/operations/operations.generated'

let app: TestApp
let alice: TestPartner
let template: string

beforeAll(async () => {
  app = await startTestApp()
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin)
})
afterAll(() => app.stop())

async function retry(userId: string, email?: string) {
  const { retryActivation } = await alice.operator.get(RetryActivationDocument, { input: { userId, email } })
  if (!retryActivation) throw new Error('retryActivation answered null.')
  return retryActivation
}

describe('retryActivation', () => {
  it('provisions a waiting user with the address of the operator, and keeps the attempt with its steps', async () => {
    const { id } = await makeUser(alice.operator, template)
    const { provisionedUser, userErrors } = await retry(id, 'anna@example.com')
    expect(userErrors).toEqual([])
    expect(provisionedUser).toMatchObject({ status: 'PROVISIONING', email: 'anna@example.com', availableActions: ['DELETE_USER'] })

    const live = await untilStatus(alice.viewer, id, 'PROVISIONED')
    expect(live.webexPersonId).not.toBeNull()
    expect(live.diagnosis).toBeNull()
    const { provisionedUser: history } = await alice.viewer.get(UserHistoryDocument, { id })
    const [attempt, ...earlier] = history?.attempts.nodes ?? []
    expect(earlier).toEqual([])
    expect(attempt).toMatchObject({ trigger: 'ADMIN', actor: 'operator of the tests', email: 'anna@example.com', outcome: 'PROVISIONED' })
    expect(attempt?.steps.map(step => [step.name, step.httpStatus])).toEqual([
      ['create', 200],
      ['follow', 200],
    ])
    expect(attempt?.steps.every(step => step.trackingId !== null)).toBe(true)
  })
})
