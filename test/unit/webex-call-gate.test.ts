import { CallGate } from '../../src/webex/call-gate'
import { WebexClient } from '../../src/webex/webex-client'
import { WebexError } from '../../src/webex/webex-error'
import { type Exchange, type FakeWebex, startFakeWebex } from '../support/fakes/webex'
import { newSubscriber } from '../support/fakes/simulator'
import { eventually } from '../support/world/waiting'

let webex: FakeWebex

beforeAll(async () => {
  webex = await startFakeWebex()
})
afterAll(() => webex.stop())

const ENTERPRISES = 'GET /broadworks/enterprises?max=100'

function clientWith({ concurrency = 8, callsPerSecond = null }: { concurrency?: number; callsPerSecond?: number | null } = {}) {
  return new WebexClient({ baseUrl: webex.url, accessToken: 'token', gate: new CallGate({ concurrency, callsPerSecond }) })
}

async function failure(call: Promise<unknown>): Promise<WebexError> {
  const outcome: unknown = await call.catch((error: unknown) => error)
  if (!(outcome instanceof WebexError)) throw new Error(`The call did not fail as it should: ${JSON.stringify(outcome)}`)
  return outcome
}

/** What the gate does after this answer to a call. */
async function closedBy(status: number, headers: Record<string, string>, call: (client: WebexClient) => Promise<unknown>, method = 'GET') {
  const client = clientWith()
  webex.next(method, '/', ({ answer }) => answer(status, {}, headers))
  const { httpStatus, notSent } = await failure(call(client))
  expect({ httpStatus, notSent }).toEqual({ httpStatus: status, notSent: false })
  return client
}

const list = (client: WebexClient) => client.listEnterprises()

/** Expects the gate to be closed for so long since an answer that has come in after this time. */
function expectClosed(client: WebexClient, seconds: number, since: number): void {
  const answeredAt = Number(client.closedUntil()) - seconds * 1000
  expect(answeredAt).toBeGreaterThanOrEqual(since)
  expect(answeredAt).toBeLessThanOrEqual(Date.now())
}

describe('the calls of one partner', () => {
  it('are never more at a time than the setting allows, and all are made', async () => {
    const client = clientWith({ concurrency: 3 })
    let underWay = 0
    let highest = 0
    let release: () => void = () => undefined
    const threeHaveCome = new Promise<void>(resolve => (release = resolve))
    for (let call = 0; call < 12; call += 1) {
      webex.next('GET', 'enterprises', async ({ answer }) => {
        underWay += 1
        highest = Math.max(highest, underWay)
        if (underWay === 3) release()
        await threeHaveCome
        // A fourth would have set out with them.
        await new Promise(resolve => setTimeout(resolve, 15))
        underWay -= 1
        answer(200, { items: [] })
      })
    }
    await Promise.all(Array.from({ length: 12 }, () => list(client)))
    expect(highest).toBe(3)
  })

  it('begin no faster than the setting allows', async () => {
    const client = clientWith({ callsPerSecond: 50 })
    const startedAt = performance.now()
    await Promise.all(Array.from({ length: 11 }, () => list(client)))
    // Ten pauses of 20 ms; a timer of Node's may come a little early.
    expect(performance.now() - startedAt).toBeGreaterThan(180)
  })

  it('are not sent when no turn comes within some seconds, and take nothing from those that are', async () => {
    const client = clientWith({ concurrency: 1 })
    const held: Exchange[] = []
    webex.next('GET', 'enterprises', exchange => void held.push(exchange))
    const first = list(client)
    await eventually(async () => held.length > 0)
    const before = webex.requests.length
    expect(await failure(list(client))).toMatchObject({
      httpStatus: null,
      notSent: true,
      isTransient: true,
      trackingId: '',
      retryAfterMs: 4000,
    })
    held[0]?.answer(200, { items: [] })
    await first
    await list(client)
    expect(webex.requests.slice(before)).toEqual([ENTERPRISES])
  })
})

describe('after "too many requests"', () => {
  it.each<[string, Record<string, string>, number]>([
    ['as long as Webex says', { 'retry-after': '7' }, 7],
    ['for five seconds when it does not say', {}, 5],
    ['for a minute at most', { 'retry-after': '3600' }, 60],
  ])('nothing is sent %s', async (_, headers, seconds) => {
    const startedAt = Date.now()
    const client = await closedBy(429, headers, list)
    expectClosed(client, seconds, startedAt)
    const before = webex.requests.length
    const closedUntil = Number(client.closedUntil())
    const restMs = closedUntil - Date.now()
    const { notSent, retryAfterMs, isTransient } = await failure(client.deleteSubscriber('anna'))
    expect({ notSent, isTransient }).toEqual({ notSent: true, isTransient: true })
    expect(retryAfterMs).toBeGreaterThanOrEqual(closedUntil - Date.now())
    expect(retryAfterMs).toBeLessThanOrEqual(restMs)
    expect(webex.requests).toHaveLength(before)
  })

  it('the call that was told so has the whole of it', async () => {
    webex.next('GET', 'enterprises', ({ answer }) => answer(429, {}, { 'retry-after': '3600' }))
    expect((await failure(list(clientWith()))).retryAfterMs).toBe(3_600_000)
  })

  it('calls go on when the time is over', async () => {
    const client = await closedBy(429, { 'retry-after': '1' }, list)
    await eventually(async () => client.closedUntil() === null)
    expect((await list(client)).httpStatus).toBe(200)
  })

  it('those that wait for their turn are not sent either', async () => {
    const client = clientWith({ concurrency: 1 })
    webex.next('GET', 'enterprises', ({ answer }) => answer(429, {}, { 'retry-after': '7' }))
    const before = webex.requests.length
    const outcomes = await Promise.all([list(client), list(client), list(client)].map(failure))
    expect(outcomes.map(({ notSent }) => notSent)).toEqual([false, true, true])
    expect(webex.requests.slice(before)).toEqual([ENTERPRISES])
  })
})

describe('a lock', () => {
  it('of one subscriber stops no other call', async () => {
    const client = await closedBy(423, { 'retry-after': '7' }, webexClient => webexClient.getSubscriber('anna'))
    expect(client.closedUntil()).toBeNull()
    const created = await closedBy(423, {}, webexClient => webexClient.createSubscriber(newSubscriber()), 'POST')
    expect(created.closedUntil()).toBeNull()
  })

  it('that is on no subscriber stops all calls', async () => {
    const startedAt = Date.now()
    const client = await closedBy(423, { 'retry-after': '7' }, list)
    expectClosed(client, 7, startedAt)
  })
})
