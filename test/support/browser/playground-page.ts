import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { startTestApp } from '../world/app'
import { type MadeUser, makeTemplate, makeUser } from '../world/builders'

export interface Visit {
  page: Page
  requests: string[]
}

/** A new visitor with an empty browser profile; afterwards, whatever was done, nothing left this host and the policy was not offended. */
export async function visitPlayground(
  browser: Browser,
  api: Pick<PlaygroundApi, 'url'>,
  act: (visit: Visit) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
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

export async function enterToken(page: Page, token: string): Promise<void> {
  const field = page.getByLabel('API token')
  await field.click()
  await page.keyboard.type(token)
}

export async function runOperation(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Execute query' }).click()
}

export async function answer(page: Page, text: string): Promise<void> {
  // Monaco draws blanks as no-break spaces; a regular expression's \s takes both.
  await page.locator('.graphiql-response .view-lines', { hasText: new RegExp(text.replaceAll(' ', '\\s+')) }).waitFor()
}

export interface PlaygroundApi {
  url: string
  token: string
  addUser: () => Promise<MadeUser>
  stop: () => Promise<void>
}

/** The server itself, with a customer to be found. */
export async function startPlayground(): Promise<PlaygroundApi> {
  const app = await startTestApp()
  const { admin } = await app.addPartner()
  const template = await makeTemplate(admin)
  const addUser = () => makeUser(admin, template, { spEnterpriseId: 'SP1+playground' })
  await addUser()
  return { url: app.url, token: admin.token, addUser, stop: app.stop }
}
