import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import type { Actor } from '../support/world/actor'
import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus } from '../support/world/builders'
import { CausesDocument, DeleteUserDocument, UserHistoryDocument } from '../support/operations/operations.generated'
import { type Ended, startCommand } from '../support/processes/processes'
import { eventually } from '../support/world/waiting'

/** The script as one runs it, before a real server. */
const EXAMPLE = path.resolve(__dirname, '../../examples/retry-by-cause')

let app: TestApp
let alice: TestPartner
let template: string

beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.stop())
beforeEach(async () => {
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin)
})

function run(args: string, { token = alice.operator.token, url = app.url } = {}): Promise<Ended> {
  const environment = { FLOWTHROUGH_URL: url, FLOWTHROUGH_TOKEN: token }
  return startCommand(`node retry-by-cause.mjs ${args}`, { directory: EXAMPLE, environment }).ended
}

/** Users who failed for an error of Webex's that goes away by itself; so that a retry can succeed. */
async function failed(count: number): Promise<string[]> {
  const users = await Promise.all(
    Array.from({ length: count }, () => makeUser(alice.operator, template, { email: `error-200041-${nextNumber()}@example.com` })),
  )
  for (const { id } of users) await untilStatus(alice.viewer, id, 'ERROR')
  return users.map(({ id }) => id)
}

/** The key of the cause that this many users have, as soon as the server has counted them. */
function causeOf(actor: Actor, users: number): Promise<string> {
  return eventually(async () => (await actor.get(CausesDocument, { first: 10 })).causes.find(({ count }) => count === users)?.key)
}

async function attemptsOf(id: string): Promise<number> {
  const { provisionedUser } = await alice.viewer.get(UserHistoryDocument, { id })
  return provisionedUser?.attempts.nodes.length ?? 0
}

describe('the example that retries all users of a cause', () => {
  it('tells the causes, rehearses, retries as many as it rehearsed, and does nothing twice when told to repeat', async () => {
    const users = await failed(3)
    const cause = await causeOf(alice.viewer, 3)

    const causes = await run('')
    expect(causes).toMatchObject({ exitCode: 0, stderr: '' })
    expect(causes.stdout).toMatch(new RegExp(`3 +│ 200041 +│ '[A-Z_]+' +│ .+│ '${cause}'`))

    const rehearsal = await run(`--cause ${cause}`)
    expect(rehearsal).toMatchObject({ exitCode: 0, stderr: '' })
    expect(rehearsal.stdout).toContain('3 users have this cause.')
    expect(rehearsal.stdout).toMatch(/'CHANGED' +│ null +│ 3 /)
    expect(await Promise.all(users.map(attemptsOf))).toEqual([1, 1, 1])
    const command = /node retry-by-cause\.mjs (--cause \S+ --yes --expect 3)$/m.exec(rehearsal.stdout)?.[1] ?? ''

    const retry = await run(command)
    expect(retry).toMatchObject({ exitCode: 0, stderr: '' })
    expect(retry.stdout).toMatch(/^blk_\w+ is DONE: the retry of 3 of 3 users was started, that of 0 was refused\.$/m)
    const repeat = /node retry-by-cause\.mjs (--cause \S+ --yes --expect 3 --key \S+)$/m.exec(retry.stdout)?.[1] ?? ''
    const operation = /^blk_\w+/m.exec(retry.stdout)?.[0]

    const repeated = await run(repeat)
    expect(repeated).toMatchObject({ exitCode: 0, stderr: '' })
    expect(/^blk_\w+/m.exec(repeated.stdout)?.[0]).toBe(operation)
    for (const id of users) await untilStatus(alice.viewer, id, 'ERROR')
    expect(await Promise.all(users.map(attemptsOf))).toEqual([2, 2, 2])
  })

  it('rehearses by itself where no number is given, and names those who were refused by code', async () => {
    await Promise.all(Array.from({ length: 12 }, () => makeUser(alice.operator, template)))
    const cause = await causeOf(alice.viewer, 12)
    const { exitCode, stdout } = await run(`--cause ${cause} --yes`)
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/'REFUSED' +│ 'EMAIL_REQUIRED' +│ 12 /)
    expect(stdout).toContain('the retry of 0 of 12 users was started, that of 12 was refused.')
    expect(stdout).toMatch(/^EMAIL_REQUIRED, 12 users:\n {2}user\.\d+@provider\.example: No confirmed or vouched address/m)
    expect(stdout).toContain('  … and 2 more')
  })

  it('starts nothing when there are not as many as expected', async () => {
    const [first] = await failed(1)
    const cause = await causeOf(alice.viewer, 1)
    await failed(1)
    await causeOf(alice.viewer, 2)
    const { exitCode, stderr } = await run(`--cause ${cause} --yes --expect 1`)
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining('EXPECTED_COUNT_MISMATCH: 2 users are selected, not 1; nothing was started.'),
    ])
    expect(await attemptsOf(first ?? '')).toBe(1)
  })

  it('says that nobody is stuck', async () => {
    expect(await run('')).toMatchObject({ exitCode: 0, stdout: 'Nobody is stuck.\n' })
  })

  it('starts nothing for a cause that nobody has any more, and has nothing to complain of', async () => {
    const [user] = await failed(1)
    const cause = await causeOf(alice.viewer, 1)
    await alice.operator.get(DeleteUserDocument, { input: { userId: user ?? '' } })
    for (const args of [`--cause ${cause}`, `--cause ${cause} --yes`])
      expect(await run(args)).toEqual({ exitCode: 0, stdout: 'Nobody has this cause (any more).\n', stderr: '' })
    const { data } = await alice.viewer.ask('{ bulkOperations(first: 10) { nodes { dryRun } } }')
    expect(data).toEqual({ bulkOperations: { nodes: [{ dryRun: true }, { dryRun: true }] } })
  })

  it('finds the server by an address that ends with a slash', async () => {
    expect(await run('', { url: `${app.url}/` })).toMatchObject({ exitCode: 0, stdout: 'Nobody is stuck.\n' })
  })

  it.each(['flt_…', 'flt_one two', 'flt_"quoted"'])('says that %s is no token', async token => {
    const { exitCode, stderr } = await run('', { token })
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^FLOWTHROUGH_TOKEN is no token\.[^\n]+\n$/)])
  })

  it('says what is wrong with the token', async () => {
    const bad = await run('', { token: 'flt_wrong' })
    expect([bad.exitCode, bad.stderr]).toEqual([1, expect.stringMatching(/^The server does not accept FLOWTHROUGH_TOKEN\.[^\n]+\n$/)])
    await failed(1)
    const forbidden = await run(`--cause ${await causeOf(alice.viewer, 1)}`, { token: alice.viewer.token })
    expect([forbidden.exitCode, forbidden.stderr]).toEqual([1, expect.stringMatching(/^The token may not do that;[^\n]+\n$/)])
  })

  it('says when the server does not answer', async () => {
    // Nobody listens on this port.
    const { exitCode, stderr } = await run('', { url: 'http://127.0.0.1:1' })
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^http:\/\/127\.0\.0\.1:1 does not answer\.[^\n]+\n$/)])
  })

  it('waits for as long as the server says, and asks again', async () => {
    const times: number[] = []
    const busy = createServer((_, response) => {
      times.push(performance.now())
      if (times.length === 1) response.writeHead(429, { 'retry-after': '2' }).end('{}')
      else response.end(JSON.stringify({ data: { causes: [] } }))
    }).listen(0, '127.0.0.1')
    try {
      await new Promise(resolve => busy.once('listening', resolve))
      const { exitCode, stderr } = await run('', { url: `http://127.0.0.1:${(busy.address() as AddressInfo).port}` })
      expect([exitCode, stderr]).toEqual([0, 'The server asks to wait for 2 s.\n'])
      expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(1900)
    } finally {
      busy.close()
    }
  })

  it('has the types that it says it has', async () => {
    const settings = '--ignoreConfig --noEmit --allowJs --checkJs --strict --skipLibCheck --module node20 --target es2023 --types node'
    expect(await startCommand(`npx tsc ${settings} *.mjs`, { directory: EXAMPLE }).ended).toMatchObject({ exitCode: 0, stdout: '' })
  })

  it.each([
    ['--yes', '--yes needs --cause.'],
    ['--cause x --expect 3', '--expect is a number above 0 and goes with --yes.'],
    ['--cause x --yes --expect 0', '--expect is a number above 0 and goes with --yes.'],
    ['--cause x --yes --key k', '--key needs the --expect that it was used with.'],
    ['--casue x', "Unknown option '--casue'"],
  ])('explains itself when used as %s', async (args, complaint) => {
    const { exitCode, stderr } = await run(args)
    expect(exitCode).toBe(2)
    expect(stderr).toContain(complaint)
    expect(stderr).toContain('node retry-by-cause.mjs --cause KEY --yes')
  })
})
