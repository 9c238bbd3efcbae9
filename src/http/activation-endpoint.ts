import type { ApolloServer, BaseContext } from '@apollo/server'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import ipaddr from 'ipaddr.js'
import type { RateLimiter } from '../database/rate-limiter'
import { RateLimited } from '../shared/errors'
import { errorBody } from './errors'
import { refuseMethods, refuseUnreadable } from './graphql-endpoint'

/** Bound by its prefix to this host and to TLS; `localhost` and 127.0.0.1 count as safe, too. */
const SESSION_COOKIE = '__Host-activation'

/** The mask that one household or office has in IPv6: counted by address, anybody would have 2^64 tries. */
const IPV6_NETWORK_BITS = 64

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
  contextOf: (request: PortalRequest) => Promise<Context>
}

const URL_PATH = '/activation/graphql'

/** Serves the activation API: for the page of the portal, whose session comes as a cookie, so by POST alone. */
export function registerActivation<Context extends BaseContext>(
  server: FastifyInstance,
  { apollo, requests, contextOf }: ActivationEndpoint<Context>,
): void {
  server.route({
    method: 'POST',
    url: URL_PATH,
    async preHandler(request, reply) {
      try {
        await requests.take(networkOf(request.ip))
      } catch (error) {
        if (!(error instanceof RateLimited)) throw error
        return refuseTooMany(request, reply, error)
      }
      return refuseUnreadable(request, reply)
    },
    handler: fastifyApolloHandler(apollo, { context: async (request, reply) => contextOf(portalRequest(request, reply)) }),
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

function refuseTooMany(request: FastifyRequest, reply: FastifyReply, { retryAfterMs }: RateLimited): FastifyReply {
  const seconds = Math.ceil(retryAfterMs / 1000)
  return reply
    .code(429)
    .header('retry-after', String(seconds))
    .send(errorBody('RATE_LIMITED', `Too many requests; try again in ${seconds} s.`, request.id))
}

/** @param given as the connection or a proxy tells it; some proxies add the port */
export function networkOf(given: string): string {
  const address = /^\[([^\]]+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(given)?.slice(1).find(Boolean) ?? given
  if (!ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  return parsed.kind() === 'ipv4'
    ? parsed.toString()
    : ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/${IPV6_NETWORK_BITS}`).toString()
}
