import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus, userItem } from '../../support/world/builders'
import {
  ChangePackageTypeDocument,
  DeleteUserDocument,
  FindUserDocument,
  ProvisionUserDocument,
  RetryActivationDocument,
  UserHistoryDocument,
} from '../../support/operations/operations.generated'
import { startUpstream, type Upstream } from '../../support/fakes/upstream'

let upstream: Upstream
let app: TestApp
let alice: TestPartner
let template: string

beforeAll(async () => {
  upstream = await startUpstream()
  app = await startTestApp({ environment: { ...upstream.environment, WEBEX_READ_ONLY: 'on' } })
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin, { provisioningId: upstream.provisioningId })
})
afterAll(async () => {
  await app.stop()
  await upstream.stop()
})

const REFUSED = [{ code: 'UPSTREAM_REFUSED', field: null, message: expect.stringContaining('WEBEX_READ_ONLY') as string }]

describe('with a connection that can only read', () => {
  it('a retry is refused in plain words, and nothing is changed', async () => {
    const { id } = await makeUser(alice.operator, template)
    const email = `anna-${nextNumber()}@example.com`
    const { retryActivation } = await alice.operator.get(RetryActivationDocument, { input: { userId: id, email } })
    expect(retryActivation).toMatchObject({ provisionedUser: null, userErrors: REFUSED })
    expect(await untilStatus(alice.operator, id, 'PENDING_EMAIL_INPUT')).toMatchObject({ email: null })
    const { provisionedUser } = await alice.operator.get(UserHistoryDocument, { id })
    expect(provisionedUser?.attempts.nodes).toEqual([])
  })

  it('a hand-over that would be created at once is refused, and leaves nobody behind', async () => {
    const user = userItem(template, { email: `anna-${nextNumber()}@example.com` })
    const { provisionUser } = await alice.operator.get(ProvisionUserDocument, { input: { user } })
    expect(provisionUser).toMatchObject({ provisionedUser: null, userErrors: REFUSED })
    const { provisionedUser } = await alice.operator.get(FindUserDocument, { broadworksId: user.broadworksId })
    expect(provisionedUser).toBeNull()
  })

  it('what needs nothing of Webex goes on: a recorded package, and the deletion of who exists only here', async () => {
    const { id } = await makeUser(alice.operator, template)
    const { changePackageType } = await alice.operator.get(ChangePackageTypeDocument, { input: { userId: id, packageType: 'PREMIUM' } })
    expect(changePackageType).toMatchObject({ provisionedUser: { requestedPackageType: 'PREMIUM' }, userErrors: [] })
    const { deleteUser } = await alice.operator.get(DeleteUserDocument, { input: { userId: id } })
    expect(deleteUser).toMatchObject({ deletedUserId: id, userErrors: [] })
  })
})
