import { getNamedType, type GraphQLInputObjectType } from 'graphql'
import type { Actor } from '../support/world/actor'
import { untilQuiet } from '../support/world/estate'
import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import { makeTemplate, makeUser, nextNumber, userItem } from '../support/world/builders'
import {
  ChangePackageTypeDocument,
  DeleteUserDocument,
  ProvisionUserDocument,
  ProvisionUsersDocument,
  RetryActivationDocument,
} from '../support/operations/operations.generated'
import { mutationFields, type RootField, shallowSelection } from '../support/schema/partner-schema'
import { dumpTables } from '../support/database/table-dump'
import { validInputs } from '../support/schema/valid-inputs'

type Payload = Record<string, unknown> & { userErrors: { code: string; field: string[] | null }[] }

const HOUR_MS = 3_600_000

let app: TestApp
let alice: TestPartner
let template: string
/** How far the server's clock is ahead of ours. */
let aheadMs = 0

const takesKey = (field: RootField) =>
  'idempotencyKey' in (getNamedType(field.args[0]?.type as GraphQLInputObjectType) as GraphQLInputObjectType).getFields()
const keyed = Object.values(mutationFields)
  .filter(takesKey)
  .map(({ name }) => name)

beforeAll(async () => {
  app = await startTestApp({ clock: { now: () => new Date(Date.now() + aheadMs) } })
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin)
  await makeUser(alice.operator, template)
})
afterAll(() => app.stop())

async function mutate(name: string, input: unknown, actor: Actor = alice.admin): Promise<Payload> {
  const field = mutationFields[name] as RootField
  const { data, errors } = await actor.ask<Record<string, Payload>, { input: unknown }>(
    `mutation ($input: ${String(field.args[0]?.type)}) { ${name}(input: $input) ${shallowSelection(field)} }`,
    { input },
  )
  expect(errors).toEqual([])
  return data[name] as Payload
}

const makeInput = async (name: string) => (await validInputs(alice, template)[name]?.()) ?? {}

/** The IDs that an answer has, which stay the same while the objects behind them go on. */
const idsOf = (payload: Payload) => [...new Set(JSON.stringify(payload).match(/"(usr|tpl|tok|blk)_\w{26}"/g))]

async function quietDump(): Promise<Record<string, string[]>> {
  await untilQuiet(app)
  return dumpTables(app.platform)
}

/** How many rows of each table the work adds, once everything that it starts is over. */
async function growth(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await quietDump()
  await work()
  const after = await quietDump()
  // How a search index lays itself out is its own business.
  const tables = Object.keys(after).filter(table => !table.includes('_search_index'))
  return Object.fromEntries(tables.map(table => [table, (after[table] ?? []).length - (before[table] ?? []).length]))
}

describe('A key', () => {
  it('is taken by every mutation but those that do no harm when they are repeated', () => {
    const others = Object.keys(mutationFields).filter(name => !keyed.includes(name))
    expect(others.sort()).toEqual([
      'cancelBulkOperation',
      'exportBulkResults',
      'exportUsers',
      'precheckUsers',
      'resendConsentEmail',
      'resendValidationEmail',
      'resumeBulkOperation',
      'revokeApiToken',
      'startSync',
    ])
  })

  it.each(keyed)('has %s done once: the same request again answers the same object', async name => {
    const input = await makeInput(name)
    const first = await mutate(name, input)
    expect(first.userErrors).toEqual([])
    expect(idsOf(first).length).toBeGreaterThan(0)
    const before = await quietDump()
    const again = await mutate(name, input)
    expect(again.userErrors).toEqual([])
    expect(idsOf(again)).toEqual(idsOf(first))
    expect(await quietDump()).toEqual(before)
  })

  it.each(keyed)('has ten twins of %s at the same moment do what one does', async name => {
    const [one, many] = [await makeInput(name), await makeInput(name)]
    const ofOne = await growth(() => mutate(name, one))
    const answers: Payload[] = []
    const ofTen = await growth(async () => answers.push(...(await Promise.all(Array.from({ length: 10 }, () => mutate(name, many))))))
    expect(ofTen).toEqual(ofOne)
    expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual([])
    expect(new Set(answers.map(answer => idsOf(answer).join())).size).toBe(1)
  })

  it.each(keyed)('that came with another input is refused by %s', async name => {
    const [first, other] = [await makeInput(name), await makeInput(name)]
    await mutate(name, first)
    const before = await quietDump()
    const { userErrors, ...rest } = await mutate(name, { ...other, idempotencyKey: first['idempotencyKey'] })
    expect(userErrors).toMatchObject([{ code: 'IDEMPOTENCY_KEY_REUSED', field: ['idempotencyKey'] }])
    expect(Object.values(rest).every(value => value === null)).toBe(true)
    expect(await quietDump()).toEqual(before)
  })

  it('may have 255 characters of any kind', async () => {
    const { id } = await makeUser(alice.operator, template)
    const input = { userId: id, packageType: 'BASIC' as const, idempotencyKey: '🔑'.repeat(127) + 'é' }
    for (let times = 0; times < 2; times += 1) {
      const { changePackageType } = await alice.operator.get(ChangePackageTypeDocument, { input })
      expect(changePackageType).toMatchObject({ provisionedUser: { id, requestedPackageType: 'BASIC' }, userErrors: [] })
    }
  })
})

describe('What a key is remembered for', () => {
  const key = () => `key ${nextNumber()}`

  it('is one mutation of one caller of one partner', async () => {
    const idempotencyKey = key()
    const mallory = await app.addPartner('Mallory Mobile')
    const malloryTemplate = await makeTemplate(mallory.admin)
    for (const [actor, own] of [
      [alice.operator, template],
      [alice.admin, template],
      [mallory.operator, malloryTemplate],
    ] as const) {
      const { id } = await makeUser(actor, own)
      const change = await actor.get(ChangePackageTypeDocument, { input: { userId: id, packageType: 'BASIC', idempotencyKey } })
      expect(change.changePackageType?.provisionedUser).toMatchObject({ id, requestedPackageType: 'BASIC' })
      const deletion = await actor.get(DeleteUserDocument, { input: { userId: id, idempotencyKey } })
      expect(deletion.deleteUser).toMatchObject({ deletedUserId: id, userErrors: [] })
    }
  })

  it('is no refusal: mended, the request is carried out under the same key', async () => {
    const idempotencyKey = key()
    const { id } = await makeUser(alice.operator, template)
    const ask = async (email?: string) =>
      (await alice.operator.get(RetryActivationDocument, { input: { userId: id, email, idempotencyKey } })).retryActivation?.userErrors
    expect(await ask('anna')).toMatchObject([{ code: 'INVALID' }])
    expect(await ask()).toMatchObject([{ code: 'EMAIL_REQUIRED' }])
    expect(await ask(`anna.${nextNumber()}@example.com`)).toEqual([])
  })

  it('is 24 hours, no more and no less', async () => {
    const idempotencyKey = key()
    const users = [await makeUser(alice.operator, template), await makeUser(alice.operator, template)]
    const ask = async (index: number) => {
      const input = { userId: users[index]?.id ?? '', packageType: 'BASIC' as const, idempotencyKey }
      return (await alice.operator.get(ChangePackageTypeDocument, { input })).changePackageType?.userErrors.map(({ code }) => code)
    }
    const startedAheadMs = aheadMs
    try {
      expect(await ask(0)).toEqual([])
      aheadMs = startedAheadMs + 24 * HOUR_MS - 60_000
      expect(await ask(0)).toEqual([])
      expect(await ask(1)).toEqual(['IDEMPOTENCY_KEY_REUSED'])
      aheadMs = startedAheadMs + 24 * HOUR_MS + 60_000
      expect(await ask(1)).toEqual([])
      expect(await ask(0)).toEqual(['IDEMPOTENCY_KEY_REUSED'])
    } finally {
      aheadMs = startedAheadMs
    }
  })

  it('is the object, and not what was answered: the answer to a replay is how things are by then', async () => {
    const input = { user: userItem(template), idempotencyKey: key() }
    const ask = async () => (await alice.operator.get(ProvisionUserDocument, { input })).provisionUser
    const id = (await ask())?.provisionedUser?.id ?? ''
    await alice.operator.get(ChangePackageTypeDocument, { input: { userId: id, packageType: 'PREMIUM' } })
    expect(await ask()).toMatchObject({ provisionedUser: { id, requestedPackageType: 'PREMIUM' }, userErrors: [] })
    await alice.operator.get(DeleteUserDocument, { input: { userId: id } })
    expect(await ask()).toEqual({ provisionedUser: null, userErrors: [] })
  })

  it('is the hash of an input only, and of a token no secret', async () => {
    const input = { user: userItem(template, { activationPasscode: 'a-passcode-that-nobody-guesses' }), idempotencyKey: key() }
    await alice.operator.get(ProvisionUserDocument, { input })
    const token = await makeInput('createApiToken')
    const [first, again] = [await mutate('createApiToken', token), await mutate('createApiToken', token)]
    expect([typeof first['secret'], again['secret']]).toEqual(['string', null])
    const rows = Object.values(await dumpTables(app.platform))
      .flat()
      .join('\n')
    expect(rows).toContain(input.idempotencyKey)
    for (const secret of ['a-passcode-that-nobody-guesses', first['secret'] as string]) expect(rows).not.toContain(secret)
  })
})

describe('The key of provisionUsers', () => {
  const provision = async (users: ReturnType<typeof userItem>[], idempotencyKey: string) => {
    const { provisionUsers } = await alice.operator.get(ProvisionUsersDocument, { input: { users, idempotencyKey } })
    return provisionUsers
  }
  const ids = (payload: Awaited<ReturnType<typeof provision>>) => payload?.results?.map(result => result.provisionedUser?.id ?? null)

  it('answers each user of the list again, those that were refused too', async () => {
    const users = [userItem(template), userItem(template, { extension: 'x' }), userItem(template)]
    const key = `list ${nextNumber()}`
    const first = await provision(users, key)
    expect(ids(first)).toEqual([expect.any(String), null, expect.any(String)])
    const before = await quietDump()
    expect(await provision(users, key)).toEqual(first)
    expect(await quietDump()).toEqual(before)
  })

  it('is refused as a whole with another list, be it longer, shorter or in another order', async () => {
    const users = [userItem(template), userItem(template)]
    const key = `list ${nextNumber()}`
    await provision(users, key)
    const before = await quietDump()
    for (const other of [[...users, userItem(template)], users.slice(0, 1), [...users].reverse()]) {
      expect(await provision(other, key)).toMatchObject({
        results: null,
        userErrors: [{ code: 'IDEMPOTENCY_KEY_REUSED', field: ['idempotencyKey'] }],
      })
    }
    expect(await quietDump()).toEqual(before)
  })

  it('is free again when every user of the list was refused', async () => {
    const item = userItem(template, { extension: 'x' })
    const key = `list ${nextNumber()}`
    expect(ids(await provision([item], key))).toEqual([null])
    expect(ids(await provision([{ ...item, extension: '4711' }], key))).toEqual([expect.any(String)])
  })
})
