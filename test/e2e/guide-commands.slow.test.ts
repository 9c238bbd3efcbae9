import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { createActor } from '../support/world/actor'
import { createTestDatabase, type TestDatabase } from '../support/world/app'
import { commandsOf, csvOf, guides } from '../support/guides/guide'
import { TRIED_ELSEWHERE, trialOf } from '../support/guides/guide-exceptions'
import { createReader } from '../support/guides/guide-reader'
import {
  BUILD_TIMEOUT_MS,
  ensureBuilt,
  type Running,
  serverUrl,
  startServer,
  type Surroundings,
  useTool,
} from '../support/processes/processes'
import { startTestSimulator, type TestSimulator } from '../support/fakes/simulator'

/** The commands of the guides that need the built tool, beside a server that runs; all others are tried by test/e2e/guide-requests.slow.test.ts. */
const commandsOfTool = (guide: string) => commandsOf(guide).filter(command => trialOf(command) === 'WITH_THE_TOOL')
const GUIDES = guides().filter(guide => !TRIED_ELSEWHERE.includes(guide) && commandsOfTool(guide).length > 0)

let simulator: TestSimulator
let database: TestDatabase
let place: Surroundings
let server: Running

beforeAll(async () => {
  await ensureBuilt()
  simulator = await startTestSimulator()
}, BUILD_TIMEOUT_MS)
beforeEach(async () => {
  database = await createTestDatabase()
  place = {
    directory: database.directory,
    environment: {
      DATABASE_URL: database.url,
      ENCRYPTION_KEY: 'ab'.repeat(32),
      DEMO_DATA: 'off',
      SIMULATOR_DELAY_MS: '20',
      SYNC_INTERVAL_MINUTES: '0',
      LOG_LEVEL: 'warn',
      PORT: '0',
    },
  }
  await useTool(['partner', 'create', '--name', 'Example Telecom'], place)
  await useTool(['seed', '--users', '20'], place)
  server = startServer(place)
})
afterEach(async () => {
  await server.end()
  await database.remove()
})
afterAll(() => simulator.stop())

describe('the guides', () => {
  it.each(GUIDES)('%s is true where it calls the tool', async guide => {
    const actor = createActor(await serverUrl(server), await useTool(['token', 'create', '--role', 'ADMIN'], place))
    const template = await ask<{ onboardingTemplates: { nodes: Template[] } }>(
      actor,
      '{ onboardingTemplates(last: 1) { nodes { id provisioningId } } }',
    )
    const [{ id, provisioningId } = { id: '', provisioningId: '' }] = template.onboardingTemplates.nodes
    // What a reader has by then: the file of the guide, the files of Cisco's page, and somebody who was deleted.
    for (const text of csvOf(guide)) writeFileSync(path.join(place.directory, 'users.csv'), text)
    for (const name of ['client-secret', 'refresh-token']) writeFileSync(path.join(place.directory, name), `${name}-of-the-guide\n`)
    if (guide === 'audit-and-erasure.md') await handOverAndDelete(actor, id)

    const tool = `node ${path.resolve(__dirname, '../../dist/cli/main.js')} `
    const reader = createReader({
      actor,
      directory: place.directory,
      environment: place.environment ?? {},
      replacements: [
        [/^(npm run cli -- |node dist\/cli\/main\.js |flowthrough )/gm, tool],
        ['partner connect', `partner connect --base-url ${simulator.url}`],
        ['PROVISIONING_ID', provisioningId],
      ],
    })
    for (const command of commandsOfTool(guide)) await reader.follow(command)
  })
})

interface Template {
  id: string
  provisioningId: string
}

async function handOverAndDelete(actor: ReturnType<typeof createActor>, onboardingTemplateId: string): Promise<void> {
  const user = { onboardingTemplateId, broadworksId: 'anna.rossi@provider.example', spEnterpriseId: 'SP1+acme', extension: '1212' }
  const { provisionUser } = await ask<{ provisionUser: { provisionedUser: { id: string } } }>(
    actor,
    'mutation ($input: ProvisionUserInput!) { provisionUser(input: $input) { provisionedUser { id } } }',
    { input: { user: { ...user, firstName: 'Anna', lastName: 'Rossi' } } },
  )
  const { id } = provisionUser.provisionedUser
  await ask(actor, 'mutation ($id: ID!) { deleteUser(input: { userId: $id }) { deletedUserId } }', { id })
}

async function ask<Data>(actor: ReturnType<typeof createActor>, document: string, variables: Record<string, unknown> = {}): Promise<Data> {
  const { data, errors } = await actor.ask<Data, Record<string, unknown>>(document, variables)
  expect(errors).toEqual([])
  return data
}
