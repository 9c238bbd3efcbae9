import { Role } from '../../../src/auth/viewer'
import { type Actor, createActor } from '../../support/world/actor'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { type MadeUser, makeTemplate, makeUser, nextNumber, userItem } from '../../support/world/builders'
import { createTestClock } from '../../support/world/clock'
import { AUDIENCE, type OidcProvider, startOidcProvider } from '../../support/fakes/oidc'
import { ExportUsersDocument, ProvisionUserDocument } from '../../support/operations/operations.generated'
import { connect, hear } from '../../support/world/socket'
import { eventually } from '../../support/world/waiting'

const clock = createTestClock()
let provider: OidcProvider
let app: TestApp
let alice: TestPartner
let mallory: TestPartner
let template: string
/** Of two customers of alice's. */
let anna: MadeUser
let bruno: MadeUser

const SETTINGS = {
  OIDC_AUDIENCE: AUDIENCE,
  OIDC_ROLE_CLAIM: 'realm_access.roles',
  OIDC_ROLES: 'desk=OPERATOR,boss=ADMIN',
  OIDC_CUSTOMERS_CLAIM: 'customers',
  OIDC_NAME_CLAIM: 'https://flowthrough.example/name',
}

beforeAll(async () => {
  provider = await startOidcProvider()
  app = await startTestApp({ clock, environment: { ...SETTINGS, OIDC_ISSUER: provider.issuer } })
  ;[alice, mallory] = [await app.addPartner(), await app.addPartner('Mallory Mobile')]
  template = await makeTemplate(alice.admin)
  anna = await makeUser(alice.operator, template, { spEnterpriseId: 'SP1+first' })
  bruno = await makeUser(alice.operator, template, { spEnterpriseId: 'SP1+second' })
})
afterAll(async () => {
  await app.stop()
  await provider.stop()
})

interface Bearer {
  partner?: TestPartner
  role?: string
  customers?: string[]
  name?: string
  client?: string
  seconds?: number
}

async function signIn({ partner = alice, role = 'boss', customers = ['*'], name = 'Carla of the desk', ...options }: Bearer = {}) {
  const claims = { partner: partner.partnerId, realm_access: { roles: [role] }, customers, 'https://flowthrough.example/name': name }
  return createActor(app.url, await provider.token(claims, options))
}

const SEEN = `{ viewer { name role partner { id } }
  customers { nodes { id } } provisionedUsers { nodes { id } } onboardingTemplates { nodes { id } } auditEvents { nodes { id } }
  statusCounts { count } userChanges { changes { userId } } bulkOperations { nodes { id } } }`

interface Seen {
  viewer: { name: string; role: string; partner: { id: string } }
  customers: { nodes: { id: string }[] }
  provisionedUsers: { nodes: { id: string }[] }
  statusCounts: { count: number }[]
}

async function seenBy(actor: Actor): Promise<Seen> {
  const { data, errors } = await actor.ask<Seen, Record<string, never>>(SEEN)
  expect(errors).toEqual([])
  return data
}

const idsOf = (nodes: { id: string }[]) => nodes.map(({ id }) => id).sort()

/** The status of an answer to somebody with this token. */
const statusOf = async (token: string): Promise<number> => (await createActor(app.url, token).ask('{ viewer { name } }')).status

describe('Who signed in at the OpenID Connect provider', () => {
  it('is let in beside API tokens, as the claims say', async () => {
    const [boss, desk] = [await signIn(), await signIn({ role: 'desk' })]
    expect((await seenBy(boss)).viewer).toEqual({ name: 'Carla of the desk', role: Role.ADMIN, partner: { id: alice.partnerId } })
    expect((await seenBy(desk)).viewer.role).toBe(Role.OPERATOR)
    expect((await desk.ask('{ apiTokens { id } }')).errors[0]?.extensions.code).toBe('FORBIDDEN')
    expect((await seenBy(alice.viewer)).viewer.role).toBe(Role.VIEWER)
  })

  it('is on record by the name that the provider tells', async () => {
    const { id } = await makeUser(await signIn({ name: `Carla ${nextNumber()}` }), template)
    const name = `Carla ${nextNumber()}`
    await (await signIn({ name })).ask(`mutation { deleteUser(input: { userId: "${id}" }) { userErrors { message } } }`)
    const { data } = await alice.admin.ask<{ auditEvents: { nodes: object[] } }, Record<string, never>>(
      `{ auditEvents(filter: { actors: ["${name}"] }) { nodes { actor action } } }`,
    )
    expect(data.auditEvents.nodes).toEqual([{ actor: name, action: 'deleteUser' }])
  })

  it('sees the customers that the token names, by ID or by enterprise ID, and no others', async () => {
    const second = bruno.customer.id
    for (const customers of [[second], ['SP1+second'], ['SP1+second', 'SP1+unknown', second]]) {
      const seen = await seenBy(await signIn({ customers }))
      expect(idsOf(seen.customers.nodes)).toEqual([second])
      expect(idsOf(seen.provisionedUsers.nodes)).toEqual([bruno.id])
    }
    const found = await (await signIn({ customers: ['SP1+second'] })).ask(`{ provisionedUser(id: "${anna.id}") { id } }`)
    expect(found.data).toEqual({ provisionedUser: null })
  })

  it('sees nothing, rather than everything, when the partner has none of the customers', async () => {
    const elsewhere = await makeUser(mallory.operator, await makeTemplate(mallory.admin), { spEnterpriseId: 'SP9+hers' })
    for (const customers of [[], ['SP1+unknown'], ['SP9+hers', elsewhere.customer.id]]) {
      const actor = await signIn({ customers })
      const { viewer: _, statusCounts, ...lists } = await seenBy(actor)
      expect(Object.values(lists).map(list => Object.values(list).flat())).toEqual([[], [], [], [], [], []])
      expect(statusCounts.every(({ count }) => count === 0)).toBe(true)
      expect((await actor.ask('{ apiTokens { id } }')).errors[0]?.extensions.code).toBe('FORBIDDEN')
      const { data } = await actor.ask(ProvisionUserDocument, { input: { user: userItem(template) } })
      expect(data.provisionUser?.userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
    }
  })

  it("sees nothing of another partner's", async () => {
    const actor = await signIn({ partner: mallory })
    expect((await actor.ask(`{ provisionedUser(id: "${anna.id}") { id } node(id: "${anna.customer.id}") { id } }`)).data).toEqual({
      provisionedUser: null,
      node: null,
    })
    expect(JSON.stringify(await seenBy(actor))).not.toContain(anna.id)
  })

  it('shares no idempotency keys with anybody else', async () => {
    const user = userItem(template)
    const input = { user, idempotencyKey: `key ${nextNumber()}` }
    const handOver = async (actor: Actor) => (await actor.ask(ProvisionUserDocument, { input })).data.provisionUser
    const [first, second] = [await signIn(), await signIn({ client: 'robot' })]
    expect((await handOver(first))?.userErrors).toEqual([])
    // A replay by another token of the same bearer, and the same key of somebody else, who hands the same user over for the second time.
    expect((await handOver(await signIn()))?.userErrors).toEqual([])
    const other = { ...input, user: userItem(template) }
    expect((await second.ask(ProvisionUserDocument, { input: other })).data.provisionUser?.userErrors).toEqual([])
    expect((await first.ask(ProvisionUserDocument, { input: other })).data.provisionUser?.userErrors).toMatchObject([
      { code: 'IDEMPOTENCY_KEY_REUSED' },
    ])
  })

  it('finds its own bulk operations again, restricted to the same customers', async () => {
    const start = `mutation { bulkChangePackageType(input: { userIds: ["${bruno.id}"], packageType: PREMIUM }) { bulkOperation { id } } }`
    const customers = ['SP1+second']
    const { data } = await (
      await signIn({ customers })
    ).ask<{ bulkChangePackageType: { bulkOperation: { id: string } } }, Record<string, never>>(start)
    const { id } = data.bulkChangePackageType.bulkOperation
    const find = async (bearer: Bearer) => (await (await signIn(bearer)).ask(`{ bulkOperation(id: "${id}") { id } }`)).data
    expect(await find({ customers })).toEqual({ bulkOperation: { id } })
    expect(await find({ customers, client: 'robot' })).toEqual({ bulkOperation: null })
    expect(await find({ customers: ['SP1+first'] })).toEqual({ bulkOperation: null })
  })
})

describe('A download that somebody from the provider asked for', () => {
  async function exportBy(actor: Actor): Promise<string> {
    const { exportUsers } = await actor.get(ExportUsersDocument, { input: { format: 'JSONL' } })
    return exportUsers?.downloadUrl ?? ''
  }

  const read = async (url: string, token?: string) => {
    const response = await fetch(url, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })
    return { status: response.status, text: await response.text() }
  }

  it('has what its bearer might see, also when the token has expired since', async () => {
    const url = await exportBy(await signIn({ customers: ['SP1+second'], seconds: 60 }))
    clock.moveAhead(120_000)
    const { status, text } = await read(url)
    expect(status).toBe(200)
    expect(text).toContain(bruno.id)
    expect(text).not.toContain(anna.id)
    expect((await read(url, (await signIn()).token)).status).toBe(200)
    expect((await read(url, (await signIn({ partner: mallory })).token)).status).toBe(404)
    clock.moveAhead(600_000)
    expect((await read(url)).status).toBe(410)
  })
})

describe('A token of the provider', () => {
  it('closes the WebSocket when it expires', async () => {
    // The provider's clock is that of the machine.
    const actor = await signIn({ seconds: Math.ceil((clock.now().getTime() - Date.now()) / 1000) + 60 })
    const client = connect(actor)
    const heard = hear<object>(client, 'subscription { statusCountsChanged { count } }')
    await heard.until(1)
    clock.moveAhead(70_000)
    await eventually(async () => heard.ended)
    expect(heard.errors.map(({ extensions }) => extensions.code)).toEqual(['4401'])
    await client.dispose()
  })

  it('is refused when it is for a partner who is not here, or for another audience', async () => {
    const claims = { realm_access: { roles: ['boss'] }, customers: '*' }
    expect(await statusOf(await provider.token({ ...claims, partner: alice.partnerId }))).toBe(200)
    expect(await statusOf(await provider.token({ ...claims, partner: 'prt_01h455vb4pex5vsknk084sn02q' }))).toBe(401)
    expect(await statusOf(await provider.token({ ...claims, partner: 'Alice\0Telecom' }))).toBe(401)
    expect(await statusOf(await provider.token({ ...claims, partner: alice.partnerId }, { audience: 'https://other.example/' }))).toBe(401)
  })

  it('is not what an unknown API token is taken for, nor garbage', async () => {
    const before = provider.fetches()
    expect(await statusOf('flt_unknown')).toBe(401)
    expect(await statusOf('garbage')).toBe(401)
    expect(provider.fetches()).toBe(before)
  })

  it('lets nobody in where no provider is configured', async () => {
    const alone = await startTestApp()
    expect((await createActor(alone.url, (await signIn()).token).ask('{ viewer { name } }')).status).toBe(401)
    await alone.stop()
  })
})

it('While the provider cannot be reached, its tokens are told so, and API tokens go on', async () => {
  const gone = await startOidcProvider()
  const token = await gone.signed({ partner: alice.partnerId, realm_access: { roles: ['boss'] }, customers: '*' })
  await gone.stop()
  const alone = await startTestApp({ environment: { ...SETTINGS, OIDC_ISSUER: gone.issuer } })
  try {
    const { admin } = await alone.addPartner()
    const answer = await createActor(alone.url, token).ask('{ viewer { name } }')
    expect([answer.status, answer.errors[0]?.extensions.code]).toEqual([503, 'UNAVAILABLE'])
    expect(answer.errors[0]?.message).toContain('provider cannot be reached')
    expect((await admin.ask('{ viewer { name } }')).status).toBe(200)
    expect((await createActor(alone.url, 'garbage').ask('{ viewer { name } }')).status).toBe(401)
  } finally {
    await alone.stop()
  }
})
