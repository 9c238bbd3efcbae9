import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ErrorCode } from '../graphql/errors'
import { RateLimited } from '../shared/errors'
import type { Logger } from '../shared/logger'

/** An error outside of GraphQL's own answers, in the form of those. */
export function errorBody(code: ErrorCode | 'NOT_FOUND' | 'GONE', message: string, requestId: string) {
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
    const status = error.statusCode ?? 500
    if (status < 500) return reply.code(status).send(errorBody('BAD_USER_INPUT', messageOf(error), request.id))
    logger.error({ err: error, requestId: request.id }, 'A request failed.')
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
    .header('x-request-id', request.id)
    .send(errorBody('BAD_USER_INPUT', error.message, request.id))
}

function messageOf(error: Error & { code?: string }): string {
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return 'The content type must be application/json.'
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return 'The request body is not valid JSON.'
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return 'The request body may have 1 MB at most.'
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return 'The request body is empty; it must be JSON with a `query`.'
    default:
      return error.message
  }
}
