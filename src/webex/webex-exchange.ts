import { randomUUID } from 'node:crypto'
import { noAnswer } from '../provisioning/error-catalog'
import { decodeRefusal } from './webex-decoding'
import { WebexError } from './webex-error'

export interface Answered {
  /** Null when the body is no JSON. */
  json: unknown
  headers: Headers
  httpStatus: number
  trackingId: string
  /** How long Webex asks us to wait before the next call; null when it does not say. */
  retryAfterMs: number | null
}

/**
 * One HTTP request to Webex and its answer, whichever it is. The tracking ID that we send is the one that Cisco's logs have, unless Webex tells another.
 * @param timeoutMs for the whole of it; `signal` is the limit of more than one exchange
 * @throws WebexError when no answer came
 */
export async function exchange(
  url: string,
  request: { method: string; headers: Record<string, string>; body: string | null },
  timeoutMs: number,
  signal: AbortSignal = AbortSignal.timeout(timeoutMs),
): Promise<Answered> {
  const sentTrackingId = `FLOWTHROUGH_${randomUUID()}`
  let response: Response
  let text: string
  try {
    const headers = { accept: 'application/json', trackingid: sentTrackingId, ...request.headers }
    response = await fetch(url, { ...request, headers, redirect: 'error', signal })
    text = await response.text()
  } catch (error) {
    throw unanswered(sentTrackingId, timeoutMs, error)
  }
  const trackingId = response.headers.get('trackingid') ?? sentTrackingId
  const { headers, status: httpStatus } = response
  return { json: parseJson(text), headers, httpStatus, trackingId, retryAfterMs: waitMs(headers.get('retry-after')) }
}

export function isSuccess({ httpStatus }: Answered): boolean {
  return httpStatus >= 200 && httpStatus < 300
}

/** What an answer says that is no success. */
export function refusal({ json, httpStatus, retryAfterMs, trackingId: sentTrackingId }: Answered): WebexError {
  const { message, errors, trackingId: toldTrackingId } = decodeRefusal(json)
  const trackingId = toldTrackingId ?? sentTrackingId
  const text = message ?? `HTTP ${httpStatus}`
  const told = errors.map(({ code, description }) => ({ code, httpStatus, upstreamText: description ?? text, trackingId }))
  const passedOn = told.length > 0 ? told : [{ code: null, httpStatus, upstreamText: text, trackingId }]
  return new WebexError(httpStatus, trackingId, text, passedOn, retryAfterMs)
}

/** The call was carried out, yet what came of it cannot be read: the same case as an answer that never came. */
export function unreadable(trackingId: string): WebexError {
  return withoutAnswer(trackingId, 'Webex answered with something that is not in its contract.')
}

function unanswered(trackingId: string, timeoutMs: number, cause: unknown): WebexError {
  const timedOut = (cause as Error | undefined)?.name === 'TimeoutError'
  return withoutAnswer(trackingId, timedOut ? `Webex did not answer within ${timeoutMs / 1000} seconds.` : 'Webex could not be reached.')
}

function withoutAnswer(trackingId: string, text: string): WebexError {
  return new WebexError(null, trackingId, text, [noAnswer(trackingId)])
}

/** Whoever says more cannot mean it, and a date that no calendar has must not get into the database. */
const LONGEST_WAIT_MS = 86_400_000

/** The header is in seconds, or a date (RFC 9110); Webex documents seconds. */
function waitMs(header: string | null): number | null {
  if (header === null) return null
  const untilThenMs = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return Number.isNaN(untilThenMs) ? null : Math.min(LONGEST_WAIT_MS, Math.max(0, untilThenMs))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
