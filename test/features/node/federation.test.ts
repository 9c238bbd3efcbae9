import { readFileSync } from 'node:fs'
import path from 'node:path'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { isObjectType, isUnionType, parse } from 'graphql'
import { Role } from '../../../src/auth/viewer'
import { newId } from '../../../src/shared/ids'
import type { Actor } from '../../support/world/actor'
import { type Estate, makeEstate, untilQuiet } from '../../support/world/estate'
import { startTestApp, type TestApp } from '../../support/world/app'
import { OF_NO_REQUEST } from '../../support/database/statements'

let app: TestApp
let alice: Estate
let mallory: Estate
let bob: Actor

beforeAll(async () => {
  app = await startTestApp()
  ;[alice, mallory] = await Promise.all([makeEstate(app, 'Alice Telecom'), makeEstate(app, 'Mallory Mobile')])
  bob = await app.addToken(alice.partnerId, Role.VIEWER, [alice.customers[0]])
  // Statements are counted, and jobs have some of their own.
  await untilQuiet(app)
})
afterAll(() => app.stop())

const ENTITIES = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on Customer { id spEnterpriseId onboardingTemplate { id } }
    ... on OnboardingTemplate { id provisioningId }
    ... on ProvisionedUser { id broadworksId customer { id } }
  }
}`

type Entity = { __typename: string; id: string } | null

async function entities(actor: Actor, representations: object[]): Promise<Entity[]> {
  const { data, errors } = await actor.ask<{ _entities: Entity[] }, { representations: object[] }>(ENTITIES, { representations })
  expect(errors).toEqual([])
  return data._entities
}

const idsOf = (found: Entity[]) => found.map(entity => entity?.id ?? null)

/** Everything of somebody's, by each of its keys. */
function allOf({ target }: Estate): [representation: object, id: string][] {
  return [
    [{ __typename: 'Customer', id: target.customer }, target.customer],
    [{ __typename: 'Customer', spEnterpriseId: target.spEnterpriseId }, target.customer],
    [{ __typename: 'OnboardingTemplate', id: target.template }, target.template],
    [{ __typename: 'OnboardingTemplate', provisioningId: target.provisioningId }, target.template],
    [{ __typename: 'ProvisionedUser', id: target.user }, target.user],
    [{ __typename: 'ProvisionedUser', broadworksId: target.broadworksId }, target.user],
    [{ __typename: 'ProvisionedUser', broadworksId: target.broadworksId.toUpperCase() }, target.user],
  ]
}

describe('The subgraph', () => {
  const sdl = async () =>
    (await alice.viewer.ask<{ _service: { sdl: string } }, Record<string, never>>('{ _service { sdl } }')).data._service.sdl

  it('tells routers the committed schema', async () => {
    expect(await sdl()).toBe(readFileSync(path.resolve(__dirname, '../../../schema/subgraph.graphql'), 'utf8'))
  })

  it('is one that the federation library builds, with the entities and their keys', async () => {
    const schema = buildSubgraphSchema(parse(await sdl()))
    const union = schema.getType('_Entity')
    expect(
      isUnionType(union) &&
        union
          .getTypes()
          .map(({ name }) => name)
          .sort(),
    ).toEqual(['Customer', 'OnboardingTemplate', 'ProvisionedUser'])
    const keys = (name: string) =>
      schema.getType(name)?.astNode?.directives?.flatMap(each => (each.name.value === 'key' ? each.arguments : [])) ?? []
    const fieldsOf = (name: string) => keys(name).map(argument => (argument?.value.kind === 'StringValue' ? argument.value.value : null))
    expect(fieldsOf('Customer')).toEqual(['id', 'spEnterpriseId'])
    expect(fieldsOf('OnboardingTemplate')).toEqual(['id', 'provisioningId'])
    expect(fieldsOf('ProvisionedUser')).toEqual(['id', 'broadworksId'])
    expect(schema.getType('PageInfo')?.astNode?.directives?.map(({ name }) => name.value)).toEqual(['shareable'])
  })

  it('leaves out the queries of nodes, which are for direct clients, and every security directive', async () => {
    const text = await sdl()
    const query = buildSubgraphSchema(parse(text)).getType('Query')
    const fields = isObjectType(query) ? Object.keys(query.getFields()) : []
    expect(fields).toEqual(expect.arrayContaining(['customers', 'provisionedUsers', '_entities', '_service']))
    expect(fields.filter(name => ['node', 'nodes'].includes(name))).toEqual([])
    expect(text).not.toMatch(/@authenticated|@requiresScopes|@policy|@inaccessible/)
    const direct = await alice.viewer.ask<{ node: { id: string } }, { id: string }>('query ($id: ID!) { node(id: $id) { id } }', {
      id: alice.target.user,
    })
    expect(direct.data.node.id).toBe(alice.target.user)
  })

  it('is for callers with a token only', async () => {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ _service { sdl } }' }),
    })
    expect(response.status).toBe(401)
  })
})

describe('_entities', () => {
  it('finds each entity by each of its keys', async () => {
    const all = allOf(alice)
    expect(
      idsOf(
        await entities(
          alice.viewer,
          all.map(([representation]) => representation),
        ),
      ),
    ).toEqual(all.map(([, id]) => id))
  })

  it('keeps the order, answers null for what is unknown, and one thing as often as it is asked for', async () => {
    const { customer, user } = alice.target
    const representations = [
      { __typename: 'ProvisionedUser', id: user },
      { __typename: 'Customer', id: newId('Customer') },
      { __typename: 'Customer', id: customer },
      { __typename: 'ProvisionedUser', broadworksId: 'nobody@provider.example' },
      { __typename: 'ProvisionedUser', id: user },
      { __typename: 'Customer', id: user },
      { __typename: 'Customer', name: 'Acme' },
      { __typename: 'Customer', id: null },
    ]
    expect(idsOf(await entities(alice.viewer, representations))).toEqual([user, null, customer, null, user, null, null, null])
  })

  it('answers nothing for nothing', async () => {
    expect(await entities(alice.viewer, [])).toEqual([])
  })

  it('tells a stranger of nothing, whichever key she has', async () => {
    const all = allOf(alice)
    const representations = [...allOf(mallory), ...all].map(([representation]) => representation)
    const own = allOf(mallory).map(([, id]) => id)
    expect(idsOf(await entities(mallory.admin, representations))).toEqual([...own, ...all.map(() => null)])
  })

  it('tells a caller for some customers of those alone', async () => {
    const { hidden } = alice
    const representations = [
      { __typename: 'Customer', id: hidden.customer },
      { __typename: 'Customer', spEnterpriseId: hidden.spEnterpriseId },
      { __typename: 'OnboardingTemplate', id: hidden.template },
      { __typename: 'ProvisionedUser', id: hidden.user },
      { __typename: 'ProvisionedUser', broadworksId: hidden.broadworksId },
    ]
    expect(idsOf(await entities(bob, representations))).toEqual(representations.map(() => null))
    expect(
      idsOf(
        await entities(
          bob,
          allOf(alice).map(([representation]) => representation),
        ),
      ),
    ).toEqual(allOf(alice).map(([, id]) => id))
  })

  it.each([
    ['Customer', 'id', 'customer'],
    ['Customer', 'spEnterpriseId', 'spEnterpriseId'],
    ['OnboardingTemplate', 'id', 'template'],
    ['OnboardingTemplate', 'provisioningId', 'provisioningId'],
    ['ProvisionedUser', 'id', 'user'],
    ['ProvisionedUser', 'broadworksId', 'broadworksId'],
  ] as const)('finds a thousand of a type by one key in one statement: %s by %s', async (type, key, of) => {
    const others = Array.from({ length: 999 }, (_, number) => ({
      __typename: type,
      [key]: key === 'id' ? newId(type) : `nobody-${number}`,
    }))
    const representations = [...others.slice(0, 600), { __typename: type, [key]: alice.target[of] }, ...others.slice(600)]
    let found: { id: string }[] = []
    const statements = await statementsOf(async () => {
      const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on ${type} { id } } }`
      const { data, errors } = await alice.viewer.ask<{ _entities: typeof found }, { representations: object[] }>(query, {
        representations,
      })
      expect(errors).toEqual([])
      found = data._entities
    })
    expect(statements).toBe(1)
    expect(found.flatMap((entity, index) => (entity === null ? [] : [{ ...entity, index }]))).toEqual([
      { id: alice.target[ENTITY_ID[type]], index: 600 },
    ])
  })

  it('takes a thousand at a time, and no more', async () => {
    const representations = Array.from({ length: 1001 }, () => ({ __typename: 'Customer', id: alice.target.customer }))
    const { errors } = await alice.viewer.ask(ENTITIES, { representations })
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['QUERY_TOO_COMPLEX'])
  })
})

const ENTITY_ID = { Customer: 'customer', OnboardingTemplate: 'template', ProvisionedUser: 'user' } as const

/** How many statements the work takes beside what each request takes. */
async function statementsOf(work: () => Promise<unknown>): Promise<number> {
  // The first use of a token is written down, and the job queue looks for work by itself.
  await work()
  app.statements.length = 0
  await work()
  return app.statements.filter(sql => !/"job"|api_token/.test(sql) && !OF_NO_REQUEST.test(sql)).length
}
