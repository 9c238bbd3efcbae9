import type { GraphQLSchema } from 'graphql'
import { chance, count, type Draw, drawn, pick, times } from './drawing'
import { anything, operation, type Vocabulary } from './documents'
import { mutated, oddText } from './odd-texts'
import type fc from 'fast-check'

/** Everything that one try sends, so that it can be told and tried again. */
export type FuzzCase =
  | { kind: 'http'; method: string; path: string; headers: Record<string, string>; body: string }
  | { kind: 'socket'; token: string | null; frames: string[] }
  /** Bytes that need not be HTTP, as latin1. */
  | { kind: 'connection'; bytes: string }
  | { kind: 'import'; file: string }

export interface FuzzWorld extends Vocabulary {
  portal: GraphQLSchema
  /** Of a partner: an admin, an operator, a viewer, one of one customer. */
  tokens: readonly string[]
  downloadPath: string
  /** The key of an activation link. */
  link: string
  /** Rows of a file that is taken over whole. */
  rows: string[][]
}

const PATHS = [
  '/graphql',
  '/activation/graphql',
  '/healthz',
  '/readyz',
  '/graphiql',
  '/playground',
  '/dev/outbox',
  '/favicon.ico',
  '/',
  '*',
]
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE', 'PROPFIND']
const CONTENT_TYPES = [
  'application/json',
  'application/json; charset=utf-8',
  'application/json; charset=utf-16',
  'application/graphql',
  'text/plain',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
  'nonsense',
  '',
]
const ACCEPTS = ['*/*', 'application/json', 'application/graphql-response+json', 'text/html', 'a/b;q=9', ', ,', 'application/json;q=0']
const LANGUAGES = ['en', 'it', '*', 'xx-YY;q=2', 'de,,,', 'en;q=0']

/** One try, of any kind. */
export function fuzzCase(world: FuzzWorld): fc.Arbitrary<FuzzCase> {
  const kinds = [
    ...times(9, () => graphql),
    ...times(5, () => oddHttp),
    ...times(2, () => portal),
    ...times(2, () => socket),
    ...times(1, () => download),
    ...times(1, () => importFile),
    ...times(1, () => connection),
  ]
  return drawn(draw => pick(draw, kinds)(draw, world))
}

function graphql(draw: Draw, world: FuzzWorld): FuzzCase {
  const asked = operation(draw, world, chance(draw, 40) ? 'mutation' : 'query')
  const headers = { 'content-type': 'application/json', ...authorization(draw, world), ...oddHeaders(draw, 5) }
  if (chance(draw, 94)) return { kind: 'http', method: 'POST', path: '/graphql', headers, body: JSON.stringify(asked) }
  const path = `/graphql?query=${percent(asked.query)}&variables=${percent(JSON.stringify(asked.variables))}`
  return { kind: 'http', method: 'GET', path, headers: { ...headers, 'apollo-require-preflight': 'true' }, body: '' }
}

function portal(draw: Draw, world: FuzzWorld): FuzzCase {
  const { inputs, known, link } = world
  const vocabulary = { schema: world.portal, known: [...known, link], inputs }
  const asked = operation(draw, vocabulary, chance(draw, 70) ? 'mutation' : 'query')
  const headers = {
    'content-type': 'application/json',
    'x-forwarded-for': `10.${count(draw, 255)}.${count(draw, 255)}.${count(draw, 255)}`,
    ...(chance(draw, 30) ? { cookie: `__Host-activation=${latin(oddText(draw, known))}` } : {}),
    ...oddHeaders(draw, 5),
  }
  return { kind: 'http', method: 'POST', path: '/activation/graphql', headers, body: JSON.stringify(asked) }
}

/** What is wrong before it is GraphQL: method, path, headers, JSON. */
function oddHttp(draw: Draw, world: FuzzWorld): FuzzCase {
  const path = chance(draw, 40) ? '/graphql' : pick(draw, PATHS)
  const query = chance(draw, 30) ? `?${latin(mutated(draw, 'query={viewer{name}}&variables={}&operationName='))}` : ''
  const method = chance(draw, 60) ? 'POST' : pick(draw, METHODS)
  const headers = { 'content-type': pick(draw, CONTENT_TYPES), ...authorization(draw, world), ...oddHeaders(draw, 40) }
  const text = `/${latin(mutated(draw, path.slice(1)))}${query}`
  return { kind: 'http', method, path: chance(draw, 30) ? text : path + query, headers, body: oddBody(draw, world) }
}

function oddBody(draw: Draw, { known }: FuzzWorld): string {
  const body = {
    query: chance(draw, 70) ? '{ viewer { name } }' : anything(draw, known),
    variables: chance(draw, 40) ? anything(draw, known) : {},
    ...(chance(draw, 20) ? { operationName: anything(draw, known) } : {}),
    ...(chance(draw, 20) ? { extensions: anything(draw, known) } : {}),
  }
  const texts: (() => string)[] = [
    () => JSON.stringify(body),
    () => mutated(draw, JSON.stringify(body)),
    () => JSON.stringify([body, body]),
    () => JSON.stringify(anything(draw, known)),
    () => oddText(draw, known),
    () => `{"query":"{ viewer { name } }","variables":${'['.repeat(count(draw, 5000))}`,
    () => {
      const levels = count(draw, chance(draw, 20) ? 200_000 : 1000)
      return `{"query":"{ viewer { name } }","variables":{"a":${'['.repeat(levels)}${']'.repeat(levels)}}}`
    },
    () => 'x'.repeat(count(draw, chance(draw, 3) ? 1_200_000 : 1000)),
  ]
  return pick(draw, texts)()
}

/**
 * A connection, its introduction, and what is said on it: operations as a rule, and what the protocol knows nothing of. No mutation: the
 * connection may end before one is done, and what that changed would be laid to another try.
 */
function socket(draw: Draw, world: FuzzWorld): FuzzCase {
  const frames: (() => string)[] = [
    () => subscribe(draw, operation(draw, world, 'subscription')),
    () => subscribe(draw, operation(draw, world, 'subscription')),
    () => subscribe(draw, operation(draw, world, 'query')),
    () => mutated(draw, subscribe(draw, operation(draw, world, 'subscription'))),
    () =>
      JSON.stringify({ id: pick(draw, ['0', '1', '']), type: pick(draw, ['complete', 'ping', 'pong', 'connection_init', 'next', 'nope']) }),
    () => JSON.stringify(anything(draw, world.known)),
    () => oddText(draw, world.known),
  ]
  const token = chance(draw, 90) ? pick(draw, world.tokens) : chance(draw, 50) ? oddText(draw, world.tokens) : null
  return { kind: 'socket', token, frames: times(1 + count(draw, 3), () => pick(draw, frames)()) }
}

function subscribe(draw: Draw, payload: unknown): string {
  return JSON.stringify({ id: String(count(draw, 3)), type: 'subscribe', payload })
}

function download(draw: Draw, world: FuzzWorld): FuzzCase {
  const headers = chance(draw, 40) ? authorization(draw, world) : {}
  return {
    kind: 'http',
    method: chance(draw, 90) ? 'GET' : pick(draw, METHODS),
    path: `/${latin(mutated(draw, world.downloadPath.slice(1)))}`,
    headers,
    body: '',
  }
}

/** A file as the command `import` takes it, changed in a cell or anywhere. */
function importFile(draw: Draw, { rows, known }: FuzzWorld): FuzzCase {
  const cells = rows.map(row => row.map(cell => (chance(draw, 4) ? oddText(draw, known) : cell)))
  const text = cells.map(row => row.map(cell => (chance(draw, 90) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')).join('\n')
  return { kind: 'import', file: chance(draw, 40) ? mutated(draw, text) : text }
}

function connection(draw: Draw, { tokens }: FuzzWorld): FuzzCase {
  const body = '{"query":"{ viewer { name } }"}'
  const request = `POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokens[0]}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  const upgrade = 'GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n'
  const large = `GET /${'x'.repeat(count(draw, 40_000))} HTTP/1.1\r\nHost: x\r\n\r\n`
  return { kind: 'connection', bytes: latin1(mutated(draw, pick(draw, [request, request, upgrade, large]))) }
}

function authorization(draw: Draw, { tokens }: FuzzWorld): Record<string, string> {
  if (chance(draw, 90)) return { authorization: `Bearer ${pick(draw, tokens)}` }
  const token = latin(oddText(draw, tokens))
  return pick<Record<string, string>>(draw, [
    {},
    { authorization: `Bearer ${token}` },
    { authorization: token },
    { authorization: 'Basic YTpi' },
  ])
}

function oddHeaders(draw: Draw, percentage: number): Record<string, string> {
  if (!chance(draw, percentage)) return {}
  const length = chance(draw, 10) ? count(draw, 9000) : 1
  return pick<Record<string, string>>(draw, [
    { accept: pick(draw, ACCEPTS).repeat(length) },
    { 'accept-language': pick(draw, LANGUAGES).repeat(length) },
    { origin: latin(oddText(draw, ['https://evil.example', 'null'])) },
    { 'content-encoding': pick(draw, ['gzip', 'br', 'nope']) },
    { 'x-forwarded-for': latin(oddText(draw, ['10.0.0.1', '::1', '[::1]:80', '1.2.3.4.5'])) },
    { cookie: latin(oddText(draw, ['__Host-activation=x', 'a=b; a=c'])) },
    { upgrade: 'h2c', connection: 'Upgrade' },
    { expect: '100-continue' },
    { 'x-request-id': 'mine', 'apollo-federation-include-trace': 'ftv1' },
    { [`x-${'h'.repeat(length)}`]: 'x' },
  ])
}

function percent(text: string): string {
  return encodeURIComponent(wellFormed(text))
}

/** What Node sends in a path or a header; whatever else there is goes with `connection`. */
function latin(text: string): string {
  return wellFormed(text)
    .replaceAll(/[^\x21-\x7e]/gu, encodeURIComponent)
    .slice(0, 15_000)
}

/** Half a surrogate pair has no UTF-8. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString()
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}
