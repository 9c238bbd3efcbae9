import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedInputType,
  type GraphQLObjectType,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql'
import { ENTITY_REFERENCES } from '../../../src/features/node/entity-references'
import { buildPartnerSchemas } from '../../../src/graphql/engine/schema'
import { RESOLVERS } from '../../../src/resolvers'

/** The partner API as it is served, for tests that have to hold for every field of it, those to come too. */
export const partnerSchemas = buildPartnerSchemas(RESOLVERS, ENTITY_REFERENCES)
const schema = partnerSchemas.served

export type RootField = GraphQLField<unknown, unknown>

export const queryFields: Record<string, RootField> = schema.getQueryType()?.getFields() ?? {}
export const mutationFields: Record<string, RootField> = schema.getMutationType()?.getFields() ?? {}
export const subscriptionFields: Record<string, RootField> = schema.getSubscriptionType()?.getFields() ?? {}

/** The types whose own fields take arguments, roots included. */
export const typesWithArguments: GraphQLObjectType[] = Object.values(schema.getTypeMap())
  .filter(type => isObjectType(type) && !type.name.startsWith('__'))
  .map(type => type as GraphQLObjectType)
  .filter(type => Object.values(type.getFields()).some(field => field.args.length > 0))

/** One place where a caller gives a value: an argument, or a field of an input object below it. */
export interface InputPlace {
  /** `Query.customers`, `Customer.provisionedUsers` and the like. */
  field: string
  /** From the argument inwards, for example `['input', 'users', 0, 'email']`. */
  path: (string | number)[]
  /** Who declares it: `RetryActivationInput.email` for a field of an input object, `Query.node.id` for an argument. */
  declaredAs: string
  type: GraphQLNamedInputType
  required: boolean
  /** Not required either when it has a default. */
  nonNull: boolean
  list: boolean
}

/** Every place of a field's arguments; lists of objects are entered at their first item. */
export function inputPlaces(typeName: string, field: RootField): InputPlace[] {
  const fieldName = `${typeName}.${field.name}`
  const visit = (given: GraphQLArgument | GraphQLInputField, owner: string, above: (string | number)[]): InputPlace[] => {
    const path = [...above, given.name]
    const type = getNamedType(given.type)
    const list = isList(given.type)
    const place: InputPlace = {
      field: fieldName,
      path,
      declaredAs: `${owner}.${given.name}`,
      type,
      required: isNonNullType(given.type) && given.defaultValue === undefined,
      nonNull: isNonNullType(given.type),
      list,
    }
    if (!isInputObjectType(type)) return [place]
    const below = list ? [...path, 0] : path
    return [place, ...Object.values(type.getFields()).flatMap(each => visit(each, type.name, below))]
  }
  return field.args.flatMap(argument => visit(argument, fieldName, []))
}

function isList(type: GraphQLInputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type)
}

/** The variables that a field's arguments need: `($input: RetryActivationInput!)` and `(input: $input)`. */
export function variablesOf(field: RootField, only = field.args.map(({ name }) => name)): { definitions: string; use: string } {
  const given = field.args.filter(({ name }) => only.includes(name))
  if (given.length === 0) return { definitions: '', use: '' }
  return {
    definitions: given.map(({ name, type }) => `$${name}: ${String(type)}`).join(', '),
    use: `(${given.map(({ name }) => `${name}: $${name}`).join(', ')})`,
  }
}

/** A selection of a field's answer that is enough to see what came: scalars, errors, and IDs of objects. */
export function shallowSelection(field: RootField): string {
  const known = selections.get(field)
  if (known) return known
  const selection = select(getNamedType(field.type), 3)
  selections.set(field, selection)
  return selection
}

const selections = new Map<RootField, string>()

function select(type: ReturnType<typeof getNamedType>, depth: number): string {
  if (isUnionType(type) || isInterfaceType(type)) return '{ __typename }'
  if (!isObjectType(type)) return ''
  const fields = Object.values(type.getFields()).filter(field => field.args.length === 0)
  const parts = fields.flatMap(field => {
    const named = getNamedType(field.type)
    if (isUnionType(named) || isInterfaceType(named)) return []
    if (!isObjectType(named)) return [field.name]
    return depth > 1 ? [`${field.name} ${select(named, depth - 1)}`] : []
  })
  return `{ ${parts.length > 0 ? parts.join(' ') : '__typename'} }`
}
