import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import fastify from 'fastify'
import { buildSchema, parse, validate } from 'graphql'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { registerPlayground } from '../../src/http/pages/playground'
import { startTestApp } from '../support/app'
import { launchBrowser } from '../support/browser'
import { makeTemplate, makeUser } from '../support/builders'
import { ensureBuilt } from '../support/processes'
import { eventually } from '../support/waiting'

const PROJECT = path.resolve(__dirname, '../..')
const OPERATIONS = path.join(PROJECT, 'web/playground/operations')
const SCHEMA = path.join(PROJECT, 'schema/schema.graphql')

const EXAMPLES = [
  'ListCustomers',
  'VerifyOnboardingTemplate',
  'FindStuckUsers',
  'RetryActivation',
  'ChangePackageType',
  'DeleteUser',
  'WatchCounts',
  'WatchUsers',
  'ErrorCatalog',
]

let api: Api
let browser: Browser

beforeAll(async () => {
  await ensureBuilt()
  api = await startApi()
  browser = await launchBrowser()
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await api?.stop()
})

describe('the playground in a browser', () => {
  it('shows a new visitor the example operations and asks for the token', async () => {
    await visit(async ({ page }) => {
      for (const name of EXAMPLES) await page.getByRole('tab', { name }).waitFor()
      expect(await page.getByRole('status').textContent()).toContain('Paste the token that npm start printed')
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
      await page.getByRole('tab', { name: 'WatchCounts' }).click()
      const stop = page.getByRole('button', { name: 'Stop query' })
      // GraphiQL takes a moment to see what operation the tab has, and would run the one before until then.
      await eventually(() => page.evaluate<boolean>("localStorage.getItem('graphiql:query')?.includes('WatchCounts')"))
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
      await pane.getByText('ListCustomers').waitFor()
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

describe('the example operations', () => {
  it.each(readdirSync(OPERATIONS).filter(name => name.endsWith('.graphql')))('%s is valid against the committed schema', name => {
    const schema = buildSchema(readFileSync(SCHEMA, 'utf8'))
    expect(validate(schema, parse(readFileSync(path.join(OPERATIONS, name), 'utf8')))).toEqual([])
  })
})

interface Visit {
  page: Page
  requests: string[]
}

/** A new visitor with an empty browser profile; afterwards, whatever was done, nothing left this host and the policy was not offended. */
async function visit(act: (visit: Visit) => Promise<void>, options: { colorScheme?: 'dark' | 'light' } = {}): Promise<void> {
  const context: BrowserContext = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  const requests: string[] = []
  const complaints: string[] = []
  context.on('request', request => requests.push(request.url()))
  context.on('console', message => {
    if (message.type() === 'error' && !message.text().includes('401')) complaints.push(message.text())
  })
  context.on('weberror', webError => complaints.push(webError.error().message))
  const page = await context.newPage()
  // A string, as everything that runs in the page: the types of a browser would otherwise be visible in the whole server.
  await page.addInitScript({
    content: "addEventListener('securitypolicyviolation', event => console.error('Refused by', event.violatedDirective, event.blockedURI))",
  })
  try {
    await page.goto(`${api.url}/graphiql`)
    await page.locator('.graphiql-query-editor .view-line').first().waitFor()
    await act({ page, requests })
    expect(requests.filter(url => !url.startsWith(`${api.url}/`) && !url.startsWith('data:'))).toEqual([])
    expect(complaints).toEqual([])
  } finally {
    await context.close()
  }
}

async function enterToken(page: Page, token: string): Promise<void> {
  const field = page.getByLabel('API token')
  await field.click()
  await page.keyboard.type(token)
}

async function runOperation(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Execute query' }).click()
}

async function answer(page: Page, text: string): Promise<void> {
  // Monaco draws blanks as no-break spaces; a regular expression's \s takes both.
  await page.locator('.graphiql-response .view-lines', { hasText: new RegExp(text.replaceAll(' ', '\\s+')) }).waitFor()
}

interface Api {
  url: string
  token: string
  addUser: () => Promise<unknown>
  stop: () => Promise<void>
}

/** The server itself, with a customer to be found. */
async function startApi(): Promise<Api> {
  const app = await startTestApp()
  const { admin } = await app.addPartner()
  const template = await makeTemplate(admin)
  const addUser = () => makeUser(admin, template, { spEnterpriseId: 'SP1+playground' })
  await addUser()
  return { url: app.url, token: admin.token, addUser, stop: app.stop }
}
