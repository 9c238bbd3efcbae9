import { connectPartner } from '../../../src/features/partner/connection.service'
import { findConnection } from '../../../src/features/partner/partner-connection'
import { countOutdated, PLACES, reencrypt } from '../../../src/features/encryption-key/reencryption.service'
import type { Platform } from '../../../src/context/context'
import { readOutbox } from '../../../src/mail/outbox'
import { createActor } from '../../support/world/actor'
import { createTestDatabase, startTestApp, type TestApp, type TestDatabase, type TestPartner } from '../../support/world/app'
import { ConfirmEmailDocument, CurrentActivationDocument } from '../../support/operations/activation-operations.generated'
import { makeTemplate, makeUser, nextNumber, userItem } from '../../support/world/builders'
import {
  AuditEventsDocument,
  ExportUsersDocument,
  FindTemplateDocument,
  ProvisionUserDocument,
  ProvisionUsersDocument,
} from '../../support/operations/operations.generated'
import { visitPortal } from '../../support/world/portal'
import { startTestSimulator, type TestSimulator } from '../../support/fakes/simulator'
import { dumpTables } from '../../support/database/table-dump'
import { eventually } from '../../support/world/waiting'

const [FIRST, SECOND, FOREIGN] = ['1a', '2b', '3c'].map(byte => byte.repeat(32)) as [string, string, string]
const PASSCODE = 'a-passcode-of-the-tests'

let simulator: TestSimulator
let database: TestDatabase
let app: TestApp

beforeAll(async () => {
  simulator = await startTestSimulator()
})
afterAll(() => simulator.stop())

beforeEach(async () => {
  database = await createTestDatabase()
  app = await startTestApp({ database, environment: { ENCRYPTION_KEY: FIRST } })
})
afterEach(async () => {
  await app.stop()
  await database.remove()
})

async function restart(key: string, ...old: string[]): Promise<void> {
  await app.stop()
  app = await startTestApp({ database, environment: { ENCRYPTION_KEY: key, ENCRYPTION_KEYS_OLD: old.join(',') } })
}

/** As it was stored by versions that gave no ID to a key. */
async function forgetKeyIds({ database: { transaction } }: Platform): Promise<void> {
  await transaction(async ({ manager }) => {
    await manager.query(`UPDATE provisioned_user SET personal_key = SUBSTR(personal_key, 10)`)
    await manager.query(`UPDATE webex_connection SET encrypted_refresh_token = SUBSTR(encrypted_refresh_token, 10)`)
    await manager.query(`UPDATE partner SET encrypted_webex_token = SUBSTR(encrypted_webex_token, 10)`)
  })
}

/** Something of all that hangs on the key, made now; each function looks at it with the server that runs then. */
async function makeOfEverything(alice: TestPartner) {
  const credentials = { baseUrl: simulator.url, clientId: 'client', clientSecret: 'hush', refreshToken: `refresh-${nextNumber()}` }
  const bob = await app.addPartner('Bob Telecom')
  await connectPartner(app.platform, bob.partnerId, credentials)
  const connection = await findConnection(app.platform, bob.partnerId)

  const template = await makeTemplate(alice.admin)
  const { onboardingTemplate } = await alice.admin.get(FindTemplateDocument, { id: template })
  const link = onboardingTemplate?.userVerification.activationLink.split('/').at(-1) ?? ''
  const { id: userId, broadworksId } = await makeUser(alice.operator, template, { activationPasscode: PASSCODE })
  const visitor = visitPortal(app.url)
  await visitor.signIn(link, broadworksId, PASSCODE)
  const cookie = visitor.cookie?.split(';')[0] ?? ''
  await visitor.submitEmail(`anna-${nextNumber()}@example.com`)
  const [mail] = await eventually(async () => {
    const mails = await readOutbox(app.platform.config.mail.outboxDirectory ?? '')
    return mails.length > 0 ? mails : null
  })
  const [, token = ''] = /\/activate\/confirm\S*[?&]token=([\w.-]+)/.exec(mail?.text ?? '') ?? []
  const { exportUsers } = await alice.operator.get(ExportUsersDocument, { input: { format: 'CSV' } })
  const download = new URL(exportUsers?.downloadUrl ?? '').pathname
  const item = { idempotencyKey: 'before', user: userItem(template, { activationPasscode: '4711' }) }
  const provisionAs = async () => {
    const { provisionUser } = await createActor(app.url, alice.operator.token).get(ProvisionUserDocument, { input: item })
    return provisionUser?.provisionedUser?.id ?? provisionUser?.userErrors.map(({ code }) => code)
  }
  const provisioned = await provisionAs()

  return {
    connectionIsKept: async () =>
      expect(await findConnection(app.platform, bob.partnerId)).toMatchObject({ ...connection, version: expect.any(String) }),
    async trailNamesTheUser() {
      const { auditEvents } = await createActor(app.url, alice.admin.token).get(AuditEventsDocument, { filter: { targetIds: [userId] } })
      expect(auditEvents.nodes.length).toBeGreaterThan(1)
      expect(new Set(auditEvents.nodes.map(({ targetLabel }) => targetLabel))).toEqual(new Set([broadworksId]))
    },
    async sessionIs(there: boolean) {
      const { data } = await visitPortal(app.url).ask(CurrentActivationDocument, {}, { cookie })
      expect(data.activation?.broadworksId).toBe(there ? broadworksId : undefined)
    },
    async mailIs(outcome: 'CONFIRMED' | 'INVALID') {
      const { data } = await visitPortal(app.url).ask(ConfirmEmailDocument, { input: { token } })
      expect(data.confirmEmail?.userErrors.map(({ code }) => code)).toEqual(outcome === 'CONFIRMED' ? [] : ['INVALID'])
    },
    async downloadIs(status: number) {
      expect((await fetch(app.url + download)).status).toBe(status)
    },
    async replayIs(outcome: 'REMEMBERED' | 'ANOTHER') {
      expect(await provisionAs()).toEqual(outcome === 'REMEMBERED' ? provisioned : ['IDEMPOTENCY_KEY_REUSED'])
    },
  }
}

describe('A server with a new encryption key', () => {
  it.each(['with the ID of its key', 'as versions before key IDs wrote it'])(
    'goes on with what was made under the old one while that is named, and with what was stored once it is encrypted anew: %s',
    async form => {
      const made = await makeOfEverything(await app.addPartner())
      if (form.startsWith('as versions')) await forgetKeyIds(app.platform)

      await restart(SECOND, FOREIGN, FIRST)
      await made.connectionIsKept()
      await made.trailNamesTheUser()
      await made.sessionIs(true)
      await made.downloadIs(200)
      await made.replayIs('REMEMBERED')

      const before = await dumpTables(app.platform)
      await reencrypt(app.platform, () => undefined)
      expect(await countOutdated(app.platform)).toBe(0)
      const after = await dumpTables(app.platform)
      const changed = Object.keys(after).filter(table => JSON.stringify(after[table]) !== JSON.stringify(before[table]))
      expect(changed).toEqual(['partner', 'provisioned_user', 'webex_connection'])
      await made.sessionIs(true)
      await made.mailIs('CONFIRMED')

      await restart(SECOND)
      await made.connectionIsKept()
      await made.trailNamesTheUser()
      // What is short-lived, and ends with its key.
      await made.sessionIs(false)
      await made.mailIs('INVALID')
      await made.downloadIs(404)
      await made.replayIs('ANOTHER')
    },
  )

  it('seals with the new one: what it makes outlives the old one', async () => {
    await restart(SECOND, FIRST)
    const made = await makeOfEverything(await app.addPartner())
    await restart(SECOND)
    await made.connectionIsKept()
    await made.trailNamesTheUser()
    await made.sessionIs(true)
    await made.downloadIs(200)
    await made.replayIs('REMEMBERED')
    await made.mailIs('CONFIRMED')
  })

  it('does not start without the old one before everything is encrypted anew, and says what to do', async () => {
    const alice = await app.addPartner()
    await makeUser(alice.operator, await makeTemplate(alice.admin))
    await app.stop()
    const start = () => startTestApp({ database, environment: { ENCRYPTION_KEY: SECOND, ENCRYPTION_KEYS_OLD: FOREIGN } })
    await expect(start()).rejects.toThrow(/encrypted with another key.*ENCRYPTION_KEY,.*ENCRYPTION_KEYS_OLD/)
    app = await startTestApp({ database, environment: { ENCRYPTION_KEY: FIRST } })
  })
})

describe('Encrypting anew', () => {
  it('knows every column that is encrypted', () => {
    const { entityMetadatas } = app.platform.database.reader.dataSource
    const columns = entityMetadatas.flatMap(({ name, columns }) => columns.map(({ propertyName }) => `${name}.${propertyName}`))
    const known = PLACES.flatMap(({ entity, properties }) => properties.map(property => `${entity.name}.${property}`))
    expect(known.sort()).toEqual(columns.filter(column => /\.encrypted|\.personalKey$/.test(column)).sort())
  })

  async function manyUsers(): Promise<void> {
    const alice = await app.addPartner()
    const template = await makeTemplate(alice.admin)
    for (let done = 0; done < 300; done += 100) {
      await alice.operator.get(ProvisionUsersDocument, { input: { users: Array.from({ length: 100 }, () => userItem(template)) } })
    }
  }

  it('goes on with what is left when it was broken off, and finds nothing when it was not', async () => {
    await manyUsers()
    await restart(SECOND, FIRST)
    // The partner is one more.
    expect(await countOutdated(app.platform)).toBe(301)
    const breakOff = () => {
      throw new Error('Broken off.')
    }
    await expect(reencrypt(app.platform, breakOff)).rejects.toThrow('Broken off.')
    expect(await countOutdated(app.platform)).toBe(101)
    const progress: number[] = []
    await reencrypt(app.platform, done => progress.push(done))
    expect([progress.at(-1), await countOutdated(app.platform)]).toEqual([101, 0])
    const before = await dumpTables(app.platform)
    await reencrypt(app.platform, done => progress.push(done))
    expect([progress.at(-1), await dumpTables(app.platform)]).toEqual([0, before])
  })

  it('does not bring back what was taken away meanwhile', async () => {
    const alice = await app.addPartner()
    await makeUser(alice.operator, await makeTemplate(alice.admin))
    await restart(SECOND, FIRST)
    const { platform } = app
    // Between the first reading of rows, which are users, and the writing.
    let erased = false
    const transaction: Platform['database']['transaction'] = async work => {
      if (!erased) await platform.database.transaction(({ manager }) => manager.query('UPDATE provisioned_user SET personal_key = NULL'))
      erased = true
      return platform.database.transaction(work)
    }
    await reencrypt({ ...platform, database: { ...platform.database, transaction } }, () => undefined)
    expect(await platform.database.reader.query('SELECT personal_key FROM provisioned_user')).toEqual([{ personal_key: null }])
  })

  it('changes nothing of a database whose key it does not have', async () => {
    const alice = await app.addPartner()
    await makeUser(alice.operator, await makeTemplate(alice.admin))
    const before = await dumpTables(app.platform)
    const encryptionKeys = [Buffer.from(SECOND, 'hex'), Buffer.from(FOREIGN, 'hex')] as const
    const stranger = { ...app.platform, config: { ...app.platform.config, encryptionKeys } }
    await expect(reencrypt(stranger, () => undefined)).rejects.toThrow('encrypted with another key')
    expect(await dumpTables(app.platform)).toEqual(before)
  })
})
