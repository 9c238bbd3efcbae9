import { type IncomingMessage, type ServerOptions, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ERROR_HEADERS, errorBody } from './errors'
import { newRequestId } from './request-identity'

/** Headers are one packet or two: who takes longer holds the connection on purpose, or is not there any more. */
const HEADERS_MS = 10_000
/** How often Node looks for connections that are too slow; half a minute as it comes. */
const CHECK_INTERVAL_MS = 1000
/** Beyond the time of a request: for an answer of which nothing is read any more. Nothing that works is silent for as long. */
const SILENCE_MS = 60_000

/** How long a connection may take to send its request, and to read its answer: whoever sends byte after byte would keep one for good. */
export function timeLimits(requestMs: number): { requestTimeout: number; connectionTimeout: number; http: ServerOptions } {
  return {
    requestTimeout: requestMs,
    connectionTimeout: requestMs + SILENCE_MS,
    http: {
      requestTimeout: requestMs,
      headersTimeout: Math.min(HEADERS_MS, requestMs),
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      // It would be answered with an empty body; see `registerBrokenRequests`.
      requireHostHeader: false,
    },
  }
}

/** What Node would answer by itself and without a word. */
export function registerBrokenRequests(server: FastifyInstance): void {
  server.addHook('onRequest', async (request, reply) => (lacksHost(request) ? refuseWithoutHost(request, reply) : undefined))
  server.server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    const { headers, body } = answerTo('This server does not know what the header `Expect` asks for.')
    response.writeHead(417, headers).end(body)
  })
}

/** Answers what is no HTTP, too large for it, or too slow, and ends the connection. */
export function answerBrokenRequest({ code }: Error & { code?: string }, socket: Socket): void {
  // It comes again with every packet that follows.
  if (code === 'ECONNRESET' || socket.destroyed || socket.writableEnded) return
  const [status, message] = problemOf(code)
  const { headers, body } = answerTo(message)
  const head = Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}`)
  if (socket.writable) socket.write([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...head, '', body].join('\r\n'))
  socket.destroySoon()
}

function problemOf(code: string | undefined): [status: number, message: string] {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [408, 'The request came too slowly.']
    case 'HPE_HEADER_OVERFLOW':
      return [431, 'The headers may have 16 kB at most.']
    default:
      return [400, 'This is not HTTP.']
  }
}

function answerTo(message: string): { headers: Record<string, string>; body: string } {
  const requestId = newRequestId()
  const body = JSON.stringify(errorBody('BAD_USER_INPUT', message, requestId))
  return { headers: { ...ERROR_HEADERS, 'x-request-id': requestId, 'content-length': String(Buffer.byteLength(body)) }, body }
}

function lacksHost({ raw, headers }: FastifyRequest): boolean {
  return raw.httpVersion === '1.1' && headers.host === undefined
}

function refuseWithoutHost(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.code(400).send(errorBody('BAD_USER_INPUT', 'The header `Host` is missing.', request.id))
}
