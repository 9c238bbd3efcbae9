import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { ERROR_HEADERS, errorBody } from '../errors'
import { requestIdOf } from '../request-identity'

/** How long whoever was answered may go on sending. */
const GOODBYE_MS = 1000

export function isGraphqlUpgrade({ headers, url = '' }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket' && /^\/graphql(\?|$)/.test(url)
}

/** Some clients offer HTTP/2 with a first request, which a server need not take up: they are answered as if they had not. */
export function answerWithoutUpgrade(server: FastifyInstance, request: IncomingMessage, connection: Socket): void {
  const hasBody = request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
  if (!hasBody) return server.routing(request, responseTo(request, connection))
  // Node takes no body of a request that could be upgraded.
  refuseUpgrade(request, connection, 400, { code: 'BAD_USER_INPUT', message: 'This server does not upgrade; send no header `Upgrade`.' })
}

/** Answers a request to upgrade as any other that is refused. */
export function refuseUpgrade(
  request: IncomingMessage,
  connection: Socket,
  status: number,
  { code, message }: { code: Parameters<typeof errorBody>[0]; message: string },
): void {
  const requestId = requestIdOf(request.headers)
  const response = responseTo(request, connection)
  const body = JSON.stringify(errorBody(code, message, requestId))
  response.writeHead(status, { ...ERROR_HEADERS, 'x-request-id': requestId, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

function responseTo(request: IncomingMessage, connection: Socket): ServerResponse {
  connection.on('error', () => connection.destroy())
  const response = new ServerResponse(request)
  response.assignSocket(connection)
  response.shouldKeepAlive = false
  response.on('finish', () => {
    connection.end()
    // Nothing else reads it, and so nothing would ever see that the client has closed it, too.
    connection.resume()
    setTimeout(() => connection.destroy(), GOODBYE_MS).unref()
  })
  return response
}
