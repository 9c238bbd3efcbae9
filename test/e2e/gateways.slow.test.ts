import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { composeServices } from '@apollo/composition'
import { composeServices as composeByTheGuild } from '@theguild/federation-composition'
import { parse } from 'graphql'
import { type Actor, createActor, type TopLevelError } from '../support/world/actor'
import { type Estate, makeEstate } from '../support/world/estate'
import { startTestApp, type TestApp } from '../support/world/app'
import { untilStatus } from '../support/world/builders'
import { writeGuidePrograms } from '../support/federation/guide-programs'
import { freePort } from '../support/processes/free-port'
import { SECOND_SDLS, type SecondSubgraph, startDirectory, startTickets } from '../support/federation/second-subgraphs'
import { type Running, startCommand } from '../support/processes/processes'
import { loggedLines } from '../support/jest/test-log'

const FLOWTHROUGH = readFileSync(path.resolve(__dirname, '../../schema/subgraph.graphql'), 'utf8')
const GATEWAY_TOKEN = 'service-token-of-the-gateway-of-the-tests'
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const TRACE = { traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01`, tracestate: 'vendor=one,other=two' }

let app: TestApp
let alice: Estate
let mallory: Estate
let tickets: SecondSubgraph
let directory: SecondSubgraph

beforeAll(async () => {
  app = await startTestApp({ environment: { GATEWAY_TOKENS: GATEWAY_TOKEN, RATE_LIMIT_COST_PER_MINUTE: '1000000' } })
  ;[alice, mallory] = await Promise.all([makeEstate(app, 'Alice Telecom'), makeEstate(app, 'Mallory Mobile')])
  ;[tickets, directory] = await Promise.all([startTickets(), startDirectory()])
  knowOf(alice)
})
afterAll(async () => {
  await Promise.all([tickets?.stop(), directory?.stop()])
  await app?.stop()
})

/** Has the other services know of the first customer, template and user of somebody's. */
function knowOf({ target }: Estate): void {
  tickets.rows.push({ customer: target.customer, onboardingTemplate: target.template, provisionedUser: target.user })
  const { spEnterpriseId: customer, provisioningId: onboardingTemplate, broadworksId: provisionedUser } = target
  directory.rows.push({ customer, onboardingTemplate, provisionedUser })
}

type Composed = { supergraphSdl?: string; errors?: readonly { message: string }[] }

const GATEWAYS: [name: string, program: string, compose: (services: Parameters<typeof composeServices>[0]) => Composed][] = [
  ['Apollo Gateway', 'apollo-gateway.mjs', composeServices],
  ['Hive Gateway', 'hive-gateway.mjs', composeByTheGuild],
]

describe.each(GATEWAYS)('Through %s, as the guide has it,', (_name, program, compose) => {
  let folder: string
  let gateway: Running
  let url: string
  /** Alice's operator, and Mallory's, at the gateway. */
  let operator: Actor
  let stranger: Actor

  beforeAll(async () => {
    const port = String(await freePort())
    folder = writeGuidePrograms({ 4100: port })
    const { supergraphSdl, errors } = compose([
      { name: 'flowthrough', url: `${app.url}/graphql`, typeDefs: parse(FLOWTHROUGH) },
      { name: 'tickets', url: tickets.url, typeDefs: parse(SECOND_SDLS.tickets) },
      { name: 'directory', url: directory.url, typeDefs: parse(SECOND_SDLS.directory) },
    ])
    if (!supergraphSdl) throw new Error(errors?.map(({ message }) => message).join('\n'))
    writeFileSync(path.join(folder, 'supergraph.graphql'), supergraphSdl)
    gateway = startCommand(`exec node ${program}`, { directory: folder, environment: { GATEWAY_TOKEN } })
    await gateway.printed(/^Gateway at /m)
    url = `http://127.0.0.1:${port}`
    operator = createActor(url, alice.operator.token)
    stranger = createActor(url, mallory.operator.token)
  })
  afterAll(async () => {
    await gateway?.end()
    rmSync(folder, { recursive: true })
  })
  beforeEach(() => {
    tickets.requests.length = 0
    directory.requests.length = 0
    app.statements.length = 0
  })

  async function ask<Data>(actor: Actor, query: string, headers?: Record<string, string>) {
    return actor.ask<Data, Record<string, never>>(query, {}, headers)
  }

  async function get<Data>(actor: Actor, query: string): Promise<Data> {
    const { data, errors } = await ask<Data>(actor, query)
    expect(errors).toEqual([])
    return data
  }

  /** What each of the tables of a kind was read by, since the test began. */
  const readsOf = (table: string) => app.statements.filter(sql => new RegExp(`^SELECT.* FROM "${table}" "row"`).test(sql))

  it('finds what a ticket names by ID', async () => {
    const { target } = alice
    const { tickets } = await get<{ tickets: { nodes: object[] } }>(
      operator,
      `{ tickets { nodes {
        id
        customer { spEnterpriseId ticketCount }
        onboardingTemplate { provisioningId ticketCount }
        provisionedUser { broadworksId status ticketCount customer { spEnterpriseId } }
      } } }`,
    )
    expect(tickets.nodes[0]).toEqual({
      id: 'ticket 0',
      customer: { spEnterpriseId: target.spEnterpriseId, ticketCount: 1 },
      onboardingTemplate: { provisioningId: target.provisioningId, ticketCount: 1 },
      provisionedUser: {
        broadworksId: target.broadworksId,
        status: 'PROVISIONED',
        ticketCount: 1,
        customer: { spEnterpriseId: target.spEnterpriseId },
      },
    })
  })

  it('finds what a directory knows by the names that people and BroadWorks give', async () => {
    const { target } = alice
    const { contacts } = await get<{ contacts: object[] }>(
      operator,
      `{ contacts { name customer { id contactName } onboardingTemplate { id contactName } provisionedUser { id contactName } } }`,
    )
    const contactName = 'Contact 0'
    expect(contacts[0]).toEqual({
      name: contactName,
      customer: { id: target.customer, contactName },
      onboardingTemplate: { id: target.template, contactName },
      provisionedUser: { id: target.user, contactName },
    })
  })

  it('goes from one subgraph to the other by what Flowthrough knows', async () => {
    const { tickets } = await get<{ tickets: { nodes: object[] } }>(
      operator,
      `{ tickets { nodes { customer { contactName } onboardingTemplate { contactName } provisionedUser { contactName } } } }`,
    )
    const contact = { contactName: 'Contact 0' }
    expect(tickets.nodes[0]).toEqual({ customer: contact, onboardingTemplate: contact, provisionedUser: contact })
  })

  it('asks for a whole list at once, here and there', async () => {
    const question = `{ provisionedUsers(first: 10) { nodes { id ticketCount contactName } } }`
    const { provisionedUsers } = await get<{ provisionedUsers: { nodes: { id: string; ticketCount: number }[] } }>(operator, question)
    expect(provisionedUsers.nodes.length).toBeGreaterThan(3)
    expect(provisionedUsers.nodes.filter(({ ticketCount }) => ticketCount > 0).map(({ id }) => id)).toEqual([alice.target.user])
    expect(tickets.requests.map(({ representations }) => representations.length)).toEqual([provisionedUsers.nodes.length])
    expect(directory.requests.map(({ representations }) => representations.length)).toEqual([provisionedUsers.nodes.length])

    const users = await get<{ provisionedUsers: { nodes: { id: string }[] } }>(operator, '{ provisionedUsers { nodes { id } } }')
    const before = [...tickets.rows]
    tickets.rows.push(...users.provisionedUsers.nodes.map(({ id }) => ({ ...(before[0] as (typeof before)[0]), provisionedUser: id })))
    app.statements.length = 0
    await get(operator, '{ tickets { nodes { provisionedUser { broadworksId } } } }')
    expect(readsOf('provisioned_user')).toHaveLength(1)
    tickets.rows.splice(0, Infinity, ...before)
  })

  it("shows nothing of another partner's", async () => {
    const everything = '{ customer { name } onboardingTemplate { name } provisionedUser { status } }'
    const question = `{ tickets { nodes ${everything} } contacts ${everything} }`
    knowOf(mallory)
    for (const [actor, own, other] of [
      [operator, 0, 1],
      [stranger, 1, 0],
    ] as const) {
      const { data } = await ask<{ tickets: { nodes: object[] }; contacts: object[] }>(actor, question)
      const all = { customer: expect.any(Object), onboardingTemplate: expect.any(Object), provisionedUser: expect.any(Object) }
      const nothing = { customer: null, onboardingTemplate: null, provisionedUser: null }
      expect([data.tickets.nodes[own], data.contacts[own]]).toEqual([all, all])
      expect([data.tickets.nodes[other], data.contacts[other]]).toEqual([nothing, nothing])
    }
    for (const { rows } of [tickets, directory]) rows.pop()
  })

  it('changes things, and tells what the caller can mend', async () => {
    const retry = (email: string) => `mutation {
      retryActivation(input: { userId: "${alice.target.user}", email: "${email}" }) {
        provisionedUser { id ticketCount contactName }
        userErrors { code field message }
      }
    }`
    const { retryActivation } = await get<{ retryActivation: object }>(operator, retry('no address'))
    expect(retryActivation).toEqual({
      provisionedUser: null,
      userErrors: [{ code: 'INVALID', field: ['email'], message: expect.any(String) }],
    })
  })

  it('brings token, request ID and trace to every subgraph', async () => {
    const requestId = `gateways-${program}`
    const packageType = program === 'hive-gateway.mjs' ? 'BASIC' : 'SOFTPHONE'
    await untilStatus(alice.operator, alice.hidden.user, 'PROVISIONED')
    const change = `mutation {
      changePackageType(input: { userId: "${alice.hidden.user}", packageType: ${packageType} }) {
        provisionedUser { id ticketCount contactName auditEvents(first: 10) { nodes { actor action requestId } } }
        userErrors { code }
      }
    }`
    const { data, errors } = await ask<{ changePackageType: { provisionedUser: { auditEvents: { nodes: { requestId: string }[] } } } }>(
      operator,
      change,
      { 'x-request-id': requestId, ...TRACE },
    )
    expect(errors).toEqual([])
    const events = data.changePackageType.provisionedUser.auditEvents.nodes.filter(event => event.requestId === requestId)
    expect(events).toContainEqual({ actor: 'operator of the tests', action: 'changePackageType', requestId })

    const expected = { authorization: `Bearer ${operator.token}`, 'x-request-id': requestId, ...TRACE }
    for (const { requests } of [tickets, directory]) {
      expect(requests.map(({ headers }) => headers)).toEqual([expect.objectContaining(expected)])
      expect(requests[0]?.headers).not.toHaveProperty('gateway-token')
    }
  })

  it('makes an ID for a request that has none, the same for all subgraphs', async () => {
    const { data } = await ask<{ tickets: object; contacts: object }>(operator, '{ tickets { nodes { id } } contacts { name } }')
    expect(data.contacts).not.toBeNull()
    const [ofTickets, ofDirectory] = [tickets, directory].map(({ requests }) => requests[0]?.headers['x-request-id'])
    expect(ofTickets).toMatch(/^[\w.-]{8,64}$/)
    expect(ofDirectory).toBe(ofTickets)
  })

  it('speaks Italian with who does', async () => {
    const question = '{ errorCatalog { code meaning } }'
    const [english, italian] = await Promise.all(['en', 'it'].map(language => ask(operator, question, { 'accept-language': language })))
    expect(italian?.data).toEqual((await alice.operator.ask(question, {}, { 'accept-language': 'it' })).data)
    expect(italian?.data).not.toEqual(english?.data)
  })

  it('gives the larger budget of a gateway', async () => {
    const question = '{ rateLimit { limit } }'
    const { rateLimit } = await get<{ rateLimit: { limit: number } }>(operator, question)
    const direct = await alice.operator.ask<{ rateLimit: { limit: number } }, Record<string, never>>(question)
    expect(rateLimit.limit).toBe(10 * direct.data.rateLimit.limit)
  })

  it.each<[string, string, TopLevelError['extensions']['code']]>([
    ['a bad argument', '{ provisionedUsers(first: 1000) { nodes { id } } }', 'BAD_USER_INPUT'],
    ['what takes a higher role', '{ apiTokens { id } }', 'FORBIDDEN'],
  ])('tells the code and the request ID of an error: %s', async (_case, question, code) => {
    const requestId = `refused-${code}`
    const { errors } = await ask(operator, question, { 'x-request-id': requestId })
    expect(errors).toMatchObject([{ message: expect.any(String), path: [expect.any(String)], extensions: { code, requestId } }])
  })

  it('tells the errors of other subgraphs as they are', async () => {
    const { data, errors } = await ask(operator, '{ lockedTickets { id } viewer { role } }')
    expect(data).toEqual({ lockedTickets: null, viewer: { role: 'OPERATOR' } })
    expect(errors).toMatchObject([{ message: 'Somebody is at it.', extensions: { code: 'TICKETS_LOCKED' } }])
  })

  it('refuses who has no token, or none that is valid', async () => {
    for (const token of ['', 'flt_nobody']) {
      const { data, errors } = await ask(createActor(url, token), '{ viewer { role } }')
      expect(data).toBeNull()
      expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
    }
  })

  it('leads from an error that Flowthrough masks to its log, by request and by trace', async () => {
    const rename = (from: string, to: string) =>
      app.platform.database.transaction(({ manager }) => manager.query(`ALTER TABLE ${from} RENAME TO ${to}`))
    const requestId = `broken-${program}`
    await rename('audit_event', 'lost')
    try {
      const { errors } = await ask(operator, '{ auditEvents { nodes { id } } }', { 'x-request-id': requestId, ...TRACE })
      expect(errors).toMatchObject([
        { message: expect.stringMatching(/^Something went wrong on our side/), extensions: { code: 'INTERNAL', requestId } },
      ])
    } finally {
      await rename('lost', 'audit_event')
    }
    const lines = loggedLines().filter(line => line['requestId'] === requestId)
    expect(lines).toEqual([expect.objectContaining({ msg: 'A request failed.', traceId: TRACE_ID })])
  })
})
