import { type Client, createClient, type FormattedExecutionResult } from 'graphql-ws'
import { WebSocket } from 'ws'
import type { Actor, Answer, TopLevelError } from './actor'
import { eventually } from './waiting'

/** What came of an operation over a socket, so far. */
export interface Heard<Data> {
  events: Data[]
  /** Of the operation as a whole, or of single events. */
  errors: TopLevelError[]
  /** The operation is over, by either side. */
  ended: boolean
  stop(): void
  /** Waits until as many events have come. */
  until(count: number): Promise<Data[]>
}

/** A connection as somebody's, over a real WebSocket. */
export function connect({ url, token }: Pick<Actor, 'url' | 'token'>, authorization: string | null = `Bearer ${token}`): Client {
  return createClient({
    url: socketUrl(url),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    lazy: true,
    connectionParams: authorization === null ? {} : { authorization },
  })
}

export function socketUrl(url: string): string {
  return `${url.replace(/^http/, 'ws')}/graphql`
}

/** Sends an operation and keeps what comes. */
export function hear<Data>(client: Client, query: string, variables: Record<string, unknown> = {}): Heard<Data> {
  const stop = client.subscribe<Data>(
    { query, variables },
    {
      next({ data, errors }: FormattedExecutionResult<Data>) {
        if (data) heard.events.push(data)
        heard.errors.push(...((errors ?? []) as unknown as TopLevelError[]))
      },
      error(cause) {
        heard.ended = true
        if (Array.isArray(cause)) heard.errors.push(...(cause as TopLevelError[]))
        // A connection that was closed says by its code why.
        else if (typeof (cause as { code?: unknown }).code === 'number') {
          const { code, reason } = cause as { code: number; reason: string }
          heard.errors.push({ message: reason, extensions: { code: String(code), requestId: '' } })
        }
      },
      complete: () => void (heard.ended = true),
    },
  )
  const heard: Heard<Data> = {
    events: [],
    errors: [],
    ended: false,
    stop,
    until: count => eventually(async () => (heard.events.length >= count ? heard.events : null)),
  }
  return heard
}

/** As `ask` of an actor, for a subscription: its first event, or the errors that it ended with, in the form of an answer over HTTP. */
export async function askOverSocket<Data>(actor: Actor, query: string, variables: Record<string, unknown>): Promise<Answer<Data>> {
  const client = connect(actor)
  try {
    const heard = hear<Data>(client, query, variables)
    await eventually(async () => heard.ended || heard.events.length > 0)
    const { events, errors } = heard
    const headers = new Headers({
      'content-type': 'application/json; charset=utf-8',
      'x-request-id': errors[0]?.extensions.requestId ?? '',
    })
    // HTTP refuses this character before it looks at the request.
    const status = errors.some(({ message }) => message.includes('U+0000')) ? 400 : 200
    return { status, headers, data: events[0] as Data, errors, extensions: undefined }
  } finally {
    await client.dispose()
  }
}
