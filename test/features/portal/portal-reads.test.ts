import { ProvisionedUser } from '../../../src/features/provisioned-user/provisioned-user.entity'
import { signValidationToken } from '../../../src/features/portal/validation-mail/validation-token'
import { startUpstream, type Upstream } from '../../support/fakes/upstream'
import { FindTemplateDocument } from '../../support/operations/operations.generated'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber } from '../../support/world/builders'
import { type Step, visitPortal, type Visitor } from '../../support/world/portal'

const PASSCODE = 'a-passcode-of-the-tests'

let upstream: Upstream
let app: TestApp
let alice: TestPartner
let template: string
let link: string

/** Users at the step that their name says. */
let users: Record<'entering' | 'confirming' | 'failed' | 'failedForAWhile' | 'consenting', { id: string; visitor: Visitor }>

beforeAll(async () => {
  upstream = await startUpstream()
  app = await startTestApp({ environment: upstream.environment })
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin, { provisioningId: upstream.provisioningId, language: 'en' })
  const { onboardingTemplate } = await alice.admin.get(FindTemplateDocument, { id: template })
  link = onboardingTemplate?.userVerification.activationLink.split('/').at(-1) ?? ''
  users = {
    entering: await userAt('ENTER_EMAIL'),
    confirming: await userAt('CONFIRM_EMAIL'),
    failed: await userAt('ERROR', 'error-200039'),
    failedForAWhile: await userAt('ERROR', 'http-503'),
    consenting: await userAt('GIVE_CONSENT', 'consumer'),
  }
  // From here on only requests read users, not jobs.
  await app.platform.queue.stop()
}, 60_000)
afterAll(async () => {
  await app?.stop()
  await upstream?.stop()
})

async function userAt(step: Step, rule?: string) {
  const { id, broadworksId } = await makeUser(alice.operator, template, {
    activationPasscode: PASSCODE,
    spEnterpriseId: `SP1+customer${nextNumber()}`,
  })
  const visitor = visitPortal(app.url)
  await visitor.signIn(link, broadworksId, PASSCODE)
  if (step !== 'ENTER_EMAIL') {
    await visitor.submitEmail(`${rule ?? 'anna'}-${nextNumber()}@example.com`)
    if (step !== 'CONFIRM_EMAIL') await visitor.confirmEmail(await tokenOf(id))
    await visitor.untilStep(step)
  }
  return { id, visitor }
}

async function tokenOf(userId: string): Promise<string> {
  const { validationId, validationExpiresAt } = await app.platform.database.reader.findOneByOrFail(ProvisionedUser, { id: userId })
  return signValidationToken(app.platform, { userId, validationId: validationId ?? '' }, validationExpiresAt ?? '')
}

/** How often whole rows of users are read while a request runs. A look at who has an address reads only IDs. */
async function readsOf(request: () => Promise<unknown>): Promise<number> {
  app.statements.length = 0
  await request()
  return app.statements.filter(sql => /^SELECT/.test(sql) && /AS "firstName"/.test(sql) && /FROM "provisioned_user"/.test(sql)).length
}

describe('the portal reads its user once', () => {
  it('to show the state', async () => {
    const { visitor } = users.entering
    expect(await readsOf(() => visitor.activation())).toBe(1)
  })

  it('to sign in', async () => {
    const { broadworksId } = await app.platform.database.reader.findOneByOrFail(ProvisionedUser, { id: users.entering.id })
    expect(await readsOf(() => visitPortal(app.url).signIn(link, broadworksId, PASSCODE))).toBe(1)
  })

  it('to take an address', async () => {
    const { visitor } = users.entering
    const email = `anna-${nextNumber()}@example.com`
    const submit = async () => expect(await visitor.submitEmail(email)).toMatchObject({ activation: { step: 'CONFIRM_EMAIL', email } })
    expect(await readsOf(submit)).toBe(1)
  })

  it('to confirm it', async () => {
    const { id, visitor } = users.confirming
    const token = await tokenOf(id)
    const confirm = async () => expect(await visitor.confirmEmail(token)).toMatchObject({ activation: { step: 'PROVISIONING' } })
    expect(await readsOf(confirm)).toBe(1)
  })

  it.each([
    ['failed', 'ENTER_EMAIL'],
    ['failedForAWhile', 'PROVISIONING'],
  ] as const)('to try again after an error: %s', async (name, step) => {
    const { visitor } = users[name]
    const tryAgain = async () => expect(await visitor.tryAgain()).toMatchObject({ activation: { step, error: null }, userErrors: [] })
    expect(await readsOf(tryAgain)).toBe(1)
  })

  it('to have the consent mail sent again', async () => {
    const { visitor } = users.consenting
    const resend = async () => {
      const { data } = await visitor.ask('mutation { resendConsentEmail { activation { step } userErrors { code } } }')
      expect(data).toEqual({ resendConsentEmail: { activation: { step: 'GIVE_CONSENT' }, userErrors: [] } })
    }
    expect(await readsOf(resend)).toBe(1)
  })
})
