import { Role } from '../../src/auth/viewer'
import { newId, typeOfId } from '../../src/shared/ids'
import type { Actor } from '../support/world/actor'
import { type Estate, makeEstate, phantomOf, type Target, untilQuiet } from '../support/world/estate'
import { startTestApp, type TestApp } from '../support/world/app'
import { userItem } from '../support/world/builders'
import { isRefused } from '../support/schema/own-inputs'
import { mutationFields, queryFields, type RootField, subscriptionFields } from '../support/schema/partner-schema'
import { dumpTables } from '../support/database/table-dump'
import {
  ask,
  coordinates,
  rowsOf,
  secretsIn,
  secretsOf,
  secretsOfOtherCustomers,
  textOf,
  type Told,
  TYPE_ID,
  type Values,
  verdict,
} from '../support/world/tenancy'
import { validInputs } from '../support/schema/valid-inputs'
import { everyCoordinate, wholeSelection } from '../support/schema/whole-selection'

let app: TestApp
let alice: Estate
let mallory: Estate
/** An administrator and an operator of alice's who are for her first customer only. */
let bob: Actor
let restrictedAdmin: Actor

/** How each query can be asked for something of somebody's; a new query needs an entry. */
const QUERIES: Record<string, (target: Target) => Values[]> = {
  viewer: () => [{}],
  errorCatalog: () => [{}],
  apiTokens: () => [{}],
  sync: () => [{}],
  rateLimit: () => [{}],
  _service: () => [{}],
  node: target => idsOf(target).map(id => ({ id })),
  nodes: target => [{ ids: idsOf(target).slice(0, 4) }, { ids: idsOf(target).slice(4) }],
  customer: ({ customer, spEnterpriseId }) => [{ id: customer }, { spEnterpriseId }],
  onboardingTemplate: ({ template, provisioningId }) => [{ id: template }, { provisioningId }],
  provisionedUser: ({ user, broadworksId }) => [{ id: user }, { broadworksId }, { broadworksId: broadworksId.toUpperCase() }],
  customers: ({ template, spEnterpriseId }) => [
    { first: 8 },
    { first: 5, filter: { onboardingTemplateIds: [template] } },
    { first: 5, filter: { search: spEnterpriseId } },
    { first: 5, filter: { hasStuckUsers: true }, orderBy: { field: 'NAME', direction: 'ASC' } },
  ],
  onboardingTemplates: ({ cursor }) => [{ first: 10 }, { first: 5, after: cursor }],
  provisionedUsers: ({ template, customer, email, broadworksId, cursor }) => [
    { first: 20 },
    { filter: { customerIds: [customer] } },
    { filter: { onboardingTemplateIds: [template] } },
    { filter: { search: email } },
    { filter: { search: broadworksId } },
    { filter: { errorCodes: [10022] } },
    { filter: { excludeProvisioned: true }, orderBy: { field: 'LAST_NAME', direction: 'ASC' } },
    { after: cursor },
    { last: 5, before: cursor },
  ],
  auditEvents: ({ user, customer, template, token, actor }) => [
    { first: 100 },
    { filter: { targetIds: [user, template, token] } },
    { filter: { actors: [actor] } },
    { filter: { customerIds: [customer], actions: ['handOver', 'createCustomer'] } },
  ],
  statusCounts: ({ template, customer, email }) => [
    {},
    { filter: { customerIds: [customer] } },
    { filter: { onboardingTemplateIds: [template] } },
    { filter: { search: email } },
  ],
  causes: ({ template, customer, email }) => [
    { first: 5 },
    { first: 5, filter: { customerIds: [customer] } },
    { first: 5, filter: { onboardingTemplateIds: [template] } },
    { first: 5, filter: { search: email } },
  ],
  userChanges: ({ cursor }) => [{ first: 10 }, { after: cursor }],
  bulkOperation: ({ bulkOperation }) => [{ id: bulkOperation }],
  bulkOperations: () => [{ first: 20 }],
  _entities: ({ customer, spEnterpriseId, template, provisioningId, user, broadworksId }) =>
    [
      { __typename: 'Customer', id: customer },
      { __typename: 'Customer', spEnterpriseId },
      { __typename: 'OnboardingTemplate', id: template },
      { __typename: 'OnboardingTemplate', provisioningId },
      { __typename: 'ProvisionedUser', id: user },
      { __typename: 'ProvisionedUser', broadworksId },
    ].map(representation => ({ representations: [representation] })),
}

const idsOf = (target: Target) => Object.values(target).filter((value: string) => typeOfId(value) !== null) as string[]

beforeAll(async () => {
  app = await startTestApp()
  ;[alice, mallory] = await Promise.all([makeEstate(app, 'Alice Telecom'), makeEstate(app, 'Mallory Mobile')])
  bob = await app.addToken(alice.partnerId, Role.OPERATOR, [alice.customers[0]])
  restrictedAdmin = await app.addToken(alice.partnerId, Role.ADMIN, [alice.customers[0]])
  await untilQuiet(app)
})
afterAll(() => app.stop())

describe('The walk through the schema', () => {
  it('has an entry for every query and a good input for every mutation', () => {
    expect(Object.keys(QUERIES).sort()).toEqual(Object.keys(queryFields).sort())
    expect(Object.keys(validInputs(alice, alice.target.template)).sort()).toEqual(Object.keys(mutationFields).sort())
  })

  it('selects every field of every type', () => {
    const fields = [queryFields, mutationFields, subscriptionFields].flatMap(each => Object.values(each))
    for (const field of fields) wholeSelection(field, coordinates)
    expect(everyCoordinate().filter(coordinate => !coordinates.has(coordinate))).toEqual([])
  })

  it('shows an administrator of the partner everything that there is', async () => {
    const lists = ['viewer', 'nodes', 'onboardingTemplates', 'provisionedUsers', 'auditEvents', 'apiTokens', 'bulkOperations']
    const seen = (await Promise.all(lists.map(name => walk(alice.admin, name, alice.target)))).flat().map(textOf).join('\n')
    const ids = [...(await secretsToMallory())].filter(text => /^(usr|cus|att|aud|tpl|tok|blk)_\w+$/.test(text))
    expect(ids.length).toBeGreaterThan(30)
    expect([...ids, ...Object.values(alice.target as unknown as Record<string, string>)].filter(text => !seen.includes(text))).toEqual([])
  })
})

describe('mallory, who belongs to another partner', () => {
  it.each(Object.keys(queryFields))('sees nothing of alice by %s, not even whether it exists', async name => {
    const before = await dumpTables(app.platform)
    const secrets = await secretsToMallory()
    const phantom = phantomOf(alice.target)
    const answers = await walk(mallory.admin, name, alice.target)
    expect(secretsIn(answers.map(textOf), secrets)).toEqual([])
    expect(answers.map(answer => verdict(textOf(answer), alice.target))).toEqual(
      (await walk(mallory.admin, name, phantom)).map(answer => verdict(textOf(answer), phantom)),
    )
    expect(await dumpTables(app.platform)).toEqual(before)
  })

  it.each(Object.keys(mutationFields).filter(isRefused))('changes nothing of alice by %s, and learns nothing', async name => {
    const input = (await validInputs(alice, alice.target.template)[name]?.()) ?? {}
    await expectRefusal(mallory.admin, name, input, await secretsToMallory())
  })

  it('may use for herself what is unique within a partner only', async () => {
    const { broadworksId, spEnterpriseId, email, provisioningId } = alice.target
    const before = await rowsOf(app, alice.partnerId)
    const item = userItem(mallory.target.template, { broadworksId, spEnterpriseId, email })
    const settings = (await validInputs(mallory, mallory.target.template)['createOnboardingTemplate']?.()) ?? {}
    const user = await mutate(mallory.admin, 'provisionUser', { user: item })
    const template = await mutate(mallory.admin, 'createOnboardingTemplate', { ...settings, provisioningId })
    for (const answer of [user, template]) expect(textOf(answer)).toContain('"userErrors":[]')
    expect(await rowsOf(app, alice.partnerId)).toEqual(before)
  })
})

describe('bob, whose token is for one customer of alice', () => {
  it.each(Object.keys(queryFields))('sees nothing of the other customers by %s, not even whether it exists', async name => {
    const secrets = await secretsOfOtherCustomers(app, alice)
    const { hidden } = alice
    const phantom = phantomOf(hidden)
    for (const actor of [bob, restrictedAdmin]) {
      const answers = await walk(actor, name, hidden)
      expect(secretsIn(answers.map(textOf), secrets)).toEqual([])
      expect(answers.map(answer => verdict(textOf(answer), hidden))).toEqual(
        (await walk(actor, name, phantom)).map(answer => verdict(textOf(answer), phantom)),
      )
    }
    expect(secretsIn((await walk(bob, name, alice.target)).map(textOf), secrets)).toEqual([])
  })

  it('sees the users of his customer, on every way to them', async () => {
    for (const name of [
      'node',
      'nodes',
      'customer',
      'customers',
      'provisionedUser',
      'provisionedUsers',
      'onboardingTemplate',
      'auditEvents',
      '_entities',
    ]) {
      expect((await walk(bob, name, alice.target)).map(textOf).join()).toContain(alice.target.user)
    }
  })

  it.each(['retryActivation', 'changePackageType', 'deleteUser', 'resendConsentEmail', 'resendValidationEmail', 'updateProvisionedUser'])(
    'changes nothing of the other customers by %s, and learns nothing',
    async name => {
      const input = (await validInputs(alice, alice.target.template)[name]?.()) ?? {}
      await expectRefusal(bob, name, input, await secretsOfOtherCustomers(app, alice))
    },
  )

  it('hands nobody over to another customer, nor to a new one', async () => {
    const before = await rowsOf(app, alice.partnerId)
    const spEnterpriseIds = [alice.hidden.spEnterpriseId, phantomOf(alice.hidden).spEnterpriseId]
    const users = spEnterpriseIds.map(spEnterpriseId => userItem(alice.target.template, { spEnterpriseId }))
    const verdicts = await Promise.all(users.map(async user => verdict(textOf(await mutate(bob, 'provisionUser', { user })), alice.target)))
    expect(verdicts[0]).toMatch(/"code":"NOT_FOUND".*"field":\["user","spEnterpriseId"\]/)
    expect(verdicts[1]).toBe(verdicts[0])
    expect((await mutate(bob, 'provisionUsers', { users })).data).toMatchObject({
      provisionUsers: { results: users.map(() => ({ provisionedUser: null, userErrors: [{ code: 'NOT_FOUND' }] })) },
    })
    expect(await rowsOf(app, alice.partnerId)).toEqual(before)
  })

  it('acts on the users of his customer', async () => {
    const user = userItem(alice.target.template, { spEnterpriseId: alice.target.spEnterpriseId })
    const made = await mutate(bob, 'provisionUser', { user })
    expect(textOf(made)).toContain('"userErrors":[]')
    const userId = /"id":"(usr_\w+)"/.exec(textOf(made))?.[1]
    expect(textOf(await mutate(bob, 'changePackageType', { userId, packageType: 'BASIC' }))).toContain('"requestedPackageType":"BASIC"')
  })
})

/** As who may not see what the input is about: nothing changes, and the answer is that to an input with unknown IDs. */
async function expectRefusal(stranger: Actor, name: string, input: Values, secrets: Set<string>): Promise<void> {
  await untilQuiet(app)
  const before = await rowsOf(app, alice.partnerId)
  const unknown = JSON.parse(JSON.stringify(input).replace(TYPE_ID, id => newId(typeOfId(id) ?? 'Job'))) as Values
  const answers = [await mutate(stranger, name, input)]
  expect(secretsIn(answers.map(textOf), secrets)).toEqual([])
  expect(verdict(textOf(answers[0] as Told), alice.target)).toEqual(verdict(textOf(await mutate(stranger, name, unknown)), alice.target))
  expect(textOf(answers[0] as Told)).toMatch(/"code":"NOT_FOUND"/)
  expect(await rowsOf(app, alice.partnerId)).toEqual(before)
}

function walk(actor: Actor, name: string, target: Target): Promise<Told[]> {
  return Promise.all((QUERIES[name]?.(target) ?? []).map(values => ask(actor, 'query', queryFields[name] as RootField, values)))
}

function mutate(actor: Actor, name: string, input: Values): Promise<Told> {
  return ask(actor, 'mutation', mutationFields[name] as RootField, { input })
}

const secretsToMallory = () => secretsOf(app, alice.partnerId, mallory.partnerId)
