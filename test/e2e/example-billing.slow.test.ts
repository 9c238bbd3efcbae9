import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import Sqlite from 'better-sqlite3'
import { Role } from '../../src/auth/viewer'
import type { Actor } from '../support/world/actor'
import { untilQuiet } from '../support/world/estate'
import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import { makeTemplate, makeUser, untilStatus } from '../support/world/builders'
import { createTestClock, type TestClock } from '../support/world/clock'
import { ChangePackageTypeDocument, DeleteUserDocument, type PackageType } from '../support/operations/operations.generated'
import { type Running, startCommand } from '../support/processes/processes'

const EXAMPLE = path.resolve(__dirname, '../../examples/federation')
const DAY_MS = 86_400_000
const thisMonth = () => new Date().toISOString().slice(0, 7)

let clock: TestClock
let app: TestApp
let alice: TestPartner
let template: string
let directory: string
/** The last that was started. */
let billing: Running | undefined

beforeEach(async () => {
  clock = createTestClock()
  app = await startTestApp({ clock })
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin)
  directory = mkdtempSync(path.join(os.tmpdir(), 'flowthrough-billing-'))
})
afterEach(async () => {
  await billing?.end()
  await app.stop()
  rmSync(directory, { recursive: true })
})

/** Runs billing with a token of Alice's until it serves, which is when it has caught up. Answers its address. */
async function startBilling(flowthroughUrl = `${app.url}/graphql`): Promise<string> {
  const environment = {
    FLOWTHROUGH_URL: flowthroughUrl,
    FLOWTHROUGH_TOKEN: alice.viewer.token,
    LEDGER: path.join(directory, 'ledger.db'),
    PORT: '0',
    // Nothing more by itself, so that what is read is read for a caller.
    POLL_MS: String(DAY_MS),
  }
  billing = startCommand('exec node billing/server.mjs', { directory: EXAMPLE, environment })
  return billing.printed(/^Billing (\S+)$/m)
}

async function addUser(name: string, spEnterpriseId = 'SP1+acme') {
  const user = await makeUser(alice.operator, template, { email: `${name}@example.com`, spEnterpriseId })
  await untilStatus(alice.viewer, user.id, 'PROVISIONED')
  return user
}

/** Asks as a gateway does. */
async function askBilling(url: string, { token }: Actor, selection: string, representations: object[]): Promise<object> {
  const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ${selection} } }`
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables: { representations } }),
  })
  return (await response.json()) as object
}

describe('The billing of the example', () => {
  it('goes on from its cursor after a break, and reads everything again after a long one', async () => {
    /** Who has had which package, and whether it lasts. */
    const catchUp = async () => {
      await startBilling()
      expect(await billing?.end()).toMatchObject({ exitCode: 0, stderr: '' })
      const database = new Sqlite(path.join(directory, 'ledger.db'), { readonly: true })
      const rows = database.prepare('SELECT user_id, package_type, until IS NULL FROM package_use ORDER BY since, until').raw().all()
      database.close()
      return rows
    }
    const change = async (userId: string, packageType: PackageType) => {
      await alice.operator.get(ChangePackageTypeDocument, { input: { userId, packageType } })
      await untilStatus(alice.viewer, userId, 'PROVISIONED')
    }
    const remove = (userId: string) => alice.operator.get(DeleteUserDocument, { input: { userId } })

    const [{ id: anna }, { id: bruno }, { id: carla }] = [await addUser('anna'), await addUser('bruno'), await addUser('carla')]
    expect(await catchUp()).toEqual([anna, bruno, carla].map(id => [id, 'STANDARD', 1]))

    await change(anna, 'BASIC')
    await remove(bruno)
    const { id: dario } = await addUser('dario')
    const afterBreak = [
      [anna, 'STANDARD', 0],
      [bruno, 'STANDARD', 0],
      [carla, 'STANDARD', 1],
      [anna, 'BASIC', 1],
      [dario, 'STANDARD', 1],
    ]
    expect(await catchUp()).toEqual(afterBreak)
    expect(await catchUp()).toEqual(afterBreak)

    await change(carla, 'PREMIUM')
    await remove(dario)
    const { id: emma } = await addUser('emma')
    clock.moveAhead(8 * DAY_MS)
    expect(await catchUp()).toEqual([
      [anna, 'STANDARD', 0],
      [bruno, 'STANDARD', 0],
      [carla, 'STANDARD', 0],
      [anna, 'BASIC', 1],
      [dario, 'STANDARD', 0],
      [carla, 'PREMIUM', 1],
      [emma, 'STANDARD', 1],
    ])
  })

  it('goes on charging for the package that a user kept because a change failed, also with a new ledger', async () => {
    const { id } = await addUser('update-error-10022-emma')
    const neverLive = await makeUser(alice.operator, template, { email: 'error-200048-franca@example.com' })
    await untilStatus(alice.viewer, neverLive.id, 'ERROR')
    const url = await startBilling()
    await alice.operator.get(ChangePackageTypeDocument, { input: { userId: id, packageType: 'PREMIUM' } })
    await untilStatus(alice.viewer, id, 'ERROR')
    const expectCharges = async () => {
      await billing?.end()
      const again = await startBilling()
      expect(again).not.toBe(url)
      const selection = `... on ProvisionedUser { charges(month: "${thisMonth()}") { packageType until } }`
      const representations = [id, neverLive.id].map(userId => ({ __typename: 'ProvisionedUser', id: userId }))
      expect(await askBilling(again, alice.viewer, selection, representations)).toEqual({
        data: { _entities: [{ charges: [{ packageType: 'STANDARD', until: null }] }, { charges: [] }] },
      })
    }
    await expectCharges()
    await billing?.end()
    for (const file of readdirSync(directory)) rmSync(path.join(directory, file))
    await expectCharges()
  })

  it('waits when it has asked for too much, and goes on where it was', async () => {
    await addUser('anna')
    const asked: string[] = []
    // Hands on what it is asked, and refuses the first page of users once.
    const proxy = createServer((request, response) => {
      void text(request).then(async body => {
        const { operationName = '' } = /query (?<operationName>\w+)/.exec(body)?.groups ?? {}
        asked.push(operationName)
        const isRefused = operationName === 'UsersWithPackage' && asked.filter(name => name === operationName).length === 1
        if (isRefused) {
          const error = { message: 'Too much.', extensions: { code: 'RATE_LIMITED' } }
          return response.writeHead(429, { 'retry-after': '1' }).end(JSON.stringify({ errors: [error] }))
        }
        const headers = { 'content-type': 'application/json', authorization: String(request.headers.authorization) }
        const answer = await fetch(`${app.url}/graphql`, { method: 'POST', headers, body })
        return response.writeHead(answer.status).end(await answer.text())
      })
    })
    await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
    try {
      await startBilling(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}/graphql`)
      expect(asked).toEqual(['LatestCursor', 'UsersWithPackage', 'UsersWithPackage'])
    } finally {
      await billing?.end()
      proxy.close()
    }
  })

  it("knows nothing of another partner's, and asks once what a caller may see of a whole list", async () => {
    const users = [await addUser('anna'), await addUser('bruno', 'SP1+other'), await addUser('carla')]
    const mallory = await app.addPartner('Mallory Mobile')
    const url = await startBilling()
    const representations = [
      ...users.map(({ id }) => ({ __typename: 'ProvisionedUser', id })),
      ...users.map(({ customer }) => ({ __typename: 'Customer', id: customer.id })),
    ]
    const ask = (actor: Actor) =>
      askBilling(
        url,
        actor,
        `... on ProvisionedUser { charges(month: "${thisMonth()}") { packageType } }
        ... on Customer { packagesInUse(month: "${thisMonth()}") { packageType users } }`,
        representations,
      )
    const packageType = 'STANDARD'
    const ofUser = { charges: [{ packageType }] }
    const [two, one] = [2, 1].map(number => ({ packagesInUse: [{ packageType, users: number }] }))
    await untilQuiet(app)
    app.statements.length = 0
    expect(await ask(alice.viewer)).toEqual({ data: { _entities: [ofUser, ofUser, ofUser, two, one, two] } })
    for (const table of ['provisioned_user', 'customer']) {
      expect(app.statements.filter(sql => sql.includes(`FROM "${table}" "row"`))).toHaveLength(1)
    }
    expect(await ask(mallory.admin)).toEqual({ data: { _entities: representations.map(() => null) } })
    const forTheOther = await app.addToken(alice.partnerId, Role.VIEWER, [users[1]?.customer.id ?? ''])
    expect(await ask(forTheOther)).toEqual({ data: { _entities: [null, ofUser, null, null, one, null] } })
  })

  it('charges for the part of a month in which a package was in use', async () => {
    const { id: anna, customer } = await addUser('anna')
    const url = await startBilling()
    const database = new Sqlite(path.join(directory, 'ledger.db'))
    const insert = database.prepare('INSERT INTO package_use VALUES (?, ?, ?, ?, ?)')
    insert.run(anna, customer.id, 'STANDARD', '2025-01-10T00:00:00.000Z', '2025-02-15T00:00:00.000Z')
    insert.run(anna, customer.id, 'PREMIUM', '2025-02-15T00:00:00.000Z', '2025-03-10T00:00:00.000Z')
    insert.run('usr_another', customer.id, 'STANDARD', '2025-02-08T00:00:00.000Z', '2025-02-15T00:00:00.000Z')
    database.close()

    const chargesIn = async (month: string) => {
      const selection = `... on ProvisionedUser { charges(month: "${month}") { packageType from until amountCents } }`
      const answer = await askBilling(url, alice.viewer, selection, [{ __typename: 'ProvisionedUser', id: anna }])
      return answer as { data: { _entities: [{ charges: object[] }] } }
    }
    for (const month of ['2024-12', '2099-01']) expect((await chargesIn(month)).data._entities[0].charges).toEqual([])
    expect((await chargesIn('2025-01')).data._entities[0].charges).toEqual([
      // 22 days of 31, at 9.00 a month.
      { packageType: 'STANDARD', from: '2025-01-10T00:00:00.000Z', until: '2025-02-01T00:00:00.000Z', amountCents: 639 },
    ])
    expect((await chargesIn('2025-02')).data._entities[0].charges).toEqual([
      { packageType: 'STANDARD', from: '2025-02-01T00:00:00.000Z', until: '2025-02-15T00:00:00.000Z', amountCents: 450 },
      { packageType: 'PREMIUM', from: '2025-02-15T00:00:00.000Z', until: '2025-03-01T00:00:00.000Z', amountCents: 750 },
    ])
    const packages = '... on Customer { packagesInUse(month: "2025-02") { packageType users pricePerMonthCents amountCents currency } }'
    expect(await askBilling(url, alice.viewer, packages, [{ __typename: 'Customer', id: customer.id }])).toEqual({
      data: {
        _entities: [
          {
            packagesInUse: [
              { packageType: 'PREMIUM', users: 1, pricePerMonthCents: 1500, amountCents: 750, currency: 'EUR' },
              { packageType: 'STANDARD', users: 2, pricePerMonthCents: 900, amountCents: 675, currency: 'EUR' },
            ],
          },
        ],
      },
    })

    for (const month of ['', '2025-13', '2025-1', '1999-12', '2025-02-01']) {
      expect(await chargesIn(month)).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT', argument: 'month' } }] })
    }
  })
})
