import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import { chance, count, type Draw, pick, times } from './drawing'
import { mutated, oddText } from './odd-texts'

export interface FuzzedOperation {
  query: string
  variables: Record<string, unknown>
}

export interface Vocabulary {
  schema: GraphQLSchema
  /** Texts that mean something: IDs, cursors, names of several partners, changed ones among them. */
  known: readonly string[]
  /** Good inputs of mutations. */
  inputs: Record<string, Record<string, unknown>>
}

type Root = 'query' | 'mutation' | 'subscription'

const NUMBERS = [0, 1, 2, 20, 100, 101, -1, 0.5, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 53, 1e308, 200_043]
const TIMES = ['2026-01-01T00:00:00.000Z', '2026-12-31T23:59:60Z', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '2026-01-01', 'now']
const DIRECTIVES = [
  '@skip(if: true)',
  '@skip(if: false)',
  '@include(if: $no)',
  '@include(if: 1)',
  '@deprecated',
  '@key(fields: "id")',
  '@nope',
]
const LEVELS_MAX = 6

/** An operation of the schema: a good one as often as not, else with something wrong in its document, its arguments, or its variables. */
export function operation(draw: Draw, vocabulary: Vocabulary, root: Root): FuzzedOperation {
  const { schema } = vocabulary
  const rootType = schema.getRootType(root as never) as GraphQLNamedType
  const definitions: string[] = []
  const fragments: string[] = []
  const variables: Record<string, unknown> = {}
  /** With something wrong here and there, hardly any document would come as far as the execution. */
  const careful = chance(draw, 65)
  const careless = (percent: number): boolean => !careful && chance(draw, percent)
  let names = 0

  function argumentsOf(field: GraphQLField<unknown, unknown>): string {
    const given = field.args.filter(({ type }) => (isNonNullType(type) ? !careless(3) : chance(draw, careful ? 15 : 35)))
    const parts = given.map(argument => `${careless(1) ? 'nope' : argument.name}: ${argumentValue(field, argument)}`)
    return parts.length > 0 ? `(${parts.join(', ')})` : ''
  }

  function argumentValue(field: GraphQLField<unknown, unknown>, argument: GraphQLArgument): string {
    const base = root === 'mutation' ? vocabulary.inputs[field.name] : undefined
    const value = base && argument.name === 'input' && chance(draw, 60) ? changedInput(base) : valueOf(argument.type, 0)
    if (careless(30)) return literal(value)
    const name = `v${Object.keys(variables).length}`
    variables[name] = value
    definitions.push(`$${name}: ${careless(3) ? 'Int' : String(argument.type)}`)
    return `$${name}`
  }

  /** A good input with something else in one of its places. */
  function changedInput(base: Record<string, unknown>): unknown {
    const copy = structuredClone(base)
    if (chance(draw, 50)) delete copy['idempotencyKey']
    if (chance(draw, 25)) return copy
    const key = pick(draw, Object.keys(copy))
    const holder = Array.isArray(copy[key]) && typeof copy[key][0] === 'object' ? (copy[key][0] as Record<string, unknown>) : copy
    const place = holder === copy ? key : pick(draw, Object.keys(holder))
    holder[place] = careful || chance(draw, 70) ? oddText(draw, vocabulary.known) : anything(draw, vocabulary.known)
    return copy
  }

  function valueOf(type: GraphQLInputType, level: number): unknown {
    if (careless(6)) return anything(draw, vocabulary.known)
    if (isNonNullType(type)) return valueOf(type.ofType, level)
    if (careless(5)) return null
    if (isListType(type)) return times(chance(draw, 3) ? count(draw, 1500) : count(draw, 3), () => valueOf(type.ofType, level + 1))
    if (isEnumType(type)) return pick(draw, type.getValues()).name
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter(field =>
        isNonNullType(field.type) ? !careless(3) : chance(draw, level > 4 ? 5 : 35),
      )
      return Object.fromEntries(fields.map(field => [field.name, valueOf(field.type, level + 1)]))
    }
    if (type.name === 'Int') return careful ? 1 + count(draw, 9) : pick(draw, NUMBERS)
    if (type.name === 'Boolean') return chance(draw, 50)
    if (type.name === 'DateTime') return careful ? TIMES[0] : pick(draw, TIMES)
    if (type.name === '_Any') return reference()
    return oddText(draw, vocabulary.known)
  }

  function reference(): Record<string, unknown> {
    const key = pick(draw, ['id', 'id', 'broadworksId', 'spEnterpriseId', 'provisioningId', 'nope'])
    const typeName = careless(20)
      ? pick(draw, ['Query', '__proto__', ''])
      : pick(draw, ['ProvisionedUser', 'Customer', 'OnboardingTemplate'])
    return { __typename: typeName, [key]: chance(draw, 85) ? oddText(draw, vocabulary.known) : anything(draw, vocabulary.known) }
  }

  function selection(type: GraphQLNamedType, level: number): string {
    const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : []
    const shown = level < (careful ? 4 : LEVELS_MAX) ? fields : fields.filter(field => isLeafType(getNamedType(field.type)))
    const parts = times(1 + count(draw, 3), () => {
      if (shown.length === 0 || chance(draw, 8)) return '__typename'
      if (chance(draw, 10)) return fragment(type, level)
      return fieldOf(pick(draw, shown), level)
    })
    // What a mutation says of itself tells whether it was refused.
    const isPayload = fields.some(({ name }) => name === 'userErrors')
    return `{ ${parts.join(' ')}${isPayload ? ' userErrors { code message field }' : ''} }`
  }

  function fieldOf(field: GraphQLField<unknown, unknown>, level: number): string {
    // The same field with other arguments needs another name.
    const alias = careful
      ? `${field.name}${(names += 1)}: `
      : chance(draw, 12)
        ? `${pick(draw, ['a', 'b', 'id', '__proto__', 'data'])}: `
        : ''
    const directive = careless(5) ? ` ${pick(draw, DIRECTIVES)}` : ''
    const target = getNamedType(field.type)
    const below = isLeafType(target) ? '' : ` ${selection(target, level + 1)}`
    return `${alias}${careless(1) ? 'nope' : field.name}${argumentsOf(field)}${directive}${careless(2) ? '' : below}`
  }

  /** In place, or by a name, which may be that of one around it. */
  function fragment(type: GraphQLNamedType, level: number): string {
    const condition = isAbstractType(type) ? pick(draw, schema.getPossibleTypes(type)) : type
    if (fragments.length > 0 && careless(40)) return `...F${count(draw, fragments.length)}`
    if (level >= LEVELS_MAX || chance(draw, 40)) return `... on ${condition.name} ${selection(condition, level + 1)}`
    const index = fragments.push('') - 1
    fragments[index] = `fragment F${index} on ${condition.name} ${selection(condition, level + 1)}`
    return `...F${index}`
  }

  const body = selection(rootType, 0)
  if (body.includes('$no')) definitions.push('$no: Boolean = false')
  if (body.includes('$no') && chance(draw, 50)) variables['no'] = null
  const head = definitions.length > 0 ? `(${definitions.join(', ')})` : ''
  const asked = { query: [`${root} Fuzz${head} ${body}`, ...fragments].join('\n'), variables }
  return careful ? asked : spoiled(draw, asked, vocabulary.known)
}

/** Any JSON, small as a rule, now and then of some size or depth. */
export function anything(draw: Draw, known: readonly string[], level = 0): unknown {
  const make: (() => unknown)[] = [
    () => null,
    () => pick(draw, NUMBERS),
    () => chance(draw, 50),
    () => oddText(draw, known),
    () => times(count(draw, 3), () => (level < 4 ? anything(draw, known, level + 1) : null)),
    () => Object.fromEntries(times(count(draw, 3), () => [oddText(draw, []), level < 4 ? anything(draw, known, level + 1) : null])),
    () => times(chance(draw, 5) ? count(draw, 60_000) : count(draw, 200), () => ({})),
    () => nested(chance(draw, 10) ? count(draw, 1000) : count(draw, 300)),
  ]
  return pick(draw, make)()
}

function nested(levels: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

/** Changed anywhere, or more of something than anybody needs. */
function spoiled(draw: Draw, good: FuzzedOperation, known: readonly string[]): FuzzedOperation {
  if (chance(draw, 25)) return { ...good, query: mutated(draw, good.query) }
  if (chance(draw, 6)) return { ...good, variables: { ...good.variables, [oddText(draw, ['v0', 'v1'])]: anything(draw, known) } }
  return chance(draw, 12) ? { ...good, query: pick(draw, EXCESSES)(count(draw, chance(draw, 10) ? 10_000 : 400)) } : good
}

const EXCESSES: ((size: number) => string)[] = [
  size => `{ viewer { ${'name '.repeat(size)} } }`,
  size => `{ ${times(size, index => `a${index}: viewer { name }`).join(' ')} }`,
  size => `{ ${'viewer { ...{ name } } '.repeat(size)} }`,
  size => `{ viewer { ${times(size, index => `nope${index}`).join(' ')} } }`,
  size => `{ viewer ${'{ partner '.repeat(size)}${'}'.repeat(size)} }`,
  size => `{ ${'... { '.repeat(size)} __typename ${'}'.repeat(size)} }`,
  size => `{ ${'customers { nodes { onboardingTemplate { '.repeat(size)} id ${'} } }'.repeat(size)} }`,
  size => `{ node(id: ${'['.repeat(size)}${']'.repeat(size)}) { id } }`,
  size => `{ nodes(ids: [${'"x" '.repeat(size)}]) { id } }`,
  size => `{ nodes(ids: [${'1.5 '.repeat(size)}]) { id } }`,
  size => `query ($a: ${'['.repeat(size)}ID${']'.repeat(size)}) { node(id: $a) { id } }`,
  size => `query (${times(size, index => `$v${index}: Int`).join(' ')}) { viewer { name } }`,
  size => `{ viewer { name ${'@skip(if: false) '.repeat(size)} } }`,
  size => `{ viewer { ...F0 } } ${times(size, index => `fragment F${index} on Viewer { ...F${index + 1} ...F${index + 1} }`).join(' ')}`,
  size => `{ viewer { ...F0 } } ${times(size, index => `fragment F${index} on Viewer { ...F${(index * 7) % (size + 1)} name }`).join(' ')}`,
  size =>
    `{ ${times(size, index => `...F${index}`).join(' ')} } ${times(size, index => `fragment F${index} on Query { viewer { name } }`).join(' ')}`,
  size => times(size, index => `query Q${index} { viewer { name } }`).join(' '),
  size => `${'\n'.repeat(size * 20)} { nope nope2 nope3 }`,
  size => `{ node(id: "${'x'.repeat(size * 50)}") { id } }`,
  size => `{ ${'x'.repeat(size * 50)} }`,
  size => `{ provisionedUsers(first: ${'9'.repeat(size)}) { nodes { id } } }`,
  size => `{ __schema { ${'types { fields { type { name } } } '.repeat(size)} } }`,
  size => `{ __schema { types { fields ${'{ type { fields '.repeat(size)} { name } ${'} }'.repeat(size)} } } }`,
]

/** A value as a document has it; enum values are told by their looks. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value === 'string' && /^[A-Z][A-Z_]+$/.test(value)) return value
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, below]) => `${key}: ${literal(below)}`)
    .join(', ')}}`
}
