import { AsyncLocalStorage } from 'node:async_hooks'
import { unwrapResolverError } from '@apollo/server/errors'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { DatabaseBusy, TookTooLong } from '../database/database'
import { BadUserInput, FellBehind, Forbidden, NotSignedIn, RateLimited } from '../shared/errors'
import type { Logger } from '../shared/logger'
import { argumentToBlame } from './blame'

/** The codes of top-level errors; a caller can rely on them. docs/guides/connecting.md explains each. */
export type ErrorCode = 'BAD_USER_INPUT' | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'RATE_LIMITED' | 'QUERY_TOO_COMPLEX' | 'INTERNAL'

/** The ID of the request that is being answered, also where no GraphQL context exists yet. */
export const currentRequestId = new AsyncLocalStorage<string>()

/** What the GraphQL engine calls a request that its caller has to mend, all of it one code in this API. */
const MENDABLE = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'PERSISTED_QUERY_NOT_FOUND',
])

/** Gives every top-level error a documented code and the request's ID; what the caller cannot mend is logged whole and masked. */
export function errorFormatter(logger: Logger): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  return (formatted, error) => {
    const cause = unwrapResolverError(error)
    const requestId = currentRequestId.getStore()
    const told = (code: ErrorCode, message: string, more: object = {}): GraphQLFormattedError => ({
      message,
      ...(formatted.locations ? { locations: formatted.locations } : {}),
      ...(formatted.path ? { path: formatted.path } : {}),
      extensions: { code, ...more, requestId },
    })
    if (cause instanceof BadUserInput) return told('BAD_USER_INPUT', cause.message, { argument: cause.argument })
    if (cause instanceof Forbidden) return told('FORBIDDEN', cause.message)
    if (cause instanceof NotSignedIn) return told('UNAUTHENTICATED', cause.message)
    if (cause instanceof RateLimited)
      return told('RATE_LIMITED', cause.message, { retryAfterSeconds: Math.ceil(cause.retryAfterMs / 1000) })
    if (cause instanceof TookTooLong)
      return told('QUERY_TOO_COMPLEX', 'Answering this takes too long. Narrow the filter: fewer users are counted sooner.')
    if (cause instanceof FellBehind) return told('RATE_LIMITED', cause.message, { cursor: cause.cursor })
    if (MENDABLE.has(String(formatted.extensions?.['code']))) {
      const argument = cause instanceof GraphQLError ? argumentToBlame(cause) : undefined
      return told('BAD_USER_INPUT', formatted.message, argument ? { argument } : {})
    }
    if (cause instanceof GraphQLError && isErrorCode(cause.extensions['code'])) return told(cause.extensions['code'], cause.message)
    logger.error({ err: cause, requestId, path: formatted.path }, 'A request failed.')
    if (cause instanceof DatabaseBusy) return told('INTERNAL', cause.message)
    return told('INTERNAL', 'Something went wrong on our side. Nothing is lost; try again, and report the request ID if it stays so.')
  }
}

function isErrorCode(code: unknown): code is ErrorCode {
  return ['UNAUTHENTICATED', 'FORBIDDEN', 'RATE_LIMITED', 'QUERY_TOO_COMPLEX'].includes(String(code))
}
