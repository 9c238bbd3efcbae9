import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
// The program loads outside of Jest's registry and reads the environment of the worker, of which Jest's `process` is a copy.
import { env } from 'node:process'
import { buildSchema, findBreakingChanges } from 'graphql'
import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import { type MadeUser, makeTemplate, makeUser } from '../support/world/builders'
import { textOf } from '../support/guides/guide'
import { BUILD_TIMEOUT_MS, ensureBuilt } from '../support/processes/processes'
import { runScript } from '../support/guides/shell'

/** What docs/guides/generating-a-client.md says, done as it is written, in a folder beside the packages that it has one install. */
const GUIDE = 'generating-a-client.md'
const PROJECT = path.resolve(__dirname, '../..')
const ADDRESS = 'http://127.0.0.1:4000'
const SCHEMA = readFileSync(path.join(PROJECT, 'schema/schema.graphql'), 'utf8')

let app: TestApp
let alice: TestPartner
let folder: string
let waiting: MadeUser

beforeAll(async () => {
  await ensureBuilt()
  app = await startTestApp()
  alice = await app.addPartner()
  waiting = await makeUser(alice.operator, await makeTemplate(alice.admin))
  mkdirSync(path.join(PROJECT, '.cache'), { recursive: true })
  folder = mkdtempSync(path.join(PROJECT, '.cache/client-'))
  for (const [file, text] of filesOfGuide()) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
    writeFileSync(path.join(folder, file), text.replaceAll(ADDRESS, app.url))
  }
}, BUILD_TIMEOUT_MS)
afterAll(async () => {
  await app?.stop()
  rmSync(folder, { recursive: true })
})

/** Blocks whose text before them ends with the name of a file. */
function filesOfGuide(): Map<string, string> {
  const found = [...textOf(GUIDE).matchAll(/`([\w./]+\.\w+)`:\n\n```\w+\n(.*?)^```$/gms)]
  return new Map(found.map(([, file = '', text = '']) => [file, text]))
}

function inFolder(script: string, directory = folder): Promise<string> {
  return runScript(script, { directory, environment: { TOKEN: alice.viewer.token }, timeoutMs: 50_000 })
}

/** What a command that has to fail prints. */
async function complaintOf(command: string): Promise<string> {
  const outcome = await inFolder(command).catch((error: unknown) => error as { stdout: string; stderr: string })
  if (typeof outcome === 'string') throw new Error(`${command} found nothing wrong.`)
  return outcome.stdout + outcome.stderr
}

/** The lines that the guide has one type, of those that begin so. */
function linesOfGuide(start: string): string[] {
  const commands = [...textOf(GUIDE).matchAll(/^```sh\n(.*?)^```$/gms)]
  return commands.flatMap(([, text = '']) => text.split('\n')).filter(line => line.startsWith(start))
}

describe('the guide to generating a client', () => {
  it('gives every file that it speaks of', () => {
    expect([...filesOfGuide().keys()]).toEqual(['introspection.yml', 'codegen.yml', 'src/users.ts', 'relay.config.json'])
  })

  it('prints the SDL by a command, the one that is committed', async () => {
    const [command = ''] = linesOfGuide('npm run')
    expect(await inFolder(command.replace(' > schema.graphql', ''), PROJECT)).toBe(SCHEMA)
  })

  it('gets the same schema from a server', async () => {
    expect(textOf(GUIDE)).toContain('`npx graphql-codegen --config introspection.yml`')
    await inFolder('npx graphql-codegen --config introspection.yml')
    const asked = buildSchema(readFileSync(path.join(folder, 'schema.graphql'), 'utf8'))
    expect(findBreakingChanges(buildSchema(SCHEMA), asked)).toEqual([])
    // What federation routers ask is there besides, and whoever looks for it finds it named in the guide.
    const fields = Object.keys(asked.getQueryType()?.getFields() ?? {})
    expect(fields.filter(field => !(field in (buildSchema(SCHEMA).getQueryType()?.getFields() ?? {})))).toEqual(['_entities', '_service'])
    expect(textOf(GUIDE)).toContain('`_entities`')
  })

  it('has one install packages that are there', () => {
    const [line = ''] = linesOfGuide('npm install')
    const packages = line.split(' ').slice(2)
    expect(packages.length).toBeGreaterThan(4)
    expect(packages.filter(name => !existsSync(path.join(PROJECT, 'node_modules', name)))).toEqual([])
  })

  it.each([
    ['that was copied', async () => cpSync(path.join(PROJECT, 'schema/schema.graphql'), path.join(folder, 'schema.graphql'))],
    ['that the server told', () => inFolder('npx graphql-codegen --config introspection.yml')],
  ])('comes to a program that compiles, and asks the server, from a schema %s', async (_name, getSchema) => {
    await getSchema()
    const lines = linesOfGuide('npx')
    expect(lines).toHaveLength(2)
    await inFolder(lines.join('\n'))
    env['TOKEN'] = alice.viewer.token
    const program = createRequire(path.join(folder, 'codegen.yml'))('./src/users.ts') as { stuckUsers: () => Promise<string[]> }
    expect(await program.stuckUsers()).toEqual([`${waiting.broadworksId} waits`])
    delete env['TOKEN']
  })

  it('finds with the compiler what the schema does not know', async () => {
    const file = path.join(folder, 'src/users.ts')
    const [generate = '', check = ''] = linesOfGuide('npx')
    const right = readFileSync(file, 'utf8')
    cpSync(path.join(PROJECT, 'schema/schema.graphql'), path.join(folder, 'schema.graphql'))
    await inFolder(`${generate}\n${check}`)
    try {
      writeFileSync(file, right.replace('{ ERROR:', '{ FAILED:'))
      expect(await complaintOf(check)).toMatch(/users\.ts\(\d+,\d+\): error TS2353: .*'FAILED' does not exist in type/)
      writeFileSync(file, right.replace(/status$/m, 'state'))
      expect(await complaintOf(generate)).toContain('Cannot query field "state" on type "ProvisionedUser".')
    } finally {
      writeFileSync(file, right)
    }
  })

  it('comes to artifacts of Relay', async () => {
    cpSync(path.join(PROJECT, 'test/fixtures/relay/src/UserList.js'), path.join(folder, 'src/UserList.ts'))
    rmSync(path.join(folder, 'src/users.ts'))
    expect(textOf(GUIDE)).toContain('`npx relay-compiler`')
    await inFolder('npx relay-compiler')
    expect(readFileSync(path.join(folder, 'src/__generated__/UserList_query.graphql.ts'), 'utf8')).toContain(
      'readonly broadworksId: string',
    )
  })
})
