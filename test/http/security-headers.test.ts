import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { FastifyInstance } from 'fastify'
import { readOutbox } from '../../src/mail/outbox'
import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import { makeTemplate, makeUser, nextNumber } from '../support/world/builders'
import { ExportUsersDocument, FindTemplateDocument } from '../support/operations/operations.generated'
import { visitPortal } from '../support/world/portal'
import { BUILD_TIMEOUT_MS, ensureBuilt } from '../support/processes/processes'
import { eventually } from '../support/world/waiting'

interface Route {
  method: string
  url: string
}

let app: TestApp
let alice: TestPartner
let routes: Route[]

beforeAll(async () => {
  // The pages are among the routes.
  await ensureBuilt()
  ;({ app, routes } = await startObserved({ CORS_ORIGINS: 'https://app.alice.example' }))
  alice = await app.addPartner()
}, BUILD_TIMEOUT_MS)
afterAll(() => app.stop())

/** A server, and what it registers as it starts; the simulator, which is one of its own, has no /graphql. */
async function startObserved(environment: Record<string, string>) {
  const servers: { fastify: FastifyInstance; routes: Route[] }[] = []
  const remember = (message: unknown): void => {
    const { fastify } = message as { fastify: FastifyInstance }
    const found: Route[] = []
    servers.push({ fastify, routes: found })
    fastify.addHook('onRoute', ({ method, url }) => void found.push(...[method].flat().map(each => ({ method: each, url }))))
  }
  subscribe('fastify.initialization', remember)
  const started = await startTestApp({ environment })
  unsubscribe('fastify.initialization', remember)
  const [observed] = servers.filter(server => server.routes.some(({ url }) => url === '/graphql'))
  if (!observed) throw new Error('No server with /graphql was made.')
  return { app: started, ...observed }
}

/** What a browser goes by: nothing is guessed, framed, told to others, or loaded from elsewhere. */
function expectSafe(url: string, { headers }: Response): void {
  const policy = Object.fromEntries(
    (headers.get('content-security-policy') ?? '').split(';').map(directive => {
      const [name = '', ...sources] = directive.trim().split(' ')
      return [name, sources.join(' ')]
    }),
  )
  expect([url, policy]).toEqual([
    url,
    expect.objectContaining({ 'default-src': "'none'", 'base-uri': "'none'", 'form-action': "'none'", 'frame-ancestors': "'none'" }),
  ])
  expect([url, policy['script-src'] ?? "'none'"]).toEqual([url, expect.stringMatching(/^'(none|self)'$/)])
  for (const [directive, sources] of Object.entries(policy)) {
    expect([url, directive, sources]).toEqual([url, directive, expect.not.stringMatching(/\*|https?:|unsafe-eval/)])
    if (!directive.startsWith('style-src'))
      expect([url, directive, sources]).toEqual([url, directive, expect.not.stringContaining('unsafe')])
  }
  expect([url, headers.get('x-content-type-options')]).toEqual([url, 'nosniff'])
  expect([url, headers.get('referrer-policy')]).toEqual([url, 'no-referrer'])
  expect([url, headers.get('x-frame-options')]).toEqual([url, 'DENY'])
  expect([url, headers.get('cross-origin-opener-policy')]).toEqual([url, 'same-origin'])
  expect([url, headers.get('x-request-id')]).toEqual([url, expect.stringMatching(/^[0-9a-f-]{36}$/)])
  expect([url, headers.get('x-powered-by'), headers.get('server')]).toEqual([url, null, null])
}

describe('Every route of the server', () => {
  it('answers with the headers that keep a browser safe, with a token and without, found or not', async () => {
    const urls = routes.map(({ url }) => url)
    expect(urls).toEqual(
      expect.arrayContaining([
        '/graphql',
        '/activation/graphql',
        '/healthz',
        '/readyz',
        '/downloads/*',
        '/dev/outbox/:id',
        '/graphiql',
        '/',
      ]),
    )
    for (const { method, url } of routes) {
      for (const authorization of [null, `Bearer ${alice.admin.token}`]) {
        const address = app.url + url.replace(/:\w+|\/?\*$/g, '/x').replace('//', '/')
        const body = ['GET', 'HEAD', 'OPTIONS'].includes(method) ? null : '{"query":"{ __typename }"}'
        const headers = { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) }
        const response = await fetch(address, { method, headers, body, redirect: 'manual' })
        expectSafe(`${method} ${url}`, response)
        await response.arrayBuffer()
      }
    }
  })

  it('does so with what there is: pages, a mail, a file', async () => {
    const template = await makeTemplate(alice.admin)
    const { onboardingTemplate } = await alice.admin.get(FindTemplateDocument, { id: template })
    const activationLink = onboardingTemplate?.userVerification.activationLink ?? ''
    const { broadworksId } = await makeUser(alice.operator, template, {
      firstName: '<script>alert(1)</script>',
      activationPasscode: 'a-passcode-of-the-tests',
    })
    const visitor = visitPortal(app.url)
    await visitor.signIn(activationLink.split('/').at(-1) ?? '', broadworksId, 'a-passcode-of-the-tests')
    await visitor.submitEmail(`anna-${nextNumber()}@example.com`)
    const [mail] = await eventually(async () => {
      const mails = await readOutbox(app.platform.config.mail.outboxDirectory ?? '')
      return mails.length > 0 ? mails : null
    })
    const { exportUsers } = await alice.operator.get(ExportUsersDocument, { input: { format: 'CSV' } })
    const mailUrl = `${app.url}/dev/outbox/${mail?.id}`
    for (const url of [`${app.url}/graphiql`, activationLink, `${app.url}/dev/outbox`, mailUrl, exportUsers?.downloadUrl ?? '']) {
      const response = await fetch(url)
      expect([200, 503]).toContain(response.status)
      expectSafe(url, response)
      const text = await response.text()
      if (response.headers.get('content-type')?.startsWith('text/html')) expect(text).not.toContain('<script>alert')
      else expect(response.headers.get('content-disposition')).toMatch(/^attachment/)
    }
    // Whatever a mail shows, it can load nothing, run nothing and send nothing.
    const policy = (await fetch(mailUrl)).headers.get('content-security-policy') ?? ''
    for (const directive of ['script-src', 'img-src', 'font-src', 'connect-src', 'form-action'])
      expect(policy).toContain(`${directive} 'none'`)
  })
})

describe('A server that is reached by TLS', () => {
  it('tells browsers to stay with it', async () => {
    const secure = await startObserved({ PUBLIC_URL: 'https://flow.alice.example' })
    try {
      const { headers } = await secure.fastify.inject('/healthz')
      expect(headers['strict-transport-security']).toMatch(/^max-age=\d{8}/)
      expect((await fetch(`${app.url}/healthz`)).headers.get('strict-transport-security')).toBeNull()
    } finally {
      await secure.app.stop()
    }
  })
})
