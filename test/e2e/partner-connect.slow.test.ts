import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { createTestDatabase, type TestDatabase } from '../support/world/app'
import { readTables } from '../support/database/read-tables'
import { type FakeWebex, startFakeWebex } from '../support/fakes/webex'
import { BUILD_TIMEOUT_MS, ensureBuilt, runTool, serverUrl, startServer, type Surroundings, useTool } from '../support/processes/processes'
import { startTestSimulator, type TestSimulator } from '../support/fakes/simulator'

let simulator: TestSimulator
let webex: FakeWebex
let database: TestDatabase
let place: Surroundings

beforeAll(async () => {
  await ensureBuilt()
  simulator = await startTestSimulator()
  webex = await startFakeWebex()
}, BUILD_TIMEOUT_MS)
beforeEach(async () => {
  database = await createTestDatabase()
  place = {
    directory: database.directory,
    environment: { DATABASE_URL: database.url, LOG_LEVEL: 'warn', NODE_ENV: 'production', ENCRYPTION_KEY: 'ab'.repeat(32), PORT: '0' },
  }
})
afterEach(() => database.remove())
afterAll(async () => {
  await simulator.stop()
  await webex.stop()
})

/** A file with a secret, as an editor leaves it. */
function secretFile(name: string, secret: string): string {
  writeFileSync(path.join(place.directory, name), `${secret}\n`)
  return name
}

function integration(refreshToken: string, clientSecret = 'client-secret'): string[] {
  const files = [secretFile('client-secret', clientSecret), secretFile('refresh-token', refreshToken)] as const
  return ['--client-id', 'client', '--client-secret-file', files[0], '--refresh-token-file', files[1], '--base-url', simulator.url]
}

const stored = async () => (await readTables({ databaseUrl: database.url, ...place }))['webex_connection']

describe('flowthrough partner connect', () => {
  it('connects one partner of several by its integration, and keeps its secrets encrypted', async () => {
    const alice = await useTool(['partner', 'create', '--name', 'Alice Telecom'], place)
    await useTool(['partner', 'create', '--name', 'Bob Telecom'], place)
    const said = await useTool(['partner', 'connect', '--partner', 'Alice Telecom', ...integration('refresh-alice')], place)
    expect(said).toMatch(
      new RegExp(`^Alice Telecom \\(${alice}\\) is connected to ${simulator.url}. Its access token is renewed before 20\\S+Z\\.$`),
    )
    const rows = await stored()
    expect(rows).toMatchObject([{ partner_id: alice, base_url: simulator.url, client_id: 'client', setting_hash: null }])
    for (const secret of ['client-secret', 'refresh-alice']) expect(JSON.stringify(rows)).not.toContain(secret)

    const server = startServer(place)
    await serverUrl(server)
    expect(server.output.stdout).toMatch(/^Read-only {3}Bob Telecom: This partner is not connected to Webex; connect it with: /m)
    expect(server.output.stdout).not.toContain('Alice')
    await server.end()

    expect(await useTool(['partner', 'disconnect', '--partner', alice], place)).toBe(`Alice Telecom (${alice}) is no longer connected.`)
    expect(await stored()).toEqual([])
  })

  it('says that a connection can only read, as the server does when it starts', async () => {
    await useTool(['partner', 'create', '--name', 'Alice Telecom'], place)
    const [, reason] = (await useTool(['partner', 'connect', ...integration('refresh-readonly-alice')], place)).split('\n')
    expect(reason).toMatch(/^The connection to Webex can only read, because its integration lacks the scope/)
    const server = startServer(place)
    await serverUrl(server)
    expect(server.output.stdout).toContain(`Read-only   Alice Telecom: ${reason}\n`)
    expect((await server.end()).stderr.match(/"readOnlyReason":/g)).toHaveLength(1)
  })

  it('takes an access token from standard input', async () => {
    const alice = await useTool(['partner', 'create', '--name', 'Alice Telecom'], place)
    const tool = path.resolve(__dirname, '../../dist/cli/main.js')
    const child = spawn(process.execPath, [tool, 'partner', 'connect', '--access-token-file', '-', '--base-url', webex.url], {
      cwd: place.directory,
      env: { PATH: process.env['PATH'], ...place.environment },
      stdio: ['pipe', 'ignore', 'inherit'],
    })
    child.stdin.end('a-personal-token\n')
    expect(await new Promise(resolve => child.once('close', resolve))).toBe(0)
    expect(await stored()).toMatchObject([{ partner_id: alice, base_url: webex.url, client_id: null }])
  })

  it('stores nothing when Webex refuses, or when it is called in a wrong way', async () => {
    await useTool(['partner', 'create', '--name', 'Alice Telecom'], place)
    const calls: [string[], RegExp][] = [
      [integration('refresh-expired'), /^Webex does not renew the access token \(invalid_grant\).*Authorize the integration again/],
      [
        ['--client-id', 'client'],
        /^Give --client-id, --client-secret-file and --refresh-token-file for an integration, or --access-token-file/,
      ],
      [['--client-id', 'client', '--access-token-file', 'refresh-token'], /^Give --client-id/],
      [['--access-token-file', secretFile('two', 'one\ntwo')], /^two must have the secret and nothing else\.$/m],
      [['--access-token-file', 'missing'], /ENOENT.*missing/],
      [['--access-token-file', 'two', '--base-url', 'webex.example'], /^--base-url must be an http:\/\/ or https:\/\/ URL\.$/m],
    ]
    const ended = await Promise.all(calls.map(([options]) => runTool(['partner', 'connect', ...options], place)))
    for (const [index, [, why]] of calls.entries()) {
      expect(ended[index]).toEqual({ exitCode: 1, stdout: '', stderr: expect.stringMatching(why) as string })
    }
    expect(await stored()).toEqual([])
  })
})

describe('flowthrough partner create', () => {
  it('makes no second partner while the settings are the connection of the first', async () => {
    const settings = { ...place, environment: { ...place.environment, WEBEX_ACCESS_TOKEN: 'token', WEBEX_BASE_URL: webex.url } }
    const alice = await useTool(['partner', 'create', '--name', 'Alice Telecom'], settings)
    const { exitCode, stderr } = await runTool(['partner', 'create', '--name', 'Bob Telecom'], settings)
    expect(exitCode).toBe(1)
    expect(stderr).toContain(
      `single partner, but there are 2: Alice Telecom (${alice}), Bob Telecom (a new one). Take them out, and connect`,
    )
  })
})
