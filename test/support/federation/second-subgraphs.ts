import { readFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import path from 'node:path'
import { ApolloServer } from '@apollo/server'
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled'
import { startStandaloneServer } from '@apollo/server/standalone'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { GraphQLError, parse } from 'graphql'

/** The services of other teams: one that keeps IDs of Flowthrough's and is made for Relay, and one that knows what people and BroadWorks call things. */
export const SECOND_SDLS = { tickets: sdlOf('tickets'), directory: sdlOf('directory') }

/** What an object of Flowthrough's is referred to by in a ticket, or in an entry of the directory. */
export interface References {
  customer: string
  onboardingTemplate: string
  provisionedUser: string
}

export interface SecondSubgraph {
  url: string
  /** What it was asked, since the last time this was emptied. */
  requests: { headers: IncomingHttpHeaders; representations: object[] }[]
  /** The tickets, or the entries. */
  rows: References[]
  stop(): Promise<void>
}

export function startTickets(): Promise<SecondSubgraph> {
  return startSubgraph(SECOND_SDLS.tickets, rows => {
    const countIn = (column: keyof References) => ({
      ticketCount: ({ id }: { id: string }) => rows.filter(row => row[column] === id).length,
    })
    return {
      Query: {
        tickets: () => ({
          nodes: rows.map((row, number) => ({ id: `ticket ${number}`, ...referencesBy('id', row) })),
          pageInfo: { hasNextPage: false, hasPreviousPage: false },
        }),
        lockedTickets() {
          throw new GraphQLError('Somebody is at it.', { extensions: { code: 'TICKETS_LOCKED' } })
        },
      },
      Node: { __resolveType: () => 'Ticket' },
      Customer: countIn('customer'),
      OnboardingTemplate: countIn('onboardingTemplate'),
      ProvisionedUser: countIn('provisionedUser'),
    }
  })
}

export function startDirectory(): Promise<SecondSubgraph> {
  return startSubgraph(SECOND_SDLS.directory, rows => {
    const contactOf = (column: keyof References, key: string) => ({
      contactName: (entity: Record<string, string>) => contactName(rows.findIndex(row => row[column] === entity[key])),
    })
    return {
      Query: {
        contacts: () =>
          rows.map(({ customer, onboardingTemplate, provisionedUser }, number) => ({
            name: contactName(number),
            customer: { spEnterpriseId: customer },
            onboardingTemplate: { provisioningId: onboardingTemplate },
            provisionedUser: { broadworksId: provisionedUser },
          })),
      },
      Customer: contactOf('customer', 'spEnterpriseId'),
      OnboardingTemplate: contactOf('onboardingTemplate', 'provisioningId'),
      ProvisionedUser: contactOf('provisionedUser', 'broadworksId'),
    }
  })
}

const contactName = (number: number): string | null => (number < 0 ? null : `Contact ${number}`)

function referencesBy(key: string, row: References): Record<string, object> {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, { [key]: value }]))
}

type Resolvers = NonNullable<Extract<Parameters<typeof buildSubgraphSchema>[0], { resolvers?: unknown }>['resolvers']>

async function startSubgraph(sdl: string, resolversFor: (rows: References[]) => Resolvers): Promise<SecondSubgraph> {
  const rows: References[] = []
  const requests: SecondSubgraph['requests'] = []
  const server = new ApolloServer<{ headers: IncomingHttpHeaders }>({
    schema: buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolversFor(rows) }),
    plugins: [
      ApolloServerPluginInlineTraceDisabled(),
      {
        requestDidStart: async ({ request, contextValue }) =>
          void requests.push({ ...contextValue, representations: (request.variables?.['representations'] as object[] | undefined) ?? [] }),
      },
    ],
    persistedQueries: false,
  })
  const { url } = await startStandaloneServer(server, {
    listen: { host: '127.0.0.1', port: 0 },
    context: async ({ req }) => ({ headers: req.headers }),
  })
  return { url, rows, requests, stop: () => server.stop() }
}

function sdlOf(name: string): string {
  return readFileSync(path.join(__dirname, `${name}.graphql`), 'utf8')
}
