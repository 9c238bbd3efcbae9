import LinkHeader from 'http-link-header'
import type { Timestamp } from '../shared/clock'
import type { CallGate } from './call-gate'
import {
  decodeEnterprisePage,
  decodeEnterprises,
  decodePrecheck,
  decodeSubscriber,
  decodeSubscriberPage,
  decodeSubscribers,
  type ReadablePage,
} from './webex-decoding'
import { NotSent, refusedHere } from './webex-error'
import { type Answered, exchange, isSuccess, refusal, unreadable } from './webex-exchange'
import type { Enterprise, PrecheckInfo, Subscriber, SubscriberChange, SubscriberCreation, SubscriberPrecheck } from './webex-types'

/** How long one call may take; Webex documents no limit of its own, and a job is to end within 30 s. */
const CALL_TIMEOUT_MS = 20_000
/** How long a call waits for its token, beside its own time. The renewal itself goes on. */
const TOKEN_MAX_MS = 5000

export interface WebexClientOptions {
  /** For example `https://webexapis.com/v1`, without a trailing slash. */
  baseUrl: string
  accessToken: string | AccessTokens
  /** Through which all calls of the partner go; without one, calls are made at once. */
  gate?: CallGate
  /** Why only reading is allowed; null when everything is. */
  readOnlyReason?: () => string | null
  /** 20 seconds when not given. */
  timeoutMs?: number
}

/** Tokens that are renewed. */
export interface AccessTokens {
  /** @throws WebexError when there is none to be had */
  current(): Promise<string>
  /** Another token in place of one that Webex refused; the same when a new one would be no better. @throws WebexError */
  renew(refused: string): Promise<string>
}

/** What one call to Webex came to. `trackingId` finds the call in Cisco's logs. */
export interface Answer<Value> {
  value: Value
  httpStatus: number
  trackingId: string
}

/** A page of a list, and the path that leads to the next one; null on the last. */
export interface Page<Item> extends ReadablePage<Item> {
  nextPage: string | null
}

/**
 * The subscriber calls of Webex for BroadWorks, as in Cisco's published OpenAPI.
 * Every method throws WebexError when the call is refused or not answered, and NotSent when it was not made, because Webex wants no
 * calls for the moment or too many wait for their turn.
 */
export class WebexClient {
  private readonly options: WebexClientOptions

  constructor(options: WebexClientOptions) {
    this.options = options
  }

  /** Until when calls are not sent, because Webex wants none; null while they are. */
  closedUntil(): Date | null {
    return this.options.gate?.closedUntil() ?? null
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
    return this.page(page ?? `/broadworks/subscribers?${query}`, decodeSubscriberPage)
  }

  /** Enterprises, 100 a page. */
  async listEnterprises(page?: string): Promise<Answer<Page<Enterprise>>> {
    return this.page(page ?? '/broadworks/enterprises?max=100', decodeEnterprisePage)
  }

  /**
   * Asks whether a subscriber could be made; changes nothing. It does not see consumer accounts (a known issue of Cisco's).
   * @throws WebexError with what speaks against it
   */
  async precheck(subject: SubscriberPrecheck): Promise<Answer<PrecheckInfo[]>> {
    return this.call('POST', '/broadworks/subscribers/validate', decodePrecheck, subject)
  }

  /** Sends the consent mail again; documented for `pending_user_migration` only. */
  async resendConsentEmail(subscriberId: string): Promise<Answer<null>> {
    return this.call('POST', `/subscribers/${encodeURIComponent(subscriberId)}/emails/consentMove`, () => null)
  }

  /** The link to the next page is opaque, so it is followed as it came; never to another server, which would get our token. */
  private async page<Item>(path: string, decode: (body: unknown) => ReadablePage<Item>): Promise<Answer<Page<Item>>> {
    return this.call('GET', path, (body, headers) => {
      const link = LinkHeader.parse(headers.get('link') ?? '').rel('next')[0]?.uri ?? null
      if (link !== null && !link.startsWith(`${this.options.baseUrl}/`)) throw new Error('The link to the next page leads elsewhere.')
      return { ...decode(body), nextPage: link && link.slice(this.options.baseUrl.length) }
    })
  }

  private async call<Value>(
    method: string,
    path: string,
    decode: (body: unknown, headers: Headers) => Value,
    body?: object,
  ): Promise<Answer<Value>> {
    const { gate } = this.options
    const send = () => this.send(method, path, body)
    const { json, headers, httpStatus, trackingId } = await (gate ? gate.pass(send) : send())
    try {
      return { value: decode(json, headers), httpStatus, trackingId }
    } catch {
      throw unreadable(trackingId)
    }
  }

  /** A token that Webex no longer takes is renewed once; if it does not take the new one either, that is the answer. */
  private async send(method: string, path: string, body?: object): Promise<Answered> {
    const { accessToken, gate, readOnlyReason, timeoutMs = CALL_TIMEOUT_MS } = this.options
    const token = typeof accessToken === 'string' ? accessToken : await soon(accessToken.current())
    // After the token, with which its scope comes.
    const reason = method === 'GET' ? null : readOnlyReason?.()
    if (reason) throw refusedHere(403, reason)
    const signal = AbortSignal.timeout(timeoutMs)
    const sendWith = (bearer: string): Promise<Answered> => {
      const headers = { authorization: `Bearer ${bearer}`, ...(body ? { 'content-type': 'application/json' } : {}) }
      const request = { method, headers, body: body ? JSON.stringify(body) : null }
      return exchange(this.options.baseUrl + path, request, timeoutMs, signal)
    }
    let answered = await sendWith(token)
    if (answered.httpStatus === 401 && typeof accessToken !== 'string') {
      const renewed = await soon(accessToken.renew(token))
      if (renewed !== token) answered = await sendWith(renewed)
    }
    if (isSuccess(answered)) return answered
    if (isAboutAllCalls(answered, method, path)) gate?.close(answered.retryAfterMs)
    throw refusal(answered)
  }
}

/** "Too many requests" always, and a lock when it is not that of one subscriber. */
function isAboutAllCalls({ httpStatus }: Answered, method: string, path: string): boolean {
  return httpStatus === 429 || (httpStatus === 423 && method === 'GET' && !path.startsWith('/broadworks/subscribers/'))
}

/** The renewal of a token may have to wait for another process; a call must not wait long for it. */
function soon(token: Promise<string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new NotSent('The access token of Webex is still being renewed.', TOKEN_MAX_MS))
    const timer = setTimeout(giveUp, TOKEN_MAX_MS)
    token.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
