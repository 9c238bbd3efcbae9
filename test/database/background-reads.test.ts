import { Role } from '../../src/auth/viewer'
import type { Actor } from '../support/world/actor'
import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import { makeTemplate, makeUser } from '../support/world/builders'

let app: TestApp
let alice: TestPartner
let restricted: Actor

beforeAll(async () => {
  app = await startTestApp()
  alice = await app.addPartner()
  const { customer } = await makeUser(alice.operator, await makeTemplate(alice.admin))
  restricted = await app.addToken(alice.partnerId, Role.VIEWER, [customer.id])
})
afterEach(() => jest.restoreAllMocks())
afterAll(() => app.stop())

/** The statements of a query that are background reads. */
async function backgroundReads(actor: Actor, query: string): Promise<string[]> {
  const calls = jest.spyOn(app.platform.database, 'backgroundRead')
  const { errors } = await actor.ask(query)
  expect(errors).toEqual([])
  return calls.mock.calls.map(([sql]) => sql)
}

describe('A list that is read in the background', () => {
  it.each([
    [
      'users',
      '{ provisionedUsers(filter: { search: "rossi" }, orderBy: { field: LAST_NAME, direction: ASC }) { totalCount nodes { id } } }',
      2,
    ],
    ['customers', '{ customers(filter: { search: "acme" }) { totalCount nodes { id } } }', 2],
    ['audit events', '{ auditEvents(filter: { actors: ["nobody"] }) { totalCount nodes { id } } }', 2],
    ['users of a cause', '{ causes(filter: { search: "rossi" }) { samples { id } } }', 1],
  ])('can be ended while it looks through them: %s', async (_name, query, number) => {
    const statements = await backgroundReads(alice.viewer, query)
    expect(statements).toHaveLength(number)
    // PostgreSQL ends any statement; SQLite asks at each row, before it asks anything else.
    if (app.platform.database.kind === 'sqlite') for (const sql of statements) expect(sql).toMatch(/"row" WHERE in_time\(\) = 1 AND/)
  })
})

describe('A list of audit events', () => {
  it.each([
    '{ auditEvents(filter: { actors: ["nobody"] }) { nodes { id } } }',
    '{ auditEvents(filter: { targetIds: ["a", "b"] }, last: 5) { nodes { id } } }',
    '{ auditEvents(filter: { at: { gte: "2020-01-01T00:00:00Z" } }) { nodes { id } } }',
  ])('with a filter is read in the background: %s', async query => {
    expect(await backgroundReads(alice.viewer, query)).toHaveLength(1)
  })

  it('is read in the background for a token that is restricted to some customers', async () => {
    expect(await backgroundReads(restricted, '{ auditEvents { nodes { id } } }')).toHaveLength(1)
  })

  it('is read at once when an index has it in its order', async () => {
    expect(await backgroundReads(alice.viewer, '{ auditEvents { nodes { id } } }')).toHaveLength(0)
    expect(await backgroundReads(alice.viewer, '{ provisionedUsers { nodes { auditEvents { nodes { id } } } } }')).toHaveLength(0)
  })
})
