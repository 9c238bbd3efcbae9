import type { Page } from 'playwright-core'
import { fill, type Language, press, signIn, textsOf, untilText, untilView } from './activation-page'
import type { ActivationFragment } from '../operations/activation-operations.generated'
import { activationAt, LINK, PASSWORD, TOKEN, type FakeActivationApi } from '../fakes/activation-api'

/** One thing that the activation page can show, and how one gets there. */
export interface Scene {
  name: string
  /** The name of the view in the texts. */
  view: string
  /** Where the user stands; the visitor has a session then. */
  activation?: ActivationFragment
  arrange?: (api: FakeActivationApi) => void
  path?: string
  /** What the visitor does. */
  act?: (scene: { page: Page; api: FakeActivationApi; texts: Record<string, Record<string, string>>; language: Language }) => Promise<void>
}

const ID = 'anna.rossi@sp1.example'

export const SCENES: Scene[] = [
  { name: 'wrong link', view: 'wrongLink', path: '/activate/no-such-link' },
  { name: 'provider not ready', view: 'notReady', arrange: api => (api.link = { partnerName: 'Alice Telecom', ready: false }) },
  { name: 'sign in', view: 'signIn' },
  {
    name: 'sign in with nothing',
    view: 'signIn',
    act: async ({ page, texts }) => {
      await press(page, texts['signIn']?.['submit'])
      await untilText(page, texts['signIn']?.['passwordMissing'])
    },
  },
  {
    name: 'sign in refused',
    view: 'signIn',
    act: async ({ page, language }) => {
      await signIn(page, ID, 'wrong', language)
      await page.getByText('100006').waitFor()
    },
  },
  {
    name: 'session ended',
    view: 'signIn',
    activation: activationAt('ENTER_EMAIL', { email: 'anna@mail.example' }),
    act: async ({ page, api, texts, language }) => {
      await untilView(page, 'enterEmail', language)
      api.endSessions()
      await press(page, texts['enterEmail']?.['submit'])
      await untilText(page, texts['signIn']?.['ended'])
    },
  },
  { name: 'enter e-mail', view: 'enterEmail', activation: activationAt('ENTER_EMAIL') },
  {
    name: 'e-mail missing',
    view: 'enterEmail',
    activation: activationAt('ENTER_EMAIL'),
    act: async ({ page, texts }) => {
      await press(page, texts['enterEmail']?.['submit'])
      await untilText(page, texts['enterEmail']?.['emailMissing'])
    },
  },
  {
    name: 'e-mail taken',
    view: 'enterEmail',
    activation: activationAt('ENTER_EMAIL', { email: 'taken@mail.example' }),
    arrange: api => (api.userErrors = [{ message: 'Somebody else has this address.', field: ['email'], catalogCode: 200042 }]),
    act: async ({ page, texts }) => {
      await press(page, texts['enterEmail']?.['submit'])
      await page.getByText('200042').waitFor()
    },
  },
  {
    name: 'confirm e-mail',
    view: 'confirmEmail',
    activation: activationAt('CONFIRM_EMAIL', { emailWarning: 'It has a plus sign.', email: 'anna+webex@mail.example' }),
  },
  {
    name: 'e-mail sent again',
    view: 'confirmEmail',
    activation: activationAt('CONFIRM_EMAIL'),
    act: async ({ page, texts }) => {
      await press(page, texts['confirmEmail']?.['sendAgain'])
      await untilText(page, texts['confirmEmail']?.['sentAgain'])
    },
  },
  {
    name: 'link in the e-mail expired',
    view: 'confirmEmail',
    activation: activationAt('CONFIRM_EMAIL', { linkExpiresAt: '2020-01-01T00:00:00.000Z' }),
  },
  {
    name: 'e-mail not sent',
    view: 'emailNotSent',
    activation: activationAt('CONFIRM_EMAIL', { error: { code: 200022, message: 'The mail was refused.' } }),
  },
  {
    name: 'another address',
    view: 'enterEmail',
    activation: activationAt('CONFIRM_EMAIL'),
    act: async ({ page, texts }) => press(page, texts['confirmEmail']?.['otherAddress']),
  },
  { name: 'wait for the first user', view: 'waitForFirstUser', activation: activationAt('WAIT_FOR_FIRST_USER') },
  {
    name: 'give consent',
    view: 'giveConsent',
    activation: activationAt('GIVE_CONSENT'),
    act: async ({ page, texts }) => {
      await press(page, texts['giveConsent']?.['sendAgain'])
      await untilText(page, texts['giveConsent']?.['sentAgain'])
    },
  },
  { name: 'provisioning', view: 'provisioning', activation: activationAt('PROVISIONING') },
  { name: 'done', view: 'done', activation: activationAt('DONE') },
  {
    name: 'error',
    view: 'error',
    activation: activationAt('ERROR', { error: { code: 200049, message: 'This address is in use already.' } }),
  },
  {
    name: 'error for the provider',
    view: 'error',
    activation: activationAt('ERROR', { error: { code: null, message: 'It was not our day.' }, canTryAgain: false }),
  },
  { name: 'confirm link', view: 'confirmLink', path: `/activate/confirm?token=${TOKEN}` },
  {
    name: 'confirm link used',
    view: 'confirmLink',
    path: '/activate/confirm?token=used',
    activation: activationAt('PROVISIONING'),
    act: async ({ page, texts }) => {
      await press(page, texts['confirmLink']?.['submit'])
      await untilText(page, texts['confirmLink']?.['goOn'])
    },
  },
  {
    name: 'confirmed on another device',
    view: 'confirmed',
    path: `/activate/confirm?token=${TOKEN}`,
    act: async ({ page, texts }) => press(page, texts['confirmLink']?.['submit']),
  },
  { name: 'confirm link incomplete', view: 'linkIncomplete', path: '/activate/confirm' },
  {
    name: 'no connection',
    view: 'signIn',
    act: async ({ page, api, texts, language }) => {
      await untilView(page, 'signIn', language)
      api.outage = { status: 502, body: '<html>Bad gateway</html>' }
      await fill(page, texts['signIn']?.['broadworksId'], ID)
      await fill(page, texts['signIn']?.['password'], PASSWORD)
      await press(page, texts['signIn']?.['submit'])
      await untilText(page, texts['failure']?.['unreachable'])
    },
  },
  {
    name: 'server failing from the beginning',
    view: 'arriving',
    arrange: api => (api.outage = { status: 500, body: '{"errors":[{"extensions":{"code":"INTERNAL"}}]}' }),
    act: async ({ page, texts }) => untilText(page, texts['trouble']?.['failed']),
  },
]

/** Opens the page in the scene. */
export async function enterScene(page: Page, api: FakeActivationApi, scene: Scene, language: Language = 'en'): Promise<void> {
  Object.assign(api, { link: { partnerName: 'Alice Telecom', ready: true }, userErrors: [], outage: null })
  await page.context().clearCookies()
  // To go where one is would be a reload, which keeps what Back would close.
  await page.goto('about:blank')
  if (scene.activation) {
    api.activation = { ...scene.activation }
    await openSession(page, api)
  }
  scene.arrange?.(api)
  await page.goto(api.url + (scene.path ?? `/activate/${LINK}`))
  await scene.act?.({ page, api, texts: textsOf(language), language })
  await untilView(page, scene.view, language)
}

/** As if the visitor had signed in before. */
export async function openSession(page: Page, api: FakeActivationApi): Promise<void> {
  const query = 'mutation SignIn($input: SignInInput!) { signIn(input: $input) { userErrors { message } } }'
  const variables = { input: { link: LINK, broadworksId: ID, password: PASSWORD } }
  await page.request.post(`${api.url}/activation/graphql`, { data: { query, variables } })
}
