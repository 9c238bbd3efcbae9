import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { ActivationAttempt } from '../../../src/features/activation-attempt/activation-attempt.entity'
import { AuditEvent } from '../../../src/features/audit-event/audit-event.entity'
import { BulkChunk } from '../../../src/features/bulk-operation/bulk-chunk.entity'
import { Download } from '../../../src/features/download/download.entity'
import { erasePerson, type Erasure } from '../../../src/features/erasure/erasure.service'
import { OnboardingTemplate } from '../../../src/features/onboarding-template/onboarding-template.entity'
import { readOutbox } from '../../../src/mail/outbox'
import { newId } from '../../../src/shared/ids'
import { createTestDatabase, startTestApp, type TestApp, type TestDatabase, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus } from '../../support/world/builders'
import { type Exchange, type FakeWebex, startFakeWebex } from '../../support/fakes/webex'
import {
  AuditEventsDocument,
  BulkRetryActivationDocument,
  DeleteUserDocument,
  ExportUsersDocument,
  FindBulkOperationDocument,
  FindTemplateDocument,
  FindUserDocument,
  ListUsersDocument,
  RetryActivationDocument,
  UpdateProvisionedUserDocument,
} from '../../support/operations/operations.generated'
import { visitPortal } from '../../support/world/portal'
import { dumpTables } from '../../support/database/table-dump'
import { eventually } from '../../support/world/waiting'

const PASSCODE = 'a-passcode-of-the-tests'

let database: TestDatabase
let webex: FakeWebex
let app: TestApp
let alice: TestPartner
let template: string
let link: string

beforeAll(async () => {
  webex = await startFakeWebex()
  database = await createTestDatabase()
  app = await startTestApp({ database, environment: { WEBEX_BASE_URL: webex.url, WEBEX_ACCESS_TOKEN: 'of-the-tests' } })
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin, { provisioningId: 'dGVzdHM6ZXJhc3VyZQ' })
  const { onboardingTemplate } = await alice.admin.get(FindTemplateDocument, { id: template })
  link = onboardingTemplate?.userVerification.activationLink.split('/').at(-1) ?? ''
})
afterAll(async () => {
  await app.stop()
  await webex.stop()
  await database.remove()
})

/** Whole in the index of trigrams, and in no name but one. */
const MARK = 'ǂꙮ↯'

/** Somebody whose every value can be told from all others. */
function newPerson(mark = 'a') {
  const number = nextNumber()
  const digits = String(number).slice(-9)
  return {
    broadworksId: `zelda.${number}@provider.example`,
    firstName: `Zelda${number}`,
    lastName: `Z${mark}uber${number}`,
    primaryPhoneNumber: `+39-02-${digits}`,
    mobilePhoneNumber: `+39-333-${digits}`,
    newFirstName: `Zenobia${number}`,
    typedEmail: `typed.${number}@example.com`,
    refusedEmail: `refused.${number}@example.com`,
    liveEmail: `live.${number}@example.com`,
  }
}
type Person = ReturnType<typeof newPerson>

function hand({ broadworksId, firstName, lastName, primaryPhoneNumber, mobilePhoneNumber }: Person) {
  const given = { broadworksId, firstName, lastName, primaryPhoneNumber, mobilePhoneNumber, activationPasscode: PASSCODE }
  return makeUser(alice.operator, template, given)
}

/** Leads a person through everything that leaves traces: the portal, a refusal, a change of the profile, a deletion, and a second life. */
async function live(person: Person): Promise<string[]> {
  const { id } = await hand(person)
  const visitor = visitPortal(app.url)
  await visitor.signIn(link, person.broadworksId, PASSCODE)
  await visitor.submitEmail(person.typedEmail)
  await eventually(async () => (await mailsTo(person.typedEmail)).length === 1)
  const description = `${person.refusedEmail} cannot be used by ${person.broadworksId}.`
  webex.next('POST', person.refusedEmail, exchange => exchange.answer(400, { message: description, errors: [{ description }] }))
  await retry(id, person.refusedEmail)
  await untilStatus(alice.operator, id, 'ERROR')
  await retry(id, person.liveEmail)
  await untilStatus(alice.operator, id, 'PROVISIONED')
  await alice.operator.get(UpdateProvisionedUserDocument, { input: { userId: id, firstName: person.newFirstName } })
  await untilStatus(alice.operator, id, 'PROVISIONED')
  await remove(id)
  const again = await hand(person)
  await remove(again.id)
  return [id, again.id]
}

async function retry(userId: string, email: string): Promise<void> {
  const { retryActivation } = await alice.operator.get(RetryActivationDocument, { input: { userId, email } })
  expect(retryActivation?.userErrors).toEqual([])
}

/** Deletes a user, and waits until Webex has, too. */
async function remove(userId: string): Promise<void> {
  await alice.operator.get(DeleteUserDocument, { input: { userId } })
  await eventually(async () => {
    const rows = (await dumpTables(app.platform))['provisioned_user'] ?? []
    return rows.some(row => row.includes(userId) && !row.includes('"deletion_ended_at":null'))
  })
}

/** Asks for a file of whom a search shows. Answers the ID of what is kept of it. */
async function exportSearch(search: string): Promise<string> {
  const known = new Set(await downloadIds())
  await alice.operator.get(ExportUsersDocument, { input: { format: 'CSV', filter: { search } } })
  return (await downloadIds()).find(id => !known.has(id)) ?? ''
}

async function downloadIds(): Promise<string[]> {
  return (await app.platform.database.reader.find(Download)).map(({ id }) => id)
}

/** Names somebody where an ID of ours is asked for. */
async function retryByMistake(...userIds: string[]): Promise<void> {
  const { bulkRetryActivation } = await alice.operator.get(BulkRetryActivationDocument, { input: { userIds } })
  const id = bulkRetryActivation?.bulkOperation?.id ?? ''
  await eventually(async () => (await alice.viewer.get(FindBulkOperationDocument, { id })).bulkOperation?.status === 'DONE')
}

function erase(given: string, partnerId = alice.partnerId): Promise<Erasure> {
  return erasePerson({ ...app.platform, actor: { partnerId, name: 'command line', requestId: null } }, given)
}

async function eventsOf(userIds: string[]) {
  const { auditEvents } = await alice.viewer.get(AuditEventsDocument, { first: 100, filter: { targetIds: userIds } })
  return auditEvents.nodes
}

async function mailsTo(email: string) {
  return (await readOutbox(app.platform.config.mail.outboxDirectory ?? '')).filter(({ to }) => to === email)
}

/** Which values of a person are anywhere: in any row, in the files of the database, and in mails that are kept. */
async function tracesOf(person: Record<string, string>): Promise<string[]> {
  const rows = Object.values(await dumpTables(app.platform)).flat()
  const mails = await readOutbox(app.platform.config.mail.outboxDirectory ?? '')
  const files = ['test.db', 'test.db-wal'].map(name => path.join(database.directory, name)).filter(existsSync)
  // One text for each, because some are longer than a text can be together.
  const texts = [...rows, ...mails.map(mail => JSON.stringify(mail)), ...files.map(file => readFileSync(file, 'utf8'))]
  const everything = texts.map(text => text.toLowerCase())
  return Object.entries(person)
    .filter(([, value]) => everything.some(text => text.includes(value.toLowerCase())))
    .map(([name]) => name)
}

describe('Erasing a person', () => {
  it('leaves nothing of the person anywhere, and the trail of what was done to whom without who it was', async () => {
    const person = { ...newPerson(MARK), mark: MARK }
    const userIds = await live(person)
    for (const search of [MARK, `${person.firstName} ${person.lastName}`, `${person.liveEmail} of Rome`]) await exportSearch(search)
    await retryByMistake(person.broadworksId, person.lastName)
    const before = await eventsOf(userIds)
    expect(await tracesOf(person)).toEqual(Object.keys(person))
    expect(new Set(before.map(({ targetLabel }) => targetLabel))).toEqual(new Set([person.broadworksId]))
    expect(before.flatMap(({ changes }) => changes.map(({ after }) => after))).toEqual(
      expect.arrayContaining([person.typedEmail, person.refusedEmail, person.liveEmail, person.newFirstName]),
    )

    const { erased, leftInLog } = await erase(person.broadworksId)
    expect(erased).toMatchObject({ users: 2, attempts: 3, 'hand-over records': 1, mails: 1, 'searches of exports': 3 })
    expect(leftInLog).toBe(false)
    expect(await tracesOf(person)).toEqual([])

    const [erasure, ...after] = await eventsOf(userIds)
    expect(erasure).toMatchObject({ action: 'erased', actor: 'command line', targetId: userIds[1], targetLabel: `erased-${userIds[1]}` })
    const done = ({ id, at, actor, action, targetId, requestId, changes }: (typeof before)[number]) => ({
      ...{ id, at, actor, action, targetId, requestId },
      fields: changes.map(({ field, before: old, after: now }) => [field, old !== null, now !== null]),
      statuses: changes.filter(({ field }) => field === 'status'),
    })
    expect(after.map(done)).toEqual(before.map(done))
    expect(new Set(after.map(({ targetLabel }) => targetLabel))).toEqual(new Set(['[erased]']))
    const emails = after.flatMap(({ changes }) => changes.filter(({ field }) => field === 'email'))
    expect(new Set(emails.map(({ after: email }) => email))).toEqual(new Set(['[erased]']))
  })

  it('is done once: again there is nothing left, by either ID', async () => {
    const person = newPerson()
    const { id } = await hand(person)
    await remove(id)
    expect((await erase(id)).erased).toMatchObject({ users: 1 })
    const before = await dumpTables(app.platform)
    for (const given of [id, person.broadworksId]) {
      expect(Object.values((await erase(given)).erased).every(count => count === 0)).toBe(true)
    }
    expect(await dumpTables(app.platform)).toEqual(before)
  })

  it('takes the person out of the search, and closes the way back through the portal', async () => {
    const person = newPerson()
    const { id } = await hand(person)
    await remove(id)
    await erase(id)
    const { provisionedUsers } = await alice.viewer.get(ListUsersDocument, { filter: { search: person.lastName } })
    expect(provisionedUsers.edges).toEqual([])
    const { activation } = await visitPortal(app.url).signIn(link, person.broadworksId, PASSCODE)
    expect(activation ?? null).toBeNull()
  })

  it('leaves others alone, and whoever comes later under the same BroadWorks ID', async () => {
    const person = newPerson()
    const { id } = await hand(person)
    await remove(id)
    const namesake = { ...newPerson(), firstName: person.firstName, lastName: person.lastName }
    const other = await hand(namesake)
    await erase(id)
    const later = await hand({ ...newPerson(), broadworksId: person.broadworksId })
    for (const { id: userId, broadworksId } of [other, later]) {
      const { provisionedUser } = await alice.viewer.get(FindUserDocument, { id: userId })
      expect(provisionedUser).toMatchObject({ broadworksId })
      expect((await eventsOf([userId])).at(-1)).toMatchObject({ action: 'handOver', targetLabel: broadworksId })
    }
  })

  it('reaches events that were written in clear, before there were keys', async () => {
    const person = newPerson()
    const { id, customer } = await hand(person)
    await remove(id)
    const changes = [
      { field: 'email', before: null, after: person.typedEmail },
      { field: 'status', before: null, after: 'PROVISIONING' },
    ]
    const at = '2026-01-01T00:00:00.000Z'
    const about = { targetId: id, targetLabel: person.broadworksId, customerId: customer.id, partnerId: alice.partnerId }
    await app.platform.database.transaction(({ manager }) =>
      manager.insert(AuditEvent, {
        ...{ id: newId('AuditEvent'), at, actor: 'tests', action: 'tested', requestId: null, sealed: null, changes },
        ...about,
      }),
    )
    expect((await eventsOf([id])).at(-1)).toMatchObject({ action: 'tested', targetLabel: person.broadworksId, changes })
    await erase(id)
    expect((await eventsOf([id])).at(-1)).toMatchObject({
      ...{ action: 'tested', at, targetLabel: '[erased]' },
      changes: [
        { field: 'email', before: null, after: '[erased]' },
        { field: 'status', before: null, after: 'PROVISIONING' },
      ],
    })
    expect(await tracesOf(person)).toEqual([])
  })

  it('reaches what bulk operations keep: the words of refusals, and addresses that were not used yet', async () => {
    const person = newPerson()
    const { id } = await makeUser(alice.operator, template, { broadworksId: person.broadworksId, email: person.liveEmail })
    await untilStatus(alice.operator, id, 'PROVISIONED')
    const input = { items: [{ userId: id, email: person.typedEmail }] }
    const { bulkRetryActivation } = await alice.operator.get(BulkRetryActivationDocument, { input })
    const bulkOperationId = bulkRetryActivation?.bulkOperation?.id ?? ''
    const results = async () => (await alice.viewer.get(FindBulkOperationDocument, { id: bulkOperationId })).bulkOperation
    await eventually(async () => (await results())?.status === 'DONE')
    // As a cancelled operation keeps whom it has not come to.
    const waiting = { bulkOperationId, number: 7, items: [{ userId: id, email: person.refusedEmail }] }
    await app.platform.database.transaction(({ manager }) => manager.insert(BulkChunk, waiting))
    await remove(id)
    expect(await tracesOf(person)).toEqual(expect.arrayContaining(['broadworksId', 'refusedEmail']))
    await erase(id)
    expect(await tracesOf(person)).toEqual([])
    expect((await results())?.results.nodes).toMatchObject([{ userId: id, userErrors: [{ code: 'INVALID_STATE', message: '[erased]' }] }])
  })

  it('reaches searches of exports: those that may mean the person, and whatever stands in those that are over', async () => {
    const person = newPerson()
    await live(person)
    const other = await exportSearch(newPerson().lastName)
    for (const search of [person.lastName.slice(2).toUpperCase(), `${person.newFirstName} ${person.lastName}`, `of ${person.typedEmail}`]) {
      await exportSearch(search)
    }
    const outdated = await exportSearch(`Zedla${person.liveEmail}`.slice(0, -2))
    await app.platform.database.transaction(({ manager }) =>
      manager.update(Download, { id: outdated }, { expiresAt: '2026-01-01T00:00:00.000Z' }),
    )
    expect((await erase(person.broadworksId)).erased).toMatchObject({ 'searches of exports': 4 })
    expect(await downloadIds()).toContain(other)
    expect(await tracesOf(person)).toEqual([])
  })

  it('reaches why templates paused: all that Webex says of the person, in any case, and the call itself', async () => {
    const person = newPerson()
    const userIds = await live(person)
    const attempts = await app.platform.database.reader.findBy(ActivationAttempt, { provisionedUserId: userIds[0] ?? '' })
    const trackingId = attempts.flatMap(({ steps }) => steps).find(step => step.trackingId)?.trackingId ?? ''
    const pause = async (upstreamText: string, id: string) => {
      const pauseCause = { code: 200043, httpStatus: null, upstreamText, trackingId: id }
      const onboardingTemplateId = await makeTemplate(alice.admin, { provisioningId: `paused${nextNumber()}` })
      await app.platform.database.transaction(({ manager }) =>
        manager.update(OnboardingTemplate, { id: onboardingTemplateId }, { pausedAt: '2026-01-01T00:00:00.000Z', pauseCause }),
      )
      return onboardingTemplateId
    }
    const { broadworksId, typedEmail, firstName, lastName, newFirstName } = person
    const texts = [broadworksId, typedEmail, firstName, lastName, newFirstName].map(text => `Not for ${text.toUpperCase()}.`)
    const about = await Promise.all([...texts.map(text => pause(text, 'another-call')), pause('Not configured.', trackingId)])
    const other = await pause(`Not for ${newPerson().broadworksId}.`, 'another-call')
    expect((await erase(person.broadworksId)).erased).toMatchObject({ 'causes of pauses': about.length })
    const causeOf = async (id: string) => (await app.platform.database.reader.findOneBy(OnboardingTemplate, { id }))?.pauseCause
    for (const id of about) expect(await causeOf(id)).toMatchObject({ code: 200043, upstreamText: '[erased]', trackingId: null })
    expect(await causeOf(other)).toMatchObject({ upstreamText: expect.stringContaining('Not for'), trackingId: 'another-call' })
    expect(await tracesOf(person)).toEqual([])
  })

  it('is refused while the user is there, and changes nothing', async () => {
    const person = newPerson()
    const { id } = await hand(person)
    const before = await dumpTables(app.platform)
    for (const given of [id, person.broadworksId.toUpperCase()]) await expect(erase(given)).rejects.toThrow(/delete the user first/)
    expect(await dumpTables(app.platform)).toEqual(before)
  })

  it('is refused until Webex has deleted the user', async () => {
    const person = newPerson()
    const { id } = await makeUser(alice.operator, template, { broadworksId: person.broadworksId, email: person.liveEmail })
    await untilStatus(alice.operator, id, 'PROVISIONED')
    const held = new Promise<Exchange>(resolve => webex.next('DELETE', '', resolve))
    await alice.operator.get(DeleteUserDocument, { input: { userId: id } })
    const exchange = await held
    await expect(erase(id)).rejects.toThrow(/Webex has not finished deleting it/)
    exchange.carryOut()
    exchange.answer(204, undefined)
    await eventually(async () => erase(id).catch(() => null))
    expect(await tracesOf(person)).toEqual(expect.not.arrayContaining(['broadworksId', 'liveEmail']))
  })

  it('is refused for a user whom the partner does not have', async () => {
    await expect(erase(newId('ProvisionedUser'))).rejects.toThrow(/no user with the ID/)
    const person = newPerson()
    const { id } = await hand(person)
    await remove(id)
    await expect(erase(id, newId('Partner'))).rejects.toThrow(/no user with the ID/)
    expect((await erase(person.broadworksId, newId('Partner'))).erased).toMatchObject({ users: 0 })
    expect(await tracesOf(person)).toContain('broadworksId')
  })
})

describe('The audit trail of a person', () => {
  it('is stored without who it is', async () => {
    const person = newPerson()
    const { id } = await hand(person)
    const rows = ((await dumpTables(app.platform))['audit_event'] ?? []).filter(row => row.includes(id))
    expect(rows).toHaveLength(1)
    expect(Object.values(person).filter(value => rows.join().includes(value))).toEqual([])
    const [event] = await eventsOf([id])
    expect(event?.changes).toEqual(expect.arrayContaining([{ field: 'lastName', before: null, after: person.lastName }]))
  })

  it('takes one more statement for a page, however many persons it is about', async () => {
    for (const mark of ['b', 'c', 'd']) await hand(newPerson(mark))
    app.statements.length = 0
    const { auditEvents } = await alice.viewer.get(AuditEventsDocument, { first: 50 })
    const persons = new Set(auditEvents.nodes.filter(({ action }) => action === 'handOver').map(({ targetId }) => targetId))
    expect(persons.size).toBeGreaterThan(3)
    expect(app.statements.filter(sql => sql.includes('"personal_key"'))).toHaveLength(1)
  })

  it('begins to be hidden with the first change of a user who was there before there were keys', async () => {
    const person = newPerson()
    const { id } = await hand(person)
    await app.platform.database.transaction(async ({ manager }) => {
      await manager.query(`UPDATE "provisioned_user" SET "personal_key" = NULL WHERE "id" = '${id}'`)
      await manager.query(`UPDATE "audit_event" SET "sealed" = NULL WHERE "target_id" = '${id}'`)
    })
    await alice.operator.get(UpdateProvisionedUserDocument, { input: { userId: id, firstName: person.newFirstName } })
    const rows = ((await dumpTables(app.platform))['audit_event'] ?? []).filter(row => row.includes(id))
    expect(rows.join()).not.toContain(person.newFirstName)
    expect((await eventsOf([id]))[0]).toMatchObject({
      targetLabel: person.broadworksId,
      changes: [{ field: 'firstName', before: person.firstName, after: person.newFirstName }],
    })
  })
})
