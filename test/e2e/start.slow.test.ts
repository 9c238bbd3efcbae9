import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createTestDatabase, type TestDatabase } from '../support/world/app'
import { createActor } from '../support/world/actor'
import { ApiTokensDocument, CreateApiTokenDocument } from '../support/operations/operations.generated'
import { visitPortal } from '../support/world/portal'
import { BUILD_TIMEOUT_MS, ensureBuilt, type Running, serverUrl, startServer } from '../support/processes/processes'

beforeAll(ensureBuilt, BUILD_TIMEOUT_MS)

const CUSTOMERS = '{ customers { totalCount } }'

let database: TestDatabase
let directory: string
let running: Running[]

beforeEach(async () => {
  database = await createTestDatabase()
  directory = mkdtempSync(path.join(os.tmpdir(), 'flowthrough-start-'))
  running = []
})

afterEach(async () => {
  await Promise.all(running.map(server => server.end('SIGKILL')))
  await database.remove()
  rmSync(directory, { recursive: true, force: true })
})

function postgresIfTested(): { DATABASE_URL?: string } {
  return database.url.startsWith('postgres:') ? { DATABASE_URL: database.url } : {}
}

/** In an empty folder, with no more settings than a newcomer has; on PostgreSQL, the database. */
function start(environment: Record<string, string> = {}): Running {
  const server = startServer({ directory, environment: { PORT: '0', ...postgresIfTested(), ...environment } })
  running.push(server)
  return server
}

async function announced(server: Running): Promise<Record<string, string>> {
  await server.printed(/^Token .+$/m)
  return Object.fromEntries(
    server.output.stdout
      .trim()
      .split('\n')
      .map(line => line.split(/\s{2,}/) as [string, string]),
  )
}

/** What a process that refused to start said, which has to be for people. */
async function refusal(server: Running): Promise<string> {
  const { exitCode, stdout, stderr } = await server.ended
  expect(exitCode).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).not.toMatch(/^\s+at /m)
  return stderr
}

describe('the server', () => {
  it('prints where it is and a token that works, and stops when it is asked to', async () => {
    const server = start()
    const lines = await announced(server)
    const url = await serverUrl(server)
    expect(lines).toEqual({
      API: `${url}/graphql`,
      Playground: `${url}/graphiql`,
      Mails: `${url}/dev/outbox`,
      Activation: expect.stringMatching(new RegExp(`^${url}/activate/.{16,}$`)),
      'Sign in': expect.stringMatching(/^\S+@\S+ with the passcode \S+$/),
      Token: expect.stringMatching(/^\S{32,}$/),
    })
    const [, broadworksId = '', passcode = ''] = /^(\S+) with the passcode (\S+)$/.exec(lines['Sign in'] ?? '') ?? []
    const { activation } = await visitPortal(url).signIn(lines['Activation']?.split('/').at(-1) ?? '', broadworksId, passcode)
    expect(activation).toMatchObject({ step: 'ENTER_EMAIL', broadworksId })

    const { data } = await createActor(url, lines['Token'] as string).ask<{ customers: { totalCount: number } }, never>(CUSTOMERS)
    expect(data.customers.totalCount).toBeGreaterThan(0)
    expect((await fetch(`${url}/graphiql`)).headers.get('content-type')).toBe('text/html; charset=utf-8')

    const { exitCode } = await server.end('SIGTERM')
    expect(exitCode).toBe(0)
    await expect(fetch(url)).rejects.toThrow()
  })

  it('prints the same token at the second start, and keeps the data', async () => {
    const first = start()
    const { Token: token } = await announced(first)
    expect(statSync(path.join(directory, 'data/demo-token')).mode & 0o777).toBe(0o600)
    expect(readFileSync(path.join(directory, 'data/demo-token'), 'utf8')).toBe(`${token}\n`)
    await createActor(await serverUrl(first), token as string).get(CreateApiTokenDocument, {
      input: { name: 'Made before', role: 'VIEWER' },
    })
    await first.end()

    const second = start()
    expect((await announced(second))['Token']).toBe(token)
    const { apiTokens } = await createActor(await serverUrl(second), token as string).get(ApiTokensDocument)
    expect(apiTokens.map(({ name }) => name).sort()).toEqual(['Demo administrator', 'Made before'])
  })

  it('starts in production with a key and a folder that is not there yet, and makes no demo', async () => {
    const { DATABASE_URL = 'sqlite:new/place/flowthrough.db' } = postgresIfTested()
    const server = start({ NODE_ENV: 'production', ENCRYPTION_KEY: 'a1'.repeat(32), DATABASE_URL })
    expect(await server.printed(/^Token +(.+)$/m)).toContain('token create')
    expect((await fetch(`${await serverUrl(server)}/readyz`)).status).toBe(200)
    expect(existsSync(path.join(directory, 'data/demo-token'))).toBe(false)
  })

  it('refuses a SQLite file that another server uses, and takes it once that one is gone', async () => {
    const environment = { DATABASE_URL: 'sqlite:shared.db' }
    const first = start(environment)
    await announced(first)
    expect(await refusal(start(environment))).toMatch(/^Another process serves .*shared\.db already; stop it first\.$/m)
    await first.end('SIGKILL')
    expect(await serverUrl(start(environment))).toMatch(/^http:/)
  })

  it('names every wrong setting in one message, and touches nothing', async () => {
    const environment = { PORT: '70000', DATABASE_URL: 'mysql://somewhere', LOG_LEVEL: 'loud', ENCRYPTION_KEY: 'short', DEMO_DATA: 'maybe' }
    const lines = (await refusal(start({ ...environment, WEBEX_BASE_URL: 'https://webex.example/v1' }))).trim().split('\n')
    expect(lines[0]).toBe('The configuration has problems:')
    const named = lines.slice(1).map(line => /^ {2}- ([A-Z_]+): \S/.exec(line)?.[1])
    expect(named.sort()).toEqual([...Object.keys(environment), 'WEBEX_ACCESS_TOKEN'].sort())
    expect(existsSync(path.join(directory, 'data'))).toBe(false)
  })

  it('says so when its port is taken', async () => {
    const first = start({ DATABASE_URL: 'sqlite:first.db' })
    const { port } = new URL(await serverUrl(first))
    expect(await refusal(start({ DATABASE_URL: 'sqlite:second.db', PORT: port }))).toContain(`EADDRINUSE`)
  })
})
