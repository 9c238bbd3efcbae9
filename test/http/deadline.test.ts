import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { RequestTookTooLong, runWithDeadline } from '../../src/shared/deadline'
import type { Answer } from '../support/world/actor'
import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import { makeTemplate, makeUser, userItem } from '../support/world/builders'
import { type FakeWebex, startFakeWebex } from '../support/fakes/webex'
import { holdTables } from '../support/database/held-tables'
import { FindUserDocument, PrecheckUsersDocument, ProvisionUserDocument } from '../support/operations/operations.generated'
import { visitPortal } from '../support/world/portal'
import { askOverSocket } from '../support/world/socket'
import { eventually } from '../support/world/waiting'

/** Enough for what tests do in passing on a busy machine. */
const TIMEOUT_MS = 1500
const USERS = 'query { provisionedUsers(first: 5) { nodes { id } } }'
const ENDED = 'This took longer than 1.5 seconds and was ended. Nothing was changed. Ask for less at a time.'

let app: TestApp
let alice: TestPartner
let fake: FakeWebex
let template: string

beforeAll(async () => {
  fake = await startFakeWebex()
  app = await startTestApp({
    environment: { REQUEST_TIMEOUT_MS: String(TIMEOUT_MS), WEBEX_BASE_URL: fake.url, WEBEX_ACCESS_TOKEN: 'of-the-tests' },
  })
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin, { provisioningId: 'dGVzdHM6dGVtcGxhdGU' })
})
afterAll(async () => {
  await app.stop()
  await fake.stop()
})

const isPostgres = process.env['TEST_DATABASE'] === 'postgres'

async function whileHeld<Result>(work: () => Promise<Result>): Promise<Result> {
  const letGo = await holdTables(app.platform)
  try {
    return await work()
  } finally {
    await letGo()
  }
}

function told({ errors }: Answer<unknown>): { code: string | undefined; message: string | undefined }[] {
  return errors.map(({ message, extensions: { code } }) => ({ code, message }))
}

describe('A request that takes too long', () => {
  it('is answered when its time is over, has changed nothing, and can be made again', async () => {
    const user = userItem(template)
    const startedAt = performance.now()
    const answer = await whileHeld(() => alice.operator.ask(ProvisionUserDocument, { input: { user } }))
    const tookMs = performance.now() - startedAt
    expect(tookMs).toBeGreaterThan(TIMEOUT_MS - 50)
    // Far more than it takes, for a busy machine, and less than it is held.
    expect(tookMs).toBeLessThan(10 * TIMEOUT_MS)
    expect(told(answer)).toEqual([{ code: 'QUERY_TOO_COMPLEX', message: ENDED }])
    expect(answer.errors[0]?.path).toEqual(['provisionUser'])
    const { provisionUser } = await alice.operator.get(ProvisionUserDocument, { input: { user } })
    expect(provisionUser).toMatchObject({ userErrors: [], provisionedUser: { broadworksId: user.broadworksId } })
  })

  it('says so where something of it is done already', async () => {
    const rename = (alias: string) =>
      `${alias}: updateOnboardingTemplate(input: { id: "${template}", name: "Renamed ${alias}" }) { onboardingTemplate { name } }`
    fake.next('POST', '/validate', () => undefined)
    const item =
      '{ email: "held@provider.example", broadworksId: "held@provider.example", spEnterpriseId: "SP+held", firstName: "A", lastName: "B", primaryPhoneNumber: "+39-02-5550123", onboardingTemplateId: "' +
      template +
      '" }'
    const { data, ...answer } = await alice.admin.ask<Record<string, unknown>, never>(
      `mutation { ${rename('first')} last: precheckUsers(input: { users: [${item}] }) { results { ok } } }`,
    )
    expect(data).toMatchObject({ first: { onboardingTemplate: { name: 'Renamed first' } }, last: null })
    expect(told({ data, ...answer })).toEqual([
      {
        code: 'QUERY_TOO_COMPLEX',
        message: ENDED.replace('Nothing was changed.', 'What it had done by then stays; look at it before you ask again.'),
      },
    ])
  })

  it('is answered also where it waits for Webex', async () => {
    fake.next('POST', '/validate', () => undefined)
    const answer = await alice.operator.ask(PrecheckUsersDocument, {
      input: { users: [{ ...userItem(template), email: 'anna@provider.example' }] },
    })
    expect(told(answer)).toEqual([{ code: 'QUERY_TOO_COMPLEX', message: ENDED }])
  })

  it('leaves what it set off alone: the job of a user has its own time', async () => {
    const { database } = app.platform
    let later: Promise<unknown> = Promise.resolve()
    await runWithDeadline(1000, async () => {
      later = sleep(1100).then(() => database.reader.query('SELECT 1 AS one'))
      await database.reader.query('SELECT 1 AS one')
    })
    expect(await later).toMatchObject([{ one: 1 }])
  })
})

describe('A statement', () => {
  const slow = isPostgres
    ? 'SELECT pg_sleep(30)'
    : 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n WHERE in_time() = 1'

  it('in the background ends at the deadline of its request, also when its own time limit is later', async () => {
    const read = runWithDeadline(300, () => app.platform.database.backgroundRead(slow, [], { timeLimitMs: 20_000 }))
    await expect(read).rejects.toThrow(RequestTookTooLong)
    // The thread, or the connection, is free again.
    expect(await app.platform.database.backgroundRead('SELECT 2 AS two', [])).toMatchObject([{ two: 2 }])
  })

  it('in the background takes a slot of its partner, so a partner with many reads does not delay others', async () => {
    const { database } = app.platform
    const begun = () => app.statements.filter(sql => sql === slow).length
    app.statements.length = 0
    let isOver = false
    const read = (partnerId: string, sql: string) => database.backgroundRead(sql, [], { partnerId })
    const ofMallory = runWithDeadline(5000, () => Promise.allSettled(Array.from({ length: 20 }, () => read('mallory', slow))))
    void ofMallory.then(() => (isOver = true))
    await eventually(async () => begun() > 0)
    expect(await read('alice', 'SELECT 3 AS three')).toMatchObject([{ three: 3 }])
    expect(isOver).toBe(false)
    expect((await ofMallory).map(result => (result as PromiseRejectedResult).reason as unknown)).toEqual(
      Array(20).fill(expect.any(RequestTookTooLong)),
    )
    expect(await read('mallory', 'SELECT 4 AS four')).toMatchObject([{ four: 4 }])
    expect(begun()).toBeLessThanOrEqual(3)
  })

  it('is not begun when the time is over, and its transaction is rolled back and not tried again', async () => {
    const { database } = app.platform
    let tries = 0
    const change = runWithDeadline(1000, () =>
      database.transaction(async ({ manager }) => {
        tries += 1
        await manager.query(`UPDATE partner SET name = 'Too late'`)
        await sleep(1100)
        await manager.query('SELECT 1')
      }),
    )
    await expect(change).rejects.toThrow(RequestTookTooLong)
    await expect(change).rejects.toThrow('Nothing was changed.')
    expect(tries).toBe(1)
    expect(await database.reader.query(`SELECT name FROM partner WHERE name = 'Too late'`)).toEqual([])
  })

  it('is not committed when the time is over', async () => {
    const { database } = app.platform
    const change = runWithDeadline(1000, () =>
      database.transaction(async ({ manager }) => {
        await manager.query(`UPDATE partner SET name = 'Too late'`)
        await sleep(1100)
      }),
    )
    await expect(change).rejects.toThrow(RequestTookTooLong)
    expect(await database.reader.query(`SELECT name FROM partner WHERE name = 'Too late'`)).toEqual([])
  })
})

if (isPostgres) {
  describe('On PostgreSQL', () => {
    let server: Client

    beforeAll(async () => {
      server = new Client({ connectionString: (app.platform.config.database as { url: string }).url })
      await server.connect()
    })
    afterAll(() => server.end())

    /** How many statements of ours wait for the tables. */
    async function waiting(): Promise<number> {
      const { rows } = await server.query(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'relation'`)
      return rows.length
    }

    it('what runs when the time is over is ended at the server, and the connections serve others', async () => {
      const { id } = await makeUser(alice.operator, template)
      const letGo = await holdTables(app.platform)
      try {
        // More than there are connections.
        const reads = Array.from({ length: 25 }, () => alice.viewer.ask(USERS))
        const changes = Array.from({ length: 15 }, () => alice.operator.ask(ProvisionUserDocument, { input: { user: userItem(template) } }))
        await eventually(async () => (await waiting()) > 0)
        const answers = await Promise.all([...reads, ...changes])
        expect(new Set(answers.flatMap(told).map(({ message }) => message))).toEqual(new Set([ENDED]))
        expect(answers.every(({ errors }) => errors.length > 0)).toBe(true)
        await eventually(async () => (await waiting()) === 0)
      } finally {
        await letGo()
      }
      for (let round = 0; round < 3; round += 1) {
        const answers = await Promise.all(Array.from({ length: 10 }, () => alice.viewer.ask(FindUserDocument, { id })))
        expect(answers.flatMap(({ errors }) => errors)).toEqual([])
      }
      await makeUser(alice.operator, template)
    })

    it('is the same over a socket, and for the portal', async () => {
      const answers = await whileHeld(() =>
        Promise.all([
          askOverSocket(alice.viewer, USERS, {}),
          visitPortal(app.url).ask('query { activationLink(link: "nowhere") { ready } }'),
        ]),
      )
      expect(answers.map(told)).toEqual([[{ code: 'QUERY_TOO_COMPLEX', message: ENDED }], [{ code: 'QUERY_TOO_COMPLEX', message: ENDED }]])
    })

    it('who finds no connection within ten seconds, and has more time, is told that the server is busy', async () => {
      const patient = await startTestApp({ environment: { REQUEST_TIMEOUT_MS: '60000' } })
      try {
        const { viewer } = await patient.addPartner()
        const { reader } = patient.platform.database
        const held = Array.from({ length: 10 }, () => reader.query('SELECT pg_sleep(15)'))
        const { status, headers, errors } = await viewer.ask(USERS)
        expect([status, headers.get('retry-after')]).toEqual([503, '5'])
        expect(errors).toMatchObject([
          { message: expect.stringContaining('The database is busy') as string, extensions: { code: 'UNAVAILABLE' } },
        ])
        await Promise.all(held)
        expect(await viewer.ask(USERS)).toMatchObject({ status: 200, errors: [] })
      } finally {
        await patient.stop()
      }
    })

    it('a commit that is under way is left to its end', async () => {
      const { database } = app.platform
      await database.transaction(async ({ manager }) => {
        await manager.query(
          `CREATE FUNCTION commit_slowly() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(3); RETURN NULL; END'`,
        )
        await manager.query(
          'CREATE CONSTRAINT TRIGGER slow_commit AFTER UPDATE ON partner DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION commit_slowly()',
        )
      })
      await runWithDeadline(2000, () =>
        database.transaction(({ manager }) => manager.query(`UPDATE partner SET name = 'In time' WHERE id = $1`, [alice.partnerId])),
      )
      expect(await database.reader.query(`SELECT name FROM partner WHERE name = 'In time'`)).toHaveLength(1)
      await database.transaction(({ manager }) => manager.query('DROP FUNCTION commit_slowly CASCADE'))
    })
  })
}
