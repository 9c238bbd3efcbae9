import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from './api-error'

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown
type Method = (typeof METHODS)[number]

/** All methods of one path: those that the API has, and a 405 for the rest, before the body is read. */
export function resource(app: FastifyInstance, url: string, handlers: Partial<Record<Method, Handler>>): void {
  for (const method of METHODS) {
    const handler = handlers[method]
    if (handler) app.route({ method, url, handler })
  }
  const allowed = METHODS.filter(method => handlers[method])
  const refuse = async () => {
    const description = 'The method is not supported for this resource.'
    throw new ApiError(405, [{ description }], { allow: allowed.join(', ') })
  }
  app.route({ method: METHODS.filter(method => !handlers[method]), url, onRequest: refuse, handler: refuse })
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const
