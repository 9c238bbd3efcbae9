import 'reflect-metadata'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Client } from 'pg'
import { type App, startApp } from '../../../src/app'
import { Role } from '../../../src/auth/viewer'
import { loadConfig } from '../../../src/config/config'
import { insertToken } from '../../../src/features/api-token/api-token.service'
import { insertPartner } from '../../../src/features/partner/partner.service'
import type { Platform } from '../../../src/context/context'
import type { Clock } from '../../../src/shared/clock'
import { createActor, type Actor } from './actor'
import { testLogger } from '../jest/test-log'

/** A running server on a database of its own, SQLite or (TEST_DATABASE=postgres) PostgreSQL. */
export interface TestApp {
  url: string
  platform: Platform
  /** Every SQL statement since the last time it was emptied. */
  statements: string[]
  /** A partner with a token of each role. */
  addPartner(name?: string): Promise<TestPartner>
  addToken(partnerId: string, role: Role, customerIds?: string[]): Promise<Actor>
  stop(): Promise<void>
}

export interface TestPartner {
  platform: Platform
  partnerId: string
  /** Names the partner's organisation in the simulator. */
  webexToken: string
  admin: Actor
  operator: Actor
  viewer: Actor
}

export interface TestAppOptions {
  clock?: Clock
  environment?: Record<string, string>
  /** For an app that is stopped and started again; one that is given none has its own, which ends with it. */
  database?: TestDatabase
}

export async function startTestApp({ clock, environment = {}, database: given }: TestAppOptions = {}): Promise<TestApp> {
  const database = given ?? (await createTestDatabase())
  const statements: string[] = []
  const config = loadConfig(
    {
      DATABASE_URL: database.url,
      PORT: '0',
      SIMULATOR_DELAY_MS: '30',
      DEMO_DATA: 'off',
      RETRY_PAUSE_MS: '20',
      // Runs begin when a test asks for one.
      SYNC_INTERVAL_MINUTES: '0',
      // So that each visitor of the portal can have a network address of its own.
      TRUSTED_PROXIES: '127.0.0.1',
      // A suite asks for more in a minute than a caller may; tests of the limits set them.
      RATE_LIMIT_COST_PER_MINUTE: '2000000000',
      RATE_LIMIT_ANONYMOUS_PER_MINUTE: '1000000',
      WEBSOCKET_CONNECTIONS_MAX: '1000',
      OVERLOAD_DELAY_MS: '60000',
      ...environment,
    },
    database.directory,
  )
  const app: App = await startApp(config, { logger: testLogger(), observer: sql => statements.push(sql), ...(clock ? { clock } : {}) })
  const { platform, url } = app

  async function addToken(partnerId: string, role: Role, customerIds?: string[]): Promise<Actor> {
    const acting = { ...platform, actor: { partnerId, name: 'test', requestId: null } }
    const { secret } = await platform.database.transaction(tx =>
      insertToken(acting, tx, { name: `${role.toLowerCase()} of the tests`, role, ...(customerIds ? { customerIds } : {}) }),
    )
    return createActor(url, secret)
  }

  return {
    url,
    platform,
    statements,
    addToken,
    async addPartner(name = 'Alice Telecom') {
      const { partner, webexToken } = await platform.database.transaction(tx => insertPartner(platform, tx, name))
      const [admin, operator, viewer] = await Promise.all([Role.ADMIN, Role.OPERATOR, Role.VIEWER].map(role => addToken(partner.id, role)))
      return { platform, partnerId: partner.id, webexToken, admin: admin as Actor, operator: operator as Actor, viewer: viewer as Actor }
    },
    async stop() {
      await app.stop()
      if (!given) await database.remove()
    },
  }
}

export interface TestDatabase {
  /** For DATABASE_URL. */
  url: string
  /** A folder for files that belong to it. */
  directory: string
  remove(): Promise<void>
}

/** An empty database, not migrated. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'flowthrough-test-'))
  const removeDirectory = () => rmSync(directory, { recursive: true, force: true })
  const server = process.env['TEST_POSTGRES_URL']
  if (process.env['TEST_DATABASE'] !== 'postgres' || !server) {
    return { url: `sqlite:${path.join(directory, 'test.db')}`, directory, remove: async () => removeDirectory() }
  }
  const name = `test_${randomBytes(8).toString('hex')}`
  await onServer(server, `CREATE DATABASE ${name}`)
  const url = new URL(server)
  url.pathname = name
  return {
    url: url.href,
    directory,
    async remove() {
      await onServer(server, `DROP DATABASE ${name} WITH (FORCE)`)
      removeDirectory()
    },
  }
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(sql)
  await client.end()
}
