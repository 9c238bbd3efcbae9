import { getNamedType, isEnumType, isLeafType } from 'graphql'
import fc from 'fast-check'
import type { Answer } from '../support/world/actor'
import { untilQuiet } from '../support/world/estate'
import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import { FindBulkOperationDocument, ProvisionUserDocument } from '../support/operations/operations.generated'
import { badInputRules, type BadInputWorld } from '../support/schema/bad-input-rules'
import { gatherCursors, type KnownCursor, makeBadInputWorld } from '../support/world/bad-input-world'
import { AS_IT_IS, type BadValue, bad, unknownIds, wrongTypes } from '../support/schema/bad-values'
import {
  type InputPlace,
  inputPlaces,
  mutationFields,
  type RootField,
  shallowSelection,
  typesWithArguments,
  variablesOf,
} from '../support/schema/partner-schema'
import { askOverSocket } from '../support/world/socket'
import { dumpTables } from '../support/database/table-dump'
import { CHANGES_NOTHING, validInputs } from '../support/schema/valid-inputs'
import { eventually } from '../support/world/waiting'

type Values = Record<string, unknown>

let app: TestApp
let alice: TestPartner
let world: BadInputWorld
let rules: Record<string, BadValue[]>
let aliceCursors: KnownCursor[]
let malloryCursors: KnownCursor[]
/** A good input of each mutation; refused requests leave it good. */
const inputs: Record<string, Values> = {}

const fields = typesWithArguments.flatMap(type =>
  Object.values(type.getFields())
    .filter(field => field.args.length > 0)
    .map(field => [`${type.name}.${field.name}`, type.name, field] as const),
)
const PAGES = fields
  .filter(([, , { args }]) => args.some(({ name }) => name === 'last'))
  .flatMap(([name]) => [`${name}.first`, `${name}.last`])
const places = fields.flatMap(([, typeName, field]) => inputPlaces(typeName, field))
const isCursor = ({ path }: InputPlace) => ['after', 'before'].includes(String(path[0]))
/** The sizes of pages of all connections have one rule. */
const keyOf = ({ path, declaredAs }: InputPlace) => (PAGES.includes(declaredAs) ? `page.${path[0]}` : declaredAs)

/**
 * A filter and an order are the same inputs wherever they are taken, eight times by now: every field of them is walked once for each kind of
 * operation, and everywhere when there is time (TEST_SLOW).
 */
const walkedElsewhere = new Set<string>()
function walkedPlaces(typeName: string, field: RootField): InputPlace[] {
  return inputPlaces(typeName, field).filter(({ path, declaredAs }) => {
    if (process.env['TEST_SLOW'] === 'on' || !/Filter\.|Range\.|Order\./.test(declaredAs)) return true
    const place = `${['Mutation', 'Subscription'].includes(typeName) ? typeName : 'Query'} ${declaredAs} ${String(path.at(-2))}`
    if (walkedElsewhere.has(place)) return false
    walkedElsewhere.add(place)
    return true
  })
}

beforeAll(async () => {
  app = await startTestApp()
  alice = await app.addPartner('Alice Telecom')
  const mallory = await app.addPartner('Mallory Mobile')
  world = await makeBadInputWorld(alice, mallory)
  rules = badInputRules(world)
  for (const [name, make] of Object.entries(validInputs(alice, world.template))) inputs[name] = await make()
  // One user only: the others of a list would be taken over.
  ;(inputs['provisionUsers'] as { users: unknown[] }).users.length = 1
  aliceCursors = await gatherCursors(alice.admin)
  malloryCursors = await gatherCursors(mallory.admin)
  await untilQuiet(app)
})
afterAll(() => app.stop())

describe('The table of bad values', () => {
  it('has an entry for every place that takes a text, an ID, a number or a time, and for no other', () => {
    const plain = places.filter(
      place => isLeafType(place.type) && !isEnumType(place.type) && place.type.name !== 'Boolean' && !isCursor(place),
    )
    expect([...new Set(plain.map(keyOf).filter(key => !rules[key]?.length))]).toEqual([])
    expect(Object.keys(rules).filter(key => !places.some(place => keyOf(place) === key))).toEqual([])
  })

  it('has a good input for every mutation', () => {
    expect(Object.keys(inputs).sort()).toEqual(Object.keys(mutationFields).sort())
  })
})

describe.each(fields)('%s', (_name, typeName, field) => {
  it.each(walkedPlaces(typeName, field).map(place => [place.path.join('.'), place] as const))(
    'refuses every bad value of %s, names it, and changes nothing',
    async (_path, place) => {
      const before = await dumpTables(app.platform)
      const nul = bad('with the character U+0000', place.list ? ['\0'] : '\0', { argument: '' })
      const cases = [...wrongTypes(place), ...(rules[keyOf(place)] ?? []), ...(isCursor(place) ? badCursors(place, field) : []), nul]
      const [told, expected]: [Values, Values] = [{}, {}]
      const tell = async (each: BadValue) => {
        const answer = await ask(typeName, field, withValue(withoutRivals(goodArguments(typeName, field), place), place, each))
        told[each.name] = summary(field, answer)
        expected[each.name] = expectation(place, each)
      }
      // A mutation of whatever a filter selects is carried out for nobody, and leaves that on record.
      const isCarriedOut = (each: BadValue) => typeName === 'Mutation' && each.expected === 'nothing'
      for (const each of cases.filter(each => !isCarriedOut(each))) await tell(each)
      expect(await dumpTables(app.platform)).toEqual(before)
      for (const each of cases.filter(isCarriedOut)) await tell(each)
      expect((await dumpTables(app.platform))['provisioned_user']).toEqual(before['provisioned_user'])
      expect(told).toEqual(expected)
    },
  )
})

describe('A cursor', () => {
  const users = fields.find(([name]) => name === 'Query.provisionedUsers')?.[2] as RootField

  it.each(['after', 'before'])('is taken as %s as it was given, and refused with whatever change', async argument => {
    const { cursor } = aliceCursors[0] as KnownCursor
    expect((await ask('Query', users, { [argument]: cursor })).errors).toEqual([])
    const characters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ .'].map(each => fc.constant(each))
    const changed = fc
      .tuple(fc.nat(cursor.length), fc.string({ unit: fc.oneof(...characters), maxLength: 3 }), fc.nat(3))
      .map(([at, inserted, removed]) => cursor.slice(0, at) + inserted + cursor.slice(at + removed))
      .filter(text => text !== cursor)
    await fc.assert(
      fc.asyncProperty(changed, async text => {
        const answer = await ask('Query', users, { [argument]: text })
        expect(summary(users, answer)).toBe(`200 BAD_USER_INPUT ${argument}`)
      }),
      { numRuns: 100 },
    )
  })
})

describe('A bad value that is written into the document', () => {
  it.each([
    ['{ provisionedUsers(first: "x") { totalCount } }', 'first'],
    ['{ provisionedUsers(filter: { createdAt: { gte: "x" } }) { totalCount } }', 'gte'],
    ['{ provisionedUsers(orderBy: { field: NAME, direction: ASC }) { totalCount } }', 'field'],
    ['{ provisionedUsers(orderBy: { direction: ASC }) { totalCount } }', 'field'],
    ['{ provisionedUsers(size: 3) { totalCount } }', 'size'],
    ['{ node { id } }', 'id'],
    ['mutation { retryActivation(input: { userId: "x", email: 42 }) { userErrors { code } } }', 'email'],
    ['mutation { retryActivation(input: { email: "anna@example.com" }) { userErrors { code } } }', 'userId'],
    ['mutation { retryActivation { userErrors { code } } }', 'input'],
    ['query ($size: String) { provisionedUsers(first: $size) { totalCount } }', 'first'],
  ])('is refused and named: %s', async (document, argument) => {
    const before = await dumpTables(app.platform)
    const answer = await alice.admin.ask(document)
    expect(faultsOf(answer)).toEqual([])
    expect(answer.errors.map(({ extensions: { code, argument: named } }) => ({ code, named }))).toEqual([
      { code: 'BAD_USER_INPUT', named: argument },
    ])
    expect(await dumpTables(app.platform)).toEqual(before)
  })
})

describe('The good inputs that were spoilt above', () => {
  it.each(Object.keys(mutationFields))('are carried out by %s', async name => {
    const field = mutationFields[name] as RootField
    await untilQuiet(app)
    const before = await dumpTables(app.platform)
    expect(summary(field, await ask('Mutation', field, { input: inputs[name] }))).toBe('200 done')
    const after = expect(await dumpTables(app.platform))
    if (CHANGES_NOTHING.includes(name)) after.toEqual(before)
    else after.not.toEqual(before)
  })
})

describe('An ID that no bulk operation finds', () => {
  const BULK = Object.keys(mutationFields).filter(name => /^bulk/.test(name))

  // What the tests above began may still be at work.
  beforeAll(() => untilQuiet(app))

  it.each(BULK)('is refused in the results of %s, and nobody is changed', async name => {
    const { items: _, expectedCount: __, idempotencyKey: ___, ...rest } = inputs[name] as Values
    const ids = unknownIds('ProvisionedUser', { "another partner's": world.mallory.user, "a template's": world.template })
    const before = (await dumpTables(app.platform))['provisioned_user']
    for (const dryRun of [true, false]) {
      const input = { ...rest, dryRun, userIds: ids.map(({ value }) => value) }
      const { data, errors } = await ask('Mutation', mutationFields[name] as RootField, { input })
      expect(errors).toEqual([])
      const { id } = (data?.[name] as { bulkOperation: { id: string } }).bulkOperation
      const { bulkOperation } = await eventually(async () => {
        const found = await alice.admin.get(FindBulkOperationDocument, { id })
        return found.bulkOperation?.status === 'DONE' && found
      })
      expect(bulkOperation).toMatchObject({ total: ids.length, failed: ids.length })
      expect(bulkOperation?.results.nodes.map(({ provisionedUser, userErrors: [error] }) => [provisionedUser, error?.code])).toEqual(
        ids.map(() => [null, 'NOT_FOUND']),
      )
    }
    expect((await dumpTables(app.platform))['provisioned_user']).toEqual(before)
  })
})

describe('A value that is as long as allowed, of whatever script', () => {
  it('is taken as it is', async () => {
    const user = {
      onboardingTemplateId: world.template,
      broadworksId: `${'b'.repeat(140)}@provider.example.com`,
      spEnterpriseId: `SP1+${'é'.repeat(196)}`,
      customerName: '日本'.repeat(100),
      firstName: '🦄'.repeat(64),
      lastName: `${'م'.repeat(120)} ابن خل`,
      email: `${'a'.repeat(64)}@${'b'.repeat(61)}.${'c'.repeat(61)}.${'d'.repeat(61)}.com`,
      primaryPhoneNumber: `+${'1'.repeat(31)}`,
      mobilePhoneNumber: '+39 (02) 555.01-23',
      extension: '1'.repeat(20),
      activationPasscode: '🔑'.repeat(64),
    }
    expect([user.broadworksId, user.lastName, user.email].map(({ length }) => length)).toEqual([161, 127, 254])
    const { provisionUser } = await alice.operator.get(ProvisionUserDocument, { input: { user, idempotencyKey: 'k'.repeat(255) } })
    const { onboardingTemplateId: _, spEnterpriseId, customerName, activationPasscode: __, ...kept } = user
    const customer = { spEnterpriseId, name: customerName }
    expect(provisionUser).toMatchObject({ userErrors: [], provisionedUser: { ...kept, customer } })
  })
})

const PARENTS: Record<string, (world: BadInputWorld) => string> = {
  Customer: ({ customer }) => `customer(id: "${customer}")`,
  OnboardingTemplate: ({ template }) => `onboardingTemplate(id: "${template}")`,
  ProvisionedUser: ({ user }) => `provisionedUser(id: "${user}")`,
  BulkOperation: ({ bulkOperation }) => `bulkOperation(id: "${bulkOperation}")`,
}

function ask(typeName: string, field: RootField, values: Values): Promise<Answer<Values | null>> {
  const { definitions, use } = variablesOf(field, Object.keys(values))
  const selection = `${field.name}${use} ${shallowSelection(field)}`
  const parent = PARENTS[typeName]?.(world)
  const kind = ['Mutation', 'Subscription'].includes(typeName) ? typeName.toLowerCase() : 'query'
  const document = `${kind} ${definitions ? `(${definitions})` : ''} { ${parent ? `${parent} { ${selection} }` : selection} }`
  return kind === 'subscription' ? askOverSocket(alice.admin, document, values) : alice.admin.ask(document, values)
}

function goodArguments(typeName: string, field: RootField): Values {
  if (typeName === 'Mutation') return { input: structuredClone(inputs[field.name]) }
  if (field.name === '_entities') return { representations: [{ __typename: 'ProvisionedUser', id: world.user }] }
  if (field.name === 'node') return { id: world.user }
  if (field.name === 'nodes') return { ids: [world.user] }
  return field.args.some(({ name }) => name === 'orderBy') ? { orderBy: { field: 'CREATED_AT', direction: 'DESC' } } : {}
}

/** Ways of selecting users, of which a bulk operation takes exactly one. */
const SELECTORS = ['filter', 'userIds', 'items']

/** Leaves out what the place would be refused beside, and what would be expected of the users in its stead. */
function withoutRivals(values: Values, { path: [, selector] }: InputPlace): Values {
  const { input } = values as { input?: Values }
  if (!input || typeof selector !== 'string' || !SELECTORS.includes(selector)) return values
  if (selector in input) return values
  const { expectedCount: _, idempotencyKey: __, ...rest } = input
  return { ...values, input: Object.fromEntries(Object.entries(rest).filter(([name]) => !SELECTORS.includes(name))) }
}

function withValue(values: Values, { path }: InputPlace, { value, also = {} }: BadValue): Values {
  if (value !== AS_IT_IS) set(values, path, value)
  for (const [key, other] of Object.entries(also)) set(values, key.split('.'), other)
  return values
}

function set(values: Values, path: (string | number)[], value: unknown): void {
  const last = String(path.at(-1))
  const holder = path.slice(0, -1).reduce((above: Values, name) => (above[name] ??= {}) as Values, values)
  if (value === undefined && path.length > 1) delete holder[last]
  // A variable that is defined and not given: that is how an argument is left out.
  else holder[last] = value
}

/** Cursors of other lists, orders and partners, and this list's own with something wrong. */
function badCursors({ path }: InputPlace, field: RootField): BadValue[] {
  const type = getNamedType(field.type).name.replace(/Connection|Page/, '')
  const isOwn = (cursor: KnownCursor) => cursor.type === type && !/CREATED_AT:ASC|NAME/.test(cursor.order)
  const foreign = aliceCursors.filter(cursor => !isOwn(cursor)).map(({ type: list, order, cursor }) => [`of ${list} by ${order}`, cursor])
  const own = aliceCursors.find(isOwn)?.cursor ?? ''
  const stranger = malloryCursors.find(isOwn)?.cursor ?? malloryCursors[0]?.cursor
  const changed = {
    cut: own.slice(0, -1),
    longer: `${own}A`,
    padded: `${own}=`,
    reversed: [...own].reverse().join(''),
    'in capitals': own.toUpperCase(),
  }
  const values = {
    ...Object.fromEntries(foreign),
    "another partner's": stranger,
    ...changed,
    empty: '',
    nonsense: 'no cursor',
    emoji: '🦄',
    long: 'A'.repeat(100_000),
  }
  return Object.entries(values).map(([name, value]) => bad(name, value, { argument: String(path[0]) }))
}

function expectation({ path }: InputPlace, { name, expected }: BadValue): string {
  if (name.includes('U+0000')) return '400 BAD_USER_INPUT -'
  if (expected === 'nothing') return '200 nothing'
  if ('argument' in expected) return `200 BAD_USER_INPUT ${expected.argument}`
  return `200 ${expected.userError} ${(expected.field ?? path.slice(1)).join('.') || '-'}`
}

/** What an answer comes to, in a few words; more than one error is told one by one, and what no answer may have comes first. */
function summary(field: RootField, answer: Answer<Values | null>): string {
  return [...faultsOf(answer), String(answer.status), ...outcome(field, answer)].join(' ')
}

function outcome(field: RootField, { data, errors }: Answer<Values | null>): string[] {
  if (errors.length > 0) {
    const [first] = errors.map(({ extensions: { code, argument } }) => `${code} ${argument ?? '-'}`)
    return [errors.every(({ extensions: { code } }) => code === 'BAD_USER_INPUT') ? String(first) : JSON.stringify(errors)]
  }
  const answer = data?.[field.name] ?? (Object.values(data ?? {})[0] as Values | null)?.[field.name] ?? null
  const payload = answer as { userErrors?: UserErrors; results?: { userErrors: UserErrors }[] | null } | null
  const userErrors = [...(payload?.userErrors ?? []), ...(payload?.results ?? []).flatMap(result => result.userErrors)]
  if (userErrors.length === 0) return [isNothing(answer) ? 'nothing' : 'done']
  const told = userErrors.map(({ code, field: path }) => `${code} ${path?.join('.') ?? '-'}`)
  return [told.join(', '), ...(isNothing(payload) ? [] : [`beside ${JSON.stringify(payload)}`])]
}

type UserErrors = { code: string; field: string[] | null }[]

/** No object anywhere in it, once errors and the frame of a page are taken away. */
function isNothing(answer: unknown): boolean {
  if (answer === null || typeof answer !== 'object') return answer === null || answer === 0
  if (Array.isArray(answer)) return answer.every(isNothing)
  // A bulk operation about nobody, and a state in which nobody is.
  if ('total' in answer) return answer.total === 0
  if ('count' in answer) return answer.count === 0
  return Object.entries(answer).every(([name, value]) => NO_OBJECT.includes(name) || (name === 'ok' && value === false) || isNothing(value))
}

/** The frame of a page, what a precheck says of somebody who was refused, and where a file with nobody in it is. */
const NO_OBJECT = ['userErrors', 'pageInfo', 'totalCount', 'infoCode', 'message', 'warnings', 'downloadUrl', 'expiresAt']

/** What no answer may have: another form than documented, the ID of another request, a look into the machinery. */
function faultsOf({ status, headers, errors }: Answer<unknown>): string[] {
  const faults = [
    ...(headers.get('content-type') === 'application/json; charset=utf-8' ? [] : ['not JSON']),
    ...(status < 500 ? [] : ['a failure']),
  ]
  for (const { message, extensions, ...rest } of errors) {
    if (extensions.requestId !== headers.get('x-request-id')) faults.push('the ID of another request')
    faults.push(...[...Object.keys(extensions), ...Object.keys(rest)].filter(key => !ERROR_KEYS.includes(key)))
    if (/node_modules|\/src\/|\n {4}at |SQLITE|Error:/.test(message)) faults.push(message)
  }
  return faults
}

const ERROR_KEYS = ['code', 'argument', 'requestId', 'locations', 'path']
