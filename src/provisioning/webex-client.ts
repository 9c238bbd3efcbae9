import { randomUUID } from 'node:crypto'
import type { UpstreamError } from './error-catalog'
import { decodeOrganization, decodeRefusal, decodeSubscriber, decodeSubscribers } from './webex-decoding'
import type { Subscriber, SubscriberChange, SubscriberCreation } from './webex-types'

/** How long one call may take; Webex documents no limit of its own, and a job is to end within 30 s. */
const CALL_TIMEOUT_MS = 20_000

export interface WebexClientOptions {
  /** For example `https://webexapis.com/v1`, without a trailing slash. */
  baseUrl: string
  accessToken: string
  /** 20 seconds when not given. */
  timeoutMs?: number
}

/** What one call to Webex came to. `trackingId` finds the call in Cisco's logs. */
export interface Answer<Value> {
  value: Value
  httpStatus: number
  trackingId: string
}

/** Webex refused a call, or did not answer it. */
export class WebexError extends Error {
  override readonly name = 'WebexError'
  /** Null when no answer came: then it is not known whether the call was carried out. */
  readonly httpStatus: number | null
  readonly trackingId: string
  readonly errors: UpstreamError[]

  constructor(httpStatus: number | null, trackingId: string, message: string, errors: UpstreamError[]) {
    super(message)
    this.httpStatus = httpStatus
    this.trackingId = trackingId
    this.errors = errors
  }

  /** The same call may succeed later: no answer, a lock, a limit, or a fault on the other side. Source: Cisco's OpenAPI, status texts. */
  get isTransient(): boolean {
    return this.httpStatus === null || [423, 429].includes(this.httpStatus) || this.httpStatus >= 500
  }
}

/**
 * The subscriber calls of Webex for BroadWorks, as in Cisco's published OpenAPI.
 * Every method throws WebexError when the call is refused or not answered.
 */
export class WebexClient {
  private readonly options: WebexClientOptions

  constructor(options: WebexClientOptions) {
    this.options = options
  }

  async createSubscriber(creation: SubscriberCreation): Promise<Answer<Subscriber>> {
    return this.call('POST', '/broadworks/subscribers', decodeSubscriber, creation)
  }

  async getSubscriber(subscriberId: string): Promise<Answer<Subscriber>> {
    return this.call('GET', `/broadworks/subscribers/${encodeURIComponent(subscriberId)}`, decodeSubscriber)
  }

  /** The answer has the old values and the status `updating`; the new ones show once it is `provisioned`. */
  async updateSubscriber(subscriberId: string, change: SubscriberChange): Promise<Answer<Subscriber>> {
    return this.call('PUT', `/broadworks/subscribers/${encodeURIComponent(subscriberId)}`, decodeSubscriber, change)
  }

  async deleteSubscriber(subscriberId: string): Promise<Answer<null>> {
    return this.call('DELETE', `/broadworks/subscribers/${encodeURIComponent(subscriberId)}`, () => null)
  }

  /** The subscribers with one BroadWorks ID; more than one only across clusters. */
  async findSubscribers(userId: string): Promise<Answer<Subscriber[]>> {
    return this.call('GET', `/broadworks/subscribers?${new URLSearchParams({ userId, max: '100' })}`, decodeSubscribers)
  }

  /** The Webex organisation of an enterprise, or null while there is none. */
  async findOrganization(spEnterpriseId: string): Promise<Answer<string | null>> {
    return this.call('GET', `/broadworks/enterprises?${new URLSearchParams({ spEnterpriseId })}`, body =>
      decodeOrganization(body, spEnterpriseId),
    )
  }

  /** Sends the consent mail again; documented for `pending_user_migration` only. */
  async resendConsentEmail(subscriberId: string): Promise<Answer<null>> {
    return this.call('POST', `/subscribers/${encodeURIComponent(subscriberId)}/emails/consentMove`, () => null)
  }

  private async call<Value>(method: string, path: string, decode: (body: unknown) => Value, body?: object): Promise<Answer<Value>> {
    const { timeoutMs = CALL_TIMEOUT_MS } = this.options
    const sentTrackingId = `FLOWTHROUGH_${randomUUID()}`
    let response: Response
    let text: string
    try {
      response = await fetch(this.options.baseUrl + path, {
        method,
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${this.options.accessToken}`,
          trackingid: sentTrackingId,
          ...(body ? { 'content-type': 'application/json' } : {}),
        },
        body: body ? JSON.stringify(body) : null,
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      })
      text = await response.text()
    } catch (error) {
      throw noAnswer(sentTrackingId, timeoutMs, error)
    }
    const trackingId = response.headers.get('trackingid') ?? sentTrackingId
    const json = parseJson(text)
    if (!response.ok) throw refused(response.status, trackingId, json)
    try {
      return { value: decode(json), httpStatus: response.status, trackingId }
    } catch {
      // The call was carried out, yet what came of it cannot be read: the same case as an answer that never came.
      throw new WebexError(null, trackingId, 'Webex answered with something that is not in its contract.', [
        { code: null, httpStatus: null, upstreamText: null, trackingId },
      ])
    }
  }
}

function noAnswer(trackingId: string, timeoutMs: number, cause: unknown): WebexError {
  const timedOut = (cause as Error | undefined)?.name === 'TimeoutError'
  const text = timedOut ? `Webex did not answer within ${timeoutMs / 1000} seconds.` : 'Webex could not be reached.'
  return new WebexError(null, trackingId, text, [{ code: null, httpStatus: null, upstreamText: null, trackingId }])
}

function refused(httpStatus: number, sentTrackingId: string, body: unknown): WebexError {
  const { message, errors, trackingId: toldTrackingId } = decodeRefusal(body)
  const trackingId = toldTrackingId ?? sentTrackingId
  const text = message ?? `HTTP ${httpStatus}`
  const told = errors.map(({ code, description }) => ({ code, httpStatus, upstreamText: description ?? text, trackingId }))
  return new WebexError(httpStatus, trackingId, text, told.length > 0 ? told : [{ code: null, httpStatus, upstreamText: text, trackingId }])
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
