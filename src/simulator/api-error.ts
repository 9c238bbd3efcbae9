import { randomBytes, randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'

export interface ApiErrorItem {
  /** A number; a text only where somebody asked for odd types. */
  errorCode?: number | string
  description: string
}

/** A refusal that the API answers in its documented body. */
export class ApiError extends Error {
  constructor(
    readonly statusCode: number,
    readonly errors: ApiErrorItem[],
    readonly headers: Record<string, string> = {},
    /** What the body has besides. */
    readonly fields: Record<string, string> = {},
  ) {
    super(errors[0]?.description)
  }
}

/** Every answer names itself: the caller's tracking ID with a suffix of ours, or one of our own. */
export function makeTrackingId(request: IncomingMessage): string {
  const given = request.headers.trackingid
  const isUsable = typeof given === 'string' && /^[\x21-\x7e]{1,200}$/.test(given)
  return isUsable ? `${given}_${randomBytes(3).toString('hex')}` : `SIMULATOR_${randomUUID()}`
}

export function answerError(error: FastifyError | ApiError, request: FastifyRequest, reply: FastifyReply) {
  const statusCode = error.statusCode ?? 500
  const isOurs = error instanceof ApiError
  if (!isOurs && statusCode >= 500) request.log.error({ err: error }, 'The simulator failed to answer a request')
  const message = isOurs || statusCode < 500 ? error.message : 'Internal Server Error'
  const errors = isOurs ? error.errors : [{ description: message }]
  const headers = { trackingid: request.id, ...(isOurs ? error.headers : {}) }
  return reply
    .code(statusCode)
    .headers(headers)
    .send({ ...(isOurs && error.fields), message, errors, trackingId: request.id })
}
