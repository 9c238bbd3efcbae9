import { type ASTVisitor, GraphQLError, Kind, type SelectionSetNode, type ValidationContext } from 'graphql'
import { fragmentsOf } from './selections'

/** Apollo's default. */
export const RECURSIVE_SELECTIONS_MAX = 10_000_000

/**
 * Refuses an operation with too many selections, where those of a fragment count at each spread. It is the rule behind Apollo's option
 * `maxRecursiveSelections`, which Apollo does not export.
 */
export function limitRecursiveSelections(context: ValidationContext): ASTVisitor {
  const fragments = fragmentsOf(context.getDocument())
  const counts = new Map<string, number>()

  function ofSelections({ selections }: SelectionSetNode): number {
    let sum = selections.length
    for (const selection of selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) sum += ofFragment(selection.name.value)
      else if (selection.selectionSet) sum += ofSelections(selection.selectionSet)
    }
    return sum
  }

  function ofFragment(name: string): number {
    const known = counts.get(name)
    if (known !== undefined) return known
    // Another rule refuses a fragment within itself.
    counts.set(name, 0)
    const fragment = fragments.get(name)
    const count = fragment ? ofSelections(fragment.selectionSet) : 0
    counts.set(name, count)
    return count
  }

  return {
    Document: {
      leave({ definitions }) {
        for (const definition of definitions) {
          if (definition.kind !== Kind.OPERATION_DEFINITION || ofSelections(definition.selectionSet) <= RECURSIVE_SELECTIONS_MAX) continue
          const operation = definition.name ? `Operation "${definition.name.value}"` : 'Anonymous operation'
          context.reportError(new GraphQLError(`${operation} recursively requests too many selections.`))
        }
      },
    },
  }
}
