import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getArgumentValues,
  getDirectiveValues,
  type GraphQLField,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  type SelectionNode,
} from 'graphql'

export type Variables = Record<string, unknown>

export function fragmentsOf({ definitions }: DocumentNode): Map<string, FragmentDefinitionNode> {
  const fragments = definitions.filter(definition => definition.kind === Kind.FRAGMENT_DEFINITION)
  return new Map(fragments.map(fragment => [fragment.name.value, fragment]))
}

/** The arguments of a field as it will get them. */
export function argumentsOf(field: GraphQLField<unknown, unknown>, node: FieldNode, variables: Variables): Record<string, unknown> {
  try {
    return getArgumentValues(field, node, variables)
  } catch {
    // The field will not be carried out, and the engine says why.
    return {}
  }
}

/** Whether `@skip` or `@include` leaves it out. */
export function isLeftOut(selection: SelectionNode, variables: Variables): boolean {
  try {
    const skipped = getDirectiveValues(GraphQLSkipDirective, selection, variables)?.['if'] === true
    return skipped || getDirectiveValues(GraphQLIncludeDirective, selection, variables)?.['if'] === false
  } catch {
    // Null was given; again, the engine says so.
    return false
  }
}
