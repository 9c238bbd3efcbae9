import { mkdirSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { BrowserContextOptions, Browser, Page } from 'playwright-core'
import { readExamples } from '../../scripts/example-operations'
import { accessibilityFaults } from '../support/browser/activation-page'
import { launchBrowser } from '../support/browser/browser'
import type { MadeUser } from '../support/world/builders'
import { answer, enterToken, startPlayground, type PlaygroundApi, type Visit, visitPlayground } from '../support/browser/playground-page'
import { BUILD_TIMEOUT_MS, ensureBuilt } from '../support/processes/processes'
import { paste } from '../support/guides/shell'
import { eventually } from '../support/world/waiting'

/** Where one can look at what was tested. */
const SCREENSHOTS = path.join(os.tmpdir(), 'flowthrough-playground')

const examples = readExamples('schema/examples')

let api: PlaygroundApi
let user: MadeUser
let browser: Browser

beforeAll(async () => {
  await ensureBuilt()
  mkdirSync(SCREENSHOTS, { recursive: true })
  api = await startPlayground()
  user = await api.addUser()
  browser = await launchBrowser()
}, BUILD_TIMEOUT_MS)
afterAll(async () => {
  await browser?.close()
  await api?.stop()
})

/** Somebody who has opened the pane with a token, and lets the page copy. */
async function visit(act: (visit: Visit) => Promise<void>, options: BrowserContextOptions = {}): Promise<void> {
  const open = async (visiting: Visit) => {
    await enterToken(visiting.page, api.token)
    await visiting.page.getByText('The server accepts this token.').waitFor()
    await visiting.page.getByRole('button', { name: 'Show Examples' }).click()
    await visiting.page.getByText('Any object by its global ID').waitFor()
    await act(visiting)
  }
  await visitPlayground(browser, api, open, { permissions: ['clipboard-read', 'clipboard-write'], ...options })
}

const pane = (page: Page) => page.getByRole('region', { name: 'Examples' })
const choose = (page: Page, name: string) => pane(page).getByRole('button', { name, exact: true }).click()
const press = (page: Page, name: string) => pane(page).getByRole('button', { name, exact: true }).click()
const textOf = (page: Page, title: string) => pane(page).getByRole('group', { name: title }).innerText()

async function copied(page: Page, told: string): Promise<string> {
  await page.getByRole('status').filter({ hasText: told }).waitFor()
  return page.evaluate('navigator.clipboard.readText()')
}

/** What the server answers to the command, in a real shell. */
async function answerTo(command: string): Promise<{ data: Record<string, never>; errors?: unknown[] }> {
  return JSON.parse(await paste(command))
}

describe('the pane of examples', () => {
  it('has every field of the API with its description, and finds some by a word of it', async () => {
    await visit(async ({ page }) => {
      const names = await pane(page).locator('li button').allTextContents()
      expect(names.sort()).toEqual(examples.map(({ rootField }) => rootField))
      expect(await pane(page).getByRole('heading', { level: 3 }).allTextContents()).toEqual(['Queries', 'Mutations', 'Subscriptions'])
      await pane(page).getByLabel('Search the examples').fill('consents to the move')
      await pane(page).getByText(`1 of ${examples.length}`).waitFor()
      expect(await pane(page).locator('li button').allTextContents()).toEqual(['resendConsentEmail'])
    })
  })

  it('gives the curl command of a query, which a shell takes as it is pasted and the server answers', async () => {
    await visit(async ({ page }) => {
      await choose(page, 'provisionedUsers')
      await eventually(async () => /"tpl_\w{26}"/.test(await textOf(page, 'Variables')))
      expect(await textOf(page, 'As a curl command')).toContain('Bearer flt_••••••••')
      expect(await pane(page).innerText()).not.toContain(api.token)
      expect(await pane(page).innerText()).toContain('do not paste it where others read')
      await press(page, 'Copy as curl')
      const command = await copied(page, 'The command is copied.')
      expect(command).toContain(`curl -sS ${api.url}/graphql`)
      const { data, errors } = await answerTo(command)
      expect(errors).toBeUndefined()
      expect(JSON.stringify(data['provisionedUsers'])).toContain(user.id)
    })
  })

  it('fills a mutation with a user of the caller, changes nothing itself, and what it copies changes that user', async () => {
    await visit(async ({ page, requests }) => {
      const sent = () => requests.filter(url => url.endsWith('/graphql')).length
      await choose(page, 'updateProvisionedUser')
      await eventually(async () => (await textOf(page, 'Variables')).includes(user.id))
      const before = sent()
      await press(page, 'Copy as curl')
      const command = await copied(page, 'The command is copied.')
      expect(sent()).toBe(before)
      const { data } = await answerTo(command)
      expect(data['updateProvisionedUser']).toMatchObject({ provisionedUser: { id: user.id, lastName: 'Rossi-Bianchi' }, userErrors: [] })
    })
  })

  it('leaves a placeholder where the caller has nothing to fill it with, and says where to find it', async () => {
    await visit(async ({ page }) => {
      await choose(page, 'revokeApiToken')
      expect(await textOf(page, 'Variables')).toContain('tok_…')
      await pane(page).getByText('tok_… stands for an ID: take one from the answer of apiTokens.').waitFor()
    })
  })

  it('opens an example in a tab, from where the toolbar copies it as a command, too', async () => {
    await visit(async ({ page }) => {
      await choose(page, 'customer')
      await eventually(async () => (await textOf(page, 'Variables')).includes(user.customer.id))
      await press(page, 'Copy operation')
      expect(await copied(page, 'The operation is copied.')).toBe(examples.find(({ rootField }) => rootField === 'customer')?.operation)
      await press(page, 'Open in a new tab')
      await page.locator('.graphiql-tab-active .graphiql-tab-button', { hasText: /^Customer$/ }).waitFor()
      await page.getByRole('button', { name: 'Copy as curl (with your token)' }).click()
      const { data } = await answerTo(await copied(page, 'It holds your token'))
      expect(data['customer']).toMatchObject({ id: user.customer.id })
      await page.getByRole('button', { name: 'Execute query' }).click()
      await answer(page, user.customer.id)
    })
  })

  it('gives way to the new tab in a narrow window', async () => {
    await visit(
      async ({ page }) => {
        await choose(page, 'customer')
        await press(page, 'Open in a new tab')
        await pane(page).waitFor({ state: 'hidden' })
        await eventually(async () => Number((await page.locator('.graphiql-query-editor').boundingBox())?.width) > 200)
      },
      { viewport: { width: 360, height: 800 } },
    )
  })

  it('copies the headers of a tab, too, and variables with comments', async () => {
    await visit(async ({ page }) => {
      const type = async (text: string) => {
        await page.locator('.graphiql-editor-tool .view-lines').locator('visible=true').first().click()
        await page.keyboard.press('Control+A')
        await page.keyboard.insertText(text)
      }
      await page.getByRole('tab', { name: 'ErrorCatalog' }).click()
      await type('{} // none')
      await page.getByRole('button', { name: 'Headers' }).click()
      await type('{ "Accept-Language": "it" }')
      await page.getByRole('button', { name: 'Copy as curl (with your token)' }).click()
      const command = await copied(page, 'It holds your token')
      expect(command).toContain("--header 'Accept-Language: it'")
      expect(JSON.stringify((await answerTo(command)).data)).toContain('indirizzo')
    })
  })

  it('copies no subscription and no broken variables from the toolbar, and says so', async () => {
    await visit(async ({ page }) => {
      await page.evaluate("navigator.clipboard.writeText('as before')")
      const copy = page.getByRole('button', { name: 'Copy as curl (with your token)' })
      await page.getByRole('tab', { name: 'StatusCountsChanged' }).click()
      await copy.click()
      expect(await copied(page, 'which curl does not speak')).toBe('as before')
      await page.getByRole('tab', { name: 'RetryActivation', exact: true }).click()
      await page.locator('.graphiql-editor-tool .view-lines').first().click()
      await page.keyboard.press('Control+End')
      await page.keyboard.type('{')
      await copy.click()
      expect(await copied(page, 'The variables are no JSON object')).toBe('as before')
    })
  })

  it('is used with the keyboard alone', async () => {
    await visit(async ({ page }) => {
      await page.getByRole('button', { name: 'Hide Examples' }).click()
      await page.getByRole('button', { name: 'Show Examples' }).focus()
      await page.keyboard.press('Enter')
      await tabTo(page, 'Search the examples')
      await page.keyboard.type('who asks')
      await tabTo(page, 'viewer')
      await page.keyboard.press('Enter')
      expect(await page.evaluate('document.activeElement.ariaExpanded')).toBe('true')
      await tabTo(page, 'Copy as curl')
      await page.keyboard.press('Enter')
      const { data } = await answerTo(await copied(page, 'The command is copied.'))
      expect(data['viewer']).toMatchObject({ role: 'ADMIN' })
    })
  })

  it('shows the text to be copied by hand where the browser does not let the page copy', async () => {
    await visit(async ({ page }) => {
      await page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
      await choose(page, 'viewer')
      await press(page, 'Copy as curl')
      const dialog = page.getByRole('dialog', { name: 'Copy by hand' })
      expect(await answerTo(await dialog.getByLabel('Text to copy').inputValue())).toMatchObject({ data: { viewer: { role: 'ADMIN' } } })
      expect(await page.evaluate('getSelection().toString()')).toContain(api.token)
      expect(await accessibilityFaults(page, undefined, 'dialog')).toEqual([])
      await dialog.getByRole('button', { name: 'Close' }).click()
      await dialog.waitFor({ state: 'detached' })
    })
  })

  it.each(['light', 'dark'] as const)('is accessible, and can be looked at, in %s', async colorScheme => {
    await visit(
      async ({ page }) => {
        await page.screenshot({ path: path.join(SCREENSHOTS, `examples, ${colorScheme}.png`) })
        expect(await accessibilityFaults(page, undefined, '.examples')).toEqual([])
        await choose(page, 'retryActivation')
        await press(page, 'Copy as curl')
        await copied(page, 'The command is copied.')
        await page.screenshot({ path: path.join(SCREENSHOTS, `example, ${colorScheme}.png`) })
        expect(await accessibilityFaults(page, undefined, '.examples')).toEqual([])
        await page.getByRole('button', { name: 'Copy as curl (with your token)' }).click()
        await copied(page, 'It holds your token')
        expect(await accessibilityFaults(page, undefined, '.copy-curl')).toEqual([])
      },
      { colorScheme },
    )
  })
})

describe('the pane of examples without a token', () => {
  it('asks for nothing, and gives commands that take the token from the shell', async () => {
    await visitPlayground(browser, api, async ({ page, requests }) => {
      await page.getByRole('button', { name: 'Show Examples' }).click()
      await choose(page, 'node')
      expect(await textOf(page, 'Variables')).toContain('usr_…')
      expect(await textOf(page, 'As a curl command')).toContain('"Authorization: Bearer $TOKEN"')
      await pane(page).getByText('With a token, the descriptions and IDs of your own data stand here.').waitFor()
      expect(requests.filter(url => url.endsWith('/graphql'))).toEqual([])
    })
  })
})

/** Presses Tab until what is called so has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 10; presses += 1) {
    await page.keyboard.press('Tab')
    if ((await page.evaluate('document.activeElement.ariaLabel || document.activeElement.innerText')) === name) return
  }
  throw new Error(`Tab does not lead to ${name}.`)
}
