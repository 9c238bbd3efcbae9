/** The billing subgraph. It serves once its ledger is up to date, and prints its address then. */
import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { ApolloServer } from '@apollo/server'
import { ApolloServerPluginInlineTraceDisabled, ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled'
import { startStandaloneServer } from '@apollo/server/standalone'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { GraphQLError, parse } from 'graphql'
import { follow } from './follower.mjs'
import { askFlowthrough } from './flowthrough.mjs'
import { openLedger } from './ledger.mjs'
import { contextFor, resolvers } from './resolvers.mjs'

const { FLOWTHROUGH_URL, FLOWTHROUGH_TOKEN, GATEWAY_TOKEN, LEDGER = 'data/ledger.db', PORT = '4102', POLL_MS = '2000' } = process.env
if (!FLOWTHROUGH_URL || !FLOWTHROUGH_TOKEN)
  throw new Error('Billing needs FLOWTHROUGH_URL, with /graphql, and FLOWTHROUGH_TOKEN, of a VIEWER.')

/** Who asks, and by what the request is found again at Flowthrough. */
const PASSED_ON = ['authorization', 'x-request-id', 'traceparent', 'tracestate']

mkdirSync(path.dirname(LEDGER), { recursive: true })
const ledger = openLedger(LEDGER)
const stopping = new AbortController()
const askForBilling = (query, variables) =>
  askFlowthrough(FLOWTHROUGH_URL, { authorization: `Bearer ${FLOWTHROUGH_TOKEN}` }, query, variables)
await new Promise(caughtUp => {
  follow(ledger, askForBilling, { pauseMs: Number(POLL_MS), signal: stopping.signal, caughtUp })
})

const typeDefs = parse(readFileSync(new URL('subgraph.graphql', import.meta.url), 'utf8'))
const server = new ApolloServer({
  schema: buildSubgraphSchema({ typeDefs, resolvers }),
  plugins: [ApolloServerPluginInlineTraceDisabled(), ApolloServerPluginLandingPageDisabled()],
  includeStacktraceInErrorResponses: false,
  persistedQueries: false,
  stopOnTerminationSignals: false,
})
const { url } = await startStandaloneServer(server, {
  // Its callers are the gateway and who composes the graph, no browsers.
  listen: { host: '127.0.0.1', port: Number(PORT) },
  context: async ({ req }) => {
    if (!req.headers.authorization) {
      throw new GraphQLError('A token of Flowthrough is needed.', { extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } })
    }
    const headers = Object.fromEntries(PASSED_ON.flatMap(name => (req.headers[name] ? [[name, req.headers[name]]] : [])))
    if (GATEWAY_TOKEN) headers['gateway-token'] = GATEWAY_TOKEN
    return contextFor(ledger, (query, variables) => askFlowthrough(FLOWTHROUGH_URL, headers, query, variables))
  },
})

async function stop() {
  if (stopping.signal.aborted) return
  stopping.abort()
  await server.stop()
  ledger.close()
  process.exit(0)
}
// The last when it was started by start.mjs and that is gone.
for (const event of ['SIGINT', 'SIGTERM', 'disconnect']) process.once(event, stop)

// Not before it can be told to stop.
process.stdout.write(`Billing ${url}\n`)
