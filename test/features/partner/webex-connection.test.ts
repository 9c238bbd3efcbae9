import { openPlatform } from '../../../src/app'
import { connectPartner, disconnectPartner, writableCheck } from '../../../src/features/partner/connection.service'
import type { Platform } from '../../../src/context/context'
import { WebexError } from '../../../src/webex/webex-error'
import type { Clock } from '../../../src/shared/clock'
import { createLogger } from '../../../src/shared/logger'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { nextNumber } from '../../support/world/builders'
import { type Exchange, type FakeWebex, startFakeWebex } from '../../support/fakes/webex'
import { startTestSimulator, type TestSimulator } from '../../support/fakes/simulator'
import { dumpTables } from '../../support/database/table-dump'
import { testLogger } from '../../support/jest/test-log'
import { eventually } from '../../support/world/waiting'

const TWO_WEEKS_SECONDS = 1_209_599
const READ_SCOPES = 'spark-admin:broadworks_subscribers_read spark-admin:broadworks_enterprises_read'

/** How far the server's clock is ahead of ours. */
let aheadMs = 0
const clock: Clock = { now: () => new Date(Date.now() + aheadMs) }
const passDays = (days: number) => (aheadMs += days * 86_400_000)

let webex: FakeWebex
let simulator: TestSimulator
let app: TestApp
const opened: Platform[] = []

beforeAll(async () => {
  webex = await startFakeWebex()
  simulator = await startTestSimulator()
  app = await startTestApp({ clock })
})
afterEach(async () => {
  await simulator.setFaults()
  await simulator.tool('DELETE', '/oauth')
})
afterAll(async () => {
  for (const platform of opened) {
    await platform.webex.stop()
    await platform.database.close()
  }
  await app.stop()
  await simulator.stop()
  await webex.stop()
})

/** Another process at the same database. Answers what it logs, too. */
async function openAnother(): Promise<Platform & { logged: () => string }> {
  let text = ''
  const logger = createLogger('info', { write: (written: string) => void (text += written) })
  const platform = await openPlatform(app.platform.config, { logger, clock })
  opened.push(platform)
  return { ...platform, logged: () => text }
}

/** A partner whose integration is one of the simulator. */
async function connectToSimulator(name = `organisation${nextNumber()}`): Promise<TestPartner> {
  const partner = await app.addPartner()
  const credentials = { baseUrl: simulator.url, clientId: 'client', clientSecret: 'client-secret', refreshToken: `refresh-${name}` }
  await connectPartner(app.platform, partner.partnerId, credentials)
  return partner
}

/** What the fake Webex issues for one refresh token, and what it was asked. */
function issueOnce(refreshToken: string, issued: object): Promise<Exchange> {
  return new Promise(resolve =>
    webex.next('POST', `refresh_token=${refreshToken}`, exchange => {
      exchange.answer(200, issued)
      resolve(exchange)
    }),
  )
}

function issue(number: number, issued: object = {}): object {
  return {
    access_token: `access-${number}`,
    refresh_token: `renewed-${number}`,
    expires_in: TWO_WEEKS_SECONDS,
    token_type: 'Bearer',
    ...issued,
  }
}

/** A partner whose integration is one of the fake Webex; its tokens carry the number, its next refresh token is `renewed-<number>`. */
async function connectToFake(issued: object = {}): Promise<{ number: number; partnerId: string; credentials: object }> {
  const number = nextNumber()
  const { partnerId } = await app.addPartner()
  const credentials = { baseUrl: webex.url, clientId: 'client', clientSecret: `secret-${number}`, refreshToken: `initial-${number}` }
  const asked = issueOnce(`initial-${number}`, issue(number, issued))
  await connectPartner(app.platform, partnerId, credentials)
  expect((await asked).body).toEqual({
    grant_type: 'refresh_token',
    client_id: 'client',
    client_secret: `secret-${number}`,
    refresh_token: `initial-${number}`,
  })
  return { number, partnerId, credentials }
}

async function list(platform: Platform, partnerId: string): Promise<number> {
  return (await (await platform.webex.of(partnerId)).listEnterprises()).httpStatus
}

/** The token that one call carries. */
async function tokenOfNextCall(partnerId: string): Promise<string> {
  const [exchange] = await Promise.all([
    new Promise<Exchange>(resolve =>
      webex.next('GET', 'enterprises', seen => {
        seen.answer(200, { items: [] })
        resolve(seen)
      }),
    ),
    list(app.platform, partnerId),
  ])
  return exchange.authorization.replace('Bearer ', '')
}

async function failure(call: Promise<unknown>): Promise<WebexError> {
  const outcome: unknown = await call.catch((error: unknown) => error)
  if (!(outcome instanceof WebexError)) throw new Error(`The call did not fail as it should: ${JSON.stringify(outcome)}`)
  return outcome
}

async function refreshes(): Promise<number> {
  return (await simulator.tool('GET', '/oauth')).body.refreshes as number
}

describe('the tokens of an integration', () => {
  it('are renewed when their time is over, each time with the refresh token that came last', async () => {
    const { number, partnerId } = await connectToFake()
    expect(await tokenOfNextCall(partnerId)).toBe(`access-${number}`)
    for (const [before, after] of [
      [number, number + 1],
      [number + 1, number + 2],
    ] as const) {
      const asked = issueOnce(`renewed-${before}`, issue(after))
      passDays(15)
      expect(await tokenOfNextCall(partnerId)).toBe(`access-${after}`)
      expect((await asked).body).toMatchObject({ grant_type: 'refresh_token', client_secret: `secret-${number}` })
    }
  })

  it('are nowhere in clear, neither in the database nor in the log', async () => {
    const another = await openAnother()
    const { number, partnerId } = await connectToFake()
    const asked = issueOnce(`renewed-${number}`, issue(number + 1))
    passDays(15)
    await list(another, partnerId)
    await asked
    webex.next('POST', `renewed-${number + 1}`, ({ answer, body }) =>
      answer(400, { error: 'invalid_grant', message: JSON.stringify(body) }),
    )
    passDays(15)
    const { message, errors } = await failure(list(another, partnerId))
    const seen = [JSON.stringify(await dumpTables(app.platform)), another.logged(), message, JSON.stringify(errors)].join('\n')
    expect(seen).toContain(partnerId)
    for (const secret of [`secret-${number}`, `initial-${number}`, `access-${number}`, `renewed-${number}`])
      expect(seen).not.toContain(secret)
    expect(seen).not.toContain(`-${number + 1}`)
  })

  it('are renewed early without keeping anybody waiting, and a failure of that harms nobody', async () => {
    const { number, partnerId } = await connectToFake()
    webex.next('POST', `renewed-${number}`, ({ answer }) => answer(503, {}))
    passDays(13)
    expect(await tokenOfNextCall(partnerId)).toBe(`access-${number}`)
    const asked = issueOnce(`renewed-${number}`, issue(number + 1))
    await eventually(async () => (await tokenOfNextCall(partnerId)) === `access-${number + 1}`)
    await asked
  })

  it('stay the same where Webex sends no new refresh token', async () => {
    const { number, partnerId } = await connectToFake({ refresh_token: undefined })
    const asked = issueOnce(`initial-${number}`, issue(number + 1))
    passDays(15)
    expect(await tokenOfNextCall(partnerId)).toBe(`access-${number + 1}`)
    await asked
  })

  it('are renewed once by all who need them in several processes', async () => {
    const { partnerId } = await connectToSimulator()
    const platforms = [app.platform, await openAnother(), await openAnother()]
    passDays(15)
    const before = await refreshes()
    const calls = platforms.flatMap(platform => Array.from({ length: 6 }, () => list(platform, partnerId)))
    expect(new Set(await Promise.all(calls))).toEqual(new Set([200]))
    expect(await refreshes()).toBe(before + 1)
    expect((await simulator.tool('GET', '/oauth')).body.refusals).toBe(0)
  })
})

describe('an access token that Webex no longer takes', () => {
  it('is renewed once, and the call made again', async () => {
    const { partnerId } = await connectToSimulator()
    await simulator.setFaults({ kind: 'fail', httpStatus: 401, times: 1, path: '/broadworks' })
    const before = await refreshes()
    expect(await list(app.platform, partnerId)).toBe(200)
    expect(await refreshes()).toBe(before + 1)
  })

  it('is not the question when Webex refuses the new one, too: that is the answer, and not asked with every call', async () => {
    const { partnerId } = await connectToSimulator()
    await simulator.setFaults({ kind: 'fail', httpStatus: 401, path: '/broadworks' })
    const before = await refreshes()
    for (let call = 0; call < 4; call += 1) {
      expect(await failure(list(app.platform, partnerId))).toMatchObject({ httpStatus: 401, isTransient: false, notSent: false })
    }
    expect(await refreshes()).toBe(before + 1)
  })
})

describe('a renewal that Webex refuses', () => {
  it('says in plain words what to do, once in the log, and asks no more until the partner is connected anew', async () => {
    const another = await openAnother()
    const { number, partnerId, credentials } = await connectToFake()
    const refuse = () => webex.next('POST', `renewed-${number}`, ({ answer }) => answer(400, { error: 'invalid_grant' }))
    refuse()
    passDays(15)
    const before = webex.requests.length
    for (let call = 0; call < 4; call += 1) {
      const { message, ...error } = await failure(list(another, partnerId))
      expect(error).toMatchObject({ httpStatus: 401, errors: [{ httpStatus: 401, upstreamText: message }] })
      expect(message).toMatch(/does not renew the access token \(invalid_grant\).*Authorize the integration again, and connect/)
    }
    expect(webex.requests.slice(before)).toEqual(['POST /access_token'])
    expect(another.logged().match(/could not be renewed/g)).toHaveLength(1)

    const asked = issueOnce(`initial-${number}`, issue(number + 1))
    await connectPartner(app.platform, partnerId, { ...credentials, baseUrl: webex.url } as Parameters<typeof connectPartner>[2])
    await asked
    expect(await list(another, partnerId)).toBe(200)
  })

  it('is a passing failure when the token endpoint is only disturbed', async () => {
    const { number, partnerId } = await connectToFake()
    webex.next('POST', `renewed-${number}`, ({ answer }) => answer(503, {}, { 'retry-after': '1' }))
    passDays(15)
    expect(await failure(list(app.platform, partnerId))).toMatchObject({ httpStatus: 503, isTransient: true, retryAfterMs: 1000 })
    const asked = issueOnce(`renewed-${number}`, issue(number + 1))
    expect(await eventually(() => list(app.platform, partnerId).catch(() => null))).toBe(200)
    await asked
  })
})

describe('a connection without the scope to write', () => {
  it('reads, and refuses to change anything before Webex is asked', async () => {
    const { partnerId } = await connectToFake({ scope: READ_SCOPES })
    expect(await list(app.platform, partnerId)).toBe(200)
    const before = webex.requests.length
    const client = await app.platform.webex.of(partnerId)
    for (const write of [client.deleteSubscriber('anna'), client.updateSubscriber('anna', {}), client.resendConsentEmail('anna')]) {
      const { httpStatus, message, trackingId } = await failure(write)
      expect({ httpStatus, trackingId }).toEqual({ httpStatus: 403, trackingId: '' })
      expect(message).toMatch(
        /lacks the scope spark-admin:broadworks_subscribers_write\. Add the scope .* connect with its new refresh token\.$/,
      )
    }
    expect(webex.requests).toHaveLength(before)
    const reason = app.platform.webex.readOnlyReason(partnerId)
    expect(reason).toMatch(/can only read/)
    const acting = { ...app.platform, actor: { partnerId, name: 'test', requestId: null } }
    await expect(writableCheck(acting)()).rejects.toMatchObject({ complaints: [{ code: 'UPSTREAM_REFUSED', message: reason }] })
  })

  it('may change things as soon as the partner is connected with the scope', async () => {
    const { number, partnerId, credentials } = await connectToFake({ scope: READ_SCOPES })
    const acting = { ...app.platform, actor: { partnerId, name: 'test', requestId: null } }
    await expect(writableCheck(acting)()).rejects.toThrow('can only read')
    const asked = issueOnce(`initial-${number}`, issue(number + 1, { scope: `${READ_SCOPES} spark-admin:broadworks_subscribers_write` }))
    await connectPartner(app.platform, partnerId, { ...credentials, baseUrl: webex.url } as Parameters<typeof connectPartner>[2])
    await asked
    await expect(writableCheck(acting)()).resolves.toBeUndefined()
  })

  it('is what every connection is while WEBEX_READ_ONLY is set', async () => {
    const { partnerId } = await connectToFake()
    const platform = await openPlatform({ ...app.platform.config, webexReadOnly: true }, { logger: testLogger(), clock })
    opened.push(platform)
    expect(await list(platform, partnerId)).toBe(200)
    const client = await platform.webex.of(partnerId)
    expect(await failure(client.deleteSubscriber('anna'))).toMatchObject({
      httpStatus: 403,
      message: expect.stringMatching(/WEBEX_READ_ONLY/),
    })
  })
})

describe('a partner', () => {
  it('has a connection of its own beside others, and loses it when it is disconnected', async () => {
    const [one, other] = [await connectToFake(), await connectToFake()]
    expect(await tokenOfNextCall(one.partnerId)).toBe(`access-${one.number}`)
    expect(await tokenOfNextCall(other.partnerId)).toBe(`access-${other.number}`)
    expect(await disconnectPartner(app.platform, one.partnerId)).toBe(true)
    expect(await disconnectPartner(app.platform, one.partnerId)).toBe(false)
    expect(await app.platform.webex.status(one.partnerId)).toEqual({ isSimulated: true, readOnlyReason: null })
    expect(await tokenOfNextCall(other.partnerId)).toBe(`access-${other.number}`)
  })

  it('may be connected by an access token alone, which is tried first and never renewed', async () => {
    const { partnerId } = await app.addPartner()
    const accessToken = `personal-${nextNumber()}`
    webex.next('GET', 'enterprises', ({ answer }) => answer(401, { message: 'Invalid token' }))
    expect(await failure(connectPartner(app.platform, partnerId, { baseUrl: webex.url, accessToken }))).toMatchObject({ httpStatus: 401 })
    expect(await app.platform.webex.status(partnerId)).toMatchObject({ isSimulated: true })

    await connectPartner(app.platform, partnerId, { baseUrl: webex.url, accessToken })
    expect(await app.platform.webex.status(partnerId)).toEqual({ isSimulated: false, readOnlyReason: null })
    expect(await tokenOfNextCall(partnerId)).toBe(accessToken)
    expect(JSON.stringify(await dumpTables(app.platform))).not.toContain(accessToken)
  })

  it('keeps the connection that it has when another one does not work', async () => {
    const { number, partnerId } = await connectToFake()
    const credentials = { baseUrl: simulator.url, clientId: 'client', clientSecret: 'wrong', refreshToken: 'refresh-anything' }
    const { message } = await failure(connectPartner(app.platform, partnerId, credentials))
    expect(message).toContain('(invalid_client)')
    expect(await tokenOfNextCall(partnerId)).toBe(`access-${number}`)
  })

  it('without a connection has no Webex in production: nothing is pretended', async () => {
    const { partnerId } = await app.addPartner()
    const platform = await openPlatform({ ...app.platform.config, simulates: false }, { logger: testLogger(), clock })
    opened.push(platform)
    expect(await failure(list(platform, partnerId))).toMatchObject({ httpStatus: 401, message: expect.stringMatching(/is not connected/) })
    expect(await platform.webex.status(partnerId)).toMatchObject({
      isSimulated: false,
      readOnlyReason: expect.stringMatching(/not connected/),
    })
  })
})
