import type { ApolloServerPlugin } from '@apollo/server'
import {
  type ASTVisitor,
  type DocumentNode,
  GraphQLError,
  Kind,
  OperationTypeNode,
  parse,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql'
import { fragmentsOf } from './selections'

/** Stands for a document that must not get as far as the engine's own rules. */
const REFUSED = parse('{ __typename }')

/**
 * A subscription has one field, and no directive may leave that out: so says the specification, which the engine does not check yet. Its
 * rule for subscriptions throws over `@skip(if: $variable)`, and its execution over a subscription without a field.
 */
export const keepSubscribedField: ApolloServerPlugin = {
  async requestDidStart() {
    return {
      async validationDidStart(request) {
        if (mayLeaveFieldOut(request.document)) Object.assign(request, { document: REFUSED })
      },
    }
  },
}

/** Says of a document that was refused why. */
export function tellRefused(context: ValidationContext): ASTVisitor {
  const error = new GraphQLError('`@skip` and `@include` cannot stand at the root of a subscription.')
  return { Document: document => void (document === REFUSED && context.reportError(error)) }
}

function mayLeaveFieldOut(document: DocumentNode): boolean {
  const fragments = fragmentsOf(document)
  const seen = new Set<string>()

  function isConditional({ selections }: SelectionSetNode): boolean {
    return selections.some(selection => {
      if (selection.directives?.some(({ name }) => ['skip', 'include'].includes(name.value))) return true
      if (selection.kind === Kind.INLINE_FRAGMENT) return isConditional(selection.selectionSet)
      if (selection.kind === Kind.FIELD || seen.has(selection.name.value)) return false
      seen.add(selection.name.value)
      const fragment = fragments.get(selection.name.value)
      return fragment !== undefined && isConditional(fragment.selectionSet)
    })
  }

  return document.definitions.some(
    definition =>
      definition.kind === Kind.OPERATION_DEFINITION &&
      definition.operation === OperationTypeNode.SUBSCRIPTION &&
      isConditional(definition.selectionSet),
  )
}
