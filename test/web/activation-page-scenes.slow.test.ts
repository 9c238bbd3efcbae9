import { mkdirSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import {
  accessibilityFaults,
  chooseLanguage,
  DESKTOP,
  type Language,
  LANGUAGES,
  PHONE,
  readableTexts,
  textsOf,
  untilView,
  visitActivation,
} from '../support/browser/activation-page'
import { enterScene, type Scene, SCENES } from '../support/browser/activation-scenes'
import { launchBrowser } from '../support/browser/browser'
import { startFakeActivationApi, type FakeActivationApi } from '../support/fakes/activation-api'
import { BUILD_TIMEOUT_MS, ensureBuilt } from '../support/processes/processes'
import { eventually } from '../support/world/waiting'

const OTHER_LANGUAGES = LANGUAGES.filter(language => language !== 'en')

/** Where one can look at what was tested. */
const SCREENSHOTS = path.join(os.tmpdir(), 'flowthrough-activation-page')

/** Phones of this width are the narrowest that are asked for (WCAG 1.4.10). */
const NARROWEST = { width: 320, height: 640 }

/** What is the same in every language: names, addresses, figures, and the Italian word for "password". */
const NOT_ENGLISH = /^(Webex|Alice Telecom|Password|\S+@\S+|[\d ]+)$/

let api: FakeActivationApi
let browser: Browser

beforeAll(async () => {
  await ensureBuilt()
  mkdirSync(SCREENSHOTS, { recursive: true })
  browser = await launchBrowser()
}, BUILD_TIMEOUT_MS)
beforeEach(async () => {
  api = await startFakeActivationApi()
})
afterEach(() => api?.stop())
afterAll(() => browser?.close())

describe('the activation page', () => {
  it.each(SCENES)('is accessible on a phone and a desktop, light and dark, and speaks each language: $name', async scene => {
    await visitActivation(
      browser,
      api.url,
      async ({ page }) => {
        await enterScene(page, api, scene)
        const english = new Set(await readableTexts(page))
        await lookAt(page, scene.name)

        await page.setViewportSize(NARROWEST)
        expect(await overflowing(page)).toEqual([])
        for (const language of OTHER_LANGUAGES) {
          await change(page, scene, language)
          const strange = async () =>
            (await readableTexts(page)).filter(text => isKey(text) || (english.has(text) && !NOT_ENGLISH.test(text)))
          // The server's sentences come a moment later.
          await eventually(async () => (await strange()).length === 0, 5000).catch(async () => expect(await strange()).toEqual([]))
          expect(await page.evaluate('document.documentElement.lang')).toBe(language)
          expect(await overflowing(page)).toEqual([])
        }
      },
      { excused: /status of (404|500|502)/, reducedMotion: 'reduce' },
    )
  })

  it.each(OTHER_LANGUAGES)('has the same texts with the same places for names in every language: %s', language => {
    expect(placesOf(textsOf(language))).toEqual(placesOf(textsOf('en')))
  })
})

/** What of accessibility depends on the colours is looked at in both schemes, the rest on both devices. */
async function lookAt(page: Page, name: string): Promise<void> {
  for (const [device, viewport] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
    await page.setViewportSize(viewport)
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.screenshot({ path: path.join(SCREENSHOTS, `${name}, ${device}, ${colorScheme}.png`), fullPage: true })
      expect(await accessibilityFaults(page, colorScheme === 'dark' ? ['color-contrast'] : undefined)).toEqual([])
    }
  }
}

/** What somebody did before is said in the language of then, so it is done anew. */
async function change(page: Page, scene: Scene, language: Language): Promise<void> {
  await chooseLanguage(page, language)
  if (scene.act) await enterScene(page, api, scene, language)
  else await untilView(page, scene.view, language)
}

function isKey(text: string): boolean {
  return /^[a-z]\w+\.\w+$|\{\{/.test(text)
}

/** Each text's name with the names of its places: "signIn.text {{partnerName}}". */
function placesOf(texts: object | string, name = ''): string[] {
  if (typeof texts === 'string') return [[name, ...[...texts.matchAll(/\{\{\w+\}\}/g)].map(([place]) => place).sort()].join(' ')]
  return Object.entries(texts).flatMap(([key, below]) => placesOf(below as object | string, name ? `${name}.${key}` : key))
}

/** What does not fit into its own box or the window. */
async function overflowing(page: Page): Promise<string[]> {
  return page.evaluate(`
    [...document.querySelectorAll('html, .page *:not(.visually-hidden, input, svg, svg *)')]
      .filter(element => element.scrollWidth > element.clientWidth && getComputedStyle(element).display !== 'inline')
      .map(element => element.outerHTML.slice(0, 100))
  `)
}
