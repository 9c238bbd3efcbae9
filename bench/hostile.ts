import 'reflect-metadata'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startApp } from '../src/app'
import { Role } from '../src/auth/viewer'
import { loadConfig } from '../src/config/config'
import { insertToken } from '../src/features/api-token/api-token.service'
import { seedPartner } from '../src/features/demo-data/seed'
import { insertPartner } from '../src/features/partner/partner.service'
import { createLogger } from '../src/shared/logger'
import type { HostileOrder, HostileReport } from './hostile-load'

/**
 * What a well-behaved caller feels of a hostile one of another partner: the same page, at the same pace, first alone and then beside
 * it, each of the three in a process of its own. `npm run bench:hostile -- 60 200 100000` takes other seconds, hostile requests a second,
 * and users of each; DATABASE_URL another database, which has to be empty. The limits are those of the settings.
 */
const SECONDS = Number(process.argv[2] ?? 30)
const HOSTILE_PER_SECOND = Number(process.argv[3] ?? 100)
const HOSTILE_CONNECTIONS = 40
const USERS = Number(process.argv[4] ?? 5000)
/** What a caller's budget has room for, at 236 points a page. */
const PAGES_PER_SECOND = 7
const WARM_UP_SECONDS = 5
const SERVER = 'server'

const PAGE = `{ provisionedUsers(first: 50, filter: { excludeProvisioned: true }) { nodes { id broadworksId status packageType errorText
  diagnosis { cause } customer { name } onboardingTemplate { name } } pageInfo { endCursor hasNextPage } } }`

interface Served {
  url: string
  caller: string
  hostile: string
}

async function main(): Promise<void> {
  const server = fork(__filename, [SERVER], { stdio: 'inherit' })
  const served = (await messageOf(server)) as Served
  try {
    await callFor(served, WARM_UP_SECONDS)
    const alone = await callFor(served, SECONDS)
    report(`a page of 50 users, ${PAGES_PER_SECOND} a second, alone`, alone)
    const load = fork(path.join(__dirname, 'hostile-load.ts'), { stdio: 'inherit' })
    const order: HostileOrder = {
      url: served.url,
      token: served.hostile,
      seconds: SECONDS + 2,
      perSecond: HOSTILE_PER_SECOND,
      connections: HOSTILE_CONNECTIONS,
    }
    load.send(order)
    // So that the load is there when the first page is asked for.
    await sleep(1000)
    const beside = await callFor(served, SECONDS)
    report(`beside ${HOSTILE_PER_SECOND} hostile requests a second on ${HOSTILE_CONNECTIONS} connections`, beside)
    process.stdout.write(`${(quantile(beside, 0.99) / quantile(alone, 0.99)).toFixed(2).padStart(8)}  p99 beside / alone\n`)
    reportHostile((await messageOf(load)) as HostileReport)
  } finally {
    server.send('stop')
    await once(server, 'exit')
  }
}

/** The server, filled, until it is told to stop. */
async function serve(): Promise<void> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'flowthrough-bench-'))
  const config = loadConfig({ ...process.env, PORT: '0', DEMO_DATA: 'off', LOG_LEVEL: 'fatal' }, directory)
  const app = await startApp(config, { logger: createLogger('fatal') })
  const { database } = app.platform
  const tokenOf = async (name: string, role: Role): Promise<string> => {
    const { partner, webexToken } = await database.transaction(tx => insertPartner(app.platform, tx, name))
    await seedPartner(app.platform, { partnerId: partner.id, webexToken, users: USERS })
    const acting = { ...app.platform, actor: { partnerId: partner.id, name: 'bench', requestId: null } }
    return (await database.transaction(tx => insertToken(acting, tx, { name: 'bench', role }))).secret
  }
  const served: Served = { url: app.url, caller: await tokenOf('Alice', Role.VIEWER), hostile: await tokenOf('Mallory', Role.ADMIN) }
  process.send?.(served)
  await once(process, 'message')
  await app.stop()
  rmSync(directory, { recursive: true, force: true })
  process.disconnect()
}

/** Asks at a steady pace, whatever became of earlier requests, and answers how long each took from when it was due, in milliseconds. */
async function callFor({ url, caller }: Served, seconds: number): Promise<number[]> {
  const start = performance.now()
  const calls = Array.from({ length: seconds * PAGES_PER_SECOND }, async (_, index) => {
    const due = start + (index * 1000) / PAGES_PER_SECOND
    await sleep(due - performance.now())
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${caller}` },
      body: JSON.stringify({ query: PAGE }),
    })
    const { errors } = (await response.json()) as { errors?: unknown }
    if (errors) throw new Error(`The well-behaved caller was refused: ${response.status} ${JSON.stringify(errors)}`)
    return performance.now() - due
  })
  return Promise.all(calls)
}

async function messageOf(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`A process of the bench ended with ${String(code)}.`)
  })
  return (await Promise.race([once(child, 'message'), ended]))[0]
}

function quantile(times: number[], share: number): number {
  return times.toSorted((one, other) => one - other)[Math.floor((times.length - 1) * share)] ?? 0
}

function report(title: string, times: number[]): void {
  const [half, most] = [0.5, 0.99].map(share => quantile(times, share).toFixed(1).padStart(8))
  process.stdout.write(`${half} ms p50 ${most} ms p99  ${title}\n`)
}

function reportHostile(outcomes: HostileReport): void {
  process.stdout.write('What became of the hostile requests:\n')
  for (const [kind, counts] of Object.entries(outcomes)) {
    const told = Object.entries(counts).map(([outcome, count]) => `${outcome} ×${count}`)
    process.stdout.write(`  ${kind}: ${told.join(', ')}\n`)
  }
}

void (process.argv[2] === SERVER ? serve() : main())
