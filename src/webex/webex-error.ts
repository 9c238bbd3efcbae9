import { noAnswer, type UpstreamError } from '../provisioning/error-catalog'

/** Webex refused a call, or did not answer it. */
export class WebexError extends Error {
  override readonly name: string = 'WebexError'
  /** Null when no answer came: then it is not known whether the call was carried out, unless it was `notSent`. */
  readonly httpStatus: number | null
  /** Empty when there is none, because the call was never sent. */
  readonly trackingId: string
  readonly errors: UpstreamError[]
  /** How long Webex asks us to wait before the next call; null when it does not say. */
  readonly retryAfterMs: number | null
  /** The call never left this process, so it may be made later as if it had not been tried. */
  readonly notSent: boolean = false

  constructor(httpStatus: number | null, trackingId: string, message: string, errors: UpstreamError[], retryAfterMs: number | null = null) {
    super(message)
    this.httpStatus = httpStatus
    this.trackingId = trackingId
    this.errors = errors
    this.retryAfterMs = retryAfterMs
  }

  /** The same call may succeed later: no answer, a lock, a limit, or a fault on the other side. Source: Cisco's OpenAPI, status texts. */
  get isTransient(): boolean {
    return this.httpStatus === null || [423, 429].includes(this.httpStatus) || this.httpStatus >= 500
  }
}

/** The connection is closed or busy for the moment; `retryAfterMs` says for how long at least. */
export class NotSent extends WebexError {
  override readonly name = 'NotSent'
  override readonly notSent = true

  constructor(message: string, retryAfterMs: number) {
    super(null, '', message, [noAnswer(null)], retryAfterMs)
  }
}

/** What Webex would answer, said by ourselves: a call that cannot succeed as the partner is connected. */
export function refusedHere(httpStatus: 401 | 403, message: string, trackingId: string | null = null): WebexError {
  return new WebexError(httpStatus, trackingId ?? '', message, [{ code: null, httpStatus, upstreamText: message, trackingId }])
}
