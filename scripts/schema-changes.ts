import { readFileSync } from 'node:fs'
import path from 'node:path'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { type Change, ChangeType, CriticalityLevel, diff, type Rule } from '@graphql-inspector/core'
import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLEnumValue,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  Kind,
  parse,
  print,
  visit,
} from 'graphql'

const FOLDER = path.resolve(__dirname, '../schema')

/** How a deprecation has to end: `Use X. Removal on 2027-07-01 UTC.` */
const REMOVAL = /\bRemoval on (\d{4}-\d{2}-\d{2}) UTC\.$/

export interface SchemaChanges {
  /** What breaks clients who were not told of it, or not for now. */
  refused: string[]
  /** What may surprise clients: new values of enums, for one; and what breaks them as it was announced. */
  dangerous: string[]
}

/** What changed since the last release in the SDLs of `schema/`, those of all three together. */
export async function changesSinceRelease(today: Date): Promise<SchemaChanges> {
  const compared = await Promise.all([
    changesOf('schema.graphql', sdl => buildSchema(sdl), today),
    changesOf('activation.graphql', sdl => buildSchema(sdl), today),
    // What clients see of it is in the first one; this is for what routers see.
    changesOf('subgraph.graphql', sdl => buildSubgraphSchema(parse(sdl)), today),
  ])
  return {
    refused: [...new Set(compared.flatMap(({ refused }) => refused))],
    dangerous: [...new Set(compared.flatMap(({ dangerous }) => dangerous))],
  }
}

async function changesOf(name: string, build: (sdl: string) => GraphQLSchema, today: Date): Promise<SchemaChanges> {
  const [released, current] = ['released', '.'].map(folder => readFileSync(path.join(FOLDER, folder, name), 'utf8')) as [string, string]
  const changes = await compareSchemas(build(released), build(current), today)
  return { ...changes, refused: [...changes.refused, ...hastyDeprecations(released, current, today)] }
}

/** @param today what was announced for this day or before may go */
export async function compareSchemas(released: GraphQLSchema, current: GraphQLSchema, today: Date): Promise<SchemaChanges> {
  const changes = await diff(released, current, [requiredIsBreaking(current), removalsAreAnnounced(released, today)])
  const told = (level: CriticalityLevel) => changes.filter(each => each.criticality.level === level).map(({ message }) => `${message}.`)
  return { refused: [...told(CriticalityLevel.Breaking), ...lostPromises(released, current)], dangerous: told(CriticalityLevel.Dangerous) }
}

/** Deprecations that do not say when the thing goes, and new ones of which that day is no day to come. */
export function hastyDeprecations(released: string, current: string, today: Date): string[] {
  const known = deprecationsIn(released)
  return deprecationsIn(current).flatMap(reason => {
    const [day] = daysIn(reason)
    if (!day || Number.isNaN(day.getTime())) return [`The deprecation "${reason}" has to end with "Removal on YYYY-MM-DD UTC.".`]
    return known.includes(reason) || day > today ? [] : [`The deprecation "${reason}" is new, so its day has to be one to come.`]
  })
}

function deprecationsIn(sdl: string): string[] {
  const reasons: string[] = []
  visit(parse(sdl), {
    Directive({ name, arguments: given = [] }) {
      const [reason] = given
      if (name.value === 'deprecated') reasons.push(reason?.value.kind === Kind.STRING ? reason.value.value : '')
    },
  })
  return reasons
}

/** Other subgraphs refer to our entities by their keys, and have some of our types themselves; to the library, these are directives like any other. */
function lostPromises(released: GraphQLSchema, current: GraphQLSchema): string[] {
  return Object.keys(released.getTypeMap()).flatMap(typeName => {
    const kept = promisesOf(current, typeName)
    return promisesOf(released, typeName).flatMap(key => (kept.includes(key) ? [] : [`'${key}' was removed from type '${typeName}'.`]))
  })
}

function promisesOf(schema: GraphQLSchema, typeName: string): string[] {
  const directives = schema.getType(typeName)?.astNode?.directives ?? []
  return directives.filter(({ name }) => ['key', 'shareable'].includes(name.value)).map(print)
}

/** Without its default, a value that cannot be null has to be given; to the library, another default is no more than dangerous. */
function requiredIsBreaking(current: GraphQLSchema): Rule {
  const isRequired = (place: string) => {
    const given = elementsAt(current, place).at(-1) as GraphQLArgument & GraphQLInputField
    return isRequiredArgument(given) || isRequiredInputField(given)
  }
  return ({ changes }) =>
    changes.map(change =>
      DEFAULT_CHANGES.includes(String(change.type)) && isRequired(change.path ?? '')
        ? withLevel(change, CriticalityLevel.Breaking)
        : change,
    )
}

const DEFAULT_CHANGES: string[] = [ChangeType.FieldArgumentDefaultChanged, ChangeType.InputFieldDefaultValueChanged]

/** The library's own rule lets go what is deprecated, and every type, on the day after. */
function removalsAreAnnounced(released: GraphQLSchema, today: Date): Rule {
  const isDue = (place: string) =>
    elementsAt(released, place).some(({ deprecationReason }) => daysIn(deprecationReason).some(day => day <= today))
  return ({ changes }) =>
    changes.map(change => {
      if (change.criticality.level !== CriticalityLevel.Breaking || change.path === undefined) return change
      const place = change.path
      const due = change.type === ChangeType.TypeRemoved ? usesOf(released, place).every(isDue) : isDue(place)
      return due ? withLevel(change, CriticalityLevel.Dangerous) : change
    })
}

function withLevel(change: Change, level: CriticalityLevel): Change {
  return { ...change, criticality: { ...change.criticality, level } }
}

/** The day on which a deprecation says that the thing goes, if it does. */
function daysIn(reason: string | null | undefined): Date[] {
  const [, day] = REMOVAL.exec(reason ?? '') ?? []
  return day === undefined ? [] : [new Date(`${day}T00:00:00Z`)]
}

type Element = GraphQLField<unknown, unknown> | GraphQLInputField | GraphQLArgument | GraphQLEnumValue

/** What is at a place, after what it is in: `Type.field.argument`, `Input.field`, `Enum.VALUE`. */
function elementsAt(schema: GraphQLSchema, place: string): Element[] {
  const [typeName = '', name = '', argument] = place.split('.')
  const type = schema.getType(typeName)
  const found: (Element | null | undefined)[] = []
  if (isEnumType(type)) found.push(type.getValue(name))
  if (isInputObjectType(type)) found.push(type.getFields()[name])
  if (isObjectType(type) || isInterfaceType(type)) {
    const field = type.getFields()[name]
    found.push(field)
    found.push(field?.args.find(each => each.name === argument))
  }
  return found.filter(each => each != null)
}

/** Where the released schema speaks of a type; where nothing does, it can only be met as one of an interface or union, and `Type.` is the place. */
function usesOf(schema: GraphQLSchema, typeName: string): string[] {
  const isIt = ({ type }: { type: unknown }) => String(type).replaceAll(/[[\]!]/g, '') === typeName
  const uses = Object.values(schema.getTypeMap()).flatMap(type => {
    if (isInputObjectType(type)) return Object.values(type.getFields()).flatMap(field => (isIt(field) ? `${type.name}.${field.name}` : []))
    if (!isObjectType(type) && !isInterfaceType(type)) return []
    return Object.values(type.getFields()).flatMap(field => [
      ...(isIt(field) ? [`${type.name}.${field.name}`] : []),
      ...field.args.filter(isIt).map(({ name }) => `${type.name}.${field.name}.${name}`),
    ])
  })
  return uses.length > 0 ? uses : [`${typeName}.`]
}
