import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ApolloServer } from '@apollo/server'
import type { FastifyInstance } from 'fastify'
import type { ExecutionResult, FormattedExecutionResult, GraphQLSchema } from 'graphql'
import { type ConnectionInitMessage, handleProtocols, makeServer, type Server } from 'graphql-ws'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import type { Viewer } from '../auth/viewer'
import type { Context, Platform } from '../graphql/context'
import { requestContext } from '../graphql/request-context'
import { type Admitted, createOperations, ToldError } from '../graphql/subscription'
import type { CatalogLocale } from '../provisioning/error-catalog'
import { errorBody } from './errors'
import { BAD_TOKEN, hasNul, localeOf, newRequestId, tokenOf } from './graphql-endpoint'

/** As long as a body of HTTP may be. */
const MESSAGE_LIMIT_BYTES = 1024 * 1024
/** A page of a user interface needs a handful. */
const OPERATIONS_MAX = 100
/** Whoever is silent for twice as long is not there any more. Proxies close what is silent for a minute, as a rule. */
const PING_INTERVAL_MS = 12_000
/** A token that was revoked or expired is good for no longer; a look is one statement. */
const TOKEN_CHECK_INTERVAL_MS = 2000
/** How long clients have to say goodbye when the server stops. */
const GOODBYE_MS = 1000

const GOING_AWAY = 1001
const INTERNAL_ERROR = 4500
const UNAUTHORIZED = 4401

interface Surroundings {
  apollo: ApolloServer<Context>
  schema: GraphQLSchema
  authenticate: (secret: string) => Promise<Viewer | null>
}

/** What is known of a connection. */
interface Extra extends Record<PropertyKey, unknown> {
  socket: WebSocket
  request: IncomingMessage
  locale: CatalogLocale
  viewer: Viewer | null
  /** Ends what goes on beside the connection. */
  onClose: (() => void)[]
}

/**
 * Serves the partner API over WebSocket, too, at the same path and by the same rules: the protocol is graphql-transport-ws, and the token
 * comes in the payload of `connection_init` as `authorization`, because browsers cannot send headers, or in the header.
 */
export function registerGraphqlSocket(server: FastifyInstance, platform: Platform, surroundings: Surroundings): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_LIMIT_BYTES, handleProtocols })
  const protocol = createProtocol(platform, surroundings)

  server.server.on('upgrade', (request: IncomingMessage, connection: Socket, head: Buffer) => {
    if (isForUs(request)) sockets.handleUpgrade(request, connection, head, socket => serve(platform, protocol, socket, request))
    else answerWithoutUpgrade(server, request, connection)
  })
  server.addHook('preClose', async () => {
    for (const socket of sockets.clients) socket.close(GOING_AWAY, 'Going away')
    // Who does not answer is not waited for.
    setTimeout(() => sockets.clients.forEach(socket => socket.terminate()), GOODBYE_MS).unref()
  })
}

function isForUs({ headers, url = '' }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket' && /^\/graphql(\?|$)/.test(url)
}

/** Some clients offer HTTP/2 with a first request, which a server need not take up: they are answered as if they had not. */
function answerWithoutUpgrade(server: FastifyInstance, request: IncomingMessage, connection: Socket): void {
  connection.on('error', () => connection.destroy())
  const response = new ServerResponse(request)
  response.assignSocket(connection)
  response.shouldKeepAlive = false
  response.on('finish', () => connection.end())
  const hasBody = request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
  if (!hasBody) return server.routing(request, response)
  // Node takes no body of a request that could be upgraded.
  response.writeHead(400, { 'content-type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify(errorBody('BAD_USER_INPUT', 'This server does not upgrade; send no header `Upgrade`.', newRequestId())))
}

function createProtocol(platform: Platform, { apollo, schema, authenticate }: Surroundings): Server<Extra> {
  const operations = createOperations(apollo, schema, platform.logger)
  return makeServer<ConnectionInitMessage['payload'], Extra>({
    async onConnect({ connectionParams, extra }) {
      const given = connectionParams?.['authorization'] ?? connectionParams?.['Authorization'] ?? extra.request.headers.authorization
      const secret = typeof given === 'string' ? tokenOf({ headers: { authorization: given } }) : undefined
      const viewer = secret === undefined ? null : await authenticate(secret)
      if (!viewer || secret === undefined) return refuseStranger(extra.socket)
      extra.viewer = viewer
      extra.onClose.push(watchToken(platform, extra.socket, () => authenticate(secret)))
      return true
    },
    async onSubscribe({ extra, subscriptions }, _id, { query, variables, operationName }) {
      const requestId = newRequestId()
      const refuse = (code: 'BAD_USER_INPUT' | 'RATE_LIMITED', message: string) => [
        new ToldError({ message, extensions: { code, requestId } }),
      ]
      if (Object.keys(subscriptions).length > OPERATIONS_MAX) {
        return refuse('RATE_LIMITED', `A connection may have ${OPERATIONS_MAX} operations at a time; end one, or make another connection.`)
      }
      if (hasNul(query, variables))
        return refuse('BAD_USER_INPUT', 'The request contains the character U+0000, which no text here may have.')
      const ctx = requestContext(platform, { viewer: extra.viewer as Viewer, requestId, locale: extra.locale })
      const admitted = await operations.admit(ctx, { query, variables: variables ?? {}, operationName: operationName ?? undefined })
      if (Array.isArray(admitted)) return admitted
      return { schema, document: admitted.document, operationName: operationName ?? null, contextValue: admitted }
    },
    execute: ({ contextValue }) => (contextValue as Admitted).answer as ExecutionResult,
    subscribe: ({ contextValue }) => operations.subscribe(contextValue as Admitted) as Promise<AsyncIterableIterator<ExecutionResult>>,
    // What is told is told already, with code and request ID.
    onNext: (_ctx, _id, _payload, _args, result) => result as FormattedExecutionResult,
    onError: (_ctx, _id, _payload, errors) =>
      errors.map(error => (error instanceof ToldError ? error : (error.originalError as ToldError)).told),
  })
}

function refuseStranger(socket: WebSocket): false {
  socket.close(UNAUTHORIZED, BAD_TOKEN)
  return false
}

/** Closes the connection soon after its token is worth nothing any more. */
function watchToken({ logger }: Platform, socket: WebSocket, authenticate: () => Promise<Viewer | null>): () => void {
  let timer: NodeJS.Timeout
  const wait = (): void => void (timer = setTimeout(() => void look(), TOKEN_CHECK_INTERVAL_MS).unref())
  const look = async (): Promise<void> => {
    try {
      if (!(await authenticate())) return void refuseStranger(socket)
    } catch (error) {
      logger.warn({ err: error }, 'The token of a connection could not be looked at; it will be in a moment.')
    }
    if (socket.readyState === WebSocket.OPEN) wait()
  }
  wait()
  return () => clearTimeout(timer)
}

function serve({ logger }: Platform, protocol: Server<Extra>, socket: WebSocket, request: IncomingMessage): void {
  const extra: Extra = { socket, request, locale: localeOf(request), viewer: null, onClose: [keepAlive(socket)] }
  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      // A connection that breaks says so by its end. What is written waits for a client that is slow, and so does what comes next.
      send: text => new Promise(resolve => (socket.readyState === WebSocket.OPEN ? socket.send(text, () => resolve()) : resolve())),
      close: (code, reason) => socket.close(code, reason),
      onMessage: take =>
        socket.on('message', (data: RawData) => {
          take(String(data as Buffer)).catch((error: unknown) => {
            logger.error({ err: error }, 'A message over a WebSocket could not be answered.')
            socket.close(INTERNAL_ERROR, 'Internal server error')
          })
        }),
    },
    extra,
  )
  // A message that is too long, or no message: the library has closed the connection with the right code.
  socket.on('error', () => undefined)
  socket.once('close', (code, reason) => {
    for (const end of extra.onClose) end()
    void closed(code, String(reason))
  })
}

/** Ends a connection whose client is not there any more, and keeps proxies from ending one that is silent. */
function keepAlive(socket: WebSocket): () => void {
  let alive = true
  socket.on('pong', () => (alive = true))
  const timer = setInterval(() => {
    if (!alive) return socket.terminate()
    alive = false
    socket.ping()
  }, PING_INTERVAL_MS).unref()
  return () => clearInterval(timer)
}
