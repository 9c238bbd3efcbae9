import { Role } from '../../src/auth/viewer'
import type { Actor, Answer } from '../support/world/actor'
import { untilQuiet } from '../support/world/estate'
import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus } from '../support/world/builders'
import {
  FindBulkOperationDocument,
  FindUserDocument,
  RetryActivationDocument,
  type UserAction,
  ViewerDocument,
} from '../support/operations/operations.generated'
import { mutationFields, type RootField, shallowSelection } from '../support/schema/partner-schema'
import { dumpTables } from '../support/database/table-dump'
import { CHANGES_NOTHING, makeConsentingUser, validInputs } from '../support/schema/valid-inputs'
import { eventually } from '../support/world/waiting'

let app: TestApp
let alice: TestPartner
let template: string
/** An administrator for one of alice's customers only. */
let restricted: Actor
let ownCustomer: string

const ROLES: Role[] = [Role.VIEWER, Role.OPERATOR, Role.ADMIN]

/** The least role of each mutation; a new one needs an entry. */
const LEAST: Record<string, Role> = {
  retryActivation: Role.OPERATOR,
  changePackageType: Role.OPERATOR,
  deleteUser: Role.OPERATOR,
  resendConsentEmail: Role.OPERATOR,
  resendValidationEmail: Role.OPERATOR,
  updateProvisionedUser: Role.OPERATOR,
  provisionUser: Role.OPERATOR,
  provisionUsers: Role.OPERATOR,
  precheckUsers: Role.OPERATOR,
  bulkRetryActivation: Role.OPERATOR,
  bulkDeleteUsers: Role.ADMIN,
  bulkChangePackageType: Role.OPERATOR,
  cancelBulkOperation: Role.OPERATOR,
  resumeBulkOperation: Role.OPERATOR,
  exportBulkResults: Role.OPERATOR,
  exportUsers: Role.OPERATOR,
  startSync: Role.ADMIN,
  createOnboardingTemplate: Role.ADMIN,
  updateOnboardingTemplate: Role.ADMIN,
  deleteOnboardingTemplate: Role.ADMIN,
  rotateActivationLink: Role.ADMIN,
  resumeOnboardingTemplate: Role.ADMIN,
  createApiToken: Role.ADMIN,
  revokeApiToken: Role.ADMIN,
}
const mutations = Object.keys(mutationFields)
/** Reaches the users of the caller's customers, and nothing beyond them. */
const STAYS_WITHIN = ['bulkDeleteUsers']
const forWholePartner = mutations.filter(name => LEAST[name] === Role.ADMIN && !STAYS_WITHIN.includes(name))

beforeAll(async () => {
  app = await startTestApp()
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin)
  const { customer } = await makeUser(alice.operator, template, { spEnterpriseId: `SP1+own${nextNumber()}` })
  ownCustomer = customer.spEnterpriseId
  restricted = await app.addToken(alice.partnerId, Role.ADMIN, [customer.id])
})
afterAll(() => app.stop())

const actorOf = (role: Role): Actor => ({ [Role.VIEWER]: alice.viewer, [Role.OPERATOR]: alice.operator, [Role.ADMIN]: alice.admin })[role]
const ranks = (role: Role) => ROLES.indexOf(role)

async function mutate(actor: Actor, name: string): Promise<Answer<Record<string, { userErrors: unknown[] } | null>>> {
  const input = (await validInputs(alice, template)[name]?.()) ?? {}
  await untilQuiet(app)
  const before = await dumpTables(app.platform)
  const selection = shallowSelection(mutationFields[name] as RootField)
  const answer = await actor.ask<Record<string, { userErrors: unknown[] } | null>, { input: unknown }>(
    `mutation ($input: ${String(mutationFields[name]?.args[0]?.type)}) { ${name}(input: $input) ${selection} }`,
    { input },
  )
  // Whether it may is one question: who may changes something, who may not changes nothing.
  if (answer.errors.length > 0 || CHANGES_NOTHING.includes(name)) expect(await dumpTables(app.platform)).toEqual(before)
  else expect(await dumpTables(app.platform)).not.toEqual(before)
  return answer
}

describe('The table of roles', () => {
  it('has an entry for every mutation', () => {
    expect(Object.keys(LEAST).sort()).toEqual(mutations.sort())
  })
})

describe.each(ROLES)('%s', role => {
  it.each(mutations)('is allowed %s, or refused it without a change, by the table', async name => {
    const { status, data, errors } = await mutate(actorOf(role), name)
    expect(status).toBe(200)
    if (ranks(role) >= ranks(LEAST[name] as Role)) {
      expect(errors).toEqual([])
      expect(data[name]?.userErrors).toEqual([])
    } else {
      expect(errors).toMatchObject([
        { path: [name], extensions: { code: 'FORBIDDEN' }, message: expect.stringContaining(`role ${LEAST[name]}`) },
      ])
      expect(data).toEqual({ [name]: null })
    }
  })

  it('is told its role by the viewer', async () => {
    expect(await actorOf(role).get(ViewerDocument)).toMatchObject({ viewer: { role } })
  })

  it('reads the list of tokens as ADMIN only', async () => {
    const { data, errors } = await actorOf(role).ask<{ apiTokens: unknown[] } | null, Record<string, never>>('{ apiTokens { id name } }')
    if (role === Role.ADMIN) expect(data?.apiTokens.length).toBeGreaterThan(0)
    else expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })
})

describe('An administrator for some customers only', () => {
  it.each(forWholePartner)('is refused %s, whose effect goes beyond them', async name => {
    const { data, errors } = await mutate(restricted, name)
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' }, message: expect.stringContaining('restricted to some customers') }])
    expect(data).toEqual({ [name]: null })
  })

  it.each(STAYS_WITHIN)('is allowed %s, on the users of those', async name => {
    const [own, other] = [
      await makeUser(alice.operator, template, { spEnterpriseId: ownCustomer }),
      await makeUser(alice.operator, template),
    ]
    const { data, errors } = await restricted.ask<Record<string, { bulkOperation: { id: string } }>, { input: object }>(
      `mutation ($input: ${String(mutationFields[name]?.args[0]?.type)}) { ${name}(input: $input) { bulkOperation { id } } }`,
      { input: { userIds: [own.id, other.id] } },
    )
    expect(errors).toEqual([])
    const id = data[name]?.bulkOperation.id ?? ''
    await eventually(async () => (await restricted.get(FindBulkOperationDocument, { id })).bulkOperation?.status === 'DONE')
    const { bulkOperation } = await restricted.get(FindBulkOperationDocument, { id })
    expect(bulkOperation?.results.nodes).toMatchObject([
      { userId: own.id, outcome: 'CHANGED' },
      { userId: other.id, outcome: 'REFUSED', provisionedUser: null, userErrors: [{ code: 'NOT_FOUND' }] },
    ])
    expect((await alice.operator.get(FindUserDocument, { id: other.id })).provisionedUser).not.toBeNull()
  })

  it('is refused the list of tokens', async () => {
    const { errors } = await restricted.ask('{ apiTokens { id } }')
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })

  it('hands users over to them, and acts on those', async () => {
    const { id } = await makeUser(restricted, template, { spEnterpriseId: ownCustomer })
    const { retryActivation } = await restricted.get(RetryActivationDocument, {
      input: { userId: id, email: `anna.${nextNumber()}@example.com` },
    })
    expect(retryActivation?.userErrors).toEqual([])
    await untilStatus(restricted, id, 'PROVISIONED')
  })
})

describe('availableActions', () => {
  const all: UserAction[] = ['RETRY_ACTIVATION', 'CHANGE_PACKAGE_TYPE', 'DELETE_USER', 'RESEND_CONSENT_EMAIL']

  it.each(ROLES)('are those of the state that %s may do', async role => {
    const waiting = (await makeUser(alice.operator, template)).id
    const consenting = await makeConsentingUser(alice, template)
    const actions = async (id: string) =>
      (await actorOf(role).get(FindUserDocument, { id })).provisionedUser as { availableActions: UserAction[] }
    const may = role !== Role.VIEWER
    expect((await actions(waiting)).availableActions).toEqual(may ? all.filter(action => action !== 'RESEND_CONSENT_EMAIL') : [])
    expect((await actions(consenting)).availableActions).toEqual(may ? all : [])
  })
})
