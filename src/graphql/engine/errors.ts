import { unwrapResolverError } from '@apollo/server/errors'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { DatabaseBusy } from '../../database/database'
import { BadUserInput, FellBehind, Forbidden, NotSignedIn, RateLimited, TookTooLong } from '../../shared/errors'
import { RequestTookTooLong } from '../../shared/deadline'
import { currentRequest } from '../../shared/current-request'
import { GRAPHQL_ERRORS, type GraphqlErrorCode } from '../../shared/error-codes'
import type { Logger } from '../../shared/logger'
import { argumentToBlame } from './error-argument'

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

/** The engine repeats what it was sent, and that may be a megabyte. */
const MESSAGE_MAX_LENGTH = 1000

type ErrorFormatter = (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError

/** Gives every top-level error a documented code and the request's ID; what the caller cannot mend is logged whole and masked. */
export function errorFormatter({ logger, production }: { logger: Logger; production: boolean }): ErrorFormatter {
  return (formatted, error) => {
    const cause = causeOf(error)
    const requestId = currentRequest.getStore()?.requestId
    const told = (code: GraphqlErrorCode, message: string, more: object = {}): GraphQLFormattedError => ({
      message: shortened(message, MESSAGE_MAX_LENGTH),
      ...(formatted.locations ? { locations: formatted.locations } : {}),
      ...(formatted.path ? { path: formatted.path } : {}),
      extensions: { code, ...more, requestId },
    })
    if (cause instanceof BadUserInput) return told('BAD_USER_INPUT', cause.message, { argument: cause.argument })
    if (cause instanceof Forbidden) return told('FORBIDDEN', cause.message)
    if (cause instanceof NotSignedIn) return told('UNAUTHENTICATED', cause.message)
    if (cause instanceof RateLimited)
      return told('RATE_LIMITED', cause.message, { retryAfterSeconds: Math.ceil(cause.retryAfterMs / 1000) })
    if (cause instanceof RequestTookTooLong) {
      if (cause.isFirst) logger.warn({ path: formatted.path }, 'A request took too long and was ended.')
      return told('QUERY_TOO_COMPLEX', cause.message)
    }
    if (cause instanceof TookTooLong)
      return told('QUERY_TOO_COMPLEX', 'Answering this takes too long. Narrow the filter: what is fewer is found and counted sooner.')
    if (cause instanceof FellBehind) return told('RATE_LIMITED', cause.message, { cursor: cause.cursor })
    if (MENDABLE.has(String(formatted.extensions?.['code'])) || isAboutArgument(cause)) {
      const argument = cause instanceof GraphQLError ? argumentToBlame(cause) : undefined
      // The parser recurses, and its stack ends before the limit on tokens does.
      const message = ranOutOfStack(cause)
        ? 'The document is nested too deeply.'
        : production
          ? withoutSuggestion(formatted.message)
          : formatted.message
      return told('BAD_USER_INPUT', message, argument ? { argument: shortened(argument, MESSAGE_MAX_LENGTH) } : {})
    }
    if (cause instanceof GraphQLError && isErrorCode(cause.extensions['code'])) return told(cause.extensions['code'], cause.message)
    logger.error({ err: cause, path: formatted.path }, 'A request failed.')
    if (cause instanceof DatabaseBusy) return told('INTERNAL', cause.message)
    return told('INTERNAL', 'Something went wrong on our side. Nothing is lost; try again, and report the request ID if it stays so.')
  }
}

/** A refusal before the operation is carried out has no path, and the library leaves it wrapped. */
function causeOf(error: unknown): unknown {
  if (error instanceof GraphQLError && error.originalError instanceof RateLimited) return error.originalError
  return unwrapResolverError(error)
}

/** Whether our own code gave the error this code; an internal error is always masked. */
function isErrorCode(code: unknown): code is GraphqlErrorCode {
  return code !== 'INTERNAL' && Object.hasOwn(GRAPHQL_ERRORS, String(code))
}

/** The engine is told to make none in a document; of variables it makes them all the same. */
function withoutSuggestion(message: string): string {
  return message.replace(/ Did you mean [^?]*\?/g, '')
}

/** Where a variable that may be null is given to an argument that may not, the engine sees it late and without a code. */
function isAboutArgument(error: unknown): error is GraphQLError {
  return error instanceof GraphQLError && !error.originalError && /^Argument "\w+" (of|has|from)/.test(error.message)
}

function ranOutOfStack(error: unknown): boolean {
  return error instanceof RangeError || (error instanceof GraphQLError && ranOutOfStack(error.originalError))
}

function shortened(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
}
