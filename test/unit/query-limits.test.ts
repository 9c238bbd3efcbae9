import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import {
  buildSchema,
  type DocumentNode,
  getIntrospectionQuery,
  getNullableType,
  getOperationAST,
  type GraphQLError,
  type GraphQLSchema,
  type GraphQLType,
  isEnumType,
  isInputObjectType,
  isListType,
  isObjectType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  parse,
  separateOperations,
  typeFromAST,
  validate,
} from 'graphql'
import { readExamples } from '../../scripts/example-operations'
import { loadConfig } from '../../src/config/config'
import { actualCost } from '../../src/graphql/engine/limits/actual-cost'
import { refuseTooComplex } from '../../src/graphql/engine/limits/limits'
import { priceOfField } from '../../src/graphql/engine/limits/prices'
import * as operations from '../support/operations/operations.generated'
import { partnerSchemas } from '../support/schema/partner-schema'

const PROJECT = path.resolve(__dirname, '../..')
const read = (file: string) => readFileSync(path.join(PROJECT, file), 'utf8')
const schema = partnerSchemas.served

const LIMITS = loadConfig({ ENCRYPTION_KEY: '0'.repeat(64) }).limits.query
/** For what is about costs alone. */
const COSTS = { ...LIMITS, aliases: 10_000, rootFields: 10_000 }

/** What the limits say of an operation, or null when they let it pass. */
function verdict(
  document: DocumentNode | string,
  variables: Record<string, unknown> = {},
  { of = schema, limits = LIMITS }: { of?: GraphQLSchema; limits?: typeof LIMITS } = {},
): string | null {
  const parsed = typeof document === 'string' ? parse(document) : document
  expect(validate(of, parsed)).toEqual([])
  try {
    refuseTooComplex(of, parsed, getOperationAST(parsed) as OperationDefinitionNode, variables, limits)
    return null
  } catch (error) {
    expect((error as GraphQLError).extensions).toEqual({ code: 'QUERY_TOO_COMPLEX', http: { status: 400 } })
    return (error as GraphQLError).message
  }
}

const TOO_COSTLY = /^The operation may cost \d+; the limit is 10000\. Ask for smaller pages/

type Size = number | string

const users = (selection: string, first: Size = 100) => `provisionedUsers(first: ${first}) { nodes { ${selection} } }`
/** Pages of users of the customer of each user of a page, and so on. */
const nested = (times: number, first: Size = 100): string => (times === 0 ? 'id' : `customer { ${users(nested(times - 1, first), first)} }`)
const underManyNames = (count: number, field: string) => Array.from({ length: count }, (_, index) => `a${index}: ${field}`).join(' ')
const many = (count: number, value: unknown) => Array.from({ length: count }, () => value)

/** Some value for each variable that an operation needs. */
function neededVariables(document: DocumentNode): Record<string, unknown> {
  const { variableDefinitions = [] } = getOperationAST(document) as OperationDefinitionNode
  const needed = variableDefinitions.filter(({ type }) => type.kind === Kind.NON_NULL_TYPE)
  return Object.fromEntries(needed.map(({ variable, type }) => [variable.name.value, someValue(typeFromAST(schema, type))]))
}

function someValue(type: GraphQLType | undefined): unknown {
  const named = getNullableType(type)
  if (isListType(named)) return many(100, someValue(named.ofType))
  if (isEnumType(named)) return named.getValues()[0]?.name
  if (!isInputObjectType(named)) return 'anything'
  const required = Object.values(named.getFields()).filter(field => isNonNullType(field.type))
  return Object.fromEntries(required.map(field => [field.name, someValue(field.type)]))
}

describe('The limits let pass', () => {
  const markdown = [
    'README.md',
    ...readdirSync(path.join(PROJECT, 'docs'), { recursive: true, encoding: 'utf8' }).map(file => `docs/${file}`),
  ]
    // The reference shows the examples, those of the activation API among them, which has limits of its own.
    .filter(file => file.endsWith('.md') && file !== 'docs/reference/api.md')
    .flatMap(file => [...read(file).matchAll(/^```graphql\n([\s\S]*?)^```$/gm)].map(([, block = '']) => [file, block] as const))
  const examples = readExamples('schema/examples').map(({ rootField, operation }) => [`the example of ${rootField}`, operation] as const)
  const playground = 'web/playground/examples/own-objects.graphql'

  it.each([...markdown, ...examples, [playground, read(playground)] as const])('what is shown in %s', (_file, document) => {
    const each = Object.values(separateOperations(parse(document)))
    expect(each.map(operation => verdict(operation, neededVariables(operation)))).toEqual(each.map(() => null))
  })

  it.each(Object.entries(operations).filter(([name]) => name.endsWith('Document')))('what the tests ask: %s', (_name, document) => {
    expect(verdict(document as DocumentNode, neededVariables(document as DocumentNode))).toBe(null)
  })

  const WHOLE_USER = `id broadworksId email firstName lastName status errorText availableActions packageType primaryPhoneNumber
    errors { code message upstreamText trackingId catalogEntry { code meaning steps } } diagnosis { cause fixer steps stuckSince }
    customer { id name spEnterpriseId } onboardingTemplate { id name userVerification { ready checks { code passed message } } }
    attempts(first: 5) { totalCount pageInfo { hasNextPage } nodes { id trigger actor outcome steps { name httpStatus message } errors { code message } } }
    auditEvents(first: 5) { nodes { id at actor action changes { field before after } } }`
  it.each([
    ['a hundred users with all that is known of them', `{ ${users(WHOLE_USER)} }`],
    [
      'fifty customers with five users',
      '{ customers(first: 50) { nodes { id name provisionedUsers(first: 5) { totalCount nodes { id } } } } }',
    ],
    [
      'counts and causes of a hundred templates',
      '{ onboardingTemplates(first: 100) { nodes { id statusCounts { status count } causes(first: 3) { key count } } } }',
    ],
    ['thirty-nine counts with a filter', `{ ${underManyNames(39, 'statusCounts(filter: { search: "rossi" }) { status count }')} }`],
    ['hundreds of counts without a filter', `{ ${underManyNames(700, 'statusCounts(filter: null) { count }')} }`],
    ['the standard introspection', getIntrospectionQuery({ specifiedByUrl: true, schemaDescription: true, inputValueDeprecation: true })],
    ['the type of a field, by name', '{ __type(name: "Customer") { fields { name type { name ofType { name } } } } }'],
  ])('%s', (_name, document) => {
    expect(verdict(document, {}, { limits: COSTS })).toBe(null)
  })

  it('what is left out by a directive', () => {
    const attack = nested(3)
    expect(verdict(`query ($no: Boolean = false) { ${users(`id ... @include(if: $no) { ${attack} }`)} }`)).toBe(null)
    expect(verdict(`{ ${users(`id ... @skip(if: true) { ${attack} }`)} }`)).toBe(null)
    expect(verdict(`query ($no: Boolean = false) { ${users(`id ... @include(if: $no) { ${attack} }`)} }`, { no: true })).toMatch(TOO_COSTLY)
    expect(verdict(`query ($yes: Boolean!) { ${users(`id ... @skip(if: $yes) { ${attack} }`)} }`, { yes: false })).toMatch(TOO_COSTLY)
  })
})

describe('A filter', () => {
  /** Fields of objects that narrow what they answer, with the type whose field it is. Those of subscriptions narrow what is told anyway. */
  const filtered = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(type => type !== schema.getSubscriptionType())
    .flatMap(type => Object.values(type.getFields()).map(field => ({ type, field })))
    .filter(({ field }) => field.args.some(({ name }) => name === 'filter'))

  it.each(filtered.map(({ type, field }) => [`${type.name}.${field.name}`, field] as const))('is paid for: %s', (_name, { name }) => {
    expect(priceOfField(name, true)).toBeGreaterThanOrEqual(priceOfField(name, false) + 25)
  })

  it('has its price before the list is read, and when nothing was found', () => {
    const document = parse('query ($filter: ProvisionedUserFilter) { provisionedUsers(first: 10, filter: $filter) { nodes { id } } }')
    const operation = getOperationAST(document) as OperationDefinitionNode
    const mayCost = (filter: object | null) => refuseTooComplex(schema, document, operation, { filter }, LIMITS)
    const cameTo = (filter: object | null) => actualCost(document, operation, { filter }, { provisionedUsers: { nodes: [] } })
    for (const costOf of [mayCost, cameTo]) expect(costOf({ search: 'nobody' }) - costOf(null)).toBeCloseTo(25)
  })
})

describe('A passcode', () => {
  it('is paid for, because hashing it is slow on purpose', () => {
    const parsed = parse(
      `mutation ($users: [ProvisionUserItem!]!) { provisionUsers(input: { users: $users }) { results { userErrors { code } } } }`,
    )
    const user = { onboardingTemplateId: 'tpl', broadworksId: 'b', spEnterpriseId: 'S+a', firstName: 'A', lastName: 'R' }
    const costOf = (users: object[]) =>
      refuseTooComplex(schema, parsed, getOperationAST(parsed) as OperationDefinitionNode, { users }, LIMITS)
    expect(costOf(many(100, { ...user, activationPasscode: '1234' }) as object[]) - costOf(many(100, user) as object[])).toBe(5000)
  })
})

describe('The limits refuse', () => {
  it.each([1, 2, 3])('pages of a hundred that are nested %i deep', times => {
    expect(verdict(`{ ${users(nested(times))} }`)).toMatch(TOO_COSTLY)
  })

  it.each<[string, string, Record<string, unknown>]>([
    ['its size comes by a variable', `query ($n: Int) { ${users(nested(1, '$n'), '$n')} }`, { n: 100 }],
    ['its size is the default of a variable', `query ($n: Int = 100) { ${users(nested(1, '$n'), '$n')} }`, {}],
    ['its size is the default of the API', `{ ${users(nested(3)).replaceAll('(first: 100)', '')} }`, {}],
    ['it counts from the end', `{ ${users(nested(1)).replaceAll('first', 'last')} }`, {}],
    ['it goes through edges', `{ provisionedUsers(first: 100) { edges { node { ${nested(1)} } } } }`, {}],
    [
      'it is spread over fragments',
      `{ ${users('...A')} } fragment A on ProvisionedUser { ...B } fragment B on Node { ... on ProvisionedUser { ${nested(1)} } }`,
      {},
    ],
    [
      'its page is in a fragment',
      `{ provisionedUsers(first: 100) { ...A } } fragment A on ProvisionedUserConnection { nodes { ${nested(1)} } }`,
      {},
    ],
    ['it is asked under many names', `{ ${underManyNames(100, users('customer { id }'))} }`, {}],
    ['it asks a value under many names', `{ ${users(`${nested(1, 50)} ${underManyNames(3000, 'email')}`)} }`, {}],
    [
      'it counts under many names',
      `{ customers(first: 100) { nodes { provisionedUsers(first: 0) { ${underManyNames(11, 'totalCount')} } } } }`,
      {},
    ],
    ['it counts states with many filters', `{ ${underManyNames(41, 'statusCounts(filter: { search: "rossi" }) { count }')} }`, {}],
    ['it counts causes to have none of them', `{ ${underManyNames(41, 'causes(first: 0, filter: { fixer: USER }) { key }')} }`, {}],
    [
      'its filter comes by a variable',
      `query ($filter: ProvisionedUserFilter) { ${underManyNames(41, 'causes(first: 0, filter: $filter) { key }')} }`,
      { filter: {} },
    ],
    [
      'it counts causes of a hundred templates under many names',
      `{ onboardingTemplates(first: 100) { nodes { ${underManyNames(20, 'causes(first: 0) { key }')} } } }`,
      {},
    ],
    [
      'it starts at a hundred nodes',
      `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on ProvisionedUser { ${nested(1)} } } }`,
      { ids: many(100, 'usr') },
    ],
    [
      'it starts at a hundred representations',
      `query ($r: [_Any!]!) { _entities(representations: $r) { ... on ProvisionedUser { ${nested(1)} } } }`,
      { r: many(100, { __typename: 'ProvisionedUser', id: 'usr' }) },
    ],
    [
      'it starts at a hundred results of a mutation',
      `mutation ($users: [ProvisionUserItem!]!) { provisionUsers(input: { users: $users }) { results { provisionedUser { ${nested(1)} } } } }`,
      { users: many(100, { onboardingTemplateId: 'tpl', broadworksId: 'b', spEnterpriseId: 'S+a', firstName: 'A', lastName: 'R' }) },
    ],
  ])('what costs too much, also when %s', (_name, document, variables) => {
    expect(verdict(document, variables, { limits: COSTS })).toMatch(TOO_COSTLY)
  })

  it('what is too deep, however cheap', () => {
    expect(verdict(`{ ${users(nested(4, 1), 1)} }`)).toBe(null)
    expect(verdict(`{ ${users(nested(4, 1).replace('id', 'customer { id }'), 1)} }`)).toMatch(
      /^The operation has a depth of 16; the limit is 15\. Ask for what lies deeper/,
    )
  })

  it.each<[string, (count: number) => string, number, RegExp]>([
    ['aliases', count => `{ viewer { ${underManyNames(count, 'name')} } }`, 100, /more aliases than allowed: 101; the limit is 100/],
    ['aliases of __typename', count => `{ viewer { ${underManyNames(count, '__typename')} } }`, 100, /more aliases .* 101/],
    [
      'aliases that a fragment brings again and again',
      count => `{ viewer { ${'partner { ...A } '.repeat(count)} } } fragment A on Partner { ${underManyNames(10, 'name')} }`,
      10,
      /more aliases than allowed: 110/,
    ],
    [
      'directives of many fields',
      count => `{ viewer { ${'name @include(if: true) '.repeat(count)} } }`,
      50,
      /more directives than allowed: 51; the limit is 50/,
    ],
    ['fields at the root', count => `{ ${'__typename '.repeat(count)} }`, 20, /more fields at its root than allowed: 21; the limit is 20/],
    [
      'fields at the root that a fragment brings',
      count => `{ ${'...A '.repeat(count)} } fragment A on Query { viewer { name } ... { errorCatalog { code } } }`,
      10,
      /more fields at its root than allowed: 22/,
    ],
  ])('one more than allowed: %s', (_name, make, max, message) => {
    expect(verdict(make(max))).toBe(null)
    expect(verdict(make(max + 1))).toMatch(message)
  })

  it('more than a thousand references, which cost what is selected of their own type alone', () => {
    const look = (count: number, typename: string) =>
      verdict(
        `query ($r: [_Any!]!) { _entities(representations: $r) {
          ... on ProvisionedUser { id } ... on Customer { provisionedUsers(first: 50) { nodes { id } } } } }`,
        { r: many(count, { __typename: typename, id: 'x' }) },
      )
    expect(look(1000, 'ProvisionedUser')).toBe(null)
    expect(look(1001, 'ProvisionedUser')).toMatch(/^The operation refers to 1001; the limit is 1000/)
    expect(look(1000, 'Customer')).toMatch(TOO_COSTLY)
  })

  it('fragments that double at each step, at once', () => {
    const steps = Array.from({ length: 60 }, (_, step) => `fragment F${step} on Query { ...F${step + 1} ...F${step + 1} }`).join('\n')
    expect(verdict(`{ ...F0 } ${steps} fragment F60 on Query { viewer { name } }`, {}, { limits: COSTS })).toMatch(
      /^The operation has more fields at its root than allowed: \d+/,
    )
    expect(verdict(`{ viewer { ...F0 } } ${steps.replaceAll('Query', 'Viewer')} fragment F60 on Viewer { name }`)).toMatch(TOO_COSTLY)
  })

  it('to look at the whole schema again and again', () => {
    const fields = 'fields { type { fields { name args { name type { name } } } } }'
    const looks = Array.from({ length: 10 }, (_, index) => `a${index}: __schema { types { ${fields} } }`)
    expect(verdict(`{ ${looks.join(' ')} }`)).toMatch(/asks of the schema what may cost \d+; the limit is 30000/)
    const types = (depth: number): string => (depth === 0 ? 'name' : `ofType { ${types(depth - 1)} }`)
    expect(verdict(`{ __type(name: "User") { ${types(25)} } }`)).toMatch(/asks of the schema with a depth of 27; the limit is 20/)
  })

  it('nothing because of a page size that the list itself refuses', () => {
    const tiny = buildSchema('type Query { things(first: Int, last: Int): Things! } type Things { nodes: [Thing!]! } type Thing { id: ID }')
    for (const first of [-1, 101, 2_147_483_647])
      expect(verdict(`{ things(first: ${first}) { nodes { id } } }`, {}, { of: tiny })).toBe(null)
  })
})
