import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as identifiers from '../../src/webex/webex-identifiers'
import { startSimulator, type Simulator } from '../../src/simulator/simulator'
import { openSimulatorStore, type SubscriberRow } from '../../src/simulator/store'
import { testLogger } from '../support/jest/test-log'
import { eventually } from '../support/world/waiting'

const logger = testLogger()
const provisioningId = identifiers.provisioningId(randomUUID(), randomUUID())
const folders: string[] = []
const running = new Set<Simulator>()
let simulator: Simulator

beforeAll(async () => {
  simulator = await start(temporaryPath())
})

afterAll(async () => {
  for (const one of running) await one.stop()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

describe('access', () => {
  it.each([
    ['without a token', undefined],
    ['with an empty token', 'Bearer '],
    ['with another scheme', 'Basic YTpi'],
    ['with a malformed token', 'Bearer a b'],
    ['with the expired token', 'Bearer expired'],
  ])('refuses a request %s', async (_case, authorization) => {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
    const response = await fetch(`${simulator.url}/broadworks/subscribers`, { headers })
    expect(response.status).toBe(401)
    expect(await response.json()).toEqual({
      message: expect.any(String),
      errors: [{ description: expect.any(String) }],
      trackingId: response.headers.get('trackingid'),
    })
  })

  it('lets a read-only token read and refuses its writes', async () => {
    const partner = client(simulator, `readonly-${randomUUID()}`)
    expect((await partner.get('/broadworks/subscribers')).status).toBe(200)
    expect((await partner.post('/broadworks/subscribers', newUser())).status).toBe(403)
    expect((await partner.delete('/broadworks/subscribers/any')).status).toBe(403)
  })

  it('shows a partner organisation nothing of another one', async () => {
    const alice = client(simulator)
    const stranger = client(simulator)
    const user = newUser({ email: 'consumer-anna@example.com' })
    const { id } = await alice.create(user)
    await alice.untilStatus(id, 'pending_user_migration')

    for (const list of ['subscribers', 'enterprises']) expect((await stranger.get(`/broadworks/${list}`)).body).toEqual({ items: [] })
    expect((await stranger.get(`/broadworks/subscribers/${id}`)).status).toBe(404)
    expect((await stranger.put(`/broadworks/subscribers/${id}`, {})).status).toBe(404)
    expect((await stranger.post(`/subscribers/${id}/emails/consentMove`)).status).toBe(404)
    expect((await stranger.delete(`/broadworks/subscribers/${id}`)).status).toBe(404)
    expect((await stranger.post('/broadworks/subscribers', user)).status).toBe(200)
  })
})

describe('protocol', () => {
  it('answers unknown paths with 404 and unsupported methods with 405 and what is allowed', async () => {
    const partner = client(simulator)
    expect((await partner.get('/broadworks/nothing')).status).toBe(404)
    const refused = await partner.request('PATCH', '/broadworks/subscribers/some', '{')
    expect(refused.status).toBe(405)
    expect(refused.headers.get('allow')).toBe('GET, PUT, DELETE')
    expect((await partner.get('/broadworks/subscribers/validate')).status).toBe(405)
  })

  it('refuses another content type with 415, and bodies that are not a JSON object with 400', async () => {
    const partner = client(simulator)
    const post = (body: string, type?: string) => partner.request('POST', '/broadworks/subscribers', body, type)
    expect((await post('userId=1', 'application/x-www-form-urlencoded')).status).toBe(415)
    expect((await post('{}', 'text/plain')).status).toBe(415)
    for (const body of ['{', '[]', 'null', '"text"', '', '{"__proto__":{}}']) expect((await post(body)).status).toBe(400)
    expect((await fetch(`${simulator.url}/broadworks/subscribers/%zz`)).status).toBe(400)
  })

  it('names every answer, with the tracking ID of the caller in it', async () => {
    const partner = client(simulator)
    const given = await partner.request('GET', '/broadworks/subscribers/none', undefined, undefined, { trackingid: 'FLOW_1' })
    expect(given.headers.get('trackingid')).toMatch(/^FLOW_1_\w+$/)
    expect(given.body.trackingId).toBe(given.headers.get('trackingid'))
    const listed = await partner.get('/broadworks/subscribers')
    expect(listed.headers.get('trackingid')).toMatch(/^SIMULATOR_/)
  })

  it('says that it is healthy without a token', async () => {
    const response = await fetch(new URL('/simulator/health', simulator.url))
    expect(await response.json()).toEqual({ status: 'ok' })
  })
})

describe('creating a subscriber', () => {
  it('answers provisioning at once and is provisioned after the delay, with a person', async () => {
    const partner = client(simulator)
    const user = newUser({ email: 'anna@example.com', mobilePhoneNumber: '+1-818-279-1234' })
    const created = await partner.create({ ...user, language: 'en', timezone: 'Europe/Vienna' })
    expect(created).toEqual({
      ...user,
      id: expect.stringMatching(/^[\w-]+$/),
      status: 'provisioning',
      created: expect.stringMatching(/T.*\.\d{3}Z$/),
      lastStatusChange: created.created,
      selfActivated: 'false',
    })
    const provisioned = await partner.untilStatus(created.id, 'provisioned')
    expect(decode(provisioned.personId)).toMatch(/^ciscospark:\/\/us\/PEOPLE\/[\w-]{36}$/)
    expect(Date.parse(provisioned.lastStatusChange) - Date.parse(created.created)).toBe(50)
  })

  it('makes the enterprise with its first user, and keeps it on that template', async () => {
    const partner = client(simulator)
    await partner.create(newUser({ spEnterpriseId: 'SP1+acme' }))
    await partner.create(newUser({ spEnterpriseId: 'SP1+acme' }))
    const { items } = (await partner.get('/broadworks/enterprises')).body
    const enterprise = { id: expect.any(String), orgId: expect.any(String), spEnterpriseId: 'SP1+acme', provisioningId }
    expect(items).toEqual([expect.objectContaining(enterprise)])

    const other = newUser({ spEnterpriseId: 'SP1+acme', provisioningId: identifiers.provisioningId(randomUUID(), randomUUID()) })
    const refused = await partner.post('/broadworks/subscribers', other)
    expect([refused.status, refused.body.errors[0].errorCode]).toEqual([409, 200050])
  })

  it('waits for an address where none is given', async () => {
    const created = await client(simulator).create(newUser())
    expect(created.status).toBe('pending_email_input')
    expect(created).not.toHaveProperty('email')
  })

  it('names every missing parameter with code 1001', async () => {
    const user = { ...newUser(), firstName: undefined, lastName: ' ', package: '' }
    const refused = await client(simulator).post('/broadworks/subscribers', user)
    expect(refused.status).toBe(400)
    expect(refused.body.errors.map((error: { errorCode: number }) => error.errorCode)).toEqual([1001, 1001, 1001])
    for (const name of ['firstName', 'lastName', 'package']) expect(JSON.stringify(refused.body.errors)).toContain(name)
  })

  it.each([
    ['an unknown package', { package: 'gold' }],
    ['a name that is too long', { firstName: 'x'.repeat(129) }],
    ['a number for a text', { extension: 12 }],
    ['an address that is none', { email: 'anna' }],
    ['neither a primary number nor an extension', { extension: undefined }],
  ])('refuses %s with code 1002', async (_case, fields) => {
    const refused = await client(simulator).post('/broadworks/subscribers', newUser(fields as Fields))
    expect([refused.status, refused.body.errors[0].errorCode]).toEqual([400, 1002])
  })

  it('refuses a BroadWorks user ID that exists, in any case', async () => {
    const partner = client(simulator)
    const user = newUser()
    await partner.create(user)
    const refused = await partner.post('/broadworks/subscribers', newUser({ userId: user.userId?.toUpperCase() }))
    expect(refused.status).toBe(409)
    expect(refused.body.errors).toEqual([
      { errorCode: 10022, description: 'The BroadWorks UserID is already associated with an existing user' },
    ])
  })
})

describe('rules on the address', () => {
  it.each([
    ['error-10022@example.com', 10022, 'The BroadWorks UserID is already associated with an existing user'],
    ['ERROR-4711-anna@example.com', 4711, expect.stringContaining('4711')],
  ])('lets %s end in its error', async (email, errorCode, description) => {
    const partner = client(simulator)
    const { id } = await partner.create(newUser({ email }))
    const failed = await partner.untilStatus(id, 'error')
    expect(failed.errors).toEqual([{ errorCode, description }])
    expect(failed).not.toHaveProperty('personId')
    expect((await partner.put(`/broadworks/subscribers/${id}`, { package: 'basic' })).status).toBe(409)
  })

  it.each([429, 423, 500, 503])('refuses http-%s at once and keeps nothing', async status => {
    const partner = client(simulator)
    const refused = await partner.post('/broadworks/subscribers', newUser({ email: `http-${status}@example.com` }))
    expect(refused.status).toBe(status)
    expect(refused.headers.get('retry-after')).toBe(status < 430 ? '1' : null)
    expect((await partner.get('/broadworks/subscribers')).body.items).toEqual([])
    expect((await partner.get('/broadworks/enterprises')).body.items).toEqual([])
  })

  it('takes its time for slow addresses', async () => {
    const partner = client(simulator)
    const slow = await partner.create(newUser({ email: 'slow-1@example.com' }))
    const slower = await partner.create(newUser({ email: 'slow-3600@example.com' }))
    const provisioned = await partner.untilStatus(slow.id, 'provisioned')
    expect(Date.parse(provisioned.lastStatusChange) - Date.parse(slow.created)).toBe(1000)
    expect((await partner.read(slower.id)).status).toBe('provisioning')
  })

  it('fails an address that another subscriber holds, until that one is deleted', async () => {
    const partner = client(simulator)
    const first = await partner.create(newUser({ email: 'anna@example.com' }))
    const second = await partner.create(newUser({ email: 'Anna@Example.com' }))
    expect((await partner.untilStatus(second.id, 'error')).errors[0].errorCode).toBe(200042)
    await partner.delete(`/broadworks/subscribers/${first.id}`)
    const third = await partner.create(newUser({ email: 'anna@example.com' }))
    await partner.untilStatus(third.id, 'provisioned')
  })
})

describe('updating a subscriber', () => {
  it('answers the old values and shows the new ones once it is through', async () => {
    const { partner, user, id } = await provisioned({ email: 'slow-3@example.com' })
    const answered = await partner.put(`/broadworks/subscribers/${id}`, { package: 'premium', firstName: 'Hanna' })
    expect(answered.body).toMatchObject({
      status: 'updating',
      package: 'standard',
      firstName: user.firstName,
      personId: expect.any(String),
    })
    expect((await partner.put(`/broadworks/subscribers/${id}`, { package: 'basic' })).status).toBe(409)
    expect(await partner.untilStatus(id, 'provisioned')).toMatchObject({ package: 'premium', firstName: 'Hanna' })
  })

  it('removes a number by an empty string, but not the last one', async () => {
    const { partner, id } = await provisioned({ primaryPhoneNumber: '+1-240-555-1212' })
    const refused = await partner.put(`/broadworks/subscribers/${id}`, { primaryPhoneNumber: '', extension: '' })
    expect([refused.status, refused.body.errors[0].errorCode]).toEqual([400, 1002])
    await partner.put(`/broadworks/subscribers/${id}`, { primaryPhoneNumber: '' })
    const updated = await partner.untilStatus(id, 'provisioned')
    expect(updated).not.toHaveProperty('primaryPhoneNumber')
    expect((await partner.put(`/broadworks/subscribers/${id}`, { extension: '' })).status).toBe(400)
  })

  it('refuses a change of the address', async () => {
    const { partner, id } = await provisioned()
    const refused = await partner.put(`/broadworks/subscribers/${id}`, { email: 'new@example.com' })
    expect([refused.status, refused.body.errors[0].errorCode]).toEqual([400, 1002])
  })

  it('refuses the user ID of another subscriber, at once or when it was taken meanwhile', async () => {
    const { partner, user, id } = await provisioned({ email: 'slow-3@example.com' })
    const other = newUser()
    await partner.create(other)
    const refused = await partner.put(`/broadworks/subscribers/${id}`, { userId: other.userId })
    expect([refused.status, refused.body.errors[0].errorCode]).toEqual([409, 10022])

    const wanted = newUser()
    await partner.put(`/broadworks/subscribers/${id}`, { userId: wanted.userId })
    await partner.create(wanted)
    const failed = await partner.untilStatus(id, 'error')
    expect(failed).toMatchObject({ userId: user.userId, personId: expect.any(String), errors: [{ errorCode: 10022 }] })
  })

  it('ends in an error for update-error addresses, keeps person and values, and may be tried again', async () => {
    const { partner, id } = await provisioned({ email: 'update-error-6003@example.com' })
    for (let round = 0; round < 2; round += 1) {
      const answered = await partner.put(`/broadworks/subscribers/${id}`, { package: 'premium' })
      expect(answered.body).not.toHaveProperty('errors')
      const failed = await partner.untilStatus(id, 'error')
      expect(failed).toMatchObject({ package: 'standard', personId: expect.any(String), errors: [{ errorCode: 6003 }] })
    }
  })

  it('is refused for a subscriber who is not provisioned', async () => {
    const partner = client(simulator)
    const { id } = await partner.create(newUser())
    expect((await partner.put(`/broadworks/subscribers/${id}`, { package: 'basic' })).status).toBe(409)
  })
})

describe('deleting a subscriber', () => {
  it('answers 204 even with a JSON content type, then 404, and frees the user ID', async () => {
    const partner = client(simulator)
    const user = newUser()
    const { id } = await partner.create(user)
    const deleted = await partner.request('DELETE', `/broadworks/subscribers/${id}`, '')
    expect([deleted.status, deleted.text]).toEqual([204, ''])
    expect((await partner.get(`/broadworks/subscribers/${id}`)).status).toBe(404)
    expect((await partner.delete(`/broadworks/subscribers/${id}`)).status).toBe(404)
    await partner.create(user)
  })
})

describe('the precheck', () => {
  it('passes a free address, and a consumer address, which it cannot see', async () => {
    const partner = client(simulator)
    for (const email of ['free@example.com', 'consumer-free@example.com']) {
      const passed = await partner.post('/broadworks/subscribers/validate', { email })
      expect(passed.body).toEqual({ message: 'success', info: [{ infoCode: 100, description: expect.any(String) }] })
    }
  })

  it('finds what would fail', async () => {
    const { partner, user } = await provisioned({ email: 'anna@example.com' })
    const codes = async (body: object) => {
      const refused = await partner.post('/broadworks/subscribers/validate', body)
      return [refused.status, ...refused.body.errors.map((error: { errorCode?: number }) => error.errorCode)]
    }
    expect(await codes({})).toEqual([400, 1001])
    expect(await codes({ email: 'other@example.com', userId: user.userId })).toEqual([400, 10022])
    expect(await codes({ email: 'anna@example.com', userId: 'other@sp.com' })).toEqual([400, 200042])
    expect(await codes({ email: 'error-200054@example.com' })).toEqual([400, 200054])
    expect(await codes({ email: 'http-503@example.com' })).toEqual([503, undefined])
    expect(await codes({ email: 'free@example.com', spEnterpriseId: user.spEnterpriseId, provisioningId: 'other' })).toEqual([400, 200050])
    expect(await codes({ email: 'free@example.com', customerInfo: {} })).toEqual([400, 1002])
  })
})

describe('consent to move', () => {
  it('is asked for by mail; following the link changes nothing, agreeing goes on to provisioned', async () => {
    const { partner, id, email } = await awaitingConsent()
    const [mail] = await mailsTo(email)
    const page = await fetch(mail!.link)
    expect(page.headers.get('content-type')).toContain('text/html')
    expect(await page.text()).toContain('<button>')
    expect((await partner.read(id)).status).toBe('pending_user_migration')

    const agreed = await agree(mail!.link)
    expect(agreed.status).toBe(200)
    expect(await partner.read(id)).toMatchObject({ status: expect.stringMatching(/^provision/) })
    await partner.untilStatus(id, 'provisioned')

    const again = await agree(mail!.link)
    expect(again.status).toBe(410)
    expect(await again.text()).toContain('already')
    expect((await partner.post(`/subscribers/${id}/emails/consentMove`)).status).toBe(409)
  })

  it('is asked for again by consentMove, and the earlier link is void', async () => {
    const { partner, id, email } = await awaitingConsent()
    expect((await partner.post(`/subscribers/${id}/emails/consentMove`)).status).toBe(204)
    const [newest, oldest] = await mailsTo(email)
    expect([newest!.state, oldest!.state]).toEqual(['open', 'void'])
    expect((await agree(oldest!.link)).status).toBe(410)
    expect((await agree(newest!.link)).status).toBe(200)
    await partner.untilStatus(id, 'provisioned')
  })

  it('cannot be given for a deleted subscriber or by an unknown link', async () => {
    const { partner, id, email } = await awaitingConsent()
    await partner.delete(`/broadworks/subscribers/${id}`)
    const [mail] = await mailsTo(email)
    expect((await agree(mail!.link)).status).toBe(410)
    expect((await agree(new URL('/simulator/consent/unknown', simulator.url).href)).status).toBe(404)
  })

  it('shows the outbox and the question to a browser as pages, with what came from outside escaped', async () => {
    const { email } = await awaitingConsent({ firstName: '<b>Eve</b>' })
    const [mail] = await mailsTo(email)
    for (const link of [new URL('/simulator/outbox', simulator.url), mail!.link]) {
      const html = await (await fetch(link, { headers: { accept: 'text/html' } })).text()
      expect(html).toMatch(/^<!doctype html><html lang="en">/)
      expect(html).toContain('&#60;b&#62;Eve')
      expect(html).not.toContain('<b>Eve')
    }
  })
})

describe('listing', () => {
  let seeded: ReturnType<typeof client>
  let rows: SubscriberRow[]

  beforeAll(async () => {
    const databasePath = temporaryPath()
    const other = await start(databasePath)
    seeded = client(other)
    const statuses = ['provisioned', 'error', 'pending_email_input', 'updating'] as const
    rows = Array.from({ length: 60 }, (_, index) => ({
      ...(newUser() as Omit<SubscriberRow, 'id'>),
      id: identifiers.subscriberId(randomUUID()),
      personId: index % 4 === 0 ? identifiers.personId(randomUUID()) : null,
      email: `user-${index}@example.com`,
      spEnterpriseId: `SP1+customer-${index % 7}`,
      status: statuses[index % 4] ?? 'error',
      errors: index % 4 === 1 ? [{ errorCode: 10022, description: 'taken' }] : [],
      // Groups of five share a time, so that pages have to break ties.
      created: new Date(1_700_000_000_000 + Math.floor(index / 5) * 1000).toISOString(),
      lastStatusChange: new Date(1_700_009_000_000 - Math.floor(index / 5) * 1000).toISOString(),
      selfActivated: index % 10 === 0,
    }))
    // Another process than the running simulator would do the same.
    const store = openSimulatorStore(databasePath)
    expect(store.putSubscribers(seeded.token, rows)).toBe(60)
    expect(store.putSubscribers(seeded.token, rows)).toBe(0)
    const enterprises = [...new Set(rows.map(row => row.spEnterpriseId))].map(spEnterpriseId => ({
      id: identifiers.enterpriseId(randomUUID()),
      orgId: identifiers.organizationId(randomUUID()),
      spEnterpriseId,
      provisioningId,
    }))
    expect(store.putEnterprises(seeded.token, enterprises)).toBe(7)
    expect(store.putEnterprises(seeded.token, enterprises)).toBe(0)
    store.close()
  })

  it.each([
    ['everything', '', () => true],
    ['one status', 'status=error', row => row.status === 'error'],
    ['several statuses', 'status=error,pending_email_input,updating', row => row.status !== 'provisioned'],
    ['an enterprise and statuses', 'spEnterpriseId=SP1%2Bcustomer-3&status=error,updating', row => isIn(row, 3) && hasStatus(row)],
    ['a template', `provisioningId=${encodeURIComponent(provisioningId)}&status=error,updating`, row => hasStatus(row)],
    ['those self-activated', 'selfActivated=true', row => row.selfActivated === true],
    ['those not self-activated', 'selfActivated=false', row => row.selfActivated === false],
    ['those created after', 'after=1700000005000', row => Date.parse(row.created) > 1_700_000_005_000],
    ['those changed after', 'lastStatusChange=2023-11-15T00:43:15.000Z', row => row.lastStatusChange > '2023-11-15T00:43:15.000Z'],
    ['those changed and created after', 'lastStatusChange=1&after=1700000005000', row => Date.parse(row.created) > 1_700_000_005_000],
    ['an address in any case', 'email=USER-7%40example.com', row => row.email === 'user-7@example.com'],
  ] as [string, string, (row: SubscriberRow) => boolean][])('walks %s page by page, each once', async (_case, query, matches) => {
    const pages = await seeded.walk(`/broadworks/subscribers?${query}&max=7`)
    const expected = rows.filter(matches).map(row => row.id)
    expect(expected.length).toBeGreaterThan(0)
    expect(pages.flat().map(subscriber => subscriber.id)).toHaveLength(expected.length)
    expect(new Set(pages.flat().map(subscriber => subscriber.id))).toEqual(new Set(expected))
    expect(pages.slice(0, -1).every(page => page.length === 7)).toBe(true)
  })

  it('finds a user by user ID or person ID and shows a seeded row as it was put', async () => {
    const [row] = rows
    for (const query of [`userId=${row!.userId.toUpperCase()}`, `personId=${row!.personId}`]) {
      const { items } = (await seeded.get(`/broadworks/subscribers?${query}`)).body
      expect(items).toEqual([{ ...row, selfActivated: 'true', errors: undefined }])
    }
  })

  it('gives 50 subscribers or 100 enterprises where max is not given', async () => {
    expect((await seeded.get('/broadworks/subscribers')).body.items).toHaveLength(50)
    expect((await seeded.get('/broadworks/subscribers?max=60')).headers.get('link')).toBeNull()
    expect((await seeded.get('/broadworks/enterprises')).body.items).toHaveLength(7)
  })

  it('finds enterprises by their start or their whole identifier, page by page', async () => {
    const all = (await seeded.walk('/broadworks/enterprises?startsWith=SP1%2Bcust&max=3')).map(page => page.length)
    expect(all).toEqual([3, 3, 1])
    expect((await seeded.get('/broadworks/enterprises?startsWith=sp1')).body.items).toEqual([])
    expect((await seeded.get('/broadworks/enterprises?spEnterpriseId=SP1%2Bcustomer-3')).body.items).toHaveLength(1)
  })

  it.each([
    'subscribers?max=101',
    'subscribers?max=0',
    'subscribers?max=ten',
    'subscribers?status=gone',
    'subscribers?status=error&status=updating',
    'subscribers?lastStatusChange=yesterday',
    'subscribers?selfActivated=maybe',
    'subscribers?cursor=made-up',
    'enterprises?max=1001',
    'enterprises?cursor=W10',
  ])('refuses %s', async query => {
    expect((await seeded.get(`/broadworks/${query}`)).status).toBe(400)
  })
})

describe('stopping and killing', () => {
  it('goes on after a restart where it was, and work that fell due meanwhile changed at its due time', async () => {
    const databasePath = temporaryPath()
    const before = await start(databasePath, 300)
    const partner = client(before)
    const created = await partner.create(newUser({ email: 'anna@example.com' }))
    const moved = await partner.create(newUser({ email: 'consumer-anna@example.com' }))
    await before.stop()
    running.delete(before)
    await sleep(400)

    const after = await start(databasePath, 300)
    const again = client(after, partner.token)
    const provisioned = await again.read(created.id)
    expect(provisioned.status).toBe('provisioned')
    expect(Date.parse(provisioned.lastStatusChange) - Date.parse(created.created)).toBe(300)
    expect((await again.read(moved.id)).status).toBe('pending_user_migration')
  })

  it('loses nothing that it answered when its process is killed', async () => {
    const databasePath = temporaryPath()
    const child = spawn(process.execPath, ['-e', CHILD, databasePath], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const partner = client({ url: line.toString().trim() })
    const users = await Promise.all(
      Array.from({ length: 20 }, (_, index) => partner.create(newUser({ email: `user-${index}@example.com` }))),
    )
    child.kill('SIGKILL')
    await once(child, 'exit')

    const again = client(await start(databasePath), partner.token)
    for (const { id } of users) await again.untilStatus(id, 'provisioned')
  })
})

type Fields = Partial<SubscriberRow> & { language?: string; timezone?: string }

function newUser(fields: Fields = {}): Fields {
  const userId = `${randomUUID()}@sp.com`
  const spEnterpriseId = `SP1+${randomUUID().slice(0, 8)}`
  return { provisioningId, userId, spEnterpriseId, firstName: 'Anna', lastName: 'Ander', package: 'standard', extension: '1212', ...fields }
}

async function provisioned(fields: Fields = {}) {
  const partner = client(simulator)
  const user = newUser({ email: 'anna@example.com', ...fields })
  const { id } = await partner.create(user)
  await partner.untilStatus(id, 'provisioned')
  return { partner, user, id }
}

async function awaitingConsent(fields: Fields = {}) {
  const partner = client(simulator)
  const email = `consumer-${randomUUID()}@example.com`
  const { id } = await partner.create(newUser({ email, ...fields }))
  await partner.untilStatus(id, 'pending_user_migration')
  return { partner, id, email }
}

async function mailsTo(address: string) {
  const response = await fetch(new URL('/simulator/outbox', simulator.url))
  const { items } = (await response.json()) as { items: { to: string; link: string; state: string }[] }
  return items.filter(mail => mail.to === address)
}

/** As a browser sends a form without fields. */
function agree(link: string): Promise<Response> {
  return fetch(link, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: '' })
}

function client({ url }: Pick<Simulator, 'url'>, token: string = randomUUID()) {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what is expected of an answer stands in each test
  type Body = any
  async function request(method: string, target: string, body?: string, type = 'application/json', more: Record<string, string> = {}) {
    const headers = { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': type }), ...more }
    const response = await fetch(target.startsWith('http') ? target : url + target, { method, headers, body })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: text === '' ? undefined : JSON.parse(text) }
  }
  const read = async (id: string): Promise<Body> => (await request('GET', `/broadworks/subscribers/${id}`)).body
  return {
    token,
    request,
    read,
    get: (target: string) => request('GET', target),
    post: (target: string, body?: object) => request('POST', target, body && JSON.stringify(body)),
    put: (target: string, body: object) => request('PUT', target, JSON.stringify(body)),
    delete: (target: string) => request('DELETE', target),
    async create(user: Fields): Promise<Body> {
      const { status, body } = await request('POST', '/broadworks/subscribers', JSON.stringify(user))
      expect(status).toBe(200)
      return body
    },
    async untilStatus(id: string, status: string): Promise<Body> {
      return eventually(async () => {
        const found = await read(id)
        return found.status === status && found
      })
    },
    async walk(target: string): Promise<Body[][]> {
      const pages: Body[][] = []
      for (let next: string | undefined = target; next !== undefined;) {
        const page = await request('GET', next)
        pages.push(page.body.items)
        next = /^<(http[^>]+)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1]
      }
      return pages
    },
  }
}

async function start(databasePath: string, delayMs = 50): Promise<Simulator> {
  const started = await startSimulator({ databasePath, delayMs, logger })
  running.add(started)
  return started
}

function temporaryPath(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'simulator-'))
  folders.push(folder)
  return path.join(folder, 'simulator.db')
}

function decode(identifier: string): string {
  return Buffer.from(identifier, 'base64url').toString()
}

function isIn(row: SubscriberRow, customer: number): boolean {
  return row.spEnterpriseId === `SP1+customer-${customer}`
}

function hasStatus(row: SubscriberRow): boolean {
  return row.status === 'error' || row.status === 'updating'
}

function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}

/** A process of its own, to be killed: it compiles the sources as it loads them. */
const CHILD = `
  const { readFileSync } = require('node:fs')
  const { transformSync } = require('@swc/core')
  require.extensions['.ts'] = (module, filename) => {
    const jsc = { target: 'es2023', parser: { syntax: 'typescript' } }
    module._compile(transformSync(readFileSync(filename, 'utf8'), { filename, jsc, module: { type: 'commonjs' } }).code, filename)
  }
  const { startSimulator } = require(${JSON.stringify(path.resolve(__dirname, '../../src/simulator/simulator.ts'))})
  const { createLogger } = require(${JSON.stringify(path.resolve(__dirname, '../../src/shared/logger.ts'))})
  startSimulator({ databasePath: process.argv[1], delayMs: 300, logger: createLogger('silent') }).then(({ url }) => console.log(url))
`
