import { ApolloServer, type ApolloServerPlugin, type BaseContext } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
  ApolloServerPluginSchemaReportingDisabled,
} from '@apollo/server/plugin/disabled'
import { type DocumentNode, GraphQLError, type GraphQLSchema, type OperationDefinitionNode, OperationTypeNode } from 'graphql'
import Negotiator from 'negotiator'
import type { RequestLimits } from '../../config/config'
import { RateLimited } from '../../shared/errors'
import type { Logger } from '../../shared/logger'
import { errorFormatter } from './errors'
import { keepWithinLimits } from './limits/keep-within-limits'
import { keepSubscribedField, tellRefused } from './limits/subscription-rule'
import { refuseAskingForSchema } from './schema-rule'

/** More would tell nobody anything, and each takes time to find. */
const VALIDATION_ERRORS_MAX = 5

export interface EngineOptions {
  introspection: boolean
  production: boolean
  limits: RequestLimits
  logger: Logger
}

/** The GraphQL engine of an API. */
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
    // A longer document is refused while it is read.
    parseOptions: { maxTokens: limits.query.tokens },
    validationOptions: { maxErrors: VALIDATION_ERRORS_MAX },
    validationRules: introspection ? [tellRefused] : [tellRefused, refuseAskingForSchema],
    // Without it, one query through the cycles of the schema can take the memory of the whole process.
    maxRecursiveSelections: true,
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
      keepSubscribedField,
      answerByTheBook,
      keepWithinLimits(limits.query, logger),
      answerElsewhere,
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

/** Part of the context of an operation that comes by another way than HTTP; Apollo knows no subscriptions. */
export interface Checked {
  /** Called with a document that has passed parser, validation and limits. Subscriptions get no further than this. */
  checked(document: DocumentNode): void
}

const isChecked = (context: object): context is Checked => 'checked' in context

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
      async didResolveOperation({ schema, operation, contextValue }) {
        if (!operation) return
        if (!schema.getRootType(operation.operation)) throw unresolved(`This API has no ${operation.operation}.`)
        if (operation.operation !== OperationTypeNode.SUBSCRIPTION) return
        if (!isChecked(contextValue)) throw unresolved(SUBSCRIPTIONS_ELSEWHERE)
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

/** Hands on what does not come over HTTP. */
const answerElsewhere: ApolloServerPlugin = {
  async requestDidStart() {
    return {
      async responseForOperation({ operation: found, document, contextValue, response }) {
        // There is none where several are given and none is named; the engine says so.
        const operation = found as OperationDefinitionNode | undefined
        if (!operation || !isChecked(contextValue)) return null
        contextValue.checked(document)
        if (operation.operation !== OperationTypeNode.SUBSCRIPTION) return null
        return { http: response.http, body: { kind: 'single', singleResult: { data: null } } }
      },
    }
  },
}
