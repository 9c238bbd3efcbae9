import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import fastify from 'fastify'
import { registerPortalPage } from '../../src/features/portal/portal-page'
import { LINK, startFakeActivationApi, type FakeActivationApi } from '../support/fakes/activation-api'
import { BUILD_TIMEOUT_MS, ensureBuilt } from '../support/processes/processes'

const BUILT = path.resolve(__dirname, '../../dist/web/activation')

/** For the first screen, compressed. */
const SCRIPT_MAX_BYTES = 150_000

let api: FakeActivationApi

beforeAll(async () => {
  await ensureBuilt()
  api = await startFakeActivationApi()
}, BUILD_TIMEOUT_MS)
afterAll(() => api?.stop())

describe('the activation page over HTTP', () => {
  it.each([
    ['an activation link', `/activate/${LINK}`, 200],
    ['the link of a mail', '/activate/confirm?token=anything', 200],
    ['the same without its token', '/activate/confirm', 200],
    ['a wrong link', '/activate/no-such-link', 404],
    ['a link with something behind it', `/activate/${LINK}/`, 404],
    ['a link without its key', '/activate/', 404],
    ['a link that no database can hold', '/activate/%00', 404],
    ['a very long link', `/activate/${'x'.repeat(500)}`, 404],
  ])('answers %s with the page', async (_name, address, status) => {
    const response = await fetch(api.url + address, { redirect: 'error' })
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'text/html; charset=utf-8'])
    expect(await response.text()).toContain('<div id="activation">')
  })

  it('is kept nowhere, tells no other site of its address, and runs under a policy that allows nothing inline', async () => {
    const nonces = new Set<string>()
    for (const address of [`/activate/${LINK}`, '/activate/confirm?token=anything']) {
      const response = await fetch(api.url + address)
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(response.headers.get('referrer-policy')).toBe('no-referrer')
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      const policy = response.headers.get('content-security-policy') ?? ''
      const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? ''
      expect(await response.text()).toContain(`<meta property="csp-nonce" nonce="${nonce}">`)
      nonces.add(nonce)
      expect(policy.replace(nonce, 'NONCE').split('; ').sort()).toEqual([
        "base-uri 'none'",
        "connect-src 'self'",
        "default-src 'none'",
        "font-src 'self'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "img-src 'self' data:",
        "script-src 'self'",
        "style-src 'self' 'nonce-NONCE'",
      ])
    }
    expect(nonces.size).toBe(2)
  })

  it('lets browsers keep the assets for good, and sends them compressed', async () => {
    const [script] = scriptsOf(readFileSync(path.join(BUILT, 'index.html'), 'utf8'))
    const response = await fetch(`${api.url}${script}`, { headers: { 'accept-encoding': 'gzip' } })
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(response.headers.get('content-encoding')).toBe('gzip')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect((await fetch(`${api.url}/activate/assets/none.js`)).status).toBe(404)
  })

  it('needs no more than 150 kB of script for the first screen', () => {
    const scripts = scriptsOf(readFileSync(path.join(BUILT, 'index.html'), 'utf8'))
    expect(scripts.length).toBeGreaterThan(0)
    const sizes = scripts.map(script => gzipSync(readFileSync(path.join(BUILT, script.replace('/activate/', ''))), { level: 9 }).length)
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(SCRIPT_MAX_BYTES)
  })

  it('says how to build it where it is not built', async () => {
    const root = path.join(BUILT, 'no-such-page')
    expect(existsSync(root)).toBe(false)
    const server = fastify()
    await registerPortalPage(server, async () => true, root)
    for (const url of [`/activate/${LINK}`, '/activate/confirm', '/activate/assets/index.js']) {
      const response = await server.inject(url)
      expect(response.statusCode).toBe(503)
      expect(response.body).toContain('npm run build')
    }
    await server.close()
  })
})

/** All that the page loads before it is drawn. */
function scriptsOf(page: string): string[] {
  return [...page.matchAll(/(?:src|href)="([^"]+\.js)"/g)].map(([, address]) => address as string)
}
