import { ApolloServer, type ApolloServerPlugin, type BaseContext } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
  ApolloServerPluginSchemaReportingDisabled,
} from '@apollo/server/plugin/disabled'
import { GraphQLError, type GraphQLSchema, OperationTypeNode } from 'graphql'
import Negotiator from 'negotiator'
import type { RequestLimits } from '../../config/config'
import { RateLimited } from '../../shared/errors'
import type { Logger } from '../../shared/logger'
import { documentOptions } from './document'
import { errorFormatter } from './errors'
import { keepWithinLimits } from './limits/keep-within-limits'
import { replaceConditionalField } from './limits/subscription-rule'

export interface EngineOptions {
  introspection: boolean
  production: boolean
  limits: RequestLimits
  logger: Logger
}

/** The GraphQL engine of an API over HTTP; see subscription.ts for WebSocket. */
export function createApolloServer<Context extends BaseContext>(
  schema: GraphQLSchema,
  { introspection, production, limits, logger }: EngineOptions,
): ApolloServer<Context> {
  return new ApolloServer<Context>({
    schema,
    // Where it is off, a rule of ours says so.
    introspection: true,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: production,
    ...documentOptions({ introspection, limits }),
    persistedQueries: false,
    logger: {
      debug: () => undefined,
      info: () => undefined,
      warn: message => logger.warn(message),
      error: message => logger.error(message),
    },
    formatError: errorFormatter({ logger, production }),
    stopOnTerminationSignals: false,
    plugins: [
      replaceConditionalField,
      answerByTheBook,
      keepWithinLimits(limits.query, logger),
      // Computing cache hints for every field would cost more than the execution itself.
      ApolloServerPluginCacheControlDisabled(),
      // It would answer anyone who sends the header of a gateway.
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
    ],
  })
}

/** What an answer may come as, in the order of our liking. */
export const ANSWER_MEDIA_TYPES = ['application/json', 'application/graphql-response+json']

const SUBSCRIPTIONS_ELSEWHERE = 'Subscriptions come over WebSocket, by the protocol graphql-transport-ws, at this same path.'

function unresolved(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE', http: { status: 400 } } })
}

/** Where Apollo does otherwise than the GraphQL over HTTP specification, whose audit suite we pass. */
const answerByTheBook: ApolloServerPlugin = {
  async requestDidStart() {
    return {
      async didResolveOperation({ schema, operation }) {
        if (!operation) return
        if (!schema.getRootType(operation.operation)) throw unresolved(`This API has no ${operation.operation}.`)
        if (operation.operation === OperationTypeNode.SUBSCRIPTION) throw unresolved(SUBSCRIPTIONS_ELSEWHERE)
      },
      // A client of the older media type takes a status of 400 for an answer of something other than the GraphQL server. Where the
      // document is right and only asks for too much, the status tells those who look at nothing else, such as a gateway.
      async willSendResponse({ request, response, errors }) {
        const accept = request.http?.headers.get('accept') ?? '*/*'
        const [mediaType] = new Negotiator({ headers: { accept } }).mediaTypes(ANSWER_MEDIA_TYPES)
        const inTheBody = errors?.every(({ extensions }) => !['BAD_REQUEST', 'QUERY_TOO_COMPLEX'].includes(String(extensions['code'])))
        const limited = errors?.map(error => error.originalError).find(error => error instanceof RateLimited)
        if (limited) {
          response.http.status = 429
          response.http.headers.set('retry-after', String(Math.ceil(limited.retryAfterMs / 1000)))
        }
        if (response.http.status === 400 && inTheBody && mediaType === ANSWER_MEDIA_TYPES[0]) delete response.http.status
      },
    }
  },
}
