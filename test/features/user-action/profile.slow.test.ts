import { ProvisionedUser } from '../../../src/features/provisioned-user/provisioned-user.entity'
import { UserStatus } from '../../../src/provisioning/lifecycle'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus } from '../../support/world/builders'
import {
  ChangePackageTypeDocument,
  RetryActivationDocument,
  UpdateProvisionedUserDocument,
  type UpdateProvisionedUserInput,
  UserHistoryDocument,
} from '../../support/operations/operations.generated'
import { startUpstream, type Upstream } from '../../support/fakes/upstream'

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

function address(rule = 'anna'): string {
  return `${rule}-${nextNumber()}@example.com`
}

async function update(userId: string, change: Omit<UpdateProvisionedUserInput, 'userId'>) {
  const { updateProvisionedUser } = await alice.operator.get(UpdateProvisionedUserDocument, { input: { userId, ...change } })
  if (!updateProvisionedUser) throw new Error('updateProvisionedUser answered null.')
  return updateProvisionedUser
}

async function attemptsOf(userId: string) {
  const { provisionedUser } = await alice.operator.get(UserHistoryDocument, { id: userId })
  return provisionedUser?.attempts.nodes ?? []
}

async function liveUser(item: Parameters<typeof makeUser>[2] = {}) {
  const { id } = await makeUser(alice.operator, template, { email: address(), extension: '12', ...item })
  return untilStatus(alice.operator, id, 'PROVISIONED')
}

describe('updateProvisionedUser of a user who is live', () => {
  it.concurrent('brings the change to Webex, and shows it once Webex has it', async () => {
    const live = await liveUser()
    const { provisionedUser } = await update(live.id, { firstName: ' Annamaria ', mobilePhoneNumber: '+39-347-5550188', extension: '' })
    expect(provisionedUser).toMatchObject({ status: 'UPDATING', firstName: 'Anna', mobilePhoneNumber: null, extension: '12' })
    const changed = await untilStatus(alice.operator, live.id, 'PROVISIONED')
    expect(changed).toMatchObject({
      firstName: 'Annamaria',
      lastName: 'Rossi',
      primaryPhoneNumber: '+39-02-5550123',
      mobilePhoneNumber: '+39-347-5550188',
      extension: null,
      webexSubscriberId: live.webexSubscriberId,
      webexPersonId: live.webexPersonId,
    })
    expect(await upstream.find(live.broadworksId)).toMatchObject([{ firstName: 'Annamaria', extension: null, package: 'standard' }])
    const [attempt] = await attemptsOf(live.id)
    expect(attempt).toMatchObject({ trigger: 'ADMIN', email: null, outcome: 'PROVISIONED' })
    expect(attempt?.steps.map(({ name }) => name)).toEqual(['update', 'follow'])
  })

  it.concurrent('makes no call for what the user has already', async () => {
    const live = await liveUser()
    const answer = await update(live.id, {
      firstName: 'Anna',
      lastName: 'Rossi',
      primaryPhoneNumber: '+39-02-5550123',
      mobilePhoneNumber: '',
      extension: '12',
    })
    expect(answer).toMatchObject({ provisionedUser: { status: 'PROVISIONED' }, userErrors: [] })
    expect(await attemptsOf(live.id)).toHaveLength(1)
  })

  it.concurrent('keeps a number by which the user is reached', async () => {
    const live = await liveUser()
    expect((await update(live.id, { primaryPhoneNumber: '', extension: '' })).userErrors).toMatchObject([
      { code: 'REQUIRED', field: ['primaryPhoneNumber'] },
    ])
    expect((await update(live.id, { primaryPhoneNumber: '' })).userErrors).toEqual([])
    expect(await untilStatus(alice.operator, live.id, 'PROVISIONED')).toMatchObject({ primaryPhoneNumber: null, extension: '12' })
  })

  it.concurrent('names every field that is wrong, and changes nothing', async () => {
    const live = await liveUser()
    const { provisionedUser, userErrors } = await update(live.id, {
      firstName: '',
      lastName: 'x'.repeat(129),
      primaryPhoneNumber: 'call me',
      mobilePhoneNumber: '+39-347\n5550188',
      extension: '12a',
    })
    expect(provisionedUser).toBeNull()
    expect(userErrors.map(({ code, field }) => `${code} ${field?.join('.')}`).sort()).toEqual([
      'INVALID extension',
      'INVALID mobilePhoneNumber',
      'INVALID primaryPhoneNumber',
      'REQUIRED firstName',
      'TOO_LONG lastName',
    ])
    expect(await untilStatus(alice.operator, live.id, 'PROVISIONED')).toMatchObject({ firstName: 'Anna', extension: '12' })
    expect(await attemptsOf(live.id)).toHaveLength(1)
  })
})

describe('updateProvisionedUser of a user whom Webex does not have yet', () => {
  it.concurrent('is on record at once in PENDING_EMAIL_INPUT, and part of the creation', async () => {
    const { id, broadworksId } = await makeUser(alice.operator, template)
    const { provisionedUser } = await update(id, { lastName: 'Bianchi', primaryPhoneNumber: '', extension: '77' })
    expect(provisionedUser).toMatchObject({ status: 'PENDING_EMAIL_INPUT', lastName: 'Bianchi', primaryPhoneNumber: null, extension: '77' })
    expect(await attemptsOf(id)).toEqual([])
    await alice.operator.get(RetryActivationDocument, { input: { userId: id, email: address() } })
    await untilStatus(alice.operator, id, 'PROVISIONED')
    expect(await upstream.find(broadworksId)).toMatchObject([{ lastName: 'Bianchi', primaryPhoneNumber: null, extension: '77' }])
  })

  it.concurrent('is on record at once in PENDING_EMAIL_VALIDATION', async () => {
    const { id } = await makeUser(alice.operator, template)
    // The portal, which leads there, is not built yet.
    await app.platform.database.transaction(({ manager }) =>
      manager.update(ProvisionedUser, { id }, { status: UserStatus.PENDING_EMAIL_VALIDATION }),
    )
    expect((await update(id, { lastName: 'Bianchi' })).provisionedUser).toMatchObject({
      status: 'PENDING_EMAIL_VALIDATION',
      lastName: 'Bianchi',
    })
    expect(await attemptsOf(id)).toEqual([])
  })

  it.concurrent('is on record at once in ERROR, and part of the next attempt', async () => {
    const { id, broadworksId } = await makeUser(alice.operator, template, { email: address('error-200044') })
    const failed = await untilStatus(alice.operator, id, 'ERROR')
    const { provisionedUser } = await update(id, { lastName: 'Bianchi' })
    expect(provisionedUser).toMatchObject({
      status: 'ERROR',
      lastName: 'Bianchi',
      errors: failed.errors,
      lastStatusChange: failed.lastStatusChange,
    })
    await alice.operator.get(RetryActivationDocument, { input: { userId: id, email: address() } })
    await untilStatus(alice.operator, id, 'PROVISIONED')
    expect(await upstream.find(broadworksId)).toMatchObject([{ lastName: 'Bianchi' }])
  })
})

describe('updateProvisionedUser of a user who waits for consent', () => {
  it.concurrent('is on record at once, and part of a retry', async () => {
    const { id, broadworksId } = await makeUser(alice.operator, template, { email: address('consumer') })
    await untilStatus(alice.operator, id, 'PENDING_USER_MIGRATION')
    expect((await update(id, { lastName: 'Bianchi' })).provisionedUser).toMatchObject({
      status: 'PENDING_USER_MIGRATION',
      lastName: 'Bianchi',
    })
    await alice.operator.get(RetryActivationDocument, { input: { userId: id, email: address() } })
    await untilStatus(alice.operator, id, 'PROVISIONED')
    expect(await upstream.find(broadworksId)).toMatchObject([{ lastName: 'Bianchi' }])
  })
})

describe('updateProvisionedUser while Webex is at work', () => {
  it.concurrent('is refused in PROVISIONING and in UPDATING', async () => {
    const { id } = await makeUser(alice.operator, template, { email: address('slow-3') })
    const refused = [{ code: 'INVALID_STATE', field: null }]
    expect((await update(id, { firstName: 'Eve' })).userErrors).toMatchObject(refused)
    await untilStatus(alice.operator, id, 'PROVISIONED')
    expect((await update(id, { firstName: 'Annamaria' })).provisionedUser).toMatchObject({ status: 'UPDATING' })
    expect((await update(id, { firstName: 'Eve' })).userErrors).toMatchObject(refused)
    expect(await untilStatus(alice.operator, id, 'PROVISIONED')).toMatchObject({ firstName: 'Annamaria' })
  })
})

describe('updateProvisionedUser of a user whose last update failed', () => {
  it.concurrent('is an update with what was asked for before', async () => {
    const live = await liveUser({ email: address('update-error-200041') })
    await alice.operator.get(ChangePackageTypeDocument, { input: { userId: live.id, packageType: 'PREMIUM' } })
    await untilStatus(alice.operator, live.id, 'ERROR')
    expect((await update(live.id, { lastName: 'Bianchi' })).provisionedUser).toMatchObject({
      status: 'UPDATING',
      lastName: 'Rossi',
      errors: [],
    })
    const failed = await untilStatus(alice.operator, live.id, 'ERROR')
    expect(failed).toMatchObject({ lastName: 'Rossi', packageType: 'STANDARD', requestedPackageType: 'PREMIUM' })
    expect((await attemptsOf(live.id)).map(({ outcome }) => outcome)).toEqual(['FAILED', 'FAILED', 'PROVISIONED'])
  })
})
