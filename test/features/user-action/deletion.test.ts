import { Customer } from '../../../src/features/customer/customer.entity'
import { EmailOrigin } from '../../../src/features/provisioned-user/provisioned-user.entity'
import { UserStatus } from '../../../src/provisioning/lifecycle'
import { insertUsers } from '../../support/schema/lists'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus, userItem } from '../../support/world/builders'
import { type Exchange, type FakeWebex, startFakeWebex } from '../../support/fakes/webex'
import {
  AuditEventsDocument,
  ChangePackageTypeDocument,
  DeleteUserDocument,
  FindNodesDocument,
  FindUserDocument,
  ListUsersDocument,
  ProvisionUserDocument,
  ResendConsentEmailDocument,
  RetryActivationDocument,
  UpdateProvisionedUserDocument,
  UserHistoryDocument,
} from '../../support/operations/operations.generated'
import { startUpstream, type Upstream } from '../../support/fakes/upstream'
import { eventually } from '../../support/world/waiting'

/** One server with the simulator, and one with a Webex that fails when told to. */
let upstream: Upstream
let webex: FakeWebex
let apps: { simulated: TestApp; failing: TestApp }
let alice: TestPartner
let bob: TestPartner
let template: string
let bobsTemplate: string

beforeAll(async () => {
  upstream = await startUpstream()
  webex = await startFakeWebex()
  apps = {
    simulated: await startTestApp({ environment: upstream.environment }),
    failing: await startTestApp({ environment: { WEBEX_BASE_URL: webex.url, WEBEX_ACCESS_TOKEN: 'token' } }),
  }
  alice = await apps.simulated.addPartner()
  bob = await apps.failing.addPartner('Bob Telecom')
  template = await makeTemplate(alice.admin, { provisioningId: upstream.provisioningId })
  bobsTemplate = await makeTemplate(bob.admin, { provisioningId: upstream.provisioningId })
})
afterAll(async () => {
  await apps.simulated.stop()
  await apps.failing.stop()
  await upstream.stop()
  await webex.stop()
})

function address(rule = 'anna'): string {
  return `${rule}-${nextNumber()}@example.com`
}

async function remove({ operator }: TestPartner, userId: string): Promise<void> {
  const { deleteUser } = await operator.get(DeleteUserDocument, { input: { userId } })
  expect(deleteUser).toMatchObject({ deletedUserId: userId, customer: { id: expect.stringMatching(/^cus_/) as string }, userErrors: [] })
}

async function isThere({ operator }: TestPartner, id: string): Promise<boolean> {
  return (await operator.get(FindUserDocument, { id })).provisionedUser !== null
}

/** Lets the next request about a subscriber wait until it is told to go on. */
function hold(method: string, subscriberId: string | null | undefined, end: (exchange: Exchange) => void) {
  let goOn = (): void => undefined
  const held = new Promise<void>(resolve => (goOn = resolve))
  const state = { arrived: false, goOn }
  webex.next(method, subscriberId ?? '', async exchange => {
    state.arrived = true
    await held
    end(exchange)
  })
  return state
}

async function outcomesOf(app: TestApp, userId: string): Promise<unknown[]> {
  const rows = await app.platform.database.backgroundRead(
    `SELECT outcome FROM activation_attempt WHERE provisioned_user_id = '${userId}'`,
    [],
  )
  return rows.map(({ outcome }) => outcome)
}

const EVERY_LIST = /* GraphQL */ `
  query EveryList($customer: ID!, $template: ID!, $search: String!) {
    provisionedUsers(first: 100, filter: { search: $search }) {
      totalCount
      nodes {
        id
      }
    }
    customer(id: $customer) {
      provisionedUsers(first: 100) {
        totalCount
        nodes {
          id
        }
      }
    }
    onboardingTemplate(id: $template) {
      provisionedUsers(first: 100, filter: { search: $search }) {
        totalCount
      }
    }
    customers(filter: { hasStuckUsers: true }, first: 100) {
      nodes {
        id
      }
    }
  }
`

describe('deleteUser', () => {
  it.concurrent('makes the user invisible everywhere at once', async () => {
    const item = { email: address('error-10022'), spEnterpriseId: `SP1+${nextNumber()}` }
    const { id, broadworksId, customer } = await makeUser(alice.operator, template, item)
    await untilStatus(alice.operator, id, 'ERROR')
    const { provisionedUser: history } = await alice.operator.get(UserHistoryDocument, { id })
    const attemptId = history?.attempts.nodes[0]?.id ?? ''
    const lists = () =>
      alice.operator.ask<Record<string, never>, Record<string, unknown>>(EVERY_LIST, {
        customer: customer.id,
        template,
        search: broadworksId,
      })
    expect((await lists()).data).toEqual({
      provisionedUsers: { totalCount: 1, nodes: [{ id }] },
      customer: { provisionedUsers: { totalCount: 1, nodes: [{ id }] } },
      onboardingTemplate: { provisionedUsers: { totalCount: 1 } },
      customers: { nodes: expect.arrayContaining([{ id: customer.id }]) as unknown },
    })

    await remove(alice, id)

    expect((await lists()).data).toEqual({
      provisionedUsers: { totalCount: 0, nodes: [] },
      customer: { provisionedUsers: { totalCount: 0, nodes: [] } },
      onboardingTemplate: { provisionedUsers: { totalCount: 0 } },
      customers: { nodes: expect.not.arrayContaining([{ id: customer.id }]) as unknown },
    })
    expect(await isThere(alice, id)).toBe(false)
    expect((await alice.operator.get(FindUserDocument, { broadworksId })).provisionedUser).toBeNull()
    expect((await alice.operator.get(FindNodesDocument, { ids: [id, attemptId] })).nodes).toEqual([null, null])
    const { provisionedUsers } = await alice.operator.get(ListUsersDocument, { first: 100 })
    expect(provisionedUsers.edges.map(({ node }) => node.id)).not.toContain(id)

    const unknown = [{ code: 'NOT_FOUND', field: ['userId'] }]
    const { operator } = alice
    expect((await operator.get(RetryActivationDocument, { input: { userId: id } })).retryActivation?.userErrors).toMatchObject(unknown)
    expect(
      (await operator.get(ChangePackageTypeDocument, { input: { userId: id, packageType: 'BASIC' } })).changePackageType?.userErrors,
    ).toMatchObject(unknown)
    expect(
      (await operator.get(UpdateProvisionedUserDocument, { input: { userId: id, firstName: 'Eve' } })).updateProvisionedUser?.userErrors,
    ).toMatchObject(unknown)
    expect((await operator.get(ResendConsentEmailDocument, { input: { userId: id } })).resendConsentEmail?.userErrors).toMatchObject(
      unknown,
    )
    expect((await operator.get(DeleteUserDocument, { input: { userId: id } })).deleteUser?.userErrors).toMatchObject(unknown)
  })

  it.concurrent('stays in the audit log', async () => {
    const { id, broadworksId } = await makeUser(alice.operator, template)
    await remove(alice, id)
    const { auditEvents } = await alice.admin.get(AuditEventsDocument, { first: 100, filter: { targetIds: [id] } })
    expect(auditEvents.nodes.map(({ action, targetLabel, actor }) => [action, targetLabel, actor])).toEqual([
      ['deleteUser', broadworksId, 'operator of the tests'],
      ['handOver', broadworksId, 'operator of the tests'],
    ])
  })

  it.concurrent('frees the address and the BroadWorks ID, and a new hand-over makes a new user', async () => {
    const email = address()
    const item = userItem(template, { email })
    const first = await makeUser(alice.operator, template, item)
    await untilStatus(alice.operator, first.id, 'PROVISIONED')
    await remove(alice, first.id)
    const second = await makeUser(alice.operator, template, item)
    expect(second.id).not.toBe(first.id)
    const live = await untilStatus(alice.operator, second.id, 'PROVISIONED')
    expect(await upstream.find(item.broadworksId)).toMatchObject([{ id: live.webexSubscriberId, email }])
  })

  it.concurrent('deletes at Webex who is live', async () => {
    const { id, broadworksId } = await makeUser(alice.operator, template, { email: address() })
    await untilStatus(alice.operator, id, 'PROVISIONED')
    await remove(alice, id)
    await eventually(async () => (await upstream.find(broadworksId)).length === 0)
    expect(await outcomesOf(apps.simulated, id)).toEqual(['PROVISIONED'])
  })

  it.concurrent('cancels the attempt of a user in PROVISIONING and leaves nothing at Webex', async () => {
    const { id, broadworksId } = await makeUser(alice.operator, template, { email: address('slow-60') })
    await eventually(async () => (await upstream.find(broadworksId)).length === 1)
    await remove(alice, id)
    expect(await outcomesOf(apps.simulated, id)).toEqual(['CANCELLED'])
    await eventually(async () => (await upstream.find(broadworksId)).length === 0)
  })

  it.concurrent('cancels the attempt of a user in UPDATING and leaves nothing at Webex', async () => {
    const { id } = await makeUser(bob.operator, bobsTemplate, { email: address() })
    const { webexSubscriberId } = await untilStatus(bob.operator, id, 'PROVISIONED')
    const update = hold('PUT', webexSubscriberId, ({ carryOut, answer }) => {
      carryOut()
      answer(404, { message: 'Gone', errors: [], trackingId: 'FAKE_404' })
    })
    await bob.operator.get(ChangePackageTypeDocument, { input: { userId: id, packageType: 'BASIC' } })
    await eventually(async () => update.arrived)
    await remove(bob, id)
    expect((await outcomesOf(apps.failing, id)).sort()).toEqual(['CANCELLED', 'PROVISIONED'])
    await eventually(async () => webex.subscribers.every(subscriber => subscriber.id !== webexSubscriberId))
    update.goOn()
  })

  it.concurrent('is tried again while Webex cannot do it; a new hand-over of the same ID waits for that', async () => {
    const item = userItem(bobsTemplate, { broadworksId: `user-${nextNumber()}`, email: address() })
    const first = await makeUser(bob.operator, bobsTemplate, item)
    const { webexSubscriberId } = await untilStatus(bob.operator, first.id, 'PROVISIONED')
    for (const status of [503, 429]) {
      webex.next('DELETE', webexSubscriberId ?? '', ({ answer }) => answer(status, { message: 'Later', errors: [], trackingId: 'FAKE' }))
    }
    webex.next('DELETE', webexSubscriberId ?? '', ({ drop }) => drop())
    await remove(bob, first.id)
    const second = await makeUser(bob.operator, bobsTemplate, item)
    expect(second.id).not.toBe(first.id)
    // It could be made because, by now, nothing of the first was left.
    expect(webex.requests.filter(request => request === `DELETE /broadworks/subscribers/${webexSubscriberId}`)).toHaveLength(4)
    const live = await untilStatus(bob.operator, second.id, 'PROVISIONED')
    const held = webex.subscribers.filter(({ userId }) => userId === item.broadworksId)
    expect(held).toMatchObject([{ id: live.webexSubscriberId }])
  })
})

describe('a deletion that meets an expired access token', () => {
  it.concurrent('is tried again and brings no user back', async () => {
    const { id } = await makeUser(bob.operator, bobsTemplate, { email: address() })
    const { webexSubscriberId } = await untilStatus(bob.operator, id, 'PROVISIONED')
    webex.next('DELETE', webexSubscriberId ?? '', ({ answer }) => answer(401, { message: 'Expired', errors: [], trackingId: 'FAKE_401' }))
    await remove(bob, id)
    const isGone = () => webex.subscribers.every(subscriber => subscriber.id !== webexSubscriberId)
    await eventually(async () => isGone() || (await isThere(bob, id)))
    expect(await isThere(bob, id)).toBe(false)
    const requests = webex.requests.filter(request => request === `DELETE /broadworks/subscribers/${webexSubscriberId}`)
    expect(requests).toHaveLength(2)
    const { auditEvents } = await bob.admin.get(AuditEventsDocument, { first: 100, filter: { targetIds: [id] } })
    expect(auditEvents.nodes.map(({ action }) => action)).not.toContain('deletionRefused')
  })
})

describe('a deletion that Webex refuses for good', () => {
  async function refuseDeletion(subscriberId: string | null | undefined): Promise<void> {
    webex.next('DELETE', subscriberId ?? '', ({ answer }) =>
      answer(403, { message: 'The token lacks a scope.', errors: [{ description: 'The token lacks a scope.' }], trackingId: 'FAKE_403' }),
    )
  }

  it.concurrent('brings the user back in ERROR, with an audit event', async () => {
    const { id } = await makeUser(bob.operator, bobsTemplate, { email: address() })
    const live = await untilStatus(bob.operator, id, 'PROVISIONED')
    await refuseDeletion(live.webexSubscriberId)
    await remove(bob, id)
    const back = await untilStatus(bob.operator, id, 'ERROR')
    expect(back).toMatchObject({
      webexSubscriberId: live.webexSubscriberId,
      webexPersonId: live.webexPersonId,
      errors: [{ code: null, httpStatus: 403, upstreamText: 'The token lacks a scope.', trackingId: 'FAKE_403' }],
      availableActions: ['RETRY_ACTIVATION', 'CHANGE_PACKAGE_TYPE', 'DELETE_USER'],
    })
    const { provisionedUser: history } = await bob.operator.get(UserHistoryDocument, { id })
    const [refused, deleted] = history?.auditEvents.nodes ?? []
    expect(refused).toMatchObject({ action: 'deletionRefused', actor: 'deletion' })
    expect(refused?.changes).toContainEqual({ field: 'status', before: 'PROVISIONED', after: 'ERROR' })
    expect(deleted).toMatchObject({ action: 'deleteUser', actor: 'operator of the tests' })

    // The second time Webex does not refuse.
    await remove(bob, id)
    await eventually(async () => webex.subscribers.every(subscriber => subscriber.id !== live.webexSubscriberId))
    expect(await isThere(bob, id)).toBe(false)
  })

  it.concurrent('shows the attempt that was cancelled', async () => {
    const { id } = await makeUser(bob.operator, bobsTemplate, { email: address() })
    const live = await untilStatus(bob.operator, id, 'PROVISIONED')
    const update = hold('PUT', live.webexSubscriberId, ({ drop }) => drop())
    await refuseDeletion(live.webexSubscriberId)
    await bob.operator.get(ChangePackageTypeDocument, { input: { userId: id, packageType: 'BASIC' } })
    await eventually(async () => update.arrived)
    await remove(bob, id)
    await untilStatus(bob.operator, id, 'ERROR')
    update.goOn()
    const { provisionedUser: history } = await bob.operator.get(UserHistoryDocument, { id })
    expect(history?.attempts.nodes.map(({ outcome }) => outcome)).toEqual(['CANCELLED', 'PROVISIONED'])
    expect(history?.attempts.nodes[0]?.endedAt).not.toBeNull()
  })

  it.concurrent('lets the others of the customer go on, when the user who comes back is its administrator', async () => {
    const provisionAdminFirst = true
    const guarded = await makeTemplate(bob.admin, { provisioningId: 'Z3VhcmRlZA', userVerification: { provisionAdminFirst } })
    const spEnterpriseId = `SP1+${nextNumber()}`
    const { id } = await makeUser(bob.operator, guarded, { email: address(), spEnterpriseId })
    const { webexSubscriberId } = await untilStatus(bob.operator, id, 'PROVISIONED')
    const deletion = hold('DELETE', webexSubscriberId, ({ answer }) => answer(403, { message: 'No', errors: [], trackingId: 'FAKE_403' }))
    await remove(bob, id)
    const next = await makeUser(bob.operator, guarded, { spEnterpriseId })
    const customer = await apps.failing.platform.database.reader.findOneByOrFail(Customer, { id: next.customer.id })
    const confirmed = { status: UserStatus.PENDING_EMAIL_VALIDATION, email: address(), emailOrigin: EmailOrigin.CONFIRMED }
    const now = new Date(Date.now() + 1000).toISOString()
    const [waiting] = await insertUsers(apps.failing, customer, [{ ...confirmed, emailConfirmedAt: now, createdAt: now }])
    deletion.goOn()
    await untilStatus(bob.operator, waiting?.id ?? '', 'PROVISIONED')
  })

  it.concurrent('leaves the address to whom it was given meanwhile', async () => {
    const email = address()
    const { id } = await makeUser(bob.operator, bobsTemplate, { email })
    const live = await untilStatus(bob.operator, id, 'PROVISIONED')
    const deletion = hold('DELETE', live.webexSubscriberId, ({ answer }) =>
      answer(403, { message: 'No', errors: [], trackingId: 'FAKE_403' }),
    )
    await remove(bob, id)
    const heir = await makeUser(bob.operator, bobsTemplate, { email })
    deletion.goOn()
    await untilStatus(bob.operator, id, 'ERROR')
    expect(await untilStatus(bob.operator, heir.id, 'PROVISIONED')).toMatchObject({ email })
    const { provisionUser } = await bob.operator.get(ProvisionUserDocument, { input: { user: userItem(bobsTemplate, { email }) } })
    expect(provisionUser?.userErrors).toMatchObject([{ code: 'TAKEN', field: ['user', 'email'] }])
  })
})
