import { Role } from '../../../src/auth/viewer'
import { askPrechecks } from '../../../src/features/precheck/precheck-calls'
import { WebexClient } from '../../../src/webex/webex-client'
import { untilQuiet } from '../../support/world/estate'
import type { Actor } from '../../support/world/actor'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus, userItem } from '../../support/world/builders'
import { type Exchange, startFakeWebex, type FakeWebex } from '../../support/fakes/webex'
import { DeleteUserDocument, type PrecheckItem, PrecheckUsersDocument } from '../../support/operations/operations.generated'
import { startTestSimulator, type TestSimulator } from '../../support/fakes/simulator'
import { dumpTables } from '../../support/database/table-dump'
import { eventually } from '../../support/world/waiting'

let app: TestApp
let alice: TestPartner
let template: string

const CONSUMERS = expect.stringContaining('consumer accounts') as string

beforeAll(async () => {
  app = await startTestApp()
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin)
})
afterAll(() => app.stop())

const address = (local = 'anna') => `${local}-${nextNumber()}@example.com`

async function precheck(users: PrecheckItem[], actor: Actor = alice.operator) {
  const { precheckUsers } = await actor.get(PrecheckUsersDocument, { input: { users } })
  if (!precheckUsers) throw new Error('precheckUsers answered null.')
  return precheckUsers
}

async function precheckOne(item: PrecheckItem, actor?: Actor) {
  const { results, userErrors } = await precheck([item], actor)
  expect(userErrors).toEqual([])
  return results?.[0]
}

async function liveUser(email: string): Promise<string> {
  const { id } = await makeUser(alice.operator, template, { email })
  await untilStatus(alice.operator, id, 'PROVISIONED')
  return id
}

describe('precheckUsers', () => {
  it('finds nothing against a newcomer of whom everything is known, says what it cannot see, and changes nothing', async () => {
    await untilQuiet(app)
    const before = await dumpTables(app.platform)
    const { customerName: _, activationPasscode: __, ...item } = userItem(template, { packageType: 'PREMIUM', extension: '4711' })
    expect(await precheckOne({ ...item, email: address() })).toEqual({
      ok: true,
      infoCode: 100,
      message: 'Nothing speaks against it.',
      warnings: [CONSUMERS],
      userErrors: [],
    })
    expect(await dumpTables(app.platform)).toEqual(before)
  })

  it('passes a consumer address, as Webex does, and warns of it', async () => {
    expect(await precheckOne({ email: address('consumer') })).toMatchObject({ ok: true, infoCode: 100, warnings: [CONSUMERS] })
  })

  it('tells what Webex has against a user, with its code', async () => {
    expect(await precheckOne({ email: address('error-200054') })).toMatchObject({
      ok: false,
      infoCode: null,
      message: expect.stringContaining('200054') as string,
      warnings: [CONSUMERS],
      userErrors: [{ code: 'UPSTREAM_REFUSED', catalogCode: 200054, field: ['users', '0'] }],
    })
  })

  it('says that Webex could not be asked where it gave no verdict', async () => {
    const result = await precheckOne({ email: address('http-503') })
    expect(result).toMatchObject({ ok: false, infoCode: null, userErrors: [{ code: 'UPSTREAM_REFUSED', catalogCode: null }] })
    expect(result?.message).toMatch(/^Webex could not be asked: .+ \(tracking ID .+\)$/)
  })

  it('finds everything that our own rules have against a newcomer at once', async () => {
    const email = address()
    await liveUser(email)
    const { broadworksId } = await makeUser(alice.operator, template, { spEnterpriseId: 'SP1+acme' })
    const onboardingTemplateId = await makeTemplate(alice.admin)
    const result = await precheckOne({ email: email.toUpperCase(), broadworksId, spEnterpriseId: 'SP1+acme', onboardingTemplateId })
    expect(result?.ok).toBe(false)
    expect(result?.userErrors.map(({ code, field, catalogCode }) => [code, field?.join('.'), catalogCode])).toEqual([
      ['TAKEN', 'users.0.email', 200048],
      ['TAKEN', 'users.0.broadworksId', null],
      ['INVALID', 'users.0.spEnterpriseId', 200050],
      ['UPSTREAM_REFUSED', 'users.0', 200042],
      ['UPSTREAM_REFUSED', 'users.0', 200050],
    ])
  })

  it('finds two of the same request that would take one address or one BroadWorks ID', async () => {
    const [email, broadworksId] = [address(), `user.${nextNumber()}@provider.example`]
    const { results } = await precheck([
      { email, broadworksId },
      { email: email.toUpperCase() },
      { email: address(), broadworksId: ` ${broadworksId.toUpperCase()} ` },
      { email: address() },
    ])
    expect(results?.map(({ ok, userErrors }) => [ok, ...userErrors.map(({ code, field }) => `${code} ${field?.join('.')}`)])).toEqual([
      [true],
      [false, 'TAKEN users.1.email'],
      [false, 'TAKEN users.2.broadworksId'],
      [true],
    ])
  })

  it('answers a hundred in their order, each by itself', async () => {
    const users = Array.from({ length: 100 }, (_, index) => ({ email: index % 10 === 3 ? address(`error-${10_000 + index}`) : address() }))
    const { results } = await precheck(users)
    expect(results).toHaveLength(100)
    const refused = results?.flatMap(({ ok, userErrors }, index) => (ok ? [] : [[index, userErrors[0]?.catalogCode]]))
    expect(refused).toEqual([3, 13, 23, 33, 43, 53, 63, 73, 83, 93].map(index => [index, 10_000 + index]))
  })

  it.each([
    [0, 'REQUIRED'],
    [101, 'LIMIT_EXCEEDED'],
  ])('refuses %i users as a whole', async (count, code) => {
    expect(await precheck(Array.from({ length: count }, () => ({ email: address() })))).toMatchObject({
      results: null,
      userErrors: [{ code, field: ['users'] }],
    })
  })
})

describe('A user who is there', () => {
  it('may get another address', async () => {
    const { id } = await makeUser(alice.operator, template)
    expect(await precheckOne({ userId: id, email: address() })).toMatchObject({ ok: true, infoCode: 100 })
  })

  it('may get another address while Webex has a subscriber of the same BroadWorks ID, its own', async () => {
    const { id } = await makeUser(alice.operator, template, { email: address('error-10022') })
    await untilStatus(alice.operator, id, 'ERROR')
    expect(await precheckOne({ userId: id, email: address() })).toMatchObject({ ok: true, infoCode: 100 })
  })

  it('is not looked for at Webex under the address that it has there already', async () => {
    const email = address('error-10022')
    const { id } = await makeUser(alice.operator, template, { email })
    await untilStatus(alice.operator, id, 'ERROR')
    expect(await precheckOne({ userId: id, email })).toMatchObject({
      ok: true,
      infoCode: null,
      warnings: [expect.stringContaining('Webex was not asked'), CONSUMERS],
    })
  })

  it('is refused where a retry would be', async () => {
    const id = await liveUser(address())
    expect(await precheckOne({ userId: id, email: address() })).toMatchObject({ ok: false, userErrors: [{ code: 'INVALID_STATE' }] })
  })

  it('is refused the address of another', async () => {
    const email = address()
    await liveUser(email)
    const { id } = await makeUser(alice.operator, template)
    const result = await precheckOne({ userId: id, email })
    expect(result?.userErrors[0]).toMatchObject({ code: 'TAKEN', field: ['users', '0', 'email'] })
  })

  it('comes without the fields of a hand-over', async () => {
    const { id } = await makeUser(alice.operator, template)
    expect(await precheckOne({ userId: id, email: address(), firstName: 'Carla' })).toMatchObject({
      ok: false,
      userErrors: [{ code: 'INVALID', field: ['users', '0', 'userId'] }],
    })
  })
})

describe('A token for some customers', () => {
  it('is told of the others that they are not there', async () => {
    const own = await makeUser(alice.operator, template, { spEnterpriseId: `SP1+own${nextNumber()}` })
    const other = await makeUser(alice.operator, template, { spEnterpriseId: `SP1+other${nextNumber()}` })
    const bob = await app.addToken(alice.partnerId, Role.OPERATOR, [own.customer.id])
    const { results } = await precheck(
      [
        { email: address(), userId: own.id },
        { email: address(), userId: other.id },
        { email: address(), spEnterpriseId: own.customer.spEnterpriseId },
        { email: address(), spEnterpriseId: other.customer.spEnterpriseId },
        { email: address(), spEnterpriseId: `SP1+new${nextNumber()}` },
      ],
      bob,
    )
    expect(results?.map(({ userErrors }) => userErrors.map(({ code, field }) => `${code} ${field?.at(-1)}`).join())).toEqual([
      '',
      'NOT_FOUND userId',
      '',
      'NOT_FOUND spEnterpriseId',
      'NOT_FOUND spEnterpriseId',
    ])
  })
})

describe('What Webex is asked and how it answers', () => {
  let fake: FakeWebex
  let other: TestApp
  let carol: TestPartner

  beforeAll(async () => {
    fake = await startFakeWebex()
    other = await startTestApp({ environment: { WEBEX_BASE_URL: fake.url, WEBEX_ACCESS_TOKEN: 'of-the-tests' } })
    carol = await other.addPartner()
  })
  afterAll(async () => {
    await other.stop()
    await fake.stop()
  })

  it('is all that is known, in its own words', async () => {
    const asked: unknown[] = []
    fake.next('POST', '/validate', exchange => {
      asked.push(exchange.body)
      exchange.answer(200, { message: 'success', info: [{ infoCode: 100, description: 'Fine.' }] })
    })
    const onboardingTemplateId = await makeTemplate(carol.admin, { provisioningId: 'dGVzdHM6cHJlY2hlY2s' })
    const email = address()
    const item = { broadworksId: 'anna@sp.example', spEnterpriseId: 'SP1+acme', firstName: 'Anna', lastName: 'Rossi', extension: '4711' }
    expect(await precheckOne({ ...item, email, onboardingTemplateId }, carol.operator)).toMatchObject({ ok: true })
    const { broadworksId: userId, ...known } = item
    expect(asked).toEqual([{ ...known, userId, email, package: 'standard', provisioningId: 'dGVzdHM6cHJlY2hlY2s' }])
  })

  it.each([
    ['an object in place of a list', { infoCode: 100, description: 'Fine.' }, 100, []],
    ['a code that is a text', [{ infoCode: '100' }], 100, []],
    ['another code, which is a hint', [{ infoCode: 100 }, { infoCode: 107, description: 'User exists.' }], 107, ['107 User exists.']],
    ['a code alone that is not 100', { infoCode: 101 }, 101, ['101']],
    ['no info', undefined, null, []],
    ['nonsense', ['?', { infoCode: {} }, 42], null, []],
  ])('may be %s', async (_name, info, infoCode, hints) => {
    fake.next('POST', '/validate', exchange => exchange.answer(200, { message: 'success', info }))
    expect(await precheckOne({ email: address() }, carol.operator)).toEqual({
      ok: true,
      infoCode,
      message: 'Nothing speaks against it.',
      warnings: [...hints.map(hint => `Webex remarks: ${hint}`), CONSUMERS],
      userErrors: [],
    })
  })

  it('does not count while a deletion of the same BroadWorks ID is under way', async () => {
    const onboardingTemplateId = await makeTemplate(carol.admin, { provisioningId: `provisioning${nextNumber()}` })
    const { id, broadworksId } = await makeUser(carol.operator, onboardingTemplateId, { email: address() })
    await untilStatus(carol.operator, id, 'PROVISIONED')
    const held = new Promise<Exchange>(resolve => fake.next('DELETE', '', resolve))
    await carol.operator.get(DeleteUserDocument, { input: { userId: id } })
    const exchange = await held
    expect(await precheckOne({ email: address(), broadworksId }, carol.operator)).toMatchObject({
      ok: false,
      userErrors: [{ code: 'INVALID_STATE', field: ['users', '0', 'broadworksId'] }],
    })
    exchange.answer(204, undefined)
    await eventually(async () => (await precheckOne({ email: address(), broadworksId }, carol.operator))?.ok)
  })

  it('may be silence for each by itself: the others have their answers within the time', async () => {
    fake.next('POST', 'silent@', () => undefined)
    const client = new WebexClient({ baseUrl: fake.url, accessToken: 'of-the-tests' })
    const questions = ['one@', 'silent@', 'three@'].map(local => ({ email: `${local}example.com` }))
    const answers = await askPrechecks(client, questions, { timeoutMs: 3000, callsAtATime: 2 })
    expect(answers.map(answer => ('infos' in answer ? answer.infos[0]?.code : answer.error.message))).toEqual([
      100,
      'There was no answer within 3 seconds.',
      100,
    ])
  })
})

describe('A Webex that wants no more calls for a moment', () => {
  let simulator: TestSimulator
  let throttled: TestApp

  beforeAll(async () => {
    simulator = await startTestSimulator()
    throttled = await startTestApp({ environment: { WEBEX_BASE_URL: simulator.url, WEBEX_ACCESS_TOKEN: 'of-the-tests' } })
  })
  afterAll(async () => {
    await throttled.stop()
    await simulator.stop()
  })

  it('is asked again when it may be', async () => {
    const dave = await throttled.addPartner()
    await simulator.setFaults({ kind: 'throttle', times: 1, retryAfterSeconds: 1, path: '/validate' })
    const { results } = await precheck([{ email: address() }, { email: address() }], dave.operator)
    expect(results?.map(({ ok, message }) => [ok, message])).toEqual([
      [true, 'Nothing speaks against it.'],
      [true, 'Nothing speaks against it.'],
    ])
  })
})
