import type { ApolloServer } from '@apollo/server'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import cookie from '@fastify/cookie'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import type { GraphQLSchema } from 'graphql'
import type { Platform } from '../../context/context'
import { createApolloServer } from '../../graphql/engine/apollo'
import { refuseMethods, refuseUnreadable } from '../../http/graphql-endpoint'
import { inTime } from '../../http/in-time'
import { networkOf } from '../../http/network'
import { templateOfLink } from './activation-link'
import { type PortalContext, portalContextOf } from './portal-context'
import { PORTAL_REQUESTS } from './portal-limits'
import { registerPortalPage } from './portal-page'

const URL_PATH = '/activation/graphql'

/** The portal as a plugin of the HTTP server: the page, and the API that only this page calls. */
export function portalPlugin(platform: Platform, schema: GraphQLSchema): FastifyPluginAsync {
  const { config, database, logger } = platform
  return async server => {
    const apollo = createApolloServer<PortalContext>(schema, { ...config, introspection: !config.production, logger })
    await apollo.start()
    await server.register(cookie)
    registerPortalEndpoint(server, platform, apollo)
    await registerPortalPage(server, async key => (await templateOfLink(database.reader, key)) !== null)
  }
}

/** Serves the activation API. The session is a cookie, so the API takes POST only. */
function registerPortalEndpoint(server: FastifyInstance, platform: Platform, apollo: ApolloServer<PortalContext>): void {
  const { anonymousBodyBytes, requestTimeoutMs } = platform.config.limits
  const requests = platform.limits.of(PORTAL_REQUESTS)
  const respond = fastifyApolloHandler(apollo, { context: (request, reply) => portalContextOf(platform, request, reply) })
  server.route({
    method: 'POST',
    url: URL_PATH,
    bodyLimit: anonymousBodyBytes,
    onRequest: async request => void (await requests.take(networkOf(request.ip))),
    preHandler: async (request, reply) => refuseUnreadable(request, reply),
    handler: (request, reply) => inTime(request, requestTimeoutMs, () => respond.call(server, request, reply)),
  })
  refuseMethods(server, URL_PATH, ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], 'POST')
}
