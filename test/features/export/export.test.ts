import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { parse } from 'csv-parse/sync'
import { SignJWT } from 'jose'
import { Role } from '../../../src/auth/viewer'
import type { Customer } from '../../../src/features/customer/customer.entity'
import { purgeExpiredDownloads } from '../../../src/features/download/download.service'
import type { ProvisionedUser } from '../../../src/features/provisioned-user/provisioned-user.entity'
import { UserStatus } from '../../../src/provisioning/lifecycle'
import { deriveKey } from '../../../src/shared/encryption'
import { newId, typeOfId } from '../../../src/shared/ids'
import type { Actor } from '../../support/world/actor'
import { createTestDatabase, startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber } from '../../support/world/builders'
import { createTestClock } from '../../support/world/clock'
import { idsOf, insertCustomers, insertUsers } from '../../support/schema/lists'
import { ExportUsersDocument, type ExportUsersInput, type ProvisionedUserFilter } from '../../support/operations/operations.generated'
import { countRows } from '../../support/database/table-dump'
import { eventually } from '../../support/world/waiting'

const clock = createTestClock()
let app: TestApp
let alice: TestPartner
let mallory: TestPartner
let template: string

beforeAll(async () => {
  app = await startTestApp({ clock })
  ;[alice, mallory] = [await app.addPartner(), await app.addPartner('Mallory Mobile')]
  template = await makeTemplate(alice.admin, { name: 'Main' })
})
afterAll(() => app.stop())

async function exportBy(actor: Actor, input: Partial<ExportUsersInput> = {}) {
  const { exportUsers } = await actor.get(ExportUsersDocument, { input: { format: 'CSV', ...input } })
  return exportUsers as { downloadUrl: string; expiresAt: string; rowCount: number | null; userErrors: unknown[] }
}

async function downloadUrl(actor: Actor, input?: Partial<ExportUsersInput>): Promise<string> {
  return (await exportBy(actor, input)).downloadUrl
}

async function readText(actor: Actor, input?: Partial<ExportUsersInput>): Promise<string> {
  const response = await fetch(await downloadUrl(actor, input))
  expect(response.status).toBe(200)
  return Buffer.from(await response.arrayBuffer()).toString('utf8')
}

async function readObjects(actor: Actor, input?: Partial<ExportUsersInput>): Promise<{ id: string }[]> {
  const lines = (await readText(actor, { ...input, format: 'JSONL' })).split('\n')
  expect(lines.pop()).toBe('')
  return lines.map(line => JSON.parse(line) as { id: string })
}

async function makeCustomer(partner = alice, onboardingTemplateId = template): Promise<Customer> {
  const [customer] = await insertCustomers(app, partner.partnerId, onboardingTemplateId, [{ name: `Acme ${nextNumber()}` }])
  return customer as Customer
}

const of = (...customers: Customer[]): ProvisionedUserFilter => ({ customerIds: idsOf(customers) })

const FAILED: Partial<ProvisionedUser> = {
  status: UserStatus.ERROR,
  upstreamErrors: [
    { code: 10022, httpStatus: null, upstreamText: 'First line\r\nsecond; "quoted"', trackingId: 'T-1' },
    { code: null, httpStatus: 503, upstreamText: '\n=cmd|0', trackingId: null },
    { code: 200026, httpStatus: null, upstreamText: null, trackingId: null },
  ],
}

describe('A CSV file', () => {
  const HEADER = [
    ...['BroadWorks ID', 'Enterprise', 'First name', 'Last name', 'Email', 'Primary phone number', 'Mobile phone number'],
    ...['Package', 'Status', 'Error codes', 'Error text', 'Self activated', 'Created', 'Last status change'],
  ]

  it('is read back by a library, whatever the users are called', async () => {
    const customer = await makeCustomer()
    const [broadworksId, failing] = [`-${nextNumber()}@rows.example`, `${nextNumber()}@rows.example`]
    await insertUsers(app, customer, [
      {
        broadworksId,
        firstName: 'Zoë "Zo", née Ōno',
        lastName: '=HYPERLINK("http://mallory.example")',
        email: '+anna@example.com',
        primaryPhoneNumber: '+39-02-5550123',
        mobilePhoneNumber: '@home',
        selfActivated: true,
        createdAt: '2026-03-02T10:00:00.000Z',
      },
      { ...FAILED, broadworksId: failing, firstName: '\t1', lastName: '\r2', extension: '7' },
    ])
    const text = await readText(alice.operator, { filter: of(customer) })
    expect(text.startsWith('\ufeffBroadWorks ID,')).toBe(true)
    expect(text.endsWith('\r\n')).toBe(true)
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    const [header, ...rows] = parse(text, { bom: true, record_delimiter: '\r\n' })
    expect(header).toEqual(HEADER)
    expect(rows).toEqual([
      [
        ...[`'${broadworksId}`, customer.spEnterpriseId, 'Zoë "Zo", née Ōno', `'=HYPERLINK("http://mallory.example")`],
        ...[`'+anna@example.com`, `'+39-02-5550123`, `'@home`, 'STANDARD', 'PENDING_EMAIL_INPUT', '', '', 'true'],
        ...['2026-03-02T10:00:00.000Z', '2026-03-01T10:00:00.000Z'],
      ],
      [
        ...[failing, customer.spEnterpriseId, `'\t1`, '2', '', '', '', 'STANDARD', 'ERROR', '10022; 200026'],
        expect.stringMatching(/^First line second; "quoted"; =cmd\|0; \S.+$/),
        ...['false', '2026-03-01T10:00:00.000Z', '2026-03-01T10:00:00.000Z'],
      ],
    ])
  })

  it('has an Italian header when it is asked for, and an English one whatever the browser speaks', async () => {
    const headerOf = (text: string) => (parse(text, { bom: true }) as string[][])[0]
    const filter = of(await makeCustomer())
    const italian = headerOf(await readText(alice.operator, { filter, locale: 'it-IT' }))
    expect(italian).toHaveLength(HEADER.length)
    expect(italian).toEqual(expect.arrayContaining(['Cognome', 'Stato', "Testo dell'errore"]))
    const { data } = await alice.operator.ask(ExportUsersDocument, { input: { format: 'CSV', filter } }, { 'accept-language': 'it' })
    expect(headerOf(await (await fetch(data.exportUsers?.downloadUrl ?? '', { headers: { 'accept-language': 'it' } })).text())).toEqual(
      HEADER,
    )
  })

  it('is a header alone where the filter selects nobody', async () => {
    expect(await readText(alice.operator, { filter: { statuses: [] } })).toBe(`\ufeff${HEADER.join(',')}\r\n`)
  })

  it('comes as a file with a name, to be kept nowhere on the way', async () => {
    const { headers } = await fetch(await downloadUrl(alice.operator))
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="users-\d{4}-\d\d-\d\dT\d{4}\.csv"$/)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })
})

describe('A JSON Lines file', () => {
  const USERS = `query ($filter: ProvisionedUserFilter, $orderBy: ProvisionedUserOrder) { provisionedUsers(first: 100, filter: $filter, orderBy: $orderBy) { nodes {
    id broadworksId webexSubscriberId webexPersonId customer { id spEnterpriseId name } onboardingTemplate { id name provisioningId }
    firstName lastName email primaryPhoneNumber mobilePhoneNumber extension packageType requestedPackageType status lastStatusChange
    pendingRequirement errors { code httpStatus message upstreamText trackingId } selfActivated createdAt updatedAt } } }`

  async function listOf(actor: Actor, input: Partial<ExportUsersInput>): Promise<{ id: string }[]> {
    const { data, errors } = await actor.ask<{ provisionedUsers: { nodes: { id: string }[] } }, Record<string, unknown>>(USERS, input)
    expect(errors).toEqual([])
    return data.provisionedUsers.nodes
  }

  it('has the users as GraphQL shows them, those of each filter in each order', async () => {
    const [one, other] = [await makeCustomer(), await makeCustomer()]
    for (const customer of [one, other]) {
      await insertUsers(app, customer, [
        { lastName: 'Bianchi', status: UserStatus.PENDING_EMAIL_VALIDATION, email: 'b@example.com', createdAt: '2026-03-05T10:00:00.000Z' },
        { ...FAILED, lastName: 'Àvila', errorCode: 10022, mobilePhoneNumber: '+39-333-5550123', selfActivated: true },
        { lastName: 'rossi', status: UserStatus.PROVISIONED, webexPersonId: 'person', lastStatusChange: '2026-04-01T10:00:00.000Z' },
      ])
    }
    const inputs: Partial<ExportUsersInput>[] = [
      { filter: of(one) },
      { filter: { ...of(one, other), excludeProvisioned: true }, orderBy: { field: 'LAST_NAME', direction: 'ASC' } },
      { filter: { ...of(one, other), search: 'bianchi' }, orderBy: { field: 'CREATED_AT', direction: 'ASC' } },
      { filter: { onboardingTemplateIds: [template] }, orderBy: { field: 'BROADWORKS_ID', direction: 'DESC' } },
      { orderBy: { field: 'LAST_STATUS_CHANGE', direction: 'DESC' } },
    ]
    for (const input of inputs) {
      const listed = await listOf(alice.viewer, input)
      expect(listed.length).toBeGreaterThan(1)
      expect(await readObjects(alice.operator, input)).toEqual(listed)
    }
  })

  it('is empty where the filter selects nobody', async () => {
    expect(await readText(alice.operator, { format: 'JSONL', filter: { statuses: [] } })).toBe('')
  })

  it('explains in the language that is asked for', async () => {
    const customer = await makeCustomer()
    await insertUsers(app, customer, [FAILED])
    const messages = async (locale: string) =>
      (await readObjects(alice.operator, { filter: of(customer), locale })).map(
        user => (user as { errors?: { message: string }[] }).errors?.at(-1)?.message,
      )
    expect(await messages('it')).not.toEqual(await messages('en'))
  })
})

describe('exportUsers', () => {
  it('tells how many users there are, and until when the URL works', async () => {
    const { customer } = await makeUser(alice.operator, template, { spEnterpriseId: `SP1+${nextNumber()}` })
    await makeUser(alice.operator, template, { spEnterpriseId: customer.spEnterpriseId })
    const before = clock.now().getTime()
    const { downloadUrl, expiresAt, rowCount, userErrors } = await exportBy(alice.operator, { filter: { customerIds: [customer.id] } })
    expect({ rowCount, userErrors }).toEqual({ rowCount: 2, userErrors: [] })
    expect(downloadUrl.startsWith(`${app.url}/downloads/`)).toBe(true)
    expect(Date.parse(expiresAt) - before).toBeGreaterThan(598_000)
    expect(Date.parse(expiresAt) - before).toBeLessThanOrEqual(660_000)
  })

  it('gives out what is there when the download begins, and again at the next', async () => {
    const customer = await makeCustomer()
    const url = await downloadUrl(alice.operator, { filter: of(customer), format: 'JSONL' })
    expect(await (await fetch(url)).text()).toBe('')
    const [user] = await insertUsers(app, customer, [{}])
    expect(await (await fetch(url)).text()).toContain(user?.id)
  })

  it('is on record with what was asked for, but for a search, and so is each download', async () => {
    const search = `anna.${nextNumber()}@example.com`
    const url = await downloadUrl(alice.operator, { filter: { search, packageTypes: ['BASIC'] } })
    await (await fetch(url)).text()
    const { data } = await alice.admin.ask<{ auditEvents: { nodes: AuditNode[] } }, Record<string, never>>(
      '{ auditEvents(first: 2) { nodes { action actor targetId targetLabel requestId changes { field after } } } }',
    )
    const [download, exported] = data.auditEvents.nodes
    expect(download).toMatchObject({ action: 'download', actor: 'operator of the tests', targetId: exported?.targetId, changes: [] })
    expect(exported).toMatchObject({
      action: 'exportUsers',
      actor: 'operator of the tests',
      targetLabel: expect.stringMatching(/^users-.+\.csv$/),
    })
    expect(exported?.changes.map(({ field, after }) => [field, after])).toEqual([
      ['format', 'CSV'],
      ['filter', JSON.stringify({ packageTypes: ['BASIC'], search: '…' })],
      ['locale', 'en'],
    ])
  })
})

interface AuditNode {
  action: string
  actor: string
  targetId: string
  targetLabel: string
  changes: { field: string; after: string | null }[]
}

describe('A download URL', () => {
  const statusOf = async (url: string, init?: RequestInit) => {
    const response = await fetch(url, init)
    const text = await response.text()
    if (response.status === 200) return 200
    const { errors } = JSON.parse(text) as { errors: { extensions: { code: string; requestId: string } }[] }
    expect(errors.map(({ extensions }) => extensions.requestId)).toEqual([response.headers.get('x-request-id')])
    return `${response.status} ${errors[0]?.extensions.code}`
  }
  const bearer = (actor: Actor) => ({ headers: { authorization: `Bearer ${actor.token}` } })

  it('is nothing when it was forged', async () => {
    const url = await downloadUrl(alice.operator)
    expect(await statusOf(url)).toBe(200)
    const token = url.split('/').at(-1) ?? ''
    const [head, body, signature] = token.split('.')
    const id = (JSON.parse(Buffer.from(body ?? '', 'base64url').toString()) as { sub: string }).sub
    expect(typeOfId(id)).toBe('Download')
    const signed = (key: Uint8Array, sub = id) =>
      new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject(sub).setExpirationTime(inAMinute).sign(key)
    const [encryptionKey] = app.platform.config.encryptionKeys
    const inAMinute = new Date(clock.now().getTime() + 60_000)
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`
    const forged = [
      ...['', 'x', id, '%00', 'a'.repeat(5000)],
      ...[`${head}.${body}.`, `${token}x`, `${token}/x`, `${body}.${head}.${signature}`, unsigned],
      await signed(new Uint8Array(32)),
      await signed(deriveKey(encryptionKey, 'validation mail')),
      await signed(deriveKey(encryptionKey, 'download'), newId('Download')),
      await signed(deriveKey(encryptionKey, 'download'), ''),
    ]
    for (const each of forged) expect([each, await statusOf(`${app.url}/downloads/${each}`)]).toEqual([each, '404 NOT_FOUND'])
    expect(await statusOf(`${app.url}/downloads/${await signed(deriveKey(encryptionKey, 'download'))}`)).toBe(200)
  })

  it('is over after ten minutes, and soon forgotten', async () => {
    const url = await downloadUrl(alice.operator)
    clock.moveAhead(9 * 60_000)
    await purgeExpiredDownloads(app.platform)
    expect(await statusOf(url)).toBe(200)
    clock.moveAhead(61_000)
    expect(await statusOf(url)).toBe('410 GONE')
    await purgeExpiredDownloads(app.platform)
    expect(await countRows(app.platform, 'download')).toBe(0)
    expect(await statusOf(url)).toBe('410 GONE')
  })

  it('needs no token, takes one of its own partner, and does not exist for others', async () => {
    const url = await downloadUrl(alice.operator)
    expect(await statusOf(url, bearer(alice.viewer))).toBe(200)
    expect(await statusOf(url, bearer(mallory.admin))).toBe('404 NOT_FOUND')
    for (const authorization of ['Bearer nonsense', 'Basic YTpi', '']) {
      expect([authorization, await statusOf(url, { headers: { authorization } })]).toEqual([authorization, '404 NOT_FOUND'])
    }
  })

  it('is worth nothing once the token that asked for it is revoked', async () => {
    const temporary = await app.addToken(alice.partnerId, Role.OPERATOR)
    const url = await downloadUrl(temporary)
    expect(await statusOf(url)).toBe(200)
    const { data } = await temporary.ask<{ viewer: { name: string } }, Record<string, never>>('{ viewer { name } }')
    expect(data.viewer.name).toBe('operator of the tests')
    const { data: tokens } = await alice.admin.ask<{ apiTokens: { id: string }[] }, Record<string, never>>('{ apiTokens { id } }')
    await alice.admin.ask('mutation ($id: ID!) { revokeApiToken(input: { id: $id }) { userErrors { code } } }', {
      id: tokens.apiTokens[0]?.id,
    })
    expect(await statusOf(url)).toBe('404 NOT_FOUND')
  })

  it('gives out what its token may see: own customers, and nothing of other partners', async () => {
    const [own, other] = [await makeCustomer(), await makeCustomer()]
    const [user] = await insertUsers(app, own, [{}])
    await insertUsers(app, other, [{}])
    const restricted = await app.addToken(alice.partnerId, Role.OPERATOR, [own.id])
    expect(idsOf(await readObjects(restricted))).toEqual([user?.id])
    expect(await readObjects(restricted, { filter: of(other) })).toEqual([])
    expect(await readObjects(mallory.operator, { filter: of(own, other) })).toEqual([])
    expect(await readObjects(mallory.operator)).toEqual([])
  })

  it('is read by GET alone', async () => {
    const url = await downloadUrl(alice.operator)
    for (const method of ['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const response = await fetch(url, { method })
      expect([method, response.status, response.headers.get('allow')]).toEqual([method, 405, 'GET'])
    }
  })
})

describe('A download that is read slowly', () => {
  /** A file that no buffers on the way can hold. */
  async function makeLargePartner(at = app): Promise<TestPartner> {
    const partner = await at.addPartner()
    const [customer] = await insertCustomers(at, partner.partnerId, await makeTemplate(partner.admin), [{}])
    const long: Partial<ProvisionedUser> = {
      status: UserStatus.ERROR,
      upstreamErrors: [{ code: null, httpStatus: 500, upstreamText: 'x'.repeat(20_000), trackingId: null }],
    }
    await insertUsers(at, customer as Customer, Array(2500).fill(long))
    return partner
  }

  /** Begins to read, on a connection of its own, and goes no further. */
  async function begin(url: string) {
    const request = get(url, { agent: false })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const readOn = async () => {
      let length = 0
      for await (const chunk of response) length += (chunk as Buffer).length
      return length
    }
    return { status: response.statusCode, readOn, abort: () => request.destroy() }
  }

  it('is not read ahead of its reader, and only two of a partner are under way', async () => {
    const partner = await makeLargePartner()
    const url = await downloadUrl(partner.operator)
    const [one, other] = [await begin(url), await begin(url)]
    expect([one.status, other.status]).toEqual([200, 200])

    // Would they be read to their end and kept in memory, there would be room for the third.
    const refused = await fetch(url)
    expect({ status: refused.status, retryAfter: refused.headers.get('retry-after'), body: await refused.json() }).toMatchObject({
      status: 429,
      retryAfter: '10',
      body: { errors: [{ message: expect.stringContaining('2 downloads'), extensions: { code: 'RATE_LIMITED' } }] },
    })
    expect((await fetch(await downloadUrl(alice.operator))).status).toBe(200)

    other.abort()
    const third = await eventually(async () => {
      const download = await begin(url)
      if (download.status === 200) return download
      download.abort()
      return null
    })
    expect(await one.readOn()).toBeGreaterThan(2500 * 20_000)
    expect(await third.readOn()).toBeGreaterThan(2500 * 20_000)
    const last = await begin(url)
    expect(last.status).toBe(200)
    last.abort()
  })

  it('leaves nothing behind when it fails before it begins', async () => {
    const partner = await app.addPartner()
    const url = await downloadUrl(partner.operator)
    const transaction = jest.spyOn(app.platform.database, 'transaction')
    for (let failure = 1; failure <= 3; failure += 1) {
      transaction.mockRejectedValueOnce(new Error('The disk is full.'))
      // The slot of the one before may still be on its way back.
      const response = await eventually(async () => {
        const answer = await fetch(url)
        return answer.status !== 429 && answer
      })
      expect({ status: response.status, body: await response.json() }).toMatchObject({
        status: 500,
        body: { errors: [{ extensions: { code: 'INTERNAL' } }] },
      })
    }
    transaction.mockRestore()
    await eventually(async () => (await fetch(url)).status === 200)
  })

  it('is no failure when its reader goes away before it begins', async () => {
    const partner = await app.addPartner()
    const url = await downloadUrl(partner.operator)
    const { database, logger } = app.platform
    const logged = jest.spyOn(logger, 'error')
    const { stream } = database
    const opened = jest.spyOn(database, 'stream').mockImplementationOnce(async (sql, parameters, options) => {
      request.destroy()
      await once(options.signal, 'abort')
      return stream(sql, parameters, options)
    })
    const request = get(url, { agent: false })
    await once(request, 'error')
    await expect(opened.mock.results[0]?.value).rejects.toThrow('aborted')

    // What fails while somebody waits is one, and is the only one.
    opened.mockRejectedValueOnce(new Error('The disk is full.'))
    expect((await fetch(url)).status).toBe(500)
    expect(logged.mock.calls.map(([entry]) => String((entry as unknown as { err: Error }).err))).toEqual(['Error: The disk is full.'])
    logged.mockRestore()
    opened.mockRestore()
  })

  it('does not keep the server from stopping, and is not taken for a whole file', async () => {
    const database = await createTestDatabase()
    const server = await startTestApp({ database })
    const partner = await makeLargePartner(server)
    const { readOn } = await begin(await downloadUrl(partner.operator))
    const ended = expect(readOn()).rejects.toThrow()
    await server.stop()
    await ended
    await database.remove()
  })
})
