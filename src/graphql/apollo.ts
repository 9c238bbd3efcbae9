import { ApolloServer } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
  ApolloServerPluginSchemaReportingDisabled,
} from '@apollo/server/plugin/disabled'
import type { GraphQLSchema } from 'graphql'
import type { Logger } from '../shared/logger'
import type { Context } from './context'
import { errorFormatter } from './errors'

/** More than any real document has; a longer one is refused while it is read. */
const MAX_TOKENS = 10_000

/** The GraphQL engine of the partner API. */
export function createApolloServer(
  schema: GraphQLSchema,
  { introspection, production, logger }: { introspection: boolean; production: boolean; logger: Logger },
): ApolloServer<Context> {
  return new ApolloServer<Context>({
    schema,
    introspection,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: production,
    parseOptions: { maxTokens: MAX_TOKENS },
    // Without it, one query through the cycles of the schema can take the memory of the whole process.
    maxRecursiveSelections: true,
    persistedQueries: false,
    logger: {
      debug: () => undefined,
      info: () => undefined,
      warn: message => logger.warn(message),
      error: message => logger.error(message),
    },
    formatError: errorFormatter(logger),
    stopOnTerminationSignals: false,
    plugins: [
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
