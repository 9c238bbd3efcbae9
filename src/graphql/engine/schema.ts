import { buildSubgraphSchema } from '@apollo/subgraph'
import { printSchemaWithDirectives } from '@graphql-tools/utils'
import { type DocumentNode, type GraphQLSchema, Kind, lexicographicSortSchema, parse, print, printSchema, visit } from 'graphql'
import { buildSchemaSync, createResolversMap, type NonEmptyArray, type PubSub } from 'type-graphql'
import { BadUserInput } from '../../shared/errors'
import type { Context } from '../../context/context'

/** Finds the object that another subgraph refers to by a key, for the caller of this request. */
export type ReferenceResolver = (reference: Record<string, unknown>, ctx: Context) => Promise<object | null>

export interface PartnerSchemas {
  /** What a server executes: the partner API and the fields that a federation gateway needs. */
  served: GraphQLSchema
  /** What clients see, as SDL. */
  sdl: string
  /** What `_service { sdl }` answers. */
  subgraphSdl: string
}

const FEDERATION = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])\n'

/** What type-graphql has no place to say. */
const ROOTS = {
  Query: 'What can be read: the data of the partner that the token belongs to, nothing else.',
  Mutation: 'What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request.',
  Subscription:
    'What is told as it happens, over WebSocket (graphql-transport-ws): of the partner that the token belongs to, nothing else.',
}

const ACTIVATION_ROOTS = {
  Query: 'What a user of the portal can read: what is about the user who has signed in, nothing else.',
  Mutation: 'The steps of the portal. What the user can mend is answered in `userErrors`.',
}

type Resolver = abstract new () => object

/** Builds the partner API from its resolver classes. */
export function buildPartnerSchemas(resolvers: readonly Resolver[], references: Record<string, ReferenceResolver>): PartnerSchemas {
  const schema = buildSchemaOf(resolvers, ROOTS)
  // Sorted, so that the SDL does not depend on the order in which modules are loaded.
  const typeDefs = parse(FEDERATION + printSchemaWithDirectives(lexicographicSortSchema(schema)))
  const subgraphSdl = print(withoutNodeQueries(typeDefs)) + '\n'
  const served = buildSubgraphSchema({ typeDefs, resolvers: resolversOf(schema, references, subgraphSdl) })
  refuseUnknownEntities(served, Object.keys(references))
  return { served, sdl: printSchema(lexicographicSortSchema(schema)) + '\n', subgraphSdl }
}

/** Builds the activation API, which is no part of any federation. */
export function buildActivationSchema(resolvers: readonly Resolver[]): { served: GraphQLSchema; sdl: string } {
  const served = buildSchemaOf(resolvers, ACTIVATION_ROOTS)
  return { served, sdl: printSchema(lexicographicSortSchema(served)) + '\n' }
}

function buildSchemaOf(resolvers: readonly Resolver[], roots: Record<string, string>): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers: resolvers as unknown as NonEmptyArray<() => void>,
    validate: false,
    // The federation directives are known to the subgraph library only.
    skipCheck: true,
    pubSub: NO_PUB_SUB,
  })
  for (const [root, description] of Object.entries(roots)) Object.assign(schema.getType(root) ?? {}, { description })
  return schema
}

/** type-graphql wants one as soon as there are subscriptions; each of ours brings its own `subscribe`. */
const NO_PUB_SUB: PubSub = {
  publish: () => undefined,
  subscribe() {
    throw new Error('A subscription without `subscribe` gets no events.')
  },
}

type Resolvers = NonNullable<Extract<Parameters<typeof buildSubgraphSchema>[0], { resolvers?: unknown }>['resolvers']>

function resolversOf(schema: GraphQLSchema, references: Record<string, ReferenceResolver>, subgraphSdl: string): Resolvers {
  const resolvers = createResolversMap(schema) as Resolvers
  for (const [type, resolve] of Object.entries(references)) {
    resolvers[type] = {
      ...(resolvers[type] as object),
      __resolveReference: (reference: Record<string, unknown>, ctx: Context) => resolve(reference, ctx),
    }
  }
  return { ...resolvers, _Service: { sdl: () => subgraphSdl } }
}

/** The subgraph library takes a representation of an unknown type for a fault of the server. */
function refuseUnknownEntities(served: GraphQLSchema, entities: string[]): void {
  const field = served.getQueryType()?.getFields()['_entities']
  const resolve = field?.resolve
  if (!field || !resolve) throw new Error('The subgraph has no entities.')
  field.resolve = (source, args: { representations: unknown[] }, ctx, info) => {
    const unknown = args.representations.some(given => !entities.includes((given as { __typename?: string } | null)?.__typename ?? ''))
    if (unknown) throw new BadUserInput('representations', `Each of \`representations\` needs a \`__typename\`: ${entities.join(', ')}.`)
    return resolve(source, args, ctx, info)
  }
}

/** `Query.node` is for direct clients: a gateway could not say which of two Relay subgraphs should answer it. */
function withoutNodeQueries(document: DocumentNode): DocumentNode {
  return visit(document, {
    [Kind.OBJECT_TYPE_DEFINITION]: type =>
      type.name.value === 'Query'
        ? { ...type, fields: type.fields?.filter(field => !['node', 'nodes'].includes(field.name.value)) }
        : undefined,
  })
}
