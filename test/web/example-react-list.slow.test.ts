import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { accessibilityFaults } from '../support/activation-page'
import { startTestApp, type TestApp, type TestPartner } from '../support/app'
import { launchBrowser } from '../support/browser'
import { makeTemplate, untilStatus, userItem } from '../support/builders'
import { ProvisionUsersDocument } from '../support/operations.generated'
import { type Running, startCommand } from '../support/processes'
import { eventually } from '../support/waiting'

/** The example as its README has it started, before a real server with more users than two pages take. */
const EXAMPLE = path.resolve(__dirname, '../../examples/react-list')
const USERS = 120

let app: TestApp
let alice: TestPartner
let browser: Browser
let example: Running
let exampleUrl: string
/** Newest first, as the list is. */
let users: { id: string; broadworksId: string }[]

beforeAll(async () => {
  app = await startTestApp()
  alice = await app.addPartner()
  users = await stuckUsers()
  example = startExample(app.url)
  exampleUrl = await urlOf(example)
  browser = await launchBrowser()
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await example?.end()
  await app?.stop()
})

async function stuckUsers(): Promise<typeof users> {
  const template = await makeTemplate(alice.admin)
  const made: typeof users = []
  for (const count of [USERS / 2, USERS / 2]) {
    const items = Array.from({ length: count }, () => userItem(template))
    const { provisionUsers } = await alice.operator.get(ProvisionUsersDocument, { input: { users: items } })
    for (const { provisionedUser } of provisionUsers?.results ?? []) if (provisionedUser) made.push(provisionedUser)
  }
  return made.reverse()
}

function startExample(flowthroughUrl: string): Running {
  return startCommand('npm start -- --host 127.0.0.1 --port 0', {
    directory: EXAMPLE,
    environment: { FLOWTHROUGH_URL: flowthroughUrl },
  })
}

/** Vite draws the port bold. */
function urlOf(server: Running): Promise<string> {
  return eventually(async () => {
    return /http:\/\/127\.0\.0\.1:\d+/.exec(server.output.stdout.replace(/\u001b\[\d+m/g, ''))?.[0]
  })
}

describe('the example list', () => {
  it('shows all users who are not live, page after page, none twice and none left out', async () => {
    await visit(async page => {
      await page.getByText('Paste an API token to see users.').waitFor()
      expect(await accessibilityFaults(page)).toEqual([])
      await enterToken(page, alice.operator.token)
      await page.getByText('Users: 50, and there are more.').waitFor()
      expect(await accessibilityFaults(page)).toEqual([])
      await page.getByRole('button', { name: 'Load more' }).click()
      await page.getByText('Users: 100, and there are more.').waitFor()
      await page.getByRole('button', { name: 'Load more' }).click()
      await page.getByText(`Users: ${USERS}.`).waitFor()
      expect(await page.getByRole('button', { name: 'Load more' }).count()).toBe(0)
      expect(await shownIds(page)).toEqual(users.map(user => user.broadworksId))
    })
  })

  it('tells of each user who it is, and what has to be done by whom', async () => {
    await visit(async page => {
      await enterToken(page, alice.viewer.token)
      const text = await rowOf(page, users[0]).innerText()
      expect(text).toContain('Anna Rossi')
      expect(text).toContain(`${users[0]?.broadworksId} · acme`)
      expect(text).toMatch(/Waiting for an address since \d+ \w+ \d{4}, \d\d:\d\d/)
      expect(text).toContain('The user has not given an e-mail address on the activation portal yet. Whose turn it is: the user.')
      // Who may only read is offered nothing else.
      expect(await page.getByRole('button', { name: 'Activate again' }).count()).toBe(0)
    })
  })

  it('finds users by a search, and by status', async () => {
    await visit(async page => {
      await enterToken(page, alice.operator.token)
      await page.getByText('Users: 50, and there are more.').waitFor()
      const { broadworksId } = users[70] ?? { broadworksId: '' }
      await page.getByRole('searchbox').fill(broadworksId.toUpperCase())
      await page.getByRole('button', { name: 'Search' }).click()
      await page.getByText('Users: 1.').waitFor()
      expect(await shownIds(page)).toEqual([broadworksId])
      await page.getByRole('combobox', { name: 'Show' }).selectOption({ label: 'Failed' })
      await page.getByText('There are no such users.').waitFor()
      await page.getByRole('searchbox').fill('ab')
      await page.getByRole('button', { name: 'Search' }).click()
      expect(await page.locator('input:invalid').count()).toBe(1)
    })
  })

  it('asks for the address when one is needed, says what is wrong with it, and shows the user go on to Webex by itself', async () => {
    await visit(async page => {
      await enterToken(page, alice.operator.token)
      const [, , user] = users
      const row = rowOf(page, user)
      const again = row.getByRole('button', { name: 'Activate again' })
      await again.click()
      const email = row.getByLabel('E-mail address to activate with')
      await email.waitFor()
      await row.getByRole('alert').getByText('No address is on record').waitFor()
      await email.fill('not an address')
      await again.click()
      await row.getByRole('alert').getByText('an e-mail address such as').waitFor()
      expect(await email.getAttribute('aria-invalid')).toBe('true')
      expect(await accessibilityFaults(page)).toEqual([])

      await email.fill(`anna-${Date.now()}@example.com`)
      await again.click()
      await row.locator('[data-status=PROVISIONING], [data-status=PROVISIONED]').waitFor()
      expect(await again.count()).toBe(0)
      expect(await page.evaluate('document.activeElement.tagName')).toBe('LI')
      await row.getByText('Live', { exact: true }).waitFor()
      await untilStatus(alice.viewer, user?.id ?? '', 'PROVISIONED')
    })
  })

  it('says that the server does not accept a wrong token, and takes another one', async () => {
    await visit(async page => {
      await enterToken(page, 'flt_wrong')
      await page.getByText('The server does not accept this token.').waitFor()
      expect(await accessibilityFaults(page)).toEqual([])
      await enterToken(page, alice.viewer.token)
      await page.getByText('Users: 50, and there are more.').waitFor()
    })
  })

  it('keeps the token through a reload, in the session storage alone', async () => {
    await visit(async page => {
      await enterToken(page, alice.viewer.token)
      await page.getByText('Users: 50, and there are more.').waitFor()
      await page.reload()
      await page.getByText('Users: 50, and there are more.').waitFor()
      expect(await page.evaluate('JSON.stringify([{ ...localStorage }, document.cookie])')).toBe('[{},""]')
    })
  })

  it('keeps the rows when the next page does not come, says for how long to wait, and goes on', async () => {
    await visit(async page => {
      await enterToken(page, alice.viewer.token)
      await page.getByText('Users: 50, and there are more.').waitFor()
      await page.route('**/graphql', route =>
        route.fulfill({
          status: 429,
          headers: { 'retry-after': '17' },
          json: { errors: [{ message: 'Too much.', extensions: { code: 'RATE_LIMITED', retryAfterSeconds: 17 } }] },
        }),
      )
      await page.getByRole('button', { name: 'Load more' }).click()
      await page.getByText('Try again in 17 seconds.').waitFor()
      expect(await shownIds(page)).toHaveLength(50)
      await page.unroute('**/graphql')
      await page.getByRole('button', { name: 'Try again' }).click()
      await page.getByText('Users: 100, and there are more.').waitFor()
    })
  })

  it('is in Italian for Italians, explanations of the server included, and readable in the dark', async () => {
    await visit(
      async page => {
        await enterToken(page, alice.viewer.token)
        await page.getByText('Utenti: 50, e ce ne sono altri.').waitFor()
        const text = await rowOf(page, users[0]).innerText()
        expect(text).toContain('In attesa di un indirizzo')
        expect(text).toMatch(/indirizzo e-mail.+A chi tocca: l’utente\./s)
        expect(await page.locator('html').getAttribute('lang')).toBe('it')
        expect(await accessibilityFaults(page)).toEqual([])
      },
      { locale: 'it-IT', colorScheme: 'dark' },
    )
  })

  it('is built, and served as it was built', async () => {
    const directory = mkdtempSync(path.join(os.tmpdir(), 'flowthrough-example-'))
    const build = startCommand(`npm run build -- --outDir ${directory} --emptyOutDir`, { directory: EXAMPLE })
    expect((await build.ended).exitCode).toBe(0)
    const built = startCommand(`npm run preview -- --outDir ${directory} --host 127.0.0.1 --port 0`, {
      directory: EXAMPLE,
      environment: { FLOWTHROUGH_URL: app.url },
    })
    try {
      const show = async (page: Page) => {
        await enterToken(page, alice.viewer.token)
        await page.getByText('Users: 50, and there are more.').waitFor()
      }
      await visit(show, { url: await urlOf(built) })
    } finally {
      await built.end()
      rmSync(directory, { recursive: true })
    }
  })

  it('says when the server does not answer', async () => {
    // Nobody listens on this port.
    const lonely = startExample('http://127.0.0.1:1')
    try {
      const url = await urlOf(lonely)
      await visit(
        async page => {
          await enterToken(page, alice.viewer.token)
          await page.getByText('The server does not answer.').waitFor()
        },
        { url },
      )
    } finally {
      await lonely.end()
    }
  })
})

/** A new visitor with an empty browser profile. Afterwards nothing has left this host, and the page has complained of nothing of its own. */
async function visit(
  act: (page: Page) => Promise<void>,
  { url = exampleUrl, ...options }: BrowserContextOptions & { url?: string } = {},
): Promise<void> {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Rome', ...options })
  const requests: string[] = []
  const complaints: string[] = []
  context.on('request', request => requests.push(request.url()))
  context.on('console', message => {
    // The browser itself tells of every answer that is no success.
    if (['error', 'warning'].includes(message.type()) && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text())
  })
  context.on('weberror', webError => complaints.push(webError.error().message))
  try {
    const page = await context.newPage()
    await page.goto(url)
    await act(page)
    expect(requests.filter(request => !request.startsWith(`${url}/`) && !request.startsWith('data:'))).toEqual([])
    expect(complaints).toEqual([])
  } finally {
    await context.close()
  }
}

async function enterToken(page: Page, token: string): Promise<void> {
  await page.getByLabel(/^(API token|Token API)$/).fill(token)
  await page.getByRole('button', { name: /^(Show users|Mostra gli utenti)$/ }).click()
}

function rowOf(page: Page, user: { broadworksId: string } | undefined) {
  return page.getByRole('listitem').filter({ hasText: user?.broadworksId ?? 'nobody' })
}

/** The BroadWorks IDs of all rows in their order. */
async function shownIds(page: Page): Promise<string[]> {
  const rows = await page.getByRole('listitem').allInnerTexts()
  return rows.map(text => /^(\S+@\S+) · /m.exec(text)?.[1] ?? text)
}
