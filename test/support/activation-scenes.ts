import type { Page } from 'playwright-core'
import { press, textsOf, untilView } from './activation-page'
import { activationAt, LINK, PASSWORD, TOKEN, type FakeActivationApi } from './fake-activation-api'

/** One thing that the activation page can show, and how one gets there. */
export interface Scene {
  name: string
  /** The name of the view in the texts. */
  view: string
  arrange?: (api: FakeActivationApi) => void
  path?: string
  /** From the first view on, in English. */
  act?: (page: Page, api: FakeActivationApi) => Promise<void>
  signedIn?: boolean
}

const ERROR = { code: 200049, message: 'This address is in use already.' }

export const SCENES: Scene[] = [
  { name: 'wrong link', view: 'wrongLink', path: '/activate/no-such-link' },
  { name: 'provider is not ready', view: 'notReady', arrange: api => (api.link = { partnerName: 'Alice Telecom', ready: false }) },
  { name: 'sign in', view: 'signIn' },
  {
    name: 'sign in with nothing',
    view: 'signIn',
    act: async page => {
      await press(page, 'Sign in')
      await page.getByText(textsOf('en')['signIn']?.['passwordMissing'] as string).waitFor()
    },
  },
  {
    name: 'sign in refused',
    view: 'signIn',
    act: async page => {
      await page.getByLabel('BroadWorks ID', { exact: true }).fill('anna.rossi@sp1.example')
      await page.getByLabel('Password', { exact: true }).fill('wrong')
      await press(page, 'Sign in')
      await page.getByText('100006').waitFor()
    },
  },
  {
    name: 'session ended',
    view: 'signIn',
    signedIn: true,
    arrange: api => (api.activation = activationAt('ENTER_EMAIL')),
    act: async (page, api) => {
      await untilView(page, 'enterEmail')
      api.endSessions()
      await page.getByLabel('E-mail address').fill('anna.rossi@mail.example')
      await press(page, 'Send confirmation e-mail')
      await page.getByText(textsOf('en')['signIn']?.['ended'] as string).waitFor()
    },
  },
  { name: 'enter e-mail', view: 'enterEmail', signedIn: true, arrange: api => (api.activation = activationAt('ENTER_EMAIL')) },
  {
    name: 'e-mail taken',
    view: 'enterEmail',
    signedIn: true,
    arrange: api => {
      api.activation = activationAt('ENTER_EMAIL', { email: 'taken@mail.example' })
      api.userErrors = [{ message: 'Somebody else has this address.', field: ['email'], catalogCode: 200042 }]
    },
    act: async page => {
      await press(page, 'Send confirmation e-mail')
      await page.getByText('200042').waitFor()
    },
  },
  {
    name: 'confirm e-mail',
    view: 'confirmEmail',
    signedIn: true,
    arrange: api =>
      (api.activation = activationAt('CONFIRM_EMAIL', { emailWarning: 'It has a plus sign.', email: 'anna+webex@mail.example' })),
  },
  {
    name: 'e-mail sent again',
    view: 'confirmEmail',
    signedIn: true,
    arrange: api => (api.activation = activationAt('CONFIRM_EMAIL')),
    act: async page => {
      await press(page, 'Send again')
      await page.getByText(textsOf('en')['confirmEmail']?.['sentAgain'] as string).waitFor()
    },
  },
  {
    name: 'link in the e-mail expired',
    view: 'confirmEmail',
    signedIn: true,
    arrange: api => (api.activation = activationAt('CONFIRM_EMAIL', { linkExpiresAt: '2020-01-01T00:00:00.000Z' })),
  },
  {
    name: 'e-mail not sent',
    view: 'emailNotSent',
    signedIn: true,
    arrange: api => (api.activation = activationAt('CONFIRM_EMAIL', { error: { code: 200022, message: 'The mail was refused.' } })),
  },
  {
    name: 'another address',
    view: 'enterEmail',
    signedIn: true,
    arrange: api => (api.activation = activationAt('CONFIRM_EMAIL')),
    act: async page => press(page, 'Use another address'),
  },
  {
    name: 'wait for the first user',
    view: 'waitForFirstUser',
    signedIn: true,
    arrange: api => (api.activation = activationAt('WAIT_FOR_FIRST_USER')),
  },
  { name: 'give consent', view: 'giveConsent', signedIn: true, arrange: api => (api.activation = activationAt('GIVE_CONSENT')) },
  { name: 'provisioning', view: 'provisioning', signedIn: true, arrange: api => (api.activation = activationAt('PROVISIONING')) },
  { name: 'done', view: 'done', signedIn: true, arrange: api => (api.activation = activationAt('DONE')) },
  { name: 'error', view: 'error', signedIn: true, arrange: api => (api.activation = activationAt('ERROR', { error: ERROR })) },
  {
    name: 'error for the provider',
    view: 'error',
    signedIn: true,
    arrange: api => (api.activation = activationAt('ERROR', { error: { code: null, message: 'No.' }, canTryAgain: false })),
  },
  { name: 'confirm link', view: 'confirmLink', path: `/activate/confirm?token=${TOKEN}` },
  {
    name: 'confirm link used',
    view: 'confirmLink',
    path: '/activate/confirm?token=used',
    signedIn: true,
    act: async page => {
      await press(page, 'Confirm')
      await page.getByRole('link', { name: 'Go to your activation' }).waitFor()
    },
  },
  {
    name: 'confirmed on another device',
    view: 'confirmed',
    path: `/activate/confirm?token=${TOKEN}`,
    act: async page => press(page, 'Confirm'),
  },
  { name: 'confirm link incomplete', view: 'linkIncomplete', path: '/activate/confirm' },
  {
    name: 'no connection',
    view: 'provisioning',
    signedIn: true,
    arrange: api => (api.activation = activationAt('PROVISIONING')),
    act: async (page, api) => {
      await untilView(page, 'provisioning')
      api.outage = { status: 502, body: '<html>Bad gateway</html>' }
      await page.getByText(textsOf('en')['trouble']?.['unreachable'] as string).waitFor()
    },
  },
  {
    name: 'no connection from the beginning',
    view: 'arriving',
    arrange: api => (api.outage = { status: 500, body: '{"errors":[{"extensions":{"code":"INTERNAL"}}]}' }),
    act: async page => page.getByText(textsOf('en')['trouble']?.['failed'] as string).waitFor(),
  },
]

/** Opens the page in the scene; the visitor has a session where the scene wants one. */
export async function enterScene(page: Page, api: FakeActivationApi, scene: Scene): Promise<void> {
  Object.assign(api, { link: { partnerName: 'Alice Telecom', ready: true }, userErrors: [], outage: null })
  scene.arrange?.(api)
  if (scene.signedIn) await openSession(page, api)
  await page.goto(api.url + (scene.path ?? `/activate/${LINK}`))
  await scene.act?.(page, api)
  await untilView(page, scene.view)
}

/** As if the visitor had signed in before. */
export async function openSession(page: Page, api: FakeActivationApi): Promise<void> {
  const { userErrors } = api
  api.userErrors = []
  await page.request.post(`${api.url}/activation/graphql`, {
    data: {
      query: 'mutation SignIn($input: SignInInput!) { signIn(input: $input) { userErrors { message } } }',
      variables: { input: { link: LINK, broadworksId: 'anna.rossi@sp1.example', password: PASSWORD } },
    },
  })
  api.userErrors = userErrors
}
