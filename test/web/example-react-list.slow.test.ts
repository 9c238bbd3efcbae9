import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { accessibilityFaults } from '../support/browser/activation-page'
import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import { launchBrowser } from '../support/browser/browser'
import { makeTemplate, untilStatus, userItem } from '../support/world/builders'
import { ProvisionUsersDocument } from '../support/operations/operations.generated'
import { type Running, startCommand } from '../support/processes/processes'
import { eventually } from '../support/world/waiting'

/** The example as its README has it started, before a real server with more users than two pages take. */
const EXAMPLE = path.resolve(__dirname, '../../examples/react-list')
const USERS = 120
const AT_ONCE_MAX = 60
/** npm, and Vite with nothing in its cache: some seconds on a quiet machine. */
const SERVED_WITHIN_MS = 100_000

interface User {
  id: string
  broadworksId: string
}

// Some tests start such a server, too.
jest.setTimeout(2 * SERVED_WITHIN_MS)

let app: TestApp
let alice: TestPartner
let browser: Browser
let example: Running
let exampleUrl: string
let users: User[]

beforeAll(async () => {
  app = await startTestApp()
  alice = await app.addPartner()
  users = await stuckUsers(alice, await makeTemplate(alice.admin), USERS)
  example = startExample(app.url)
  exampleUrl = await urlOf(example)
  browser = await launchBrowser()
}, 2 * SERVED_WITHIN_MS)
afterAll(async () => {
  await browser?.close()
  await example?.end()
  await app?.stop()
})

/** Newest first, as the list is. */
async function stuckUsers(partner: TestPartner, template: string, count: number): Promise<User[]> {
  const made: User[] = []
  for (let rest = count; rest > 0; rest -= AT_ONCE_MAX) {
    const items = Array.from({ length: Math.min(rest, AT_ONCE_MAX) }, () => userItem(template))
    const { provisionUsers } = await partner.operator.get(ProvisionUsersDocument, { input: { users: items } })
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
  }, SERVED_WITHIN_MS)
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
      expect(await shownIds(page)).toEqual(idsOf(users))
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
      await page.getByRole('button', { name: 'Search' }).click()
      await page.getByText('There are no such users.').waitFor()
      for (const [text, faults] of [
        ['ab', 1],
        ['  a ', 1],
        [' abc ', 0],
        ['  ', 0],
      ] as const) {
        await page.getByRole('searchbox').fill(text)
        expect([text, await page.locator('input:invalid').count()]).toEqual([text, faults])
      }
    })
  })

  it('reads the list again at each search, from its first page on, and leaves alone what is being typed in a row', async () => {
    const bob = await app.addPartner()
    const template = await makeTemplate(bob.admin)
    let bobs = await stuckUsers(bob, template, 60)
    const add = async () => (bobs = [...(await stuckUsers(bob, template, 1)), ...bobs])
    await visit(async page => {
      const search = page.getByRole('button', { name: 'Search' })
      await enterToken(page, bob.operator.token)
      await page.getByText('Users: 50, and there are more.').waitFor()
      await page.getByRole('button', { name: 'Load more' }).click()
      await page.getByText('Users: 60.').waitFor()
      const email = rowOf(page, bobs[0]).getByLabel('E-mail address to activate with')
      await rowOf(page, bobs[0]).getByRole('button').click()
      await email.fill('anna@exam')

      await add()
      await search.click()
      await page.getByText('Users: 50, and there are more.').waitFor()
      expect(await shownIds(page)).toEqual(idsOf(bobs.slice(0, 50)))
      expect(await email.inputValue()).toBe('anna@exam')
      await page.getByRole('button', { name: 'Load more' }).click()
      await page.getByText('Users: 61.').waitFor()
      expect(await shownIds(page)).toEqual(idsOf(bobs))

      await add()
      const status = page.getByRole('combobox', { name: 'Show' })
      await status.selectOption({ label: 'Failed' })
      await search.click()
      await page.getByText('There are no such users.').waitFor()
      await status.selectOption({ label: 'All who are not live' })
      await search.click()
      await rowOf(page, bobs[0]).waitFor()

      await add()
      await page.getByRole('button', { name: 'Show users' }).click()
      await rowOf(page, bobs[0]).waitFor()
    })
  })

  it('keeps the focus on the button that loads more while it loads, and goes on at the first new row after the last page', async () => {
    await visit(async page => {
      await enterToken(page, alice.viewer.token)
      await page.getByText('Users: 50, and there are more.').waitFor()
      const states: (string | null)[] = []
      await page.route('**/graphql', async route => {
        // Somebody who is impatient presses twice.
        await page.keyboard.press('Enter')
        states.push(await more.getAttribute('aria-disabled'))
        await route.continue()
      })
      const more = page.getByRole('button', { name: 'Load more' })
      await more.press('Enter')
      await page.getByText('Users: 100, and there are more.').waitFor()
      expect(await focused(page)).toMatch(/^BUTTON Load more/)
      await page.keyboard.press('Enter')
      await page.getByText(`Users: ${USERS}.`).waitFor()
      expect(await focused(page)).toContain(users[100]?.broadworksId)
      expect(states).toEqual(['true', 'true'])
    })
  })

  it('asks more and more slowly for a user on whom Webex is at work, stops at a failure until told, and tells when the user is gone', async () => {
    await visit(async page => {
      const user = users[5]
      let answer: 'AT_WORK' | 'FAILURE' | 'GONE' = 'AT_WORK'
      await page.route('**/graphql', async route => {
        const isOfUser = String(route.request().postData()).includes('query User(')
        if (isOfUser && answer === 'GONE') return route.fulfill({ json: { data: { provisionedUser: null } } })
        if (isOfUser && answer === 'FAILURE')
          return route.fulfill({ json: { data: null, errors: [{ message: 'Busy.', extensions: { code: 'UNAVAILABLE' } }] } })
        const { data } = (await (await route.fetch()).json()) as { data: Record<string, unknown> }
        return route.fulfill({
          json: JSON.parse(JSON.stringify({ data }), (_, value: { id?: string } | null) =>
            value?.id === user?.id ? { ...value, status: 'PROVISIONING', availableActions: [] } : value,
          ),
        })
      })
      // Pauses are told, and then made short.
      await page.addInitScript(() => {
        const { setTimeout: wait } = globalThis
        const pausesMs: number[] = []
        Object.assign(globalThis, {
          pausesMs,
          setTimeout: (act: () => void, pauseMs: number) => wait(act, pauseMs >= 2000 ? (pausesMs.push(pauseMs), 20) : pauseMs),
        })
      })
      await page.reload()
      const pauses = () => page.evaluate('pausesMs') as Promise<number[]>
      await enterToken(page, alice.viewer.token)
      const row = rowOf(page, user)
      await row.getByText('Being activated').waitFor()
      await eventually(async () => (await pauses()).filter(pauseMs => pauseMs === 30_000).length > 2)
      expect([...new Set(await pauses())]).toEqual([2000, 3000, 4500, 6750, 10_125, 15_187.5, 22_781.25, 30_000])

      answer = 'FAILURE'
      await row.getByText('The server is busy.').waitFor()
      const untilFailure = (await pauses()).length
      answer = 'GONE'
      await row.getByRole('button', { name: 'Try again' }).press('Enter')
      const gone = page.getByRole('listitem').filter({ hasText: 'This user is no longer there.' })
      await gone.waitFor()
      expect(await gone.innerText()).not.toContain('Being activated')
      expect(await focused(page)).toMatch(/^LI/)
      // One more since the failure, and none since the user is gone.
      expect((await pauses()).slice(untilFailure)).toEqual([2000])
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
      expect(await focused(page)).toMatch(/^BUTTON Activate again/)
      expect(await email.getAttribute('aria-invalid')).toBe('true')
      expect(await accessibilityFaults(page)).toEqual([])

      await email.fill(`anna-${Date.now()}@example.com`)
      await again.click()
      await row.locator('[data-status=PROVISIONING], [data-status=PROVISIONED]').waitFor()
      expect(await again.count()).toBe(0)
      expect(await focused(page)).toMatch(/^LI/)
      await row.getByText('Live', { exact: true }).waitFor()
      await untilStatus(alice.viewer, user?.id ?? '', 'PROVISIONED')
    })
  })

  it('leaves the focus with whoever types elsewhere while a user is activated again', async () => {
    const carol = await app.addPartner()
    const [user] = await stuckUsers(carol, await makeTemplate(carol.admin), 1)
    await visit(async page => {
      await enterToken(page, carol.operator.token)
      const row = rowOf(page, user)
      const again = row.getByRole('button', { name: 'Activate again' })
      await again.click()
      await row.getByLabel('E-mail address to activate with').fill(`anna-${Date.now()}@example.com`)
      await page.route('**/graphql', async route => {
        await page.getByRole('searchbox').fill('Bian')
        await route.continue()
      })
      await again.click()
      await row.locator('[data-status=PROVISIONING], [data-status=PROVISIONED]').waitFor()
      await again.waitFor({ state: 'detached' })
      await page.keyboard.type('chi')
      expect(await page.getByRole('searchbox').inputValue()).toBe('Bianchi')
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

  it('shows users where the browser names a language that is none', async () => {
    await visit(async page => {
      await page.addInitScript("Object.defineProperty(navigator, 'language', { value: 'en-US@posix' })")
      await page.reload()
      await enterToken(page, alice.viewer.token)
      expect(await rowOf(page, users[0]).innerText()).toMatch(/since \w+ \d+, \d{4}/)
    })
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

/** The element that has the focus, and its name or its text. */
function focused(page: Page): Promise<string> {
  return page.evaluate('`${document.activeElement.tagName} ${document.activeElement.ariaLabel ?? document.activeElement.innerText}`')
}

const idsOf = (list: User[]) => list.map(({ broadworksId }) => broadworksId)

/** The BroadWorks IDs of all rows in their order. */
async function shownIds(page: Page): Promise<string[]> {
  const rows = await page.getByRole('listitem').allInnerTexts()
  return rows.map(text => /^(\S+@\S+) · /m.exec(text)?.[1] ?? text)
}
