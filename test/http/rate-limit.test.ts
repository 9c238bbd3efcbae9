import type { Client } from 'graphql-ws'
import { createBudget } from '../../src/auth/budget'
import { Role, type Viewer } from '../../src/auth/viewer'
import { createActor, type Actor, type Answer } from '../support/world/actor'
import { createTestDatabase, startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import { makeTemplate, makeUser, userItem } from '../support/world/builders'
import { createTestClock } from '../support/world/clock'
import { UserChangesDocument } from '../support/operations/operations.generated'
import { connect, hear } from '../support/world/socket'
import { countRows, dumpTables } from '../support/database/table-dump'
import { untilSettled } from '../support/world/user-changes'
import { eventually } from '../support/world/waiting'

const LIMIT = 2000
const GATEWAY = 'a-service-token-of-the-gateway-of-these-tests'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp({
    environment: { RATE_LIMIT_COST_PER_MINUTE: String(LIMIT), GATEWAY_TOKENS: `${GATEWAY}-of-before,${GATEWAY}`, GATEWAY_RATE_FACTOR: '3' },
  })
})
afterAll(() => app.stop())

interface Cost {
  estimated: number
  actual: number
  limit: number
  remaining: number
  resetAt: string
}

const costOf = ({ extensions }: Answer<unknown>) => extensions?.['cost'] as Cost

/** A caller with a full budget. */
const newCaller = async (): Promise<Actor> => (await app.addPartner()).admin

/** Causes under a filter cost what they may cost, 250 each, however few there are. */
const DEAR = `{ ${Array.from({ length: 7 }, (_, index) => `a${index}: causes(first: 0, filter: { search: "rossi" }) { key }`).join(' ')} }`
const CHEAP = '{ viewer { name } }'

const CHANGE = 'mutation ($input: ChangePackageTypeInput!) { changePackageType(input: $input) { userErrors { message } } }'

/** Leaves the caller less than a request costs. */
async function spend(caller: Actor): Promise<void> {
  await caller.ask(DEAR)
  for (let left = LIMIT; left >= 10;) left = costOf(await caller.ask(CHEAP)).remaining
}

describe('A budget', () => {
  it('is taken from by what a request may cost, and given back what it did not need', async () => {
    const { admin } = await app.addPartner()
    const template = await makeTemplate(admin)
    await makeUser(admin, template)
    const before = costOf(await admin.ask(CHEAP))
    expect(before).toMatchObject({ estimated: 2, actual: 10, limit: LIMIT })
    const answer = await admin.ask(
      '{ provisionedUsers(first: 100) { nodes { id broadworksId customer { name } } } rateLimit { limit cost remaining } }',
    )
    const cost = costOf(answer)
    // A connection, a hundred users with two values and a customer with one, and rateLimit with three.
    expect(cost).toEqual({
      estimated: Math.ceil(1 + 100 * (1 + 2 / 50 + 1 + 1 / 50) + 1 + 3 / 50),
      actual: 10,
      limit: LIMIT,
      remaining: before.remaining - 10,
      resetAt: expect.stringMatching(/^\d{4}-.*Z$/),
    })
    expect(answer.data).toMatchObject({
      rateLimit: { limit: LIMIT, cost: cost.estimated, remaining: before.remaining - cost.estimated },
    })
    expect(answer.headers.get('ratelimit-policy')).toBe(`"cost";q=${LIMIT};w=60`)
    expect(answer.headers.get('ratelimit')).toMatch(new RegExp(`^"cost";r=${cost.remaining};t=\\d{1,2}$`))
  })

  it('refuses what is dearer than what is left, carries nothing of it out, and lets pass what is not', async () => {
    const caller = await newCaller()
    const template = await makeTemplate(caller)
    await caller.ask(DEAR)
    const before = await dumpTables(app.platform)
    const counts = Array.from({ length: 95 }, (_, index) => `a${index}: statusCounts { count }`).join(' ')
    const change = `mutation { updateOnboardingTemplate(input: { id: "${template}", name: "Other" }) { onboardingTemplate { ${counts} } } }`
    for (const document of [DEAR, change]) {
      const { status, headers, data, errors } = await caller.ask(document)
      expect({ status, data, errors }).toEqual({
        status: 429,
        data: undefined,
        errors: [
          {
            message: expect.stringMatching(
              /^This may cost \d{3,4} points, and \d+ of your 2000 a minute are left\. Ask for less, or wait\.$/,
            ),
            extensions: { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number), requestId: expect.any(String) },
          },
        ],
      })
      const seconds = Number(headers.get('retry-after'))
      expect(seconds > 0 && seconds <= 60).toBe(true)
      expect(headers.get('ratelimit')).toMatch(/^"cost";r=\d+;t=\d+$/)
    }
    expect(await dumpTables(app.platform)).toEqual(before)
    expect((await caller.ask(CHEAP)).status).toBe(200)
  })

  it('that is spent has everything refused before it is read, whatever it is', async () => {
    const caller = await newCaller()
    await spend(caller)
    for (const document of [CHEAP, '{ nonsense', '{ unknown }', 'mutation { startSync(input: {}) { sync { state } } }']) {
      const { status, headers, errors, extensions } = await caller.ask(document)
      expect([status, errors[0]?.extensions.code, extensions]).toEqual([429, 'RATE_LIMITED', undefined])
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
      expect(headers.get('ratelimit')).toMatch(/^"cost";r=\d;t=\d+$/)
    }
    expect(await (await newCaller()).ask(CHEAP)).toMatchObject({ status: 200 })
  })

  it('pays for what is refused, too', async () => {
    const caller = await newCaller()
    const start = costOf(await caller.ask(CHEAP)).remaining
    const tooComplex = `{ provisionedUsers(first: 100) { nodes { customer { provisionedUsers(first: 100) { nodes { id } } } } } }`
    for (const document of ['{ nonsense', '{ unknown }', tooComplex]) expect((await caller.ask(document)).data).toBeUndefined()
    expect(costOf(await caller.ask(CHEAP)).remaining).toBe(start - 4 * 10)
  })

  it('is given nothing back where an error hides what was read', async () => {
    const partner = await app.addPartner()
    const counts = 'causes(first: 0, filter: { search: "rossi" }) { key }'
    for (const [caller, failing] of [
      [partner.viewer, 'apiTokens { id }'],
      [partner.admin, 'provisionedUsers(after: "x") { nodes { id } }'],
    ] as const) {
      const start = costOf(await caller.ask(CHEAP)).remaining
      const { data, errors } = await caller.ask(`{ a: ${counts} b: ${counts} bad: ${failing} }`)
      expect([data, errors.length]).toEqual([null, 1])
      expect(costOf(await caller.ask(CHEAP)).remaining).toBeLessThan(start - 500)
    }
  })

  it('has a share in that of its partner, whose callers may be many', async () => {
    const { partnerId, admin } = await app.addPartner()
    const callers = await Promise.all(Array.from({ length: 12 }, () => app.addToken(partnerId, Role.VIEWER)))
    const statuses: number[] = []
    for (const caller of callers) statuses.push((await caller.ask(DEAR)).status)
    // Ten times what one of them has.
    expect(statuses).toEqual([...Array<number>(11).fill(200), 429])
    const { errors } = await (callers[11] as Actor).ask(DEAR)
    expect(errors[0]?.message).toMatch(/^This may cost 1750 points, and 750 of your partner's 20000 a minute are left/)
    expect(await admin.ask(CHEAP)).toMatchObject({ status: 200 })
    expect(await (await newCaller()).ask(DEAR)).toMatchObject({ status: 200 })
  })

  it('pays for what has to be read, by its length, whatever comes of it', async () => {
    const caller = await newCaller()
    const send = (body: string, headers = {}) =>
      fetch(`${app.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${caller.token}`, ...headers },
        body,
      })
    const remaining = async () => costOf(await caller.ask(CHEAP)).remaining
    for (const [body, headers] of [
      [JSON.stringify({ query: CHEAP, variables: { unused: 'x'.repeat(20_000) } }), {}],
      [JSON.stringify({ query: `{ nonsense ${'x'.repeat(20_000)}` }), {}],
      [`{"query": "${'x'.repeat(20_000)}`, {}],
      [JSON.stringify({ query: `${CHEAP} # \0 ${'x'.repeat(20_000)}` }), {}],
      [JSON.stringify({ query: CHEAP, variables: { unused: 'x'.repeat(20_000) } }), { accept: 'text/html' }],
    ] as const) {
      const before = await remaining()
      await (await send(body, headers)).text()
      const points = Math.ceil(body.length / 100)
      let asked = 0
      // Asking costs, too.
      await eventually(async () => before - (await remaining()) - 10 * (asked += 1) >= points)
    }
  })

  it('is larger through a gateway, which sees no more than its caller', async () => {
    const caller = await newCaller()
    await spend(caller)
    const through = (token: string) => caller.ask('{ viewer { name } apiTokens { id } }', {}, { 'gateway-token': token })
    const answer = await through(GATEWAY)
    expect(answer).toMatchObject({ status: 200, data: { viewer: { name: 'admin of the tests' } } })
    expect(costOf(answer).limit).toBe(3 * LIMIT)
    expect((answer.data as { apiTokens: object[] }).apiTokens).toHaveLength(3)
    for (const token of ['wrong', '', GATEWAY.slice(1), `${GATEWAY},${GATEWAY}`]) {
      expect(await through(token)).toMatchObject({ status: 401, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
    }
    const stranger = createActor(app.url, 'flt_nobody')
    expect((await stranger.ask(CHEAP, {}, { 'gateway-token': GATEWAY })).status).toBe(401)
  })

  it('is one over HTTP and WebSocket', async () => {
    const caller = await newCaller()
    const { remaining } = costOf(await caller.ask(CHEAP))
    const client = connect(caller)
    try {
      const heard = hear<{ causes: object[] }>(client, DEAR)
      await heard.until(1)
      const refused = hear(client, DEAR)
      await eventually(async () => refused.ended)
      expect(refused.errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) } }])
      expect(costOf(await caller.ask(CHEAP)).remaining).toBe(remaining - 1750 - 10)
      await spend(caller)
      const spent = hear(client, CHEAP)
      await eventually(async () => spent.ended)
      expect(spent.errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) } }])
    } finally {
      await client.dispose()
    }
  })

  it('pays for each user of a bulk operation, of whom a filter does not say how many they are', async () => {
    const { admin } = await app.addPartner()
    const template = await makeTemplate(admin)
    const users = Array.from({ length: 100 }, () => userItem(template))
    const insert =
      'mutation ($users: [ProvisionUserItem!]!) { provisionUsers(input: { users: $users }) { results { userErrors { code } } } }'
    await admin.ask(insert, { users })
    const rehearse = 'mutation { bulkRetryActivation(input: { filter: {}, dryRun: true }) { bulkOperation { total } } }'
    const before = costOf(await admin.ask(CHEAP)).remaining
    expect((await admin.ask(rehearse)).data).toMatchObject({ bulkRetryActivation: { bulkOperation: { total: 100 } } })
    const price = before - costOf(await admin.ask(CHEAP)).remaining - 10
    // 250 for the filter and something for the answer, and 100 / 5.
    expect([price > 270, price < 280]).toEqual([true, true])
    let status = 200
    while (status === 200) status = (await admin.ask(rehearse)).status
    const rows = await countRows(app.platform, 'bulk_operation')
    expect(await admin.ask(rehearse)).toMatchObject({ status: 429, errors: [{ extensions: { code: 'RATE_LIMITED' } }] })
    expect(await countRows(app.platform, 'bulk_operation')).toBe(rows)
  })

  it('pays for each event of a subscription, and ends it when it is spent', async () => {
    const partner = await app.addPartner()
    const user = await makeUser(partner.operator, await makeTemplate(partner.admin))
    const client = connect(partner.viewer)
    try {
      const counts = Array.from({ length: 60 }, (_, index) => `a${index}: statusCounts { count }`).join(' ')
      const heard = hear(client, `subscription { provisionedUserChanged { provisionedUser { customer { ${counts} } } } }`)
      const changes = Array.from({ length: 150 }, (_, index) => (index % 2 === 0 ? 'BASIC' : 'PREMIUM'))
      for (const packageType of changes) {
        if (heard.ended || heard.errors.length > 0) break
        await partner.operator.ask(CHANGE, { input: { userId: user.id, packageType } })
      }
      await eventually(async () => heard.errors.length > 0)
      expect(heard.errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }])
      expect(heard.events.length).toBeGreaterThan(0)
    } finally {
      await client.dispose()
    }
  })
})

describe('What a request did not need', () => {
  const afterSettling = async (minuteIsOver: boolean) => {
    const { partnerId } = await app.addPartner()
    const viewer: Viewer = { callerId: `caller of ${partnerId}`, partnerId, name: 'caller', role: Role.VIEWER, customerIds: null }
    const clock = createTestClock()
    const { limits } = app.platform
    const budget = createBudget({ limits, clock }, viewer, false)
    const left = async () => {
      const counters = [limits.cost.take(viewer.callerId, 0), limits.partnerCost.take(partnerId, 0)]
      return (await Promise.all(counters)).map(counter => counter.left)
    }
    await budget.take(500)
    const [before, balance] = [await left(), budget.balance]
    if (minuteIsOver) clock.moveAhead(60_000)
    await budget.settle(20)
    const after = await left()
    expect(budget.balance).toMatchObject({ cost: 20, limit: LIMIT, resetAt: balance?.resetAt })
    return { givenBack: after.map((points, index) => points - (before[index] ?? 0)), told: budget.balance?.remaining }
  }

  it('is given back to its caller and to their partner', async () => {
    expect(await afterSettling(false)).toEqual({ givenBack: [480, 480], told: LIMIT - 20 })
  })

  it('is not given back once all is, and the request still tells what it came to', async () => {
    expect(await afterSettling(true)).toEqual({ givenBack: [0, 0], told: LIMIT - 500 })
  })
})

describe('A subscription', () => {
  const clients: Client[] = []
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.dispose()
  })
  function socket(actor: Actor): Client {
    const client = connect(actor)
    clients.push(client)
    return client
  }
  const changePackage = (actor: Actor, userId: string, packageType: string) => actor.ask(CHANGE, { input: { userId, packageType } })
  const remaining = async (caller: Actor) => costOf(await caller.ask(CHEAP)).remaining
  const COUNTS = 'subscription { statusCountsChanged { count } }'
  type Counts = { statusCountsChanged: { count: number }[] }

  it('takes what each event came to, however little that is', async () => {
    const { admin, operator, viewer } = await app.addPartner()
    const { id } = await makeUser(operator, await makeTemplate(admin))
    await untilSettled(app)
    const { latestCursor } = (await viewer.get(UserChangesDocument, { first: 0 })).userChanges
    const document = 'subscription ($after: String) { provisionedUserChanged(after: $after) { kind userId } }'
    const packages = ['BASIC', 'PREMIUM', 'BASIC', 'PREMIUM', 'BASIC']
    await changePackage(operator, id, 'PREMIUM')
    // A change while a subscription begins may be told twice.
    await untilSettled(app)
    const heard = hear<{ provisionedUserChanged: object }>(socket(viewer), document, { after: latestCursor })
    await heard.until(1)
    const start = await remaining(viewer)
    for (const [index, packageType] of packages.entries()) {
      await changePackage(operator, id, packageType)
      await heard.until(index + 2)
    }
    // An object and two of its values.
    expect(start - (await remaining(viewer)) - 10).toBe(packages.length * 2)
  })

  it('to counts pays for each look at them before it is made, also when nothing has changed', async () => {
    const { admin, operator, viewer } = await app.addPartner()
    const { id } = await makeUser(operator, await makeTemplate(admin))
    await untilSettled(app)
    const heard = hear<Counts>(socket(viewer), COUNTS)
    await heard.until(1)
    const start = await remaining(viewer)
    await changePackage(operator, id, 'BASIC')
    let asked = 0
    await eventually(async () => start - (await remaining(viewer)) - 10 * (asked += 1) === 5)
    expect(heard.events).toHaveLength(1)
  })

  it('to counts pays for no look at what its caller does not see, or has not asked for', async () => {
    const { partnerId, admin, operator, viewer } = await app.addPartner()
    const template = await makeTemplate(admin)
    const user = await makeUser(operator, template, { spEnterpriseId: 'SP1+one' })
    const other = await makeUser(operator, template, { spEnterpriseId: 'SP1+two' })
    const mallory = await app.addPartner()
    const restricted = await app.addToken(partnerId, Role.VIEWER, [user.customer.id])
    const choosy = await app.addToken(partnerId, Role.VIEWER)
    await untilSettled(app)
    const untouched = [
      hear<Counts>(socket(restricted), COUNTS),
      hear<Counts>(socket(mallory.viewer), COUNTS),
      hear<Counts>(socket(choosy), `subscription { statusCountsChanged(customerId: "${user.customer.id}") { count } }`),
      hear<Counts>(socket(choosy), `subscription { statusCountsChanged(onboardingTemplateId: "${await makeTemplate(admin)}") { count } }`),
    ]
    for (const heard of untouched) await heard.until(1)
    const everything = hear<Counts>(socket(viewer), COUNTS)
    await everything.until(1)
    const callers = [restricted, mallory.viewer, choosy]
    const before = await Promise.all(callers.map(remaining))
    const start = await remaining(viewer)
    await changePackage(operator, other.id, 'BASIC')
    let asked = 0
    // Whoever has waited for longer would have looked before.
    await eventually(async () => start - (await remaining(viewer)) - 10 * (asked += 1) === 5)
    expect(await Promise.all(callers.map(remaining))).toEqual(before.map(points => points - 10))
    await changePackage(operator, user.id, 'BASIC')
    const [first = 0] = before
    asked = 1
    await eventually(async () => first - (await remaining(restricted)) - 10 * (asked += 1) === 5)
  })

  it('to counts ends when its look cannot be paid', async () => {
    const { admin, operator, viewer } = await app.addPartner()
    const { id } = await makeUser(operator, await makeTemplate(admin))
    await untilSettled(app)
    const heard = hear<Counts>(socket(viewer), COUNTS)
    await heard.until(1)
    await spend(viewer)
    let isBasic = false
    await eventually(async () => {
      isBasic = !isBasic
      await changePackage(operator, id, isBasic ? 'BASIC' : 'PREMIUM')
      return heard.ended
    })
    expect(heard.errors).toMatchObject([
      {
        message: expect.stringMatching(/^This may cost 5 points, and \d of your 2000 a minute are left/),
        extensions: { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) },
      },
    ])
    expect(heard.events).toHaveLength(1)
  })
})

describe('An answer', () => {
  let rich: TestApp
  let partner: TestPartner
  beforeAll(async () => {
    rich = await startTestApp({ environment: { QUERY_ALIASES_MAX: '100000' } })
    partner = await rich.addPartner()
  })
  afterAll(() => rich.stop())

  it('that would be too long is not written, and paid for', async () => {
    const template = await makeTemplate(partner.admin, { name: 'x'.repeat(100) })
    const names = Array.from({ length: 2200 }, (_, index) => `a${index}: name`).join(' ')
    const users = Array.from({ length: 100 }, () => userItem(template))
    await partner.admin.ask(
      'mutation ($users: [ProvisionUserItem!]!) { provisionUsers(input: { users: $users }) { results { userErrors { code } } } }',
      {
        users,
      },
    )
    const page = (size: number) => partner.admin.ask(`{ provisionedUsers(first: ${size}) { nodes { onboardingTemplate { ${names} } } } }`)
    const { status, errors, data } = await page(100)
    expect([status, data]).toEqual([200, undefined])
    expect(errors).toMatchObject([
      { message: expect.stringMatching(/^The answer would have more than 16 MB/), extensions: { code: 'QUERY_TOO_COMPLEX' } },
    ])
    const short = await page(10)
    expect(short.errors).toEqual([])
    // 2,200 names of a hundred letters for each of ten users, at a point for a thousand letters.
    expect(costOf(short).actual).toBeGreaterThan(2200)
  })

  it('repeats no filter whole that names a thousand objects', async () => {
    const ids = Array.from({ length: 1000 }, (_, index) => `cus_${String(index).padStart(26, '0')}`)
    await partner.admin.ask(
      'mutation ($filter: ProvisionedUserFilter) { exportUsers(input: { filter: $filter, format: CSV }) { rowCount } }',
      {
        filter: { customerIds: ids },
      },
    )
    const { data } = await partner.admin.ask<{ auditEvents: { nodes: { changes: { field: string; after: string }[] }[] } }, never>(
      '{ auditEvents(first: 1, filter: { actions: ["exportUsers"] }) { nodes { changes { field after } } } }',
    )
    const told = data.auditEvents.nodes[0]?.changes.find(({ field }) => field === 'filter')?.after ?? ''
    expect([told.length, told.slice(-1)]).toEqual([4001, '…'])
  })
})

describe('Servers at one database', () => {
  const onPostgres = process.env['TEST_DATABASE'] === 'postgres'
  it(onPostgres ? 'share what they count' : 'are one on SQLite, which counts in memory', async () => {
    const database = await createTestDatabase()
    const environment = { RATE_LIMIT_COST_PER_MINUTE: String(LIMIT), ENCRYPTION_KEY: '1'.repeat(64) }
    const first = await startTestApp({ database, environment })
    try {
      const { admin } = await first.addPartner()
      await spend(admin)
      if (!onPostgres) return
      const second = await startTestApp({ database, environment })
      try {
        expect((await createActor(second.url, admin.token).ask(CHEAP)).status).toBe(429)
      } finally {
        await second.stop()
      }
    } finally {
      await first.stop()
      await database.remove()
    }
  })
})

describe('Whoever brings no valid token', () => {
  it('is counted by network, and does not keep others there from their work', async () => {
    const strict = await startTestApp({ environment: { RATE_LIMIT_ANONYMOUS_PER_MINUTE: '3' } })
    try {
      const { admin } = await strict.addPartner()
      const from = (address: string, token = 'flt_nobody') => createActor(strict.url, token).ask(CHEAP, {}, { 'x-forwarded-for': address })
      const statuses = async (...addresses: string[]) => {
        const seen: number[] = []
        for (const address of addresses) seen.push((await from(address)).status)
        return seen
      }
      expect(await statuses('192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.2')).toEqual([401, 401, 401, 429, 401])
      expect(await statuses('2001:db8::1', '2001:db8::2', '2001:db8:0:0:1::', '2001:db8::4', '2001:db8:0:1::')).toEqual([
        401, 401, 401, 429, 401,
      ])
      const refused = await from('192.0.2.1')
      expect(refused.errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED', requestId: expect.any(String) } }])
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      expect((await from('192.0.2.1', admin.token)).status).toBe(200)
    } finally {
      await strict.stop()
    }
  })

  it('may send less', async () => {
    const send = (bytes: number, headers: Record<string, string>) =>
      fetch(`${app.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query: CHEAP }) + ' '.repeat(bytes),
      })
    const { token } = await newCaller()
    const known = { authorization: `Bearer ${token}` }
    expect((await send(90 * 1024, {})).status).toBe(401)
    expect((await send(110 * 1024, {})).status).toBe(413)
    expect((await send(1000 * 1024, known)).status).toBe(200)
    const other = { authorization: `Bearer ${(await newCaller()).token}` }
    expect((await send(1100 * 1024, other)).status).toBe(413)
  })
})
