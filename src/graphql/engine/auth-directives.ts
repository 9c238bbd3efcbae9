import { type ConstDirectiveNode, type DocumentNode, Kind, type ObjectTypeDefinitionNode, parse, print, visit } from 'graphql'

const AUTHENTICATED = { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: 'authenticated' } } as const satisfies ConstDirectiveNode
const ROOTS = ['Query', 'Mutation', 'Subscription']

/**
 * A subgraph's SDL for routers that refuse strangers themselves: what takes a token says so by `@authenticated`. That is each field, and
 * not the types: of those, and of an entity's keys, other subgraphs may have something for everybody. Roles are not in it, because a
 * router cannot see the role of an API token.
 */
export function withAuthDirectives(subgraphSdl: string): string {
  const document: DocumentNode = visit(parse(subgraphSdl), {
    [Kind.OBJECT_TYPE_DEFINITION]: type => {
      const keys = keyFieldsOf(type)
      if (keys.length === 0 && !ROOTS.includes(type.name.value)) return undefined
      const fields = type.fields?.map(field =>
        keys.includes(field.name.value) ? field : { ...field, directives: [...(field.directives ?? []), AUTHENTICATED] },
      )
      return { ...type, fields }
    },
    [Kind.SCHEMA_EXTENSION]: link =>
      visit(link, {
        [Kind.LIST]: imports => ({ ...imports, values: [...imports.values, { kind: Kind.STRING, value: '@authenticated' }] }),
      }),
  })
  return print(document) + '\n'
}

/** The fields of an entity that its keys name; each of ours is one field. */
function keyFieldsOf({ directives = [] }: ObjectTypeDefinitionNode): string[] {
  return directives
    .filter(({ name }) => name.value === 'key')
    .flatMap(({ arguments: given = [] }) => given.flatMap(({ value }) => (value.kind === Kind.STRING ? value.value : [])))
}
