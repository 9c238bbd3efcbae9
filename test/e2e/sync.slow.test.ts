import { loadConfig } from '../../src/config/config'
import type { Database } from '../../src/database/database'
import { openDatabase } from '../../src/database/open-database'
import { ENTITIES } from '../../src/entities'
import { createTestDatabase, type TestDatabase } from '../support/world/app'
import { readTables } from '../support/database/read-tables'
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
import { testLogger } from '../support/jest/test-log'
import { eventually } from '../support/world/waiting'

/** Enough pages to be stopped between two of them. */
const USERS = 1500

let databases: TestDatabase[]
let simulator: Running
let webex: { WEBEX_BASE_URL: string; WEBEX_ACCESS_TOKEN: string }
/** How many of them Webex has; the others wait for an address, and exist only where they were handed over. */
let atWebex: number
/** Of the list's last page at Webex. */
let lastCursor: string

beforeAll(async () => {
  await ensureBuilt()
  databases = []
  const { directory } = await newPlace()
  simulator = startTool(['simulator', '--port', '0', '--users', String(USERS)], { directory, environment: { LOG_LEVEL: 'fatal' } })
  const url = await simulatorUrl(simulator)
  webex = { WEBEX_BASE_URL: url, WEBEX_ACCESS_TOKEN: await simulator.printed(/WEBEX_ACCESS_TOKEN=(\S+)/) }
  ;({ atWebex, lastCursor } = await walkWebex())
}, BUILD_TIMEOUT_MS)
afterAll(async () => {
  await simulator.end()
  await Promise.all(databases.map(database => database.remove()))
})

async function newPlace(environment: Record<string, string> = {}) {
  const database = await createTestDatabase()
  databases.push(database)
  return {
    directory: database.directory,
    databaseUrl: database.url,
    environment: { DATABASE_URL: database.url, LOG_LEVEL: 'fatal', DEMO_DATA: 'off', PORT: '0', ...environment },
  }
}

async function walkWebex() {
  let count = 0
  let last = ''
  for (let next: string | undefined = `${webex.WEBEX_BASE_URL}/broadworks/subscribers?max=100`; next;) {
    const response: Response = await fetch(next, { headers: { authorization: `Bearer ${webex.WEBEX_ACCESS_TOKEN}` } })
    count += ((await response.json()) as { items: unknown[] }).items.length
    last = new URL(next).searchParams.get('cursor') ?? ''
    next = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1]
  }
  return { atWebex: count, lastCursor: last }
}

async function setFaults(...rules: object[]): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const { status } = await fetch(new URL('/simulator/faults', webex.WEBEX_BASE_URL), {
    method: 'PUT',
    headers,
    body: JSON.stringify(rules),
  })
  expect(status).toBe(200)
}

async function syncRow(database: Database): Promise<Record<string, unknown> | undefined> {
  return (await database.backgroundRead('SELECT * FROM sync', []))[0]
}

describe('flowthrough sync', () => {
  it('does the sync itself where no server runs; killed, it goes on with the page that was next', async () => {
    const place = await newPlace(webex)
    await useTool(['partner', 'create', '--name', 'Alice Telecom'], place)
    const database = await openDatabase(loadConfig(place.environment, place.directory).database, {
      entities: ENTITIES,
      logger: testLogger(),
    })
    // So that it does not come to an end before it is killed.
    await setFaults({ kind: 'hang', path: lastCursor })
    const running = startTool(['sync'], place)
    await eventually(async () => Number((await syncRow(database))?.['subscribers']) >= 200)
    await running.end('SIGKILL')
    await setFaults()
    const killed = await syncRow(database)
    expect(killed).toMatchObject({ state: 'RUNNING' })
    expect(Number(killed?.['subscribers'])).toBeLessThan(atWebex)

    const output = await useTool(['sync', '--full'], place)
    expect(output).toMatch(
      new RegExp(`^Read \\d+ enterprises and ${atWebex} subscribers: ${atWebex} users created, \\d+ updated, 0 deleted; 0 left alone\\.$`),
    )
    expect(await syncRow(database)).toMatchObject({ state: 'IDLE', subscribers: atWebex, started_at: killed?.['started_at'] })
    await database.close()
    expect((await readTables(place))['provisioned_user']).toHaveLength(atWebex)

    expect(await useTool(['sync'], place)).toMatch(/^Read \d+ subscribers that may have changed: 0 users created, \d+ updated, 0 deleted/)
  })

  it('watches where a server does it', async () => {
    const place = await newPlace({ ...webex, SYNC_INTERVAL_MINUTES: '0' })
    await useTool(['partner', 'create', '--name', 'Alice Telecom'], place)
    const server = startServer(place)
    await serverUrl(server)
    const { exitCode, stdout, stderr } = await runTool(['sync', '--partner', 'Alice Telecom'], place)
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining(`and ${atWebex} subscribers: ${atWebex} users created`)])
    expect(stderr).toContain('Synchronizing (subscribers)')
    await server.end()
  })

  it('starts the simulator that otherwise runs in the server', async () => {
    const place = await newPlace()
    await useTool(['seed', '--users', '60'], place)
    expect(await useTool(['sync'], place)).toMatch(/^Read \d+ enterprises and [45]\d subscribers: 0 users created, \d+ updated, 0 deleted/)
  })

  it('ends with exit code 1 and plain words when the sync failed', async () => {
    const place = await newPlace({ ...webex, WEBEX_ACCESS_TOKEN: 'expired' })
    await useTool(['partner', 'create', '--name', 'Alice Telecom'], place)
    const { exitCode, stdout, stderr } = await runTool(['sync'], place)
    expect([exitCode, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^Webex does not accept the access token of this partner/m)
  })
})
