import path from 'node:path'
import fastify from 'fastify'
import type { Browser } from 'playwright-core'
import { registerPlayground } from '../../src/http/pages/playground'
import { launchBrowser } from '../support/browser/browser'
import {
  answer,
  enterToken,
  runOperation,
  startPlayground,
  type PlaygroundApi,
  visitPlayground,
  type Visit,
} from '../support/browser/playground-page'
import { BUILD_TIMEOUT_MS, ensureBuilt } from '../support/processes/processes'
import { eventually } from '../support/world/waiting'

const PROJECT = path.resolve(__dirname, '../..')

const EXAMPLES = [
  'Customers',
  'OnboardingTemplate',
  'ProvisionedUsers',
  'RetryActivation',
  'ChangePackageType',
  'DeleteUser',
  'Causes',
  'BulkRetryActivation',
  'BulkOperation',
  'ExportUsers',
  'AuditEvents',
  'StatusCountsChanged',
  'ProvisionedUserChanged',
  'ErrorCatalog',
]

let api: PlaygroundApi
let browser: Browser

beforeAll(async () => {
  await ensureBuilt()
  api = await startPlayground()
  browser = await launchBrowser()
}, BUILD_TIMEOUT_MS)

afterAll(async () => {
  await browser?.close()
  await api?.stop()
})

const visit = (act: (visit: Visit) => Promise<void>, options?: Parameters<typeof visitPlayground>[3]) =>
  visitPlayground(browser, api, act, options)

describe('the playground in a browser', () => {
  it('shows a new visitor the example operations and asks for the token', async () => {
    await visit(async ({ page }) => {
      await page.getByRole('tab', { name: 'ErrorCatalog' }).waitFor()
      expect(await page.locator('.graphiql-tab-button').allInnerTexts()).toEqual(EXAMPLES)
      expect(await page.locator('#token-state').textContent()).toContain('Paste the token that npm start printed')
    })
  })

  it('runs an operation with the token and shows the answer', async () => {
    await visit(async ({ page }) => {
      await enterToken(page, api.token)
      await page.getByText('The server accepts this token.').waitFor()
      await runOperation(page)
      await answer(page, '"name": "playground"')
    })
  })

  it('shows what a subscription tells as it comes, until its visitor stops it', async () => {
    await visit(async ({ page }) => {
      await enterToken(page, api.token)
      await page.getByText('The server accepts this token.').waitFor()
      await page.getByRole('tab', { name: 'StatusCountsChanged' }).click()
      const stop = page.getByRole('button', { name: 'Stop query' })
      // GraphiQL takes a moment to see what operation the tab has, and would run the one before until then.
      await eventually(() => page.evaluate<boolean>("localStorage.getItem('graphiql:query')?.includes('StatusCountsChanged')"))
      await runOperation(page)
      await answer(page, '"count": 1')
      await api.addUser()
      await answer(page, '"count": 2')
      await stop.click()
      await page.getByRole('button', { name: 'Execute query' }).waitFor()
    })
  })

  it('says that the server does not accept a wrong token', async () => {
    await visit(async ({ page }) => {
      await enterToken(page, 'wrong')
      await page.getByText('The server does not accept this token.').waitFor()
    })
  })

  it('sends nothing to the API before there is a token', async () => {
    await visit(async ({ page, requests }) => {
      await runOperation(page)
      await answer(page, 'Paste an API token')
      expect(requests.filter(url => url.endsWith('/graphql'))).toEqual([])
    })
  })

  it('keeps the token through a reload, in the session storage alone', async () => {
    await visit(async ({ page }) => {
      await enterToken(page, api.token)
      await page.getByText('The server accepts this token.').waitFor()
      await runOperation(page)
      await answer(page, '"customers"')
      await page.reload()
      await page.getByText('The server accepts this token.').waitFor()
      expect(await page.getByLabel('API token').inputValue()).toBe(api.token)
      expect(await page.evaluate('JSON.stringify({ ...localStorage })')).not.toContain(api.token)
    })
  })

  it('hides the token until its visitor wants to see it', async () => {
    await visit(async ({ page }) => {
      await enterToken(page, api.token)
      expect(await page.getByLabel('API token').getAttribute('type')).toBe('password')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      expect(await page.getByLabel('API token').getAttribute('type')).toBe('text')
    })
  })

  it('opens the docs, the explorer and the history', async () => {
    await visit(async ({ page }) => {
      await enterToken(page, api.token)
      await page.getByText('The server accepts this token.').waitFor()
      await runOperation(page)
      await answer(page, '"customers"')
      const pane = page.locator('.graphiql-plugin')
      await page.getByRole('button', { name: 'Show Documentation Explorer' }).click()
      await pane.getByText('Query', { exact: true }).waitFor()
      await page.getByRole('button', { name: 'Show GraphiQL Explorer' }).click()
      await pane.getByText('onboardingTemplate', { exact: true }).first().waitFor()
      await page.getByRole('button', { name: 'Show History' }).click()
      await pane.getByText('Customers').waitFor()
    })
  })

  it('follows the preference of the system for dark', async () => {
    await visit(
      async ({ page }) => {
        const background = (selector: string) => page.evaluate(`getComputedStyle(document.querySelector('${selector}')).backgroundColor`)
        expect(await background('.graphiql-container')).not.toBe('rgb(255, 255, 255)')
        expect(await background('body')).toBe(await background('.graphiql-container'))
      },
      { colorScheme: 'dark' },
    )
  })
})

describe('the playground over HTTP', () => {
  it('answers at both addresses without a redirect, under a policy with a new nonce each time', async () => {
    const nonces = new Set<string>()
    for (const address of ['/graphiql', '/graphiql/']) {
      const response = await fetch(api.url + address, { redirect: 'error' })
      const policy = response.headers.get('content-security-policy') ?? ''
      const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? ''
      expect(await response.text()).toContain(`<meta property="csp-nonce" nonce="${nonce}">`)
      expect(policy.replace(nonce, 'NONCE').split('; ').sort()).toEqual([
        "base-uri 'none'",
        "connect-src 'self'",
        "default-src 'none'",
        "font-src 'self' data:",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "img-src 'self' data:",
        "script-src 'self'",
        "style-src 'self' 'nonce-NONCE'",
        "style-src-attr 'unsafe-inline'",
        "worker-src 'self'",
      ])
      expect(response.headers.get('cache-control')).toBe('no-cache')
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(response.headers.get('referrer-policy')).toBe('no-referrer')
      nonces.add(nonce)
    }
    expect(nonces.size).toBe(2)
  })

  it('lets browsers keep the assets for good, and sends them compressed', async () => {
    const page = await (await fetch(`${api.url}/graphiql`)).text()
    const script = /src="(\/graphiql\/assets\/[^"]+\.js)"/.exec(page)?.[1] ?? ''
    const response = await fetch(api.url + script, { headers: { 'accept-encoding': 'gzip' } })
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(response.headers.get('content-encoding')).toBe('gzip')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('leads from /playground to /graphiql', async () => {
    const response = await fetch(`${api.url}/playground`, { redirect: 'manual' })
    expect(response.status).toBe(302)
    expect(response.headers.get('location')).toBe('/graphiql')
  })

  it('says how to build it where it is not built', async () => {
    const server = fastify()
    await registerPlayground(server, path.join(PROJECT, 'dist/web/no-such-page'))
    for (const url of ['/graphiql', '/graphiql/', '/graphiql/assets/index.js']) {
      const response = await server.inject(url)
      expect(response.statusCode).toBe(503)
      expect(response.body).toContain('npm run build')
    }
    await server.close()
  })
})
