import { Readable } from 'node:stream'
import { Customer } from '../../../src/features/customer/customer.entity'
import { OnboardingTemplate } from '../../../src/features/onboarding-template/onboarding-template.entity'
import { importUsers } from '../../../src/features/provisioning-request/import.service'
import { ProvisionedUser } from '../../../src/features/provisioned-user/provisioned-user.entity'
import { UserStatus } from '../../../src/provisioning/lifecycle'
import { newId } from '../../../src/shared/ids'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus, userItem } from '../../support/world/builders'
import { insertUsers } from '../../support/schema/lists'
import {
  AuditEventsDocument,
  ChangePackageTypeDocument,
  DeleteUserDocument,
  FindUserDocument,
  type Fixer,
  ListUsersDocument,
  ProvisionUsersDocument,
  ResumeOnboardingTemplateDocument,
  RetryActivationDocument,
  TemplatePauseDocument,
  UserHistoryDocument,
} from '../../support/operations/operations.generated'
import { startUpstream, type Upstream } from '../../support/fakes/upstream'
import { eventually } from '../../support/world/waiting'

const THRESHOLD = 3

let upstream: Upstream
let app: TestApp
let alice: TestPartner

beforeAll(async () => {
  upstream = await startUpstream()
  app = await startTestApp({
    environment: {
      ...upstream.environment,
      TEMPLATE_PAUSE_FAILURES: String(THRESHOLD),
      WEBEX_CALLS_PER_SECOND: '1000',
      // A first attempt by itself after a second.
      RETRY_PAUSE_MS: '2',
    },
  })
  alice = await app.addPartner()
})
afterAll(async () => {
  await app.stop()
  await upstream.stop()
})

/** An address that the simulator reads by its first part. */
function address(rule = 'anna'): string {
  return `${rule}-${nextNumber()}@example.com`
}

/** With addresses that it trusts, so that an import begins to provision. */
function newTemplate(): Promise<string> {
  return makeTemplate(alice.admin, { provisioningId: `provisioning${nextNumber()}`, userVerification: { untrustedEmails: false } })
}

/** Each template has a customer of its own. */
function enterpriseOf(template: string): string {
  return `SP1+${template}`
}

/** Hands a user over as a person does. */
function hand(template: string, email: string) {
  return makeUser(alice.operator, template, { email, spEnterpriseId: enterpriseOf(template) })
}

/** Waits for each to fail before the next, so that they are counted one by one. */
async function fail(template: string, rule: string, times: number): Promise<string[]> {
  const ids: string[] = []
  for (let time = 0; time < times; time += 1) {
    const { id } = await hand(template, address(rule))
    await untilStatus(alice.viewer, id, 'ERROR')
    ids.push(id)
  }
  return ids
}

async function pausedTemplate(): Promise<string> {
  const template = await newTemplate()
  await fail(template, 'http-403', THRESHOLD)
  expect(await pauseOf(template)).not.toBeNull()
  return template
}

async function pauseOf(id: string) {
  return (await alice.viewer.get(TemplatePauseDocument, { id })).onboardingTemplate?.paused
}

async function resume(id: string, actor = alice.admin) {
  return (await actor.get(ResumeOnboardingTemplateDocument, { input: { id } })).resumeOnboardingTemplate
}

async function import_(template: string, emails: string[]): Promise<string[]> {
  const { database } = app.platform
  const entity = await database.reader.findOneByOrFail(OnboardingTemplate, { id: template })
  const actor = { partnerId: alice.partnerId, name: 'command line', requestId: null }
  const rows = emails.map(email => ({ email, broadworksId: `user-${nextNumber()}` }))
  const lines = rows.map(({ email, broadworksId }) => `${broadworksId},${enterpriseOf(template)},Anna,Rossi,1212,${email}`)
  const file = Readable.from([Buffer.from(['broadworksId,spEnterpriseId,firstName,lastName,extension,email', ...lines, ''].join('\n'))])
  const bad: unknown[] = []
  const result = await importUsers({ ...app.platform, actor }, entity, file, row => bad.push(row))
  expect({ ...result, bad }).toEqual({ created: rows.length, unchanged: 0, bad: [] })
  const users = await Promise.all(rows.map(({ broadworksId }) => alice.viewer.get(FindUserDocument, { broadworksId })))
  return users.map(({ provisionedUser }) => provisionedUser?.id ?? '')
}

/** Waits until the attempt of a user waits for the end of the pause. */
async function untilParked(id: string) {
  return eventually(async () => {
    const { provisionedUser: user } = await alice.operator.get(FindUserDocument, { id })
    return user?.diagnosis?.cause.includes('paused') ? user : null
  })
}

async function attemptsOf(id: string) {
  const { provisionedUser } = await alice.viewer.get(UserHistoryDocument, { id })
  return (provisionedUser?.attempts.nodes ?? []).map(({ trigger, outcome, steps }) => ({
    trigger,
    outcome,
    calls: steps.map(({ name, httpStatus }) => `${name} ${httpStatus}`),
  }))
}

async function eventsOf(template: string) {
  const { auditEvents } = await alice.admin.get(AuditEventsDocument, { first: 100, filter: { targetIds: [template] } })
  return auditEvents.nodes.filter(({ action }) => action !== 'createOnboardingTemplate')
}

async function idsFixedBy(template: string, fixer: Fixer): Promise<string[]> {
  const filter = { fixer, onboardingTemplateIds: [template] }
  const { provisionedUsers } = await alice.viewer.get(ListUsersDocument, { first: 100, filter })
  return provisionedUsers.edges.map(({ node }) => node.id)
}

describe('a template whose users fail one after another', () => {
  it.concurrent.each<[string, number | null]>([
    ['error-200043', 200043],
    ['error-6003', 6003],
    ['error-18215', 18215],
    ['http-401', null],
    ['http-403', null],
    ['http-405', null],
  ])('pauses once when the cause lies in it, its cluster or our authorisation: %s', async (rule, code) => {
    const template = await newTemplate()
    await fail(template, rule, THRESHOLD - 1)
    expect(await pauseOf(template)).toBeNull()
    const [last] = await fail(template, rule, 1)
    const { provisionedUser } = await alice.viewer.get(FindUserDocument, { id: last })
    const paused = await pauseOf(template)
    expect(paused).toEqual({
      since: expect.any(String) as string,
      code,
      message: provisionedUser?.errors[0]?.message,
      failureCount: THRESHOLD,
    })
    const event = { actor: 'activation', action: 'pauseOnboardingTemplate', targetId: template }
    const expected = [{ ...event, changes: [{ field: 'paused', before: null, after: paused?.message }] }]
    expect(await eventsOf(template)).toMatchObject(expected)

    await fail(template, rule, 1)
    expect(await pauseOf(template)).toEqual({ ...paused, failureCount: THRESHOLD + 1 })
    expect(await eventsOf(template)).toMatchObject(expected)
  })

  it.concurrent('pauses once, when many fail at the same moment', async () => {
    const template = await newTemplate()
    const users = Array.from({ length: 10 }, () =>
      userItem(template, { email: address('http-403'), spEnterpriseId: enterpriseOf(template) }),
    )
    await alice.operator.get(ProvisionUsersDocument, { input: { users } })
    // Each of them counts, and what a person asked for goes on.
    await eventually(async () => (await pauseOf(template))?.failureCount === users.length)
    expect((await eventsOf(template)).map(({ action }) => action)).toEqual(['pauseOnboardingTemplate'])
  })

  it.concurrent('does not pause for what is wrong with single users, nor for what may pass', async () => {
    const template = await newTemplate()
    const rules = ['error-10022', 'error-200039', 'error-424242', 'http-400', 'http-404', 'http-409']
    for (const rule of rules) await fail(template, rule, 1)
    const passing = await Promise.all(
      ['http-503', 'http-503', 'http-503', 'http-500', 'error-2560'].map(rule => hand(template, address(rule))),
    )
    for (const { id } of passing) {
      const failed = await untilStatus(alice.viewer, id, 'ERROR')
      expect(failed.diagnosis?.nextAttemptAt).not.toBeNull()
    }
    expect(await pauseOf(template)).toBeNull()
    expect(await eventsOf(template)).toEqual([])
    // They would be attempted again and again.
    for (const { id } of passing) await alice.operator.get(DeleteUserDocument, { input: { userId: id } })
  })

  it.concurrent('begins to count anew after a success', async () => {
    const template = await newTemplate()
    await fail(template, 'http-403', THRESHOLD - 1)
    const { id } = await hand(template, address())
    await untilStatus(alice.viewer, id, 'PROVISIONED')
    await fail(template, 'http-403', THRESHOLD - 1)
    expect(await pauseOf(template)).toBeNull()
    await fail(template, 'http-403', 1)
    expect(await pauseOf(template)).toMatchObject({ failureCount: THRESHOLD })
  })

  it.concurrent('tells the cause in the language of the reader', async () => {
    const template = await pausedTemplate()
    const query = `query ($id: ID!) { onboardingTemplate(id: $id) { paused { message } } }`
    type Paused = { onboardingTemplate: { paused: { message: string } } }
    const ask = (language: string) => alice.viewer.ask<Paused, { id: string }>(query, { id: template }, { 'accept-language': language })
    const [english, italian] = [await ask('en'), await ask('it')].map(({ data }) => data.onboardingTemplate.paused.message)
    expect(italian).toMatch(/autorizz|permess|consent|ruolo/i)
    expect(italian).not.toBe(english)
  })
})

describe('while a template is paused', () => {
  it.concurrent('imported users wait, and it is seen why and for whom', async () => {
    const template = await pausedTemplate()
    const ids = await import_(template, [address(), address()])
    for (const id of ids) {
      const { broadworksId, diagnosis, ...user } = await untilParked(id)
      expect(user).toMatchObject({ status: 'PROVISIONING', errors: [], pendingRequirement: null, availableActions: ['DELETE_USER'] })
      expect(diagnosis).toMatchObject({ fixer: 'PARTNER_ADMIN', retryable: true, stuckSince: null, nextAttemptAt: null, blockedBy: null })
      expect(diagnosis?.steps.join()).toContain('resumeOnboardingTemplate')
      expect(await attemptsOf(id)).toEqual([{ trigger: 'IMPORT', outcome: 'RUNNING', calls: [] }])
      expect(await upstream.find(broadworksId)).toEqual([])
    }
    expect(await idsFixedBy(template, 'PARTNER_ADMIN')).toEqual(expect.arrayContaining(ids))
    expect(await idsFixedBy(template, 'NOBODY')).toEqual([])
  })

  it.concurrent("a person's retry and hand-over go through, and do not end the pause", async () => {
    const template = await newTemplate()
    const [failed] = await fail(template, 'http-403', THRESHOLD)
    const pause = await pauseOf(template)
    await alice.operator.get(RetryActivationDocument, { input: { userId: failed as string, email: address() } })
    await untilStatus(alice.viewer, failed as string, 'PROVISIONED')
    const { id } = await hand(template, address())
    await untilStatus(alice.viewer, id, 'PROVISIONED')
    expect(await pauseOf(template)).toEqual(pause)
  })

  it.concurrent('another template of the partner goes on', async () => {
    await pausedTemplate()
    const [id] = await import_(await newTemplate(), [address()])
    await untilStatus(alice.viewer, id as string, 'PROVISIONED')
  })

  it.concurrent('the attempt that is planned after a disturbance waits, and is made after the resumption', async () => {
    const template = await pausedTemplate()
    const { id } = await hand(template, address('http-503'))
    await untilParked(id)
    const [planned, first, ...others] = await attemptsOf(id)
    expect(others).toEqual([])
    expect(planned).toMatchObject({ trigger: 'AUTOMATIC', outcome: 'RUNNING' })
    expect(first).toMatchObject({ trigger: 'API', outcome: 'FAILED' })
    await resume(template)
    await eventually(async () => (await attemptsOf(id)).at(-2)?.calls.includes('create 503'))
    await alice.operator.get(DeleteUserDocument, { input: { userId: id } })
  })

  it.concurrent('who waited for consent becomes live, and the change that is recorded waits', async () => {
    const template = await newTemplate()
    const email = address('consumer')
    const { id, broadworksId } = await hand(template, email)
    await untilStatus(alice.viewer, id, 'PENDING_USER_MIGRATION')
    await fail(template, 'http-403', THRESHOLD)
    await alice.operator.get(ChangePackageTypeDocument, { input: { userId: id, packageType: 'PREMIUM' } })
    await upstream.consent(email)
    expect(await untilParked(id)).toMatchObject({ status: 'UPDATING', packageType: 'STANDARD', diagnosis: { fixer: 'PARTNER_ADMIN' } })
    expect(await upstream.find(broadworksId)).toMatchObject([{ status: 'provisioned', package: 'standard' }])
    await resume(template)
    const live = await untilStatus(alice.viewer, id, 'PROVISIONED')
    expect(live).toMatchObject({ packageType: 'PREMIUM' })
  })
})

describe('resumeOnboardingTemplate', () => {
  it.concurrent('lets those go on who wait, and is on record', async () => {
    const template = await pausedTemplate()
    const pause = await pauseOf(template)
    const ids = await import_(template, [address(), address()])
    for (const id of ids) await untilParked(id)
    expect(await resume(template)).toEqual({ onboardingTemplate: { id: template, paused: null }, userErrors: [] })
    for (const id of ids) {
      const live = await untilStatus(alice.viewer, id, 'PROVISIONED')
      expect(await upstream.find(live.broadworksId)).toMatchObject([{ id: live.webexSubscriberId }])
      expect(await attemptsOf(id)).toEqual([{ trigger: 'IMPORT', outcome: 'PROVISIONED', calls: ['create 200', 'follow 200'] }])
    }
    const [event, ...earlier] = await eventsOf(template)
    expect(event).toMatchObject({
      action: 'resumeOnboardingTemplate',
      actor: 'admin of the tests',
      changes: [{ field: 'pausedAt', before: pause?.since, after: null }],
    })
    expect(earlier.map(({ action }) => action)).toEqual(['pauseOnboardingTemplate'])
  })

  it.concurrent('begins to count anew, also when nobody succeeded since', async () => {
    const template = await pausedTemplate()
    await resume(template)
    await fail(template, 'http-403', THRESHOLD - 1)
    expect(await pauseOf(template)).toBeNull()
    await fail(template, 'http-403', 1)
    expect(await pauseOf(template)).toMatchObject({ failureCount: THRESHOLD })
    expect(await eventsOf(template)).toHaveLength(3)
  })

  it.concurrent('is refused for a template that is not paused, and once it is resumed', async () => {
    const template = await newTemplate()
    const refused = { onboardingTemplate: null, userErrors: [{ code: 'INVALID_STATE', field: null }] }
    expect(await resume(template)).toMatchObject(refused)
    expect(await eventsOf(template)).toEqual([])
    await fail(template, 'http-403', THRESHOLD)
    expect((await resume(template))?.userErrors).toEqual([])
    expect(await resume(template)).toMatchObject(refused)
  })

  it.concurrent('is for administrators only, and knows no template that is not there', async () => {
    const template = await pausedTemplate()
    for (const actor of [alice.viewer, alice.operator]) {
      const { errors } = await actor.ask(ResumeOnboardingTemplateDocument, { input: { id: template } })
      expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    }
    expect(await resume('tpl_01h455vb4pex5vsknk084sn02q')).toMatchObject({ userErrors: [{ code: 'NOT_FOUND', field: ['id'] }] })
    expect(await pauseOf(template)).not.toBeNull()
  })

  it.concurrent('does not bring a user back who was deleted while waiting', async () => {
    const template = await pausedTemplate()
    const [deleted, other] = (await import_(template, [address(), address()])) as [string, string]
    const { broadworksId } = await untilParked(deleted)
    await untilParked(other)
    await alice.operator.get(DeleteUserDocument, { input: { userId: deleted } })
    await resume(template)
    await untilStatus(alice.viewer, other, 'PROVISIONED')
    expect((await alice.viewer.get(FindUserDocument, { id: deleted })).provisionedUser).toBeNull()
    const rows = await app.platform.database.backgroundRead(
      `SELECT outcome FROM activation_attempt WHERE provisioned_user_id = '${deleted}'`,
      [],
    )
    expect(rows).toEqual([{ outcome: 'CANCELLED' }])
    expect(await upstream.find(broadworksId)).toEqual([])
  })

  it('lets more go on than one transaction takes', async () => {
    const template = await pausedTemplate()
    const { customerId } = await app.platform.database.reader.findOneByOrFail(ProvisionedUser, { onboardingTemplateId: template })
    const customer = await app.platform.database.reader.findOneByOrFail(Customer, { id: customerId })
    // They wait as the others do, for attempts that are not there: this is about who is asked at all.
    const row = () => ({ status: UserStatus.PROVISIONING, parkedAttemptId: newId('ActivationAttempt') })
    await insertUsers(app, customer, Array.from({ length: 205 }, row))
    const [last] = (await import_(template, [address()])) as [string]
    await untilParked(last)
    await resume(template)
    await untilStatus(alice.viewer, last, 'PROVISIONED')
    expect(await idsFixedBy(template, 'PARTNER_ADMIN')).toHaveLength(THRESHOLD)
  })
})
