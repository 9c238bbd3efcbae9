import type { Browser, BrowserContextOptions } from 'playwright-core'
import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import {
  accessibilityFaults,
  chooseLanguage,
  press,
  signIn,
  submitEmail,
  textsOf,
  untilView,
  visitActivation,
  type Visit,
} from '../support/browser/activation-page'
import { launchBrowser } from '../support/browser/browser'
import { makeTemplate, makeUser, nextNumber, untilStatus } from '../support/world/builders'
import { DeleteUserDocument, FindTemplateDocument, FindUserDocument } from '../support/operations/operations.generated'
import { BUILD_TIMEOUT_MS, ensureBuilt } from '../support/processes/processes'
import { type MailServer, startMailServer } from '../support/fakes/smtp'
import { newNetwork } from '../support/world/portal'
import { startUpstream, type Upstream } from '../support/fakes/upstream'

/** The portal whole: browser, server, mail server and simulator, each of them real. */
const PASSCODE = 'a-passcode-of-the-tests'

let upstream: Upstream
let mails: MailServer
let app: TestApp
let alice: TestPartner
let browser: Browser
let template: string
let link: string

beforeAll(async () => {
  await ensureBuilt()
  upstream = await startUpstream()
  mails = await startMailServer()
  app = await startTestApp({ environment: { ...upstream.environment, ...mails.environment } })
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin, { provisioningId: upstream.provisioningId, language: 'en' })
  const { onboardingTemplate } = await alice.admin.get(FindTemplateDocument, { id: template })
  link = onboardingTemplate?.userVerification.activationLink ?? ''
  browser = await launchBrowser()
}, BUILD_TIMEOUT_MS)
afterAll(async () => {
  await browser.close()
  await app.stop()
  await mails.stop()
  await upstream.stop()
})

function address(rule = 'anna'): string {
  return `${rule}-${nextNumber()}@example.com`
}

function handedOver() {
  return makeUser(alice.operator, template, { activationPasscode: PASSCODE, spEnterpriseId: `SP1+customer${nextNumber()}` })
}

/** A visitor on a device and in a network of their own. */
function visit(act: (visit: Visit) => Promise<void>, options: BrowserContextOptions & { excused?: RegExp } = {}): Promise<void> {
  const extraHTTPHeaders = { 'x-forwarded-for': newNetwork() }
  return visitActivation(browser, app.url, act, { extraHTTPHeaders, ...options })
}

async function confirmationLink(email: string): Promise<string> {
  const { text = '' } = await mails.mailTo(email)
  return /http\S+\/activate\/confirm\S+/.exec(text)?.[0] ?? ''
}

/** Opens the mail and presses the button of its page, on a device that knows nobody. */
async function confirmElsewhere(email: string): Promise<void> {
  await visit(async ({ page }) => {
    await page.goto(await confirmationLink(email))
    await untilView(page, 'confirmLink')
    await press(page, textsOf('en')['confirmLink']?.['submit'])
    await untilView(page, 'confirmed')
  })
}

describe('a user in a browser', () => {
  it('gets from the link to Webex, fails, tries again, is deleted, and starts over', async () => {
    const { id, broadworksId } = await handedOver()
    await visit(async ({ page }) => {
      await page.goto(link)
      await untilView(page, 'signIn')
      await signIn(page, broadworksId, PASSCODE)
      await untilView(page, 'enterEmail')

      const failing = address('error-200039')
      await submitEmail(page, failing)
      await untilView(page, 'confirmEmail')
      expect((await alice.viewer.get(FindUserDocument, { id })).provisionedUser?.status).toBe('PENDING_EMAIL_VALIDATION')
      await confirmElsewhere(failing)
      // The page goes on by itself.
      await untilView(page, 'error')
      await page.getByText('200039').waitFor()
      expect(await accessibilityFaults(page)).toEqual([])
      await press(page, textsOf('en')['error']?.['tryAgain'])
      await untilView(page, 'enterEmail')

      const email = address()
      await submitEmail(page, email)
      await confirmElsewhere(email)
      await untilView(page, 'done')
      await page.getByText(email).waitFor()
      expect(await alice.viewer.get(FindUserDocument, { id })).toMatchObject({ provisionedUser: { status: 'PROVISIONED', email } })

      await alice.operator.get(DeleteUserDocument, { input: { userId: id } })
      await page.reload()
      await untilView(page, 'signIn')
      await signIn(page, broadworksId, PASSCODE)
      await untilView(page, 'enterEmail')
      await submitEmail(page, email.replace('anna', 'again'))
      await confirmElsewhere(email.replace('anna', 'again'))
      await untilView(page, 'done')
      const again = (await alice.viewer.get(FindUserDocument, { broadworksId })).provisionedUser
      expect(again).toMatchObject({ status: 'PROVISIONED' })
      expect(again?.id).not.toBe(id)
    })
  }, 60_000)

  it('waits while the owner of the address is asked, and goes on when the owner agrees', async () => {
    const { broadworksId } = await handedOver()
    await visit(async ({ page }) => {
      await page.goto(link)
      await signIn(page, broadworksId, PASSCODE)
      const email = address('consumer-anna')
      await submitEmail(page, email)
      await confirmElsewhere(email)
      await untilView(page, 'giveConsent')
      await press(page, textsOf('en')['giveConsent']?.['sendAgain'])
      await page.getByText(textsOf('en')['giveConsent']?.['sentAgain'] ?? '').waitFor()
      expect(await upstream.mailsTo(email)).toHaveLength(2)
      await upstream.consent(email)
      await untilView(page, 'done')
    })
  }, 60_000)

  it('confirms nothing by opening the mail, as a program does that looks for harmful links', async () => {
    const { id, broadworksId } = await handedOver()
    await visit(async ({ page }) => {
      await page.goto(link)
      await signIn(page, broadworksId, PASSCODE)
      const email = address()
      await submitEmail(page, email)
      await untilView(page, 'confirmEmail')
      await visit(async ({ page: scanner }) => {
        await scanner.goto(await confirmationLink(email))
        await untilView(scanner, 'confirmLink')
      })
      expect((await alice.viewer.get(FindUserDocument, { id })).provisionedUser?.status).toBe('PENDING_EMAIL_VALIDATION')
      await confirmElsewhere(email)
      await untilView(page, 'done')
    })
  }, 60_000)

  it('is told in the chosen language what is wrong, and is locked out after ten wrong passwords', async () => {
    const { broadworksId } = await handedOver()
    await visit(async ({ page }) => {
      await page.goto(link)
      await untilView(page, 'signIn')
      await chooseLanguage(page, 'de')
      await untilView(page, 'signIn', 'de')
      for (let wrong = 0; wrong < 10; wrong += 1) {
        const answered = page.waitForResponse('**/activation/graphql')
        await signIn(page, broadworksId, `falsch-${wrong}`, 'de')
        await answered
        await page.getByText('100006').waitFor()
      }
      await signIn(page, broadworksId, PASSCODE, 'de')
      await page.getByText('200018').waitFor()
      await page
        .getByText(/zehn|10/)
        .first()
        .waitFor()
    })
  }, 60_000)

  it('finds in a second tab what happened in the first, and in the playground', async () => {
    const { id, broadworksId } = await handedOver()
    await visit(async ({ page, context }) => {
      await page.goto(link)
      await signIn(page, broadworksId, PASSCODE)
      await untilView(page, 'enterEmail')
      const second = await context.newPage()
      await second.goto(link)
      await untilView(second, 'enterEmail')
      const email = address()
      await submitEmail(second, email)
      await untilView(page, 'confirmEmail')
      await confirmElsewhere(email)
      await Promise.all([untilView(page, 'done'), untilView(second, 'done')])
      expect(await untilStatus(alice.viewer, id, 'PROVISIONED')).toMatchObject({ email })
    })
  }, 60_000)
})

describe('a link that leads nowhere', () => {
  it('says so and nothing else', async () => {
    await visit(
      async ({ page }) => {
        expect((await fetch(link)).status).toBe(200)
        expect((await page.goto(`${app.url}/activate/wrong`))?.status()).toBe(404)
        await untilView(page, 'wrongLink')
        expect(await page.getByRole('textbox').count()).toBe(0)
      },
      { excused: /404/ },
    )
  })
})
