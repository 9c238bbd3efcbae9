import { Role } from '../../../src/auth/viewer'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus, userItem } from '../../support/world/builders'
import {
  DeleteUserDocument,
  ListCustomersDocument,
  ProvisionUserDocument,
  ProvisionUsersDocument,
  type ProvisionUserItem,
  UpdateProvisionedUserDocument,
  UserHistoryDocument,
} from '../../support/operations/operations.generated'
import { countRows, dumpTables } from '../../support/database/table-dump'

let app: TestApp
let alice: TestPartner
/** Templates of alice's, by how they take the addresses that BroadWorks sends. */
let untrusted: string
let trusted: string

beforeAll(async () => {
  app = await startTestApp()
  alice = await app.addPartner()
  untrusted = await makeTemplate(alice.admin)
  trusted = await makeTemplate(alice.admin, { defaultPackageType: 'PREMIUM', userVerification: { untrustedEmails: false } })
})
afterAll(() => app.stop())

function newEnterprise(): string {
  return `SP1+${nextNumber()}`
}

function address(): string {
  return `anna-${nextNumber()}@example.com`
}

async function provision(user: ProvisionUserItem) {
  const { provisionUser } = await alice.operator.get(ProvisionUserDocument, { input: { user } })
  if (!provisionUser) throw new Error('provisionUser answered null.')
  return provisionUser
}

/** What a hand-over writes; the attempts of earlier tests may still be under way. */
async function written() {
  const { hand_over, provisioned_user, customer, activation_attempt } = await dumpTables(app.platform)
  return { hand_over, users: provisioned_user?.length, customers: customer?.length, attempts: activation_attempt?.length }
}

/** Hands over what has to be refused, and holds that nothing was written. */
async function refusal(user: ProvisionUserItem) {
  const before = await written()
  const { provisionedUser, userErrors } = await provision(user)
  expect(provisionedUser).toBeNull()
  expect(await written()).toEqual(before)
  return userErrors
}

async function customersOf(spEnterpriseId: string) {
  const { customers } = await alice.viewer.get(ListCustomersDocument, { first: 100, filter: { search: spEnterpriseId } })
  return customers.nodes
}

describe('provisionUser', () => {
  it('makes a user who waits for an address in the portal, where none is given', async () => {
    const user = await makeUser(alice.operator, untrusted, { spEnterpriseId: newEnterprise() })
    expect(user).toMatchObject({
      status: 'PENDING_EMAIL_INPUT',
      email: null,
      webexSubscriberId: null,
      packageType: 'STANDARD',
      pendingRequirement: 'waiting for e-mail',
    })
    const { provisionedUser } = await alice.viewer.get(UserHistoryDocument, { id: user.id })
    expect(provisionedUser?.attempts.nodes).toEqual([])
    expect(provisionedUser?.auditEvents.nodes).toMatchObject([{ action: 'handOver', actor: 'operator of the tests' }])
  })

  it('starts provisioning with the address that the operator vouches for, also where the template does not trust addresses', async () => {
    const email = address()
    const user = await makeUser(alice.operator, untrusted, { email, packageType: 'BASIC', spEnterpriseId: newEnterprise() })
    expect(user).toMatchObject({ status: 'PROVISIONING', email, packageType: 'BASIC' })
    await untilStatus(alice.viewer, user.id, 'PROVISIONED')
    const { provisionedUser } = await alice.viewer.get(UserHistoryDocument, { id: user.id })
    expect(provisionedUser?.attempts.nodes).toMatchObject([
      { trigger: 'API', actor: 'operator of the tests', email, outcome: 'PROVISIONED' },
    ])
  })

  it('takes the package of the template when none is named', async () => {
    const user = await makeUser(alice.operator, trusted, { email: address(), spEnterpriseId: newEnterprise() })
    expect(user).toMatchObject({ status: 'PROVISIONING', packageType: 'PREMIUM' })
  })

  it('needs an address where the template trusts addresses', async () => {
    expect(await refusal(userItem(trusted, { spEnterpriseId: newEnterprise() }))).toMatchObject([
      { code: 'EMAIL_REQUIRED', field: ['user', 'email'] },
    ])
  })

  it('leaves an equal user alone, whatever became of it since', async () => {
    const item = userItem(untrusted, {
      email: address(),
      spEnterpriseId: newEnterprise(),
      customerName: 'ACME',
      activationPasscode: 'correct horse',
    })
    const { id } = await makeUser(alice.operator, untrusted, item)
    await untilStatus(alice.operator, id, 'PROVISIONED')
    await alice.operator.get(UpdateProvisionedUserDocument, { input: { userId: id, firstName: 'Annamaria' } })
    await untilStatus(alice.operator, id, 'PROVISIONED')
    const before = await written()
    expect(await provision(item)).toMatchObject({ provisionedUser: { id, firstName: 'Annamaria' }, userErrors: [] })
    // What is left out was not said, and does not differ.
    expect(await provision({ ...item, customerName: undefined, activationPasscode: undefined, packageType: null })).toMatchObject({
      provisionedUser: { id },
      userErrors: [],
    })
    expect(await written()).toEqual(before)
  })

  it.each<Partial<ProvisionUserItem>>([
    { firstName: 'Anne' },
    { lastName: 'Bianchi' },
    { email: 'other@example.com' },
    { email: null },
    { primaryPhoneNumber: '+39-02-5550199' },
    { mobilePhoneNumber: '+39-347-5550199' },
    { extension: '77' },
    { packageType: 'BASIC' },
    { spEnterpriseId: 'SP1+another' },
    { customerName: 'Another name' },
    { activationPasscode: 'wrong horse' },
  ])('refuses a user who exists with other data: %j', async difference => {
    const item = userItem(untrusted, {
      email: address(),
      customerName: 'ACME',
      activationPasscode: 'correct horse',
      spEnterpriseId: newEnterprise(),
    })
    await makeUser(alice.operator, untrusted, item)
    expect(await refusal({ ...item, ...difference })).toMatchObject([
      { code: 'TAKEN', field: ['user', 'broadworksId'], message: expect.stringContaining('exists') as string },
    ])
  })

  it('refuses an enterprise that is on another template', async () => {
    const spEnterpriseId = newEnterprise()
    await makeUser(alice.operator, untrusted, { spEnterpriseId })
    expect(await refusal(userItem(trusted, { spEnterpriseId, email: address() }))).toMatchObject([
      { code: 'INVALID', field: ['user', 'spEnterpriseId'], message: expect.stringContaining('200050') as string },
    ])
  })

  it('makes the customer with its first user, named as BroadWorks names it, and only with that one', async () => {
    const spEnterpriseId = newEnterprise()
    expect(await customersOf(spEnterpriseId)).toEqual([])
    const first = await makeUser(alice.operator, untrusted, { spEnterpriseId, customerName: 'Panificio Aurora' })
    expect(first.customer).toMatchObject({ name: 'Panificio Aurora', spEnterpriseId })
    const second = await makeUser(alice.operator, untrusted, { spEnterpriseId, customerName: 'Another name' })
    expect(second.customer).toEqual(first.customer)
    expect(await customersOf(spEnterpriseId)).toMatchObject([{ id: first.customer.id, onboardingTemplate: { id: untrusted } }])
  })

  it('names a customer without a name after its enterprise ID', async () => {
    const spEnterpriseId = newEnterprise()
    expect((await makeUser(alice.operator, untrusted, { spEnterpriseId })).customer.name).toBe(spEnterpriseId.slice('SP1+'.length))
  })

  it('makes one customer when its first users come at the same moment', async () => {
    const spEnterpriseId = newEnterprise()
    const made = await Promise.all(Array.from({ length: 8 }, () => makeUser(alice.operator, untrusted, { spEnterpriseId })))
    expect(new Set(made.map(({ customer }) => customer.id)).size).toBe(1)
    expect(await customersOf(spEnterpriseId)).toHaveLength(1)
  })

  it('makes one user when the same one is handed over eight times at the same moment', async () => {
    const item = userItem(untrusted, { spEnterpriseId: newEnterprise(), activationPasscode: 'correct horse' })
    const answers = await Promise.all(Array.from({ length: 8 }, () => provision(item)))
    expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual([])
    expect(new Set(answers.map(({ provisionedUser }) => provisionedUser?.id)).size).toBe(1)
  })

  it('lets an address be vouched for once among the living users of the partner, whatever its case', async () => {
    const email = address()
    const { id } = await makeUser(alice.operator, untrusted, { email })
    expect(await refusal(userItem(untrusted, { email: email.toUpperCase() }))).toMatchObject([{ code: 'TAKEN', field: ['user', 'email'] }])
    const bob = await app.addPartner('Bob Telecom')
    expect(await makeUser(bob.operator, await makeTemplate(bob.admin), { email })).toMatchObject({ email })
    await alice.operator.get(DeleteUserDocument, { input: { userId: id } })
    expect(await makeUser(alice.operator, untrusted, { email })).toMatchObject({ email })
  })

  it('lets one of many win who claim an address at the same moment', async () => {
    const email = address()
    const answers = await Promise.all(Array.from({ length: 5 }, () => provision(userItem(untrusted, { email }))))
    expect(answers.filter(({ provisionedUser }) => provisionedUser !== null)).toHaveLength(1)
    expect(answers.flatMap(({ userErrors }) => userErrors).map(({ code }) => code)).toEqual(['TAKEN', 'TAKEN', 'TAKEN', 'TAKEN'])
  })

  it('compares the passcode also for an operator who is restricted to the customer', async () => {
    const item = userItem(untrusted, { spEnterpriseId: newEnterprise(), activationPasscode: 'correct horse' })
    const { id, customer } = await makeUser(alice.operator, untrusted, item)
    const restricted = await app.addToken(alice.partnerId, Role.OPERATOR, [customer.id])
    const answers = await Promise.all(
      ['correct horse', 'wrong horse'].map(activationPasscode =>
        restricted.get(ProvisionUserDocument, { input: { user: { ...item, activationPasscode } } }),
      ),
    )
    expect(answers.map(({ provisionUser }) => [provisionUser?.provisionedUser?.id, provisionUser?.userErrors[0]?.code])).toEqual([
      [id, undefined],
      [undefined, 'TAKEN'],
    ])
  })

  it('keeps of the passcode its scrypt hash alone', async () => {
    const activationPasscode = `secret ${nextNumber()}`
    const { broadworksId } = await makeUser(alice.operator, untrusted, { activationPasscode })
    const tables = await dumpTables(app.platform)
    expect(JSON.stringify(tables)).not.toContain(activationPasscode)
    const record = tables['hand_over']?.find(row => row.includes(broadworksId)) ?? '{}'
    expect(JSON.parse(record)).toMatchObject({ passcode_hash: expect.stringMatching(/^scrypt\$[\w-]{22}\$[\w-]{43}$/) as string })
  })
})

describe('a user who was deleted', () => {
  async function recordOf(broadworksId: string) {
    const { hand_over: records = [] } = await dumpTables(app.platform)
    return JSON.parse(records.find(row => row.includes(broadworksId)) ?? '{}') as Record<string, unknown>
  }

  it('keeps the passcode and the name of the customer that the next hand-over does not say, and takes those that it says', async () => {
    const said = { customerName: 'ACME', activationPasscode: 'correct horse' }
    const item = userItem(untrusted, { spEnterpriseId: newEnterprise() })
    const handOver = async (more: Partial<ProvisionUserItem>) => {
      const { id } = await makeUser(alice.operator, untrusted, { ...item, ...more })
      const { passcode_hash, customer_name, first_name } = await recordOf(item.broadworksId)
      await alice.operator.get(DeleteUserDocument, { input: { userId: id } })
      return { passcode_hash, customer_name, first_name }
    }
    const first = await handOver(said)
    expect(first).toEqual({ passcode_hash: expect.stringMatching(/^scrypt/) as string, customer_name: 'ACME', first_name: item.firstName })
    expect(await handOver({ firstName: 'Zoe' })).toEqual({ ...first, first_name: 'Zoe' })
    const other = await handOver({ customerName: 'ACME Ltd', activationPasscode: 'another horse' })
    expect(other.customer_name).toBe('ACME Ltd')
    expect(other.passcode_hash).not.toBe(first.passcode_hash)
    expect(await handOver({ spEnterpriseId: newEnterprise() })).toEqual({ ...other, customer_name: null })
  })
})

describe('provisionUsers', () => {
  async function provisionMany(users: ProvisionUserItem[]) {
    const { provisionUsers } = await alice.operator.get(ProvisionUsersDocument, { input: { users } })
    if (!provisionUsers) throw new Error('provisionUsers answered null.')
    return provisionUsers
  }

  it('takes each user by itself: in order, the good ones kept, the others refused with their place', async () => {
    const taken = address()
    await makeUser(alice.operator, untrusted, { email: taken })
    const spEnterpriseId = newEnterprise()
    const item = (more: Partial<ProvisionUserItem> = {}) => userItem(untrusted, { spEnterpriseId, ...more })
    const first = item()
    const { results, userErrors } = await provisionMany([
      first,
      item({ email: address() }),
      item({ firstName: ' ', lastName: 'x'.repeat(129) }),
      item({ email: 'not an address' }),
      item({ email: taken }),
      item({ onboardingTemplateId: 'tpl_unknown' }),
      first,
      { ...first, firstName: 'Eve' },
      item(),
    ])
    expect(userErrors).toEqual([])
    expect(
      results?.map(
        result => result.provisionedUser?.status ?? result.userErrors.map(({ code, field }) => [code, ...(field ?? [])].join(' ')),
      ),
    ).toEqual([
      'PENDING_EMAIL_INPUT',
      'PROVISIONING',
      ['REQUIRED users 2 firstName', 'TOO_LONG users 2 lastName'],
      ['INVALID users 3 email'],
      ['TAKEN users 4 email'],
      ['NOT_FOUND users 5 onboardingTemplateId'],
      'PENDING_EMAIL_INPUT',
      ['TAKEN users 7 broadworksId'],
      'PENDING_EMAIL_INPUT',
    ])
    expect(results?.[6]?.provisionedUser?.id).toBe(results?.[0]?.provisionedUser?.id)
    expect(await customersOf(spEnterpriseId)).toHaveLength(1)
  })

  it('takes 100 users, and refuses 101 as a whole', async () => {
    const spEnterpriseId = newEnterprise()
    const users = Array.from({ length: 101 }, () => userItem(untrusted, { spEnterpriseId }))
    const before = await countRows(app.platform, 'provisioned_user')
    expect(await provisionMany(users)).toMatchObject({ results: null, userErrors: [{ code: 'LIMIT_EXCEEDED', field: ['users'] }] })
    expect(await countRows(app.platform, 'provisioned_user')).toBe(before)
    const { results } = await provisionMany(users.slice(1))
    expect(results?.flatMap(result => result.userErrors)).toEqual([])
    expect(await countRows(app.platform, 'provisioned_user')).toBe(before + 100)
  })
})
