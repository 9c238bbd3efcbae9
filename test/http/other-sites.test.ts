import type { IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import { isAllowedOrigin } from '../../src/http/socket/socket-origin'
import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import { makeTemplate, makeUser, nextNumber } from '../support/world/builders'
import { ExportUsersDocument, FindTemplateDocument } from '../support/operations/operations.generated'
import { visitPortal } from '../support/world/portal'
import { rawAnswer, openRaw } from '../support/world/raw-http'
import { socketUrl } from '../support/world/socket'
import { dumpTables } from '../support/database/table-dump'

const KNOWN = 'https://app.alice.example'
const UNKNOWN = 'https://app.mallory.example'
const TYPENAME = JSON.stringify({ query: '{ __typename }' })

let app: TestApp
let alice: TestPartner

beforeAll(async () => {
  app = await startTestApp({ environment: { CORS_ORIGINS: `https://else.alice.example, ${KNOWN}`, RATE_LIMIT_ANONYMOUS_PER_MINUTE: '5' } })
  alice = await app.addPartner()
})
afterAll(() => app.stop())

/** What the answer says to browsers about pages of other sites. */
function shared({ headers }: Response): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')))
}

function ask(headers: Record<string, string> = {}, body = TYPENAME, server = app): Promise<Response> {
  return fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${alice.admin.token}`, ...headers },
    body,
  })
}

function preflight(path: string, origin: string, server = app): Promise<Response> {
  const headers = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' }
  return fetch(server.url + path, { method: 'OPTIONS', headers })
}

describe('A page of an origin in CORS_ORIGINS', () => {
  it('may ask, and is told which headers it may send', async () => {
    const response = await preflight('/graphql', KNOWN)
    expect([response.status, await response.text(), response.headers.get('vary')]).toEqual([204, '', expect.stringContaining('Origin')])
    const { 'access-control-allow-headers': allowed, 'access-control-expose-headers': exposed, ...rest } = shared(response)
    expect(rest).toEqual({
      'access-control-allow-origin': KNOWN,
      'access-control-allow-methods': 'GET, POST',
      'access-control-max-age': '3600',
    })
    expect(allowed?.split(', ')).toEqual(
      expect.arrayContaining(['authorization', 'content-type', 'apollo-require-preflight', 'traceparent']),
    )
    expect(exposed?.split(', ')).toEqual(expect.arrayContaining(['x-request-id', 'retry-after', 'ratelimit', 'ratelimit-policy']))
  })

  it.each<[string, number, () => Promise<Response>]>([
    ['what it asked for', 200, () => ask({ origin: KNOWN })],
    ['that the JSON is bad', 400, () => ask({ origin: KNOWN }, '{')],
    ['that the token is wrong', 401, () => ask({ origin: KNOWN, authorization: 'Bearer flt_unknown' })],
    ['that the method is not taken', 405, () => fetch(`${app.url}/graphql`, { method: 'PUT', headers: { origin: KNOWN } })],
    ['that it asks for too much', 413, () => ask({ origin: KNOWN }, ' '.repeat(1024 * 1024 + 1))],
    ['that the content type is wrong', 415, () => ask({ origin: KNOWN, 'content-type': 'text/plain' })],
    ['that a download is not there', 404, () => fetch(`${app.url}/downloads/x`, { headers: { origin: KNOWN } })],
    [
      'that it asks too often',
      429,
      async () => {
        const stranger = () => ask({ origin: KNOWN, authorization: 'Bearer flt_unknown', 'x-forwarded-for': '192.0.2.77' })
        for (let times = 0; times < 5; times += 1) await stranger()
        return stranger()
      },
    ],
  ])('can read %s', async (_name, status, send) => {
    const response = await send()
    expect([response.status, shared(response)]).toEqual([
      status,
      { 'access-control-allow-origin': KNOWN, 'access-control-expose-headers': expect.stringContaining('x-request-id') },
    ])
  })

  it('can read a file', async () => {
    const { exportUsers } = await alice.operator.get(ExportUsersDocument, { input: { format: 'CSV' } })
    const response = await fetch(exportUsers?.downloadUrl ?? '', { headers: { origin: KNOWN } })
    expect([response.status, shared(response)['access-control-allow-origin']]).toEqual([200, KNOWN])
  })

  it.each(['/activation/graphql', '/activate/x', '/graphiql', '/healthz', '/dev/outbox', '/graphql/x', '/nope'])(
    'can read nothing else: %s',
    async path => {
      expect(shared(await preflight(path, KNOWN))).toEqual({})
      expect(shared(await fetch(app.url + path, { headers: { origin: KNOWN } }))).toEqual({})
      expect(shared(await fetch(app.url + path, { method: 'POST', headers: { origin: KNOWN } }))).toEqual({})
    },
  )
})

describe('A page of another origin', () => {
  const lookalikes = [
    UNKNOWN,
    'null',
    'http://app.alice.example',
    `${KNOWN}.mallory.example`,
    `${KNOWN}:8443`,
    'https://app.alice.example/',
    'HTTPS://APP.ALICE.EXAMPLE',
    '*',
  ]

  it.each(lookalikes)('is told nothing, so its browser refuses: %s', async origin => {
    const question = await preflight('/graphql', origin)
    expect([question.status, shared(question)]).toEqual([405, {}])
    expect(shared(await ask({ origin }))).toEqual({})
  })

  it('is told nothing by a server without CORS_ORIGINS', async () => {
    const closed = await startTestApp()
    try {
      for (const origin of [KNOWN, closed.url]) {
        const question = await preflight('/graphql', origin, closed)
        expect([question.status, shared(question), question.headers.get('vary')]).toEqual([405, {}, null])
        expect(shared(await ask({ origin }, TYPENAME, closed))).toEqual({})
      }
    } finally {
      await closed.stop()
    }
  })
})

describe('A WebSocket', () => {
  const opened = (origin: string | undefined) =>
    new Promise<number>((resolve, reject) => {
      const socket = new WebSocket(socketUrl(app.url), 'graphql-transport-ws', origin === undefined ? {} : { origin })
      socket.once('open', () => {
        socket.close()
        resolve(101)
      })
      socket.once('unexpected-response', (_request, response) => {
        response.destroy()
        resolve(response.statusCode ?? 0)
      })
      socket.once('error', reject)
    })

  it.each<[string, () => string | undefined]>([
    ['no page', () => undefined],
    ['a page of this server', () => app.url],
    ['a page of an origin in CORS_ORIGINS', () => KNOWN],
  ])('is opened for %s', async (_name, origin) => {
    expect(await opened(origin())).toBe(101)
  })

  it.each([UNKNOWN, 'null', `${KNOWN}:8443`, 'http://127.0.0.1:1', 'not an origin'])(
    'is refused to a page of another: %s',
    async origin => {
      expect(await opened(origin)).toBe(403)
    },
  )

  it('is refused in the documented form', async () => {
    const connection = openRaw(app.url)
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
    const head = ['GET /graphql HTTP/1.1', 'Host: x', 'Connection: upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', key]
    connection.send(...head, `Origin: ${UNKNOWN}`, '', '')
    const { status, headers, body } = rawAnswer(await connection.received())
    const requestId = headers['x-request-id']
    expect([status, JSON.parse(body)]).toEqual([
      403,
      { errors: [{ message: expect.stringContaining('CORS_ORIGINS'), extensions: { code: 'FORBIDDEN', requestId } }] },
    ])
    expect(headers['content-security-policy']).toContain("default-src 'none'")
  })

  it('of a server behind a proxy is for pages of its public address', () => {
    const behind = { config: app.platform.config, publicUrl: () => 'https://flow.alice.example/base' }
    const isAllowed = (origin: string) => isAllowedOrigin(behind, { headers: { origin, host: '10.0.0.7:4000' } } as IncomingMessage)
    expect(isAllowed('https://flow.alice.example')).toBe(true)
    for (const origin of ['http://flow.alice.example', 'https://flow.mallory.example']) expect(isAllowed(origin)).toBe(false)
  })
})

/** The forms that a page of any site can send without asking first. */
const SIMPLE = ['text/plain', 'text/plain;charset=UTF-8', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '']

describe('A form of another site', () => {
  it.each(SIMPLE)('does nothing at /graphql, even with a token: %s', async type => {
    const template = await makeTemplate(alice.admin)
    const query = `mutation { deleteOnboardingTemplate(input: { id: "${template}" }) { deletedOnboardingTemplateId } }`
    const before = await dumpTables(app.platform)
    for (const body of formsOf(query)) {
      const response = await fetch(`${app.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': type, authorization: `Bearer ${alice.admin.token}`, origin: UNKNOWN },
        body: new Blob([body]),
      })
      expect([response.status, shared(response)]).toEqual([415, {}])
    }
    const link = `${app.url}/graphql?query=${encodeURIComponent(query)}`
    const followed = await fetch(link, { headers: { authorization: `Bearer ${alice.admin.token}`, 'content-type': type } })
    expect(followed.status).toBe(400)
    expect(await dumpTables(app.platform)).toEqual(before)
  })

  it.each(SIMPLE)('does nothing at the portal, even with its cookie: %s', async type => {
    const template = await makeTemplate(alice.admin)
    const { onboardingTemplate } = await alice.admin.get(FindTemplateDocument, { id: template })
    const link = onboardingTemplate?.userVerification.activationLink.split('/').at(-1) ?? ''
    const { broadworksId } = await makeUser(alice.operator, template, {
      activationPasscode: 'a-passcode-of-the-tests',
      spEnterpriseId: `SP1+customer${nextNumber()}`,
    })
    const visitor = visitPortal(app.url)
    await visitor.signIn(link, broadworksId, 'a-passcode-of-the-tests')
    expect(visitor.cookie).toMatch(/SameSite=Strict/)
    const cookie = visitor.cookie?.split(';')[0] ?? ''
    const query = `mutation { submitEmail(input: { email: "mallory-${nextNumber()}@example.com" }) { activation { step } } }`
    const users = async () => (await dumpTables(app.platform))['provisioned_user']
    const before = await users()
    for (const body of formsOf(query)) {
      const response = await fetch(`${app.url}/activation/graphql`, {
        method: 'POST',
        headers: { 'content-type': type, cookie, origin: UNKNOWN },
        body: new Blob([body]),
      })
      expect([response.status, shared(response)]).toEqual([415, {}])
    }
    const followed = await fetch(`${app.url}/activation/graphql?query=${encodeURIComponent(query)}`, { headers: { cookie } })
    expect(followed.status).toBe(405)
    expect(await users()).toEqual(before)
  })
})

/** The operation as JSON, as fields, and as parts. */
function formsOf(query: string): string[] {
  const part = `--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n${JSON.stringify({ query })}\r\n--x--\r\n`
  return [JSON.stringify({ query }), `query=${encodeURIComponent(query)}`, part]
}

describe('What a request says of whence and through whom it came', () => {
  const strangers = (server: TestApp, headers: (time: number) => Record<string, string>) =>
    Promise.all(
      Array.from(
        { length: 8 },
        async (_, time) => (await ask({ authorization: 'Bearer flt_unknown', ...headers(time) }, TYPENAME, server)).status,
      ),
    )

  it('is believed of the address by who is in TRUSTED_PROXIES alone', async () => {
    const direct = await startTestApp({ environment: { TRUSTED_PROXIES: '10.0.0.1', RATE_LIMIT_ANONYMOUS_PER_MINUTE: '5' } })
    try {
      const pretended = (time: number) => ({
        'x-forwarded-for': `192.0.2.${time}`,
        forwarded: `for=192.0.2.${time}`,
        'x-real-ip': `192.0.2.${time}`,
      })
      expect((await strangers(direct, pretended)).filter(status => status === 429)).toHaveLength(3)
      expect((await strangers(app, pretended)).filter(status => status === 429)).toHaveLength(0)
      // What comes before the address that the proxy has added is the client's own word.
      const mixed = (time: number) => ({ 'x-forwarded-for': `192.0.2.${time}, 198.51.100.7` })
      expect((await strangers(app, mixed)).filter(status => status === 429)).toHaveLength(3)
    } finally {
      await direct.stop()
    }
  })

  it('never changes an address that is given out', async () => {
    const { data } = await alice.operator.ask(
      ExportUsersDocument,
      { input: { format: 'CSV' } },
      { 'x-forwarded-host': 'mallory.example', 'x-forwarded-proto': 'https', forwarded: 'host=mallory.example;proto=https' },
    )
    expect(data.exportUsers?.downloadUrl?.startsWith(`${app.url}/downloads/`)).toBe(true)
    const response = await fetch(`${app.url}/playground`, { redirect: 'manual', headers: { 'x-forwarded-host': 'mallory.example' } })
    expect([response.headers.get('location'), response.headers.get('strict-transport-security')]).toEqual(['/graphiql', null])
  })
})
