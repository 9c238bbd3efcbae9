import { openPlatform, startApp } from '../../../src/app'
import { loadConfig } from '../../../src/config/config'
import { insertPartner } from '../../../src/features/partner/partner.service'
import type { Platform } from '../../../src/context/context'
import type { Clock } from '../../../src/shared/clock'
import { createTestDatabase, type TestDatabase } from '../../support/world/app'
import { nextNumber } from '../../support/world/builders'
import { type FakeWebex, startFakeWebex } from '../../support/fakes/webex'
import { dumpTables } from '../../support/database/table-dump'
import { testLogger } from '../../support/jest/test-log'

/** How far the server's clock is ahead of ours. */
let aheadMs = 0
const clock: Clock = { now: () => new Date(Date.now() + aheadMs) }

let webex: FakeWebex
let database: TestDatabase
let opened: Platform[]

beforeAll(async () => {
  webex = await startFakeWebex()
})
beforeEach(async () => {
  database = await createTestDatabase()
  opened = []
})
afterEach(async () => {
  await Promise.all(opened.map(platform => platform.database.close()))
  await database.remove()
})
afterAll(() => webex.stop())

function configWith(environment: Record<string, string>) {
  const settings = { DATABASE_URL: database.url, PORT: '0', DEMO_DATA: 'off', LOG_LEVEL: 'silent', ...environment }
  return loadConfig(settings, database.directory)
}

async function openWith(environment: Record<string, string>): Promise<Platform> {
  const platform = await openPlatform(configWith(environment), { logger: testLogger(), clock })
  opened.push(platform)
  return platform
}

function addPartner(platform: Platform, name: string): Promise<string> {
  return platform.database.transaction(async tx => (await insertPartner(platform, tx, name)).partner.id)
}

function integration(refreshToken: string): Record<string, string> {
  return { WEBEX_BASE_URL: webex.url, WEBEX_CLIENT_ID: 'client', WEBEX_CLIENT_SECRET: 'client-secret', WEBEX_REFRESH_TOKEN: refreshToken }
}

/** Answers the next use of a refresh token, and says which tokens come of it. */
function issueFor(refreshToken: string): { accessToken: string; refreshToken: string } {
  const number = nextNumber()
  const issued = { accessToken: `access-${number}`, refreshToken: `renewed-${number}` }
  webex.next('POST', `refresh_token=${refreshToken}`, ({ answer }) =>
    answer(200, { access_token: issued.accessToken, refresh_token: issued.refreshToken, expires_in: 1_209_599 }),
  )
  return issued
}

async function tokenOfNextCall({ webex: connections }: Platform, partnerId: string): Promise<string> {
  let authorization = ''
  webex.next('GET', 'enterprises', exchange => {
    authorization = exchange.authorization
    exchange.answer(200, { items: [] })
  })
  await (await connections.of(partnerId)).listEnterprises()
  return authorization.replace('Bearer ', '')
}

describe('the connection of the settings', () => {
  it('goes on with what was renewed as long as the setting is the same, and starts anew when it is changed', async () => {
    const setting = `setting-${nextNumber()}`
    const first = await openWith(integration(setting))
    const partnerId = await addPartner(first, 'Alice Telecom')
    const initial = issueFor(setting)
    expect(await tokenOfNextCall(first, partnerId)).toBe(initial.accessToken)

    aheadMs += 15 * 86_400_000
    const renewed = issueFor(initial.refreshToken)
    const second = await openWith(integration(setting))
    expect(await tokenOfNextCall(second, partnerId)).toBe(renewed.accessToken)
    const kept = JSON.stringify(await dumpTables(second))
    for (const secret of [setting, 'client-secret', ...Object.values(initial), ...Object.values(renewed)])
      expect(kept).not.toContain(secret)

    const changed = `setting-${nextNumber()}`
    const anew = issueFor(changed)
    expect(await tokenOfNextCall(await openWith(integration(changed)), partnerId)).toBe(anew.accessToken)
  })

  it('may be an access token alone', async () => {
    const platform = await openWith({ WEBEX_BASE_URL: webex.url, WEBEX_ACCESS_TOKEN: 'a-token-alone' })
    expect(await tokenOfNextCall(platform, await addPartner(platform, 'Alice Telecom'))).toBe('a-token-alone')
  })

  it('is known with its scope as soon as a server has started', async () => {
    const setting = `setting-${nextNumber()}`
    const before = await openWith({})
    const partnerId = await addPartner(before, 'Alice Telecom')
    webex.next('POST', setting, ({ answer }) => answer(200, { access_token: 'a', expires_in: 1000, scope: 'spark:people_read' }))
    const app = await startApp(configWith(integration(setting)), { logger: testLogger(), clock })
    expect(app.platform.webex.readOnlyReason(partnerId)).toMatch(/lacks the scope/)
    await app.stop()
  })

  it('does not keep a server from starting when Webex cannot be reached', async () => {
    const before = await openWith({})
    await addPartner(before, 'Alice Telecom')
    const config = configWith({ ...integration('unreachable'), WEBEX_BASE_URL: 'http://127.0.0.1:9/v1' })
    const app = await startApp(config, { logger: testLogger(), clock })
    expect((await fetch(`${app.url}/readyz`)).status).toBe(200)
    await app.stop()
  })
})

describe('beside a second partner', () => {
  it.each<[string, () => Record<string, string>]>([
    ['an access token', () => ({ WEBEX_BASE_URL: webex.url, WEBEX_ACCESS_TOKEN: 'token' })],
    ['an integration', () => integration(`setting-${nextNumber()}`)],
  ])('%s of the settings keeps a server from starting, and speaks for nobody', async (_, environment) => {
    const before = await openWith({})
    const [alice, bob] = [await addPartner(before, 'Alice Telecom'), await addPartner(before, 'Bob Telecom')]
    const said =
      'The WEBEX_ settings are the connection of a single partner, but there are 2: ' +
      `Alice Telecom (${alice}), Bob Telecom (${bob}). Take them out, and connect each partner by itself: ` +
      'flowthrough partner connect --partner PARTNER'
    await expect(startApp(configWith(environment()), { logger: testLogger() })).rejects.toThrow(said)

    const asked = webex.requests.length
    const client = await (await openWith(environment())).webex.of(bob)
    await expect(client.listEnterprises()).rejects.toMatchObject({ httpStatus: 401, message: said })
    expect(webex.requests).toHaveLength(asked)
  })

  it('they keep the second partner from being made', async () => {
    const platform = await openWith({ WEBEX_BASE_URL: webex.url, WEBEX_ACCESS_TOKEN: 'token' })
    await addPartner(platform, 'Alice Telecom')
    await expect(addPartner(platform, 'Bob Telecom')).rejects.toThrow(/connection of a single partner.*Alice Telecom.*Bob Telecom/)
  })
})
