import http from 'node:http'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'

export interface HostileOrder {
  url: string
  token: string
  seconds: number
  perSecond: number
  /** Open at a time; what finds none free is not sent. */
  connections: number
}

/** How often each kind of request came to what: a status of HTTP, a code of an error, or how a connection ended. */
export type HostileReport = Record<string, Record<string, number>>

type Attack = (order: HostileOrder) => Promise<string>

const USER =
  'id broadworksId errorText diagnosis { cause } attempts(first: 20) { nodes { id steps { name } } } auditEvents(first: 20) { nodes { id } }'
/** Well within how long the server waits for a body. */
const SLOW_BODY_SECONDS = 10
const SLOW_BYTES_PER_SECOND = 5
const SOCKET_SECONDS = 3
const OPERATIONS_PER_SOCKET = 150

/** Each is sent as often as the others. */
const ATTACKS: Record<string, Attack> = {
  'a page as dear as is allowed': graphql(`{ provisionedUsers(first: 70) { nodes { ${USER} } } }`),
  'a page that is too dear': graphql(`{ customers(first: 100) { nodes { provisionedUsers(first: 100) { nodes { ${USER} } } } } }`),
  'counts that no table keeps': graphql(
    '{ statusCounts(filter: { search: "a@example", lastStatusChange: { gte: "2020-01-01T00:00:00Z" } }) { count } }',
  ),
  'twenty searches at once, sorted by what no index has beside them': graphql(
    `{ ${Array.from(
      { length: 20 },
      (_, index) =>
        `a${index}: provisionedUsers(first: 1, filter: { search: "example", lastStatusChange: { gte: "2020-01-01T00:00:00Z" } }, orderBy: { field: LAST_NAME, direction: ASC }) { nodes { id } }`,
    ).join(' ')} }`,
  ),
  'ten thousand times one field': graphql(`{ viewer { ${'name '.repeat(9900)} } }`),
  'thousands of unknown fields': graphql(`{ ${Array.from({ length: 9900 }, (_, index) => `nope${index}`).join(' ')} }`),
  'fragments within fragments': graphql(`
    {
      viewer {
        ...F0
      }
    }
    ${Array.from({ length: 900 }, (_, index) => `fragment F${index} on Viewer { ...F${index + 1} ...F${index + 1} }`).join(' ')}
  `),
  'a hundred thousand bad values': graphql('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: Array(100_000).fill({}) }),
  'a deep document': graphql(`{ viewer ${'{ partner '.repeat(3000)} ${'}'.repeat(3000)} }`),
  'a deep value': post(`{"query":"{ viewer { name } }","variables":{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`),
  'a megabyte of garbage': post('x'.repeat(1_000_000)),
  'more than a megabyte': post(`"${'x'.repeat(2_000_000)}"`),
  'a bad token': post('{"query":"{ viewer { name } }"}', 'flt_nobody'),
  'a slow body': slowBody,
  'a flood over a WebSocket': floodSocket,
}

process.once('message', (order: HostileOrder) => void attack(order))

async function attack(order: HostileOrder): Promise<void> {
  const report: HostileReport = {}
  const kinds = Object.entries(ATTACKS)
  const underWay = new Set<Promise<void>>()
  const start = performance.now()
  for (let index = 0; index < order.seconds * order.perSecond; index += 1) {
    await sleep(start + (index * 1000) / order.perSecond - performance.now())
    const [kind, send] = kinds[index % kinds.length] as [string, Attack]
    const tell = (outcome: string): void => {
      const counts = (report[kind] ??= {})
      counts[outcome] = (counts[outcome] ?? 0) + 1
    }
    if (underWay.size >= order.connections) {
      tell('not sent')
      continue
    }
    const sent: Promise<void> = send(order)
      .catch((error: NodeJS.ErrnoException) => error.code ?? error.message)
      .then(tell)
      .finally(() => underWay.delete(sent))
    underWay.add(sent)
  }
  await Promise.all(underWay)
  process.send?.(report)
  process.disconnect()
}

function graphql(query: string, variables: object = {}): Attack {
  return post(JSON.stringify({ query, variables }))
}

function post(body: string, token?: string): Attack {
  return async order => {
    const response = await fetch(`${order.url}/graphql`, { method: 'POST', headers: headersOf(token ?? order.token), body })
    const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] }
    return [response.status, errors?.[0]?.extensions.code].filter(Boolean).join(' ')
  }
}

/** Promises a body and sends it byte by byte. */
async function slowBody({ url, token }: HostileOrder): Promise<string> {
  const request = http.request(`${url}/graphql`, { method: 'POST', headers: { ...headersOf(token), 'content-length': '1000' } })
  let outcome = 'cut off by the client'
  request.once('response', response => (outcome = String(response.resume().statusCode)))
  request.once('error', (error: NodeJS.ErrnoException) => (outcome = error.code ?? error.message))
  for (let sent = 0; sent < SLOW_BODY_SECONDS * SLOW_BYTES_PER_SECOND && !request.destroyed; sent += 1) {
    request.write(' ')
    await sleep(1000 / SLOW_BYTES_PER_SECOND)
  }
  request.destroy()
  return outcome
}

/** As many subscriptions as the connection takes, and more. */
async function floodSocket({ url, token }: HostileOrder): Promise<string> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws')
  const refused: Record<string, number> = {}
  socket.once('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })))
  socket.on('message', data => {
    const { type, payload } = JSON.parse(String(data as Buffer)) as { type: string; payload: { extensions: { code: string } }[] }
    const payloadOf = (query: string) => ({ query: `subscription { ${query} }` })
    if (type === 'error') refused[payload[0]?.extensions.code ?? ''] = 1
    for (let id = 0; type === 'connection_ack' && id < OPERATIONS_PER_SOCKET; id += 1) {
      socket.send(JSON.stringify({ id: String(id), type: 'subscribe', payload: payloadOf('provisionedUserChanged { userId }') }))
    }
  })
  const closed = once(socket, 'close')
  const time = setTimeout(() => socket.close(), SOCKET_SECONDS * 1000)
  const [code] = (await closed) as [number]
  clearTimeout(time)
  return [`closed with ${code}`, ...Object.keys(refused)].join(', ')
}

function headersOf(token: string): Record<string, string> {
  return { 'content-type': 'application/json', authorization: `Bearer ${token}` }
}
