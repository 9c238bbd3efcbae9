import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { loadConfig } from '../../src/config/config'
import type { Database } from '../../src/database/database'
import { openDatabase } from '../../src/database/open-database'
import { ENTITIES } from '../../src/entities'
import { connectPartner } from '../../src/features/partner/connection.service'
import { JobPriority, type JobQueue, type NewJob } from '../../src/queue/job-queue'
import { createJobQueue, type RunnerOptions } from '../../src/queue/job-runner'
import type { ClaimedJob, JobStore } from '../../src/queue/job-store'
import { createPgBossJobStore } from '../../src/queue/pg-boss-job-store'
import { createTableJobStore } from '../../src/queue/table-job-store'
import { systemClock } from '../../src/shared/clock'
import { currentRequest } from '../../src/shared/current-request'
import { createLogger } from '../../src/shared/logger'
import { createTestDatabase, startTestApp, type TestApp, type TestDatabase } from '../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus } from '../support/world/builders'
import { type FakeWebex, startFakeWebex } from '../support/fakes/webex'
import { BUILD_TIMEOUT_MS, ensureBuilt, useTool } from '../support/processes/processes'
import { testLogger } from '../support/jest/test-log'
import { eventually } from '../support/world/waiting'

const logger = testLogger()
const UNTAKEN_MS = 600

let place: TestDatabase
let databases: Database[]
let queues: JobQueue[]

beforeAll(ensureBuilt, BUILD_TIMEOUT_MS)
beforeEach(async () => {
  place = await createTestDatabase()
  databases = []
  queues = []
})

afterEach(async () => {
  await Promise.all(queues.map(queue => queue.stop()))
  await Promise.all(databases.map(database => database.close()))
  await place.remove()
})

/** The database as another process has it, migrated. */
async function openAnother(options: { leaseMs?: number } = {}): Promise<{ database: Database; store: JobStore }> {
  const { database: config } = loadConfig({ DATABASE_URL: place.url }, place.directory)
  const database = await openDatabase(config, { entities: ENTITIES, logger })
  databases.push(database)
  const store =
    database.kind === 'postgres'
      ? createPgBossJobStore(database, systemClock, options)
      : createTableJobStore(database, systemClock, options)
  await database.migrate(() => store.prepare())
  return { database, store }
}

/** A queue that stops with the test, not started yet. */
function queueOn(store: JobStore, options: Partial<RunnerOptions> = {}): JobQueue {
  const queue = createJobQueue(store, { clock: systemClock, logger, concurrency: 8, ...options })
  queues.push(queue)
  return queue
}

async function open(options?: Partial<RunnerOptions>) {
  const { database, store } = await openAnother()
  const queue = queueOn(store, options)
  const enqueue = (job: Partial<NewJob>) => database.transaction(tx => queue.enqueue(tx, { name: 'greet', payload: {}, ...job }))
  return { database, queue, enqueue }
}

interface LogLine {
  level: number
  msg: string
  [field: string]: unknown
}

/** A log, and what is in it. */
function keepLog() {
  const lines: LogLine[] = []
  const write = (written: string) => void lines.push(JSON.parse(written) as LogLine)
  return { logger: createLogger('debug', { write }), lines, has: (text: string) => lines.some(({ msg }) => msg.includes(text)) }
}

/** The database takes no end of a job until the function that it answers is called. */
async function refuseEnds(database: Database): Promise<() => Promise<void>> {
  const run = (...statements: string[]) =>
    database.transaction(async ({ manager }) => {
      for (const statement of statements) await manager.query(statement)
    })
  if (database.kind === 'postgres') {
    await run(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'Not now.'; END $$`,
      'CREATE TRIGGER refuse BEFORE UPDATE OR DELETE ON flowthrough_queue.job FOR EACH ROW EXECUTE FUNCTION refuse()',
    )
    return () => run('DROP TRIGGER refuse ON flowthrough_queue.job')
  }
  const events = ['UPDATE', 'DELETE']
  await run(...events.map(event => `CREATE TRIGGER refuse_${event} BEFORE ${event} ON job BEGIN SELECT RAISE(ABORT, 'Not now.'); END`))
  return () => run(...events.map(event => `DROP TRIGGER refuse_${event}`))
}

const claimOne = (store: JobStore): Promise<ClaimedJob> => eventually(async () => (await store.claim(1))[0])
/** The job of another, once its lease has ended. */
const takeOver = (store: JobStore): Promise<ClaimedJob> =>
  eventually(async () => {
    await store.reclaim(false)
    return (await store.claim(1))[0]
  })
const naming = (who: string, job: Partial<NewJob> = {}): Partial<NewJob> => ({ payload: { who }, ...job })
const minutesFromNow = (minutes: number) => new Date(Date.now() + minutes * 60_000)
const nothingLeft = async (queue: JobQueue) => Object.values(await queue.counts()).every(count => count === 0)

describe('a job', () => {
  it('is there when the change is that asked for it, and gone with it when that is rolled back', async () => {
    const { database, queue } = await open()
    const greeted: string[] = []
    queue.work('greet', async ({ who }) => void greeted.push(String(who)))
    await queue.start()
    const undone = database.transaction(async tx => {
      await queue.enqueue(tx, { name: 'greet', payload: { who: 'eve' } })
      throw new Error('Something else went wrong.')
    })
    await expect(undone).rejects.toThrow('Something else went wrong.')
    await database.transaction(async tx => {
      await queue.enqueue(tx, { name: 'greet', payload: { who: 'alice' } })
      await queue.enqueue(tx, { name: 'greet', payload: { who: 'bob' } })
      await sleep(UNTAKEN_MS)
      expect(greeted).toEqual([])
    })
    await eventually(() => nothingLeft(queue))
    expect(greeted.sort()).toEqual(['alice', 'bob'])
  })

  it('of a higher priority is taken first, then the one that is due for longer', async () => {
    const { queue, enqueue } = await open({ concurrency: 1 })
    const order: string[] = []
    queue.work('greet', async ({ who }) => void order.push(String(who)))
    await enqueue(naming('bulk', { priority: JobPriority.BULK }))
    await enqueue(naming('ordinary, first'))
    await enqueue(naming('person, not yet', { priority: JobPriority.PERSON, runAt: minutesFromNow(10) }))
    await enqueue(naming('ordinary, second'))
    await enqueue(naming('person', { priority: JobPriority.PERSON }))
    await queue.start()
    await eventually(async () => order.length === 4)
    expect(order).toEqual(['person', 'ordinary, first', 'ordinary, second', 'bulk'])
    expect(await queue.counts()).toMatchObject({ waiting: 1, dead: 0 })
  })

  it('is logged as part of no request, whoever had it run', async () => {
    const log = keepLog()
    const { queue, enqueue } = await open({ logger: log.logger })
    queue.work('greet', () => Promise.reject(new Error('Nobody is there.')))
    await queue.start()
    await currentRequest.run({ requestId: 'of-somebody' }, async () => {
      await enqueue({})
      log.logger.info('Somebody waits.')
      await eventually(async () => log.lines.some(({ err }) => JSON.stringify(err ?? '').includes('Nobody is there.')))
    })
    const failed = log.lines.filter(({ err }) => err !== undefined)
    expect(failed.map(({ requestId }) => requestId)).toEqual(failed.map(() => undefined))
    expect(log.lines.find(({ msg }) => msg === 'Somebody waits.')).toMatchObject({ requestId: 'of-somebody' })
  })

  it('is not run before its time', async () => {
    const { queue, enqueue } = await open()
    const ranAt = new Map<string, number>()
    queue.work('greet', async ({ who }) => void ranAt.set(String(who), Date.now()))
    await queue.start()
    const runAt = new Date(Date.now() + 1500)
    await enqueue(naming('later', { runAt }))
    await enqueue(naming('now'))
    await eventually(async () => ranAt.size === 2)
    // pg-boss counts from the begin of the transaction, a moment before.
    expect(ranAt.get('later')).toBeGreaterThan(runAt.getTime() - 500)
    expect([...ranAt.keys()]).toEqual(['now', 'later'])
  })

  it('runs beside seven others at most', async () => {
    const { queue, enqueue } = await open()
    let [running, most, ended] = [0, 0, 0]
    queue.work('greet', async () => {
      most = Math.max(most, (running += 1))
      await sleep(200)
      running -= 1
      ended += 1
    })
    await Promise.all(Array.from({ length: 20 }, () => enqueue({})))
    await queue.start()
    await eventually(async () => ended === 20)
    expect(most).toBe(8)
  })
})

describe('a job that fails', () => {
  it('comes again after a pause', async () => {
    const { queue, enqueue } = await open({ pauseMs: failures => 700 * failures })
    const ranAt: number[] = []
    queue.work('greet', async () => {
      ranAt.push(Date.now())
      if (ranAt.length < 3) throw new Error('Not yet.')
    })
    await queue.start()
    await enqueue({})
    await eventually(() => nothingLeft(queue))
    const [first = 0, second = 0, third = 0] = ranAt
    expect(ranAt).toHaveLength(3)
    expect(second - first).toBeGreaterThanOrEqual(700)
    expect(third - second).toBeGreaterThanOrEqual(1400)
  })

  it('ten times is dead: given up by whoever does it, kept, shown, and due again when the command says so', async () => {
    const tool = (...args: string[]) => useTool(args, { directory: place.directory, environment: { DATABASE_URL: place.url } })
    const { queue, enqueue } = await open({ pauseMs: () => 0 })
    let [runs, mended] = [0, false]
    const abandoned: unknown[] = []
    queue.work(
      'greet',
      async () => {
        runs += 1
        if (!mended) throw new Error(`Failure ${runs}\nof many.`)
      },
      async payload => void abandoned.push(payload),
    )
    await queue.start()
    await enqueue(naming('alice', { priority: JobPriority.PERSON }))
    await eventually(async () => (await queue.counts()).dead === 1)
    expect({ runs, abandoned }).toEqual({ runs: 10, abandoned: [{ who: 'alice' }] })
    expect(await queue.deadJobs(10)).toEqual([
      {
        name: 'greet',
        payload: { who: 'alice' },
        failures: 10,
        lastFailure: 'Error: Failure 10\nof many.',
        diedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/),
      },
    ])
    expect(await tool('jobs')).toMatch(
      /^waiting {2}0\nrunning {2}0\ndead {5}1\n\ndied at .*\n20[\d-]+T[\d:.]+Z {2}greet {2}alice {2}10 .* {2}Error: Failure 10 of many\.$/,
    )
    await sleep(UNTAKEN_MS)
    expect(runs).toBe(10)

    mended = true
    expect(await tool('jobs', '--retry')).toMatch(/^1 dead jobs are due again\.\n/)
    await eventually(() => nothingLeft(queue))
    expect({ runs, abandoned }).toEqual({ runs: 11, abandoned: [{ who: 'alice' }] })
    expect(await tool('jobs')).toBe('waiting  0\nrunning  0\ndead     0')
  })

  it('because its name has no worker is kept, too', async () => {
    const { queue, enqueue } = await open({ pauseMs: () => 0 })
    await queue.start()
    await enqueue({ name: 'unheard-of' })
    const [dead] = await eventually(async () => ((await queue.counts()).dead === 1 ? queue.deadJobs(10) : null))
    expect(dead?.lastFailure).toBe('Error: There is no worker for jobs of the name unheard-of.')
  })

  it('for good is in the log as an error that says what to do, and what was its cause', async () => {
    const log = keepLog()
    const { queue, enqueue } = await open({ pauseMs: () => 0, logger: log.logger })
    queue.work('greet', async () => {
      throw new Error('Nobody is at home.')
    })
    await queue.start()
    await enqueue(naming('alice'))
    await eventually(async () => log.has('A job is dead'))
    const told = log.lines.filter(({ msg }) => msg.includes('flowthrough jobs --retry'))
    expect(told).toMatchObject([
      { level: 50, job: 'greet', payload: { who: 'alice' }, failures: 10, err: { message: 'Nobody is at home.' } },
    ])
  })
})

describe('the end of a job', () => {
  it.each([
    ['done is forgotten, not done again', 1],
    ['that failed comes again after its pause', 2],
  ])('is written down when the database is back: one %s', async (_, runsExpected) => {
    const log = keepLog()
    const { database, queue, enqueue } = await open({ pauseMs: () => 0, logger: log.logger })
    let runs = 0
    let letEnd = async (): Promise<void> => undefined
    queue.work('greet', async () => {
      runs += 1
      if (runs > 1) return
      letEnd = await refuseEnds(database)
      if (runsExpected > 1) throw new Error('Not yet.')
    })
    await queue.start()
    await enqueue({})
    await eventually(async () => log.has('could not be recorded'))
    await letEnd()
    await eventually(() => nothingLeft(queue))
    expect(runs).toBe(runsExpected)
  })
})

describe('a queue that stops', () => {
  it('takes nothing new, and waits for what runs', async () => {
    const { queue, enqueue } = await open({ concurrency: 1 })
    const order: string[] = []
    let finish = (): void => undefined
    queue.work('greet', async ({ who }) => {
      order.push(`${who} begins`)
      await new Promise<void>(resolve => (finish = resolve))
      order.push(`${who} ends`)
    })
    await enqueue(naming('alice'))
    await enqueue(naming('bob'))
    await queue.start()
    await eventually(async () => order.length === 1)
    const stopped = queue.stop().then(() => order.push('stopped'))
    await sleep(UNTAKEN_MS)
    expect(order).toEqual(['alice begins'])
    finish()
    await stopped
    expect(order).toEqual(['alice begins', 'alice ends', 'stopped'])
    expect(await queue.counts()).toEqual({ waiting: 1, running: 0, dead: 0 })
  })
})

describe('processes on one database', () => {
  it('that start together on an empty one have a queue each', async () => {
    const opened = await Promise.all([1, 2, 3].map(() => openAnother()))
    const [first] = opened
    await Promise.all(opened.map(({ database, store }) => database.transaction(tx => store.add(tx, { name: 'greet', payload: {} }))))
    expect(await first?.store.counts()).toEqual({ waiting: 3, running: 0, dead: 0 })
  })

  it('take no job that another has, and each that another left without an end', async () => {
    const patient = await openAnother()
    const killed = await openAnother({ leaseMs: 1000 })
    const claimed = async ({ store }: { store: JobStore }) => (await store.claim(1)).map(({ payload }) => payload['who'])
    const add = ({ database, store }: typeof patient, who: string) =>
      database.transaction(tx => store.add(tx, { name: 'greet', payload: { who } }))

    await add(patient, 'alice')
    expect(await claimed(patient)).toEqual(['alice'])
    await add(killed, 'bob')
    expect(await claimed(killed)).toEqual(['bob'])

    const [taken] = await eventually(async () => {
      await patient.store.reclaim(false)
      const jobs = await patient.store.claim(8)
      return jobs.length > 0 && jobs
    })
    expect(taken).toMatchObject({ payload: { who: 'bob' }, failures: 0 })
  })

  it('leave alone the job that another took over when their own lease had ended', async () => {
    const patient = await openAnother()
    const stalled = await openAnother({ leaseMs: 1000 })
    const failure = { failures: 10, lastFailure: 'Error: Ouch.' }
    const endings: ((store: JobStore, job: ClaimedJob) => Promise<boolean>)[] = [
      (store, job) => store.putBack(job, failure, new Date()),
      (store, job) => store.bury(job, failure),
      (store, job) => store.remove(job),
    ]
    await stalled.database.transaction(tx => stalled.store.add(tx, { name: 'greet', payload: {} }))
    const lost = await claimOne(stalled.store)
    const taken = await takeOver(patient.store)
    for (const end of endings) expect(await end(stalled.store, lost)).toBe(false)
    expect(await patient.store.counts()).toEqual({ waiting: 0, running: 1, dead: 0 })

    // Nor what comes of it afterwards.
    expect(await patient.store.putBack(taken, failure, new Date())).toBe(true)
    for (const end of endings) {
      for (const job of [lost, taken]) expect(await end(stalled.store, job)).toBe(false)
      const next = await claimOne(patient.store)
      for (const job of [lost, taken]) expect(await end(stalled.store, job)).toBe(false)
      expect(await patient.store.counts()).toEqual({ waiting: 0, running: 1, dead: 0 })
      expect(await patient.store.bury(next, failure)).toBe(true)
      expect(await patient.store.retryDeadJobs()).toBe(1)
    }
    expect(await patient.store.counts()).toEqual({ waiting: 1, running: 0, dead: 0 })
  })

  it('tell the log, when they wake up, that another has the job by now', async () => {
    const patient = await openAnother()
    const stalled = await openAnother({ leaseMs: 1000 })
    const log = keepLog()
    // With no second place it does not take its own job over.
    const queue = queueOn(stalled.store, { concurrency: 1, logger: log.logger })
    let finish = (): void => undefined
    queue.work('greet', () => new Promise<void>(resolve => (finish = resolve)))
    await stalled.database.transaction(tx => queue.enqueue(tx, { name: 'greet', payload: {} }))
    await queue.start()
    await eventually(async () => (await queue.counts()).running === 1)
    await takeOver(patient.store)
    finish()
    await eventually(async () => log.has('another process has taken it over'))
    expect(await patient.store.counts()).toEqual({ waiting: 0, running: 1, dead: 0 })
    expect(log.lines.map(({ level }) => level)).toEqual([20])
  })

  it('go on with the work of one that was killed', async () => {
    const killed = await openAnother({ leaseMs: 1000 })
    await killed.database.transaction(tx => killed.store.add(tx, { name: 'greet', payload: { who: 'alice' } }))
    expect(await killed.store.claim(8)).toHaveLength(1)

    const { queue } = await open()
    const greeted: unknown[] = []
    queue.work('greet', async ({ who }) => void greeted.push(who))
    await queue.start()
    await eventually(() => nothingLeft(queue))
    expect(greeted).toEqual(['alice'])
  })
})

describe('a partner whose Webex hangs', () => {
  let app: TestApp
  let webexes: FakeWebex[]

  beforeEach(async () => {
    app = await startTestApp()
    webexes = [await startFakeWebex(), await startFakeWebex()]
  })
  // The hanging calls end with their Webex, not with their time.
  afterEach(async () => {
    await Promise.all([app.stop(), ...webexes.map(webex => webex.stop())])
  })

  it('does not keep the users of another partner waiting', async () => {
    const [hanging, working] = await Promise.all(
      webexes.map(async ({ url }) => {
        const partner = await app.addPartner()
        await connectPartner(app.platform, partner.partnerId, { baseUrl: url, accessToken: 'token' })
        const template = await makeTemplate(partner.admin, { provisioningId: 'dGVzdHM6dGVtcGxhdGU' })
        const hand = () => {
          const number = nextNumber()
          // Each of an enterprise of its own, where nobody else has to be first.
          return makeUser(partner.operator, template, { spEnterpriseId: `SP1+${number}`, email: `anna-${number}@example.com` })
        }
        return { hand, operator: partner.operator }
      }),
    )
    if (!hanging || !working) throw new Error('There are two partners.')
    const { concurrency } = app.platform.config.webexLimits
    let calls = 0
    for (const method of ['GET', 'POST']) for (let left = 50; left > 0; left -= 1) webexes[0]?.next(method, '', () => void (calls += 1))
    for (let left = 2 * concurrency; left > 0; left -= 1) await hanging.hand()
    await eventually(async () => calls >= concurrency)

    const { id } = await working.hand()
    await untilStatus(working.operator, id, 'PROVISIONED')
  })
})

if (process.env['TEST_DATABASE'] === 'postgres') {
  describe('servers on PostgreSQL', () => {
    it('share the work, and do nothing twice', async () => {
      const done: string[] = []
      const busy = new Set<string>()
      const [one, other] = [await open(), await open()]
      for (const [name, { queue }] of Object.entries({ one, other })) {
        queue.work('greet', async ({ who }) => {
          busy.add(name)
          await eventually(async () => busy.size === 2)
          done.push(String(who))
        })
      }
      const names = Array.from({ length: 60 }, (_, number) => `user ${number}`)
      await Promise.all(names.map(who => one.enqueue(naming(who))))
      await Promise.all([one.queue.start(), other.queue.start()])
      await eventually(() => nothingLeft(one.queue))
      expect(done.sort()).toEqual(names.sort())
    })

    it('go on when the database has cut all connections', async () => {
      const { queue, enqueue } = await open()
      const greeted: string[] = []
      let begun = false
      let finish = (): void => undefined
      queue.work('greet', async ({ who }) => {
        begun = true
        if (who === 'alice') await new Promise<void>(resolve => (finish = resolve))
        greeted.push(String(who))
      })
      await queue.start()
      await enqueue(naming('alice'))
      await eventually(async () => begun)
      const client = new Client({ connectionString: place.url })
      await client.connect()
      const others = 'FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()'
      await client.query(`SELECT pg_terminate_backend(pid) ${others}`)
      await client.end()
      finish()
      await eventually(() =>
        enqueue(naming('bob')).then(
          () => true,
          () => false,
        ),
      )
      await eventually(() => nothingLeft(queue))
      expect(greeted).toEqual(['alice', 'bob'])
    })

    it('take over the jobs of the table that was the queue before', async () => {
      const { database } = await openAnother()
      const job = {
        name: 'greet',
        payload: '{"who":"alice"}',
        priority: JobPriority.PERSON,
        failures: 3,
        created_at: '2026-11-22T10:00:00.000Z',
      }
      const insert = (id: string, runAt: string, deadAt: string | null) =>
        database.transaction(({ manager }) =>
          manager.query(
            `INSERT INTO job (id, run_at, dead_at, last_failure, name, payload, priority, failures, created_at) VALUES ($1, $2, $3, 'Error: Ouch.', $4, $5, $6, $7, $8)`,
            [id, runAt, deadAt, ...Object.values(job)],
          ),
        )
      await insert('job_1', '2026-11-22T10:00:00.000Z', null)
      await insert('job_2', minutesFromNow(10).toISOString(), null)
      await insert('job_3', '2026-11-22T10:00:00.000Z', '2026-11-22T10:05:00.000Z')

      const { store } = await openAnother()
      expect(await database.backgroundRead('SELECT * FROM job', [])).toEqual([])
      expect(await store.counts()).toEqual({ waiting: 2, running: 0, dead: 1 })
      expect(await store.claim(8)).toMatchObject([{ name: 'greet', payload: { who: 'alice' }, priority: JobPriority.PERSON, failures: 3 }])
      expect(await store.deadJobs(10)).toMatchObject([
        { name: 'greet', payload: { who: 'alice' }, failures: 3, lastFailure: 'Error: Ouch.' },
      ])
    })
  })
}
