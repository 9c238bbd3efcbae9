import helmet from '@fastify/helmet'
import type { ApolloServer } from '@apollo/server'
import fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify'
import type { GraphQLSchema } from 'graphql'
import type { Viewer } from '../auth/viewer'
import type { Context, Platform } from '../context/context'
import { currentRequest } from '../shared/current-request'
import { answerBrokenRequest, registerBrokenRequests, timeLimits } from './broken-request'
import { registerClosing } from './closing'
import { registerCors } from './cors'
import { type OpenDownload, registerDownloads } from './download-endpoint'
import { answerBadPath, registerErrorHandlers } from './errors'
import { registerGraphql } from './graphql-endpoint'
import { registerGraphqlSocket } from './socket/graphql-socket'
import { registerHealth } from './health'
import { registerOutbox } from './pages/outbox-page'
import { registerOverload } from './overload'
import { identify, requestIdOf } from './request-identity'
import { registerPlayground } from './pages/playground'

export interface HttpServerOptions {
  /** The partner API. */
  apollo: ApolloServer<Context>
  schema: GraphQLSchema
  authenticate: (secret: string) => Promise<Viewer | null>
  openDownload: OpenDownload
  /** Endpoints and pages of features, in the order in which they are registered. */
  plugins: readonly FastifyPluginAsync[]
}

/** The HTTP side of the server, not listening yet. */
export async function createHttpServer(
  platform: Platform,
  { apollo, schema, authenticate, openDownload, plugins }: HttpServerOptions,
): Promise<FastifyInstance> {
  const server = fastify({
    trustProxy: platform.config.trustedProxies ?? false,
    // Of whoever brings no token; /graphql has a larger one for those who do.
    bodyLimit: platform.config.limits.anonymousBodyBytes,
    genReqId: ({ headers }) => requestIdOf(headers),
    requestIdHeader: false,
    forceCloseConnections: 'idle',
    logger: false,
    frameworkErrors: answerBadPath,
    clientErrorHandler: answerBrokenRequest,
    // Refused in the form of every error; see `registerClosing`.
    return503OnClosing: false,
    ...timeLimits(platform.config.limits.requestTimeoutMs),
  })
  // Fastify's own reads text too; here everything is JSON.
  server.removeContentTypeParser('text/plain')
  // So that an error which happens before there is a GraphQL context can still name its request.
  server.addHook('onRequest', (request, _reply, done) => currentRequest.run(identify(request.id, request.headers), done))
  server.addHook('onSend', async (request, reply) => void reply.header('x-request-id', request.id))
  await server.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"], frameAncestors: ["'none'"] },
    },
    // For browsers that do not know frame-ancestors.
    xFrameOptions: { action: 'deny' },
    strictTransportSecurity: platform.publicUrl().startsWith('https:'),
  })
  // Before whatever may refuse a request: a page has to be able to read why.
  await registerCors(server, platform.config.corsOrigins)
  registerClosing(server)
  registerBrokenRequests(server)
  await registerOverload(server, platform.config.limits.overloadDelayMs)
  registerErrorHandlers(server, platform.logger)
  registerHealth(server, platform)
  registerGraphql(server, platform, apollo, authenticate)
  registerGraphqlSocket(server, platform, { schema, authenticate })
  registerDownloads(server, { authenticate, openDownload, strangers: platform.limits.anonymous })
  registerOutbox(server, platform)
  await registerPlayground(server)
  for (const plugin of plugins) await server.register(plugin)
  return server
}
