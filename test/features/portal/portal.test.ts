import { createActor } from '../../support/world/actor'
import { createTestDatabase, startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus } from '../../support/world/builders'
import { createTestClock } from '../../support/world/clock'
import {
  AuditEventsDocument,
  DeleteUserDocument,
  FindUserDocument,
  ProvisionUserDocument,
  ResendValidationEmailDocument,
  FindTemplateDocument,
  UpdateOnboardingTemplateDocument,
  UserHistoryDocument,
} from '../../support/operations/operations.generated'
import { visitPortal, type Visitor } from '../../support/world/portal'
import { type MailServer, startMailServer } from '../../support/fakes/smtp'
import { runSync } from '../../support/world/sync'
import { startUpstream, type Upstream } from '../../support/fakes/upstream'

const PASSCODE = 'a-passcode-of-the-tests'
const HOUR_MS = 3_600_000

let upstream: Upstream
let mails: MailServer
let app: TestApp
let alice: TestPartner
let template: string
let link: string
const clock = createTestClock()

beforeAll(async () => {
  upstream = await startUpstream()
  mails = await startMailServer()
  app = await startTestApp({ clock, environment: { ...upstream.environment, ...mails.environment } })
  alice = await app.addPartner()
  template = await newTemplate()
  link = await linkOf(template)
})
afterAll(async () => {
  await app.stop()
  await mails.stop()
  await upstream.stop()
})

function newTemplate(input: Parameters<typeof makeTemplate>[1] = {}): Promise<string> {
  return makeTemplate(alice.admin, { provisioningId: `${upstream.provisioningId}${nextNumber()}`, language: 'en', ...input })
}

async function linkOf(id: string): Promise<string> {
  const { onboardingTemplate } = await alice.admin.get(FindTemplateDocument, { id })
  return onboardingTemplate?.userVerification.activationLink.split('/').at(-1) ?? ''
}

function address(rule = 'anna'): string {
  return `${rule}-${nextNumber()}@example.com`
}

/** A user whom BroadWorks handed over with a passcode, in a customer of their own. */
function handedOver(onTemplate = template, spEnterpriseId = `SP1+customer${nextNumber()}`) {
  return makeUser(alice.operator, onTemplate, { activationPasscode: PASSCODE, spEnterpriseId })
}

async function signedIn(broadworksId: string, key = link): Promise<Visitor> {
  const visitor = visitPortal(app.url)
  const { activation, userErrors } = await visitor.signIn(key, broadworksId, PASSCODE)
  expect(userErrors).toEqual([])
  expect(activation).toMatchObject({ broadworksId })
  return visitor
}

/** The token in the link of the mail to this address. */
async function tokenFor(email: string, number = 1): Promise<string> {
  const { text = '' } = await mails.mailTo(email, number)
  const [url = ''] = /http\S+\/activate\/confirm\S+/.exec(text) ?? []
  return new URL(url).searchParams.get('token') ?? ''
}

async function submitted(visitor: Visitor, email: string): Promise<string> {
  expect(await visitor.submitEmail(email)).toMatchObject({ activation: { step: 'CONFIRM_EMAIL', email }, userErrors: [] })
  return tokenFor(email)
}

async function user(id: string) {
  return (await alice.viewer.get(FindUserDocument, { id })).provisionedUser
}

describe('a user on the way through the portal', () => {
  it.concurrent('gets from the hand-over to Webex with no administrator', async () => {
    const { id, broadworksId } = await handedOver()
    const visitor = visitPortal(app.url)
    expect(await visitor.activation()).toBeNull()
    expect(await visitor.signIn(link, broadworksId.toUpperCase(), PASSCODE)).toMatchObject({
      activation: { step: 'ENTER_EMAIL', broadworksId, firstName: 'Anna', partnerName: 'Alice Telecom', email: null, error: null },
      userErrors: [],
    })

    const email = address()
    const token = await submitted(visitor, email)
    expect(await user(id)).toMatchObject({ status: 'PENDING_EMAIL_VALIDATION', email, webexSubscriberId: null })
    // The mail is opened on another device, which knows nobody.
    const elsewhere = visitPortal(app.url)
    // Whoever has it may be a stranger, when the address was mistyped.
    expect(await elsewhere.confirmEmail(token)).toMatchObject({
      activation: { step: 'PROVISIONING', email, broadworksId: null, activationLink: null },
      userErrors: [],
    })
    expect(elsewhere.cookie).toBeUndefined()
    expect(await elsewhere.activation()).toBeNull()

    expect(await visitor.untilStep('DONE')).toMatchObject({ email, error: null, canTryAgain: false, linkExpiresAt: null })
    expect(await user(id)).toMatchObject({ status: 'PROVISIONED', email })
    const { provisionedUser } = await alice.viewer.get(UserHistoryDocument, { id })
    expect(provisionedUser?.attempts.nodes).toMatchObject([{ trigger: 'PORTAL', actor: 'portal', email, outcome: 'PROVISIONED' }])
    const { auditEvents } = await alice.admin.get(AuditEventsDocument, { filter: { targetIds: [id] } })
    expect(auditEvents.nodes.map(({ actor, action }) => `${actor} ${action}`)).toEqual(
      expect.arrayContaining(['portal submitEmail', 'portal confirmEmail']),
    )
  })

  it.concurrent('reads why an address failed, tries again with another, and succeeds', async () => {
    const { id, broadworksId } = await handedOver()
    const visitor = await signedIn(broadworksId)
    const failing = address('error-200039')
    await visitor.confirmEmail(await submitted(visitor, failing))
    const failed = await visitor.untilStep('ERROR')
    expect(failed).toMatchObject({ canTryAgain: true, error: { code: 200039, message: expect.stringMatching(/\w.*\./) as string } })
    expect((await visitor.submitEmail(address())).userErrors).toMatchObject([{ code: 'INVALID_STATE' }])

    expect(await visitor.tryAgain()).toMatchObject({ activation: { step: 'ENTER_EMAIL', email: failing, error: null }, userErrors: [] })
    const email = address()
    await visitor.confirmEmail(await submitted(visitor, email))
    expect(await visitor.untilStep('DONE')).toMatchObject({ email })
    expect(await upstream.find(broadworksId)).toMatchObject([{ email, status: 'provisioned' }])
    expect((await visitor.tryAgain()).userErrors).toMatchObject([{ code: 'INVALID_STATE' }])
    expect(await user(id)).toMatchObject({ status: 'PROVISIONED' })
  })

  it.concurrent('has Webex asked once more, with the address that is confirmed, when the failure may pass', async () => {
    const { id, broadworksId } = await handedOver()
    const visitor = await signedIn(broadworksId)
    const email = address('http-503')
    await visitor.confirmEmail(await submitted(visitor, email))
    expect(await visitor.untilStep('ERROR')).toMatchObject({ error: { code: null }, canTryAgain: true })
    expect(await visitor.tryAgain()).toMatchObject({ activation: { step: 'PROVISIONING', email }, userErrors: [] })
    await visitor.untilStep('ERROR')
    const { provisionedUser } = await alice.viewer.get(UserHistoryDocument, { id })
    expect(provisionedUser?.attempts.nodes).toMatchObject([
      { trigger: 'PORTAL', email },
      { trigger: 'PORTAL', email },
    ])
  })

  it.concurrent('keeps the address that is being confirmed, whatever a sync finds of the failure before', async () => {
    const { id, broadworksId } = await handedOver()
    const visitor = await signedIn(broadworksId)
    await visitor.confirmEmail(await submitted(visitor, address('error-200039')))
    await visitor.untilStep('ERROR')
    await visitor.tryAgain()
    await runSync(alice, { full: true })
    expect(await visitor.activation()).toMatchObject({ step: 'ENTER_EMAIL' })
    const email = address()
    const token = await submitted(visitor, email)
    await runSync(alice, { full: true })
    expect(await user(id)).toMatchObject({ status: 'PENDING_EMAIL_VALIDATION', email })
    expect((await visitor.confirmEmail(token)).userErrors).toEqual([])
    await visitor.untilStep('DONE')
  })

  it.concurrent('hears of an error when nobody can write to Webex, and the confirmation is kept', async () => {
    const database = await createTestDatabase()
    const readOnly = await startTestApp({ database, environment: { ...upstream.environment, ...mails.environment, WEBEX_READ_ONLY: 'on' } })
    const bob = await readOnly.addPartner('Bob Telecom')
    const onTemplate = await makeTemplate(bob.admin, { provisioningId: upstream.provisioningId, language: 'en' })
    const { id, broadworksId } = await makeUser(bob.operator, onTemplate, {
      activationPasscode: PASSCODE,
      spEnterpriseId: `SP1+customer${nextNumber()}`,
    })
    const { onboardingTemplate } = await bob.admin.get(FindTemplateDocument, { id: onTemplate })
    const visitor = visitPortal(readOnly.url)
    await visitor.signIn(onboardingTemplate?.userVerification.activationLink.split('/').at(-1) ?? '', broadworksId, PASSCODE)
    const email = address()
    expect((await visitor.confirmEmail(await submitted(visitor, email))).userErrors).toEqual([])
    await visitor.untilStep('ERROR')
    await readOnly.stop()

    const writable = await startTestApp({ database, environment: { ...upstream.environment, ...mails.environment } })
    const operator = createActor(writable.url, bob.operator.token)
    // With the address on record, which its user confirmed.
    await operator.ask('mutation ($input: RetryActivationInput!) { retryActivation(input: $input) { userErrors { code } } }', {
      input: { userId: id },
    })
    expect(await untilStatus(operator, id, 'PROVISIONED')).toMatchObject({ email })
    await writable.stop()
    await database.remove()
  })

  it.concurrent('is sent to the provider when the template is not set up any more', async () => {
    const changing = await newTemplate()
    const { id, broadworksId } = await handedOver(changing)
    const visitor = await signedIn(broadworksId, await linkOf(changing))
    await alice.admin.get(UpdateOnboardingTemplateDocument, { input: { id: changing, userVerification: { untrustedEmails: false } } })
    expect((await visitor.submitEmail(address())).userErrors).toMatchObject([
      { code: 'INVALID_STATE', message: expect.stringContaining('provider') as string },
    ])
    expect(await user(id)).toMatchObject({ status: 'PENDING_EMAIL_INPUT' })
  })

  it.concurrent('waits for the consent of the owner, whom Webex asks again, and goes on by itself', async () => {
    const { broadworksId } = await handedOver()
    const visitor = await signedIn(broadworksId)
    const email = address('consumer-anna')
    await visitor.confirmEmail(await submitted(visitor, email))
    await visitor.untilStep('GIVE_CONSENT')
    const { data } = await visitor.ask<{ resendConsentEmail: unknown }, Record<string, never>>(
      'mutation { resendConsentEmail { activation { step } userErrors { code } } }',
    )
    expect(data.resendConsentEmail).toEqual({ activation: { step: 'GIVE_CONSENT' }, userErrors: [] })
    expect(await upstream.mailsTo(email)).toHaveLength(2)
    await upstream.consent(email)
    await visitor.untilStep('DONE')
  })

  it.concurrent('waits for the first user of the customer, where the template asks for it', async () => {
    const guarded = await newTemplate({ userVerification: { provisionAdminFirst: true } })
    const key = await linkOf(guarded)
    const enterprise = `SP1+customer${nextNumber()}`
    const first = await handedOver(guarded, enterprise)
    const second = await handedOver(guarded, enterprise)
    const waiting = await signedIn(second.broadworksId, key)
    const confirmed = address()
    await waiting.confirmEmail(await submitted(waiting, confirmed))
    expect(await waiting.activation()).toMatchObject({ step: 'WAIT_FOR_FIRST_USER' })
    // A second tab that does not know yet undoes nothing, and an administrator is told.
    expect(await waiting.submitEmail(confirmed)).toMatchObject({ activation: { step: 'WAIT_FOR_FIRST_USER' }, userErrors: [] })
    const { resendValidationEmail } = await alice.operator.get(ResendValidationEmailDocument, { input: { userId: second.id } })
    expect(resendValidationEmail?.userErrors).toMatchObject([{ code: 'INVALID_STATE' }])
    expect((await user(second.id))?.availableActions).not.toContain('RESEND_VALIDATION_EMAIL')
    const ahead = await signedIn(first.broadworksId, key)
    await ahead.confirmEmail(await submitted(ahead, address()))
    await ahead.untilStep('DONE')
    await waiting.untilStep('DONE')
  })

  it.concurrent('who was deleted signs in again and starts over as a new user', async () => {
    const { id, broadworksId } = await handedOver()
    const visitor = await signedIn(broadworksId)
    await visitor.confirmEmail(await submitted(visitor, address()))
    await visitor.untilStep('DONE')
    await alice.operator.get(DeleteUserDocument, { input: { userId: id } })
    expect(await visitor.activation()).toBeNull()
    expect((await visitor.ask('mutation { tryAgain { userErrors { code } } }')).errors).toMatchObject([
      { extensions: { code: 'UNAUTHENTICATED' } },
    ])

    const again = await signedIn(broadworksId)
    expect(await again.activation()).toMatchObject({ step: 'ENTER_EMAIL', email: null })
    const { provisionedUser } = await alice.viewer.get(FindUserDocument, { broadworksId })
    expect(provisionedUser).toMatchObject({ status: 'PENDING_EMAIL_INPUT' })
    expect(provisionedUser?.id).not.toBe(id)
    const email = address()
    await again.confirmEmail(await submitted(again, email))
    expect(await again.untilStep('DONE')).toMatchObject({ email })
    expect(await upstream.find(broadworksId)).toMatchObject([{ email }])
  })
})

describe('an address', () => {
  it.concurrent.each([
    ['', 'REQUIRED'],
    ['   ', 'REQUIRED'],
    ['anna', 'INVALID'],
    ['anna@', 'INVALID'],
    ['anna@example.com, eve@example.com', 'INVALID'],
    ['anna@xn--0.com', 'INVALID'],
    ['anna@\u00ad', 'INVALID'],
    ['anna@example.com\r\nBcc: eve@example.com', 'INVALID'],
    [`${'a'.repeat(250)}@example.com`, 'TOO_LONG'],
  ])('%j is refused as %s, and changes nothing', async (email, code) => {
    const { id, broadworksId } = await handedOver()
    const visitor = await signedIn(broadworksId)
    const { activation, userErrors } = await visitor.submitEmail(email)
    expect({ activation, userErrors }).toMatchObject({ activation: null, userErrors: [{ code, field: ['email'] }] })
    expect(await user(id)).toMatchObject({ status: 'PENDING_EMAIL_INPUT', email: null })
  })

  it.concurrent.each(['anna@bücher.example', 'jörg@example.com', "o'brien@example.com"])('%s is taken', async email => {
    const { broadworksId } = await handedOver()
    const visitor = await signedIn(broadworksId)
    expect((await visitor.submitEmail(email)).userErrors).toEqual([])
  })

  it.concurrent('is one address however its international domain is written', async () => {
    const number = nextNumber()
    const first = await signedIn((await handedOver()).broadworksId)
    expect((await first.submitEmail(`anna-${number}@xn--bcher-kva.example`)).activation?.email).toBe(`anna-${number}@bücher.example`)
    await first.confirmEmail(await tokenFor(`anna-${number}@bücher.example`))
    const second = await signedIn((await handedOver()).broadworksId)
    for (const domain of ['bücher.example', 'bücher。example', 'bü\u00adcher.example', 'ⓑücher.example', 'BÜCHER.example']) {
      const [error] = (await second.submitEmail(`anna-${number}@${domain}`)).userErrors
      expect(['TAKEN', 'INVALID']).toContain(error?.code)
    }
  })

  it.concurrent('with a + is taken with a warning', async () => {
    const { broadworksId } = await handedOver()
    const visitor = await signedIn(broadworksId)
    const { activation } = await visitor.submitEmail(address('anna+webex'))
    expect(activation).toMatchObject({ step: 'CONFIRM_EMAIL', emailWarning: expect.stringContaining('+') as string })
  })

  it.concurrent('that BroadWorks handed over is there to begin with', async () => {
    const trusting = await newTemplate()
    const email = address('suggested')
    const { provisionUser } = await alice.operator.get(ProvisionUserDocument, {
      input: {
        user: {
          onboardingTemplateId: trusting,
          broadworksId: `user.${nextNumber()}@provider.example`,
          spEnterpriseId: `SP1+${nextNumber()}`,
          firstName: 'Anna',
          lastName: 'Rossi',
          extension: '12',
          activationPasscode: PASSCODE,
          email,
        },
      },
    })
    // An operator vouched for it; who is deleted begins with it, and has to confirm it.
    const { id, broadworksId } = provisionUser?.provisionedUser ?? { id: '', broadworksId: '' }
    await untilStatus(alice.viewer, id, 'PROVISIONED')
    await alice.operator.get(DeleteUserDocument, { input: { userId: id } })
    const visitor = await signedIn(broadworksId, await linkOf(trusting))
    expect(await visitor.activation()).toMatchObject({ step: 'ENTER_EMAIL', email })
  })

  it.concurrent('that is confirmed for another user is refused, and by whom is not said', async () => {
    const holder = await handedOver()
    const email = address('error-200041')
    const first = await signedIn(holder.broadworksId)
    await first.confirmEmail(await submitted(first, email))
    await first.untilStep('ERROR')
    const second = await signedIn((await handedOver()).broadworksId)
    const { userErrors } = await second.submitEmail(email.toUpperCase())
    expect(userErrors).toMatchObject([{ code: 'TAKEN', field: ['email'], catalogCode: 200042 }])
    expect(JSON.stringify(userErrors)).not.toContain(holder.broadworksId)
    expect(await second.activation()).toMatchObject({ step: 'ENTER_EMAIL' })
  })

  it.concurrent('that a live user has is refused with a code of its own', async () => {
    const email = address()
    await untilStatus(alice.viewer, (await makeUser(alice.operator, template, { email })).id, 'PROVISIONED')
    const visitor = await signedIn((await handedOver()).broadworksId)
    expect((await visitor.submitEmail(email)).userErrors).toMatchObject([{ code: 'TAKEN', catalogCode: 200048 }])
  })

  it.concurrent('that two users typed belongs to the first who confirms it', async () => {
    const email = address()
    const one = await signedIn((await handedOver()).broadworksId)
    const two = await signedIn((await handedOver()).broadworksId)
    const tokens = [await submitted(one, email), (await two.submitEmail(email), await tokenFor(email, 2))] as const
    const answers = await Promise.all([one.confirmEmail(tokens[0]), two.confirmEmail(tokens[1])])
    const [refused] = answers.flatMap(({ userErrors }) => userErrors)
    expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1)
    expect(refused).toMatchObject({ code: 'TAKEN' })
    expect([200042, 200048]).toContain(refused?.catalogCode)
  })
})

describe('the link of a mail', () => {
  it.concurrent('works once', async () => {
    const visitor = await signedIn((await handedOver()).broadworksId)
    const token = await submitted(visitor, address())
    expect((await visitor.confirmEmail(token)).userErrors).toEqual([])
    expect((await visitor.confirmEmail(token)).userErrors).toMatchObject([{ code: 'INVALID', field: ['token'] }])
  })

  it.concurrent('works once, whoever is quicker', async () => {
    const { id, broadworksId } = await handedOver()
    const visitor = await signedIn(broadworksId)
    const token = await submitted(visitor, address())
    const answers = await Promise.all([1, 2, 3, 4].map(() => visitPortal(app.url).confirmEmail(token)))
    expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1)
    await visitor.untilStep('DONE')
    const { provisionedUser } = await alice.viewer.get(UserHistoryDocument, { id })
    expect(provisionedUser?.attempts.nodes).toHaveLength(1)
  })

  it.concurrent('is void once there is a newer mail', async () => {
    const { id, broadworksId } = await handedOver()
    const visitor = await signedIn(broadworksId)
    const email = address()
    const old = await submitted(visitor, email)
    await visitor.submitEmail(email)
    const fresh = await tokenFor(email, 2)
    expect(fresh).not.toBe(old)
    expect((await visitor.confirmEmail(old)).userErrors).toMatchObject([{ code: 'INVALID', field: ['token'] }])
    expect(await user(id)).toMatchObject({ status: 'PENDING_EMAIL_VALIDATION' })
    expect((await visitor.confirmEmail(fresh)).userErrors).toEqual([])
  })

  it.concurrent('is void once an operator retries with an address', async () => {
    const { id, broadworksId } = await handedOver()
    const visitor = await signedIn(broadworksId)
    const token = await submitted(visitor, address())
    const email = address()
    await alice.operator.ask('mutation ($input: RetryActivationInput!) { retryActivation(input: $input) { userErrors { code } } }', {
      input: { userId: id, email },
    })
    expect((await visitor.confirmEmail(token)).userErrors).toMatchObject([{ code: 'INVALID' }])
    expect(await visitor.untilStep('DONE')).toMatchObject({ email })
  })

  it.concurrent('is not followed by whoever only looks at it', async () => {
    const { id, broadworksId } = await handedOver()
    const visitor = await signedIn(broadworksId)
    const token = await submitted(visitor, address())
    for (const method of ['GET', 'HEAD']) await fetch(`${app.url}/activate/confirm?token=${token}`, { method })
    expect(await user(id)).toMatchObject({ status: 'PENDING_EMAIL_VALIDATION' })
    expect((await visitor.confirmEmail(token)).userErrors).toEqual([])
  })

  it.concurrent.each<[string, (token: string) => string]>([
    ['nothing', () => ''],
    ['what is no token', () => 'eyJhbGciOiJub25lIn0'],
    ['a token that was changed', token => token.replace(/\.[^.]+\./, match => match.replace(/[a-z]/, 'Q'))],
    ['a token without its signature', token => token.replace(/[^.]+$/, '')],
    ['an unsigned token', token => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.`],
  ])('is refused for %s', async (_, forge) => {
    const { id, broadworksId } = await handedOver()
    const token = await submitted(await signedIn(broadworksId), address())
    expect((await visitPortal(app.url).confirmEmail(forge(token))).userErrors).toMatchObject([{ code: 'INVALID', field: ['token'] }])
    expect(await user(id)).toMatchObject({ status: 'PENDING_EMAIL_VALIDATION' })
  })

  it.concurrent('is not in the database', async () => {
    const { id, broadworksId } = await handedOver()
    const token = await submitted(await signedIn(broadworksId), address())
    const tables = ['provisioned_user', 'audit_event', app.platform.database.kind === 'sqlite' ? 'job' : 'flowthrough_queue.job']
    for (const table of tables) {
      const rows = await app.platform.database.backgroundRead(`SELECT * FROM ${table}`, [])
      expect(JSON.stringify(rows)).not.toContain(token.split('.')[2])
    }
    expect(await user(id)).toMatchObject({ status: 'PENDING_EMAIL_VALIDATION' })
  })
})

describe('a mail', () => {
  it.concurrent('that a mail server refuses is an error for its user, who gives another address', async () => {
    const { id, broadworksId } = await handedOver()
    const visitor = await signedIn(broadworksId)
    const email = address('refused')
    mails.behaviour.refusals.set(email, { status: 550, words: 'No such mailbox' })
    await visitor.submitEmail(email)
    for (;;) {
      const activation = await visitor.untilStep('CONFIRM_EMAIL')
      if (activation.error) {
        expect(activation.error).toMatchObject({ code: 200022, message: expect.any(String) as string })
        break
      }
    }
    const { auditEvents } = await alice.admin.get(AuditEventsDocument, { filter: { targetIds: [id] } })
    expect(auditEvents.nodes.map(({ action }) => action)).toContain('validationMailRefused')
    const token = await submitted(visitor, address())
    expect(await visitor.activation()).toMatchObject({ error: null })
    expect((await visitor.confirmEmail(token)).userErrors).toEqual([])
  })

  it.concurrent('that a mail server does not take now is sent a little later', async () => {
    const visitor = await signedIn((await handedOver()).broadworksId)
    const email = address('greylisted')
    mails.behaviour.refusals.set(email, { status: 451, words: 'Try later' })
    await visitor.submitEmail(email)
    mails.behaviour.refusals.delete(email)
    expect(await tokenFor(email)).toMatch(/^ey/)
  })

  it.concurrent('can be sent five times to a user within an hour, whoever asks', async () => {
    const { id, broadworksId } = await handedOver()
    const visitor = await signedIn(broadworksId)
    const email = address()
    // Each is waited for: one that is not sent yet when the next is asked for is never sent.
    let latest = ''
    for (let mail = 1; mail <= 3; mail += 1) {
      expect((await visitor.submitEmail(email)).userErrors).toEqual([])
      latest = await tokenFor(email, mail)
    }
    const resend = async () => (await alice.operator.get(ResendValidationEmailDocument, { input: { userId: id } })).resendValidationEmail
    for (let mail = 4; mail <= 5; mail += 1) {
      expect(await resend()).toMatchObject({ provisionedUser: { status: 'PENDING_EMAIL_VALIDATION' }, userErrors: [] })
      latest = await tokenFor(email, mail)
    }
    expect((await resend())?.userErrors).toMatchObject([{ code: 'LIMIT_EXCEEDED', catalogCode: 200022 }])
    expect((await visitor.submitEmail(email)).userErrors).toMatchObject([{ code: 'LIMIT_EXCEEDED', catalogCode: 200022 }])
    // What was refused voided nothing.
    expect((await visitor.confirmEmail(latest)).userErrors).toEqual([])
  })
})

describe('resendValidationEmail', () => {
  it.concurrent('voids the link of the mail before', async () => {
    const { id, broadworksId } = await handedOver()
    const visitor = await signedIn(broadworksId)
    const email = address()
    const old = await submitted(visitor, email)
    await alice.operator.get(ResendValidationEmailDocument, { input: { userId: id } })
    const fresh = await tokenFor(email, 2)
    expect((await visitor.confirmEmail(old)).userErrors).toMatchObject([{ code: 'INVALID' }])
    expect((await visitor.confirmEmail(fresh)).userErrors).toEqual([])
  })

  it.concurrent('is refused in any other state', async () => {
    const { id } = await handedOver()
    const { resendValidationEmail } = await alice.operator.get(ResendValidationEmailDocument, { input: { userId: id } })
    expect(resendValidationEmail).toMatchObject({ provisionedUser: null, userErrors: [{ code: 'INVALID_STATE' }] })
  })
})

/** Last, because time passes for everybody. */
describe('time', () => {
  it('ends the link of a mail after a day, as the mail says', async () => {
    const { id, broadworksId } = await handedOver()
    const visitor = await signedIn(broadworksId)
    const email = address()
    const token = await submitted(visitor, email)
    expect((await mails.mailTo(email)).text).toContain('24 hours')
    const { linkExpiresAt } = (await visitor.activation()) ?? {}
    expect(Math.abs(Date.parse(linkExpiresAt ?? '') - clock.now().getTime() - 24 * HOUR_MS)).toBeLessThan(60_000)
    clock.moveAhead(24 * HOUR_MS)
    expect((await visitPortal(app.url).confirmEmail(token)).userErrors).toMatchObject([{ code: 'INVALID', field: ['token'] }])
    expect(await user(id)).toMatchObject({ status: 'PENDING_EMAIL_VALIDATION' })
  })

  it('ends a session after half an hour in which no step was taken', async () => {
    const visitor = await signedIn((await handedOver()).broadworksId)
    clock.moveAhead(20 * 60_000)
    expect((await visitor.submitEmail(address())).userErrors).toEqual([])
    clock.moveAhead(20 * 60_000)
    expect(await visitor.activation()).toMatchObject({ step: 'CONFIRM_EMAIL' })
    clock.moveAhead(11 * 60_000)
    expect(await visitor.activation()).toBeNull()
  })
})
