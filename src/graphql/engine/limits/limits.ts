import {
  type DocumentNode,
  getVariableValues,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import type { RequestLimits } from '../../../config/config'
import { measureOf } from './estimated-cost'
import { fragmentsOf } from './selections'

/** What tools ask of the schema: its standard query costs about 17,000 and is 15 deep, and one that looks twice is refused. */
const INTROSPECTION_COST_MAX = 30_000
const INTROSPECTION_DEPTH_MAX = 20
/** What a gateway may look up in one field, as many as its own batches have. */
const REFERENCES_MAX = 1000

/** As many values of variables as the engine itself looks at; each that is bad takes time to tell. */
const BAD_VALUES_MAX = 50

/**
 * The schema has cycles, and pages multiply: a short query could ask for more than the process has memory. So what an operation may
 * cost is reckoned before it is carried out. The limits are settings; docs/reference/configuration.md tells why each is as it is.
 * @returns what the operation may cost
 * @throws GraphQLError QUERY_TOO_COMPLEX when it asks for more than one of the limits allows
 */
export function refuseTooComplex(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  givenVariables: Record<string, unknown>,
  limits: RequestLimits['query'],
): number {
  refuseTooMany(document, operation, limits)
  const root = schema.getRootType(operation.operation)
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], givenVariables, { maxErrors: BAD_VALUES_MAX })
  if (errors && errors.length > BAD_VALUES_MAX) throw tooManyBadValues(errors)
  // With bad variables nothing will be carried out, and the engine says which are bad.
  if (!root || !coerced) return 0
  const data = measureOf(schema, document, coerced, false)(operation.selectionSet, root)
  refuseBeyond('has a depth of', data.depth, limits.depth, 'Ask for what lies deeper in a request of its own.')
  refuseBeyond('may cost', data.cost, limits.cost, 'Ask for smaller pages (`first`, `last`), or for less of each object.')
  refuseBeyond('refers to', data.references, REFERENCES_MAX, 'Ask for fewer entities at a time.')
  const introspection = measureOf(schema, document, coerced, true)(operation.selectionSet, root)
  refuseBeyond('asks of the schema with a depth of', introspection.depth, INTROSPECTION_DEPTH_MAX, 'Ask less deeply.')
  refuseBeyond('asks of the schema what may cost', introspection.cost, INTROSPECTION_COST_MAX, 'Ask for less of it, or only once.')
  return data.cost + introspection.cost
}

/** The engine's last error says that it stopped looking. */
function tooManyBadValues([first]: readonly GraphQLError[]): GraphQLError {
  const message = `${first?.message} More than ${BAD_VALUES_MAX} values of the variables are bad; this is the first.`
  return new GraphQLError(message, { nodes: first?.nodes ?? null, extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } } })
}

/** What can be asked for any number of times in a short document: fields under other names, directives, queries side by side. */
function refuseTooMany(document: DocumentNode, operation: OperationDefinitionNode, limits: RequestLimits['query']): void {
  const { aliases, directives, fields } = counterOf(document)(operation.selectionSet)
  refuseBeyond('has more aliases than allowed:', aliases, limits.aliases, 'Ask in several requests.')
  const given = [operation, ...(operation.variableDefinitions ?? [])].reduce(
    (sum, node) => sum + (node.directives?.length ?? 0),
    directives,
  )
  refuseBeyond('has more directives than allowed:', given, limits.directives, 'Leave out what is not wanted.')
  refuseBeyond('has more fields at its root than allowed:', fields, limits.rootFields, 'Ask in several requests.')
}

interface Counts {
  aliases: number
  directives: number
  /** At this level. */
  fields: number
}

/** Counts what a selection has wherever a fragment brings it; the document is valid, so fragments do not go round in circles. */
function counterOf(document: DocumentNode): (selections: SelectionSetNode) => Counts {
  const fragments = fragmentsOf(document)
  const counted = new Map<string, Counts>()

  function ofSelections({ selections }: SelectionSetNode): Counts {
    const sum: Counts = { aliases: 0, directives: 0, fields: 0 }
    for (const selection of selections) {
      sum.directives += selection.directives?.length ?? 0
      const isField = selection.kind === Kind.FIELD
      if (isField) sum.fields += 1
      if (isField && selection.alias) sum.aliases += 1
      const below =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? ofFragment(selection.name.value)
          : selection.selectionSet && ofSelections(selection.selectionSet)
      sum.aliases += below?.aliases ?? 0
      sum.directives += below?.directives ?? 0
      sum.fields += isField ? 0 : (below?.fields ?? 0)
    }
    return sum
  }

  function ofFragment(name: string): Counts {
    const fragment = fragments.get(name)
    const counts = counted.get(name) ?? (fragment ? ofSelections(fragment.selectionSet) : { aliases: 0, directives: 0, fields: 0 })
    counted.set(name, counts)
    return counts
  }

  return ofSelections
}

function refuseBeyond(what: string, value: number, limit: number, advice: string): void {
  if (value <= limit) return
  throw new GraphQLError(`The operation ${what} ${Math.ceil(value)}; the limit is ${limit}. ${advice}`, {
    extensions: { code: 'QUERY_TOO_COMPLEX', http: { status: 400 } },
  })
}
