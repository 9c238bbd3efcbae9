/** The gateway: one graph made of Flowthrough and billing. It prints its address when it serves. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime'
import { buildHTTPExecutor } from '@graphql-tools/executor-http'
import { composeServices } from '@theguild/federation-composition'
import { parse } from 'graphql'

const {
  FLOWTHROUGH_URL = 'http://127.0.0.1:4000/graphql',
  FLOWTHROUGH_SCHEMA = new URL('../../schema/subgraph.graphql', import.meta.url),
  BILLING_URL = 'http://127.0.0.1:4102/',
  GATEWAY_TOKEN,
  PORT = '4100',
} = process.env

/** Who asks, in which language, and the trace. The gateway passes `x-request-id` on by itself, and makes one when there is none. */
const PASSED_ON = ['authorization', 'accept-language', 'traceparent', 'tracestate']

const subgraph = (name, url, file) => ({ name, url, typeDefs: parse(readFileSync(file, 'utf8')) })
const { supergraphSdl, errors = [] } = composeServices([
  subgraph('flowthrough', FLOWTHROUGH_URL, FLOWTHROUGH_SCHEMA),
  subgraph('billing', BILLING_URL, new URL('billing/subgraph.graphql', import.meta.url)),
])
if (!supergraphSdl) throw new Error(`The subgraphs do not fit together:\n${errors.map(({ message }) => message).join('\n')}`)

const gateway = createGatewayRuntime({
  supergraph: supergraphSdl,
  // All that we need of @graphql-mesh/transport-http, which the gateway looks for otherwise.
  transports: {
    http: { getSubgraphExecutor: ({ transportEntry, fetch }) => buildHTTPExecutor({ endpoint: transportEntry.location, fetch }) },
  },
  propagateHeaders: {
    fromClientToSubgraphs({ request, subgraphName }) {
      const headers = Object.fromEntries(PASSED_ON.flatMap(name => (request.headers.has(name) ? [[name, request.headers.get(name)]] : [])))
      return GATEWAY_TOKEN && subgraphName === 'flowthrough' ? { ...headers, 'gateway-token': GATEWAY_TOKEN } : headers
    },
  },
  logging: 'warn',
  // Its GraphiQL comes from a host of others.
  graphiql: false,
  landingPage: false,
})
const server = createServer(gateway)

async function stop() {
  server.close()
  server.closeAllConnections()
  await gateway.dispose()
  process.exit(0)
}
// The last when it was started by start.mjs and that is gone.
for (const event of ['SIGINT', 'SIGTERM', 'disconnect']) process.once(event, stop)

// Not before it can be told to stop.
server.listen(Number(PORT), '127.0.0.1', () => process.stdout.write(`Gateway http://127.0.0.1:${server.address().port}/graphql\n`))
