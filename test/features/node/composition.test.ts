import { readFileSync } from 'node:fs'
import path from 'node:path'
import { composeServices } from '@apollo/composition'
import { compositionHasErrors, composeServices as composeByTheGuild } from '@theguild/federation-composition'
import { buildSchema, lexicographicSortSchema, parse, printSchema } from 'graphql'
import { SECOND_SDLS } from '../../support/federation/second-subgraphs'

const PROJECT = path.resolve(__dirname, '../../..')
const FLOWTHROUGH = readFileSync(path.join(PROJECT, 'schema/subgraph.graphql'), 'utf8')

/** A subgraph that has each entity by each of its keys, and is made for Relay, as Flowthrough is. */
const OF_EVERY_KEY = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])
  type Query { node(id: ID!): Node  nodes(ids: [ID!]!): [Node]! }
  interface Node { id: ID! }
  type PageInfo @shareable { endCursor: String hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String }
  type Ticket implements Node { id: ID!  customer: Customer  onboardingTemplate: OnboardingTemplate  provisionedUser: ProvisionedUser }
  type TicketEdge { node: Ticket! cursor: String! }
  type TicketConnection { edges: [TicketEdge!]! pageInfo: PageInfo! }
  type Customer @key(fields: "id") @key(fields: "spEnterpriseId") { id: ID! spEnterpriseId: String! tickets: TicketConnection! }
  type OnboardingTemplate @key(fields: "id") @key(fields: "provisioningId") { id: ID! provisioningId: String! tickets: TicketConnection! }
  type ProvisionedUser @key(fields: "id") @key(fields: "broadworksId") { id: ID! broadworksId: String! tickets: TicketConnection! }
`

const OTHERS: [string, Record<string, string>][] = [
  ['a Relay subgraph that has each entity by each of its keys', { tickets: OF_EVERY_KEY }],
  ['subgraphs that have the entities by one key each', SECOND_SDLS],
  ['the billing of the example', { billing: readFileSync(path.join(PROJECT, 'examples/federation/billing/subgraph.graphql'), 'utf8') }],
]

describe.each(OTHERS)('The subgraph, together with %s,', (_name, others) => {
  const services = Object.entries({ flowthrough: FLOWTHROUGH, ...others }).map(([name, sdl]) => ({
    name,
    url: `http://${name}.example/graphql`,
    typeDefs: parse(sdl),
  }))
  const byApollo = composeServices(services)
  const byTheGuild = composeByTheGuild(services)

  it('is composed by @apollo/composition, without a hint', () => {
    expect(byApollo.errors ?? []).toEqual([])
    expect(byApollo.hints?.map(hint => hint.toString())).toEqual([])
  })

  it('is composed by @theguild/federation-composition to the same API', () => {
    expect(byTheGuild.errors ?? []).toEqual([])
    expect(compositionHasErrors(byTheGuild)).toBe(false)
    const apiOf = (sdl: string) => printSchema(lexicographicSortSchema(buildSchema(sdl)))
    const ofTheGuild = apiOf(byTheGuild.publicSdl ?? '')
    const ofApollo = printSchema(lexicographicSortSchema(byApollo.schema?.toAPISchema().toGraphQLJSSchema() as never))
    expect(ofTheGuild).toBe(ofApollo)
  })
})
