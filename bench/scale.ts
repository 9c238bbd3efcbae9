import 'reflect-metadata'
import { spawn } from 'node:child_process'
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

/**
 * What an export and bulk operations cost at a size, in rows a second and memory, beside what the database's own tool takes for the same
 * rows: `npm run bench:scale -- 100000`. DATABASE_URL names another database, which has to be empty.
 */
const USERS = Number(process.argv[2] ?? 100_000)
/** One by one, for comparison with a bulk operation. */
const SINGLES = 300
const SAMPLE_INTERVAL_MS = 10

const EXPORTED = `SELECT u.broadworks_id, c.sp_enterprise_id, u.first_name, u.last_name, u.email, u.primary_phone_number, u.mobile_phone_number,
  u.package_type, u.status, u.error_code, u.upstream_errors, u.self_activated, u.created_at, u.last_status_change
  FROM provisioned_user u LEFT JOIN customer c ON c.id = u.customer_id WHERE u.deleted_at IS NULL ORDER BY u.created_at DESC, u.id DESC`

async function main(): Promise<void> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'flowthrough-bench-'))
  const config = loadConfig(
    {
      ...process.env,
      PORT: '0',
      DEMO_DATA: 'off',
      RATE_LIMIT_COST_PER_MINUTE: '2000000000',
      LOG_LEVEL: 'error',
      WEBEX_CALLS_PER_SECOND: '10000',
      // A bulk operation goes no faster than what it began ends at Webex; so the figure is of the work here.
      SIMULATOR_DELAY_MS: '0',
    },
    directory,
  )
  const app = await startApp(config, { logger: createLogger('error') })
  const { database } = app.platform
  const { partner, webexToken } = await database.transaction(tx => insertPartner(app.platform, tx, 'Bench'))
  const acting = { ...app.platform, actor: { partnerId: partner.id, name: 'bench', requestId: null } }
  const { secret } = await database.transaction(tx => insertToken(acting, tx, { name: 'bench', role: Role.ADMIN }))
  const ask = async (query: string, variables: object = {}) => {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
      body: JSON.stringify({ query, variables }),
    })
    const { data, errors } = (await response.json()) as { data: Record<string, never>; errors?: unknown }
    if (errors) throw new Error(JSON.stringify(errors))
    return data as Record<string, { bulkOperation: Operation; downloadUrl: string; nodes: { id: string }[] } & Operation>
  }

  async function exportAs(format: string): Promise<Measure> {
    const { exportUsers } = await ask(`mutation { exportUsers(input: { format: ${format} }) { downloadUrl } }`)
    const headers = format === 'CSV' ? 1 : 0
    return measure(async () => {
      const response = await fetch(exportUsers?.downloadUrl ?? '')
      return (await countLines(response.body as unknown as AsyncIterable<Uint8Array>)) - headers
    })
  }

  async function runBulk(mutation: string, input: string): Promise<Measure> {
    return measure(async () => {
      const answer = await ask(`mutation { ${mutation}(input: { ${input} }) { bulkOperation { id status done } } }`)
      let operation = answer[mutation]?.bulkOperation as Operation
      while (operation.status === 'RUNNING') {
        await sleep(100)
        operation = (await ask('query ($id: ID!) { bulkOperation(id: $id) { id status done } }', operation))['bulkOperation'] as Operation
      }
      return operation.done
    })
  }

  try {
    const filled = await measure(async () => {
      await seedPartner(app.platform, { partnerId: partner.id, webexToken, users: USERS, brokenTemplate: true })
      return USERS
    })
    report(`${USERS} users made`, filled)
    const csv = await exportAs('CSV')
    report('exported as CSV', csv)
    report('exported as JSON lines', await exportAs('JSONL'))
    const tool = await ownTool(config.database)
    if (tool) {
      report(`by ${tool.name}`, tool)
      process.stdout.write(
        `${(tool.rowsPerSecond / csv.rowsPerSecond).toFixed(2).padStart(6)}  the database's own tool / our CSV, in rows a second\n`,
      )
    }
    report('rehearsed: a retry of all', await runBulk('bulkRetryActivation', 'filter: {}, dryRun: true'))
    const { provisionedUsers } = await ask('{ provisionedUsers(last: 100, filter: { statuses: [PENDING_EMAIL_INPUT] }) { nodes { id } } }')
    const singles = await measure(async () => {
      for (let done = 0; done < SINGLES; done += 1) {
        const userId = provisionedUsers?.nodes[done % 100]?.id
        const packageType = Math.floor(done / 100) % 2 === 0 ? 'PREMIUM' : 'SOFTPHONE'
        await ask(`mutation { changePackageType(input: { userId: "${userId}", packageType: ${packageType} }) { userErrors { code } } }`)
      }
      return SINGLES
    })
    report('packages changed one by one', singles)
    const bulk = await runBulk('bulkChangePackageType', 'filter: { excludeProvisioned: true }, packageType: BASIC')
    report('packages changed in bulk', bulk)
    process.stdout.write(
      `${(bulk.rowsPerSecond / singles.rowsPerSecond).toFixed(2).padStart(6)}  in bulk / one by one, in users a second\n`,
    )
    report(
      'a broken template retried, with the calls to Webex for all but the last',
      await runBulk('bulkRetryActivation', 'filter: { errorCodes: [200043] }'),
    )
  } finally {
    await app.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

interface Operation {
  id: string
  status: string
  done: number
}

interface Measure {
  rows: number
  rowsPerSecond: number
  /** How far the memory of this process grew beyond where it began; null where other processes did the work. */
  grownMegabytes: number | null
}

async function measure(work: () => Promise<number>): Promise<Measure> {
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  let peak = before
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), SAMPLE_INTERVAL_MS)
  const start = performance.now()
  const rows = await work()
  const seconds = (performance.now() - start) / 1000
  clearInterval(timer)
  return { rows, rowsPerSecond: rows / seconds, grownMegabytes: (peak - before) / 2 ** 20 }
}

/** `COPY … TO STDOUT` by psql, or the CSV mode of the sqlite3 shell, where this machine has them. */
async function ownTool(database: ReturnType<typeof loadConfig>['database']): Promise<(Measure & { name: string }) | null> {
  const [name, command, args] =
    database.kind === 'sqlite'
      ? ['the sqlite3 shell', 'sqlite3', ['-readonly', '-csv', '-header', database.path, EXPORTED]]
      : ['COPY … TO STDOUT', 'psql', [database.url, '-c', `COPY (${EXPORTED}) TO STDOUT WITH (FORMAT csv, HEADER)`]]
  try {
    const measured = await measure(async () => {
      const child = spawn(command, args as string[], { stdio: ['ignore', 'pipe', 'inherit'] })
      const failed = new Promise<never>((_, reject) => child.once('error', reject))
      return (await Promise.race([countLines(child.stdout), failed])) - 1
    })
    return { ...measured, name, grownMegabytes: null }
  } catch {
    process.stdout.write(`        (${command} is not on this machine, so there is nothing to compare with)\n`)
    return null
  }
}

async function countLines(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let lines = 0
  for await (const chunk of chunks) for (const byte of chunk) if (byte === 10) lines += 1
  return lines
}

function report(title: string, { rows, rowsPerSecond, grownMegabytes }: Measure): void {
  const memory = grownMegabytes === null ? '' : `, memory grew by ${Math.max(0, Math.round(grownMegabytes))} MB at most`
  process.stdout.write(
    `${Math.round(rowsPerSecond).toLocaleString('en').padStart(9)} rows/s  ${title} (${rows.toLocaleString('en')} rows${memory})\n`,
  )
}

void main()
