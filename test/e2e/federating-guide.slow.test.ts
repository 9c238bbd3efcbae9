import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { createActor } from '../support/world/actor'
import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import { makeTemplate, makeUser } from '../support/world/builders'
import { blocksOfGuide, replaced, writeGuidePrograms } from '../support/federation/guide-programs'
import { freePort } from '../support/processes/free-port'
import { differences } from '../support/guides/guide'
import { BUILD_TIMEOUT_MS, ensureBuilt, startCommand } from '../support/processes/processes'
import { paste } from '../support/guides/shell'

/** What docs/guides/federating.md tells a reader to write and to run is written and run here, in its order. */
const PROJECT = path.resolve(__dirname, '../..')
const [INSTALL = '', PRINT = '', COMPOSE = '', TICKETS_FIRST = '', USERS_FIRST = ''] = blocksOfGuide('sh')

let app: TestApp
let alice: TestPartner
let directory: string
/** What stands in the place of the addresses and of the ID in the guide. */
let replacements: Record<string, string>

beforeAll(async () => {
  await ensureBuilt()
  app = await startTestApp()
  alice = await app.addPartner()
  const { id } = await makeUser(alice.operator, await makeTemplate(alice.admin))
  replacements = { 'http://127.0.0.1:4000': app.url, 4003: String(await freePort()), 4100: String(await freePort()), 'usr_…': id }
  directory = writeGuidePrograms(replacements)
}, BUILD_TIMEOUT_MS)
afterAll(async () => {
  await app.stop()
  rmSync(directory, { recursive: true })
})

function run(command: string, place = directory): Promise<string> {
  const environment = { ...(process.env as Record<string, string>), TOKEN: alice.viewer.token }
  return paste(replaced(command, replacements), { directory: place, environment, timeoutMs: 60_000 })
}

describe('The guide to federating', () => {
  it('names the packages that are installed here, in versions that these are of', () => {
    const named = [...INSTALL.matchAll(/(\S+)@(\d[\d.]*)/g)].map(([, name = '', version = '']) => [name, version])
    expect(named).toHaveLength(7)
    const installed = named.map(
      ([name = '']) => JSON.parse(readFileSync(path.join(PROJECT, 'node_modules', name, 'package.json'), 'utf8')).version,
    )
    expect(named.filter(([, version], index) => !`${installed[index]}.`.startsWith(`${version}.`))).toEqual([])
  })

  it('gets the schema and composes it with that of a service', async () => {
    await run(PRINT.replace('flowthrough.graphql', path.join(directory, 'flowthrough.graphql')), PROJECT)
    expect(readFileSync(path.join(directory, 'flowthrough.graphql'), 'utf8')).toBe(
      readFileSync(path.join(PROJECT, 'schema/subgraph.graphql'), 'utf8'),
    )
    await run(COMPOSE)
    expect(readFileSync(path.join(directory, 'supergraph.graphql'), 'utf8')).toContain(
      `FLOWTHROUGH @join__graph(name: "flowthrough", url: "${app.url}/graphql")`,
    )
  })

  it.each(['hive-gateway.mjs', 'apollo-gateway.mjs'])('asks both through %s, from either side', async program => {
    const processes = ['tickets.mjs', program].map(each => startCommand(`exec node ${each}`, { directory }))
    try {
      await Promise.all(processes.map(each => each.printed(/ at http/)))
      const [shown = ''] = blocksOfGuide('json')
      expect(differences(JSON.parse(shown), JSON.parse(await run(TICKETS_FIRST)))).toEqual([])
      const { broadworksId } = (
        await alice.viewer.ask<{ provisionedUsers: { nodes: { broadworksId: string }[] } }, Record<string, never>>(
          '{ provisionedUsers { nodes { broadworksId } } }',
        )
      ).data.provisionedUsers.nodes[0] ?? { broadworksId: '' }
      expect(JSON.parse(await run(USERS_FIRST))).toEqual({
        data: { provisionedUsers: { nodes: [{ broadworksId, openTickets: [{ number: 'T-1' }] }] } },
      })
    } finally {
      await Promise.all(processes.map(each => each.end()))
    }
  })

  it('is right about what Apollo Gateway and Hive Gateway make of a refusal, and of what is not visible', async () => {
    const bob = await app.addPartner('Bob Telecom')
    const question = '{ openTickets { number user { broadworksId } } }'
    const expected: Record<string, object[]> = {
      'apollo-gateway.mjs': [],
      'hive-gateway.mjs': [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
    }
    for (const [program, errors] of Object.entries(expected)) {
      const processes = ['tickets.mjs', program].map(each => startCommand(`exec node ${each}`, { directory }))
      try {
        await Promise.all(processes.map(each => each.printed(/ at http/)))
        const url = `http://127.0.0.1:${replacements['4100']}`
        const answer = await createActor(url, bob.viewer.token).ask(question)
        expect(answer.data).toEqual({ openTickets: [{ number: 'T-1', user: null }] })
        expect(answer.errors).toMatchObject(errors)
        const refusal = (await createActor(url, 'flt_nobody').ask(question)).errors[0]?.extensions as unknown as Refusal
        expect(refusal.code).toBe('UNAUTHENTICATED')
        const inBody = refusal.response?.body.errors[0]?.extensions.requestId
        expect(program === 'apollo-gateway.mjs' ? inBody : refusal.requestId).toEqual(expect.any(String))
      } finally {
        await Promise.all(processes.map(each => each.end()))
      }
    }
  })
})

interface Refusal {
  code: string
  requestId?: string
  response?: { body: { errors: { extensions: { requestId: string } }[] } }
}
