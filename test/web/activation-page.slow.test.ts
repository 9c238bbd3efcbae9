import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import {
  chooseLanguage,
  fill,
  focused,
  press,
  signIn,
  submitEmail,
  textsOf,
  untilText,
  untilView,
  visitActivation,
  type Visit,
} from '../support/browser/activation-page'
import { openSession } from '../support/browser/activation-scenes'
import { launchBrowser } from '../support/browser/browser'
import {
  activationAt,
  LINK,
  OTHER_LINK,
  PASSWORD,
  startFakeActivationApi,
  TOKEN,
  type FakeActivationApi,
} from '../support/fakes/activation-api'
import { BUILD_TIMEOUT_MS, ensureBuilt } from '../support/processes/processes'
import { eventually } from '../support/world/waiting'

const ID = 'anna.rossi@sp1.example'
const EMAIL = 'anna.rossi@mail.example'
const TEXTS = textsOf('en')

let api: FakeActivationApi
let browser: Browser

beforeAll(async () => {
  await ensureBuilt()
  browser = await launchBrowser()
}, BUILD_TIMEOUT_MS)
beforeEach(async () => {
  api = await startFakeActivationApi()
})
afterEach(() => api?.stop())
afterAll(() => browser?.close())

function visit(act: (visit: Visit) => Promise<void>, options: BrowserContextOptions & { excused?: RegExp } = {}): Promise<void> {
  return visitActivation(browser, api.url, act, options)
}

function open(page: Page, path = `/activate/${LINK}`) {
  return page.goto(api.url + path)
}

/** Opens the page for somebody who has a session, in this step. */
async function openAt(page: Page, ...[step, changes]: Parameters<typeof activationAt>): Promise<void> {
  api.activation = activationAt(step, changes)
  await openSession(page, api)
  await open(page)
}

/**
 * Opens the page while Webex is being set up, and stops its clock: time goes on for it only as the test says. Answers how to wait until it
 * has planned so many looks, which it does when it has the answer to the one before, and after which pauses each was to come.
 */
async function openWithClockStopped(page: Page): Promise<(count: number) => Promise<number[]>> {
  const now = Date.now()
  await page.clock.install({ time: now })
  await page.clock.pauseAt(now + 60_000)
  await page.addInitScript({
    content: `
      window.pausesMs = []
      const wait = setTimeout
      window.setTimeout = (act, pauseMs) => (pauseMs >= 1000 && pausesMs.push(pauseMs), wait(act, pauseMs))
    `,
  })
  await openAt(page, 'PROVISIONING')
  await untilView(page, 'provisioning')
  return count =>
    eventually(async () => {
      const pausesMs: number[] = await page.evaluate('pausesMs')
      return pausesMs.length >= count && pausesMs
    })
}

/** As if the visitor went to another tab of the browser, or came back. */
async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate(`
    Object.defineProperty(document, 'hidden', { configurable: true, value: ${hidden} })
    document.dispatchEvent(new Event('visibilitychange'))
  `)
}

/** The upstream has gone on, and the visitor looks at the page again, which asks at once. */
async function goOn(page: Page, ...[step, changes]: Parameters<typeof activationAt>): Promise<void> {
  api.activation = activationAt(step, changes)
  await setHidden(page, false)
}

describe('the way through the activation page', () => {
  it('leads from the link to Webex by itself, with a title of its own and the focus on the heading at each step', async () => {
    await visit(async ({ page }) => {
      await open(page)
      await untilView(page, 'signIn')
      expect(await page.title()).toBe('Activate Webex – Alice Telecom')
      // Who has only just come reads from the top.
      expect(await focused(page)).toMatch(/^body/)

      await signIn(page, ID, PASSWORD)
      await untilView(page, 'enterEmail')
      expect(await page.title()).toBe('Your e-mail address – Alice Telecom')
      expect(await focused(page)).toBe('h1 Your e-mail address')
      expect(await page.locator('[aria-current="step"]').innerText()).toBe('E-mail')

      await submitEmail(page, ` ${EMAIL} `)
      await untilView(page, 'confirmEmail')
      expect(await focused(page)).toBe('h1 Check your mailbox')
      await untilText(page, EMAIL)
      // In the reader's zone, which is Rome's.
      await untilText(page, '22 November 2099 at 14:30')

      for (const [step, view] of [
        ['WAIT_FOR_FIRST_USER', 'waitForFirstUser'],
        ['GIVE_CONSENT', 'giveConsent'],
        ['PROVISIONING', 'provisioning'],
        ['DONE', 'done'],
      ] as const) {
        await goOn(page, step)
        await untilView(page, view)
        expect(await focused(page)).toBe(`h1 ${TEXTS[view]?.['title']}`)
      }
      expect(await page.getByRole('link').getAttribute('href')).toBe('https://www.webex.com/downloads.html')
      expect(await page.locator('[aria-current="step"]').count()).toBe(0)
    })
  })

  it('can be gone with the keyboard alone', async () => {
    await visit(async ({ page }) => {
      const { keyboard } = page
      const tabTo = async (name: string) => {
        await keyboard.press('Tab')
        expect(await focused(page)).toContain(name)
      }
      await open(page)
      await untilView(page, 'signIn')
      await tabTo('select')
      await tabTo('input broadworksId')
      await keyboard.type(ID)
      await tabTo('input password')
      await keyboard.type(PASSWORD)
      await tabTo('button Show password')
      await keyboard.press('Space')
      expect(await page.getByLabel('Password', { exact: true }).getAttribute('type')).toBe('text')
      await tabTo('button Sign in')
      await keyboard.press('Enter')
      await untilView(page, 'enterEmail')
      await tabTo('input email')
      await keyboard.type(EMAIL)
      await keyboard.press('Enter')
      await untilView(page, 'confirmEmail')
      await tabTo('button Send again')
      await tabTo('button Use another address')
      await keyboard.press('Enter')
      await untilView(page, 'enterEmail')
      await tabTo('input email')
      await tabTo('button Send confirmation e-mail')
      await tabTo('button Back')
      await keyboard.press('Space')
      await untilView(page, 'confirmEmail')
      await goOn(page, 'ERROR', { error: { code: 200049, message: 'No.' } })
      await untilView(page, 'error')
      await tabTo('button Copy the code')
      await tabTo('button Try again')
      await keyboard.press('Enter')
      await untilView(page, 'enterEmail')
    })
  })

  it('fills in the address that is known, and sends another mail to the same or to another address', async () => {
    await visit(async ({ page }) => {
      await openAt(page, 'ENTER_EMAIL', { email: 'suggested@mail.example' })
      expect(await page.getByLabel('E-mail address').inputValue()).toBe('suggested@mail.example')
      await press(page, 'Send confirmation e-mail')
      await untilText(page, 'suggested@mail.example')
      await press(page, 'Send again')
      await untilText(page, TEXTS['confirmEmail']?.['sentAgain'])
      await press(page, 'Use another address')
      await submitEmail(page, 'another@mail.example')
      await untilText(page, 'another@mail.example')
      expect(api.operations.filter(name => name === 'SubmitEmail')).toHaveLength(3)
    })
  })

  it('tells password managers and phones what each field is for', async () => {
    await visit(async ({ page }) => {
      await open(page)
      const told = (label: string) => {
        const field = page.getByLabel(label, { exact: true })
        return Promise.all(['type', 'autocomplete', 'autocapitalize', 'inputmode'].map(name => field.getAttribute(name)))
      }
      expect(await told('BroadWorks ID')).toEqual(['text', 'username', 'none', 'email'])
      expect(await told('Password')).toEqual(['password', 'current-password', 'none', null])
      await signIn(page, ID, PASSWORD)
      expect(await told('E-mail address')).toEqual(['text', 'email', 'none', 'email'])
    })
  })
})

describe('what is wrong', () => {
  it('is said at the field, which gets the focus, until something else is typed', async () => {
    await visit(async ({ page }) => {
      await open(page)
      await press(page, 'Sign in')
      await untilText(page, 'Enter your password.')
      expect(await focused(page)).toBe('input broadworksId')
      const field = page.getByLabel('BroadWorks ID', { exact: true })
      expect(await field.getAttribute('aria-invalid')).toBe('true')
      const described = ((await field.getAttribute('aria-describedby')) ?? '').split(' ')
      const descriptions = await Promise.all(described.map(id => page.locator(`[id="${id}"]`).innerText()))
      expect(descriptions).toContain('Enter your BroadWorks ID.')

      await field.fill(ID)
      await page.getByText('Enter your BroadWorks ID.').waitFor({ state: 'detached' })
      await press(page, 'Sign in')
      await eventually(async () => (await focused(page)) === 'input password')
      expect(api.operations).toEqual(['Arrival'])
    })
  })

  it('is said in the words of the server, with the code for the help desk', async () => {
    await visit(async ({ page }) => {
      await open(page)
      await signIn(page, ID, 'wrong')
      expect(await page.getByRole('alert').innerText()).toContain('The ID or the password is wrong.')
      await untilText(page, 'Code for the help desk: 100006')
      await signIn(page, ID, PASSWORD)

      api.userErrors = [{ message: 'Taken.', field: ['email'], catalogCode: 200042 }]
      await submitEmail(page, EMAIL)
      await untilText(page, 'Taken. Code for the help desk: 200042')
      expect(await focused(page)).toBe('input email')
    })
  })

  it('can be tried again, and its code copied', async () => {
    await visit(async ({ page, context }) => {
      await context.grantPermissions(['clipboard-read', 'clipboard-write'])
      await openAt(page, 'ERROR', { error: { code: 200049, message: 'In use.' } })
      await untilText(page, 'In use.')
      await press(page, 'Copy the code')
      await untilText(page, 'Copied.')
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe('200049')
      await press(page, 'Try again')
      await untilView(page, 'enterEmail')
    })
  })

  it('is followed where another tab or the server has gone on meanwhile', async () => {
    await visit(async ({ page }) => {
      await openAt(page, 'ENTER_EMAIL', { email: EMAIL })
      await untilView(page, 'enterEmail')
      Object.assign(api, { activation: activationAt('PROVISIONING'), userErrors: [{ code: 'INVALID_STATE', message: 'Too late.' }] })
      await press(page, 'Send confirmation e-mail')
      await untilView(page, 'provisioning')
    })
  })

  it('keeps what was typed when the server cannot be reached, and says when to try again after too many requests', async () => {
    await visit(
      async ({ page }) => {
        await openAt(page, 'ENTER_EMAIL')
        await untilView(page, 'enterEmail')
        api.outage = 'nothing'
        await submitEmail(page, EMAIL)
        await untilText(page, TEXTS['failure']?.['unreachable'])
        api.outage = { status: 500, body: '{"errors":[{"extensions":{"code":"INTERNAL"}}]}' }
        await press(page, 'Send confirmation e-mail')
        await untilText(page, TEXTS['failure']?.['failed'])
        api.outage = { status: 429, headers: { 'retry-after': '40' }, body: '{"errors":[{"extensions":{"code":"RATE_LIMITED"}}]}' }
        await press(page, 'Send confirmation e-mail')
        await untilText(page, 'Too many requests. Please try again in 40 seconds.')
        api.outage = null
        await press(page, 'Send confirmation e-mail')
        await untilText(page, EMAIL)
      },
      { excused: /ERR_EMPTY_RESPONSE|status of (429|500)/ },
    )
  })

  it('never leaves a blank page: it says that it tries again, and goes on', async () => {
    await visit(
      async ({ page }) => {
        api.outage = 'nothing'
        await open(page)
        await untilText(page, TEXTS['trouble']?.['unreachable'])
        api.outage = null
        await untilView(page, 'signIn')
        await page.getByText(TEXTS['trouble']?.['unreachable'] as string).waitFor({ state: 'detached' })

        await openAt(page, 'PROVISIONING')
        await untilView(page, 'provisioning')
        api.outage = { status: 429, headers: { 'retry-after': '1' }, body: '' }
        await page.getByText(/^Too many requests\. This page tries again in/).waitFor()
        api.outage = null
        api.activation = activationAt('DONE')
        await untilView(page, 'done')
      },
      { excused: /ERR_EMPTY_RESPONSE|status of 429/ },
    )
  })
})

describe('a visitor who', () => {
  it('reloads the page stays in the step, and Back leads out of the other address only', async () => {
    await visit(async ({ page }) => {
      await openAt(page, 'CONFIRM_EMAIL')
      await press(page, 'Use another address')
      await untilView(page, 'enterEmail')
      await page.reload()
      await untilView(page, 'enterEmail')
      await page.goBack()
      await untilView(page, 'confirmEmail')
      await page.reload()
      await untilView(page, 'confirmEmail')
    })
  })

  it('confirmed while the other address was open does not find it open again', async () => {
    await visit(async ({ page }) => {
      await openAt(page, 'CONFIRM_EMAIL')
      await press(page, 'Use another address')
      await untilView(page, 'enterEmail')
      await goOn(page, 'PROVISIONING')
      await untilView(page, 'provisioning')
      await goOn(page, 'CONFIRM_EMAIL')
      await untilView(page, 'confirmEmail')
    })
  })

  it('has two tabs finds the same in both', async () => {
    await visit(async ({ page, context }) => {
      const other = await context.newPage()
      await open(other)
      await untilView(other, 'signIn')
      await open(page)
      await signIn(page, ID, PASSWORD)
      await untilView(other, 'enterEmail')
      await submitEmail(other, EMAIL)
      await untilView(page, 'confirmEmail')
      await press(page, 'Not you? Sign out')
      await untilView(page, 'signIn')
      await untilView(other, 'signIn')
    })
  })

  it('is another one than before gets none of what the other had typed', async () => {
    await visit(async ({ page }) => {
      await openAt(page, 'ENTER_EMAIL')
      await fill(page, 'E-mail address', EMAIL)
      await goOn(page, 'ENTER_EMAIL', { broadworksId: 'bruno@sp1.example', firstName: 'Bruno' })
      await page.getByText('Hello Bruno', { exact: false }).waitFor()
      expect(await page.getByLabel('E-mail address').inputValue()).toBe('')
    })
  })

  it('has lost the session signs in again and is where he was', async () => {
    await visit(async ({ page }) => {
      await openAt(page, 'CONFIRM_EMAIL')
      await untilView(page, 'confirmEmail')
      api.endSessions()
      await untilText(page, TEXTS['signIn']?.['ended'])
      expect(await focused(page)).toBe('h1 Activate Webex')
      await signIn(page, ID, PASSWORD)
      await untilView(page, 'confirmEmail')

      // Here nothing is asked for in the meantime.
      await goOn(page, 'ENTER_EMAIL')
      await untilView(page, 'enterEmail')
      api.endSessions()
      await submitEmail(page, EMAIL)
      await untilText(page, TEXTS['signIn']?.['ended'])
    })
  })

  it('signs out is asked to sign in, and told nothing of an end', async () => {
    await visit(async ({ page }) => {
      await openAt(page, 'PROVISIONING')
      await untilText(page, `Signed in as ${ID}.`)
      await press(page, 'Not you? Sign out')
      await untilView(page, 'signIn')
      expect(await page.getByText(TEXTS['signIn']?.['ended'] as string).count()).toBe(0)
      await page.reload()
      await untilView(page, 'signIn')
    })
  })

  it("has a session of another provider's link signs in here", async () => {
    await visit(async ({ page }) => {
      await openSession(page, api)
      await open(page, `/activate/${OTHER_LINK}`)
      await untilView(page, 'signIn')
    })
  })
})

describe('the page that the mail leads to', () => {
  it('confirms by its button alone, keeps the token out of the address and through a reload, and the other device goes on', async () => {
    await visit(async ({ page: laptop }) => {
      await openAt(laptop, 'CONFIRM_EMAIL')
      await untilView(laptop, 'confirmEmail')
      await visit(async ({ page: phone }) => {
        await open(phone, `/activate/confirm?token=${TOKEN}`)
        await untilView(phone, 'confirmLink')
        expect(phone.url()).toBe(`${api.url}/activate/confirm`)
        await phone.reload()
        await untilView(phone, 'confirmLink')
        expect(api.operations).not.toContain('ConfirmEmail')

        await press(phone, 'Confirm')
        await untilView(phone, 'confirmed')
        await untilView(laptop, 'provisioning')
        await phone.reload()
        await untilView(phone, 'confirmed')
        expect(await phone.getByText(ID).count()).toBe(0)
      })
    })
  })

  it('goes on live where the session is, and Back does not lead to the used link', async () => {
    await visit(async ({ page }) => {
      await openAt(page, 'CONFIRM_EMAIL')
      await open(page, `/activate/confirm?token=${TOKEN}`)
      await press(page, 'Confirm')
      await untilView(page, 'provisioning')
      expect(await focused(page)).toBe('h1 Webex is being set up')
      expect(page.url()).toBe(`${api.url}/activate/${LINK}`)
      await goOn(page, 'DONE')
      await untilView(page, 'done')
      await page.goBack()
      await untilView(page, 'done')
      expect(page.url()).toBe(`${api.url}/activate/${LINK}`)
    })
  })

  it('says what to do when the link was used before, and leads to the session where there is one', async () => {
    await visit(async ({ page }) => {
      await open(page, '/activate/confirm?token=used')
      await press(page, 'Confirm')
      await untilText(page, 'This link was used already.')
      await untilText(page, TEXTS['confirmLink']?.['help'])
      expect(await page.getByRole('button').count()).toBe(0)

      await openSession(page, api)
      await page.reload()
      await press(page, 'Confirm')
      await page.getByRole('link', { name: 'Go to your activation' }).click()
      await untilView(page, 'enterEmail')
    })
  })

  it('confirms at the second try when the connection was lost', async () => {
    await visit(
      async ({ page }) => {
        await open(page, `/activate/confirm?token=${TOKEN}`)
        await untilView(page, 'confirmLink')
        api.outage = 'nothing'
        await press(page, 'Confirm')
        await untilText(page, TEXTS['failure']?.['unreachable'])
        api.outage = null
        await press(page, 'Confirm')
        await untilView(page, 'confirmed')
      },
      { excused: /ERR_EMPTY_RESPONSE/ },
    )
  })
})

describe('the language', () => {
  it.each([
    [['de-AT', 'en'], 'de'],
    [['pt-BR', 'fr'], 'fr'],
    [['pt-BR'], 'en'],
  ] as const)('is the first of %j that is spoken: %s', async (languages, language) => {
    await visit(async ({ page }) => {
      await page.addInitScript({ content: `Object.defineProperty(navigator, 'languages', { value: ${JSON.stringify(languages)} })` })
      await open(page)
      await untilView(page, 'signIn', language)
      expect(await page.evaluate('document.documentElement.lang')).toBe(language)
      expect(api.language).toBe(language)
    })
  })

  it('is changed by its control, for the sentences of the server, too, and is remembered', async () => {
    await visit(async ({ page }) => {
      await openAt(page, 'ERROR', { error: { code: 200049, message: 'In use.' } })
      await untilText(page, 'In use.')
      await chooseLanguage(page, 'it')
      await untilView(page, 'error', 'it')
      // The fake marks its sentences so.
      await untilText(page, '«it»')
      expect(await page.title()).toBe(`${textsOf('it')['error']?.['title']} – Alice Telecom`)
      await page.reload()
      await untilView(page, 'error', 'it')
    })
  })
})

describe('the live state', () => {
  it('is not asked for while nobody looks, and at once when somebody does', async () => {
    await visit(
      async ({ page }) => {
        const planned = await openWithClockStopped(page)
        await planned(1)
        await setHidden(page, true)
        const before = api.operations.length
        await page.clock.fastForward(60_000)
        await page.evaluate('fetch("/activate/assets/none")')
        expect(api.operations).toHaveLength(before)

        api.activation = activationAt('DONE')
        await setHidden(page, false)
        await untilView(page, 'done')
      },
      { excused: /status of 404/ },
    )
  })

  it('is asked for every two seconds, and less often after a minute', async () => {
    await visit(async ({ page, requests }) => {
      const looks = () => requests.filter(url => url.endsWith('/activation/graphql')).length
      const planned = await openWithClockStopped(page)
      expect([await planned(1), looks()]).toEqual([[2000], 1])
      await page.clock.runFor(2000)
      expect([await planned(2), looks()]).toEqual([[2000, 2000], 2])
      await page.clock.fastForward(61_000)
      expect([await planned(3), looks()]).toEqual([[2000, 2000, 8000], 3])
      await page.clock.runFor(7999)
      await page.evaluate('0')
      expect(looks()).toBe(3)
      await page.clock.runFor(1)
      await planned(4)
      expect([looks(), api.operations.length]).toEqual([4, 5])
    })
  })
})
