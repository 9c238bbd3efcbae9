/** What a caller can do something about. The values are the API's `UserErrorCode`. */
export enum UserErrorCode {
  REQUIRED = 'REQUIRED',
  INVALID = 'INVALID',
  TOO_LONG = 'TOO_LONG',
  NOT_FOUND = 'NOT_FOUND',
  TAKEN = 'TAKEN',
  INVALID_STATE = 'INVALID_STATE',
  EMAIL_REQUIRED = 'EMAIL_REQUIRED',
  IDEMPOTENCY_KEY_REUSED = 'IDEMPOTENCY_KEY_REUSED',
  EXPECTED_COUNT_MISMATCH = 'EXPECTED_COUNT_MISMATCH',
  LIMIT_EXCEEDED = 'LIMIT_EXCEEDED',
  TEMPLATE_IN_USE = 'TEMPLATE_IN_USE',
  UPSTREAM_REFUSED = 'UPSTREAM_REFUSED',
}

/**
 * Why a request is refused, where users of the portal can meet the refusal as well as administrators. Each audience has its own words: the
 * complaint's `message` is for administrators, and `SENTENCES` in src/features/portal/refusals.ts, which has to name every reason, is for
 * users of the portal.
 */
export type RefusalReason =
  | 'EMAIL_REQUIRED'
  | 'EMAIL_INVALID'
  | 'EMAIL_TOO_LONG'
  | 'EMAIL_FIXED'
  | 'INVALID_STATE'
  | 'MAILS_EXCEEDED'
  | 'DELETION_UNDER_WAY'
  | 'WEBEX_READ_ONLY'
  | 'CONSENT_MAIL_NOT_SENT'

export interface Complaint {
  code: UserErrorCode
  reason?: RefusalReason
  /** Of the catalogue, for a help desk. */
  catalogCode?: number
  /** One plain sentence for administrators: what is wrong and what is allowed. */
  message: string
  /** Path to the argument, without `input`; empty when no single argument is to blame. */
  field: string[]
}

/** Thrown by services; rolls the transaction back, and becomes `userErrors` of the mutation's payload. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly complaints: readonly Complaint[]

  constructor(complaints: readonly Complaint[]) {
    super(complaints.map(complaint => complaint.message).join(' '))
    this.complaints = complaints
  }
}

export function refuse(code: UserErrorCode, field: string[], message: string, reason?: RefusalReason): Refusal {
  return new Refusal([{ code, field, message, reason }])
}

/** An argument of a query that no one could answer; becomes the top-level error BAD_USER_INPUT. */
export class BadUserInput extends Error {
  override readonly name = 'BadUserInput'
  readonly argument: string

  constructor(argument: string, message: string) {
    super(message)
    this.argument = argument
  }
}

/** Somebody did too much of it within some time; becomes the top-level error RATE_LIMITED. */
export class RateLimited extends Error {
  override readonly name = 'RateLimited'
  readonly retryAfterMs: number
  /** Of what is counted; less than was asked for. */
  readonly left: number

  constructor(retryAfterMs: number, message = 'Too many requests.', left = 0) {
    super(message)
    this.retryAfterMs = retryAfterMs
    this.left = left
  }
}

/** Nothing can be done at the moment, and nothing was; becomes the error UNAVAILABLE with these words, and HTTP 503 with Retry-After. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
}

/** Whoever takes updates takes them more slowly than they come; becomes the top-level error RATE_LIMITED, with the cursor to go on from. */
export class FellBehind extends Error {
  override readonly name = 'FellBehind'
  readonly cursor: string

  constructor(cursor: string) {
    super('Updates come faster than you take them. Read what you missed by `userChanges` from `cursor` on, and subscribe again.')
    this.cursor = cursor
  }
}

/** Nobody has signed in, or not lately enough; becomes the top-level error UNAUTHENTICATED. */
export class NotSignedIn extends Error {
  override readonly name = 'NotSignedIn'
}

/** The caller is known, but its role (or its restriction to some customers) does not allow the action. */
export class Forbidden extends Error {
  override readonly name = 'Forbidden'
}

/** A read was ended because it took longer than its caller waits. */
export class TookTooLong extends Error {
  override readonly name = 'TookTooLong'
}
