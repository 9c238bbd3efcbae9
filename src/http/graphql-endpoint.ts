import { randomUUID } from 'node:crypto'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import type { ApolloServer } from '@apollo/server'
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import Negotiator from 'negotiator'
import type { Viewer } from '../auth/viewer'
import { ANSWER_MEDIA_TYPES } from '../graphql/apollo'
import type { Context, Platform } from '../graphql/context'
import { requestContext } from '../graphql/request-context'
import type { CatalogLocale } from '../provisioning/error-catalog'
import { errorBody } from './errors'

declare module 'fastify' {
  interface FastifyRequest {
    viewer: Viewer | null
  }
}

const LOCALES: CatalogLocale[] = ['en', 'it']
const TOKEN = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i

/** What who comes with a token is told that is none, or none any more. */
export const BAD_TOKEN = 'This token is not valid: unknown, revoked or expired.'

/** Serves the partner API at /graphql: who has no valid token gets no further than this. */
export function registerGraphql(
  server: FastifyInstance,
  platform: Platform,
  apollo: ApolloServer<Context>,
  authenticate: (secret: string) => Promise<Viewer | null>,
): void {
  const contextOf = (request: FastifyRequest): Context =>
    requestContext(platform, { viewer: request.viewer as Viewer, requestId: request.id, locale: localeOf(request) })
  server.decorateRequest('viewer', null)
  server.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    async preHandler(request, reply) {
      const secret = tokenOf(request)
      request.viewer = secret ? await authenticate(secret) : null
      if (!request.viewer) return refuseStranger(request, reply, secret !== undefined)
      return refuseUnreadable(request, reply)
    },
    handler: fastifyApolloHandler(apollo, { context: async request => contextOf(request) }),
  })
  refuseMethods(server, '/graphql', ['PUT', 'PATCH', 'DELETE', 'OPTIONS'], 'GET, POST')
}

/** Answers what nobody could do, or could read the answer of; undefined when there is no such thing. */
export function refuseUnreadable(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  if (hasNul(request.body, request.query)) {
    return reply
      .code(400)
      .send(errorBody('BAD_USER_INPUT', 'The request contains the character U+0000, which no text here may have.', request.id))
  }
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

export function newRequestId(): string {
  return randomUUID()
}

function refuseStranger(request: FastifyRequest, reply: FastifyReply, gaveToken: boolean): FastifyReply {
  const message = gaveToken ? BAD_TOKEN : 'A token is needed: send the header `Authorization: Bearer <token>`.'
  return reply
    .code(401)
    .header('www-authenticate', 'Bearer')
    .send(errorBody('UNAUTHENTICATED', message, request.id))
}

/** PostgreSQL cannot store a NUL, and no honest caller sends one. In JSON and in GraphQL texts alike it is written as \\u0000. */
export function hasNul(...given: unknown[]): boolean {
  return /\\u0000|\\u\{0+\}/.test(JSON.stringify(given))
}
