import cors from '@fastify/cors'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** Whatever a page of another site may use. Not the portal's API: its session is a cookie, and its page comes from here. */
const SHARED_PATH = /^\/(graphql(\?|$)|downloads\/)/

const OPTIONS = {
  methods: ['GET', 'POST'],
  // What our clients send, and what tracing in browsers adds by itself.
  allowedHeaders: [
    'authorization',
    'content-type',
    'accept-language',
    'apollo-require-preflight',
    'gateway-token',
    'x-request-id',
    'traceparent',
    'tracestate',
  ],
  exposedHeaders: ['x-request-id', 'retry-after', 'ratelimit', 'ratelimit-policy', 'content-disposition'],
  /** An hour, so that not every request is two, and a change of CORS_ORIGINS is soon felt. Chrome's most is two. */
  maxAge: 3600,
  /** A token is a header that a page sends on purpose; nothing here comes along by itself. */
  credentials: false,
}

/**
 * Lets pages of the given origins read the API's answers, errors included. Other origins, and all of them where none are given, are told
 * nothing, so that browsers refuse them.
 */
export async function registerCors(server: FastifyInstance, origins: readonly string[]): Promise<void> {
  if (origins.length === 0) return
  await server.register(cors, {
    delegator: (request, tell) =>
      tell(null, isShared(request, origins) ? { ...OPTIONS, origin: request.headers.origin } : { origin: false }),
  })
}

function isShared({ url, method, headers }: FastifyRequest, origins: readonly string[]): boolean {
  const isQuestion = method !== 'OPTIONS' || headers['access-control-request-method'] !== undefined
  return isQuestion && SHARED_PATH.test(url) && origins.includes(headers.origin ?? '')
}
