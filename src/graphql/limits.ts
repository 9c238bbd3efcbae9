import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  getNullableType,
  getVariableValues,
  GraphQLError,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLNamedType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isObjectType,
  Kind,
  type NamedTypeNode,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
} from 'graphql'
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from './paginate'

/**
 * The schema has cycles, and pages multiply: a short query could ask for more than the process has memory. So what an operation may
 * cost is reckoned before it is carried out, each list at the most objects that it can answer.
 *
 * Ten thousand objects are a page of a hundred users with all that is known of each of them, and answered within a second or so.
 */
export const COST_MAX = 10_000
/** Twice as deep as any page of a user interface asks. */
export const DEPTH_MAX = 15
/** What tools ask of the schema: its standard query costs about 17,000 and is 15 deep, and one that looks twice is refused. */
export const INTROSPECTION_COST_MAX = 30_000
export const INTROSPECTION_DEPTH_MAX = 20

/** Every object costs 1. Fifty plain values weigh as much: without a price, aliases would make an object as large as one likes. */
const VALUE_COST = 1 / 50
/** A count is a statement of its own, which walks through all that it counts. */
const COUNT_COST = 10
/**
 * What these fields cost, however few objects they answer. With a filter, users may have to be counted one by one, for two seconds at most:
 * forty such counts are as much as a request may hold. Else the counts are kept: some hundred rows to add up, all read by one statement.
 */
const FILTERED_COUNT_COST = 250
const KEPT_COUNT_COST = 5
const COUNTING_FIELDS = ['causes', 'statusCounts']
/** A list without pages comes with its object, such as the steps of an attempt; it is short as a rule. */
const LIST_SIZE = 3
/** Fields of a type, arguments of a field and the like. */
const INTROSPECTION_LIST_SIZE = 10

interface Measure {
  depth: number
  cost: number
}

/** @throws GraphQLError QUERY_TOO_COMPLEX when the operation is deeper or costs more than the limits allow. */
export function refuseTooComplex(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  givenVariables: Record<string, unknown>,
): void {
  const root = schema.getRootType(operation.operation)
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], givenVariables)
  // With bad variables nothing will be carried out, and the engine says which are bad.
  if (!root || !coerced) return
  const data = measureOf(schema, document, coerced, false)(operation.selectionSet, root)
  refuseBeyond('has a depth of', data.depth, DEPTH_MAX, 'Ask for what lies deeper in a request of its own.')
  refuseBeyond('may cost', data.cost, COST_MAX, 'Ask for smaller pages (`first`, `last`), or for less of each object.')
  const introspection = measureOf(schema, document, coerced, true)(operation.selectionSet, root)
  refuseBeyond('asks of the schema with a depth of', introspection.depth, INTROSPECTION_DEPTH_MAX, 'Ask less deeply.')
  refuseBeyond('asks of the schema what may cost', introspection.cost, INTROSPECTION_COST_MAX, 'Ask for less of it, or only once.')
}

function refuseBeyond(what: string, value: number, limit: number, advice: string): void {
  if (value <= limit) return
  throw new GraphQLError(`The operation ${what} ${Math.ceil(value)}; the limit is ${limit}. ${advice}`, {
    extensions: { code: 'QUERY_TOO_COMPLEX', http: { status: 400 } },
  })
}

/** What the selections of an operation cost and how deep they are: those of the data, or those of the introspection. */
function measureOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Record<string, unknown>,
  introspection: boolean,
): (selections: SelectionSetNode, root: GraphQLNamedType) => Measure {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  // Fragments in fragments would take exponential time, were each measured wherever it is spread.
  const measured = new Map<string, Measure>()

  /** What is selected twice counts twice. `size` is how many objects the lists of the parent have, as its arguments say. */
  function ofSelections({ selections }: SelectionSetNode, parent: GraphQLNamedType, size: number | null): Measure {
    const sum: Measure = { depth: 0, cost: 0 }
    for (const selection of selections) {
      if (isLeftOut(selection, variables)) continue
      const { depth, cost } = ofSelection(selection, parent, size)
      sum.depth = Math.max(sum.depth, depth)
      sum.cost += cost
    }
    return sum
  }

  function ofSelection(selection: SelectionNode, parent: GraphQLNamedType, size: number | null): Measure {
    if (selection.kind === Kind.FIELD) return ofField(selection, parent, size)
    if (selection.kind === Kind.FRAGMENT_SPREAD) return ofFragment(selection.name.value, size)
    return ofSelections(selection.selectionSet, typeNamed(selection.typeCondition) ?? parent, size)
  }

  function ofFragment(name: string, size: number | null): Measure {
    const key = `${name} ${size}`
    const known = measured.get(key)
    if (known) return known
    const { typeCondition, selectionSet } = fragments.get(name) as FragmentDefinitionNode
    const measure = ofSelections(selectionSet, typeNamed(typeCondition) as GraphQLNamedType, size)
    measured.set(key, measure)
    return measure
  }

  function ofField(node: FieldNode, parent: GraphQLNamedType, size: number | null): Measure {
    const { value: name } = node.name
    const metaField = name === SchemaMetaFieldDef.name || name === TypeMetaFieldDef.name
    const belongs = introspection ? metaField || isIntrospectionType(parent) : !metaField
    if (!belongs) return { depth: 0, cost: 0 }
    if (!node.selectionSet) return { depth: 1, cost: name === 'totalCount' ? COUNT_COST : VALUE_COST }

    const field = fieldOf(parent, name)
    const given = argumentsOf(field, node, variables)
    const ownSize = sizeOf(field, given)
    const list = isListType(getNullableType(field.type))
    const times = list ? (ownSize ?? size ?? (introspection ? INTROSPECTION_LIST_SIZE : LIST_SIZE)) : 1
    const below = ofSelections(node.selectionSet, getNamedType(field.type), list ? null : ownSize)
    return { depth: 1 + below.depth, cost: priceOf(name, given) + times * (1 + below.cost) }
  }

  const typeNamed = (condition: NamedTypeNode | undefined) => condition && schema.getType(condition.name.value)

  return (selections, root) => ofSelections(selections, root, null)
}

function fieldOf(parent: GraphQLNamedType, name: string): GraphQLField<unknown, unknown> {
  for (const metaField of [SchemaMetaFieldDef, TypeMetaFieldDef]) if (name === metaField.name) return metaField
  return ((isObjectType(parent) || isInterfaceType(parent)) && parent.getFields()[name]) as GraphQLField<unknown, unknown>
}

/** What a field costs before it has any objects. */
function priceOf(name: string, given: Record<string, unknown>): number {
  if (!COUNTING_FIELDS.includes(name)) return 0
  return given['filter'] == null ? KEPT_COUNT_COST : FILTERED_COUNT_COST
}

/** How many objects a field's arguments ask for: the size of a page, or one for each value of a list; null when they do not say. */
function sizeOf(field: GraphQLField<unknown, unknown>, given: Record<string, unknown>): number | null {
  if (field.args.some(({ name }) => name === 'first')) {
    const size = Number(given['last'] ?? given['first'] ?? PAGE_SIZE_DEFAULT)
    // A size that is out of bounds is refused by the list, in words of its own.
    return Math.min(Math.max(size, 0), PAGE_SIZE_MAX)
  }
  const values: unknown[] = [...Object.values(given), ...Object.values((given['input'] ?? {}) as Record<string, unknown>)]
  const lengths = values.filter(value => Array.isArray(value)).map(({ length }) => length)
  return lengths.length > 0 ? Math.max(...lengths) : null
}

function argumentsOf(field: GraphQLField<unknown, unknown>, node: FieldNode, variables: Record<string, unknown>): Record<string, unknown> {
  try {
    return getArgumentValues(field, node, variables)
  } catch {
    // The field will not be carried out, and the engine says why.
    return {}
  }
}

function isLeftOut(selection: SelectionNode, variables: Record<string, unknown>): boolean {
  const skipped = getDirectiveValues(GraphQLSkipDirective, selection, variables)?.['if'] === true
  return skipped || getDirectiveValues(GraphQLIncludeDirective, selection, variables)?.['if'] === false
}
