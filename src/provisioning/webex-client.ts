import { randomUUID } from 'node:crypto'
import LinkHeader from 'http-link-header'
import type { Timestamp } from '../shared/clock'
import type { UpstreamError } from './error-catalog'
import { decodeEnterprises, decodeRefusal, decodeSubscriber, decodeSubscribers } from './webex-decoding'
import type { Enterprise, Subscriber, SubscriberChange, SubscriberCreation } from './webex-types'

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

/** A page of a list, and the path that leads to the next one; null on the last. */
export interface Page<Item> {
  items: Item[]
  nextPage: string | null
}

/** Webex refused a call, or did not answer it. */
export class WebexError extends Error {
  override readonly name = 'WebexError'
  /** Null when no answer came: then it is not known whether the call was carried out. */
  readonly httpStatus: number | null
  readonly trackingId: string
  readonly errors: UpstreamError[]
  /** How long Webex asks us to wait before the next call; null when it does not say. */
  readonly retryAfterMs: number | null

  constructor(
    httpStatus: number | null,
    trackingId: string,
    message: string,
    errors: UpstreamError[],
    retryAfterMs: number | null = null,
  ) {
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
    return this.call('GET', `/broadworks/enterprises?${new URLSearchParams({ spEnterpriseId })}`, body => {
      const enterprise = decodeEnterprises(body).find(candidate => candidate.spEnterpriseId === spEnterpriseId)
      return enterprise?.orgId ?? null
    })
  }

  /** Subscribers, 100 a page, oldest first. `changedAfter` leaves out those whose `lastStatusChange` is not later. */
  async listSubscribers({ changedAfter, page }: { changedAfter?: Timestamp; page?: string } = {}): Promise<Answer<Page<Subscriber>>> {
    const query = new URLSearchParams({ max: '100', ...(changedAfter ? { lastStatusChange: String(Date.parse(changedAfter)) } : {}) })
    return this.page(page ?? `/broadworks/subscribers?${query}`, decodeSubscribers)
  }

  /** Enterprises, 100 a page. */
  async listEnterprises(page?: string): Promise<Answer<Page<Enterprise>>> {
    return this.page(page ?? '/broadworks/enterprises?max=100', decodeEnterprises)
  }

  /**
   * Asks whether an address could be given to a new user; changes nothing. It does not see consumer accounts (a known issue of Cisco's).
   * @throws WebexError with what speaks against it
   */
  async precheck(email: string): Promise<Answer<null>> {
    return this.call('POST', '/broadworks/subscribers/validate', () => null, { email })
  }

  /** Sends the consent mail again; documented for `pending_user_migration` only. */
  async resendConsentEmail(subscriberId: string): Promise<Answer<null>> {
    return this.call('POST', `/subscribers/${encodeURIComponent(subscriberId)}/emails/consentMove`, () => null)
  }

  /** The link to the next page is opaque, so it is followed as it came; never to another server, which would get our token. */
  private async page<Item>(path: string, decode: (body: unknown) => Item[]): Promise<Answer<Page<Item>>> {
    return this.call('GET', path, (body, headers) => {
      const link = LinkHeader.parse(headers.get('link') ?? '').rel('next')[0]?.uri ?? null
      if (link !== null && !link.startsWith(`${this.options.baseUrl}/`)) throw new Error('The link to the next page leads elsewhere.')
      return { items: decode(body), nextPage: link && link.slice(this.options.baseUrl.length) }
    })
  }

  private async call<Value>(
    method: string,
    path: string,
    decode: (body: unknown, headers: Headers) => Value,
    body?: object,
  ): Promise<Answer<Value>> {
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
    if (!response.ok) throw refused(response.status, trackingId, json, retryAfterMs(response.headers.get('retry-after')))
    try {
      return { value: decode(json, response.headers), httpStatus: response.status, trackingId }
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

function refused(httpStatus: number, sentTrackingId: string, body: unknown, retryAfter: number | null): WebexError {
  const { message, errors, trackingId: toldTrackingId } = decodeRefusal(body)
  const trackingId = toldTrackingId ?? sentTrackingId
  const text = message ?? `HTTP ${httpStatus}`
  const told = errors.map(({ code, description }) => ({ code, httpStatus, upstreamText: description ?? text, trackingId }))
  const passedOn = told.length > 0 ? told : [{ code: null, httpStatus, upstreamText: text, trackingId }]
  return new WebexError(httpStatus, trackingId, text, passedOn, retryAfter)
}

/** The header is in seconds, or a date (RFC 9110); Webex documents seconds. */
function retryAfterMs(header: string | null): number | null {
  if (header === null) return null
  const waitMs = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return Number.isNaN(waitMs) ? null : Math.max(0, waitMs)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
