import { startTestApp, type TestApp, type TestPartner } from '../support/app'
import { makeTemplate, makeUser, nextNumber } from '../support/builders'
import { FindTemplateDocument, FindUserDocument, ResendValidationEmailDocument, UpdateOnboardingTemplateDocument } from '../support/operations.generated'
import { visitPortal, type Visitor } from '../support/portal'
import { type MailServer, startMailServer } from '../support/smtp'
import { startUpstream, type Upstream } from '../support/upstream'
import { runSync } from '../support/sync'
import { startFakeXsp, type FakeXsp, xspProfile } from '../support/fake-xsp'
import { recordRefusal, sendValidationMail } from '../../src/features/activation/validation-mailing'
import { readUser } from '../../src/features/provisioned-user/provisioned-user.loaders'

const PASSCODE = 'a-passcode-of-the-tests'
let upstream: Upstream, mails: MailServer, app: TestApp, alice: TestPartner, template: string, link: string, xsp: FakeXsp

beforeAll(async () => {
  upstream = await startUpstream()
  mails = await startMailServer()
  xsp = await startFakeXsp()
  app = await startTestApp({ environment: { ...upstream.environment, ...mails.environment } })
  alice = await app.addPartner()
  template = await newTemplate()
  link = await linkOf(template)
})
afterAll(async () => { await app.stop(); await mails.stop(); await upstream.stop(); await xsp.stop() })
function newTemplate(input: Parameters<typeof makeTemplate>[1] = {}) { return makeTemplate(alice.admin, { provisioningId: `${upstream.provisioningId}${nextNumber()}`, language: 'en', ...input }) }
async function linkOf(id: string) { return (await alice.admin.get(FindTemplateDocument, { id })).onboardingTemplate?.userVerification.activationLink.split('/').at(-1) ?? '' }
const address = (rule = 'anna') => `${rule}-${nextNumber()}@example.com`
const handedOver = (on = template, spEnterpriseId = `SP1+customer${nextNumber()}`) => makeUser(alice.operator, on, { activationPasscode: PASSCODE, spEnterpriseId })
async function signedIn(id: string, key = link, opts = {}): Promise<Visitor> { const v = visitPortal(app.url, opts); const r = await v.signIn(key, id, PASSCODE); if (r.userErrors.length) throw new Error(JSON.stringify(r)); return v }
async function tokenFor(email: string, n = 1) { const { text = '' } = await mails.mailTo(email, n); const [url = ''] = /http\S+\/activate\/confirm\S+/.exec(text) ?? []; return new URL(url).searchParams.get('token') ?? '' }
const user = async (id: string) => (await alice.viewer.get(FindUserDocument, { id })).provisionedUser
const log = (name: string, value: unknown) => process.stdout.write(`### ${name}: ${JSON.stringify(value)}\n`)

it('A sync throws back', async () => {
  const { id, broadworksId } = await handedOver()
  const v = await signedIn(broadworksId)
  const bad = address('error-200039')
  await v.submitEmail(bad)
  await v.confirmEmail(await tokenFor(bad))
  await v.untilStep('ERROR')
  await v.tryAgain()
  const good = address()
  await v.submitEmail(good)
  const token = await tokenFor(good)
  log('A before', (await user(id))?.status)
  await new Promise(r => setTimeout(r, 50))
  log('A sync', await runSync(alice))
  log('A after', [(await user(id))?.status, (await v.activation())?.step, (await v.activation())?.email, (await v.activation())?.error])
  log('A confirm', await v.confirmEmail(token))
})

it('C network locked locks users', async () => {
  const { broadworksId } = await handedOver()
  const network = '198.51.100.7'
  for (let i = 0; i < 10; i++) await visitPortal(app.url, { network }).signIn(link, `nobody-${nextNumber()}`, 'xxxx')
  const locked = []
  for (let i = 0; i < 10; i++) locked.push((await visitPortal(app.url, { network }).signIn(link, broadworksId, 'xxxx')).userErrors[0]?.catalogCode)
  log('C codes from locked network', locked)
  log('C victim from elsewhere', (await visitPortal(app.url).signIn(link, broadworksId, PASSCODE)).userErrors)
})

it('D link exhausted', async () => {
  const t = await newTemplate(); const key = await linkOf(t)
  const { broadworksId } = await handedOver(t)
  const network = '198.51.100.8'
  const v = visitPortal(app.url, { network })
  const doc = `mutation { ${Array.from({ length: 30 }, (_, i) => `a${i}: signIn(input: { link: "${key}", broadworksId: "x${i % 3}", password: "y" }) { userErrors { catalogCode } }`).join(' ')} }`
  let r
  for (let i = 0; i < 21; i++) r = await v.ask(doc)
  log('D last attacker', [r?.status, r?.errors[0]])
  const victim = await visitPortal(app.url).ask(`mutation { signIn(input: { link: "${key}", broadworksId: "${broadworksId}", password: "${PASSCODE}" }) { activation { step } userErrors { code } } }`)
  log('D victim', [victim.status, victim.errors[0]?.message, victim.data])
})

it('E concurrent right sign-ins from an office', async () => {
  const t = await newTemplate({ xsiActionsUrl: xsp.url }); const key = await linkOf(t)
  const network = '198.51.100.9'
  const people = Array.from({ length: 30 }, () => { const n = nextNumber(); const u = { userId: `u${n}@provider.example`, password: `pw${n}`, serviceProviderId: `SP${n}`, extension: '12' }; xsp.users.push(u); return u })
  for (const p of people) xsp.next(e => setTimeout(() => { const [, id = ''] = /user\/([^/]+)\//.exec(e.path) ?? []; const u = people.find(x => x.userId === decodeURIComponent(id)); e.answer(200, JSON.stringify(xspProfile(u!)), { 'content-type': 'application/json' }) }, 500))
  const answers = await Promise.all(people.map(p => visitPortal(app.url, { network }).signIn(key, p.userId, p.password)))
  log('E at once', answers.map(a => a.userErrors[0]?.catalogCode ?? 'ok').join(' '))
  log('E afterwards', (await visitPortal(app.url, { network }).signIn(key, people[0]!.userId, people[0]!.password)).userErrors)
  log('E xsp requests', xsp.requests.length)
})

it('F forms', async () => {
  const n = nextNumber()
  const a = await signedIn((await handedOver()).broadworksId)
  const r1 = await a.submitEmail(`anna-${n}@mail.example.com`)
  log('F1', r1.activation?.email)
  await a.confirmEmail(await tokenFor(`anna-${n}@mail.example.com`))
  for (const d of ['mail。example.com', 'mail｡example.com', 'ma\u00adil.example.com', 'ⓜail.example.com', 'xn--0.com']) {
    const h = await handedOver()
    const b = await signedIn(h.broadworksId)
    const r = await b.submitEmail(`anna-${n}@${d}`)
    log('F ' + d, [r.activation?.email, r.userErrors])
    await new Promise(r => setTimeout(r, 400))
    const x = await b.activation()
    log('F after', [x?.step, x?.error])
  }
  log('F received', mails.mails?.map?.((m: any) => m.to ?? m.recipients).slice(-6))
})

it('G xsi', async () => {
  const t = await newTemplate({ xsiActionsUrl: xsp.url }); const key = await linkOf(t)
  const add = (f: object) => { const n = nextNumber(); const u = { userId: `u${n}@provider.example`, password: `pw${n}`, serviceProviderId: `SP${n}`, extension: '12', ...f }; xsp.users.push(u as never); return u }
  for (const f of [{ emailAddress: 'alice@pbx' }, { emailAddress: 'n/a' }, { mobile: '+39 333 x12' }, { number: '2405551212;ext=1' }, { firstName: '' }, { extension: '#12' }, { number: '+1-2405551212' }]) {
    const u = add(f)
    log('G ' + JSON.stringify(f), (await visitPortal(app.url).signIn(key, u.userId, u.password)).userErrors.map(e => e.catalogCode))
  }
  const u = add({})
  const wrong = []
  for (const name of [u.userId, u.userId.replace(/@.*/, '')]) for (let i = 0; i < 10; i++) wrong.push((await visitPortal(app.url).signIn(key, name, 'no')).userErrors[0]?.catalogCode)
  log('G tries', wrong.join(' '))
})

it('H waiting', async () => {
  const g = await newTemplate({ userVerification: { provisionAdminFirst: true } }); const key = await linkOf(g)
  const e = `SP1+c${nextNumber()}`
  await handedOver(g, e)
  const second = await handedOver(g, e)
  const v = await signedIn(second.broadworksId, key)
  const email = address()
  await v.submitEmail(email)
  await v.confirmEmail(await tokenFor(email))
  log('H step', (await v.activation())?.step)
  const r = await alice.operator.get(ResendValidationEmailDocument, { input: { userId: second.id } })
  log('H resend', r.resendValidationEmail?.userErrors)
  log('H mail again', (await tokenFor(email, 2)).length)
  log('H step', (await v.activation())?.step)
  log('H submit', [(await v.submitEmail(email)).activation?.step])
})

it('I refused stays', async () => {
  const { id, broadworksId } = await handedOver()
  const v = await signedIn(broadworksId)
  const email = address()
  await v.submitEmail(email)
  await tokenFor(email)
  const row = await readUser(app.platform.database.reader, id)
  await recordRefusal(app.platform, id, row!.validationId!)
  await sendValidationMail(app.platform, id, row!.validationId!)
  await tokenFor(email, 2)
  log('I', (await v.activation())?.error)
})

it('J not ready inside', async () => {
  const t = await newTemplate(); const key = await linkOf(t)
  const h = await handedOver(t)
  const v = await signedIn(h.broadworksId, key)
  await alice.admin.get(UpdateOnboardingTemplateDocument, { input: { id: t, userVerification: { untrustedEmails: false } } })
  const email = address()
  log('J submit', (await v.submitEmail(email)).activation?.step)
  log('J confirm', (await v.confirmEmail(await tokenFor(email))).activation?.step)
})
