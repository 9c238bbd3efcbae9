import { WebexClient } from '../../src/webex/webex-client'
import { WebexError } from '../../src/webex/webex-error'
import { type Exchange, type FakeWebex, startFakeWebex } from '../support/fakes/webex'

let webex: FakeWebex
let client: WebexClient

beforeAll(async () => {
  webex = await startFakeWebex()
  client = new WebexClient({ baseUrl: webex.url, accessToken: 'token' })
})
afterAll(() => webex.stop())

const SUBSCRIBER = {
  id: 'subscriber',
  personId: 'person',
  userId: '95547321@sp.com',
  spEnterpriseId: 'SP1+acme',
  provisioningId: 'dGVzdHM6dGVtcGxhdGU',
  firstName: 'Anna',
  lastName: 'Rossi',
  email: 'anna@example.com',
  primaryPhoneNumber: '+1-240-555-1212',
  extension: '1212',
  package: 'standard',
  status: 'provisioned',
  created: '2026-10-30T09:00:00.000Z',
  lastStatusChange: '2026-11-01T10:00:00.000Z',
  selfActivated: false,
}

let asked = 0

/** What the client makes of a subscriber that Webex answers. */
async function read(answered: object) {
  asked += 1
  webex.next('GET', `reading-${asked}`, ({ answer }) => answer(200, { ...SUBSCRIBER, ...answered }))
  return (await client.getSubscriber(`reading-${asked}`)).value
}

/** What the client makes of an answer that is no success. */
async function failure(deal: (exchange: Exchange) => void, asker = client): Promise<WebexError> {
  asked += 1
  webex.next('GET', `failing-${asked}`, deal)
  const outcome: unknown = await asker.getSubscriber(`failing-${asked}`).catch((error: unknown) => error)
  if (!(outcome instanceof WebexError)) throw new Error(`The call did not fail as it should: ${JSON.stringify(outcome)}`)
  return outcome
}

describe('a subscriber', () => {
  it('is read as the contract says', async () => {
    expect(await read({})).toEqual({ ...SUBSCRIBER, mobilePhoneNumber: null, errors: [] })
  })

  it.each<[string, object, object]>([
    ['an ID with stray quotes', { id: '"subscriber"', personId: `'person"` }, { id: 'subscriber', personId: 'person' }],
    ['selfActivated as the text false', { selfActivated: 'false' }, { selfActivated: false }],
    ['selfActivated as the text true', { selfActivated: 'true' }, { selfActivated: true }],
    ['no selfActivated', { selfActivated: undefined }, { selfActivated: false }],
    ['capitals in status and package', { status: 'PROVISIONED', package: 'Premium' }, { status: 'provisioned', package: 'premium' }],
    ['no person', { personId: undefined }, { personId: null }],
    ['null for what is absent', { email: null, primaryPhoneNumber: null }, { email: null, primaryPhoneNumber: null }],
    ['empty texts for what is absent', { email: '', extension: '' }, { email: null, extension: null }],
    ['an extension as a number', { extension: 1212 }, { extension: '1212' }],
    ['an error code as a number', { errors: [{ errorCode: 10022, description: 'x' }] }, { errors: [{ code: 10022, description: 'x' }] }],
    ['an error code as a text', { errors: [{ errorCode: '10022', description: 'x' }] }, { errors: [{ code: 10022, description: 'x' }] }],
    ['an error code under its other name', { errors: [{ code: 2024, description: 'x' }] }, { errors: [{ code: 2024, description: 'x' }] }],
    ['an error without a code', { errors: [{ description: 'x' }] }, { errors: [{ code: null, description: 'x' }] }],
    [
      'an error code that is no number',
      { errors: [{ errorCode: 'E1', description: 'x' }] },
      { errors: [{ code: null, description: 'x' }] },
    ],
    ['null for no errors', { errors: null }, { errors: [] }],
    ['fields that nobody knows', { surprise: { deep: true } }, {}],
  ])('may have %s', async (_, answered, expected) => {
    expect(await read(answered)).toEqual({ ...SUBSCRIBER, mobilePhoneNumber: null, errors: [], ...expected })
  })

  it.each<[string, object | string]>([
    ['no JSON', '<html>'],
    ['a list', []],
    ['no ID', { ...SUBSCRIBER, id: undefined }],
    ['a status that is no text', { ...SUBSCRIBER, status: 7 }],
  ])('that cannot be read (%s) counts as no answer: the work may have been done', async (_, answered) => {
    const error = await failure(({ answer }) => answer(200, answered))
    expect(error).toMatchObject({ httpStatus: null, isTransient: true, errors: [{ code: null, httpStatus: null, upstreamText: null }] })
    expect(error.message).toBe('Webex answered with something that is not in its contract.')
  })
})

describe('a refusal', () => {
  it('tells the code, the text and the tracking ID of Webex', async () => {
    const error = await failure(({ answer }) =>
      answer(409, {
        message: 'Conflict',
        errors: [{ errorCode: '10022', description: 'In use' }, { description: 'And more' }],
        trackingId: 'CISCO_1',
      }),
    )
    expect(error).toMatchObject({ httpStatus: 409, message: 'Conflict', trackingId: 'CISCO_1', isTransient: false })
    expect(error.errors).toEqual([
      { code: 10022, httpStatus: 409, upstreamText: 'In use', trackingId: 'CISCO_1' },
      { code: null, httpStatus: 409, upstreamText: 'And more', trackingId: 'CISCO_1' },
    ])
  })

  it.each<[string, unknown, string]>([
    ['is empty', undefined, 'HTTP 400'],
    ['is no JSON', '<html>Bad Request</html>', 'HTTP 400'],
    ['has only a message', { message: 'Bad parameter' }, 'Bad parameter'],
    ['has errors that cannot be read', { message: 'Bad parameter', errors: 'many' }, 'Bad parameter'],
    ['has no description', { message: 'Bad parameter', errors: [{}] }, 'Bad parameter'],
  ])('is told in some words when its body %s', async (_, body, words) => {
    const error = await failure(({ answer }) => answer(400, body))
    expect(error.message).toBe(words)
    expect(error.errors).toEqual([
      { code: null, httpStatus: 400, upstreamText: words, trackingId: expect.stringMatching(/^FAKE_/) as string },
    ])
  })

  it.each([
    [400, false],
    [401, false],
    [403, false],
    [404, false],
    [409, false],
    [410, false],
    [423, true],
    [429, true],
    [500, true],
    [502, true],
    [503, true],
    [504, true],
  ])('with HTTP %i may pass by itself: %s', async (status, isTransient) => {
    expect(await failure(({ answer }) => answer(status, {}))).toMatchObject({ httpStatus: status, isTransient })
  })
})

describe('a call without an answer', () => {
  it.each<[string, (exchange: Exchange) => void, number | undefined, string]>([
    ['the connection breaks', ({ drop }) => drop(), undefined, 'Webex could not be reached.'],
    ['nothing comes', () => undefined, 300, 'Webex did not answer within 0.3 seconds.'],
  ])('is told apart when %s', async (_, deal, timeoutMs, message) => {
    const error = await failure(deal, new WebexClient({ baseUrl: webex.url, accessToken: 'token', timeoutMs }))
    expect(error).toMatchObject({ httpStatus: null, isTransient: true, message })
    expect(error.errors).toEqual([
      { code: null, httpStatus: null, upstreamText: null, trackingId: expect.stringMatching(/^FLOWTHROUGH_/) as string },
    ])
  })

  it('is one to an address where nobody listens', async () => {
    const nobody = new WebexClient({ baseUrl: 'http://127.0.0.1:9/v1', accessToken: 'token' })
    await expect(nobody.findSubscribers('anna')).rejects.toMatchObject({ httpStatus: null, message: 'Webex could not be reached.' })
  })

  it('is one that leads elsewhere: the token is for Webex alone', async () => {
    const elsewhere = await startFakeWebex()
    webex.next('GET', 'moved', ({ redirect }) => redirect(`${elsewhere.url}/broadworks/subscribers/moved`))
    await expect(client.getSubscriber('moved')).rejects.toMatchObject({ httpStatus: null })
    expect(elsewhere.requests).toEqual([])
    await elsewhere.stop()
  })
})

describe('the organisation of an enterprise', () => {
  it.each<[string, object[], string | null]>([
    [
      'is that of the enterprise',
      [
        { spEnterpriseId: 'SP1+other', orgId: 'other' },
        { spEnterpriseId: 'SP1+acme', orgId: 'org' },
      ],
      'org',
    ],
    ['is null while it has none', [{ spEnterpriseId: 'SP1+acme' }], null],
    ['is null for an enterprise that Webex does not know', [], null],
  ])('%s', async (_, items, expected) => {
    webex.next('GET', 'enterprises', ({ answer }) => answer(200, { items }))
    expect((await client.findOrganization('SP1+acme')).value).toBe(expected)
  })
})
