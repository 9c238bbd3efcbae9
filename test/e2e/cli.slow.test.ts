import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { DataSource } from 'typeorm'
import { loadConfig } from '../../src/config/config'
import { dataSourceOptions } from '../../src/database/data-source'
import { MIGRATIONS } from '../../src/database/migrations/migrations'
import { ENTITIES } from '../../src/entities'
import { withAuthDirectives } from '../../src/graphql/engine/auth-directives'
import { createActor } from '../support/world/actor'
import { createTestDatabase, type TestDatabase } from '../support/world/app'
import { ViewerDocument } from '../support/operations/operations.generated'
import {
  BUILD_TIMEOUT_MS,
  ensureBuilt,
  runTool,
  serverUrl,
  simulatorUrl,
  startServer,
  startTool,
  type Surroundings,
  useTool,
} from '../support/processes/processes'
import { readTables } from '../support/database/read-tables'

const databases: TestDatabase[] = []

beforeAll(ensureBuilt, BUILD_TIMEOUT_MS)
afterAll(() => Promise.all(databases.map(database => database.remove())))

/** An empty folder and an empty database, not migrated. */
async function newPlace(environment: Record<string, string> = {}): Promise<Surroundings & { directory: string; databaseUrl: string }> {
  const database = await createTestDatabase()
  databases.push(database)
  return {
    directory: database.directory,
    databaseUrl: database.url,
    environment: { DATABASE_URL: database.url, LOG_LEVEL: 'fatal', DEMO_DATA: 'off', ...environment },
  }
}

const COMMANDS = [
  ['serve'],
  ['migrate'],
  ['partner', 'create'],
  ['token', 'create'],
  ['seed'],
  ['import'],
  ['jobs'],
  ['erase'],
  ['sync'],
  ['simulator'],
  ['print-schema'],
]

describe('flowthrough', () => {
  it('explains itself and each of its commands, and does nothing else then', async () => {
    const place = await newPlace()
    const explained = await Promise.all([[], ...COMMANDS].map(command => runTool([...command, '--help'], place)))
    for (const [index, { exitCode, stdout, stderr }] of explained.entries()) {
      const command = ['flowthrough', ...(COMMANDS[index - 1] ?? [])].join(' ')
      expect([exitCode, stdout.slice(0, stdout.indexOf('\n')), stderr]).toEqual([0, expect.stringContaining(`Usage: ${command} `), ''])
    }
    expect(explained[0]?.stdout).toContain('Exit codes: 0 done; 1 failed or called with wrong arguments; 2 import ended with bad rows.')
    expect(readdirSync(place.directory)).toEqual([])
  })

  it('ends with 1 and says why when it is called in a wrong way', async () => {
    const place = await newPlace()
    const calls: [string, RegExp][] = [
      ['', /Usage: flowthrough/],
      ['nonsense', /unknown command 'nonsense'/],
      ['partner create', /required option '--name <name>' not specified/],
      ['token create --role KING', /Allowed choices are VIEWER, OPERATOR, ADMIN/],
      ['seed --users 1e3', /whole number from 1 to 10000000/],
      ['import users.csv', /required option '--template <provisioningId>' not specified/],
      ['simulator --port 65536', /whole number from 0 to 65535/],
    ]
    const ended = await Promise.all(calls.map(([call]) => runTool(call.split(' ').filter(Boolean), place)))
    for (const [index, [call, why]] of calls.entries()) {
      expect([call, ended[index]]).toEqual([call, { exitCode: 1, stdout: '', stderr: expect.stringMatching(why) as string }])
    }
    expect(readdirSync(place.directory)).toEqual([])
  })

  it('ends with 1 and every problem of its settings in one message', async () => {
    const place = await newPlace({ PORT: 'http', LOG_LEVEL: 'loud', DATABASE_URL: 'mysql://localhost/f', SIMULATOR_DELAY_MS: 'soon' })
    const server = startServer(place)
    const ended = await Promise.all([runTool(['migrate'], place), runTool(['simulator', '--port', '0'], place), server.ended])
    for (const { exitCode, stdout, stderr } of ended) {
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
      expect(
        stderr
          .trim()
          .split('\n')
          .map(line => line.replace(/: .*/, '')),
      ).toEqual(['The configuration has problems:', '  - DATABASE_URL', '  - PORT', '  - SIMULATOR_DELAY_MS', '  - LOG_LEVEL'])
    }
    expect(readdirSync(place.directory)).toEqual([])
  })

  it('ends with 1 and one plain line when the database cannot be reached', async () => {
    const place = await newPlace({ DATABASE_URL: 'postgres://user:secret@127.0.0.1:9/f' })
    const { exitCode, stderr } = await runTool(['migrate'], place)
    expect(exitCode).toBe(1)
    expect(stderr).toBe('connect ECONNREFUSED 127.0.0.1:9\n')
  })
})

describe('flowthrough migrate', () => {
  it('may be called by several processes at once on an empty database, and again', async () => {
    const place = await newPlace()
    const ended = await Promise.all([1, 2].map(() => runTool(['migrate'], place)))
    expect(ended.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ])
    expect(await useTool(['migrate'], place)).toMatch(/^The schema of the (SQLite|PostgreSQL) database is up to date\.$/)
    const { migration, partner } = await readTables(place)
    expect(migration?.map(({ name }) => name)).toEqual(MIGRATIONS.map(({ name }) => name))
    expect(partner).toEqual([])
  })
})

describe('A database that a newer version has migrated', () => {
  it('is neither served nor written to, and each command says what to do', async () => {
    const place = await newPlace()
    await useTool(['migrate'], place)
    const config = loadConfig({ DATABASE_URL: place.databaseUrl }, place.directory).database
    const dataSource = await new DataSource(dataSourceOptions(config, ENTITIES)).initialize()
    await dataSource.query(`INSERT INTO "migration" ("timestamp", "name") VALUES (1999999999999, 'SplitNames1999999999999')`)
    await dataSource.destroy()
    const before = await readTables(place)
    const commands = [['migrate'], ['partner', 'create', '--name', 'Alice Telecom'], ['jobs', '--retry']]
    const ended = await Promise.all([...commands.map(command => runTool(command, place)), startServer(place).ended])
    for (const { exitCode, stdout, stderr } of ended) {
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
      expect(stderr).toMatch(/does not know: SplitNames1999999999999\..* Run the newer version, or restore a backup/)
    }
    expect(await readTables(place)).toEqual(before)
  })
})

describe('flowthrough token create', () => {
  it('prints the token and nothing else, and keeps its hash alone', async () => {
    const place = await newPlace()
    const { exitCode, stdout, stderr } = await runTool(['token', 'create', '--role', 'ADMIN'], place)
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    expect(stderr).toBe('There is no partner yet; make one with: flowthrough partner create --name NAME\n')

    const partnerId = await useTool(['partner', 'create', '--name', ' Alice Telecom '], place)
    expect(partnerId).toMatch(/^prt_[0-9a-z]{26}$/)
    const made = await runTool(['token', 'create', '--role', 'OPERATOR', '--name', 'Billing'], place)
    expect({ exitCode: made.exitCode, stderr: made.stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(made.stdout).toMatch(/^flt_[\w-]{43}\n$/)
    const token = made.stdout.trim()
    const tables = await readTables(place)
    expect(JSON.stringify(tables)).not.toContain(token)
    expect(tables['api_token']).toMatchObject([
      { partner_id: partnerId, name: 'Billing', role: 'OPERATOR', token_hash: createHash('sha256').update(token).digest('hex') },
    ])
    expect(tables['partner']).toMatchObject([{ id: partnerId, name: 'Alice Telecom' }])
  })

  it('needs --partner where there are several, and lists them', async () => {
    const place = await newPlace()
    const alice = await useTool(['partner', 'create', '--name', 'Alice Telecom'], place)
    const bob = await useTool(['partner', 'create', '--name', 'Bob Telecom'], place)
    const list = `\n  ${alice}  Alice Telecom\n  ${bob}  Bob Telecom\n`
    const create = (...partner: string[]) => runTool(['token', 'create', '--role', 'VIEWER', ...partner], place)
    const [none, unknown, byName, byId] = await Promise.all([
      create(),
      create('--partner', 'Eve Telecom'),
      create('--partner', 'Bob Telecom'),
      create('--partner', alice),
    ])
    expect(none).toEqual({ exitCode: 1, stdout: '', stderr: `There are several partners; choose one with --partner:${list}` })
    expect(unknown).toEqual({ exitCode: 1, stdout: '', stderr: `No single partner has the ID or name Eve Telecom. There are:${list}` })
    expect([byName?.exitCode, byId?.exitCode]).toEqual([0, 0])
    expect((await readTables(place))['api_token']?.map(row => row['partner_id']).sort()).toEqual([alice, bob].sort())
  })
})

describe('flowthrough serve', () => {
  it('serves whom the tokens are for, prints where, and ends with 0 when asked to', async () => {
    const place = await newPlace({ PORT: '0' })
    await useTool(['partner', 'create', '--name', 'Alice Telecom'], place)
    const token = await useTool(['token', 'create', '--role', 'ADMIN', '--name', 'Alice'], place)
    const server = startTool(['serve'], place)
    const url = await serverUrl(server)
    expect(server.output.stdout).toContain(`Playground  ${url}/graphiql\n`)
    const alice = createActor(url, token)
    expect(await alice.get(ViewerDocument)).toMatchObject({ viewer: { name: 'Alice', role: 'ADMIN', partner: { name: 'Alice Telecom' } } })

    // Another process may use the database meanwhile; what it makes is there at once.
    const bob = createActor(url, await useTool(['token', 'create', '--role', 'VIEWER', '--name', 'Bob'], place))
    expect(await bob.get(ViewerDocument)).toMatchObject({ viewer: { name: 'Bob', role: 'VIEWER' } })
    expect(await server.end('SIGTERM')).toMatchObject({ exitCode: 0, stderr: '' })
  })

  it('refuses to serve a SQLite file that another process serves', async () => {
    const place = await newPlace({ DATABASE_URL: 'sqlite:served.db', PORT: '0' })
    const server = startServer(place)
    await serverUrl(server)
    const { exitCode, stderr } = await runTool(['serve'], place)
    expect(exitCode).toBe(1)
    expect(stderr).toBe(`Another process serves ${path.join(place.directory, 'served.db')} already; stop it first.\n`)
    await server.end('SIGKILL')
    const next = startServer(place)
    await serverUrl(next)
    expect(await next.end('SIGINT')).toMatchObject({ exitCode: 0 })
  })
})

describe('flowthrough print-schema', () => {
  it('prints what is committed, and needs no database', async () => {
    const place = await newPlace({ DATABASE_URL: 'nonsense' })
    const committed = (file: string) => readFileSync(path.resolve(__dirname, '../../schema', file), 'utf8').trim()
    const [schema, subgraph] = await Promise.all([useTool(['print-schema'], place), useTool(['print-schema', '--subgraph'], place)])
    expect(schema).toBe(committed('schema.graphql'))
    expect(subgraph).toBe(committed('subgraph.graphql'))
    expect(await useTool(['print-schema', '--subgraph', '--auth-directives'], place)).toBe(withAuthDirectives(`${subgraph}\n`).trim())
    expect(readdirSync(place.directory)).toEqual([])
  })

  it('refuses auth directives where no router is spoken to', async () => {
    const { exitCode, stdout, stderr } = await runTool(['print-schema', '--auth-directives'], await newPlace())
    expect([exitCode, stdout]).toEqual([1, ''])
    expect(stderr).toContain('--subgraph')
  })
})

describe('flowthrough simulator', () => {
  it('serves the contract on a free port, filled first, and ends with 0 when asked to', async () => {
    const place = await newPlace({ SIMULATOR_DATABASE: 'webex.db', NODE_ENV: 'production' })
    const simulator = startTool(['simulator', '--port', '0', '--users', '20'], place)
    const url = await simulatorUrl(simulator)
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/)
    const token = await simulator.printed(/WEBEX_ACCESS_TOKEN=(\S+)/)
    expect(simulator.output.stdout).toContain(`Use it     WEBEX_BASE_URL=${url} WEBEX_ACCESS_TOKEN=${token} npm start\n`)
    expect(simulator.output.stderr).toContain('20/20')

    const subscribers = await fetch(`${url}/broadworks/subscribers`, { headers: { authorization: `Bearer ${token}` } })
    const { items } = (await subscribers.json()) as { items: { id: string; status: string; userId: string }[] }
    expect(items.length).toBeGreaterThan(10)
    expect(items[0]).toMatchObject({ userId: expect.stringMatching(/@demo\.example$/) as string, selfActivated: 'false' })
    expect((await fetch(`${url}/broadworks/subscribers`)).status).toBe(401)
    const outbox = await simulator.printed(/^Outbox +(\S+)$/m)
    expect(await (await fetch(outbox)).json()).toEqual({ items: [] })

    const taken = await runTool(['simulator', '--port', new URL(url).port], { ...place, environment: { SIMULATOR_DATABASE: 'other.db' } })
    expect(taken.exitCode).toBe(1)
    expect(taken.stderr).toMatch(/^listen EADDRINUSE/)
    expect(await simulator.end('SIGTERM')).toMatchObject({ exitCode: 0 })
    expect(readdirSync(place.directory).filter(name => !/^(webex|other)\.db/.test(name))).toEqual([])
  })
})
