import { openRaw, type RawAnswer, rawAnswer, sendRaw } from '../support/world/raw-http'
import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import { eventually } from '../support/world/waiting'

let app: TestApp
let alice: TestPartner

beforeAll(async () => {
  app = await startTestApp()
  alice = await app.addPartner()
})
afterAll(() => app.stop())

const TYPENAME = JSON.stringify({ query: '{ __typename }' })

interface Told {
  errors: { message: string; extensions: { code: string; requestId: string } }[]
}

/** The documented form, whatever went wrong, with the headers of every answer. */
function expectError({ status, headers, body }: RawAnswer, expected: [status: number, code: string], message: RegExp): void {
  const { errors, ...rest } = JSON.parse(body) as Told
  const { message: told, extensions } = errors[0] as Told['errors'][0]
  expect([status, extensions.code, headers['content-type'], errors.length, rest]).toEqual([
    ...expected,
    'application/json; charset=utf-8',
    1,
    {},
  ])
  expect(told).toMatch(message)
  expect(extensions.requestId).toMatch(/^[0-9a-f-]{36}$/)
  expect(headers).toMatchObject({
    'x-request-id': extensions.requestId,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  })
  expect(headers['content-security-policy']).toContain("default-src 'none'")
}

async function answerOf(response: Response): Promise<RawAnswer> {
  return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() }
}

function post(url: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })
}

describe('What is no request', () => {
  it.each<[string, string[], [number, string], RegExp]>([
    ['no HTTP at all', ['hello', '', ''], [400, 'BAD_USER_INPUT'], /not HTTP/],
    ['a method that there is not', ['FROB / HTTP/1.1', 'Host: x', '', ''], [400, 'BAD_USER_INPUT'], /not HTTP/],
    ['a header without a name', ['GET / HTTP/1.1', 'Host: x', ': y', '', ''], [400, 'BAD_USER_INPUT'], /not HTTP/],
    [
      'two lengths, as smugglers send them',
      ['POST /graphql HTTP/1.1', 'Host: x', 'Content-Length: 3', 'Transfer-Encoding: chunked', '', ''],
      [400, 'BAD_USER_INPUT'],
      /not HTTP/,
    ],
    ['headers of 20 kB', ['GET / HTTP/1.1', 'Host: x', `X: ${'x'.repeat(20_000)}`, '', ''], [431, 'BAD_USER_INPUT'], /16 kB/],
    ['a tunnel', ['CONNECT example.com:443 HTTP/1.1', 'Host: x', '', ''], [405, 'BAD_USER_INPUT'], /no proxy/],
    [
      'a WebSocket of another version',
      [
        ...['GET /graphql HTTP/1.1', 'Host: x', 'Upgrade: websocket', 'Connection: Upgrade'],
        ...['Sec-WebSocket-Version: 7', 'Sec-WebSocket-Key: x', '', ''],
      ],
      [400, 'BAD_USER_INPUT'],
      /WebSocket/,
    ],
    ['no host', ['GET /healthz HTTP/1.1', 'Connection: close', '', ''], [400, 'BAD_USER_INPUT'], /Host/],
    [
      'an expectation that nobody knows',
      ['GET /healthz HTTP/1.1', 'Host: x', 'Expect: a-miracle', 'Connection: close', '', ''],
      [417, 'BAD_USER_INPUT'],
      /Expect/,
    ],
    ['a path that cannot be decoded', ['GET /%zz HTTP/1.1', 'Host: x', 'Connection: close', '', ''], [400, 'BAD_USER_INPUT'], /%zz/],
    ['a path that is not there', ['GET /nope HTTP/1.1', 'Host: x', 'Connection: close', '', ''], [404, 'NOT_FOUND'], /nothing/],
    ['an odd method', ['PROPFIND /graphql HTTP/1.1', 'Host: x', 'Connection: close', '', ''], [404, 'NOT_FOUND'], /nothing/],
    [
      'a method that the path does not take',
      ['DELETE /graphql HTTP/1.1', 'Host: x', 'Connection: close', '', ''],
      [405, 'BAD_USER_INPUT'],
      /GET/,
    ],
    [
      'an upgrade with a body',
      ['POST /graphql HTTP/1.1', 'Host: x', 'Connection: upgrade', 'Upgrade: h2c', 'Content-Length: 2', '', '{}'],
      [400, 'BAD_USER_INPUT'],
      /upgrade/,
    ],
  ])('is answered in the documented form: %s', async (_name, lines, expected, message) => {
    expectError(await sendRaw(app.url, ...lines), expected, message)
  })
})

describe('A body that is too large', () => {
  it('is told the limit that held, with a token and without', async () => {
    const token = { authorization: `Bearer ${alice.admin.token}` }
    const body = (bytes: number) => TYPENAME + ' '.repeat(bytes - TYPENAME.length)
    expect((await post(app.url, body(1024 * 1024), token)).status).toBe(200)
    expectError(await answerOf(await post(app.url, body(1024 * 1024 + 1), token)), [413, 'BAD_USER_INPUT'], /1 MB at most/)
    expectError(await answerOf(await post(app.url, body(100 * 1024 + 1))), [413, 'BAD_USER_INPUT'], /100 kB at most/)
    expectError(await answerOf(await post(app.url, body(100 * 1024))), [401, 'UNAUTHENTICATED'], /token/)
    const portal = await fetch(`${app.url}/activation/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: body(100 * 1024 + 1),
    })
    expectError(await answerOf(portal), [413, 'BAD_USER_INPUT'], /100 kB at most/)
  })

  it('is told an odd limit in bytes', async () => {
    const small = await startTestApp({ environment: { ANONYMOUS_BODY_LIMIT_BYTES: '1025' } })
    try {
      expectError(await answerOf(await post(small.url, ' '.repeat(1026))), [413, 'BAD_USER_INPUT'], /1025 bytes at most/)
    } finally {
      await small.stop()
    }
  })
})

describe('A request that comes too slowly', () => {
  let impatient: TestApp

  beforeAll(async () => {
    impatient = await startTestApp({ environment: { REQUEST_TIMEOUT_MS: '1500' } })
  })
  afterAll(() => impatient.stop())

  it.each([
    ['nothing at all', []],
    ['half of a header', ['GET /healthz HTTP/1.1', 'Host: x', 'X-Slow: ']],
    [
      'a part of its body',
      ['POST /activation/graphql HTTP/1.1', 'Host: x', 'Content-Type: application/json', 'Content-Length: 100', '', '{'],
    ],
  ])('is ended with an answer: %s', async (_name, lines) => {
    expectError(await sendRaw(impatient.url, ...lines), [408, 'BAD_USER_INPUT'], /too slowly/)
  })

  it('does not keep others from theirs', async () => {
    const slow = Array.from({ length: 20 }, () => openRaw(impatient.url))
    slow.forEach(({ send }) => send('GET /healthz HTTP/1.1', 'Host: x', ''))
    expect((await fetch(`${impatient.url}/healthz`)).status).toBe(200)
    for (const connection of slow) expectError(rawAnswer(await connection.received()), [408, 'BAD_USER_INPUT'], /too slowly/)
  })
})

describe('A server that has too much to do', () => {
  it('says so and when to come again, and is alive but not ready meanwhile', async () => {
    const busy = await startTestApp({ environment: { OVERLOAD_DELAY_MS: '100' } })
    const { admin } = await busy.addPartner()
    const hold = () => {
      const until = performance.now() + 200
      while (performance.now() < until);
    }
    const work = setInterval(hold, 0)
    try {
      const ask = () => post(busy.url, TYPENAME, { authorization: `Bearer ${admin.token}` })
      const refused = await eventually(async () => {
        const answer = await answerOf(await ask())
        return answer.status === 200 ? null : answer
      }, 30_000)
      expectError(refused, [503, 'UNAVAILABLE'], /too much to do/)
      expect(refused.headers['retry-after']).toBe('5')
      expect((await fetch(`${busy.url}/healthz`)).status).toBe(200)
      const ready = await fetch(`${busy.url}/readyz`)
      expect([ready.status, await ready.json()]).toEqual([503, { status: 'unavailable' }])
      clearInterval(work)
      await eventually(async () => (await ask()).status === 200)
      await eventually(async () => (await fetch(`${busy.url}/readyz`)).status === 200)
    } finally {
      clearInterval(work)
      await busy.stop()
    }
  }, 60_000)
})

describe('A server that stops', () => {
  it('refuses what still comes, and ends the connection', async () => {
    const stopping = await startTestApp()
    const connection = openRaw(stopping.url)
    connection.send('GET /healthz HTTP/1.1', 'Host: x', '')
    await eventually(async () => connection.socket.bytesWritten > 0)
    // So that the server has read the first half.
    expect((await fetch(`${stopping.url}/healthz`)).status).toBe(200)
    const stopped = stopping.stop()
    await eventually(async () =>
      fetch(`${stopping.url}/healthz`).then(
        () => false,
        () => true,
      ),
    )
    connection.send('', '')
    const answer = rawAnswer(await connection.received())
    expectError(answer, [503, 'UNAVAILABLE'], /is stopping/)
    expect(answer.headers).toMatchObject({ connection: 'close', 'retry-after': '5' })
    await stopped
  })
})
