import { Customer } from '../../../src/features/customer/customer.entity'
import type { Actor } from '../../support/world/actor'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus, userItem } from '../../support/world/builders'
import {
  AuditEventsDocument,
  type AuditEventsQuery,
  ChangePackageTypeDocument,
  DeleteUserDocument,
  FindUserDocument,
  type PackageType,
  ProvisionUserDocument,
  RetryActivationDocument,
  UpdateProvisionedUserDocument,
  type UserErrorCode,
  UserHistoryDocument,
} from '../../support/operations/operations.generated'
import { eventually } from '../../support/world/waiting'

let app: TestApp
let alice: TestPartner
let template: string

beforeAll(async () => {
  app = await startTestApp()
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin)
})
afterAll(() => app.stop())

const AT_ONCE = 10

/** What a mutation came to: `DONE`, or the code of its first user error. */
type Result = 'DONE' | UserErrorCode

function resultOf(payload: { userErrors: { code: UserErrorCode }[] } | null): Result {
  if (!payload) throw new Error('The mutation answered null.')
  return payload.userErrors[0]?.code ?? 'DONE'
}

const get: Actor['get'] = (document, variables) => alice.operator.get(document, variables)

const retry = async (userId: string, email?: string): Promise<Result> =>
  resultOf((await get(RetryActivationDocument, { input: { userId, email } })).retryActivation)
const changePackage = async (userId: string, packageType: PackageType): Promise<Result> =>
  resultOf((await get(ChangePackageTypeDocument, { input: { userId, packageType } })).changePackageType)
const rename = async (userId: string, lastName: string): Promise<Result> =>
  resultOf((await get(UpdateProvisionedUserDocument, { input: { userId, lastName } })).updateProvisionedUser)
const remove = async (userId: string): Promise<Result> => resultOf((await get(DeleteUserDocument, { input: { userId } })).deleteUser)

function times<Value>(make: (index: number) => Promise<Value>, count = AT_ONCE): Promise<Value[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => make(index)))
}

function expectOneDone(results: Result[], others: Result): void {
  expect([...results].sort()).toEqual([...Array<Result>(results.length - 1).fill(others), 'DONE'].sort())
}

const email = () => `anna.${nextNumber()}@example.com`

async function waitingUser(): Promise<string> {
  return (await makeUser(alice.operator, template)).id
}

async function liveUser(): Promise<string> {
  const { id } = await makeUser(alice.operator, template, { email: email() })
  await untilStatus(alice.viewer, id, 'PROVISIONED')
  return id
}

/** A user whose activation failed, with a vouched address on record. */
async function failedUser(): Promise<string> {
  const { id } = await makeUser(alice.operator, template, { email: `error-10022.${nextNumber()}@example.com` })
  await untilStatus(alice.viewer, id, 'ERROR')
  return id
}

async function attemptsOf(id: string) {
  return (await alice.viewer.get(UserHistoryDocument, { id })).provisionedUser?.attempts.nodes ?? []
}

type Event = AuditEventsQuery['auditEvents']['nodes'][number]

/** What the audit log says of a user, oldest first. Every change has to begin with what the one before it left. */
async function trailOf(id: string): Promise<Event[]> {
  const { auditEvents } = await alice.viewer.get(AuditEventsDocument, { first: 100, filter: { targetIds: [id] } })
  const trail = [...auditEvents.nodes].reverse()
  const state = new Map<string, string | null>()
  for (const { field, before, after } of trail.flatMap(({ changes }) => changes)) {
    expect([field, before]).toEqual([field, state.get(field) ?? null])
    state.set(field, after)
  }
  return trail
}

async function atWebex(broadworksId: string): Promise<number> {
  const client = await app.platform.webex.of(alice.partnerId)
  return (await client.findSubscribers(broadworksId)).value.length
}

describe('changes of one user at the same moment', () => {
  it('start one activation, with the address of the one that won', async () => {
    const id = await waitingUser()
    const addresses = Array.from({ length: AT_ONCE }, email)
    const results = await times(index => retry(id, addresses[index]))
    expectOneDone(results, 'INVALID_STATE')
    const winner = addresses[results.indexOf('DONE')]
    const { email: used, broadworksId } = await untilStatus(alice.viewer, id, 'PROVISIONED')
    expect(used).toBe(winner)
    expect((await attemptsOf(id)).map(attempt => [attempt.email, attempt.outcome])).toEqual([[winner, 'PROVISIONED']])
    expect((await trailOf(id)).map(({ action }) => action)).toEqual(['handOver', 'retryActivation', 'statusChanged'])
    expect(await atWebex(broadworksId)).toBe(1)
  })

  it('start one activation with the address on record', async () => {
    const id = await failedUser()
    expectOneDone(await times(() => retry(id)), 'INVALID_STATE')
    await untilStatus(alice.viewer, id, 'ERROR')
    expect(await attemptsOf(id)).toHaveLength(2)
  })

  it('start one update of a live user, whatever is changed', async () => {
    const id = await liveUser()
    const packages: PackageType[] = ['BASIC', 'PREMIUM', 'SOFTPHONE']
    const results = await times(index =>
      index % 2 ? rename(id, `Bianchi ${index}`) : changePackage(id, packages[index % 3] as PackageType),
    )
    expectOneDone(results, 'INVALID_STATE')
    const winner = results.indexOf('DONE')
    const user = await untilStatus(alice.viewer, id, 'PROVISIONED')
    expect([user.packageType, user.lastName]).toEqual(winner % 2 ? ['STANDARD', `Bianchi ${winner}`] : [packages[winner % 3], 'Rossi'])
    expect(user.requestedPackageType).toBeNull()
    expect(await attemptsOf(id)).toHaveLength(2)
    await trailOf(id)
  })

  it('delete it once', async () => {
    const id = await waitingUser()
    expectOneDone(await times(() => remove(id)), 'NOT_FOUND')
    expect((await trailOf(id)).map(({ action }) => action)).toEqual(['handOver', 'deleteUser'])
  })

  it('are all kept, one after the other, where each may follow the other', async () => {
    const id = await waitingUser()
    const packages: PackageType[] = ['BASIC', 'PREMIUM', 'SOFTPHONE']
    const results = await times(index =>
      index % 2 ? rename(id, `Bianchi ${index}`) : changePackage(id, packages[index % 3] as PackageType),
    )
    expect(new Set(results)).toEqual(new Set(['DONE']))
    const trail = await trailOf(id)
    const last = (field: string) => trail.flatMap(({ changes }) => changes).findLast(change => change.field === field)?.after
    const { provisionedUser } = await alice.viewer.get(FindUserDocument, { id })
    expect([provisionedUser?.lastName, provisionedUser?.requestedPackageType]).toEqual([last('lastName'), last('requestedPackageType')])
  })

  it('are decided one by one: none acts on a user whom another deleted', async () => {
    const ids = await times(index => (index % 2 ? waitingUser() : failedUser()))
    const outcomes = await Promise.all(
      ids.map(async id => {
        const [deleted, ...others] = await Promise.all([
          remove(id),
          retry(id, email()),
          changePackage(id, 'PREMIUM'),
          rename(id, 'Bianchi'),
        ])
        expect(deleted).toBe('DONE')
        for (const other of others) expect(['DONE', 'NOT_FOUND', 'INVALID_STATE']).toContain(other)
        return others
      }),
    )
    for (const [index, id] of ids.entries()) {
      const actions = (await trailOf(id)).map(({ action }) => action)
      // Nothing is on record behind the deletion, and everything before it that was answered as done.
      expect(actions.filter(action => action !== 'deletedAtWebex').at(-1)).toBe('deleteUser')
      for (const [place, action] of ['retryActivation', 'changePackageType', 'updateProvisionedUser'].entries()) {
        expect([action, actions.includes(action)]).toEqual([action, outcomes[index]?.[place] === 'DONE'])
      }
      expect((await alice.viewer.get(FindUserDocument, { id })).provisionedUser).toBeNull()
    }
  })

  it('leave nothing at Webex when an activation and a deletion meet', async () => {
    const users = await times(() => makeUser(alice.operator, template), 6)
    await Promise.all(users.map(({ id }) => Promise.all([retry(id, email()), remove(id)])))
    // The same person can be handed over again, which waits for the end of the deletion.
    for (const { broadworksId } of users) {
      await makeUser(alice.operator, template, { broadworksId, lastName: 'Again' })
      await eventually(async () => (await atWebex(broadworksId)) === 0)
    }
  })
})

describe('one address wanted by several users at the same moment', () => {
  it('goes to one of them; the others keep their state', async () => {
    const ids = await times(waitingUser)
    const address = email()
    // Written in several ways, which are one address.
    const results = await times(index => retry(ids[index] as string, index % 2 ? address : address.toUpperCase()))
    expectOneDone(results, 'TAKEN')
    const [winner, ...losers] = [...ids].sort(
      (one, other) => Number(results[ids.indexOf(other)] === 'DONE') - Number(results[ids.indexOf(one)] === 'DONE'),
    )
    await untilStatus(alice.viewer, winner as string, 'PROVISIONED')
    for (const id of losers) {
      const { provisionedUser } = await alice.viewer.get(FindUserDocument, { id })
      expect(provisionedUser).toMatchObject({ status: 'PENDING_EMAIL_INPUT', email: null })
      expect(await attemptsOf(id)).toEqual([])
      expect(await trailOf(id)).toHaveLength(1)
    }
  })

  it('goes to one of those who are handed over with it', async () => {
    const address = email()
    const results = await times(async () => {
      const { provisionUser } = await get(ProvisionUserDocument, { input: { user: userItem(template, { email: address }) } })
      return { result: resultOf(provisionUser), field: provisionUser?.userErrors[0]?.field }
    })
    expectOneDone(
      results.map(({ result }) => result),
      'TAKEN',
    )
    for (const { result, field } of results) if (result === 'TAKEN') expect(field).toEqual(['user', 'email'])
  })
})

describe('hand-overs at the same moment', () => {
  async function handOver(item: ReturnType<typeof userItem>) {
    const { provisionUser } = await get(ProvisionUserDocument, { input: { user: item } })
    return { result: resultOf(provisionUser), user: provisionUser?.provisionedUser, field: provisionUser?.userErrors[0]?.field }
  }

  it('of one user make that user once', async () => {
    const item = userItem(template, { spEnterpriseId: `SP1+${nextNumber()}`, email: email() })
    const answers = await times(() => handOver(item))
    expect(answers.map(({ result }) => result)).toEqual(Array(AT_ONCE).fill('DONE'))
    expect(new Set(answers.map(({ user }) => user?.id)).size).toBe(1)
    const id = answers[0]?.user?.id as string
    await untilStatus(alice.viewer, id, 'PROVISIONED')
    expect(await attemptsOf(id)).toHaveLength(1)
    expect((await trailOf(id)).map(({ action }) => action)).toEqual(['handOver', 'statusChanged'])
    expect(await atWebex(item.broadworksId)).toBe(1)
  })

  it('of one BroadWorks ID with different data make one user, and refuse the others', async () => {
    const broadworksId = `Raced.${nextNumber()}@provider.example`
    const answers = await times(index =>
      handOver(userItem(template, { broadworksId: index % 2 ? broadworksId : broadworksId.toLowerCase(), lastName: `Name ${index}` })),
    )
    expectOneDone(
      answers.map(({ result }) => result),
      'TAKEN',
    )
    for (const { result, field } of answers) if (result === 'TAKEN') expect(field).toEqual(['user', 'broadworksId'])
    const { provisionedUser } = await alice.viewer.get(FindUserDocument, { broadworksId })
    expect(provisionedUser?.id).toBe(answers.find(({ user }) => user)?.user?.id)
  })

  it('of the first users of a new customer make that customer once', async () => {
    const spEnterpriseId = `SP1+new${nextNumber()}`
    const answers = await times(() => handOver(userItem(template, { spEnterpriseId, customerName: 'New customer' })))
    expect(answers.map(({ result }) => result)).toEqual(Array(AT_ONCE).fill('DONE'))
    const [customer, ...more] = await app.platform.database.reader.findBy(Customer, { spEnterpriseId })
    expect(more).toEqual([])
    expect(new Set(answers.map(({ user }) => user?.customer.id))).toEqual(new Set([customer?.id]))
    expect((await trailOf(customer?.id as string)).map(({ action }) => action)).toEqual(['createCustomer'])
  })

  it('of a new customer on two templates put it on one of them', async () => {
    const templates = [template, await makeTemplate(alice.admin)]
    const spEnterpriseId = `SP1+two${nextNumber()}`
    const answers = await times(index => handOver(userItem(templates[index % 2] as string, { spEnterpriseId })))
    const done = answers.flatMap(({ result }, index) => (result === 'DONE' ? [index % 2] : []))
    expect(done).toHaveLength(AT_ONCE / 2)
    expect(new Set(done).size).toBe(1)
    for (const { result, field } of answers) if (result !== 'DONE') expect([result, field]).toEqual(['INVALID', ['user', 'spEnterpriseId']])
    const [customer] = await app.platform.database.reader.findBy(Customer, { spEnterpriseId })
    expect(customer?.onboardingTemplateId).toBe(templates[done[0] as number])
  })

  it('that meet a deletion of the same BroadWorks ID make one user at most', async () => {
    const item = userItem(template)
    let living = (await handOver(item)).user?.id as string
    for (let round = 0; round < 5; round += 1) {
      const [removed, ...answers] = await Promise.all([remove(living), ...Array.from({ length: 4 }, () => handOver(item))])
      expect(removed).toBe('DONE')
      expect(answers.map(({ result }) => result)).toEqual(Array(4).fill('DONE'))
      // Each either met the user who was still there, or made the next one or met that.
      const next = (await handOver(item)).user?.id as string
      expect(next).not.toBe(living)
      for (const { user } of answers) expect([null, living, next]).toContain(user?.id ?? null)
      living = next
    }
  })
})

describe('twins with one idempotency key', () => {
  it('change once and answer the same', async () => {
    const id = await waitingUser()
    const input = { userId: id, email: email(), idempotencyKey: `twins ${nextNumber()}` }
    const answers = await times(async () => (await get(RetryActivationDocument, { input })).retryActivation)
    expect(answers.map(resultOf)).toEqual(Array(AT_ONCE).fill('DONE'))
    expect(new Set(answers.map(answer => answer?.provisionedUser?.id))).toEqual(new Set([id]))
    await untilStatus(alice.viewer, id, 'PROVISIONED')
    expect(await attemptsOf(id)).toHaveLength(1)
    expect((await trailOf(id)).map(({ action }) => action)).toEqual(['handOver', 'retryActivation', 'statusChanged'])
  })
})
