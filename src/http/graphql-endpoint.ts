import { fastifyApolloHandler } from '@as-integrations/fastify'
import type { ApolloServer } from '@apollo/server'
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import Negotiator from 'negotiator'
import type { Budget } from '../auth/budget'
import { gatewayTokens } from '../auth/gateway-tokens'
import type { Viewer } from '../auth/viewer'
import { ANSWER_MEDIA_TYPES } from '../graphql/engine/apollo'
import type { Context, Platform } from '../context/context'
import { rateLimitHeaders } from '../graphql/engine/limits/keep-within-limits'
import { requestContext } from '../context/request-context'
import type { CatalogLocale } from '../provisioning/error-catalog'
import { BodyTooLarge, errorBody } from './errors'
import { inTime } from './in-time'
import { networkOf } from './network'
import { whyUnreadable } from './readable'

declare module 'fastify' {
  interface FastifyRequest {
    ctx: Context | null
  }
}

const LOCALES: CatalogLocale[] = ['en', 'it']
const TOKEN = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i

/** Of a gateway, beside the caller's own token. */
export const GATEWAY_TOKEN = 'gateway-token'
export const BAD_GATEWAY_TOKEN = 'The service token in `gateway-token` is not one of those in GATEWAY_TOKENS.'
const NO_TOKEN = 'A token is needed: send the header `Authorization: Bearer <token>`.'

/** What who comes with a token is told that is none, or none any more. */
export const BAD_TOKEN = 'This token is not valid: unknown, revoked or expired.'

/** Serves the partner API at /graphql: who has no valid token gets no further than this, not even to have a body read. */
export function registerGraphql(
  server: FastifyInstance,
  platform: Platform,
  apollo: ApolloServer<Context>,
  authenticate: (secret: string) => Promise<Viewer | null>,
): void {
  const { limits } = platform.config
  const isGateway = gatewayTokens(platform.config.gatewayTokens)

  async function admit(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    const secret = tokenOf(request)
    const viewer = secret === undefined ? null : await authenticate(secret)
    if (!viewer) return refuseStranger(request, reply, secret !== undefined)
    const gatewayToken = request.headers[GATEWAY_TOKEN]
    if (gatewayToken !== undefined && !isGateway(gatewayToken))
      return reply.code(401).send(errorBody('UNAUTHENTICATED', BAD_GATEWAY_TOKEN, request.id))
    const viaGateway = gatewayToken !== undefined
    request.ctx = requestContext(platform, { viewer, viaGateway, requestId: request.id, locale: localeOf(request) })
    request.ctx.budget.read(Number(request.headers['content-length'] ?? request.url.length))
    refuseSpent(request.ctx.budget, reply)
    return undefined
  }

  async function look(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    // In pieces it comes without a length.
    if (request.headers['transfer-encoding'] !== undefined) request.ctx?.budget.read(JSON.stringify(request.body).length)
    return refuseUnreadable(request, reply)
  }

  /** What was refused before it got as far as the engine was read all the same. */
  async function charge({ ctx }: FastifyRequest): Promise<void> {
    if (ctx && !ctx.budget.balance)
      await ctx.budget.take(0).catch((error: unknown) => platform.logger.debug({ err: error }, 'A request was not charged for.'))
  }

  async function refuseStranger(request: FastifyRequest, reply: FastifyReply, gaveToken: boolean): Promise<FastifyReply> {
    await platform.limits.anonymous.take(networkOf(request.ip))
    if (Number(request.headers['content-length'] ?? 0) > limits.anonymousBodyBytes) throw new BodyTooLarge(limits.anonymousBodyBytes)
    return reply
      .code(401)
      .header('www-authenticate', 'Bearer')
      .send(errorBody('UNAUTHENTICATED', gaveToken ? BAD_TOKEN : NO_TOKEN, request.id))
  }

  const answer = fastifyApolloHandler(apollo, { context: async request => request.ctx as Context })
  server.decorateRequest('ctx', null)
  server.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    bodyLimit: limits.bodyBytes,
    onRequest: (request, reply) => inTime(request, limits.requestTimeoutMs, () => admit(request, reply)),
    preHandler: look,
    onResponse: charge,
    handler: (request, reply) => inTime(request, limits.requestTimeoutMs, () => answer.call(server, request, reply)),
  })
  refuseMethods(server, '/graphql', ['PUT', 'PATCH', 'DELETE', 'OPTIONS'], 'GET, POST')
}

/** Who has spent the budget is refused before anything is read. */
function refuseSpent(budget: Budget, reply: FastifyReply): void {
  try {
    budget.refuseSpent()
  } catch (error) {
    if (budget.balance) reply.headers(rateLimitHeaders(budget.balance))
    throw error
  }
}

/** Answers what nobody could do, or could read the answer of; undefined when there is no such thing. */
export function refuseUnreadable(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  const problem = whyUnreadable([request.body, request.query])
  if (problem) return reply.code(400).send(errorBody('BAD_USER_INPUT', problem, request.id))
  // Before anything is done: whoever cannot read the answer would not know that it was.
  if (new Negotiator(request.raw).mediaTypes(ANSWER_MEDIA_TYPES).length === 0) {
    const message = `The answer can come as ${ANSWER_MEDIA_TYPES.join(' or ')}; the header \`Accept\` allows neither.`
    return reply.code(406).send(errorBody('BAD_USER_INPUT', message, request.id))
  }
  return undefined
}

/** @param allowed the methods that a path takes, as the header `Allow` has them */
export function refuseMethods(server: FastifyInstance, url: string, method: HTTPMethods[], allowed: string): void {
  const refuse = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    reply
      .code(405)
      .header('allow', allowed)
      .send(errorBody('BAD_USER_INPUT', `This path takes ${allowed.replace(', ', ' and ')} only.`, request.id))
  server.route({ method, url, onRequest: refuse, handler: refuse })
}

/** The bearer token of a request. */
export function tokenOf({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  return TOKEN.exec(headers.authorization ?? '')?.[1]
}

export function localeOf({ headers }: Pick<FastifyRequest, 'headers'>): CatalogLocale {
  return (new Negotiator({ headers }).language(LOCALES) as CatalogLocale | undefined) ?? 'en'
}
