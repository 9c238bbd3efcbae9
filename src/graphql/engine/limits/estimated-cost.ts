import {
  type DocumentNode,
  type FieldNode,
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isObjectType,
  Kind,
  type NamedTypeNode,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
} from 'graphql'
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from '../../paginate'
import { OBJECT_COST, priceOfField, priceOfInput, priceOfValue } from './prices'
import { argumentsOf, fragmentsOf, isLeftOut, type Variables } from './selections'

/** A list without pages comes with its object, such as the steps of an attempt; it is short as a rule. */
const LIST_SIZE = 3
/** Fields of a type, arguments of a field and the like. */
const INTROSPECTION_LIST_SIZE = 10

export interface Measure {
  depth: number
  cost: number
  /** How many objects a gateway refers to. */
  references: number
}

/**
 * What the selections of an operation cost at most and how deep they are: those of the data, or those of the introspection. Each list counts
 * with the most objects that it can answer, and what is selected twice counts twice.
 */
export function measureOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Variables,
  introspection: boolean,
): (selections: SelectionSetNode, root: GraphQLObjectType) => Measure {
  const fragments = fragmentsOf(document)
  // Fragments in fragments would take exponential time, were each measured wherever it is spread.
  const measured = new Map<string, Measure>()

  /** @param page what the arguments of the parent say of its lists */
  function ofSelections({ selections }: SelectionSetNode, parent: GraphQLObjectType, page: Page): Measure {
    const sum: Measure = { ...NOTHING }
    for (const selection of selections) {
      if (isLeftOut(selection, variables)) continue
      const { depth, cost, references } = ofSelection(selection, parent, page)
      sum.depth = Math.max(sum.depth, depth)
      sum.cost += cost
      sum.references += references
    }
    return sum
  }

  function ofSelection(selection: SelectionNode, parent: GraphQLObjectType, page: Page): Measure {
    if (selection.kind === Kind.FIELD) return ofField(selection, parent, page)
    const { typeCondition, selectionSet } = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragmentNamed(selection.name.value)
    if (!applies(typeCondition, parent)) return NOTHING
    if (selection.kind === Kind.INLINE_FRAGMENT) return ofSelections(selectionSet, parent, page)
    const key = `${selection.name.value} ${parent.name} ${page.size} ${page.isFiltered}`
    const measure = measured.get(key) ?? ofSelections(selectionSet, parent, page)
    measured.set(key, measure)
    return measure
  }

  function ofField(node: FieldNode, parent: GraphQLObjectType, page: Page): Measure {
    const { value: name } = node.name
    const metaField = name === SchemaMetaFieldDef.name || name === TypeMetaFieldDef.name
    const belongs = introspection ? metaField || isIntrospectionType(parent) : !metaField
    if (!belongs) return NOTHING
    if (!node.selectionSet) return { ...NOTHING, depth: 1, cost: priceOfValue(name, page.isFiltered) }

    const field = fieldOf(parent, name)
    const given = argumentsOf(field, node, variables)
    const ownSize = sizeOf(field, given)
    const list = isListType(getNullableType(field.type))
    const isFiltered = given['filter'] != null
    const below = ofAnyOf(node.selectionSet, getNamedType(field.type), { size: list ? null : ownSize, isFiltered })
    const times = list ? (ownSize ?? page.size ?? (introspection ? INTROSPECTION_LIST_SIZE : LIST_SIZE)) : 1
    const references = referencesIn(given)
    const depth = 1 + Math.max(...[...below.values()].map(measure => measure.depth))
    const dearest = Math.max(...[...below.values()].map(measure => measure.cost))
    const cost = references ? costOfReferences(references, below) : times * (OBJECT_COST + dearest)
    return {
      depth,
      cost: priceOfField(name, isFiltered) + priceOfInput(given['input']) + cost,
      references: references?.length ?? 0,
    }
  }

  /** By the name of the type: an object is of one of those that it may be of. */
  function ofAnyOf(selections: SelectionSetNode, type: GraphQLNamedType, page: Page): Map<string, Measure> {
    const types = isAbstractType(type) ? schema.getPossibleTypes(type) : [type as GraphQLObjectType]
    return new Map(types.map(possible => [possible.name, ofSelections(selections, possible, page)]))
  }

  function applies(condition: NamedTypeNode | undefined, parent: GraphQLObjectType): boolean {
    const type = condition && schema.getType(condition.name.value)
    return !type || type === parent || (isAbstractType(type) && schema.isSubType(type, parent))
  }

  // The document is valid, so it is there.
  const fragmentNamed = (name: string) => fragments.get(name) as NonNullable<ReturnType<typeof fragments.get>>

  return (selections, root) => ofSelections(selections, root, { size: null, isFiltered: false })
}

/** Of a connection: how many objects its lists have, and whether there is a filter. */
interface Page {
  size: number | null
  isFiltered: boolean
}

const NOTHING: Measure = { depth: 0, cost: 0, references: 0 }

/** What a gateway refers to in `_entities`. */
function referencesIn({ representations }: Record<string, unknown>): unknown[] | null {
  return Array.isArray(representations) ? representations : null
}

/** Each reference costs what is selected of the type that it names. */
function costOfReferences(references: unknown[], below: Map<string, Measure>): number {
  const costOf = (reference: unknown) => below.get(String((reference as { __typename?: unknown } | null)?.__typename))?.cost ?? 0
  return references.reduce<number>((sum, reference) => sum + OBJECT_COST + costOf(reference), 0)
}

function fieldOf(parent: GraphQLNamedType, name: string): GraphQLField<unknown, unknown> {
  for (const metaField of [SchemaMetaFieldDef, TypeMetaFieldDef]) if (name === metaField.name) return metaField
  return ((isObjectType(parent) || isInterfaceType(parent)) && parent.getFields()[name]) as GraphQLField<unknown, unknown>
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
