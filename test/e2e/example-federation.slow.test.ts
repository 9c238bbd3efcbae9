import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createActor, type Actor } from '../support/world/actor'
import { startTestApp } from '../support/world/app'
import { BUILD_TIMEOUT_MS, ensureBuilt, type Running, startCommand } from '../support/processes/processes'
import { paste } from '../support/guides/shell'
import { eventually } from '../support/world/waiting'

const PROJECT = path.resolve(__dirname, '../..')
const README = readFileSync(path.join(PROJECT, 'examples/federation/README.md'), 'utf8')
const thisMonth = () => new Date().toISOString().slice(0, 7)

interface Charge {
  packageType: string
  from: string
  until: string | null
  amountCents: number
}

interface User {
  id: string
  status: string
  packageType: string
  lastStatusChange: string
  charges: Charge[]
}

interface PackageUse {
  packageType: string
  users: number
  amountCents: number
  pricePerMonthCents: number
  currency: string
}

interface Customer {
  id: string
  name: string
  packagesInUse: PackageUse[]
  provisionedUsers: { nodes: User[] }
}

const USER = 'id status packageType lastStatusChange'
const CHARGES = 'charges(month: $month) { packageType from until amountCents }'

let directory: string
let example: Running
/** The administrator of the demo, at the gateway and at Flowthrough itself. */
let atGateway: Actor
let atFlowthrough: Actor
let customerId: string

beforeAll(async () => {
  await ensureBuilt()
  directory = mkdtempSync(path.join(os.tmpdir(), 'flowthrough-example-'))
  const [, command = ''] = /```sh\n(npm start .*)\n```/.exec(README) ?? []
  example = startCommand(command, { directory: PROJECT, environment: { GATEWAY_PORT: '0', DATA_DIRECTORY: directory } })
  const token = await example.printed(/^Token +(flt_\S+)$/m, 100_000)
  const address = (name: string) => example.printed(new RegExp(`^${name} +(\\S+)/graphql$`, 'm'))
  atGateway = createActor(await address('Gateway'), token)
  atFlowthrough = createActor(await address('Flowthrough'), token)
  const { data } = await atFlowthrough.ask<{ customers: { nodes: Customer[] } }, Record<string, never>>(
    '{ customers(first: 1, orderBy: { field: NAME, direction: ASC }) { nodes { id } } }',
  )
  customerId = data.customers.nodes[0]?.id ?? ''
}, BUILD_TIMEOUT_MS)

afterAll(async () => {
  await example?.end('SIGINT')
  rmSync(directory, { recursive: true, force: true })
})

async function costs(actor: Actor, id = customerId, month = thisMonth()) {
  const question = `query ($id: ID!, $month: String!) {
    customer(id: $id) {
      id name
      packagesInUse(month: $month) { packageType users amountCents pricePerMonthCents currency }
      provisionedUsers(first: 100) { nodes { ${USER} ${CHARGES} } }
    }
  }`
  return actor.ask<{ customer: Customer | null }, { id: string; month: string }>(question, { id, month })
}

/** What Flowthrough itself says of the users of the customer. */
async function usersOfCustomer(): Promise<User[]> {
  const question = `query ($id: ID!) { customer(id: $id) { provisionedUsers(first: 100) { nodes { ${USER} } } } }`
  const { data } = await atFlowthrough.ask<{ customer: Customer }, { id: string }>(question, { id: customerId })
  return data.customer.provisionedUsers.nodes
}

const isLive = ({ status }: User) => ['PROVISIONED', 'UPDATING'].includes(status)

describe('the example of a federation', () => {
  it('answers one question from both graphs, in accordance with Flowthrough', async () => {
    const month = thisMonth()
    const { data, errors } = await costs(atGateway, customerId, month)
    expect(errors).toEqual([])
    const customer = data.customer as Customer
    const expected = await usersOfCustomer()
    const beginning = `${month}-01T00:00:00.000Z`
    expect(
      customer.provisionedUsers.nodes.map(user => ({ ...user, charges: user.charges.map(({ amountCents, ...rest }) => rest) })),
    ).toEqual(
      expected.map(user => ({
        ...user,
        charges: isLive(user)
          ? [{ packageType: user.packageType, from: [beginning, user.lastStatusChange].sort().at(-1), until: null }]
          : [],
      })),
    )
    expect(expected.some(isLive) && !expected.every(isLive)).toBe(true)

    const charges = customer.provisionedUsers.nodes.flatMap(user => user.charges)
    const prices = JSON.parse(readFileSync(path.join(PROJECT, 'examples/federation/billing/prices.json'), 'utf8'))
    expect(customer.packagesInUse.map(({ amountCents, ...use }) => use)).toEqual(
      [...new Set(charges.map(({ packageType }) => packageType))].sort().map(packageType => ({
        packageType,
        users: charges.filter(charge => charge.packageType === packageType).length,
        pricePerMonthCents: prices.pricePerMonthCents[packageType],
        currency: 'EUR',
      })),
    )
  })

  it('prints a curl command that works in a shell', async () => {
    const [command = ''] = /^curl [^]*?\n\n/m.exec(example.output.stdout) ?? []
    const { data, errors } = JSON.parse(await paste(command))
    expect(errors).toBeUndefined()
    const [customer] = data.customers.nodes
    expect(customer.packagesInUse[0]).toMatchObject({ currency: 'EUR' })
    expect(customer.provisionedUsers.nodes[0]).toHaveProperty('charges')
  })

  it('shows in its README the question that it prints', () => {
    const [, question = ''] = /```graphql\nquery \w+ ([^]*?)```/.exec(README) ?? []
    const [, printed = ''] = /"query": "(.*)"\}/.exec(example.output.stdout) ?? []
    const plain = (text: string) =>
      text
        .replaceAll('\\"', '"')
        .replace(/\d{4}-\d\d/g, 'month')
        .replace(/\s+/g, ' ')
        .trim()
    expect(plain(question)).toBe(plain(printed))
  })

  it('has billing follow a change of package that is made through the gateway, and a deletion', async () => {
    const month = thisMonth()
    const user = (await usersOfCustomer()).find(({ status, packageType }) => status === 'PROVISIONED' && packageType !== 'BASIC') as User
    const change = `mutation ($userId: ID!, $month: String!) {
      changePackageType(input: { userId: $userId, packageType: BASIC }) { provisionedUser { status ${CHARGES} } userErrors { code } }
    }`
    const { data } = await atGateway.ask<
      { changePackageType: { provisionedUser: User; userErrors: object[] } },
      object & Record<string, string>
    >(change, { userId: user.id, month })
    const { provisionedUser: changed, userErrors } = data.changePackageType
    expect([changed.status, userErrors]).toEqual(['UPDATING', []])
    // Billing is asked last, and Webex may be done by then.
    expect([changed.charges[0]?.packageType, changed.charges.at(-1)?.until]).toEqual([user.packageType, null])

    const charged = (amount: number) =>
      eventually(async () => {
        const { charges } = (await costs(atGateway, customerId, month)).data.customer?.provisionedUsers.nodes.find(
          ({ id }) => id === user.id,
        ) as User
        return charges.length === amount ? charges : null
      })
    const [before, after] = (await charged(2)) as [Charge, Charge]
    const { lastStatusChange } = (await usersOfCustomer()).find(({ id }) => id === user.id) as User
    expect(before).toMatchObject({ packageType: user.packageType, until: lastStatusChange })
    expect(after).toMatchObject({ packageType: 'BASIC', from: lastStatusChange, until: null })

    const uses = async () =>
      (await costs(atGateway, customerId, month)).data.customer?.packagesInUse.find(({ packageType }) => packageType === 'BASIC')?.users
    const users = await uses()
    await atGateway.ask('mutation ($userId: ID!) { deleteUser(input: { userId: $userId }) { deletedUserId } }', { userId: user.id })
    // Who had it in the month had it, though gone now.
    expect(await uses()).toBe(users)
  })

  it('says what is wrong with a month', async () => {
    const { errors } = await atGateway.ask(`{ customer(id: "${customerId}") { packagesInUse(month: "11-2026") { users } } }`)
    expect(errors).toMatchObject([{ message: expect.stringMatching(/YYYY-MM/), extensions: { code: 'BAD_USER_INPUT', argument: 'month' } }])
  })

  it('knows nothing for a token that may not see the customer', async () => {
    const all = await atFlowthrough.ask<{ customers: { nodes: Customer[] } }, Record<string, never>>('{ customers { nodes { id } } }')
    const other = all.data.customers.nodes.find(({ id }) => id !== customerId)?.id
    const make = `mutation ($customerIds: [ID!]) { createApiToken(input: { name: "Stranger", role: VIEWER, customerIds: $customerIds }) { secret } }`
    const { data } = await atGateway.ask<{ createApiToken: { secret: string } }, { customerIds: (string | undefined)[] }>(make, {
      customerIds: [other],
    })
    const stranger = createActor(atGateway.url, data.createApiToken.secret)
    expect((await costs(stranger)).data).toEqual({ customer: null })
    expect((await costs(stranger, other)).data.customer?.packagesInUse).not.toHaveLength(0)

    // Nor does billing itself tell, of whom a client could ask it past the gateway.
    const billing = await example.printed(/^Billing +(\S+)$/m)
    const user = (await usersOfCustomer()).find(isLive)?.id
    const entities = `query ($representations: [_Any!]!, $month: String!) {
      _entities(representations: $representations) { ... on Customer { packagesInUse(month: $month) { users } } ... on ProvisionedUser { ${CHARGES} } }
    }`
    const representations = [
      { __typename: 'Customer', id: customerId },
      { __typename: 'ProvisionedUser', id: user },
    ]
    const askBilling = async (token: string) => {
      const response = await fetch(billing, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query: entities, variables: { representations, month: thisMonth() } }),
      })
      return (await response.json()) as { data: { _entities: object[] } }
    }
    expect(await askBilling(stranger.token)).toEqual({ data: { _entities: [null, null] } })
    expect((await askBilling(atGateway.token)).data._entities).toMatchObject([
      { packagesInUse: expect.arrayContaining([{ users: expect.any(Number) }]) },
      { charges: [{}] },
    ])
  })

  it('is for callers with a token', async () => {
    for (const token of ['', 'flt_nobody']) {
      const { data, errors } = await costs(createActor(atGateway.url, token))
      expect(data).toEqual({ customer: null })
      expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED', requestId: expect.any(String) } }])
    }
  })
})

describe('its one command', () => {
  it('takes a running Flowthrough, and ends everything when one part ends', async () => {
    const app = await startTestApp()
    const { viewer } = await app.addPartner()
    const taken = new URL(app.url).port
    const environment = {
      FLOWTHROUGH_URL: `${app.url}/graphql`,
      FLOWTHROUGH_TOKEN: viewer.token,
      GATEWAY_PORT: taken,
      DATA_DIRECTORY: path.join(directory, 'other'),
    }
    const { exitCode, stdout, stderr } = await startCommand('node start.mjs', {
      directory: path.join(PROJECT, 'examples/federation'),
      environment,
    }).ended
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    expect(stderr).toMatch(/EADDRINUSE[^]*The gateway has ended, so the others end, too\.\n$/)
    await app.stop()
  })

  it('stops all of it on Ctrl-C', async () => {
    const billing = await example.printed(/^Billing +(\S+)$/m)
    await example.end('SIGINT')
    for (const url of [billing, atGateway.url, atFlowthrough.url]) await expect(fetch(url)).rejects.toThrow('fetch failed')
    expect(example.output.stderr).not.toContain('has ended')
  })
})
