import 'reflect-metadata'
import { DataSource } from 'typeorm'
import { loadConfig } from '../../src/config/config'
import { dataSourceOptions } from '../../src/database/data-source'
import { ENTITIES } from '../../src/entities'
import { loadOlderDatabase, type OlderDatabase } from '../support/database/older-database'
import { rowsOf } from '../support/database/table-dump'
import { startTestApp, type TestApp } from '../support/world/app'
import { createTestClock } from '../support/world/clock'
import { eventually } from '../support/world/waiting'

/** Where the users of a dump end, see test/fixtures/upgrades/README.md; null for a user whose deletion has ended. */
const OUTCOMES: Record<string, string | null> = {
  live: 'PROVISIONED STANDARD',
  'no-address': 'PENDING_EMAIL_INPUT STANDARD',
  failed: 'ERROR STANDARD',
  consent: 'PROVISIONED STANDARD',
  slow: 'PROVISIONED STANDARD',
  follow: 'PROVISIONED STANDARD',
  'create-done': 'PROVISIONED STANDARD',
  'create-lost': 'PROVISIONED STANDARD',
  'create-deleted': null,
  'update-done': 'PROVISIONED PREMIUM',
  'update-lost': 'PROVISIONED PREMIUM',
  replace: 'PROVISIONED STANDARD',
  deletion: null,
  waiting: 'PROVISIONED STANDARD',
}
const OUTCOMES_OF_BULK = { 'bulk-1': 'PROVISIONED PREMIUM', 'bulk-2': 'PROVISIONED PREMIUM' }

/** What Webex is still asked for. Every other change was carried out before the kill and must not be made again. */
const CHANGES = [
  'create-deleted delete',
  'create-lost create',
  'deletion delete',
  'replace create',
  'replace delete',
  'update-lost update',
  'waiting create',
]
const CHANGES_OF_BULK = ['bulk-1 update', 'bulk-2 update']

let older: OlderDatabase
let app: TestApp

afterEach(async () => {
  await app.stop()
  await older.remove()
})

/** Starts the server of today some seconds after the kill; later, its pauses would be as long as the server was away. */
async function upgrade(commit: string): Promise<void> {
  older = await loadOlderDatabase(commit)
  await older.consent()
  const clock = createTestClock()
  clock.moveAhead(Date.parse('2025-01-15T12:00:05Z') - Date.now())
  app = await startTestApp({ database: older.database, environment: older.environment, clock })
}

const rows = async <Row>(table: string) => (await rowsOf(app.platform.database.reader, table)) as Row[]

interface UserRow {
  broadworks_id: string
  status: string
  package_type: string
  deleted_at: string | null
  deletion_ended_at: string | null
}

async function outcomes(): Promise<Record<string, string | null>> {
  const users = await rows<UserRow>('provisioned_user')
  return Object.fromEntries(users.map(user => [nameOf(user.broadworks_id), outcomeOf(user)]))
}

function outcomeOf({ status, package_type, deleted_at, deletion_ended_at }: UserRow): string | null {
  if (deleted_at === null) return `${status} ${package_type}`
  return deletion_ended_at === null ? 'DELETED here' : null
}

async function changes(): Promise<string[]> {
  return (await older.changes()).map(({ userId, kind }) => `${nameOf(userId)} ${kind}`).sort()
}

function nameOf(broadworksId: string): string {
  return broadworksId.replace('@provider.example', '')
}

/** Answers the outcomes once nothing is under way, or those of the last look. */
async function settledOutcomes(): Promise<Record<string, string | null>> {
  const isSettled = async () => {
    const underWay = Object.values(await outcomes()).filter(outcome => /^(PROVISIONING|UPDATING|DELETED)/.test(outcome ?? ''))
    const attempts = await rows<{ outcome: string }>('activation_attempt')
    const operations = await rows<{ status: string }>('bulk_operation')
    const running = [...attempts.map(({ outcome }) => outcome), ...operations.map(({ status }) => status)]
    return underWay.length === 0 && !running.includes('RUNNING')
  }
  await eventually(isSettled, 30_000).catch(() => undefined)
  return outcomes()
}

/** What would have to be done to the database to make it what the entities say. */
async function drift(): Promise<string[]> {
  const config = loadConfig({ DATABASE_URL: older.database.url }, older.database.directory)
  const dataSource = await new DataSource(dataSourceOptions(config.database, ENTITIES)).initialize()
  const { upQueries } = await dataSource.driver.createSchemaBuilder().log()
  await dataSource.destroy()
  return upQueries.map(({ query }) => query)
}

describe('A database with jobs waiting and attempts in flight', () => {
  it.each([
    ['0587826', OUTCOMES, CHANGES],
    ['0f75c88', { ...OUTCOMES, ...OUTCOMES_OF_BULK }, [...CHANGES_OF_BULK, ...CHANGES]],
  ])('of the version %s upgrades: every user settles, and Webex does nothing twice', async (commit, expected, expectedChanges) => {
    await upgrade(commit)
    expect(await settledOutcomes()).toEqual(expected)
    expect(await changes()).toEqual(expectedChanges)
    expect(await app.platform.queue.deadJobs(10)).toEqual([])
    expect(await drift()).toEqual([])
  })
})
