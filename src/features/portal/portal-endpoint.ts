import type { ApolloServer, BaseContext } from '@apollo/server'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { RateLimiter } from '../../database/rate-limiter'
import { refuseMethods, refuseUnreadable } from '../../http/graphql-endpoint'
import { inTime } from '../../http/in-time'
import { networkOf } from '../../http/network'

/** Bound by its prefix to this host and to TLS; `localhost` and 127.0.0.1 count as safe, too. */
const SESSION_COOKIE = '__Host-activation'

/** What a request of the portal says about who sent it. */
export interface PortalRequest {
  id: string
  acceptLanguage: string
  /** An IPv4 address, or the network of an IPv6 one. */
  network: string
  /** The sealed session that came as cookie. */
  session: string | null
  /** Sends the cookie, or with null has it forgotten. */
  setSession(sealed: string | null, seconds?: number): void
}

export interface ActivationEndpoint<Context extends BaseContext> {
  apollo: ApolloServer<Context>
  /** Counts requests by network. */
  requests: RateLimiter
  bodyBytes: number
  /** How long an answer may take. */
  requestTimeoutMs: number
  contextOf: (request: PortalRequest) => Promise<Context>
}

const URL_PATH = '/activation/graphql'

/** Serves the activation API: for the page of the portal, whose session comes as a cookie, so by POST alone. */
export function registerActivation<Context extends BaseContext>(
  server: FastifyInstance,
  { apollo, requests, bodyBytes, requestTimeoutMs, contextOf }: ActivationEndpoint<Context>,
): void {
  const answer = fastifyApolloHandler(apollo, { context: async (request, reply) => contextOf(portalRequest(request, reply)) })
  server.route({
    method: 'POST',
    url: URL_PATH,
    bodyLimit: bodyBytes,
    onRequest: async request => void (await requests.take(networkOf(request.ip))),
    preHandler: async (request, reply) => refuseUnreadable(request, reply),
    handler: (request, reply) => inTime(request, requestTimeoutMs, () => answer.call(server, request, reply)),
  })
  refuseMethods(server, URL_PATH, ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], 'POST')
}

function portalRequest(request: FastifyRequest, reply: FastifyReply): PortalRequest {
  return {
    id: request.id,
    acceptLanguage: request.headers['accept-language'] ?? '',
    network: networkOf(request.ip),
    session: request.cookies[SESSION_COOKIE] ?? null,
    setSession(sealed, seconds) {
      const attributes = { path: '/', httpOnly: true, secure: true, sameSite: 'strict' } as const
      if (sealed === null) void reply.clearCookie(SESSION_COOKIE, attributes)
      else void reply.setCookie(SESSION_COOKIE, sealed, { ...attributes, ...(seconds === undefined ? {} : { maxAge: seconds }) })
    },
  }
}
