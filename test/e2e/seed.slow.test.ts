import { createActor, type Actor } from '../support/world/actor'
import { createTestDatabase, type TestDatabase } from '../support/world/app'
import { untilStatus } from '../support/world/builders'
import { readTables } from '../support/database/read-tables'
import { ListUsersDocument, RetryActivationDocument, type UserRowFragment } from '../support/operations/operations.generated'
import {
  BUILD_TIMEOUT_MS,
  ensureBuilt,
  type Running,
  runTool,
  serverUrl,
  simulatorUrl,
  startServer,
  startTool,
  useTool,
} from '../support/processes/processes'

const WEBEX_TOKEN = 'simulated-organization'

let databases: TestDatabase[]
let simulator: Running
let webexUrl: string
/** Two empty databases; the first has the simulator, which runs, as its Webex. */
let first: ReturnType<typeof placeOf>
let second: ReturnType<typeof placeOf>

beforeAll(async () => {
  await ensureBuilt()
  databases = await Promise.all([createTestDatabase(), createTestDatabase()])
  ;[first, second] = databases.map(placeOf) as [typeof first, typeof second]
  simulator = startTool(['simulator', '--port', '0'], first)
  webexUrl = await simulatorUrl(simulator)
}, BUILD_TIMEOUT_MS)

afterAll(async () => {
  await simulator?.end()
  await Promise.all(databases.map(database => database.remove()))
})

function placeOf({ url, directory }: TestDatabase) {
  const environment = {
    DATABASE_URL: url,
    SIMULATOR_DATABASE: 'webex.db',
    SIMULATOR_DELAY_MS: '50',
    WEBEX_ACCESS_TOKEN: WEBEX_TOKEN,
    LOG_LEVEL: 'fatal',
  }
  return { directory, databaseUrl: url, environment }
}

/** What does not follow from the partner's ID. */
function withoutIds(rows: Record<string, unknown>[] = []): string[] {
  const ids = [
    'id',
    'partner_id',
    'customer_id',
    'onboarding_template_id',
    'webex_subscriber_id',
    'webex_person_id',
    'upstream_errors',
    'cause_key',
  ]
  return rows.map(row => JSON.stringify(Object.entries(row).filter(([column]) => !ids.includes(column)))).sort()
}

async function heldAtWebex(): Promise<Record<string, string>[]> {
  const held: Record<string, string>[] = []
  let next: string | undefined = `${webexUrl}/broadworks/subscribers?max=100`
  while (next) {
    const response: Response = await fetch(next, { headers: { authorization: `Bearer ${WEBEX_TOKEN}` } })
    held.push(...((await response.json()) as { items: Record<string, string>[] }).items)
    next = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1]
  }
  return held
}

describe('flowthrough seed', () => {
  it('makes a partner where there is none, shows how far it is, and makes the same users in every database', async () => {
    const [seeded, other] = await Promise.all([runTool(['seed', '--users', '200'], first), runTool(['seed', '--users', '200'], second)])
    for (const { exitCode, stdout, stderr } of [seeded, other]) {
      expect(exitCode).toBe(0)
      expect(stdout).toMatch(
        /^Synthetic partner \(prt_[0-9a-z]{26}\) has 200 synthetic users; their passcode for the portal is demo-passcode\.\n$/,
      )
      expect(stderr).toMatch(/Seeding .* 100% \| 200\/200/)
    }
    const [ours, theirs] = await Promise.all([readTables(first), readTables(second)])
    expect(ours['provisioned_user']).toHaveLength(200)
    expect(withoutIds(ours['provisioned_user'])).toEqual(withoutIds(theirs['provisioned_user']))
    expect(withoutIds(ours['customer']).map(row => row.replace(/"webex_org_id","[^"]+"/, ''))).toEqual(
      withoutIds(theirs['customer']).map(row => row.replace(/"webex_org_id","[^"]+"/, '')),
    )
    expect(new Set(ours['provisioned_user']?.map(({ status }) => status))).toEqual(
      new Set(['PROVISIONED', 'ERROR', 'PENDING_EMAIL_INPUT', 'PENDING_EMAIL_VALIDATION', 'PENDING_USER_MIGRATION']),
    )
  })

  it('gives the simulator its side: the same people under the same IDs', async () => {
    const { provisioned_user: users = [] } = await readTables(first)
    const expected = users.filter(user => user['webex_subscriber_id'] !== null)
    const sides = (held: Record<string, unknown>[], names: string[]) =>
      held.map(row => names.map(name => String(row[name]).toLowerCase()).join(' ')).sort()
    expect(expected.length).toBeGreaterThan(150)
    expect(sides(await heldAtWebex(), ['userId', 'id', 'personId', 'status', 'package'])).toEqual(
      sides(
        expected.map(user => ({ ...user, webex_person_id: user['webex_person_id'] ?? undefined })),
        ['broadworks_id', 'webex_subscriber_id', 'webex_person_id', 'status', 'package_type'],
      ),
    )
  })

  it('changes nothing when it is run again, and adds what is missing when there are to be more', async () => {
    const before = await readTables(second)
    await useTool(['seed', '--users', '200'], second)
    expect(await readTables(second)).toEqual(before)
    await useTool(['seed', '--users', '320'], second)
    const after = await readTables(second)
    expect(after['provisioned_user']).toHaveLength(320)
    expect(after['provisioned_user']).toEqual(expect.arrayContaining(before['provisioned_user'] ?? []))
    expect(after['customer']).toEqual(expect.arrayContaining(before['customer'] ?? []))
    expect(after['activation_attempt']).toHaveLength(after['provisioned_user']?.filter(({ status }) => status === 'ERROR').length ?? -1)
  })

  it('makes no user who fails by itself: everybody who is stuck can be mended', async () => {
    const token = await useTool(['token', 'create', '--role', 'OPERATOR'], first)
    const server = startServer({ ...first, environment: { ...first.environment, WEBEX_BASE_URL: webexUrl, PORT: '0' } })
    const operator = createActor(await serverUrl(server), token)
    const stuck = await stuckUsers(operator)
    expect(stuck.length).toBeGreaterThan(10)
    await Promise.all(
      stuck.map(async ({ id, status }, index) => {
        // An address that was confirmed before the error is as good as a new one.
        const input = status === 'ERROR' && index % 2 === 0 ? { userId: id } : { userId: id, email: `good-${index}@example.com` }
        const { retryActivation } = await operator.get(RetryActivationDocument, { input })
        expect(retryActivation?.userErrors).toEqual([])
        await untilStatus(operator, id, 'PROVISIONED')
      }),
    )
    expect(await stuckUsers(operator)).toEqual([])
    expect(await server.end()).toMatchObject({ exitCode: 0 })
  })
})

async function stuckUsers(operator: Actor): Promise<UserRowFragment[]> {
  const { provisionedUsers } = await operator.get(ListUsersDocument, { first: 100, filter: { excludeProvisioned: true } })
  return provisionedUsers.edges.map(({ node }) => node)
}
