import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Readable } from 'node:stream'
import { insertToken } from '../../../src/features/api-token/api-token.service'
import { seedPartner, seedSimulator } from '../../../src/features/demo-data/seed'
import { erasePerson } from '../../../src/features/erasure/erasure.service'
import { importUsers } from '../../../src/features/provisioning-request/import.service'
import { OnboardingTemplate } from '../../../src/features/onboarding-template/onboarding-template.entity'
import { connectPartner, disconnectPartner } from '../../../src/features/partner/connection.service'
import { insertPartner } from '../../../src/features/partner/partner.service'
import { startSync } from '../../../src/features/sync/sync.service'
import { Role } from '../../../src/auth/viewer'
import { readById } from '../../../src/database/rows'
import { typeOfId } from '../../../src/shared/ids'
import { untilQuiet } from '../../support/world/estate'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus } from '../../support/world/builders'
import { type FakeWebex, startFakeWebex } from '../../support/fakes/webex'
import {
  type AuditEventFilter,
  AuditEventsDocument,
  DeleteUserDocument,
  FindTemplateDocument,
  RetryActivationDocument,
} from '../../support/operations/operations.generated'
import { mutationFields, type RootField, shallowSelection } from '../../support/schema/partner-schema'
import { visitPortal } from '../../support/world/portal'
import { runSync } from '../../support/world/sync'
import { dumpTables } from '../../support/database/table-dump'
import { CHANGES_NOTHING, validInputs } from '../../support/schema/valid-inputs'
import { eventually } from '../../support/world/waiting'

const SOURCES = path.join(__dirname, '../../../src')
const PASSCODE = 'a-passcode-of-the-tests'

let webex: FakeWebex
let app: TestApp
let alice: TestPartner
let template: string

beforeAll(async () => {
  app = await startTestApp()
  webex = await startFakeWebex()
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin)
})
afterAll(async () => {
  await app.stop()
  await webex.stop()
})

async function events(filter: AuditEventFilter = {}, { admin }: Pick<TestPartner, 'admin'> = alice) {
  return (await admin.get(AuditEventsDocument, { first: 100, filter })).auditEvents.nodes
}

const actionsOf = (found: { action: string }[]) => found.map(({ action }) => action).reverse()

describe('Every mutation', () => {
  /** What the audit trail calls it, where that is not the name of the mutation. */
  const CALLED: Record<string, string> = { provisionUser: 'handOver', provisionUsers: 'handOver' }

  it.each(Object.keys(mutationFields))('is on record with who asked for it, in which request: %s', async name => {
    const input = (await validInputs(alice, template)[name]?.()) ?? {}
    await untilQuiet(app)
    const field = mutationFields[name] as RootField
    const { data, headers, errors } = await alice.admin.ask<Record<string, { userErrors: unknown[] }>, { input: unknown }>(
      `mutation ($input: ${String(field.args[0]?.type)}) { ${name}(input: $input) ${shallowSelection(field)} }`,
      { input },
    )
    expect([errors, data[name]?.userErrors]).toEqual([[], []])
    const recorded = (await events()).filter(({ requestId }) => requestId === headers.get('x-request-id'))
    expect(recorded.every(({ actor }) => actor === 'admin of the tests')).toBe(true)
    if (CHANGES_NOTHING.includes(name)) expect(recorded).toEqual([])
    else expect(actionsOf(recorded)).toContain(CALLED[name] ?? name)
  })
})

describe('The portal', () => {
  it('is on record with each step of its user', async () => {
    const { onboardingTemplate } = await alice.admin.get(FindTemplateDocument, { id: template })
    const link = onboardingTemplate?.userVerification.activationLink.split('/').at(-1) ?? ''
    const { id, broadworksId } = await makeUser(alice.operator, template, { activationPasscode: PASSCODE })
    const visitor = visitPortal(app.url)
    await visitor.signIn(link, broadworksId, PASSCODE)
    await visitor.submitEmail(`error-200054.${nextNumber()}@example.com`)
    await alice.operator.get(RetryActivationDocument, { input: { userId: id, email: `error-200054.${nextNumber()}@example.com` } })
    await untilStatus(alice.viewer, id, 'ERROR')
    await visitor.tryAgain()
    const found = await events({ targetIds: [id] })
    expect(found.map(({ action, actor }) => `${action} by ${actor}`).reverse()).toEqual([
      'handOver by operator of the tests',
      'submitEmail by portal',
      'retryActivation by operator of the tests',
      'statusChanged by activation',
      'tryAgain by portal',
    ])
  })
})

describe('What the server does by itself', () => {
  it('is on record: an activation, a deletion at Webex, and the organisation that Webex made', async () => {
    const { id, customer } = await makeUser(alice.operator, template, {
      email: `anna.${nextNumber()}@example.com`,
      spEnterpriseId: `SP1+first${nextNumber()}`,
    })
    await untilStatus(alice.viewer, id, 'PROVISIONED')
    await alice.operator.get(DeleteUserDocument, { input: { userId: id } })
    await eventually(async () => (await events({ targetIds: [id], actions: ['deletedAtWebex'] })).length === 1)
    expect(actionsOf(await events({ targetIds: [id] }))).toEqual(['handOver', 'statusChanged', 'deleteUser', 'deletedAtWebex'])
    const [organisation] = await eventually(async () => {
      const found = await events({ targetIds: [customer.id], actions: ['changedAtWebex'] })
      return found.length === 1 && found
    })
    expect(organisation).toMatchObject({
      actor: 'activation',
      requestId: null,
      changes: [{ field: 'webexOrgId', before: null, after: expect.any(String) as string }],
    })
  })
})

describe('The command line', () => {
  const acting = (partnerId: string, name = 'command line') => ({ ...app.platform, actor: { partnerId, name, requestId: null } })

  /** Does what each command does, and answers what has to be on record of it. A command without an entry here is missed. */
  const COMMANDS: Record<string, ((partner: TestPartner) => Promise<string[]>) | 'changes nothing of a partner'> = {
    async partner({ partnerId }) {
      await connectPartner(app.platform, partnerId, { baseUrl: webex.url, accessToken: 'a-token' })
      await disconnectPartner(app.platform, partnerId)
      return ['createPartner', 'connectPartner', 'disconnectPartner']
    },
    keys: 'changes nothing of a partner',
    async token({ partnerId }) {
      await app.platform.database.transaction(tx => insertToken(acting(partnerId), tx, { name: 'Of a command', role: Role.VIEWER }))
      return ['createApiToken']
    },
    async seed({ partnerId, webexToken }) {
      await seedPartner(app.platform, { partnerId, webexToken, users: 20 })
      return ['seed']
    },
    async import({ partnerId, admin }) {
      const onboardingTemplate = await readById(app.platform.database.reader, OnboardingTemplate, await makeTemplate(admin))
      const file = `broadworksId,spEnterpriseId,firstName,lastName,extension\nuser.${nextNumber()}@sp.example,SP1+acme,Anna,Rossi,4711\n`
      const ctx = acting(partnerId, 'import')
      await importUsers(ctx, onboardingTemplate as OnboardingTemplate, Readable.from([Buffer.from(file)]), () => undefined)
      return ['createCustomer', 'handOver']
    },
    async sync(partner) {
      await startSync(acting(partner.partnerId), { full: true })
      return ['startSync']
    },
    async erase({ partnerId, admin, operator }) {
      const { id } = await makeUser(operator, await makeTemplate(admin))
      await operator.get(DeleteUserDocument, { input: { userId: id } })
      await erasePerson(acting(partnerId), id)
      return ['deleteUser', 'erased']
    },
    jobs: 'changes nothing of a partner',
    migrate: 'changes nothing of a partner',
    'print-schema': 'changes nothing of a partner',
    simulator: 'changes nothing of a partner',
  }

  it('has an entry here for every command', () => {
    const commands = readdirSync(path.join(SOURCES, 'cli/commands')).flatMap(file => /^(.+)\.command\.ts$/.exec(file)?.[1] ?? [])
    expect(Object.keys(COMMANDS).sort()).toEqual(commands.sort())
  })

  it.each(Object.entries(COMMANDS).filter(([, command]) => typeof command === 'function'))('is on record: %s', async (_name, command) => {
    const partner = await app.addPartner()
    const expected = typeof command === 'function' ? await command(partner) : []
    expect(actionsOf(await events({}, partner))).toEqual(expect.arrayContaining(expected))
  })

  it('tells nobody the secrets of a connection', async () => {
    const partner = await app.addPartner()
    await connectPartner(app.platform, partner.partnerId, { baseUrl: webex.url, accessToken: 'a-token-that-nobody-sees' })
    const [connected] = await events({ actions: ['connectPartner'] }, partner)
    expect(connected?.changes).toEqual([{ field: 'baseUrl', before: null, after: webex.url }])
    expect(((await dumpTables(app.platform))['audit_event'] ?? []).join()).not.toContain('a-token-that-nobody-sees')
  })

  it('makes partners by name', async () => {
    const { partner } = await app.platform.database.transaction(tx => insertPartner(app.platform, tx, `Partner ${nextNumber()}`))
    const rows = ((await dumpTables(app.platform))['audit_event'] ?? []).filter(row => row.includes(partner.id))
    expect(rows).toEqual([expect.stringContaining('"action":"createPartner"')])
  })
})

describe('A sync', () => {
  it('is on record with whom it found', async () => {
    const partner = await app.addPartner()
    seedSimulator(app.platform.config.simulator.databasePath, partner.webexToken, 20, () => undefined)
    await runSync(partner, { full: true })
    const found = (await events({}, partner)).filter(({ action }) => !['createPartner', 'createApiToken', 'startSync'].includes(action))
    expect(new Set(found.map(({ actor }) => actor))).toEqual(new Set(['sync']))
    expect(new Set(found.map(({ targetId }) => typeOfId(targetId)))).toEqual(new Set(['ProvisionedUser', 'Customer', 'OnboardingTemplate']))
  })
})

describe('The sources', () => {
  /** Writers of tables that are not, or not by themselves, about a change that somebody could ask after. */
  const NOT_RECORDED: Record<string, string> = {
    'activation-attempt/activation-attempt.service.ts': 'attempts are a record themselves',
    'activation-attempt/saga/attempt-record.ts': 'attempts are a record themselves',
    'provisioning-request/provisioning-request.service.ts': 'by insertUser and insertCustomer, in the same transaction',
    'sync/sync.service.ts': 'startSync is recorded; the steps of a run are recorded with each object that they change',
    'sync/run/seen-ids.ts': 'what a run has seen is forgotten at its end',
    'change-log/change-log.service.ts': 'the source of live updates',
    'user-change/user-count.service.ts': 'counts follow from users',
    'erasure/places.ts': 'by erasePerson, as one event',
    'bulk-operation/run/dry-run-retention.ts': 'dry runs changed nothing, and are forgotten; that they were made stays on record',
    'user-change/user-change.log.ts': 'old news is forgotten',
    'audit-event/audit-event.service.ts': 'the trail itself',
    'encryption-key/reencryption.service.ts': 'the same secrets under another key',
  }

  it('record what they write, or say why not', () => {
    const features = path.join(SOURCES, 'features')
    const writers = readdirSync(features, { recursive: true, encoding: 'utf8' })
      .map(file => file.split(path.sep).join('/'))
      .filter(file => file.endsWith('.ts'))
      .filter(file => /manager\s*\.(insert|update|delete|upsert|increment)\(|\.into\(|\.delete\(\)|\.update\([A-Z]/.test(read(file)))
    const silent = writers.filter(file => !/\b(recordAudits?|audit)\(/.test(read(file)))
    expect(writers.length).toBeGreaterThan(10)
    expect(silent.filter(file => !(file in NOT_RECORDED))).toEqual([])
    expect(Object.keys(NOT_RECORDED).filter(file => !writers.includes(file))).toEqual([])
  })

  function read(file: string): string {
    return readFileSync(path.join(SOURCES, 'features', file), 'utf8')
  }
})

describe('The filter of auditEvents', () => {
  it('narrows by what was done, to which customer, by whom and when, together', async () => {
    const partner = await app.addPartner()
    const onTemplate = await makeTemplate(partner.admin)
    const user = await makeUser(partner.operator, onTemplate, { spEnterpriseId: 'SP1+one' })
    const other = await makeUser(partner.operator, onTemplate, { spEnterpriseId: 'SP1+two' })
    await partner.admin.get(DeleteUserDocument, { input: { userId: user.id } })
    const customerIds = [user.customer.id]
    const told = async (filter: AuditEventFilter) => (await events(filter, partner)).map(({ action, targetId }) => [action, targetId])
    const [deleted, handedOver] = [
      ['deleteUser', user.id],
      ['handOver', user.id],
    ]
    expect(await told({ customerIds })).toEqual([deleted, handedOver, ['createCustomer', user.customer.id]])
    expect(await told({ actions: ['handOver'] })).toEqual([['handOver', other.id], handedOver])
    expect(await told({ actions: ['handOver', 'deleteUser'], customerIds })).toEqual([deleted, handedOver])
    expect(await told({ customerIds, actors: ['admin of the tests'] })).toEqual([deleted])
    expect(await told({ customerIds, at: { gte: '2999-01-01T00:00:00Z' } })).toEqual([])
    expect(await told({ actions: [] })).toEqual([])
    expect(await told({ customerIds: [] })).toEqual([])
  })
})
