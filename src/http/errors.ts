import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { DatabaseBusy } from '../database/database'
import { RequestTookTooLong } from '../shared/deadline'
import type { ErrorCode } from '../shared/error-codes'
import { RateLimited, Unavailable } from '../shared/errors'
import type { Logger } from '../shared/logger'
import { identify } from './request-identity'

/** Nobody knows when it is over; a load is measured each second, another server is there at once, and this one again in some seconds. */
const UNAVAILABLE_SECONDS = 5

/** For answers that get past every hook; the others have these from helmet. */
export const ERROR_HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** An error outside of GraphQL's own answers, in the form of those. */
export function errorBody(code: ErrorCode, message: string, requestId: string) {
  return { errors: [{ message, extensions: { code, requestId } }] }
}

/** What is wrong before a request reaches its handler: no page of HTML, no stack trace. */
export function registerErrorHandlers(server: FastifyInstance, logger: Logger): void {
  server.setNotFoundHandler((request, reply) => reply.code(404).send(errorBody('NOT_FOUND', 'There is nothing at this path.', request.id)))
  server.setErrorHandler((error: Error & { statusCode?: number; code?: string }, request, reply) => {
    if (error instanceof RateLimited) {
      const seconds = Math.ceil(error.retryAfterMs / 1000)
      const message = `${error.message} Try again in ${seconds} s.`
      return reply
        .code(429)
        .header('retry-after', String(seconds))
        .send(errorBody('RATE_LIMITED', message, request.id))
    }
    if (error instanceof DatabaseBusy)
      logger.warn({ err: error, ...identify(request.id, request.headers) }, 'A request found the database busy.')
    // Of the others, whoever threw it has told the log; a request that got no further than this in its time waited for others.
    if ([DatabaseBusy, Unavailable, RequestTookTooLong].some(kind => error instanceof kind)) {
      return reply
        .code(503)
        .header('retry-after', String(UNAVAILABLE_SECONDS))
        .send(errorBody('UNAVAILABLE', error.message, request.id))
    }
    const status = error.statusCode ?? 500
    if (status < 500) return reply.code(status).send(errorBody('BAD_USER_INPUT', messageOf(error, request), request.id))
    logger.error({ err: error, ...identify(request.id, request.headers) }, 'A request failed.')
    return reply
      .code(500)
      .send(
        errorBody(
          'INTERNAL',
          'Something went wrong on our side. Nothing is lost; try again, and report the request ID if it stays so.',
          request.id,
        ),
      )
  })
}

/** A path that cannot be decoded gets no further than this, past every hook. */
export function answerBadPath(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  reply
    .code(error.statusCode ?? 400)
    .headers({ ...ERROR_HEADERS, 'x-request-id': request.id })
    .send(errorBody('BAD_USER_INPUT', error.message, request.id))
}

/** The body of a request is larger than what its sender may send. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge'
  readonly statusCode = 413

  constructor(limitBytes: number) {
    super(`The request body may have ${sizeText(limitBytes)} at most.`)
  }
}

function sizeText(bytes: number): string {
  if (bytes % 1024 ** 2 === 0) return `${bytes / 1024 ** 2} MB`
  return bytes % 1024 === 0 ? `${bytes / 1024} kB` : `${bytes} bytes`
}

function messageOf(error: Error & { code?: string }, { routeOptions }: FastifyRequest): string {
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return 'The content type must be application/json.'
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return 'The request body is not valid JSON.'
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new BodyTooLarge(routeOptions.bodyLimit).message
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return 'The request body is empty; it must be JSON with a `query`.'
    default:
      return error.message
  }
}
