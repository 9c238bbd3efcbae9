import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Role } from '../../../src/auth/viewer'
import { insertToken } from '../../../src/features/api-token/api-token.service'
import { createActor } from '../../support/world/actor'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber } from '../../support/world/builders'
import {
  ApiTokensDocument,
  AuditEventsDocument,
  CreateApiTokenDocument,
  type CreateApiTokenInput,
  ListCustomersDocument,
  ListUsersDocument,
  RevokeApiTokenDocument,
  ViewerDocument,
} from '../../support/operations/operations.generated'
import { dumpTables } from '../../support/database/table-dump'
import { eventually } from '../../support/world/waiting'

const MINUTE_MS = 60_000

let app: TestApp
let alice: TestPartner
/** How far the server's clock is ahead of ours. */
let aheadMs = 0

beforeAll(async () => {
  app = await startTestApp({ clock: { now: () => new Date(Date.now() + aheadMs) } })
  alice = await app.addPartner()
})
afterAll(() => app.stop())

async function create(input: Partial<CreateApiTokenInput> = {}) {
  const { createApiToken } = await alice.admin.get(CreateApiTokenDocument, {
    input: { name: `Token ${nextNumber()}`, role: 'VIEWER', ...input },
  })
  expect(createApiToken?.userErrors).toEqual([])
  const token = createApiToken?.apiToken
  if (!token || !createApiToken?.secret) throw new Error('No token was made.')
  return { ...token, secret: createApiToken.secret, holder: createActor(app.url, createApiToken.secret) }
}

async function find(id: string) {
  return (await alice.admin.get(ApiTokensDocument)).apiTokens.find(token => token.id === id)
}

async function isLetIn(holder: ReturnType<typeof createActor>): Promise<boolean> {
  const { status, errors } = await holder.ask(ViewerDocument)
  expect([status, errors.map(({ extensions }) => extensions.code)]).toEqual(status === 200 ? [200, []] : [401, ['UNAUTHENTICATED']])
  return status === 200
}

describe('createApiToken', () => {
  it('makes a token that is shown this once, and lets its holder in with its name and role', async () => {
    const { id, name, secret, holder } = await create({ name: '  Scheduled report  ', role: 'OPERATOR' })
    expect(name).toBe('Scheduled report')
    expect(secret).toMatch(/^flt_[\w-]{43}$/)
    expect(await holder.get(ViewerDocument)).toMatchObject({
      viewer: { name: 'Scheduled report', role: 'OPERATOR', partner: { id: alice.partnerId } },
    })
    expect(await find(id)).toMatchObject({ id, name, role: 'OPERATOR', customerIds: null, expiresAt: null, revokedAt: null })
    expect(JSON.stringify(await find(id))).not.toContain(secret)
  })

  it('makes another secret each time', async () => {
    const secrets = [await create(), await create(), await create()].map(({ secret }) => secret)
    expect(new Set(secrets).size).toBe(3)
  })

  it('keeps of the secret its hash only, and puts on record who made it for what role', async () => {
    const { id, secret } = await create({ role: 'ADMIN' })
    const rows = Object.values(await dumpTables(app.platform))
      .flat()
      .join('\n')
    expect(rows).toContain(id)
    expect(rows).not.toContain(secret)
    expect(rows).not.toContain(secret.slice('flt_'.length))
    expect(rows).not.toContain(Buffer.from(secret).toString('hex'))
    const { database } = app.platform.config
    const files = database.kind === 'sqlite' ? [database.path, `${database.path}-wal`] : []
    for (const file of files) expect([path.basename(file), readFileSync(file).includes(secret)]).toEqual([path.basename(file), false])
    const { auditEvents } = await alice.admin.get(AuditEventsDocument, { filter: { targetIds: [id] } })
    expect(auditEvents.nodes).toMatchObject([
      { action: 'createApiToken', actor: 'admin of the tests', changes: [{ field: 'role', after: 'ADMIN' }] },
    ])
  })

  it('lets nobody in from the moment of expiry on', async () => {
    const { id, holder, expiresAt } = await create({ expiresAt: new Date(Date.now() + aheadMs + 10 * MINUTE_MS).toISOString() })
    expect(await isLetIn(holder)).toBe(true)
    const startedAheadMs = aheadMs
    try {
      aheadMs = startedAheadMs + 9 * MINUTE_MS
      expect(await isLetIn(holder)).toBe(true)
      aheadMs = startedAheadMs + 10 * MINUTE_MS
      expect(await isLetIn(holder)).toBe(false)
      expect(await find(id)).toMatchObject({ expiresAt, revokedAt: null })
    } finally {
      aheadMs = startedAheadMs
    }
  })

  it('takes a time with an offset for the same moment in UTC', async () => {
    expect((await create({ expiresAt: '2999-12-31T23:30:00-01:00' })).expiresAt).toBe('3000-01-01T00:30:00.000Z')
  })

  it('restricts a token to some customers: its holder sees their users and no others', async () => {
    const template = await makeTemplate(alice.admin)
    const users = [1, 2, 3].map(() => makeUser(alice.operator, template, { spEnterpriseId: `SP1+customer${nextNumber()}` }))
    const [first, second, third] = await Promise.all(users)
    const customerIds = [first?.customer.id ?? '', second?.customer.id ?? '']
    const { holder, customerIds: kept } = await create({ customerIds })
    expect(kept).toEqual(customerIds)
    const { provisionedUsers } = await holder.get(ListUsersDocument)
    expect(provisionedUsers.edges.map(({ node }) => (node as { id: string }).id).sort()).toEqual([first?.id, second?.id].sort())
    const { customers } = await holder.get(ListCustomersDocument)
    expect(customers.nodes.map(({ id }) => id).sort()).toEqual([...customerIds].sort())
    expect(customers.nodes.map(({ id }) => id)).not.toContain(third?.customer.id)
  })
})

describe('The tokens of a partner', () => {
  it('are not any number of them', async () => {
    const { partnerId, admin } = await app.addPartner()
    const acting = { ...app.platform, actor: { partnerId, name: 'test', requestId: null } }
    await app.platform.database.transaction(async tx => {
      for (let made = 3; made < 500; made += 1) await insertToken(acting, tx, { name: `Token ${made}`, role: Role.VIEWER })
    })
    const make = async () => (await admin.get(CreateApiTokenDocument, { input: { name: 'One more', role: 'VIEWER' } })).createApiToken
    expect(await make()).toMatchObject({ apiToken: null, secret: null, userErrors: [{ code: 'LIMIT_EXCEEDED' }] })
    const { apiTokens } = await admin.get(ApiTokensDocument)
    expect(apiTokens).toHaveLength(500)
    const [newest] = apiTokens
    await admin.get(RevokeApiTokenDocument, { input: { id: newest?.id ?? '' } })
    expect(await make()).toMatchObject({ apiToken: { name: 'One more' }, userErrors: [] })
    expect((await admin.get(ApiTokensDocument)).apiTokens.map(({ name, revokedAt }) => [name, revokedAt !== null]).slice(0, 3)).toEqual([
      ['One more', false],
      ['Token 499', true],
      ['Token 498', false],
    ])
  })
})

describe('revokeApiToken', () => {
  it('takes effect at once, and once', async () => {
    const { id, holder } = await create()
    expect(await isLetIn(holder)).toBe(true)
    const { revokeApiToken } = await alice.admin.get(RevokeApiTokenDocument, { input: { id } })
    expect(revokeApiToken).toEqual({ apiToken: { id, revokedAt: expect.any(String) }, userErrors: [] })
    expect(await isLetIn(holder)).toBe(false)
    const before = await dumpTables(app.platform)
    expect((await alice.admin.get(RevokeApiTokenDocument, { input: { id } })).revokeApiToken).toEqual(revokeApiToken)
    expect(await dumpTables(app.platform)).toEqual(before)
    const { auditEvents } = await alice.admin.get(AuditEventsDocument, { filter: { targetIds: [id] } })
    expect(auditEvents.nodes.map(({ action }) => action)).toEqual(['revokeApiToken', 'createApiToken'])
  })

  it('leaves every other token as it is', async () => {
    const [revoked, kept] = [await create(), await create()]
    await alice.admin.get(RevokeApiTokenDocument, { input: { id: revoked.id } })
    expect(await isLetIn(kept.holder)).toBe(true)
    expect(await find(kept.id)).toMatchObject({ revokedAt: null })
  })

  it('lets an administrator revoke the very token that asks', async () => {
    const { id, holder } = await create({ role: 'ADMIN' })
    const { revokeApiToken } = await holder.get(RevokeApiTokenDocument, { input: { id } })
    expect(revokeApiToken?.apiToken?.id).toBe(id)
    expect(await isLetIn(holder)).toBe(false)
  })
})

describe('apiTokens', () => {
  it('lists the tokens of the partner, newest first, revoked ones too, and no secret', async () => {
    const made = [await create(), await create(), await create()]
    await alice.admin.get(RevokeApiTokenDocument, { input: { id: made[1]?.id ?? '' } })
    const { apiTokens } = await alice.admin.get(ApiTokensDocument)
    expect(apiTokens.slice(0, 3).map(({ id, revokedAt }) => [id, revokedAt !== null])).toEqual([
      [made[2]?.id, false],
      [made[1]?.id, true],
      [made[0]?.id, false],
    ])
  })

  it('tells the last use to the minute, and writes no more often than that', async () => {
    const { id, holder } = await create()
    expect(await find(id)).toMatchObject({ lastUsedAt: null })
    const earliest = new Date(Date.now() + aheadMs).toISOString()
    // A use that cannot be written down at once is not, and the next one is.
    const useUntil = (isKept: (lastUsedAt: string) => boolean) =>
      eventually(async () => {
        await isLetIn(holder)
        const lastUsedAt = (await find(id))?.lastUsedAt
        return lastUsedAt && isKept(lastUsedAt) ? lastUsedAt : null
      })
    const used = await useUntil(() => true)
    expect(used >= earliest).toBe(true)
    await isLetIn(holder)
    expect((await find(id))?.lastUsedAt).toBe(used)
    const startedAheadMs = aheadMs
    try {
      aheadMs += 2 * MINUTE_MS
      const usedAgain = await useUntil(lastUsedAt => lastUsedAt !== used)
      expect(Date.parse(usedAgain) - Date.parse(used)).toBeGreaterThanOrEqual(MINUTE_MS)
    } finally {
      aheadMs = startedAheadMs
    }
  })

  it('does not count what was refused as a use', async () => {
    const { id, holder } = await create()
    await alice.admin.get(RevokeApiTokenDocument, { input: { id } })
    expect(await isLetIn(holder)).toBe(false)
    expect(await find(id)).toMatchObject({ lastUsedAt: null })
  })
})
