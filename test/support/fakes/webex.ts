import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface FakeSubscriber {
  id: string
  userId: string
  email: string
  status: string
  personId?: string
  [field: string]: unknown
}

/** One request and the means to answer it. */
export interface Exchange {
  method: string
  /** With its query. */
  path: string
  /** A form as well as JSON. */
  body: Record<string, unknown>
  authorization: string
  /** Does what was asked for; the answer is still to be sent. */
  carryOut(): void
  answer(status: number, body: unknown, headers?: Record<string, string>): void
  redirect(address: string): void
  /** Breaks the connection instead of an answer. */
  drop(): void
}

type Deal = (exchange: Exchange) => void | Promise<void>

/**
 * A Webex that can fail in ways in which the simulator cannot: one that does the work and then loses the answer. By itself it
 * provisions everybody at once.
 */
export interface FakeWebex {
  url: string
  subscribers: FakeSubscriber[]
  /** Method and path of everything that was asked, in order. */
  requests: string[]
  /** On whom an update goes on and on, as long as this says so. */
  isAtWorkOn: (subscriber: FakeSubscriber) => boolean
  /** Deals with the next request of this method in whose path or body `about` stands, in place of the usual answer. */
  next(method: string, about: string, deal: Deal): void
  stop(): Promise<void>
}

export async function startFakeWebex(): Promise<FakeWebex> {
  const subscribers: FakeSubscriber[] = []
  const requests: string[] = []
  const waiting: { method: string; about: string; deal: Deal }[] = []

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? ''
    const path = (request.url ?? '').replace(/^\/v1/, '')
    requests.push(`${method} ${path}`)
    const sent = await text(request)
    const isForm = request.headers['content-type'] === 'application/x-www-form-urlencoded'
    const body = (isForm ? Object.fromEntries(new URLSearchParams(sent)) : JSON.parse(sent || '{}')) as Record<string, unknown>
    const answer: Exchange['answer'] = (status, answered, headers = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', trackingid: `FAKE_${randomUUID()}`, ...headers })
      response.end(answered === undefined ? '' : typeof answered === 'string' ? answered : JSON.stringify(answered))
    }
    const exchange: Exchange = {
      method,
      path,
      body,
      authorization: request.headers.authorization ?? '',
      answer,
      carryOut: () => void act(webex, method, path, body),
      redirect: address => void response.writeHead(302, { location: address }).end(),
      drop: () => void request.socket.destroy(),
    }
    const index = waiting.findIndex(dealt => dealt.method === method && `${path} ${sent}`.includes(dealt.about))
    const [dealt] = index < 0 ? [] : waiting.splice(index, 1)
    if (dealt) return dealt.deal(exchange)
    answer(...act(webex, method, path, body))
  }

  const server = createServer((request, response) => void receive(request, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const webex: FakeWebex = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    subscribers,
    requests,
    isAtWorkOn: () => false,
    next: (method, about, deal) => void waiting.push({ method, about, deal }),
    async stop() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
  return webex
}

function act(
  { subscribers, isAtWorkOn }: FakeWebex,
  method: string,
  path: string,
  body: Record<string, unknown>,
): [status: number, answer: unknown] {
  const { pathname, searchParams } = new URL(path, 'http://fake.invalid')
  const id = /^\/broadworks\/subscribers\/([^/]+)$/.exec(pathname)?.[1]
  const index = subscribers.findIndex(subscriber => subscriber.id === id)
  const subscriber = subscribers[index]
  if (pathname === '/broadworks/enterprises') return [200, { items: [] }]
  if (pathname.endsWith('/validate')) return [200, { message: 'success', info: [{ infoCode: 100 }] }]
  if (method === 'POST') {
    const created = { ...body, id: randomUUID(), status: 'provisioning' } as FakeSubscriber
    subscribers.push(created)
    return [200, { ...created }]
  }
  if (!id) {
    const asked = searchParams.get('userId')
    return [200, { items: subscribers.filter(({ userId }) => asked === null || userId === asked).map(visible) }]
  }
  if (!subscriber)
    return [404, { message: 'The subscriber could not be found.', errors: [{ description: 'The subscriber could not be found.' }] }]
  if (method === 'DELETE') {
    subscribers.splice(index, 1)
    return [204, undefined]
  }
  if (method === 'PUT') {
    if (subscriber.status === 'updating')
      return [409, { message: 'An update is running.', errors: [{ description: 'An update is running.' }] }]
    Object.assign(subscriber, { status: 'updating', update: body })
    return [200, visible(subscriber)]
  }
  if (subscriber.update) {
    // The first look still sees the update run; it is done for the next.
    const running = visible(subscriber)
    if (isAtWorkOn(subscriber)) return [200, running]
    Object.assign(subscriber, subscriber.update, { status: 'provisioned', update: undefined })
    return [200, running]
  }
  return [200, Object.assign(subscriber, { status: 'provisioned', personId: subscriber.personId ?? randomUUID() })]
}

function visible({ update: _, ...subscriber }: FakeSubscriber): Record<string, unknown> {
  return subscriber
}
