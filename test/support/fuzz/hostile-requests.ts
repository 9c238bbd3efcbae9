import http from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { Role } from '../../../src/auth/viewer'
import { readById } from '../../../src/database/rows'
import { OnboardingTemplate } from '../../../src/features/onboarding-template/onboarding-template.entity'
import { buildActivationSchema } from '../../../src/graphql/engine/schema'
import { ACTIVATION_RESOLVERS } from '../../../src/resolvers'
import { untilQuiet } from '../world/estate'
import { startTestApp, type TestApp, type TestPartner } from '../world/app'
import { gatherCursors, makeBadInputWorld } from '../world/bad-input-world'
import { makeUser, nextNumber } from '../world/builders'
import { type FuzzCase, fuzzCase, type FuzzWorld } from './cases'
import { foundCases } from './found-cases'
import { type Means, tryOut } from './trial'
import { FindTemplateDocument } from '../operations/operations.generated'
import { partnerSchemas } from '../schema/partner-schema'
import { BUILD_TIMEOUT_MS, ensureBuilt } from '../processes/processes'
import { dumpTables } from '../database/table-dump'
import { validInputs } from '../schema/valid-inputs'
import { eventually } from '../world/waiting'

/** A try takes 20 to 40 ms on two busy cores; a failure is tried again and again, to make it small. */
const timeoutMs = (runs: number) => 60_000 + runs * 300
/** Apollo keeps 30 MB of documents that it has seen, counted as JSON; as objects, they are some 130 MB, and no more after 15,000 tries. */
const HEAP_GROWTH_MAX_MB = 160
const SOON_MS = 3000
const SECRET = 'Mallorysecret'

let app: TestApp
let world: FuzzWorld
let means: Means

/**
 * Declares the test that sends hostile requests of every kind, made from the schema. The requests are the same every time; FUZZ_RUNS takes
 * another number, FUZZ_SEED another seed, and FUZZ_SEED=random looks for new failures.
 */
export function testHostileRequests(defaults: { runs: number; seed: number }): void {
  const runs = Number(process.env['FUZZ_RUNS'] ?? defaults.runs)
  const seed = process.env['FUZZ_SEED'] === 'random' ? Date.now() % 2 ** 31 : Number(process.env['FUZZ_SEED'] ?? defaults.seed)

  beforeAll(async () => {
    // The pages are among what is asked for: a server without them answers 503 for each.
    await ensureBuilt()
    app = await startTestApp()
    const alice = await app.addPartner('Alice Telecom')
    const mallory = await app.addPartner('Mallory Mobile')
    const { mallory: foreign, ...own } = await makeBadInputWorld(alice, mallory)
    await makeUser(mallory.operator, foreign.template, { lastName: SECRET })
    const inputs: FuzzWorld['inputs'] = { ...portalInputs(await linkOf(alice, own.template)) }
    for (const [name, make] of Object.entries(validInputs(alice, own.template))) inputs[name] = await make()
    const cursors = [...(await gatherCursors(alice.admin)), ...(await gatherCursors(mallory.admin))]
    const { data } = await alice.admin.ask<{ exportUsers: { downloadUrl: string } }, Record<string, never>>(
      'mutation { exportUsers(input: { format: CSV }) { downloadUrl } }',
    )
    const restricted = await app.addToken(alice.partnerId, Role.VIEWER, [own.customer])
    world = {
      schema: partnerSchemas.served,
      portal: buildActivationSchema(ACTIVATION_RESOLVERS).served,
      inputs,
      known: [...Object.values(own), ...Object.values(foreign), ...cursors.map(({ cursor }) => cursor), alice.partnerId],
      tokens: [alice.admin, alice.operator, alice.viewer, restricted].map(({ token }) => token),
      downloadPath: new URL(data.exportUsers.downloadUrl).pathname,
      link: await linkOf(alice, own.template),
      rows: importRows(),
    }
    const template = await readById(app.platform.database.reader, OnboardingTemplate, own.template)
    means = {
      url: app.url,
      agent: new http.Agent({ keepAlive: true, maxSockets: 4 }),
      acting: { ...app.platform, actor: { partnerId: alice.partnerId, name: 'import', requestId: null } },
      template: template as OnboardingTemplate,
      secret: SECRET,
    }
    await untilQuiet(app)
  }, BUILD_TIMEOUT_MS)
  afterAll(async () => {
    means.agent.destroy()
    await app.stop()
  })

  it(
    `meets ${runs} hostile requests (FUZZ_SEED=${seed}) with documented answers, changes no row for one that it refuses, and forgets them`,
    async () => {
      const connections = openConnections()
      let tried = 0
      let heapBefore = 0
      let before = await dumpTables(app.platform)
      app.statements.length = 0

      async function holds(each: FuzzCase): Promise<void> {
        // Once caches are warm.
        if ((tried += 1) === Math.ceil(runs / 4)) heapBefore = usedHeapMegabytes()
        const { faults, refused } = await tryOut(each, means)
        if (faults.length > 0) throw new Error(faults.join('\n'))
        const wrote = app.statements.some(isWrite)
        app.statements.length = 0
        if (!wrote) return
        const changed = refused ? changes(before, await dumpTables(app.platform)) : []
        // What was begun goes on, and the next try, which may be the same made smaller, is judged by itself.
        await untilStill()
        app.statements.length = 0
        before = await dumpTables(app.platform)
        expect(changed).toEqual([])
      }

      await fc.assert(fc.asyncProperty(fuzzCase(world), holds), {
        examples: foundCases(world).map(each => [each]),
        numRuns: runs,
        seed,
        interruptAfterTimeLimit: timeoutMs(runs) / 2,
        markInterruptAsFailure: true,
      })
      expect(changes(before, await dumpTables(app.platform))).toEqual([])
      expect(usedHeapMegabytes() - heapBefore).toBeLessThan(HEAP_GROWTH_MAX_MB)
      means.agent.destroy()
      await eventually(async () => openConnections() <= connections)
    },
    timeoutMs(runs),
  )
}

/** Statements that change rows, but for the last use of a token and the counters of tries. */
function isWrite(sql: string): boolean {
  return /^\s*(INSERT|UPDATE|DELETE|WITH .*(INSERT|UPDATE|DELETE))/i.test(sql) && !/rate_limit|last_used_at/.test(sql)
}

type Dump = Awaited<ReturnType<typeof dumpTables>>

/** The rows that are not the same before and after. What jobs there are is told by name and payload, and each ends by itself. */
function changes(before: Dump, after: Dump): string[] {
  const rows = ({ rate_limit: _, job = [], ...dump }: Dump) => [
    ...Object.entries(dump).flatMap(([table, texts]) => texts.map(text => `${table} ${text}`)),
    ...job.map(text => `job ${JSON.stringify({ ...(JSON.parse(text) as Job), ...CHANGES_BY_ITSELF })}`),
  ]
  const [old, now] = [new Set(rows(before)), new Set(rows(after))]
  const gone = [...old].filter(row => !now.has(row) && !row.startsWith('job '))
  return [...gone.map(row => `- ${row}`), ...[...now].filter(row => !old.has(row)).map(row => `+ ${row}`)]
}

interface Job {
  /** On SQLite. */
  run_at?: string
  /** On PostgreSQL. */
  start_after?: string
}

const CHANGES_BY_ITSELF = { run_at: null, start_after: null, locked_until: null, failures: null, last_failure: null, state: null }

/** Waits until no job is due; some look after something much later. */
async function untilStill(): Promise<void> {
  await eventually(async () => {
    const jobs = ((await dumpTables(app.platform))['job'] ?? []).map(text => JSON.parse(text) as Job)
    return jobs.every(({ run_at, start_after }) => Date.parse(run_at ?? start_after ?? '') > Date.now() + SOON_MS)
  })
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function usedHeapMegabytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed / 2 ** 20
}

function openConnections(): number {
  return process.getActiveResourcesInfo().filter(resource => resource === 'TCPSocketWrap').length
}

async function linkOf({ admin }: TestPartner, template: string): Promise<string> {
  const { onboardingTemplate } = await admin.get(FindTemplateDocument, { id: template })
  return onboardingTemplate?.userVerification.activationLink.split('/').at(-1) ?? ''
}

function portalInputs(link: string): FuzzWorld['inputs'] {
  return {
    signIn: { link, broadworksId: 'nobody@provider.example', password: 'correct horse' },
    submitEmail: { email: 'anna@example.com' },
    confirmEmail: { token: 'no token' },
  }
}

function importRows(): string[][] {
  const number = nextNumber()
  return [
    ['broadworksId', 'spEnterpriseId', 'firstName', 'lastName', 'email', 'packageType', 'extension'],
    [`first.${number}@provider.example`, 'SP1+acme', 'Anna', 'Rossi', '', 'BASIC', '4711'],
    [`second.${number}@provider.example`, 'SP1+acme', 'Zoë', 'Müller', '', '', ''],
  ]
}
