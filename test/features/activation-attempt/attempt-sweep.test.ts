import { sweepAttempts } from '../../../src/features/activation-attempt/sweep/attempt-sweep'
import { PERIODIC_TASKS } from '../../../src/periodic-tasks'
import { rowsOf } from '../../support/database/table-dump'
import { loggedLines } from '../../support/jest/test-log'
import {
  ChangePackageTypeDocument,
  DeleteUserDocument,
  FindUserDocument,
  RetryActivationDocument,
  UserHistoryDocument,
} from '../../support/operations/operations.generated'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus } from '../../support/world/builders'
import { createTestClock, passTime } from '../../support/world/clock'
import { eventually } from '../../support/world/waiting'

/** More than the sweep leaves alone. */
const LATER_MS = 6 * 60_000

const clock = createTestClock()
let app: TestApp
let alice: TestPartner
let template: string

beforeAll(async () => {
  app = await startTestApp({ clock })
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin)
})
afterAll(() => app.stop())

/** While the queue stands still nothing happens to a user but what a test does. */
beforeEach(() => app.platform.queue.stop())

const sweep = () => sweepAttempts(app.platform)
const later = () => passTime(app, clock, LATER_MS)
const goOn = () => app.platform.queue.start()

async function query(sqlite: string, postgres = sqlite): Promise<void> {
  const { database } = app.platform
  await database.transaction(({ manager }) => manager.query(database.kind === 'sqlite' ? sqlite : postgres))
}

const loseJobs = () => query('DELETE FROM job', 'DELETE FROM flowthrough_queue.job')
const loseAttempts = (userId: string) => query(`DELETE FROM activation_attempt WHERE provisioned_user_id = '${userId}'`)

async function newUser(): Promise<string> {
  const { id } = await makeUser(alice.operator, template, { email: `anna-${nextNumber()}@example.com` })
  return id
}

async function liveUser(): Promise<string> {
  await goOn()
  const id = await newUser()
  await untilStatus(alice.operator, id, 'PROVISIONED')
  await app.platform.queue.stop()
  return id
}

async function attemptsOf(id: string) {
  const { provisionedUser } = await alice.operator.get(UserHistoryDocument, { id })
  return provisionedUser?.attempts.nodes ?? []
}

async function userOf(id: string) {
  return (await alice.operator.get(FindUserDocument, { id })).provisionedUser
}

async function changePackage(userId: string): Promise<void> {
  const { changePackageType } = await alice.operator.get(ChangePackageTypeDocument, { input: { userId, packageType: 'PREMIUM' } })
  expect(changePackageType?.userErrors).toEqual([])
}

const jobs = () => rowsOf(app.platform.database.reader, 'job')

describe('The sweep of attempts', () => {
  it('gives a running attempt a job when it has none, and a line of the log', async () => {
    const id = await newUser()
    await loseJobs()
    await goOn()
    await sweep()
    expect(await jobs()).toEqual([])

    await later()
    await Promise.all([sweep(), sweep()])
    await untilStatus(alice.operator, id, 'PROVISIONED')
    const [attempt, ...others] = await attemptsOf(id)
    expect(others).toEqual([])
    expect(attempt?.steps.map(({ name }) => name)).toEqual(['create', 'follow'])
    expect(loggedLines()).toContainEqual(
      expect.objectContaining({ msg: 'Running attempts had no job; they go on.', count: 1, ids: [attempt?.id] }),
    )
  })

  it('is a periodic task of every server', () => {
    expect(PERIODIC_TASKS).toContainEqual(expect.objectContaining({ name: 'attempt-sweep', run: sweepAttempts }))
  })

  it('gives it one when its only job is dead', async () => {
    const id = await newUser()
    await query(
      `UPDATE job SET dead_at = created_at, last_failure = 'test'`,
      `UPDATE flowthrough_queue.job SET name = 'dead-jobs' WHERE name = 'jobs'`,
    )
    await later()
    await goOn()
    await sweep()
    await untilStatus(alice.operator, id, 'PROVISIONED')
    await loseJobs()
  })

  it('leaves an attempt alone that has a job, or waits for the end of a pause', async () => {
    const waiting = await newUser()
    const parked = await newUser()
    const [attempt] = await attemptsOf(parked)
    await query(
      `DELETE FROM job WHERE json_extract(payload, '$.attemptId') = '${attempt?.id}'`,
      `DELETE FROM flowthrough_queue.job WHERE data->'payload'->>'attemptId' = '${attempt?.id}'`,
    )
    await query(`UPDATE provisioned_user SET parked_attempt_id = '${attempt?.id}' WHERE id = '${parked}'`)
    await later()
    const before = await jobs()
    expect(before).toHaveLength(1)
    await sweep()
    expect(await jobs()).toEqual(before)
    await query(`UPDATE provisioned_user SET parked_attempt_id = NULL WHERE id = '${parked}'`)
    await sweep()
    await goOn()
    await untilStatus(alice.operator, waiting, 'PROVISIONED')
    await untilStatus(alice.operator, parked, 'PROVISIONED')
  })

  it('ends an attempt that runs for a deleted user', async () => {
    const id = await newUser()
    await alice.operator.get(DeleteUserDocument, { input: { userId: id } })
    await query(`UPDATE activation_attempt SET outcome = 'RUNNING', ended_at = NULL WHERE provisioned_user_id = '${id}'`)
    await loseJobs()
    await later()
    await sweep()
    const attempts = await rowsOf(app.platform.database.reader, 'activation_attempt')
    expect(attempts.filter(({ provisioned_user_id }) => provisioned_user_id === id)).toMatchObject([{ outcome: 'CANCELLED' }])
    expect(await jobs()).toEqual([])
  })

  it('is not needed for a deletion that waits for a creation without a job', async () => {
    const id = await newUser()
    await query(`UPDATE activation_attempt SET phase = 'CREATE_SENT' WHERE provisioned_user_id = '${id}'`)
    await query(`UPDATE provisioned_user SET creation_unconfirmed = true WHERE id = '${id}'`)
    await loseJobs()
    await alice.operator.get(DeleteUserDocument, { input: { userId: id } })
    await later()
    await goOn()
    await eventually(async () => {
      const users = await rowsOf(app.platform.database.reader, 'provisioned_user')
      return users.some(user => user['id'] === id && user['deletion_ended_at'] !== null)
    })
  })

  it('asks Webex about a user who is PROVISIONING there without an attempt here', async () => {
    const id = await liveUser()
    await loseAttempts(id)
    await query(`UPDATE provisioned_user SET status = 'PROVISIONING' WHERE id = '${id}'`)
    await goOn()
    await later()
    await Promise.all([sweep(), sweep()])
    await untilStatus(alice.operator, id, 'PROVISIONED')
    expect(await attemptsOf(id)).toMatchObject([{ trigger: 'AUTOMATIC', outcome: 'PROVISIONED', steps: [{ name: 'follow' }] }])
  })

  it('sends the update of a user who is UPDATING without an attempt', async () => {
    const id = await liveUser()
    await changePackage(id)
    await loseJobs()
    await loseAttempts(id)
    await goOn()
    await later()
    await sweep()
    expect(await untilStatus(alice.operator, id, 'PROVISIONED')).toMatchObject({ packageType: 'PREMIUM' })
    const [attempt] = await attemptsOf(id)
    expect(attempt?.steps.map(({ name }) => name)).toEqual(['look-up', 'update', 'follow'])
  })

  it('ends a creation without an attempt in an error that a retry mends', async () => {
    const id = await newUser()
    await loseJobs()
    await loseAttempts(id)
    await sweep()
    expect(await userOf(id)).toMatchObject({ status: 'PROVISIONING' })
    await later()
    await sweep()
    expect(await userOf(id)).toMatchObject({
      status: 'ERROR',
      errorText: expect.stringContaining('The server has no record of an attempt for this user. Retry the activation.') as string,
    })
    await goOn()
    const { retryActivation } = await alice.operator.get(RetryActivationDocument, { input: { userId: id } })
    expect(retryActivation?.userErrors).toEqual([])
    await untilStatus(alice.operator, id, 'PROVISIONED')
  })

  it('reads by indexes that have only what is under way', async () => {
    const id = await newUser()
    await later()
    app.statements.length = 0
    await sweep()
    const plans = await Promise.all(app.statements.filter(sql => / IN \(| ANY\(| < /.test(sql) && sql.startsWith('SELECT')).map(planOf))
    const isSqlite = app.platform.database.kind === 'sqlite'
    for (const index of ['activation_attempt_running', 'provisioned_user_busy', isSqlite ? 'job_attempt' : 'Index Cond: .*attemptId']) {
      expect(plans).toContainEqual(expect.stringMatching(index))
    }
    await goOn()
    await untilStatus(alice.operator, id, 'PROVISIONED')
  })
})

/** How the database would run a statement with any parameters, even if its tables were large. */
async function planOf(sql: string): Promise<string> {
  const { kind, transaction } = app.platform.database
  return transaction(async ({ manager }) => {
    if (kind === 'postgres') await manager.query('SET LOCAL enable_seqscan = off')
    const parameters = kind === 'sqlite' ? Array.from(sql.matchAll(/\?/g), () => '') : []
    const explain = kind === 'sqlite' ? 'EXPLAIN QUERY PLAN' : 'EXPLAIN (GENERIC_PLAN)'
    return JSON.stringify(await manager.query(`${explain} ${sql}`, parameters))
  })
}
