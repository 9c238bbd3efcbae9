import { once } from 'node:events'
import { WebSocket } from 'ws'
import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import { makeTemplate, makeUser } from '../support/world/builders'
import { connect, hear, socketUrl } from '../support/world/socket'
import { eventually } from '../support/world/waiting'

let app: TestApp
let alice: TestPartner

beforeAll(async () => {
  app = await startTestApp({
    environment: {
      WEBSOCKET_CONNECTIONS_MAX: '2',
      WEBSOCKET_OPERATIONS_MAX: '3',
      RATE_LIMIT_ANONYMOUS_PER_MINUTE: '2',
      ANONYMOUS_BODY_LIMIT_BYTES: '2048',
    },
  })
  alice = await app.addPartner()
})
afterAll(() => app.stop())

interface Raw {
  socket: WebSocket
  messages: { type: string; payload?: unknown }[]
  /** Code and reason. */
  closed: Promise<[number, string]>
  init(payload: object): void
}

async function open(headers: Record<string, string> = {}, url = app.url): Promise<Raw> {
  const socket = new WebSocket(socketUrl(url), 'graphql-transport-ws', { headers })
  const messages: Raw['messages'] = []
  socket.on('message', data => messages.push(JSON.parse(String(data as Buffer)) as Raw['messages'][number]))
  const closed = once(socket, 'close').then(([code, reason]: unknown[]) => [code, String(reason)] as [number, string])
  await once(socket, 'open')
  return { socket, messages, closed, init: payload => socket.send(JSON.stringify({ type: 'connection_init', payload })) }
}

const authorization = (token: string) => ({ authorization: `Bearer ${token}` })

describe('A WebSocket', () => {
  it('is one of few that a token may have at a time', async () => {
    const { token } = alice.viewer
    const [first, second, third] = [await open(), await open(), await open()]
    for (const each of [first, second]) {
      each.init(authorization(token))
      await eventually(async () => each.messages.some(({ type }) => type === 'connection_ack'))
    }
    third.init(authorization(token))
    expect(await third.closed).toEqual([4429, 'A token may have 2 connections at a time.'])
    first.socket.close()
    await first.closed
    // Another token is another's, and who has left makes room.
    for (const free of [alice.operator.token, token]) {
      const next = await open()
      next.init(authorization(free))
      await eventually(async () => next.messages.some(({ type }) => type === 'connection_ack'))
      next.socket.close()
    }
    second.socket.close()
  })

  it('has few operations at a time', async () => {
    const client = connect(alice.operator)
    try {
      const watch = 'subscription { statusCountsChanged { count } }'
      const heard = [1, 2, 3].map(() => hear(client, watch))
      await Promise.all(heard.map(each => each.until(1)))
      const fourth = hear(client, watch)
      await eventually(async () => fourth.ended)
      expect(fourth.errors).toMatchObject([
        { message: expect.stringMatching(/may have 3 operations at a time/) as string, extensions: { code: 'RATE_LIMITED' } },
      ])
      heard[0]?.stop()
      const fifth = hear(client, watch)
      await fifth.until(1)
    } finally {
      await client.dispose()
    }
  })

  it('is closed when nothing has gone on over it for a while, and not before', async () => {
    const hasty = await startTestApp({ environment: { WEBSOCKET_IDLE_SECONDS: '1' } })
    const { admin } = await hasty.addPartner()
    const busy = connect(admin)
    try {
      const heard = hear<{ provisionedUserChanged: { userId: string } }>(busy, 'subscription { provisionedUserChanged { userId } }')
      for (let time = 0; time < 2; time += 1) {
        const idle = await open({}, hasty.url)
        idle.init(authorization(admin.token))
        expect(await idle.closed).toEqual([1000, 'Idle'])
      }
      // Twice the time has gone by for who waits for something to happen.
      await makeUser(admin, await makeTemplate(admin))
      await heard.until(1)
      expect(heard.ended).toBe(false)
    } finally {
      await busy.dispose()
      await hasty.stop()
    }
  })

  it('without a valid token is refused, and soon altogether', async () => {
    const from = { 'x-forwarded-for': '192.0.2.77' }
    const codes: number[] = []
    for (const token of ['flt_wrong', 'flt_other', 'flt_third']) {
      const stranger = await open(from)
      stranger.init(authorization(token))
      codes.push((await stranger.closed)[0])
    }
    expect(codes).toEqual([4401, 4401, 4429])
    const elsewhere = await open({ 'x-forwarded-for': '192.0.2.78' })
    elsewhere.init({})
    expect((await elsewhere.closed)[0]).toBe(4401)
  })

  it('takes no long message before it knows whose it is', async () => {
    const stranger = await open({ 'x-forwarded-for': '192.0.2.79' })
    stranger.init({ ...authorization(alice.viewer.token), padding: 'x'.repeat(2048) })
    expect((await stranger.closed)[0]).toBe(1009)
    const viewer = connect(alice.viewer)
    try {
      const heard = hear(viewer, `{ viewer { name } } # ${'x'.repeat(10_000)}`)
      await heard.until(1)
    } finally {
      await viewer.dispose()
    }
  })

  it('is ended when its client sends pings with a burden, or names an operation at length', async () => {
    for (const message of [
      { type: 'ping', payload: { burden: 'x'.repeat(1024) } },
      { id: 'x'.repeat(129), type: 'subscribe', payload: { query: '{ viewer { name } }' } },
    ]) {
      const raw = await open()
      raw.init(authorization(alice.operator.token))
      await eventually(async () => raw.messages.some(({ type }) => type === 'connection_ack'))
      raw.socket.send(JSON.stringify({ type: 'ping', payload: { at: 1 } }))
      await eventually(async () => raw.messages.some(({ type, payload }) => type === 'pong' && JSON.stringify(payload) === '{"at":1}'))
      raw.socket.send(JSON.stringify(message))
      expect((await raw.closed)[0]).toBe(4400)
    }
  })

  it('is ended when more comes over it than has to be read', async () => {
    const raw = await open()
    raw.init(authorization(alice.operator.token))
    await eventually(async () => raw.messages.some(({ type }) => type === 'connection_ack'))
    for (let sent = 0; sent < 12; sent += 1) raw.socket.send(JSON.stringify({ type: 'complete', id: 'x', burden: 'x'.repeat(1_000_000) }))
    expect(await raw.closed).toEqual([4429, 'Too much at a time.'])
  })

  it('is ended when its client asks on and on, and reads nothing', async () => {
    for (const token of [null, alice.operator.token]) {
      const raw = await open({ 'x-forwarded-for': '192.0.2.90' })
      if (token) {
        raw.init(authorization(token))
        await eventually(async () => raw.messages.some(({ type }) => type === 'connection_ack'))
      }
      raw.socket.pause()
      const ping = JSON.stringify({ type: 'ping', payload: { burden: 'x'.repeat(900) } })
      // More than the two ends of the connection keep by themselves, and the server beside them.
      const flood = setInterval(() => {
        for (let sent = 0; sent < 2000 && raw.socket.readyState === WebSocket.OPEN; sent += 1) raw.socket.send(ping)
      }, 5)
      const failed = new Promise(resolve => raw.socket.once('error', resolve))
      raw.socket.on('error', () => undefined)
      try {
        const left = once(raw.socket, 'close')
        await eventually(async () => {
          // A client that has stopped reading is not told; the next thing that it sends fails.
          return (
            raw.socket.readyState !== WebSocket.OPEN ||
            (await Promise.race([
              failed.then(() => true),
              left.then(() => true),
              new Promise<false>(resolve => setTimeout(() => resolve(false), 50)),
            ]))
          )
        })
      } finally {
        clearInterval(flood)
        raw.socket.terminate()
      }
    }
  }, 60_000)

  it('is refused to a network that has many open without saying whose they are', async () => {
    const from = { 'x-forwarded-for': '192.0.2.80' }
    const waiting = await Promise.all(Array.from({ length: 50 }, () => open(from)))
    const socket = new WebSocket(socketUrl(app.url), 'graphql-transport-ws', { headers: from })
    const [, response] = (await once(
      socket.on('error', () => undefined),
      'unexpected-response',
    )) as [unknown, NodeJS.ReadableStream & { statusCode: number }]
    expect(response.statusCode).toBe(429)
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    expect(JSON.parse(Buffer.concat(chunks).toString())).toMatchObject({
      errors: [{ extensions: { code: 'RATE_LIMITED', requestId: expect.any(String) } }],
    })
    const elsewhere = await open({ 'x-forwarded-for': '192.0.2.81' })
    for (const each of [...waiting, elsewhere]) each.socket.terminate()
    await Promise.all(waiting.map(each => each.closed))
    const next = await eventually(() => open(from).catch(() => null))
    next.socket.terminate()
  })
})
