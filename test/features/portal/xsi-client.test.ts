import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { inspect, promisify } from 'node:util'
import { readXsiProfile, type XsiRequest, XsiUnavailable } from '../../../src/broadworks/xsi-client'
import { type FakeXsp, startFakeXsp, type XspExchange, xspProfile } from '../../support/fakes/xsp'
import { selfSignedCertificate } from '../../support/fakes/self-signed-certificate'

const PROJECT = path.resolve(__dirname, '../../..')
const ANNA = {
  userId: '2405551212@sp.example.com',
  password: 'Blumen&Käse:7',
  firstName: 'Anna',
  lastName: 'Rossi',
  groupId: 'acme-milan',
  serviceProviderId: 'SP1',
  isEnterprise: true,
  number: '2405551212',
  extension: '1212',
  mobile: '+1-818-279-1234',
  emailAddress: 'anna@example.com',
}

let xsp: FakeXsp
const started: FakeXsp[] = []

/** A server where Anna may sign in; it is stopped after the test. */
async function start(tls?: { key: string; cert: string }): Promise<FakeXsp> {
  const server = await startFakeXsp(tls)
  server.users.push({ ...ANNA })
  started.push(server)
  return server
}

beforeEach(async () => void (xsp = await start()))
afterEach(async () => {
  jest.restoreAllMocks()
  for (const server of started.splice(0)) await server.stop()
})

function signIn(given: Partial<XsiRequest> = {}) {
  return readXsiProfile({ xsiActionsUrl: xsp.url, broadworksId: ANNA.userId, password: ANNA.password, timeoutMs: 20_000, ...given })
}

async function failure(given: Partial<XsiRequest> = {}): Promise<XsiUnavailable> {
  const outcome: unknown = await signIn(given).catch((error: unknown) => error)
  if (!(outcome instanceof XsiUnavailable)) throw new Error(`The sign-in did not fail as it should: ${JSON.stringify(outcome)}`)
  return outcome
}

/** What the client makes of an answer that is a success. */
async function read(body: unknown, contentType = 'application/json;charset=UTF-8') {
  xsp.next(({ answer }) => answer(200, Buffer.isBuffer(body) ? body : JSON.stringify(body), { 'content-type': contentType }))
  return signIn()
}

function answerJson(body: unknown) {
  return ({ answer }: XspExchange) => answer(200, typeof body === 'string' ? body : JSON.stringify(body))
}

describe('who signs in with the right password', () => {
  it('gets their profile', async () => {
    expect(await signIn()).toEqual({
      broadworksId: '2405551212@sp.example.com',
      firstName: 'Anna',
      lastName: 'Rossi',
      serviceProviderId: 'SP1',
      isEnterprise: true,
      groupId: 'acme-milan',
      primaryPhoneNumber: '2405551212',
      mobilePhoneNumber: '+1-818-279-1234',
      extension: '1212',
      email: 'anna@example.com',
    })
    expect(xsp.requests).toEqual(['/v2.0/user/2405551212@sp.example.com/profile?format=json'])
  })

  it.each(['2405551212', '2405551212@SP.Example.COM'])('may write the ID as %s', async broadworksId => {
    expect(await signIn({ broadworksId })).toMatchObject({ broadworksId: ANNA.userId })
    expect(xsp.requests).toHaveLength(1)
  })

  it('may use an alternate ID, and is then asked for under their own', async () => {
    xsp.users[0]!.alternateId = 'anna.rossi@mail.example.com'
    expect(await signIn({ broadworksId: 'Anna.Rossi@mail.example.com' })).toMatchObject({ broadworksId: ANNA.userId })
    expect(xsp.requests).toEqual([
      '/v2.0/user/Anna.Rossi@mail.example.com/profile?format=json',
      '/v2.0/user/2405551212@sp.example.com/profile?format=json',
    ])
  })

  it('may have an ID that is no plain path', async () => {
    xsp.users[0]!.userId = 'anna/../?#% rossi@sp.example.com'
    expect(await signIn({ broadworksId: 'anna/../?#% rossi@sp.example.com' })).toMatchObject({ firstName: 'Anna' })
  })

  it('is found whether or not the address of Xsi-Actions ends with a slash', async () => {
    expect(await signIn({ xsiActionsUrl: xsp.url.replace(/\/$/, '') })).toMatchObject({ broadworksId: ANNA.userId })
  })

  it('is asked for in JSON, with the password in nothing but the header', async () => {
    const seen: XspExchange[] = []
    xsp.next(exchange => {
      seen.push(exchange)
      exchange.answer(401)
    })
    await signIn()
    expect(seen[0]?.headers).toMatchObject({
      accept: 'application/json',
      authorization: `Basic ${Buffer.from('2405551212@sp.example.com:Blumen&Käse:7').toString('base64')}`,
    })
    expect(seen[0]?.path).not.toContain('Blumen')
  })
})

describe('who is refused', () => {
  it.each<[string, Partial<XsiRequest>]>([
    ['has a wrong password', { password: 'guessed' }],
    ['has a wrong ID', { broadworksId: 'nobody@sp.example.com' }],
  ])('%s', async (_, given) => {
    expect(await signIn(given)).toBe('REFUSED')
    expect(xsp.requests).toHaveLength(1)
  })

  it.each([401, 403, 404])('gets HTTP %i from BroadWorks', async status => {
    xsp.next(({ answer }) => answer(status, '<ErrorInfo><errorCode>110005</errorCode></ErrorInfo>'))
    expect(await signIn()).toBe('REFUSED')
  })

  it.each<[string, Partial<XsiRequest>]>([
    ['no ID', { broadworksId: '' }],
    ['no password', { password: '' }],
    ['an ID with a colon', { broadworksId: `${ANNA.userId}:x` }],
    ['a line break in the ID', { broadworksId: `${ANNA.userId}\n` }],
    ['a line break in the password', { password: `${ANNA.password}\r\n` }],
    ['half a character in the ID', { broadworksId: '\ud800' }],
  ])('gives %s, and nothing is sent', async (_, given) => {
    expect(await signIn(given)).toBe('REFUSED')
    expect(xsp.requests).toEqual([])
  })

  it('is sent the profile of somebody whose password is another', async () => {
    xsp.users.push({ userId: 'boss@sp.example.com', password: 'secret' })
    xsp.next(answerJson(xspProfile({ userId: 'boss@sp.example.com' })))
    expect(await signIn()).toBe('REFUSED')
  })
})

describe('BroadWorks is unavailable', () => {
  it.each<[string, (exchange: XspExchange) => void, string]>([
    ['fails', ({ answer }) => answer(500, ANNA.userId), 'BroadWorks answered with HTTP 500.'],
    ['is overloaded', ({ answer }) => answer(503), 'BroadWorks answered with HTTP 503.'],
    ['limits requests', ({ answer }) => answer(429), 'BroadWorks answered with HTTP 429.'],
    ['does not like the request', ({ answer }) => answer(400), 'BroadWorks answered with HTTP 400.'],
    ['answers nothing', ({ answer }) => answer(204), 'BroadWorks answered with HTTP 204.'],
    ['answers XML', answerJson('<?xml version="1.0"?><Profile/>'), 'BroadWorks answered with something that is no profile.'],
    ['answers an empty page', answerJson(''), 'BroadWorks answered with something that is no profile.'],
    ['answers other JSON', answerJson({ details: {} }), 'BroadWorks answered with something that is no profile.'],
    ['names no user', answerJson(xspProfile({ userId: ' ' })), 'BroadWorks answered with something that is no profile.'],
    [
      'has an ID longer than any',
      answerJson(xspProfile({ userId: 'x'.repeat(162) })),
      'BroadWorks answered with something that is no profile.',
    ],
    [
      'writes in an alphabet that nobody knows',
      ({ answer }) => answer(200, JSON.stringify(xspProfile(ANNA)), { 'content-type': 'application/json;charset=x-klingon' }),
      'BroadWorks answered with something that is no profile.',
    ],
  ])('when it %s', async (_, deal, message) => {
    xsp.next(deal)
    expect(await failure()).toMatchObject({ message })
  })

  it('when it does not answer in time', async () => {
    xsp.next(() => {})
    expect(await failure({ timeoutMs: 200 })).toMatchObject({ message: 'BroadWorks did not answer within 0.2 seconds.' })
  })

  it('when it does not come to the end of its answer in time', async () => {
    xsp.next(({ answer }) => answer(200, '{"Profile":', { 'content-length': '1000' }))
    expect(await failure({ timeoutMs: 200 })).toMatchObject({ message: 'BroadWorks did not answer within 0.2 seconds.' })
  })

  it('when its answer has no end', async () => {
    const profile = xspProfile({ ...ANNA, lastName: 'x'.repeat(1_000_000) })
    xsp.next(answerJson(profile))
    expect(await failure()).toMatchObject({ message: 'BroadWorks answered with far more than a profile.' })
  })

  it('when it redirects: the password is not sent on', async () => {
    const other = await start()
    for (const status of [301, 302, 303, 307, 308]) {
      xsp.next(({ path, answer }) => answer(status, '', { location: `${other.url}${path.slice(1)}` }))
      expect(await failure()).toMatchObject({ message: `BroadWorks answered with HTTP ${status}.` })
    }
    expect(other.requests).toEqual([])
  })

  it('when it stays with the profile of another user', async () => {
    for (const userId of ['boss@sp.example.com', 'carl@sp.example.com']) xsp.next(answerJson(xspProfile({ userId })))
    expect(await failure()).toMatchObject({ message: 'BroadWorks answered with the profile of another user.' })
  })

  it('when it breaks the connection', async () => {
    xsp.next(({ drop }) => drop())
    expect(await failure()).toMatchObject({ message: expect.stringMatching(/^BroadWorks could not be reached \(\w+\)\.$/) })
  })

  it('when nobody listens', async () => {
    await xsp.stop()
    started.pop()
    expect(await failure()).toMatchObject({ message: 'BroadWorks could not be reached (ECONNREFUSED).' })
  })

  it('and the error names neither the user nor the password', async () => {
    const authorization = Buffer.from(`${ANNA.userId}:${ANNA.password}`).toString('base64')
    const deals: ((exchange: XspExchange) => void)[] = [
      ({ answer, headers }) => answer(500, headers.authorization),
      ({ answer, headers }) => answer(200, headers.authorization),
      ({ answer, path }) => answer(302, '', { location: path }),
      ({ drop }) => drop(),
    ]
    for (const deal of deals) {
      xsp.next(deal)
      const described = inspect(await failure(), { depth: Infinity, showHidden: true })
      for (const secret of [authorization, ANNA.password, '2405551212']) expect(described).not.toContain(secret)
    }
  })
})

describe('a profile', () => {
  it('may lack whatever a user does not need', async () => {
    const { userId, serviceProvider } = xspProfile(ANNA).Profile.details as Record<string, unknown>
    expect(await read({ Profile: { details: { userId, serviceProvider } } })).toEqual({
      broadworksId: ANNA.userId,
      firstName: '',
      lastName: '',
      serviceProviderId: 'SP1',
      isEnterprise: true,
      groupId: null,
      primaryPhoneNumber: null,
      mobilePhoneNumber: null,
      extension: null,
      email: null,
    })
  })

  it.each<[string, object, object]>([
    ['elements that are nil', { firstName: { '@xsi:nil': 'true' }, extension: null }, { firstName: '', extension: null }],
    ['elements without a text', { groupId: {}, number: { $: ' ' } }, { groupId: null, primaryPhoneNumber: null }],
    ['numbers as numbers', { extension: { $: 1212 } }, { extension: '1212' }],
    ['no word on enterprises', { serviceProvider: { $: 'SP2' } }, { serviceProviderId: 'SP2', isEnterprise: false }],
    ['a service provider that is no enterprise', { serviceProvider: { $: 'SP2', '@isEnterprise': 'false' } }, { isEnterprise: false }],
    ['a true that is no text', { serviceProvider: { $: 'SP2', '@isEnterprise': true } }, { isEnterprise: true }],
    ['control characters', { lastName: { $: 'Rossi\u0000\n' } }, { lastName: 'Rossi' }],
    ['more than is kept', { lastName: { $: 'x'.repeat(200) } }, { lastName: 'x'.repeat(128) }],
    ['fields that nobody knows', { surprise: { deep: { $: 'yes' } } }, {}],
  ])('may have %s', async (_, details, expected) => {
    const answered = xspProfile(ANNA)
    Object.assign(answered.Profile.details, details)
    expect(await read(answered)).toMatchObject({ broadworksId: ANNA.userId, ...expected })
  })

  it('is read in the alphabet that BroadWorks names', async () => {
    const answered = JSON.stringify(xspProfile({ ...ANNA, lastName: 'Müller' }))
    expect(await read(Buffer.from(answered, 'latin1'), 'application/json; charset="ISO-8859-1"')).toMatchObject({ lastName: 'Müller' })
    expect(await read(Buffer.from(answered), 'application/json')).toMatchObject({ lastName: 'Müller' })
  })
})

describe('the password leaves only encrypted', () => {
  it.each([
    'http://xsp.example.com/com.broadsoft.xsi-actions',
    'http://127.0.0.1.example.com/com.broadsoft.xsi-actions',
    'http://localhost.example.com/com.broadsoft.xsi-actions',
    'http://0.0.0.0/com.broadsoft.xsi-actions',
    'https://anna:secret@127.0.0.1/com.broadsoft.xsi-actions',
    'ftp://127.0.0.1/com.broadsoft.xsi-actions',
    'file:///etc/passwd',
    '//127.0.0.1/com.broadsoft.xsi-actions',
    'xsp.example.com',
    '',
  ])('never to %s', async xsiActionsUrl => {
    const sent = jest.spyOn(globalThis, 'fetch')
    const message = 'The address of Xsi-Actions is no https URL, or it has credentials in it.'
    expect(await failure({ xsiActionsUrl })).toMatchObject({ message })
    expect(sent).not.toHaveBeenCalled()
  })

  it('except to this machine itself, by whichever name', async () => {
    const { port } = new URL(xsp.url)
    expect(await signIn({ xsiActionsUrl: `http://localhost:${port}/com.broadsoft.xsi-actions` })).toMatchObject({ firstName: 'Anna' })
  })

  it('and not to a server that nobody vouches for', async () => {
    const untrusted = await start(selfSignedCertificate())
    const message = 'BroadWorks could not be reached (DEPTH_ZERO_SELF_SIGNED_CERT).'
    expect(await failure({ xsiActionsUrl: untrusted.url })).toMatchObject({ message })
    expect(untrusted.requests).toEqual([])
  })

  it('to a server whose certificate this machine trusts', async () => {
    const certificate = selfSignedCertificate()
    const trusted = await start(certificate)
    const directory = mkdtempSync(path.join(tmpdir(), 'xsi-client-'))
    const certificateFile = path.join(directory, 'certificate.pem')
    writeFileSync(certificateFile, certificate.cert)
    const request = JSON.stringify({ xsiActionsUrl: trusted.url, broadworksId: ANNA.userId, password: ANNA.password, timeoutMs: 20_000 })
    const script = `require('./src/broadworks/xsi-client').readXsiProfile(${request}).then(profile => console.log(profile.lastName))`
    // Whom a process trusts is settled when it starts, so this takes another one.
    const { stdout } = await promisify(execFile)(process.execPath, ['-r', '@swc-node/register', '-e', script], {
      cwd: PROJECT,
      env: { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: certificateFile },
    })
    rmSync(directory, { recursive: true })
    expect(stdout.trim()).toBe('Rossi')
  })
})
