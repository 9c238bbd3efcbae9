import type { UserErrorCode } from './errors'

/** Meaning of each code of `userErrors`, as the SDL and docs/guides/errors-and-retries.md show it. */
export const USER_ERROR_MEANINGS: Record<UserErrorCode, string> = {
  REQUIRED: 'A value is missing or empty.',
  INVALID: 'A value has a form or a content that is not allowed.',
  TOO_LONG: 'A text is longer than allowed.',
  NOT_FOUND: 'There is no such object, or none that the caller may see.',
  TAKEN: 'Another object has this value already, and it has to be unique.',
  INVALID_STATE: 'The object is in a state that does not allow the action; see `availableActions`.',
  EMAIL_REQUIRED: 'An e-mail address is needed, and none that is confirmed or vouched for is on record.',
  IDEMPOTENCY_KEY_REUSED: 'The idempotency key was used with another input.',
  EXPECTED_COUNT_MISMATCH: 'The filter selects another number of users than expected.',
  LIMIT_EXCEEDED: 'More objects than one request may name.',
  TEMPLATE_IN_USE: 'The template has customers, so it cannot be deleted.',
  UPSTREAM_REFUSED: 'Webex refused the call.',
}

/** Whether the same request can succeed later: never, after `Retry-After`, or with an idempotency key. */
type Retry = 'never' | 'after-pause' | 'with-key'

/** Codes of top-level errors, `extensions.code`. Clients rely on them. */
export const GRAPHQL_ERRORS = {
  BAD_USER_INPUT: { retry: 'never' },
  UNAUTHENTICATED: { retry: 'never' },
  FORBIDDEN: { retry: 'never' },
  QUERY_TOO_COMPLEX: { retry: 'never' },
  RATE_LIMITED: { retry: 'after-pause' },
  INTERNAL: { retry: 'with-key' },
} as const satisfies Record<string, { retry: Retry }>

/** Codes of errors that only occur outside of a GraphQL response, in the same form. */
export const HTTP_ERRORS = {
  UNAVAILABLE: { retry: 'after-pause' },
  NOT_FOUND: { retry: 'never' },
  GONE: { retry: 'never' },
} as const satisfies Record<string, { retry: Retry }>

export type GraphqlErrorCode = keyof typeof GRAPHQL_ERRORS
export type ErrorCode = GraphqlErrorCode | keyof typeof HTTP_ERRORS
