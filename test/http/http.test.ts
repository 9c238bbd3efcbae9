import { once } from 'node:events'
import { connect } from 'node:net'
import { createActor } from '../support/world/actor'
import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import { makeTemplate, makeUser, untilStatus } from '../support/world/builders'
import { RetryActivationDocument } from '../support/operations/operations.generated'
import { BUILD_TIMEOUT_MS, ensureBuilt } from '../support/processes/processes'
import { askOverSocket } from '../support/world/socket'
import { dumpTables } from '../support/database/table-dump'

let app: TestApp
let alice: TestPartner
let json: Record<string, string>
/** A template that nobody needs. */
let spare: string

beforeAll(async () => {
  // The playground has its own paths.
  await ensureBuilt()
  app = await startTestApp()
  alice = await app.addPartner()
  spare = await makeTemplate(alice.admin)
  json = { 'content-type': 'application/json', authorization: `Bearer ${alice.admin.token}` }
}, BUILD_TIMEOUT_MS)
afterAll(() => app.stop())

const TYPENAME = JSON.stringify({ query: '{ __typename }' })
/** Would be carried out, were it not for how it is sent. */
const deletion = () => `mutation { deleteOnboardingTemplate(input: { id: "${spare}" }) { deletedOnboardingTemplateId } }`

interface Told {
  errors: { message: string; extensions: { code: string; requestId: string } }[]
}

function send(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(app.url + path, { redirect: 'manual', ...init })
}

/** The documented form of an error, whatever went wrong. */
async function expectError(response: Response, status: number, code: string, message: RegExp): Promise<void> {
  const text = await response.text()
  expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/json; charset=utf-8'])
  expect(text).not.toMatch(/node_modules|\n {4}at |<html/i)
  const { errors, ...rest } = JSON.parse(text) as Told
  expect(rest).toEqual({})
  expect(errors).toEqual([
    expect.objectContaining({ message: expect.stringMatching(message), extensions: expect.objectContaining({ code }) }),
  ])
  expect(errors[0]?.extensions.requestId).toMatch(/^[0-9a-f]{8}-/)
  expect(errors[0]?.extensions.requestId).toBe(response.headers.get('x-request-id'))
}

describe('A request to /graphql that cannot be carried out', () => {
  it.each<[string, () => RequestInit['body'], Record<string, string>, number, RegExp]>([
    ['bad JSON', () => '{"query": ', {}, 400, /not valid JSON/],
    ['JSON with a forbidden key', () => '{"__proto__": {}, "query": "{ __typename }"}', {}, 400, /not valid JSON/],
    ['an empty body', () => '', {}, 400, /empty/],
    ['a list of operations', () => `[${TYPENAME}, ${TYPENAME}]`, {}, 400, /batching/i],
    ['an empty list', () => '[]', {}, 400, /./],
    ['a text for a body', () => '"{ __typename }"', {}, 400, /./],
    ['a null for a body', () => 'null', {}, 400, /./],
    ['no query', () => '{"variables": {}}', {}, 400, /query/],
    ['a query that is no text', () => '{"query": {"kind": "Document"}}', {}, 400, /query/],
    ['variables that are no object', () => '{"query": "{ __typename }", "variables": "x"}', {}, 400, /variables/],
    ['a body of more than 1 MB', () => TYPENAME + ' '.repeat(1024 * 1024), {}, 413, /1 MB/],
    ['no content type', () => new Blob([TYPENAME]), { 'content-type': '' }, 415, /application\/json/],
    ['the content type of a text', () => TYPENAME, { 'content-type': 'text/plain' }, 415, /application\/json/],
    [
      'the content type of a form',
      () => 'query={__typename}',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      /application\/json/,
    ],
    ['a file upload', () => new FormData(), { 'content-type': 'multipart/form-data; boundary=x' }, 415, /application\/json/],
    ['XML', () => '<query/>', { 'content-type': 'application/xml' }, 415, /application\/json/],
    ['a wish for HTML', () => JSON.stringify({ query: deletion() }), { accept: 'text/html' }, 406, /Accept/],
    ['the character U+0000', () => '{"query": "{ node(id: \\"\\\\u0000\\") { id } }"}', {}, 400, /U\+0000/],
  ])('is answered in the documented form: %s', async (_name, body, headers, status, message) => {
    const before = await dumpTables(app.platform)
    await expectError(
      await send('/graphql', { method: 'POST', headers: { ...json, ...headers }, body: body() }),
      status,
      'BAD_USER_INPUT',
      message,
    )
    expect(await dumpTables(app.platform)).toEqual(before)
  })

  it.each<[string, object, RegExp]>([
    ['a syntax error', { query: '{ viewer ' }, /Syntax Error/],
    ['an unknown field', { query: '{ viewer { password } }' }, /password/],
    ['an unknown operation name', { query: 'query A { __typename }', operationName: 'B' }, /"B"/],
    ['several operations and no name', { query: 'query A { __typename } query B { __typename }' }, /operation name/],
    ['a subscription', { query: 'subscription { statusCountsChanged { count } }' }, /subscription/i],
    ['a query of 10,001 tokens', { query: `{ ${'a '.repeat(10_000)} }` }, /too many tokens|10000/],
    ['a persisted query', { extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } }, /PersistedQuery/],
  ])('is answered by the rules of its media type: %s', async (_name, body, message) => {
    const ask = (accept: string) => send('/graphql', { method: 'POST', headers: { ...json, accept }, body: JSON.stringify(body) })
    await expectError(await ask('application/json'), 200, 'BAD_USER_INPUT', message)
    const modern = await ask('application/graphql-response+json')
    expect(modern.headers.get('content-type')).toBe('application/graphql-response+json; charset=utf-8')
    expect([200, 400]).toContain(modern.status)
    expect(((await modern.json()) as Told).errors[0]).toMatchObject({
      message: expect.stringMatching(message),
      extensions: { code: 'BAD_USER_INPUT' },
    })
  })

  it('is traced by its ID also when the body comes in many pieces', async () => {
    const body = JSON.stringify({ query: 'query ($size: Int) { customers(first: $size) { totalCount } }', variables: { size: 101 } })
    const pieces = new ReadableStream({
      async start(controller) {
        for (const piece of [body.slice(0, 20), body.slice(20), ' '.repeat(300_000), ' '.repeat(300_000)]) {
          controller.enqueue(new TextEncoder().encode(piece))
          await new Promise(resolve => setTimeout(resolve, 5))
        }
        controller.close()
      },
    })
    const response = await send('/graphql', { method: 'POST', headers: json, body: pieces, duplex: 'half' } as RequestInit)
    const { errors } = (await response.json()) as Told
    expect(errors[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      argument: 'first',
      requestId: response.headers.get('x-request-id'),
    })
  })

  it.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS'])('is refused for its method: %s', async method => {
    const response = await send('/graphql', { method, headers: json, ...(method === 'PUT' ? { body: TYPENAME } : {}) })
    expect(response.headers.get('allow')).toBe('GET, POST')
    await expectError(response, 405, 'BAD_USER_INPUT', /GET and POST/)
  })
})

describe('GET /graphql', () => {
  const get = (query: string, headers: Record<string, string> = {}) =>
    send(`/graphql?query=${encodeURIComponent(query)}`, { headers: { authorization: json['authorization'] ?? '', ...headers } })

  it('is refused without the header that no foreign page can send', async () => {
    await expectError(await get('{ __typename }'), 400, 'BAD_USER_INPUT', /Cross-Site Request Forgery/)
  })

  it('answers a query with it, and refuses a mutation', async () => {
    const preflight = { 'apollo-require-preflight': 'true' }
    expect(await (await get('{ __typename }', preflight)).json()).toMatchObject({ data: { __typename: 'Query' } })
    const before = await dumpTables(app.platform)
    await expectError(await get(deletion(), preflight), 405, 'BAD_USER_INPUT', /GET/)
    expect(await dumpTables(app.platform)).toEqual(before)
    await expectError(await get('{ node(id: "\\u0000") { id } }', preflight), 400, 'BAD_USER_INPUT', /U\+0000/)
  })
})

describe('A caller', () => {
  const ask = (authorization?: string) =>
    send('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) },
      body: TYPENAME,
    })

  it.each<[string, () => string | undefined, RegExp]>([
    ['no token', () => undefined, /token is needed/],
    ['a token of another scheme', () => `Basic ${alice.admin.token}`, /token is needed/],
    ['a token without a scheme', () => alice.admin.token, /token is needed/],
    ['an empty token', () => 'Bearer ', /token is needed/],
    ['a token with a space in it', () => `Bearer ${alice.admin.token} x`, /token is needed/],
    ['an unknown token', () => 'Bearer flt_unknown', /not valid/],
    ['a token in other letters', () => `Bearer ${alice.admin.token.toUpperCase()}`, /not valid/],
    ['a token that was cut', () => `Bearer ${alice.admin.token.slice(0, -1)}`, /not valid/],
    ['a very long token', () => `Bearer ${'a'.repeat(10_000)}`, /not valid/],
  ])('with %s is told to bring one, and learns nothing else', async (_name, authorization, message) => {
    const before = await dumpTables(app.platform)
    const response = await ask(authorization())
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    await expectError(response, 401, 'UNAUTHENTICATED', message)
    expect(await dumpTables(app.platform)).toEqual(before)
  })

  it('is known by a token whatever the letters of the scheme', async () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER ']) expect((await ask(`${scheme} ${alice.admin.token}`)).status).toBe(200)
  })
})

describe('Another path', () => {
  it.each(['/nope', '/graphql/', '/graphql/x', '/graphiql/assets/..%2f..%2findex.html', '/healthz/x'])('is not there: %s', async path => {
    await expectError(await send(path), 404, 'NOT_FOUND', /nothing at this path/)
  })

  it('that cannot be decoded is refused', async () => {
    await expectError(await send('/%zz'), 400, 'BAD_USER_INPUT', /%zz/)
  })

  it('of health answers whoever asks', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const response = await send(path)
      expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }])
    }
    await expectError(await send('/readyz', { method: 'POST' }), 404, 'NOT_FOUND', /nothing/)
  })

  it('of the retired playground leads to GraphiQL', async () => {
    const response = await send('/playground')
    expect([response.status, response.headers.get('location')]).toEqual([302, '/graphiql'])
  })
})

describe('Every answer', () => {
  it.each(['/graphql', '/healthz', '/nope', '/playground', '/graphiql'])('carries the headers that keep a browser safe: %s', async path => {
    const { headers } = await send(path)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    expect(headers.get('x-powered-by')).toBeNull()
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('Accept-Language', () => {
  it('chooses the language of every text of the catalogue, and English where there is no better', async () => {
    const template = await makeTemplate(alice.admin, { userVerification: { shareLink: 'NONE' } })
    const waiting = (await makeUser(alice.operator, template)).id
    const failing = (await makeUser(alice.operator, template)).id
    await alice.operator.get(RetryActivationDocument, { input: { userId: failing, email: 'error-10022@example.com' } })
    await untilStatus(alice.viewer, failing, 'ERROR')
    const document = `{
      errorCatalog { code meaning steps }
      onboardingTemplate(id: "${template}") { userVerification { checks { code message action } } }
      waiting: provisionedUser(id: "${waiting}") { pendingRequirement diagnosis { cause steps } }
      failing: provisionedUser(id: "${failing}") { diagnosis { cause steps } errors { message catalogEntry { meaning } } }
    }`
    const textsIn = async (language?: string) => {
      const { data, errors } = await alice.viewer.ask(document, undefined, language === undefined ? {} : { 'accept-language': language })
      expect(errors).toEqual([])
      return data as Record<string, unknown>
    }
    const [english, italian] = [await textsIn('en'), await textsIn('it')]
    for (const key of Object.keys(english)) expect([key, english[key]]).not.toEqual([key, italian[key]])
    expect(JSON.stringify(english['waiting'])).toContain('waiting for e-mail')
    expect(JSON.stringify(italian['waiting'])).toMatch(/in attesa/i)
    for (const language of ['it-IT', 'IT', 'de, it;q=0.5, en;q=0.1', 'it;q=1, *;q=0.1']) expect(await textsIn(language)).toEqual(italian)
    for (const language of [undefined, 'de', 'de-AT, fr;q=0.9', 'en-GB', '*', 'it;q=0', '!!'])
      expect(await textsIn(language)).toEqual(english)
  })
})

describe('Introspection', () => {
  const INTROSPECTION = '{ __schema { queryType { name } } }'

  it('is for callers with a token', async () => {
    expect((await alice.viewer.ask(INTROSPECTION)).data).toEqual({ __schema: { queryType: { name: 'Query' } } })
    expect((await createActor(app.url, 'flt_unknown').ask(INTROSPECTION)).status).toBe(401)
  })

  it('is off for everybody where INTROSPECTION=off', async () => {
    const closed = await startTestApp({ environment: { INTROSPECTION: 'off' } })
    try {
      const { admin } = await closed.addPartner()
      const asked = {
        __schema: INTROSPECTION,
        __type: '{ __type(name: "Query") { name } }',
        _service: '{ ... on Query { _service { sdl } } }',
      }
      for (const [field, document] of Object.entries(asked)) {
        for (const { data, errors } of [await admin.ask(document), await askOverSocket<object>(admin, document, {})]) {
          expect(data).toBeUndefined()
          const message = `This server does not tell its schema: \`${field}\` is introspection, which is turned off here.`
          expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' }, message: expect.stringContaining(message) }])
        }
      }
      expect((await admin.ask('{ __typename }')).data).toEqual({ __typename: 'Query' })
    } finally {
      await closed.stop()
    }
  })
})

describe('A server that stops', () => {
  it('does not wait for connections on which nothing was asked', async () => {
    const stopping = await startTestApp()
    const connection = connect(Number(new URL(stopping.url).port), '127.0.0.1')
    await once(connection, 'connect')
    const closed = once(connection, 'close')
    connection.on('error', () => undefined)
    await stopping.stop()
    await closed
  })
})

describe('A fault of the server', () => {
  it('is masked: nothing of the machinery is told, and the ID finds it in the log', async () => {
    const broken = await startTestApp()
    try {
      const { admin } = await broken.addPartner()
      await broken.platform.database.transaction(({ manager }) => manager.query('ALTER TABLE audit_event RENAME TO lost'))
      const answer = await admin.ask('{ auditEvents { nodes { id } } }')
      expect(answer.errors).toEqual([
        expect.objectContaining({
          message: expect.stringMatching(/^Something went wrong on our side\./),
          extensions: { code: 'INTERNAL', requestId: answer.headers.get('x-request-id') },
        }),
      ])
      expect(JSON.stringify(answer)).not.toMatch(/audit_event|SQLITE|node_modules|\bat /)
    } finally {
      await broken.stop()
    }
  })
})
