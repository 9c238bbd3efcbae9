import { setTimeout as sleep } from 'node:timers/promises'
import { chooseSeed, numbersFrom } from '../chaos/randomness'
import { createActor, type Actor } from '../support/world/actor'
import { createTestDatabase, type TestDatabase } from '../support/world/app'
import { makeTemplate, nextNumber, untilStatus, userItem } from '../support/world/builders'
import { readTables } from '../support/database/read-tables'
import {
  ChangePackageTypeDocument,
  DeleteUserDocument,
  ListUsersDocument,
  ProvisionUsersDocument,
  type UserRowFragment,
  UserHistoryDocument,
} from '../support/operations/operations.generated'
import {
  BUILD_TIMEOUT_MS,
  ensureBuilt,
  type Running,
  serverUrl,
  simulatorUrl,
  startServer,
  startTool,
  type Surroundings,
  useTool,
} from '../support/processes/processes'
import { eventually } from '../support/world/waiting'

const WEBEX_TOKEN = 'simulated-organization'
/** On SQLite who serves next takes everything up at once; on PostgreSQL other processes may be at work, so it waits for the leases to end. */
const SETTLED_WITHIN_MS = process.env['TEST_DATABASE'] === 'postgres' ? 120_000 : 60_000
const KILLS = 3

let database: TestDatabase
let simulator: Running
let webexUrl: string
let place: Surroundings
let token: string

beforeAll(async () => {
  await ensureBuilt()
  database = await createTestDatabase()
  const { directory, url } = database
  const environment = { DATABASE_URL: url, LOG_LEVEL: 'fatal', SIMULATOR_DATABASE: 'webex.db', SIMULATOR_DELAY_MS: '150' }
  simulator = startTool(['simulator', '--port', '0'], { directory, environment })
  webexUrl = await simulatorUrl(simulator)
  place = { directory, environment: { ...environment, PORT: '0', WEBEX_BASE_URL: webexUrl, WEBEX_ACCESS_TOKEN: WEBEX_TOKEN } }
  await useTool(['partner', 'create', '--name', 'Alice Telecom'], place)
  token = await useTool(['token', 'create', '--role', 'ADMIN'], place)
}, BUILD_TIMEOUT_MS)

afterAll(async () => {
  await simulator?.end()
  await database?.remove()
})

async function serve(): Promise<{ server: Running; alice: Actor }> {
  const server = startServer(place)
  return { server, alice: createActor(await serverUrl(server), token) }
}

/** Hands over users with these addresses, a Webex account for each under way when it answers. */
async function handOver(alice: Actor, template: string, addresses: string[]): Promise<UserRowFragment[]> {
  const users = addresses.map(address => userItem(template, { email: address, broadworksId: `user-${nextNumber()}` }))
  const { provisionUsers } = await alice.get(ProvisionUsersDocument, { input: { users } })
  return (provisionUsers?.results ?? []).map(({ provisionedUser, userErrors }) => {
    if (!provisionedUser) throw new Error(JSON.stringify(userErrors))
    return provisionedUser
  })
}

async function allUsers(alice: Actor): Promise<Map<string, UserRowFragment>> {
  const { provisionedUsers } = await alice.get(ListUsersDocument, { first: 100 })
  return new Map(provisionedUsers.edges.map(({ node }) => [node.id, node]))
}

async function heldAtWebex(): Promise<{ id: string; userId: string; package: string }[]> {
  const response = await fetch(`${webexUrl}/broadworks/subscribers?max=100`, { headers: { authorization: `Bearer ${WEBEX_TOKEN}` } })
  return ((await response.json()) as { items: { id: string; userId: string; package: string }[] }).items
}

it(
  'a server that is killed again and again in the middle of its work leaves nobody behind, and makes nobody twice',
  async () => {
    let { server, alice } = await serve()
    const template = await makeTemplate(alice, { provisioningId: 'dGVzdHM6dGVtcGxhdGU' })
    const address = (rule: string) => `${rule}-${nextNumber()}@example.com`
    const live = await handOver(
      alice,
      template,
      Array.from({ length: 10 }, () => address('live')),
    )
    await Promise.all(live.map(({ id }) => untilStatus(alice, id, 'PROVISIONED')))
    const [changed, deleted] = [live.slice(0, 5), live.slice(5)]

    const good = await handOver(
      alice,
      template,
      Array.from({ length: 26 }, () => address('good')),
    )
    const bad = await handOver(
      alice,
      template,
      Array.from({ length: 4 }, () => address('error-200044')),
    )
    for (const { id } of changed) await alice.get(ChangePackageTypeDocument, { input: { userId: id, packageType: 'PREMIUM' } })
    for (const { id } of deleted) await alice.get(DeleteUserDocument, { input: { userId: id } })
    // The same moments every time, so that nobody's change fails by what another run would have found.
    const momentBelow = numbersFrom(chooseSeed('1'))
    const moments: number[] = []
    for (let kill = 0; kill < KILLS; kill += 1) {
      moments.push(momentBelow(400))
      await sleep(moments.at(-1))
      await server.end('SIGKILL')
      ;({ server, alice } = await serve())
    }

    const isSettled = ({ status }: UserRowFragment) => status === 'PROVISIONED' || status === 'ERROR'
    await eventually(async () => [...(await allUsers(alice)).values()].every(isSettled), SETTLED_WITHIN_MS)
    const users = await allUsers(alice)
    const outcomes = (group: UserRowFragment[]) =>
      group
        .map(({ id }) => users.get(id))
        .map(user => `${user?.status} ${user?.packageType} ${user?.errors.map(({ code }) => code).join()}`)
    expect({ moments, outcomes: outcomes([...good, ...bad, ...changed, ...deleted]) }).toEqual({
      moments,
      outcomes: [
        ...good.map(() => 'PROVISIONED STANDARD '),
        ...bad.map(() => 'ERROR STANDARD 200044'),
        ...changed.map(() => 'PROVISIONED PREMIUM '),
        ...deleted.map(() => 'undefined undefined undefined'),
      ],
    })

    // Webex has just those, each once, under the ID that is on record.
    await eventually(async () => (await heldAtWebex()).length === users.size, SETTLED_WITHIN_MS)
    const byId = (one: string, other: string) => one.localeCompare(other)
    expect((await heldAtWebex()).map(({ id, userId }) => `${userId} ${id}`).sort(byId)).toEqual(
      [...users.values()].map(({ broadworksId, webexSubscriberId }) => `${broadworksId} ${webexSubscriberId}`).sort(byId),
    )
    for (const { id } of [...good, ...bad]) {
      const { provisionedUser } = await alice.get(UserHistoryDocument, { id })
      expect(provisionedUser?.attempts.nodes).toHaveLength(1)
    }

    // Nothing is left to do.
    const { directory, url } = database
    await eventually(async () => (await readTables({ directory, databaseUrl: url }))['job']?.length === 0, SETTLED_WITHIN_MS)
    expect(await server.end()).toMatchObject({ exitCode: 0, stderr: '' })
  },
  3 * SETTLED_WITHIN_MS,
)
