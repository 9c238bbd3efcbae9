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

/** Replaces a document that the engine's own rules cannot process. */
const REFUSED = parse('{ __typename }')

export const CONDITIONAL_FIELD = '`@skip` and `@include` cannot stand at the root of a subscription.'

/** Apollo has no way to refuse a document before its own rules: this replaces it, and `reportRefused` reports the error. */
export const replaceConditionalField: ApolloServerPlugin = {
  async requestDidStart() {
    return {
      async validationDidStart(request) {
        if (hasConditionalField(request.document)) Object.assign(request, { document: REFUSED })
      },
    }
  },
}

export function reportRefused(context: ValidationContext): ASTVisitor {
  return { Document: document => void (document === REFUSED && context.reportError(new GraphQLError(CONDITIONAL_FIELD))) }
}

/**
 * Whether a directive may leave out the field of a subscription. The specification forbids that, and graphql-js 16 does not check it: its rule
 * for subscriptions throws on `@skip(if: $variable)`, and its execution on a subscription without a field.
 */
export function hasConditionalField(document: DocumentNode): boolean {
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
