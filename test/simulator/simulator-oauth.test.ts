import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { newSubscriber, startTestSimulator, type TestSimulator, type ToolAnswer } from '../support/fakes/simulator'

let simulator: TestSimulator

beforeAll(async () => {
  simulator = await startTestSimulator()
})

beforeEach(async () => {
  await simulator.tool('DELETE', '/oauth')
  await simulator.tool('DELETE', '/faults')
})

afterAll(() => simulator.stop())

it('a first refresh token opens the organisation that it names, as Webex answers it', async () => {
  const name = `simulated-${randomUUID()}`
  const { value: seeded } = await simulator.client({ token: name }).createSubscriber(newSubscriber())
  const { status, body } = await refresh(`refresh-${name}`)
  expect([status, body]).toEqual([
    200,
    {
      access_token: expect.stringMatching(/^[\w-]{40,}$/),
      expires_in: 1_209_599,
      refresh_token: expect.stringMatching(/^[\w-]{40,}$/),
      refresh_token_expires_in: 7_776_000,
      token_type: 'Bearer',
      scope: expect.stringContaining('spark-admin:broadworks_subscribers_write'),
    },
  ])
  const partner = simulator.client({ token: body.access_token })
  expect((await partner.getSubscriber(seeded.id)).value.userId).toBe(seeded.userId)
  await partner.deleteSubscriber(seeded.id)
})

it('every refresh gives new tokens, the last access token stays good, and a spent refresh token is refused', async () => {
  const first = (await refresh(`refresh-${randomUUID()}`)).body
  const second = (await refresh(first.refresh_token)).body
  expect(new Set([first, second].flatMap(({ access_token, refresh_token }) => [access_token, refresh_token])).size).toBe(4)
  for (const { access_token } of [first, second]) expect(await statusOf(access_token)).toBe(200)
  const { status, body } = await refresh(first.refresh_token)
  expect([status, body]).toEqual([
    400,
    {
      error: 'invalid_grant',
      error_description: expect.any(String),
      message: expect.any(String),
      errors: [{ description: expect.any(String) }],
      trackingId: expect.any(String),
    },
  ])
})

it('of many refreshes at once with one token, one is let through', async () => {
  const token = `refresh-${randomUUID()}`
  const statuses = (await Promise.all(Array.from({ length: 10 }, () => refresh(token)))).map(({ status }) => status)
  expect(statuses.filter(status => status === 200)).toHaveLength(1)
  expect((await simulator.tool('GET', '/oauth')).body).toMatchObject({ refreshes: 1, refusals: 9 })
})

it('a spent token is taken again within the window that was told', async () => {
  await simulator.tool('PUT', '/oauth', { reuseWindowSeconds: 3600 })
  const token = `refresh-${randomUUID()}`
  for (let round = 0; round < 3; round += 1) expect((await refresh(token)).status).toBe(200)
  await simulator.tool('PUT', '/oauth', { reuseWindowSeconds: 0 })
  expect((await refresh(token)).status).toBe(400)
})

it('several first tokens open one organisation', async () => {
  const name = randomUUID()
  const { value: seeded } = await simulator.client({ token: name }).createSubscriber(newSubscriber())
  for (const token of [`refresh-${name}`, `refresh-${name}~second`, `refresh-${name}~third`]) {
    const partner = simulator.client({ token: (await refresh(token)).body.access_token })
    expect((await partner.findSubscribers(seeded.userId)).value).toHaveLength(1)
  }
})

it.each(['made-up', 'refresh-', 'refresh-expired', 'refresh-a b'])('%j is not a refresh token', async token => {
  const { status, body } = await refresh(token)
  expect([status, body.error]).toEqual([400, 'invalid_grant'])
})

it('the client may come by Basic, but not without a secret or with a wrong one', async () => {
  const form = { grant_type: 'refresh_token', refresh_token: `refresh-${randomUUID()}` }
  const basic = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` })
  const clients: [object, Record<string, string>][] = [
    [{}, {}],
    [{ client_id: 'flowthrough' }, {}],
    [{ client_id: 'flowthrough', client_secret: 'wrong' }, {}],
    [{}, basic('flowthrough:wrong')],
    [{}, basic('flowthrough')],
  ]
  for (const [fields, headers] of clients) {
    const { status, body } = await post({ ...form, ...fields }, headers)
    expect([status, body.error]).toEqual([401, 'invalid_client'])
  }
  expect((await post(form, basic('flowthrough:secret'))).status).toBe(200)
})

it('refuses another grant, a missing token and a body that is no form', async () => {
  const client = { client_id: 'flowthrough', client_secret: 'secret' }
  expect((await post({ ...client, grant_type: 'password' })).body.error).toBe('unsupported_grant_type')
  expect((await post({ ...client, grant_type: 'refresh_token' })).body.error).toBe('invalid_request')
  expect((await fetch(`${simulator.url}/access_token`, { method: 'POST', body: 'grant_type' })).status).toBe(415)
  expect((await fetch(`${simulator.url}/access_token`)).status).toBe(405)
})

it('an access token ends in its time', async () => {
  await simulator.tool('PUT', '/oauth', { expiresInSeconds: 0 })
  const { body } = await refresh(`refresh-${randomUUID()}`)
  expect(body.expires_in).toBe(0)
  expect(await statusOf(body.access_token)).toBe(401)
  await simulator.tool('PUT', '/oauth', { expiresInSeconds: 3600 })
  const renewed = (await refresh(body.refresh_token)).body
  expect([renewed.expires_in, await statusOf(renewed.access_token)]).toEqual([3600, 200])
})

it('a token that looks like an issued one and is none is no organisation of its own', async () => {
  const { access_token: token } = (await refresh(`refresh-${randomUUID()}`)).body
  expect(await statusOf(`${token}x`)).toBe(401)
})

it('the scope decides about writes', async () => {
  await simulator.tool('PUT', '/oauth', { scope: 'spark-admin:broadworks_subscribers_read' })
  const told = (await refresh(`refresh-${randomUUID()}`)).body
  await simulator.tool('DELETE', '/oauth')
  const named = (await refresh(`refresh-readonly-${randomUUID()}`)).body
  for (const { scope, access_token: token } of [told, named]) {
    expect(scope).not.toContain('_write')
    const partner = simulator.client({ token })
    expect((await partner.findSubscribers('anna')).value).toEqual([])
    await expect(partner.createSubscriber(newSubscriber())).rejects.toMatchObject({ httpStatus: 403 })
  }
})

it('faults spare the token endpoint unless they name it', async () => {
  const token = `refresh-${randomUUID()}`
  await simulator.setFaults({ kind: 'fail', httpStatus: 503 })
  const { status, body } = await refresh(token)
  expect(status).toBe(200)
  await simulator.setFaults({ kind: 'fail', httpStatus: 503, path: 'access_token', times: 1 }, { kind: 'drop-after', path: 'access_token' })
  expect((await refresh(body.refresh_token)).status).toBe(503)
  await expect(refresh(body.refresh_token)).rejects.toThrow()
  await simulator.tool('DELETE', '/faults')
  expect((await refresh(body.refresh_token)).status).toBe(400)
})

it('tokens outlive a restart, and the file holds none of them', async () => {
  const first = `refresh-${randomUUID()}`
  const { access_token, refresh_token } = (await refresh(first)).body
  await simulator.restart()
  expect(await statusOf(access_token)).toBe(200)
  expect((await refresh(refresh_token)).status).toBe(200)
  const file = ['', '-wal'].map(suffix => readFileSync(simulator.databasePath + suffix, 'latin1')).join('')
  for (const token of [first, access_token, refresh_token]) expect(file).not.toContain(token)
})

it.each([
  [{ expiresInSeconds: -1 }, /^expiresInSeconds must be a whole number from 0 to 1209599$/],
  [{ scope: 5 }, /^scope must be a text$/],
  [{ lifetime: 5 }, /^The body has fields that are not known here: lifetime; known are expiresInSeconds, scope, reuseWindowSeconds$/],
  [[], /^The body must be an object with some of/],
])('refuses the settings %j, says what is allowed, and changes nothing', async (settings, message) => {
  const before = (await simulator.tool('GET', '/oauth')).body
  const { status, body } = await simulator.tool('PUT', '/oauth', settings)
  expect([status, body.message]).toEqual([400, expect.stringMatching(message)])
  expect((await simulator.tool('GET', '/oauth')).body).toEqual(before)
})

async function refresh(token: string) {
  return post({ grant_type: 'refresh_token', client_id: 'flowthrough', client_secret: 'secret', refresh_token: token })
}

async function post(form: Record<string, string>, headers: Record<string, string> = {}): Promise<{ status: number; body: ToolAnswer }> {
  const response = await fetch(`${simulator.url}/access_token`, { method: 'POST', headers, body: new URLSearchParams(form) })
  return { status: response.status, body: await response.json() }
}

async function statusOf(accessToken: string): Promise<number> {
  const response = await fetch(`${simulator.url}/broadworks/subscribers`, { headers: { authorization: `Bearer ${accessToken}` } })
  return response.status
}
