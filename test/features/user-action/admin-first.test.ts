import { confirmEmail } from '../../../src/features/user-action/admin-first'
import { EmailOrigin, ProvisionedUser } from '../../../src/features/provisioned-user/provisioned-user.entity'
import { readUser } from '../../../src/features/provisioned-user/provisioned-user.loaders'
import { applyTrigger } from '../../../src/features/provisioned-user/provisioned-user.transition'
import { Customer } from '../../../src/features/customer/customer.entity'
import type { Transaction } from '../../../src/database/database'
import { UserStatus } from '../../../src/provisioning/lifecycle'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { type MadeUser, makeTemplate, makeUser, nextNumber, untilStatus } from '../../support/world/builders'
import { insertUsers } from '../../support/schema/lists'
import {
  ChangePackageTypeDocument,
  DeleteUserDocument,
  FindUserDocument,
  type Fixer,
  ListUsersDocument,
  RetryActivationDocument,
  UpdateOnboardingTemplateDocument,
  UserHistoryDocument,
} from '../../support/operations/operations.generated'
import { eventually } from '../../support/world/waiting'

let app: TestApp
let alice: TestPartner

beforeAll(async () => {
  app = await startTestApp()
  alice = await app.addPartner()
})
afterAll(() => app.stop())

function address(rule = 'anna'): string {
  return `${rule}-${nextNumber()}@example.com`
}

function newTemplate(provisionAdminFirst = true): Promise<string> {
  return makeTemplate(alice.admin, { userVerification: { provisionAdminFirst } })
}

/** Users of one customer in the order of their hand-over, who have not given an address. */
async function handOver(template: string, count: number, spEnterpriseId = `SP1+${nextNumber()}`): Promise<MadeUser[]> {
  const users: MadeUser[] = []
  for (let made = 0; made < count; made += 1) users.push(await makeUser(alice.operator, template, { spEnterpriseId }))
  return users
}

/** What the portal will do for a user. */
async function asUser<Result>(
  id: string,
  act: (ctx: Parameters<typeof confirmEmail>[0], tx: Transaction, user: ProvisionedUser) => Promise<Result>,
) {
  const ctx = { ...app.platform, actor: { partnerId: alice.partnerId, name: 'portal', requestId: null } }
  return app.platform.database.transaction(async tx => act(ctx, tx, (await readUser(tx.manager, id)) as ProvisionedUser))
}

async function submit(id: string, email = address()): Promise<string> {
  await asUser(id, (ctx, tx, user) =>
    applyTrigger(ctx, tx, user, { trigger: 'SUBMIT_EMAIL', fields: { email, emailOrigin: EmailOrigin.SUBMITTED }, action: 'submitEmail' }),
  )
  return email
}

function confirm(id: string) {
  return asUser(id, confirmEmail)
}

async function submitAndConfirm({ id }: { id: string }, email = address()): Promise<string> {
  await submit(id, email)
  await confirm(id)
  return email
}

async function find({ id }: { id: string }) {
  const { provisionedUser } = await alice.operator.get(FindUserDocument, { id })
  if (!provisionedUser) throw new Error('The user is not there.')
  return provisionedUser
}

async function attemptsOf({ id }: { id: string }) {
  const { provisionedUser } = await alice.viewer.get(UserHistoryDocument, { id })
  return (provisionedUser?.attempts.nodes ?? []).map(({ trigger, actor, email }) => ({ trigger, actor, email }))
}

async function idsFixedBy(fixer: Fixer, { customer }: MadeUser): Promise<string[]> {
  const { provisionedUsers } = await alice.viewer.get(ListUsersDocument, { first: 100, filter: { fixer, customerIds: [customer.id] } })
  return provisionedUsers.edges.map(({ node }) => node.id)
}

const WAITING = 'waiting for the first user of the customer'

async function expectToWaitFor(first: { id: string }, ...users: MadeUser[]): Promise<void> {
  for (const user of users) {
    const { status, pendingRequirement, diagnosis } = await find(user)
    expect({ status, pendingRequirement }).toEqual({ status: 'PENDING_EMAIL_VALIDATION', pendingRequirement: WAITING })
    expect(diagnosis).toMatchObject({ fixer: 'NOBODY', retryable: true, blockedBy: { id: first.id }, nextAttemptAt: null })
    expect(await attemptsOf(user)).toEqual([])
  }
}

describe('with "provision admin first"', () => {
  it.concurrent('the first user of a customer goes on, and the others wait and go on by themselves once the first is live', async () => {
    const users = await handOver(await newTemplate(), 3)
    const [first, second, third] = users as [MadeUser, MadeUser, MadeUser]
    const emails: string[] = []
    for (const { id } of users) emails.push(await submit(id))
    for (const { id } of [third, second]) await confirm(id)

    await expectToWaitFor(first, second, third)
    expect((await find(second)).availableActions).toContain('RETRY_ACTIVATION')
    expect((await idsFixedBy('NOBODY', first)).sort()).toEqual([second.id, third.id].sort())
    expect(await idsFixedBy('USER', first)).toEqual([first.id])
    expect((await find(first)).diagnosis).toMatchObject({ fixer: 'USER', blockedBy: null })
    const query = `query ($id: ID!) { provisionedUser(id: $id) { pendingRequirement } }`
    const { data } = await alice.viewer.ask(query, { id: second.id }, { 'accept-language': 'it' })
    expect(data).toEqual({ provisionedUser: { pendingRequirement: 'in attesa del primo utente del cliente' } })

    expect((await confirm(first.id)).status).toBe('PROVISIONING')
    for (const [index, { id }] of users.entries()) {
      const live = await untilStatus(alice.viewer, id, 'PROVISIONED')
      expect(live).toMatchObject({ email: emails[index], diagnosis: null })
    }
    expect(await attemptsOf(first)).toEqual([{ trigger: 'PORTAL', actor: 'portal', email: emails[0] }])
    for (const [index, user] of [second, third].entries()) {
      expect(await attemptsOf(user)).toEqual([{ trigger: 'AUTOMATIC', actor: 'activation', email: emails[index + 1] }])
    }
    const { provisionedUser } = await alice.viewer.get(UserHistoryDocument, { id: second.id })
    expect(provisionedUser?.auditEvents.nodes.map(({ action, actor }) => `${actor}: ${action}`).reverse()).toEqual([
      'operator of the tests: handOver',
      'portal: submitEmail',
      'portal: confirmEmail',
      'activation: firstUserActive',
      'activation: statusChanged',
    ])
  })

  it.concurrent('the others wait as well while the first fails', async () => {
    const [first, second] = (await handOver(await newTemplate(), 2)) as [MadeUser, MadeUser]
    await submitAndConfirm(first, address('error-10022'))
    await untilStatus(alice.viewer, first.id, 'ERROR')
    await submitAndConfirm(second)
    await expectToWaitFor(first, second)
    const { retryActivation } = await alice.operator.get(RetryActivationDocument, { input: { userId: first.id, email: address() } })
    expect(retryActivation?.userErrors).toEqual([])
    await untilStatus(alice.viewer, second.id, 'PROVISIONED')
  })

  it.concurrent("an operator's retry passes, and lets the others go on", async () => {
    const [first, second, third] = (await handOver(await newTemplate(), 3)) as [MadeUser, MadeUser, MadeUser]
    for (const user of [second, third]) await submitAndConfirm(user)
    await expectToWaitFor(first, second, third)
    await alice.operator.get(RetryActivationDocument, { input: { userId: third.id, email: address() } })
    await untilStatus(alice.viewer, third.id, 'PROVISIONED')
    await untilStatus(alice.viewer, second.id, 'PROVISIONED')
    expect(await attemptsOf(third)).toMatchObject([{ trigger: 'ADMIN' }])
    expect((await find(first)).status).toBe('PENDING_EMAIL_INPUT')
  })

  it.concurrent('a hand-over with an address that an operator vouches for passes', async () => {
    const template = await newTemplate()
    const [first] = (await handOver(template, 1)) as [MadeUser]
    const { id } = await makeUser(alice.operator, template, { email: address(), spEnterpriseId: first.customer.spEnterpriseId })
    await untilStatus(alice.viewer, id, 'PROVISIONED')
    // Somebody is live now, so nobody waits any more.
    const [third] = (await handOver(template, 1, first.customer.spEnterpriseId)) as [MadeUser]
    await submit(third.id)
    expect((await confirm(third.id)).status).toBe('PROVISIONING')
  })

  it.concurrent('nobody waits once somebody was live, though an update of theirs failed', async () => {
    const [first, second] = (await handOver(await newTemplate(), 2)) as [MadeUser, MadeUser]
    await submitAndConfirm(first, address('update-error-200041'))
    await untilStatus(alice.viewer, first.id, 'PROVISIONED')
    await alice.operator.get(ChangePackageTypeDocument, { input: { userId: first.id, packageType: 'PREMIUM' } })
    await untilStatus(alice.viewer, first.id, 'ERROR')
    await submit(second.id)
    expect((await confirm(second.id)).status).toBe('PROVISIONING')
  })

  it.concurrent('the next becomes the first when the first is deleted, and goes on when that one waits', async () => {
    const [first, second, third] = (await handOver(await newTemplate(), 3)) as [MadeUser, MadeUser, MadeUser]
    for (const user of [third, second]) await submitAndConfirm(user)
    await expectToWaitFor(first, second, third)
    await alice.operator.get(DeleteUserDocument, { input: { userId: first.id } })
    await untilStatus(alice.viewer, second.id, 'PROVISIONED')
    await untilStatus(alice.viewer, third.id, 'PROVISIONED')
  })

  it.concurrent('the others wait for the next when the first is deleted and the next has not confirmed', async () => {
    const [first, second, third] = (await handOver(await newTemplate(), 3)) as [MadeUser, MadeUser, MadeUser]
    await submitAndConfirm(third)
    await submit(second.id)
    await alice.operator.get(DeleteUserDocument, { input: { userId: first.id } })
    await expectToWaitFor(second, third)
    await confirm(second.id)
    await untilStatus(alice.viewer, third.id, 'PROVISIONED')
  })

  it.concurrent('the others wait again when the only live user is deleted', async () => {
    const [first, second, third] = (await handOver(await newTemplate(), 3)) as [MadeUser, MadeUser, MadeUser]
    await submitAndConfirm(first)
    await untilStatus(alice.viewer, first.id, 'PROVISIONED')
    await alice.operator.get(DeleteUserDocument, { input: { userId: first.id } })
    await submitAndConfirm(third)
    await expectToWaitFor(second, third)
    await submitAndConfirm(second)
    await untilStatus(alice.viewer, third.id, 'PROVISIONED')
    expect(await attemptsOf(second)).toMatchObject([{ trigger: 'PORTAL' }])
    expect(await attemptsOf(third)).toMatchObject([{ trigger: 'AUTOMATIC' }])
  })

  it.concurrent('those who wait go on when the setting is switched off, of every customer', async () => {
    const template = await newTemplate()
    const waiting: MadeUser[] = []
    for (let customers = 0; customers < 2; customers += 1) {
      const [first, second] = (await handOver(template, 2)) as [MadeUser, MadeUser]
      await submitAndConfirm(second)
      await expectToWaitFor(first, second)
      waiting.push(second)
    }
    const input = { id: template, userVerification: { provisionAdminFirst: false } }
    expect((await alice.admin.get(UpdateOnboardingTemplateDocument, { input })).updateOnboardingTemplate?.userErrors).toEqual([])
    for (const { id } of waiting) await untilStatus(alice.viewer, id, 'PROVISIONED')
  })

  it.concurrent('those who wait go on waiting when something else of the template is changed', async () => {
    const template = await newTemplate()
    const [first, second, third] = (await handOver(template, 3)) as [MadeUser, MadeUser, MadeUser]
    await submitAndConfirm(second)
    await alice.admin.get(UpdateOnboardingTemplateDocument, { input: { id: template, name: 'Another name' } })
    // The release that follows from it is done before what is enqueued after it ends.
    await alice.operator.get(RetryActivationDocument, { input: { userId: third.id, email: address('error-10022') } })
    await untilStatus(alice.viewer, third.id, 'ERROR')
    await expectToWaitFor(first, second)
  })

  it.concurrent('each customer of a template has a first user of its own', async () => {
    const template = await newTemplate()
    const [first, second] = (await handOver(template, 2)) as [MadeUser, MadeUser]
    const [otherFirst, otherSecond] = (await handOver(template, 2)) as [MadeUser, MadeUser]
    for (const user of [second, otherSecond]) await submitAndConfirm(user)
    await expectToWaitFor(first, second)
    await expectToWaitFor(otherFirst, otherSecond)
    await submitAndConfirm(first)
    await untilStatus(alice.viewer, second.id, 'PROVISIONED')
    await expectToWaitFor(otherFirst, otherSecond)
  })

  it.concurrent('an address that is typed anew while its user waits has to be confirmed anew', async () => {
    const [first, second] = (await handOver(await newTemplate(), 2)) as [MadeUser, MadeUser]
    await submitAndConfirm(second)
    await expectToWaitFor(first, second)
    const email = await submit(second.id)
    expect(await find(second)).toMatchObject({
      email,
      pendingRequirement: 'waiting for the user to confirm the e-mail',
      diagnosis: { fixer: 'USER', blockedBy: null },
    })
    await submitAndConfirm(first)
    await untilStatus(alice.viewer, first.id, 'PROVISIONED')
    await confirm(second.id)
    await untilStatus(alice.viewer, second.id, 'PROVISIONED')
    expect(await attemptsOf(second)).toMatchObject([{ trigger: 'PORTAL', email }])
  })

  it.concurrent('who goes back to a confirmation at Webex waits for that one, whatever was confirmed before', async () => {
    const [, second] = (await handOver(await newTemplate(), 2)) as [MadeUser, MadeUser]
    await submitAndConfirm(second)
    const { webexPersonId } = await asUser(second.id, async (ctx, tx, user) => {
      const { user: live } = await applyTrigger(ctx, tx, user, { trigger: 'UPSTREAM_SHOWS_PROVISIONED', action: 'synced' })
      return (await applyTrigger(ctx, tx, live, { trigger: 'UPSTREAM_SHOWS_PENDING_EMAIL_VALIDATION', action: 'synced' })).user
    })
    expect(webexPersonId).toBeNull()
    expect(await find(second)).toMatchObject({
      pendingRequirement: 'waiting for the user to confirm the e-mail',
      diagnosis: { fixer: 'USER', blockedBy: null },
    })
    expect(await idsFixedBy('NOBODY', second)).toEqual([])
  })

  it.concurrent('nobody is left behind who confirms in the moment in which the first becomes live', async () => {
    const [first, second] = (await handOver(await newTemplate(), 2)) as [MadeUser, MadeUser]
    await submit(second.id)
    // The first is live in the same moment, so the release that follows from that may come too early for this one.
    await asUser(second.id, async (ctx, tx, user) => {
      expect((await confirmEmail(ctx, tx, user)).status).toBe('PENDING_EMAIL_VALIDATION')
      await tx.manager.update(ProvisionedUser, { id: first.id }, { webexPersonId: 'person-of-the-tests' })
    })
    await untilStatus(alice.viewer, second.id, 'PROVISIONED')
  })

  it('more go on than one transaction takes, and first of them the one whom the others wait for', async () => {
    const template = await newTemplate()
    const [first, second] = (await handOver(template, 2)) as [MadeUser, MadeUser]
    const customer = await app.platform.database.reader.findOneByOrFail(Customer, { id: first.customer.id })
    const row = (index: number) => ({
      status: UserStatus.PENDING_EMAIL_VALIDATION,
      // Whom Webex refuses at once costs least, and this is about who is asked at all.
      email: address('http-400'),
      emailOrigin: EmailOrigin.CONFIRMED,
      emailConfirmedAt: new Date(Date.now() - index * 1000).toISOString(),
      createdAt: new Date(Date.now() + index * 1000).toISOString(),
    })
    await insertUsers(
      app,
      customer,
      Array.from({ length: 101 }, (_, index) => row(index)),
    )
    const waiting = () =>
      app.platform.database.reader.countBy(ProvisionedUser, { customerId: customer.id, status: UserStatus.PENDING_EMAIL_VALIDATION })
    // Handed over before all of them, and the last of all to confirm.
    await submitAndConfirm(second)
    expect(await waiting()).toBe(102)
    await alice.operator.get(DeleteUserDocument, { input: { userId: first.id } })
    await untilStatus(alice.viewer, second.id, 'PROVISIONED')
    await eventually(async () => (await waiting()) === 0)
  })
})

describe('without "provision admin first"', () => {
  it.concurrent('nobody waits', async () => {
    const [, second] = (await handOver(await newTemplate(false), 2)) as [MadeUser, MadeUser]
    await submit(second.id)
    expect((await confirm(second.id)).status).toBe('PROVISIONING')
    await untilStatus(alice.viewer, second.id, 'PROVISIONED')
  })
})

describe('a confirmation', () => {
  it.concurrent('is refused when the address was vouched for another user meanwhile, and changes nothing', async () => {
    const [first, second] = (await handOver(await newTemplate(), 2)) as [MadeUser, MadeUser]
    const email = await submit(first.id)
    await alice.operator.get(RetryActivationDocument, { input: { userId: second.id, email: email.toUpperCase() } })
    await expect(confirm(first.id)).rejects.toMatchObject({ complaints: [{ code: 'TAKEN', field: ['email'] }] })
    expect(await find(first)).toMatchObject({
      status: 'PENDING_EMAIL_VALIDATION',
      pendingRequirement: 'waiting for the user to confirm the e-mail',
    })
    expect(await attemptsOf(first)).toEqual([])
  })

  it.concurrent('keeps the address for its user, also while that one waits', async () => {
    const [, second, third] = (await handOver(await newTemplate(), 3)) as [MadeUser, MadeUser, MadeUser]
    const email = await submitAndConfirm(second)
    const { retryActivation } = await alice.operator.get(RetryActivationDocument, { input: { userId: third.id, email } })
    expect(retryActivation?.userErrors).toMatchObject([{ code: 'TAKEN', field: ['email'] }])
  })

  it.concurrent('is not possible before an address was given, nor twice once it went on', async () => {
    const [first] = (await handOver(await newTemplate(), 1)) as [MadeUser]
    const refused = { complaints: [{ code: 'INVALID_STATE' }] }
    await expect(confirm(first.id)).rejects.toMatchObject(refused)
    await submitAndConfirm(first, address('slow-2'))
    await expect(confirm(first.id)).rejects.toMatchObject(refused)
  })
})
