import { portalSentence, portalText, type PortalTextKey } from '../../../src/features/portal/portal-sentences'
import { inPortalWords, SENTENCES } from '../../../src/features/portal/refusals'
import { ProvisionedUser } from '../../../src/features/provisioned-user/provisioned-user.entity'
import { type Refusal, refuse, UserErrorCode } from '../../../src/shared/errors'
import { startTestSimulator, type TestSimulator } from '../../support/fakes/simulator'
import {
  DeleteUserDocument,
  FindTemplateDocument,
  ResendConsentEmailDocument,
  ResendValidationEmailDocument,
  UpdateOnboardingTemplateDocument,
} from '../../support/operations/operations.generated'
import { createTestDatabase, startTestApp, type TestApp, type TestDatabase, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus } from '../../support/world/builders'
import { visitPortal, type Visitor } from '../../support/world/portal'

const PASSCODE = 'a-passcode-of-the-tests'
const RESEND_CONSENT_EMAIL = 'mutation { resendConsentEmail { userErrors { code message field catalogCode } } }'

let simulator: TestSimulator
let database: TestDatabase
let app: TestApp
let alice: TestPartner

beforeAll(async () => {
  simulator = await startTestSimulator()
  database = await createTestDatabase()
  app = await startTestApp({ database, environment: environment() })
  alice = await app.addPartner()
})
afterAll(async () => {
  await app?.stop()
  await database?.remove()
  await simulator?.stop()
})

function environment(settings: Record<string, string> = {}): Record<string, string> {
  return { WEBEX_BASE_URL: simulator.url, WEBEX_ACCESS_TOKEN: 'organisation-of-the-tests', ...settings }
}

/** A template of its own, and the key of its link. */
async function newTemplate(): Promise<{ template: string; key: string }> {
  const template = await makeTemplate(alice.admin, { provisioningId: `dGVzdHM6dGVtcGxhdGU${nextNumber()}`, language: 'en' })
  const { onboardingTemplate } = await alice.admin.get(FindTemplateDocument, { id: template })
  return { template, key: onboardingTemplate?.userVerification.activationLink.split('/').at(-1) ?? '' }
}

/** A user with a passcode, and a visitor of the portal who reads German. The address, where there is one, is vouched for. */
async function newUser({ rule }: { rule?: string } = {}) {
  const { template, key } = await newTemplate()
  const email = rule === undefined ? undefined : `${rule}-${nextNumber()}@example.com`
  const item = { activationPasscode: PASSCODE, spEnterpriseId: `SP1+customer${nextNumber()}`, email }
  const { id, broadworksId } = await makeUser(alice.operator, template, item)
  return { id, broadworksId, template, key, visitor: visitPortal(app.url, { language: 'de' }) }
}

async function newSignedInUser(options: { rule?: string } = {}) {
  const made = await newUser(options)
  expect((await made.visitor.signIn(made.key, made.broadworksId, PASSCODE)).userErrors).toEqual([])
  return made
}

function german(text: PortalTextKey): string {
  return portalText(text, 'de')
}

interface UserErrors {
  userErrors: { code: string; message: string; field: string[] | null; catalogCode: number | null }[]
}

async function resendConsentEmail(visitor: Visitor): Promise<UserErrors['userErrors']> {
  const { data } = await visitor.ask<{ resendConsentEmail: UserErrors }, Record<string, never>>(RESEND_CONSENT_EMAIL)
  return data.resendConsentEmail.userErrors
}

describe('a refusal at the portal is in the words of its reason', () => {
  it.concurrent.each<[string, string, PortalTextKey]>([
    ['no address', '  ', 'EMAIL_REQUIRED'],
    ['half an address', 'anna@', 'EMAIL_INVALID'],
    ['a control character', 'an\tna@example.com', 'EMAIL_INVALID'],
    ['a very long address', `${'a'.repeat(250)}@example.com`, 'EMAIL_TOO_LONG'],
  ])('for %s', async (_, email, text) => {
    const { visitor } = await newSignedInUser()
    expect((await visitor.submitEmail(email)).userErrors).toMatchObject([{ message: german(text), field: ['email'] }])
  })

  it.concurrent('for a step that is over, where an administrator reads of the user and the status', async () => {
    const { id, broadworksId, visitor } = await newSignedInUser()
    expect((await visitor.tryAgain()).userErrors).toMatchObject([{ code: 'INVALID_STATE', message: german('WRONG_STEP') }])
    const { resendValidationEmail } = await alice.operator.get(ResendValidationEmailDocument, { input: { userId: id } })
    expect(resendValidationEmail?.userErrors).toMatchObject([
      { code: 'INVALID_STATE', message: `${broadworksId} is PENDING_EMAIL_INPUT; resendValidationEmail is not possible in that state.` },
    ])
  })

  it.concurrent('for an address of another user, by the code', async () => {
    const email = `anna-${nextNumber()}@example.com`
    const holder = await makeUser(alice.operator, (await newTemplate()).template, { spEnterpriseId: `SP1+customer${nextNumber()}`, email })
    await untilStatus(alice.viewer, holder.id, 'PROVISIONED')
    const { visitor } = await newSignedInUser()
    expect((await visitor.submitEmail(email)).userErrors).toMatchObject([
      { code: 'TAKEN', catalogCode: 200048, message: portalSentence(200048, null, 'de') },
    ])
  })

  it.concurrent('for the sixth mail within an hour, where an administrator reads in how many minutes the next may be sent', async () => {
    const { id, visitor } = await newSignedInUser()
    const email = `anna-${nextNumber()}@example.com`
    for (let mail = 1; mail <= 5; mail += 1) expect((await visitor.submitEmail(email)).userErrors).toEqual([])
    expect((await visitor.submitEmail(email)).userErrors).toMatchObject([
      { code: 'LIMIT_EXCEEDED', catalogCode: 200022, message: german('MAILS_EXCEEDED') },
    ])
    const { resendValidationEmail } = await alice.operator.get(ResendValidationEmailDocument, { input: { userId: id } })
    expect(resendValidationEmail?.userErrors).toMatchObject([
      { catalogCode: 200022, message: expect.stringMatching(/in \d+ min/) as string },
    ])
  })

  it.concurrent('for an invalid token', async () => {
    expect((await visitPortal(app.url, { language: 'de' }).confirmEmail('no-token')).userErrors).toMatchObject([
      { code: 'INVALID', field: ['token'], message: german('TOKEN_INVALID') },
    ])
  })

  it.concurrent('for a link that is unknown, or whose template is not set up any more', async () => {
    const { template, key, broadworksId, visitor } = await newUser()
    expect((await visitor.signIn('unknown', broadworksId, PASSCODE)).userErrors).toMatchObject([{ message: german('LINK_UNKNOWN') }])
    expect((await visitor.signIn(key, broadworksId, 'another')).userErrors).toMatchObject([{ message: german('SIGN_IN_WRONG') }])
    await visitor.signIn(key, broadworksId, PASSCODE)
    await alice.admin.get(UpdateOnboardingTemplateDocument, { input: { id: template, userVerification: { untrustedEmails: false } } })
    expect((await visitor.signIn(key, broadworksId, PASSCODE)).userErrors).toMatchObject([{ message: german('LINK_NOT_READY') }])
    expect((await visitor.submitEmail('anna@example.com')).userErrors).toMatchObject([{ message: german('LINK_NOT_READY') }])
  })

  it.concurrent('for a step without a session', async () => {
    const { errors } = await visitPortal(app.url, { language: 'de' }).ask(RESEND_CONSENT_EMAIL)
    expect(errors).toMatchObject([{ message: german('SESSION_NEEDED'), extensions: { code: 'UNAUTHENTICATED' } }])
  })
})

/** One after another: each sets the faults of the simulator for all, or stops the server. */
describe('a refusal because of Webex', () => {
  afterEach(() => simulator.setFaults())

  it('says that Webex has not sent the mail, and to an administrator what Webex said', async () => {
    const { id, visitor } = await newSignedInUser({ rule: 'consumer' })
    await untilStatus(alice.viewer, id, 'PENDING_USER_MIGRATION')
    await simulator.setFaults({ kind: 'fail', methods: ['POST'], path: '/emails/consentMove', httpStatus: 400 })
    expect(await resendConsentEmail(visitor)).toMatchObject([{ code: 'UPSTREAM_REFUSED', message: german('CONSENT_NOT_SENT') }])
    const answer = await alice.operator.get(ResendConsentEmailDocument, { input: { userId: id } })
    expect(answer.resendConsentEmail?.userErrors).toMatchObject([
      { code: 'UPSTREAM_REFUSED', message: expect.stringContaining('Webex did not send the mail: ') as string },
    ])
  })

  it('says that the previous user is being deleted', async () => {
    const { id, broadworksId, key, visitor } = await newUser({ rule: 'anna' })
    await untilStatus(alice.viewer, id, 'PROVISIONED')
    await simulator.setFaults({ kind: 'fail', methods: ['DELETE'], httpStatus: 503 })
    await alice.operator.get(DeleteUserDocument, { input: { userId: id } })
    expect((await visitor.signIn(key, broadworksId, PASSCODE)).userErrors).toEqual([
      { code: 'INVALID_STATE', field: null, catalogCode: null, message: german('DELETION_UNDER_WAY') },
    ])
  })

  it('says that Webex takes no changes, where the server may only read', async () => {
    const { id, key, broadworksId } = await newSignedInUser({ rule: 'consumer' })
    await untilStatus(alice.viewer, id, 'PENDING_USER_MIGRATION')
    await app.stop()
    app = await startTestApp({ database, environment: environment({ WEBEX_READ_ONLY: 'on' }) })
    const visitor = visitPortal(app.url, { language: 'de' })
    await visitor.signIn(key, broadworksId, PASSCODE)
    expect(await resendConsentEmail(visitor)).toMatchObject([{ code: 'UPSTREAM_REFUSED', message: german('WEBEX_READ_ONLY') }])
    expect(await app.platform.database.reader.findOneBy(ProvisionedUser, { id })).toMatchObject({ status: 'PENDING_USER_MIGRATION' })
  })
})

describe('the words for a refusal', () => {
  const worded = async (refusal: Refusal) => {
    const error = await inPortalWords('fr', () => Promise.reject(refusal)).catch((thrown: unknown) => thrown)
    return (error as Refusal).complaints[0]
  }

  it.each(Object.entries(SENTENCES))('%s is worded as %s, whatever its code', async (reason, text) => {
    for (const code of Object.values(UserErrorCode)) {
      const refusal = refuse(code, ['field'], 'For administrators.', reason as keyof typeof SENTENCES)
      expect(await worded(refusal)).toMatchObject({ code, field: ['field'], message: portalText(text, 'fr') })
    }
  })

  it.each(Object.values(UserErrorCode))('%s without a reason says no more than that something failed', async code => {
    const message = portalSentence(null, 400, 'fr')
    expect(await worded(refuse(code, ['lastName'], '`lastName` is required.'))).toMatchObject({ code, message })
    expect(Object.values(SENTENCES).map(text => portalText(text, 'fr'))).not.toContain(message)
  })

  it('leaves other errors as they are', async () => {
    const error = new Error('A bug.')
    await expect(inPortalWords('fr', () => Promise.reject(error))).rejects.toBe(error)
  })
})
