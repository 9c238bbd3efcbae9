import { startApp } from '../../src/app'
import { Role, type Viewer } from '../../src/auth/viewer'
import { loadConfig } from '../../src/config/config'
import type { Database } from '../../src/database/database'
import { IdempotencyKey } from '../../src/context/idempotency-key.entity'
import { ApiToken } from '../../src/features/api-token/api-token.entity'
import { createApiToken } from '../../src/features/api-token/api-token.service'
import { insertPartner } from '../../src/features/partner/partner.service'
import type { Context, Platform } from '../../src/context/context'
import { purgeExpiredIdempotencyKeys } from '../../src/context/idempotency'
import { createTestDatabase, startTestApp, type TestApp } from '../support/world/app'
import { testLogger } from '../support/jest/test-log'
import { eventually } from '../support/world/waiting'

const HOUR_MS = 3_600_000
const NOW = Date.parse('2026-11-22T09:00:00.000Z')
const hoursLater = (hours: number) => ({ now: () => new Date(NOW + hours * HOUR_MS) })

let app: TestApp

beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.stop())

async function keepKeys({ database }: Platform, partnerId: string, count: number, hours: number): Promise<void> {
  const createdAt = hoursLater(hours).now().toISOString()
  const rows = Array.from({ length: count }, (_, index) => {
    return { partnerId, caller: 'tok', mutation: 'm', key: `${hours}-${index}`, inputHash: '', objectId: 'x', createdAt }
  })
  await database.transaction(({ manager }) => manager.insert(IdempotencyKey, rows))
}

async function keysOf({ database }: Platform, partnerId: string): Promise<string[]> {
  return (await database.reader.findBy(IdempotencyKey, { partnerId })).map(({ key }) => key).sort()
}

describe('Idempotency keys', () => {
  it('are deleted once they are older than a day, however many they are', async () => {
    const { partnerId } = await app.addPartner()
    await keepKeys(app.platform, partnerId, 1200, 0)
    await keepKeys(app.platform, partnerId, 2, 1)
    await purgeExpiredIdempotencyKeys({ ...app.platform, clock: hoursLater(24) })
    expect(await keysOf(app.platform, partnerId)).toHaveLength(1202)
    await purgeExpiredIdempotencyKeys({ ...app.platform, clock: hoursLater(24.5) })
    expect(await keysOf(app.platform, partnerId)).toEqual(['1-0', '1-1'])
  })

  it('are deleted by the server that serves, without being asked to', async () => {
    const { url, directory, remove } = await createTestDatabase()
    const config = loadConfig({ DATABASE_URL: url, PORT: '0', DEMO_DATA: 'off' }, directory)
    const logger = testLogger()
    const first = await startApp(config, { logger, clock: hoursLater(0) })
    await keepKeys(first.platform, 'prt', 3, 0)
    await keepKeys(first.platform, 'prt', 1, 2)
    await first.stop()

    const second = await startApp(config, { logger, clock: hoursLater(25) })
    await eventually(async () => (await keysOf(second.platform, 'prt')).length < 4)
    expect(await keysOf(second.platform, 'prt')).toEqual(['2-0'])
    await second.stop()
    await remove()
  })
})

describe('A token whose making is undone and run again', () => {
  it('is answered without a secret when a twin made it meanwhile', async () => {
    const { platform } = app
    const { partner } = await platform.database.transaction(tx => insertPartner(platform, tx, 'Alice Telecom'))
    const viewer: Viewer = { partnerId: partner.id, name: 'alice', role: Role.ADMIN, callerId: 'tok_alice', customerIds: null }
    const ctx = { ...platform, viewer, actor: { partnerId: partner.id, name: 'alice', requestId: null } } as unknown as Context
    const input = { name: 'Twin', role: Role.VIEWER, idempotencyKey: 'twin' }
    let twin: Awaited<ReturnType<typeof createApiToken>> | undefined
    const slower: Database = {
      ...platform.database,
      async transaction(work) {
        const undone = platform.database.transaction(async tx => {
          await work(tx)
          throw new Error('Undone, as by a deadlock.')
        })
        await expect(undone).rejects.toThrow('Undone')
        twin = await createApiToken(ctx, input)
        return platform.database.transaction(work)
      },
    }
    expect(await createApiToken({ ...ctx, database: slower }, input)).toEqual({ tokenId: twin?.tokenId, secret: null })
    expect(twin?.secret).toMatch(/^flt_/)
    expect(await platform.database.reader.countBy(ApiToken, { partnerId: partner.id })).toBe(1)
  })
})
