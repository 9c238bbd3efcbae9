import { readFileSync } from 'node:fs'
import path from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { Client } from 'pg'
import { type Simulator, startSimulator } from '../../../src/simulator/simulator'
import { testLogger } from '../jest/test-log'
import { createTestDatabase, type TestDatabase } from '../world/app'

const FOLDER = path.resolve(__dirname, '../../fixtures/upgrades')

export interface UpstreamChange {
  kind: 'create' | 'update' | 'delete' | 'refused-duplicate'
  userId: string
}

/** The database of an older version as its server left it when it was killed, and the Webex that this server was connected to. */
export interface OlderDatabase {
  database: TestDatabase
  /** Settings for the server that upgrades it. */
  environment: Record<string, string>
  /** Does what all consent mails ask for. */
  consent(): Promise<void>
  /** What was changed at Webex since the dump was loaded, in order. */
  changes(): Promise<UpstreamChange[]>
  remove(): Promise<void>
}

/** Loads a dump of test/fixtures/upgrades into an empty database, and starts a simulator on the dump that belongs to it. */
export async function loadOlderDatabase(commit: string): Promise<OlderDatabase> {
  const database = await createTestDatabase()
  const isSqlite = database.url.startsWith('sqlite:')
  const dump = `${commit}-${isSqlite ? 'sqlite' : 'postgres'}`
  const simulatorPath = path.join(database.directory, 'webex.db')
  loadSqlite(simulatorPath, `${dump}.webex.sql`)
  if (isSqlite) loadSqlite(database.url.slice('sqlite:'.length), `${dump}.sql`)
  else await loadPostgres(database.url, `${dump}.sql`)
  const simulator = await startSimulator({ databasePath: simulatorPath, delayMs: 30, logger: testLogger() })
  const ledger = () => itemsOf<UpstreamChange>(simulator, 'ledger?max=1000')
  const changesBefore = (await ledger()).length
  return {
    database,
    environment: {
      WEBEX_BASE_URL: simulator.url,
      WEBEX_ACCESS_TOKEN: 'organization-of-the-fixtures',
      ENCRYPTION_KEY: '0'.repeat(64),
    },
    async consent() {
      for (const { link } of await itemsOf<{ link: string }>(simulator, 'outbox')) await fetch(link, { method: 'POST' })
    },
    changes: async () => (await ledger()).slice(changesBefore),
    async remove() {
      await simulator.stop()
      await database.remove()
    },
  }
}

function loadSqlite(file: string, dump: string): void {
  const connection = new BetterSqlite3(file)
  connection.exec(textOf(dump))
  connection.close()
}

async function loadPostgres(url: string, dump: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(textOf(dump))
  await client.end()
}

function textOf(dump: string): string {
  return readFileSync(path.join(FOLDER, dump), 'utf8')
}

async function itemsOf<Item>(simulator: Simulator, tool: string): Promise<Item[]> {
  const response = await fetch(`${new URL(simulator.url).origin}/simulator/${tool}`)
  return ((await response.json()) as { items: Item[] }).items
}
