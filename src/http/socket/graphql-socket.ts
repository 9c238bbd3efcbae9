import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import proxyAddress from '@fastify/proxy-addr'
import type { FastifyInstance } from 'fastify'
import type { ExecutionResult, FormattedExecutionResult, GraphQLSchema } from 'graphql'
import { type ConnectionInitMessage, handleProtocols, makeServer, type Server } from 'graphql-ws'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import { gatewayTokens } from '../../auth/gateway-tokens'
import type { Viewer } from '../../auth/viewer'
import type { Platform } from '../../context/context'
import { requestContext } from '../../context/request-context'
import { ClientError, createOperations, type StartedOperation } from '../../graphql/engine/subscription'
import type { CatalogLocale } from '../../provisioning/error-catalog'
import { RateLimited } from '../../shared/errors'
import { BAD_GATEWAY_TOKEN, BAD_TOKEN, GATEWAY_TOKEN, localeOf, tokenOf } from '../graphql-endpoint'
import { networkOf } from '../network'
import { createOpenCount } from './open-count'
import { OVERLOADED } from '../overload'
import { whyUnreadable } from '../readable'
import { newRequestId } from '../request-identity'
import { createFlow, keepAlive, watchIdleness, watchToken } from './socket-watch'
import { BAD_ORIGIN, isAllowedOrigin } from './socket-origin'
import { answerWithoutUpgrade, isGraphqlUpgrade, refuseUpgrade } from './upgrade'

/** Connections of one network that have not said yet who they are; they have three seconds. */
const STRANGERS_MAX = 50
/** So many tokens of one partner may have all the connections that they may at a time. */
const TOKENS_OF_A_PARTNER = 10
/** Several times as much as the large answers of honest clients: whoever asks on while so much waits to be read does not read. */
const UNREAD_MAX_BYTES = 8 * 1024 * 1024
/** Clients count, or make up a UUID. */
const ID_MAX_LENGTH = 128
/** A ping is answered with what it brings; clients bring nothing, or the time. */
const PING_MAX_LENGTH = 1024
const TOO_MANY_STRANGERS = { code: 'RATE_LIMITED', message: 'Too many connections without a token; wait for those under way.' } as const
/** How long clients have to say goodbye when the server stops. */
const GOODBYE_MS = 1000

const GOING_AWAY = 1001
const INTERNAL_ERROR = 4500
const UNAUTHORIZED = 4401
const TOO_MANY = 4429
const BAD_MESSAGE = 4400
const DONE = 1000
const TOO_LARGE = 1009

interface Dependencies {
  schema: GraphQLSchema
  authenticate: (secret: string) => Promise<Viewer | null>
}

/** What is known of a connection. */
interface Extra extends Record<PropertyKey, unknown> {
  socket: WebSocket
  request: IncomingMessage
  locale: CatalogLocale
  network: string
  viewer: Viewer | null
  viaGateway: boolean
  /** Those under way. */
  operations: Readonly<Record<string, unknown>>
  /** Says that the connection is in use. */
  touch: () => void
  /** No longer counted among those who have not said who they are. */
  introduce: () => void
  /** Ends what goes on beside the connection. */
  onClose: (() => void)[]
}

/**
 * Serves the partner API over WebSocket, too, at the same path and by the same rules: the protocol is graphql-transport-ws, and the token
 * comes in the payload of `connection_init` as `authorization`, because browsers cannot send headers, or in the header.
 */
export function registerGraphqlSocket(server: FastifyInstance, platform: Platform, dependencies: Dependencies): void {
  const { limits, trustedProxies } = platform.config
  const strangers = createOpenCount(STRANGERS_MAX)
  const isTrusted = proxyAddress.compile(trustedProxies ?? [])
  const sockets = new WebSocketServer({ noServer: true, maxPayload: limits.bodyBytes, handleProtocols })
  const protocol = createProtocol(platform, dependencies)

  sockets.on('wsClientError', ({ message }, connection, request) => {
    refuseUpgrade(request, connection as Socket, 400, {
      code: 'BAD_USER_INPUT',
      message: `This is no good request for a WebSocket: ${message}.`,
    })
  })
  server.server.on('connect', (request: IncomingMessage, connection: Socket) => {
    refuseUpgrade(request, connection, 405, { code: 'BAD_USER_INPUT', message: 'This server is no proxy.' })
  })
  server.server.on('upgrade', (request: IncomingMessage, connection: Socket, head: Buffer) => {
    if (!isGraphqlUpgrade(request)) return answerWithoutUpgrade(server, request, connection)
    if (!isAllowedOrigin(platform, request)) return refuseUpgrade(request, connection, 403, BAD_ORIGIN)
    if (server.isOverloaded()) return refuseUpgrade(request, connection, 503, OVERLOADED)
    const network = networkOf(proxyAddress(request, isTrusted))
    const introduce = strangers.enter(network)
    if (!introduce) return refuseUpgrade(request, connection, 429, TOO_MANY_STRANGERS)
    connection.once('close', introduce)
    sockets.handleUpgrade(request, connection, head, socket => serve(platform, protocol, socket, { request, network, introduce }))
  })
  server.addHook('preClose', async () => {
    for (const socket of sockets.clients) socket.close(GOING_AWAY, 'Going away')
    // Who does not answer is not waited for.
    setTimeout(() => sockets.clients.forEach(socket => socket.terminate()), GOODBYE_MS).unref()
  })
}

function createProtocol(platform: Platform, { schema, authenticate }: Dependencies): Server<Extra> {
  const { limits, gatewayTokens: tokens } = platform.config
  const operations = createOperations(schema, platform)
  const isGateway = gatewayTokens(tokens)
  const connections = createOpenCount(limits.webSocket.connections)
  const connectionsOfPartner = createOpenCount(limits.webSocket.connections * TOKENS_OF_A_PARTNER)
  return makeServer<ConnectionInitMessage['payload'], Extra>({
    async onConnect({ connectionParams, extra, subscriptions: operations }) {
      const { socket, request, network } = extra
      const given = (name: string): unknown => connectionParams?.[name] ?? request.headers[name]
      const authorization = given('authorization') ?? connectionParams?.['Authorization']
      const secret = typeof authorization === 'string' ? tokenOf({ headers: { authorization } }) : undefined
      const viewer = secret === undefined ? null : await authenticate(secret)
      if (!viewer || secret === undefined) {
        const isTooMany = await platform.limits.anonymous.take(network).then(() => false, isRateLimited)
        return isTooMany ? end(socket, TOO_MANY, 'Too many requests without a valid token.') : end(socket, UNAUTHORIZED, BAD_TOKEN)
      }
      const gatewayToken = given(GATEWAY_TOKEN)
      if (gatewayToken !== undefined && !isGateway(gatewayToken)) return end(socket, UNAUTHORIZED, BAD_GATEWAY_TOKEN)
      const leavePartner = connectionsOfPartner.enter(viewer.partnerId)
      if (leavePartner) extra.onClose.push(leavePartner)
      const leave = leavePartner && connections.enter(viewer.callerId)
      if (!leave) return end(socket, TOO_MANY, `A token may have ${limits.webSocket.connections} connections at a time.`)
      extra.introduce()
      Object.assign(extra, { viewer, viaGateway: gatewayToken !== undefined, operations })
      extra.onClose.push(
        leave,
        watchToken(
          platform.logger,
          socket,
          () => authenticate(secret),
          () => void end(socket, UNAUTHORIZED, BAD_TOKEN),
        ),
      )
      return true
    },
    async onSubscribe({ extra, subscriptions }, id, { query, variables, operationName }) {
      extra.touch()
      const requestId = newRequestId()
      const refuse = (code: 'BAD_USER_INPUT' | 'RATE_LIMITED', message: string, more: object = {}) => [
        new ClientError({ message, extensions: { code, ...more, requestId } }),
      ]
      if (id.length > ID_MAX_LENGTH) {
        end(extra.socket, BAD_MESSAGE, `An ID may have ${ID_MAX_LENGTH} characters.`)
        return refuse('BAD_USER_INPUT', 'The ID of the operation is too long.')
      }
      const { operations: max } = limits.webSocket
      if (Object.keys(subscriptions).length > max) {
        return refuse('RATE_LIMITED', `A connection may have ${max} operations at a time; end one, or make another connection.`)
      }
      const problem = whyUnreadable([query, variables])
      if (problem) return refuse('BAD_USER_INPUT', problem)
      const { viaGateway, locale } = extra
      const ctx = requestContext(platform, { viewer: extra.viewer as Viewer, viaGateway, requestId, locale })
      ctx.budget.read(query.length + JSON.stringify(variables ?? {}).length)
      try {
        ctx.budget.refuseSpent()
      } catch (error) {
        if (!isRateLimited(error)) throw error
        return refuse('RATE_LIMITED', error.message, { retryAfterSeconds: Math.ceil(error.retryAfterMs / 1000) })
      }
      const started = await operations.start(ctx, { query, variables: variables ?? {}, operationName: operationName ?? undefined })
      if (Array.isArray(started)) return started
      return { schema, document: started.document, operationName: operationName ?? null, contextValue: started }
    },
    onComplete: ({ extra }) => extra.touch(),
    onPing({ extra: { socket } }, payload) {
      const pong = JSON.stringify({ type: 'pong', ...(payload ? { payload } : {}) })
      if (pong.length > PING_MAX_LENGTH) end(socket, BAD_MESSAGE, 'A ping may bring 1 kB.')
      else if (socket.readyState === WebSocket.OPEN) socket.send(pong)
    },
    // The operation has been started by now; its response is formatted, with code and request ID of each error.
    execute: ({ contextValue }) => (contextValue as StartedOperation).response as ExecutionResult,
    subscribe: ({ contextValue }) => (contextValue as StartedOperation).response as AsyncIterableIterator<ExecutionResult>,
    onNext: (_ctx, _id, _payload, _args, result) => result as FormattedExecutionResult,
    onError: (_ctx, _id, _payload, errors) =>
      errors.map(error => (error instanceof ClientError ? error : (error.originalError as ClientError)).formatted),
  })
}

/** @param reason 123 bytes at most */
function end(socket: WebSocket, code: number, reason: string): false {
  socket.close(code, reason)
  return false
}

function isRateLimited(error: unknown): error is RateLimited {
  return error instanceof RateLimited
}

type Arrival = Pick<Extra, 'request' | 'network' | 'introduce'>

function serve({ config: { limits }, logger }: Platform, protocol: Server<Extra>, socket: WebSocket, arrival: Arrival): void {
  const isBusy = () => Object.keys(extra.operations).length > 0
  const idle = watchIdleness(limits.webSocket.idleSeconds * 1000, isBusy, () => void end(socket, DONE, 'Idle'))
  const extra: Extra = {
    ...arrival,
    socket,
    locale: localeOf(arrival.request),
    viewer: null,
    viaGateway: false,
    operations: {},
    touch: idle.touch,
    onClose: [keepAlive(socket), idle.end, arrival.introduce],
  }
  const isTooMuch = createFlow(() => (extra.viewer ? limits.bodyBytes : limits.anonymousBodyBytes))
  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      // A connection that breaks says so by its end. What is written waits for a client that is slow, and so does what comes next.
      send: text => new Promise(resolve => (socket.readyState === WebSocket.OPEN ? socket.send(text, () => resolve()) : resolve())),
      close: (code, reason) => socket.close(code, reason),
      onMessage: take =>
        socket.on('message', (data: RawData) => {
          if (!extra.viewer && (data as Buffer).length > limits.anonymousBodyBytes) return void socket.close(TOO_LARGE, 'Message too large')
          if (isTooMuch((data as Buffer).length)) {
            end(socket, TOO_MANY, 'Too much at a time.')
            return void setTimeout(() => socket.terminate(), GOODBYE_MS).unref()
          }
          if (socket.bufferedAmount > (extra.viewer ? UNREAD_MAX_BYTES : limits.anonymousBodyBytes)) return socket.terminate()
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
