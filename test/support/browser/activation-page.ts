import { readFileSync } from 'node:fs'
import path from 'node:path'
import axe from 'axe-core'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'

/** The page as a user meets it: what is found, is found by its label in the page's language. */

export const LANGUAGES = ['en', 'it', 'de', 'fr', 'es'] as const
export type Language = (typeof LANGUAGES)[number]

/** The texts of the page in this language, by the names of views. */
export function textsOf(language: Language): Record<string, Record<string, string>> {
  return JSON.parse(readFileSync(path.resolve(__dirname, `../../../web/activation/i18n/texts/${language}.json`), 'utf8'))
}

export const PHONE = { width: 360, height: 740 }
export const DESKTOP = { width: 1280, height: 800 }

export interface Visit {
  context: BrowserContext
  page: Page
  /** The URLs of all that the browser asked for. */
  requests: string[]
}

/**
 * A new visitor with an empty browser profile, on a phone unless told otherwise. Afterwards, whatever was done, nothing has left this
 * host, the policy was not offended, and no URL had anything personal in it. `excused` are complaints of the console that were provoked.
 */
export async function visitActivation(
  browser: Browser,
  url: string,
  act: (visit: Visit) => Promise<void>,
  { excused = /^$/, ...options }: BrowserContextOptions & { excused?: RegExp } = {},
): Promise<void> {
  const context = await browser.newContext({ viewport: PHONE, locale: 'en-GB', timezoneId: 'Europe/Rome', ...options })
  const requests: string[] = []
  const complaints: string[] = []
  context.on('request', request => requests.push(request.url()))
  context.on('console', message => {
    if (message.type() === 'error' && !excused.test(message.text())) complaints.push(message.text())
  })
  context.on('weberror', webError => complaints.push(webError.error().message))
  // A string, as everything that runs in the page: the types of a browser would otherwise be visible in the whole server.
  await context.addInitScript({
    content: "addEventListener('securitypolicyviolation', event => console.error('Refused by', event.violatedDirective, event.blockedURI))",
  })
  try {
    await act({ context, page: await context.newPage(), requests })
    expect(requests.filter(request => !request.startsWith(`${url}/`) && !request.startsWith('data:'))).toEqual([])
    expect(requests.filter(request => /@|%40/.test(request))).toEqual([])
    expect(complaints).toEqual([])
  } finally {
    await context.close()
  }
}

/** Waits for the view of this name (see the texts). */
export async function untilView(page: Page, view: string, language: Language = 'en'): Promise<void> {
  await page.getByRole('heading', { name: given(textsOf(language)[view]?.['title']), exact: true, level: 1 }).waitFor()
}

export async function press(page: Page, name: string | undefined): Promise<void> {
  await page.getByRole('button', { name: given(name), exact: true }).click()
}

export async function fill(page: Page, label: string | undefined, value: string): Promise<void> {
  await page.getByLabel(given(label), { exact: true }).fill(value)
}

export async function signIn(page: Page, broadworksId: string, password: string, language: Language = 'en'): Promise<void> {
  const texts = textsOf(language)['signIn']
  await fill(page, texts?.['broadworksId'], broadworksId)
  await fill(page, texts?.['password'], password)
  await press(page, texts?.['submit'])
}

export async function submitEmail(page: Page, email: string, language: Language = 'en'): Promise<void> {
  const texts = textsOf(language)['enterEmail']
  await fill(page, texts?.['email'], email)
  await press(page, texts?.['submit'])
}

export async function chooseLanguage(page: Page, language: Language): Promise<void> {
  await page.locator('.language select').selectOption(language)
}

/** Waits until the page shows it, a whole sentence. */
export async function untilText(page: Page, text: string | undefined): Promise<void> {
  await page.getByText(given(text), { exact: true }).waitFor()
}

/** The element that has the focus, by its role or tag and its text or name. */
export async function focused(page: Page): Promise<string> {
  return page.evaluate(
    '(({ tagName, name, innerText, ariaLabel }) => `${tagName.toLowerCase()} ${name || ariaLabel || innerText}`)(document.activeElement)',
  )
}

/** All that one can read or hear on the page: texts of visible elements, and labels. */
export async function readableTexts(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const texts = [document.title]
    for (const element of document.querySelectorAll('body *')) {
      if (!element.checkVisibility() || element.tagName === 'OPTION') continue
      if (element.ariaLabel) texts.push(element.ariaLabel)
      if (element.placeholder) texts.push(element.placeholder)
      for (const child of element.childNodes) if (child.nodeType === Node.TEXT_NODE) texts.push(child.data)
    }
    return texts.map(text => text.trim()).filter(text => text !== '')
  })()`)
}

/** Rules of accessibility, all or some, that the page, or what of it is ours, breaks as it is shown now, each with the elements that break it. */
export async function accessibilityFaults(page: Page, rules?: string[], within = ':root'): Promise<[string, string[]][]> {
  if (!(await page.evaluate("typeof axe === 'object'"))) await page.evaluate(axe.source)
  const options = JSON.stringify({ resultTypes: ['violations'], runOnly: rules })
  const { violations } = await page.evaluate<axe.AxeResults>(`axe.run(${JSON.stringify(within)}, ${options})`)
  return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])
}

function given(text: string | undefined): string {
  if (text === undefined) throw new Error('The page has no such text.')
  return text
}
