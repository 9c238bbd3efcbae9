import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus } from '../../support/world/builders'
import {
  ChangePackageTypeDocument,
  FindCustomerDocument,
  ResendConsentEmailDocument,
  RetryActivationDocument,
  UpdateProvisionedUserDocument,
  UserHistoryDocument,
  type UserStatus,
} from '../../support/operations/operations.generated'
import { startUpstream, type Upstream } from '../../support/fakes/upstream'
import { eventually } from '../../support/world/waiting'

let upstream: Upstream
let app: TestApp
let alice: TestPartner
let template: string

beforeAll(async () => {
  upstream = await startUpstream()
  app = await startTestApp({ environment: upstream.environment })
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin, { provisioningId: upstream.provisioningId })
})
afterAll(async () => {
  await app.stop()
  await upstream.stop()
})

/** An address that the simulator's rules read by its first part, and no other test uses. */
function address(rule: string): string {
  return `${rule}-${nextNumber()}@example.com`
}

async function retry(userId: string, email?: string) {
  const { retryActivation } = await alice.operator.get(RetryActivationDocument, { input: { userId, email } })
  if (!retryActivation) throw new Error('retryActivation answered null.')
  return retryActivation
}

async function attemptsOf(userId: string) {
  const { provisionedUser } = await alice.operator.get(UserHistoryDocument, { id: userId })
  return (provisionedUser?.attempts.nodes ?? []).map(({ trigger, actor: by, email, outcome, startedAt, endedAt, errors, steps }) => ({
    trigger,
    by,
    email,
    outcome,
    lastedMs: endedAt ? Date.parse(endedAt) - Date.parse(startedAt) : null,
    codes: errors.map(({ code }) => code),
    steps: steps.map(({ name, httpStatus }) => `${name} ${httpStatus}`),
  }))
}

/** A user whom an operator hands over with an address, once it has the status. */
async function userWith(email: string, ...statuses: UserStatus[]) {
  const { id } = await makeUser(alice.operator, template, { email })
  return untilStatus(alice.operator, id, ...statuses)
}

describe('an activation', () => {
  it.concurrent('ends in ERROR with the code of the background work, and tells it in words that support can copy', async () => {
    const email = address('error-10022')
    const user = await userWith(email, 'ERROR')
    const [error, ...others] = user.errors
    expect(others).toEqual([])
    expect(error).toMatchObject({
      code: 10022,
      httpStatus: null,
      upstreamText: 'The BroadWorks UserID is already associated with an existing user',
      catalogEntry: { code: 10022 },
    })
    expect(user).toMatchObject({ webexPersonId: null, availableActions: ['RETRY_ACTIVATION', 'CHANGE_PACKAGE_TYPE', 'DELETE_USER'] })
    expect(user.webexSubscriberId).not.toBeNull()
    expect(user.diagnosis?.stuckSince).toBe(user.lastStatusChange)
    expect(user.errorText?.split('\n')).toEqual([
      '10022 The BroadWorks UserID is already associated with an existing user',
      `BroadWorks ID ${user.broadworksId} · enterprise SP1+acme · tracking ${error?.trackingId} · ${user.lastStatusChange}`,
    ])
    expect(await attemptsOf(user.id)).toMatchObject([
      { trigger: 'API', email, outcome: 'FAILED', codes: [10022], steps: ['create 200', 'follow 200'] },
    ])
  })

  it.concurrent('passes a code that nobody knows through with its text', async () => {
    const user = await userWith(address('error-987654'), 'ERROR')
    expect(user.errors).toMatchObject([{ code: 987654, catalogEntry: null, message: expect.stringContaining('987654') as string }])
    expect(user.errorText).toMatch(/^987654 Provisioning of the subscriber failed with code 987654\n/)
  })

  it.concurrent.each([400, 403, 409])('ends in ERROR at once when Webex refuses it with HTTP %i', async status => {
    const user = await userWith(address(`http-${status}`), 'ERROR')
    expect(user.errors).toMatchObject([{ code: null, httpStatus: status }])
    expect(user.webexSubscriberId).toBeNull()
    expect(user.errorText).toMatch(new RegExp(`^HTTP ${status} `))
    expect(user.diagnosis?.nextAttemptAt).toBeNull()
    expect(await attemptsOf(user.id)).toMatchObject([{ outcome: 'FAILED', steps: [`create ${status}`] }])
    expect(await upstream.find(user.broadworksId)).toEqual([])
  })

  it.concurrent('learns the Webex organisation of the customer with its first live user', async () => {
    const spEnterpriseId = `SP1+${nextNumber()}`
    const user = await makeUser(alice.operator, template, { email: address('anna'), spEnterpriseId })
    expect((await alice.operator.get(FindCustomerDocument, { spEnterpriseId })).customer).toMatchObject({ webexOrgId: null })
    await untilStatus(alice.operator, user.id, 'PROVISIONED')
    const customer = await eventually(async () => {
      const { customer: found } = await alice.operator.get(FindCustomerDocument, { spEnterpriseId })
      return found?.webexOrgId ? found : null
    })
    expect(Buffer.from(customer.webexOrgId ?? '', 'base64url').toString()).toMatch(/^ciscospark:\/\/us\/ORGANIZATION\//)
  })
})

describe('a user whose address belongs to a consumer account', () => {
  it.concurrent('waits for consent, and goes on by itself once its owner consented', async () => {
    const email = address('consumer')
    const waiting = await userWith(email, 'PENDING_USER_MIGRATION')
    expect(waiting).toMatchObject({
      webexPersonId: null,
      errors: [],
      errorText: null,
      pendingRequirement: "waiting for the user's consent to move",
      availableActions: ['RETRY_ACTIVATION', 'CHANGE_PACKAGE_TYPE', 'DELETE_USER', 'RESEND_CONSENT_EMAIL'],
    })
    await upstream.consent(email)
    const live = await untilStatus(alice.operator, waiting.id, 'PROVISIONED')
    expect(live).toMatchObject({ webexSubscriberId: waiting.webexSubscriberId, email })
    expect(await attemptsOf(waiting.id)).toMatchObject([
      { trigger: 'AUTOMATIC', by: 'activation', outcome: 'PROVISIONED', steps: ['follow 200'] },
      { trigger: 'API', outcome: 'PENDING_USER_MIGRATION', steps: ['create 200', 'follow 200'] },
    ])
  })

  it.concurrent('gets the package and the name that were recorded while it waited for consent', async () => {
    const email = address('consumer')
    const { id, broadworksId } = await userWith(email, 'PENDING_USER_MIGRATION')
    await alice.operator.get(ChangePackageTypeDocument, { input: { userId: id, packageType: 'PREMIUM' } })
    await alice.operator.get(UpdateProvisionedUserDocument, { input: { userId: id, lastName: 'Bianchi' } })
    await upstream.consent(email)
    const live = await eventually(async () => {
      const user = await untilStatus(alice.operator, id, 'PROVISIONED', 'UPDATING', 'PROVISIONING', 'PENDING_USER_MIGRATION')
      return user.status === 'PROVISIONED' && user.packageType === 'PREMIUM' ? user : null
    })
    expect(live).toMatchObject({ lastName: 'Bianchi', requestedPackageType: null })
    expect(await upstream.find(broadworksId)).toMatchObject([{ package: 'premium', lastName: 'Bianchi', status: 'provisioned' }])
    expect(await attemptsOf(id)).toMatchObject([{ trigger: 'AUTOMATIC' }, { trigger: 'AUTOMATIC' }, { outcome: 'PENDING_USER_MIGRATION' }])
  })

  it.concurrent('is sent the consent mail again on demand, which voids the last one', async () => {
    const email = address('consumer')
    const { id } = await userWith(email, 'PENDING_USER_MIGRATION')
    const { resendConsentEmail } = await alice.operator.get(ResendConsentEmailDocument, { input: { userId: id } })
    expect(resendConsentEmail).toMatchObject({ provisionedUser: { id, status: 'PENDING_USER_MIGRATION' }, userErrors: [] })
    expect((await upstream.mailsTo(email)).map(({ state }) => state)).toEqual(['open', 'void'])
    const { provisionedUser } = await alice.operator.get(UserHistoryDocument, { id })
    expect(provisionedUser?.auditEvents.nodes[0]).toMatchObject({ action: 'resendConsentEmail', actor: 'operator of the tests' })
  })

  it.concurrent('is deleted and created at Webex by a retry, even with the same address', async () => {
    const email = address('consumer')
    const before = await userWith(email, 'PENDING_USER_MIGRATION')
    expect((await retry(before.id)).userErrors).toMatchObject([{ code: 'EMAIL_REQUIRED', field: ['email'] }])
    expect((await retry(before.id, email)).userErrors).toEqual([])
    const after = await eventually(async () => {
      const user = await untilStatus(alice.operator, before.id, 'PENDING_USER_MIGRATION')
      return user.lastStatusChange > before.lastStatusChange ? user : null
    })
    expect(after.webexSubscriberId).not.toBe(before.webexSubscriberId)
    expect((await upstream.find(before.broadworksId)).map(({ id }) => id)).toEqual([after.webexSubscriberId])
    expect((await attemptsOf(before.id))[0]).toMatchObject({
      trigger: 'ADMIN',
      steps: ['re-read 200', 'delete 204', 'create 200', 'follow 200'],
    })
  })
})

describe('retryActivation', () => {
  it.concurrent('needs an address where none was confirmed or vouched for', async () => {
    const { id } = await makeUser(alice.operator, template)
    expect(await retry(id)).toMatchObject({ provisionedUser: null, userErrors: [{ code: 'EMAIL_REQUIRED', field: ['email'] }] })
    expect(await untilStatus(alice.operator, id, 'PENDING_EMAIL_INPUT')).toMatchObject({ email: null })
    expect(await attemptsOf(id)).toEqual([])
  })

  it.concurrent('takes the address on record for a user in ERROR, and keeps every attempt', async () => {
    const email = address('error-200044')
    const { id } = await userWith(email, 'ERROR')
    expect((await retry(id)).provisionedUser).toMatchObject({ status: 'PROVISIONING', errors: [], diagnosis: { stuckSince: null } })
    await untilStatus(alice.operator, id, 'ERROR')
    const good = address('anna')
    expect((await retry(id, good)).userErrors).toEqual([])
    const live = await untilStatus(alice.operator, id, 'PROVISIONED')
    expect(live).toMatchObject({ email: good, errors: [], errorText: null, diagnosis: null })
    expect(await upstream.find(live.broadworksId)).toMatchObject([{ id: live.webexSubscriberId, email: good, status: 'provisioned' }])
    expect(await attemptsOf(id)).toMatchObject([
      {
        trigger: 'ADMIN',
        email: good,
        outcome: 'PROVISIONED',
        codes: [],
        steps: ['precheck 200', 're-read 200', 'delete 204', 'create 200', 'follow 200'],
      },
      { trigger: 'ADMIN', email, outcome: 'FAILED', codes: [200044], steps: ['re-read 200', 'delete 204', 'create 200', 'follow 200'] },
      { trigger: 'API', email, outcome: 'FAILED', codes: [200044], steps: ['create 200', 'follow 200'] },
    ])
  })

  it.concurrent('is refused while an attempt runs, however long that takes, and for who is live', async () => {
    const busy = await makeUser(alice.operator, template, { email: address('slow-3') })
    expect(busy).toMatchObject({ status: 'PROVISIONING', availableActions: ['DELETE_USER'] })
    expect((await retry(busy.id, address('anna'))).userErrors).toMatchObject([{ code: 'INVALID_STATE', field: null }])
    const live = await untilStatus(alice.operator, busy.id, 'PROVISIONED')
    expect(live.availableActions).toEqual(['CHANGE_PACKAGE_TYPE', 'DELETE_USER'])
    expect((await retry(busy.id, address('anna'))).userErrors).toMatchObject([{ code: 'INVALID_STATE', field: null }])
    const [attempt, ...others] = await attemptsOf(busy.id)
    expect(others).toEqual([])
    // However often we asked how far it is: one wait is one step.
    expect(attempt).toMatchObject({ outcome: 'PROVISIONED', steps: ['create 200', 'follow 200'] })
    expect(attempt?.lastedMs).toBeGreaterThanOrEqual(3000)
  })

  it.concurrent('leaves everything as it is when the address belongs to another user, whatever the case of its letters', async () => {
    const email = address('anna')
    await userWith(email, 'PROVISIONED')
    const { id } = await makeUser(alice.operator, template)
    const { userErrors } = await retry(id, email.toUpperCase())
    expect(userErrors).toMatchObject([{ code: 'TAKEN', field: ['email'] }])
    expect(await untilStatus(alice.operator, id, 'PENDING_EMAIL_INPUT')).toMatchObject({ email: null })
  })

  it.concurrent('repeats the update of a user whose update failed, and refuses another address', async () => {
    const email = address('update-error-200041')
    const live = await userWith(email, 'PROVISIONED')
    const { changePackageType } = await alice.operator.get(ChangePackageTypeDocument, {
      input: { userId: live.id, packageType: 'PREMIUM' },
    })
    expect(changePackageType?.provisionedUser).toMatchObject({
      status: 'UPDATING',
      packageType: 'STANDARD',
      requestedPackageType: 'PREMIUM',
    })
    const failed = await untilStatus(alice.operator, live.id, 'ERROR')
    expect(failed).toMatchObject({ webexPersonId: live.webexPersonId, packageType: 'STANDARD', requestedPackageType: 'PREMIUM' })
    expect(failed.errors).toMatchObject([{ code: 200041 }])

    expect((await retry(live.id, address('anna'))).userErrors).toMatchObject([{ code: 'INVALID', field: ['email'] }])
    expect(await attemptsOf(live.id)).toHaveLength(2)
    expect((await retry(live.id, email)).provisionedUser).toMatchObject({ status: 'UPDATING' })
    await untilStatus(alice.operator, live.id, 'ERROR')
    expect((await retry(live.id)).provisionedUser).toMatchObject({ status: 'UPDATING' })
    await untilStatus(alice.operator, live.id, 'ERROR')
    const update = { trigger: 'ADMIN', email: null, outcome: 'FAILED', codes: [200041], steps: ['update 200', 'follow 200'] }
    const repeated = { ...update, steps: ['look-up 200', 'update 200', 'follow 200'] }
    expect(await attemptsOf(live.id)).toMatchObject([repeated, repeated, update, { outcome: 'PROVISIONED' }])
    expect((await upstream.find(live.broadworksId)).map(({ id }) => id)).toEqual([live.webexSubscriberId])
  })
})
