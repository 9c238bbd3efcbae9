import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { setTimeout as sleep } from 'node:timers/promises'
import { createActor, type Actor } from '../support/world/actor'
import { createTestDatabase } from '../support/world/app'
import { readTables } from '../support/database/read-tables'
import { ListUsersDocument, type ProvisionedUserFilter, type UserRowFragment } from '../support/operations/operations.generated'
import { ensureBuilt, type Running, serverUrl, simulatorUrl, startServer, startTool, useTool } from '../support/processes/processes'

/** The organisation that `flowthrough simulator` names. */
const WEBEX_TOKEN = 'simulated-organization'

const SETTINGS = {
  PORT: '0',
  LOG_LEVEL: 'error',
  DEMO_DATA: 'off',
  SYNC_INTERVAL_MINUTES: '0',
  SIMULATOR_DATABASE: 'webex.db',
  SIMULATOR_DELAY_MS: '100',
  // An automatic attempt comes 18 s after the one that was given up.
  RETRY_PAUSE_MS: '40',
  WEBEX_TIMEOUT_MS: '400',
  WEBEX_CALLS_PER_SECOND: '1000',
}

/** How long a question is asked again that no server answers: longer than any of them takes to start on a busy machine. */
const ASKED_FOR_MS = 90_000

export interface LedgerEntry {
  kind: 'create' | 'update' | 'delete' | 'refused-duplicate'
  subscriberId: string | null
  userId: string
  trackingId: string
}

/** Servers on a database and a Webex of their own. All are processes by themselves, so that they can be killed. */
export interface World {
  /** Asks any server that runs, and again while none answers: a mutation that is asked here needs an idempotency key. */
  ask<Data, Variables extends Record<string, unknown>>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data>
  /** All users that the API shows, or those that the filter leaves. */
  users(filter?: ProvisionedUserFilter): Promise<UserRowFragment[]>
  /** Kills a server and starts it again. */
  kill(server: number): Promise<void>
  setFaults(rules: object[]): Promise<void>
  /** All that Webex accepted, and what it refused as a duplicate, oldest first. */
  ledger(): Promise<LedgerEntry[]>
  /** How many subscribers of a BroadWorks ID Webex has now; who is not in the ledger is not in here. */
  live(): Promise<Map<string, number>>
  jobs(): Promise<{ waiting: number; running: number; dead: number }>
  tables(): ReturnType<typeof readTables>
  /** What the servers logged, the last of it. */
  log(): string
  stop(): Promise<void>
}

export interface WorldOptions {
  servers?: number
  environment?: Record<string, string>
  /** Users that `flowthrough seed` makes before anything is started. */
  seeded?: number
}

export async function startWorld({ servers: count = 1, environment = {}, seeded }: WorldOptions = {}): Promise<World> {
  await ensureBuilt()
  const { url: databaseUrl, directory, remove } = await createTestDatabase()
  const settings = { DATABASE_URL: databaseUrl, ...SETTINGS, ...environment }
  const simulator = startTool(['simulator', '--port', '0'], { directory, environment: settings })
  const webexUrl = await simulatorUrl(simulator)
  const place = { directory, environment: { ...settings, WEBEX_BASE_URL: webexUrl, WEBEX_ACCESS_TOKEN: WEBEX_TOKEN } }
  await useTool(['partner', 'create', '--name', 'Alice Telecom'], place)
  if (seeded) await useTool(['seed', '--users', String(seeded)], place)
  const token = await useTool(['token', 'create', '--role', 'ADMIN'], place)

  const servers: { running: Running; alice: Actor | null }[] = []
  let logged = ''
  async function serve(index: number): Promise<void> {
    const running = startServer(place)
    running.child.stderr?.on('data', (text: string) => (logged = (logged + text).slice(-20_000)))
    servers[index] = { running, alice: null }
    const alice = createActor(await serverUrl(running), token)
    servers[index] = { running, alice }
  }
  await Promise.all(Array.from({ length: count }, (_, index) => serve(index)))

  const tool = async (method: string, target: string, body?: unknown) => {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(new URL(target, webexUrl), { method, ...(body ? { headers, body: JSON.stringify(body) } : {}) })
    if (!response.ok) throw new Error(await response.text())
    return response.json() as Promise<{ items: never[]; next: string | null }>
  }
  async function allOf<Item>(target: string): Promise<Item[]> {
    const items: Item[] = []
    for (let page: string | null = `${target}?max=1000`; page;) {
      const { items: some, next } = await tool('GET', page)
      items.push(...some)
      page = next
    }
    return items
  }

  let asked = 0
  const ask: World['ask'] = async (document, variables) => {
    const deadline = Date.now() + ASKED_FOR_MS
    for (;;) {
      asked += 1
      const { alice } = servers[asked % servers.length] ?? {}
      try {
        if (alice) return await alice.get(document, variables)
      } catch (error) {
        if (!isPassing(error) || Date.now() > deadline) throw error
      }
      await sleep(50)
    }
  }

  return {
    ask,
    async users(filter) {
      const users: UserRowFragment[] = []
      for (let after: string | null | undefined; after !== null;) {
        // What moves while it is read keeps its place in this order.
        const orderBy = { field: 'BROADWORKS_ID', direction: 'ASC' } as const
        const { provisionedUsers } = await ask(ListUsersDocument, { first: 100, after, filter, orderBy })
        users.push(...provisionedUsers.edges.map(({ node }) => node))
        after = provisionedUsers.pageInfo.hasNextPage ? (provisionedUsers.pageInfo.endCursor ?? null) : null
      }
      return users
    },
    async kill(index) {
      await servers[index]?.running.end('SIGKILL')
      await serve(index)
    },
    setFaults: async rules => void (await tool('PUT', '/simulator/faults', rules)),
    ledger: () => allOf<LedgerEntry>('/simulator/ledger'),
    async live() {
      const summary = await allOf<{ userId: string; live: number }>('/simulator/ledger/summary')
      return new Map(summary.map(({ userId, live }) => [userId, live]))
    },
    async jobs() {
      const printed = await useTool(['jobs'], place)
      const count = (state: string) => Number(new RegExp(`^${state} +(\\d+)$`, 'm').exec(printed)?.[1])
      return { waiting: count('waiting'), running: count('running'), dead: count('dead') }
    },
    tables: () => readTables({ databaseUrl, directory }),
    log: () => logged,
    async stop() {
      await Promise.all(servers.map(({ running }) => running.end()))
      await simulator.end()
      await remove()
    },
  }
}

/** No server there, one that is killed as it answers, or one without a database for the moment. */
function isPassing(error: unknown): boolean {
  const { name, message } = error as Error
  // By name, because Jest gives tests other classes than Node's own fetch uses.
  return name === 'TypeError' || name === 'SyntaxError' || message.startsWith('INTERNAL')
}

/** Ten at a time, as a person's script would. */
export async function inTens<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> {
  const left = [...items]
  const one = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: 10 }, one))
}
