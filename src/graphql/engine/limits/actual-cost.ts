import { type DocumentNode, type FieldNode, Kind, type OperationDefinitionNode, type SelectionNode } from 'graphql'
import { OBJECT_COST, priceOfField, priceOfValue } from './prices'
import { fragmentsOf, type Variables } from './selections'

/**
 * What an answer came to, by the prices at which it was reckoned beforehand: the objects that there are, not those that there might have
 * been. A field that was not answered (left out, of another type, failed) is not in the data and costs nothing.
 * @param data the `data` of the answer
 */
export function actualCost(document: DocumentNode, operation: OperationDefinitionNode, variables: Variables, data: unknown): number {
  const fragments = fragmentsOf(document)

  function ofObject(
    selections: readonly SelectionNode[],
    object: Record<string, unknown>,
    inFiltered: boolean,
    spread = new Set<string>(),
  ): number {
    let cost = 0
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) cost += ofField(selection, object, inFiltered)
      else if (selection.kind === Kind.INLINE_FRAGMENT) cost += ofObject(selection.selectionSet.selections, object, inFiltered, spread)
      else if (!spread.has(selection.name.value)) {
        // As the engine does; else fragments in fragments would take exponential time.
        spread.add(selection.name.value)
        cost += ofObject(fragments.get(selection.name.value)?.selectionSet.selections ?? [], object, inFiltered, spread)
      }
    }
    return cost
  }

  function ofField(node: FieldNode, object: Record<string, unknown>, inFiltered: boolean): number {
    const { value: name } = node.name
    const value = object[node.alias?.value ?? name]
    if (value === undefined) return 0
    if (!node.selectionSet) return priceOfValue(name, inFiltered)
    const { selections } = node.selectionSet
    const filtered = isFiltered(node, variables)
    const price = priceOfField(name, filtered)
    // What was looked for and not found was looked for all the same.
    return [value]
      .flat()
      .reduce<number>((sum, each) => sum + OBJECT_COST + (isObject(each) ? ofObject(selections, each, filtered) : 0), price)
  }

  return isObject(data) ? ofObject(operation.selectionSet.selections, data, false) : 0
}

/** A variable that was not given may have a default. */
function isFiltered(node: FieldNode, variables: Variables): boolean {
  const filter = node.arguments?.find(({ name }) => name.value === 'filter')?.value
  if (filter?.kind === Kind.VARIABLE) return variables[filter.name.value] !== null
  return filter !== undefined && filter.kind !== Kind.NULL
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
