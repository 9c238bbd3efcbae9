import 'reflect-metadata'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { startApp } from '../src/app'
import { Role } from '../src/auth/viewer'
import { loadConfig } from '../src/config/config'
import { insertToken } from '../src/features/api-token/api-token.service'
import { seedPartner } from '../src/features/demo-data/seed'
import { insertPartner } from '../src/features/partner/partner.service'
import { ProvisionedUser } from '../src/features/provisioned-user/provisioned-user.entity'
import { readRows, selectRows } from '../src/database/rows'
import { createLogger } from '../src/shared/logger'

/**
 * What the lists cost, as ratios within one run: absolute times say more of the machine than of the code. `npm run bench -- 100000`
 * takes another number of users; DATABASE_URL another database, which has to be empty.
 */
const SMALL = 2_000
const LARGE = Number(process.argv[2] ?? 50_000)
const ROUNDS = 30

interface Subject {
  partnerId: string
  ask(query: string, variables?: object): Promise<{ data: Record<string, { pageInfo: { endCursor: string } }> }>
}

async function main(): Promise<void> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'flowthrough-bench-'))
  const config = loadConfig(
    { ...process.env, PORT: '0', DEMO_DATA: 'off', RATE_LIMIT_COST_PER_MINUTE: '2000000000', LOG_LEVEL: 'error' },
    directory,
  )
  const app = await startApp(config, { logger: createLogger('error') })
  const { database } = app.platform

  async function makeSubject(users: number): Promise<Subject> {
    const { partner, webexToken } = await database.transaction(tx => insertPartner(app.platform, tx, `Partner of ${users}`))
    await seedPartner(app.platform, { partnerId: partner.id, webexToken, users })
    const acting = { ...app.platform, actor: { partnerId: partner.id, name: 'bench', requestId: null } }
    const { secret } = await database.transaction(tx => insertToken(acting, tx, { name: 'bench', role: Role.VIEWER }))
    return {
      partnerId: partner.id,
      async ask(query, variables) {
        const response = await fetch(`${app.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
          body: JSON.stringify({ query, variables }),
        })
        return (await response.json()) as never
      },
    }
  }

  try {
    const small = await makeSubject(SMALL)
    const large = await makeSubject(LARGE)
    await report(
      `a page of 100 among ${LARGE} users / among ${SMALL}`,
      () => large.ask(PAGE),
      () => small.ask(PAGE),
    )
    const deep = await cursorAt(large, LARGE * 0.9)
    await report(
      'a page at nine tenths of the list / the first page',
      () => large.ask(PAGE, { after: deep }),
      () => large.ask(PAGE),
    )
    await report(
      'the stuck users by last name / all users by creation',
      () => large.ask(STUCK),
      () => large.ask(PAGE),
    )
    await report(
      'a search / the first page',
      () => large.ask(SEARCH),
      () => large.ask(PAGE),
    )
    const hundred = { partnerId: large.partnerId }
    await report(
      'a hundred hydrated entities / a hundred plain rows',
      () => database.reader.find(ProvisionedUser, { where: hundred, take: 100 }),
      () => readRows(selectRows(database.reader, ProvisionedUser, 'row').where('row.partnerId = :partnerId', hundred).limit(100)),
    )
    await report(
      '50 customers with 5 users each / 50 customers',
      () => large.ask(NESTED),
      () => large.ask(CUSTOMERS),
    )
  } finally {
    await app.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

const USER = 'id broadworksId status packageType errorText diagnosis { cause } customer { name } onboardingTemplate { name }'
const PAGE = `query ($after: String) { provisionedUsers(first: 100, after: $after) { nodes { ${USER} } pageInfo { endCursor } } }`
const STUCK = `{ provisionedUsers(first: 100, filter: { excludeProvisioned: true }, orderBy: { field: LAST_NAME, direction: ASC }) { nodes { ${USER} } } }`
const SEARCH = `{ provisionedUsers(first: 100, filter: { search: "giulia.rossi" }) { nodes { ${USER} } } }`
const CUSTOMERS = '{ customers(first: 50) { nodes { id name } } }'
const NESTED = '{ customers(first: 50) { nodes { id name provisionedUsers(first: 5) { nodes { id status } } } } }'

async function cursorAt(subject: Subject, depth: number): Promise<string> {
  let after: string | undefined
  for (let seen = 0; seen < depth; seen += 100) {
    const { data } = await subject.ask(
      'query ($after: String) { provisionedUsers(first: 100, after: $after) { pageInfo { endCursor } } }',
      { after },
    )
    after = data['provisionedUsers']?.pageInfo.endCursor
  }
  return after ?? ''
}

/** Alternates the two, so that whatever else the machine does meets both, and compares their medians. */
async function report(title: string, subject: () => Promise<unknown>, base: () => Promise<unknown>): Promise<void> {
  const times: [number[], number[]] = [[], []]
  for (let round = 0; round < ROUNDS; round += 1) {
    times[0].push(await timeOf(subject))
    times[1].push(await timeOf(base))
  }
  const [subjectMs, baseMs] = times.map(median) as [number, number]
  process.stdout.write(`${(subjectMs / baseMs).toFixed(2).padStart(6)}  ${title}\n`)
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

function median(values: number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0
}

void main()
