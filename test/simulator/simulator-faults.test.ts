import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { WebexClient } from '../../src/webex/webex-client'
import { WebexError } from '../../src/webex/webex-error'
import { newSubscriber, startTestSimulator, type TestSimulator, type ToolAnswer } from '../support/fakes/simulator'
import { eventually } from '../support/world/waiting'

let simulator: TestSimulator
let partner: WebexClient
let token: string

beforeAll(async () => {
  simulator = await startTestSimulator()
})

beforeEach(async () => {
  token = randomUUID()
  partner = simulator.client({ token })
  await simulator.tool('DELETE', '/faults')
})

afterAll(() => simulator.stop())

describe('each kind of fault', () => {
  it.each([
    [{ kind: 'throttle', retryAfterSeconds: 7 }, 429, 7000],
    [{ kind: 'throttle' }, 429, 1000],
    [{ kind: 'throttle', retryAfterSeconds: null }, 429, null],
    [{ kind: 'lock', retryAfterSeconds: 2 }, 423, 2000],
    [{ kind: 'fail', httpStatus: 503 }, 503, null],
    [{ kind: 'fail', httpStatus: 504, retryAfterSeconds: 3 }, 504, 3000],
    [{ kind: 'fail', httpStatus: 401 }, 401, null],
  ])('%j refuses the call before anything is done', async (rule, httpStatus, retryAfterMs) => {
    const creation = newSubscriber()
    await simulator.setFaults({ ...rule, methods: ['POST'] })
    expect(await failure(partner.createSubscriber(creation))).toMatchObject({ httpStatus, retryAfterMs })
    expect(await found(creation.userId)).toEqual([])
  })

  it('fail answers one of four server errors where none is chosen', async () => {
    await simulator.setFaults({ kind: 'fail', seed: 1 })
    const statuses = new Set<number | null>()
    for (let call = 0; call < 40; call += 1) statuses.add((await failure(partner.findSubscribers('nobody'))).httpStatus)
    expect(statuses).toEqual(new Set([500, 502, 503, 504]))
  })

  it('fail-after does the work and answers an error all the same', async () => {
    const creation = newSubscriber()
    await simulator.setFaults({ kind: 'fail-after', httpStatus: 502, methods: ['POST'] })
    expect(await failure(partner.createSubscriber(creation))).toMatchObject({ httpStatus: 502 })
    expect(await found(creation.userId)).toHaveLength(1)
  })

  it('hang answers nothing until the client gives up, and does nothing', async () => {
    const creation = newSubscriber()
    await simulator.setFaults({ kind: 'hang', methods: ['POST'] })
    const impatient = simulator.client({ token, timeoutMs: 100 })
    const { httpStatus, message } = await failure(impatient.createSubscriber(creation))
    expect([httpStatus, message]).toEqual([null, expect.stringContaining('did not answer within')])
    expect(await found(creation.userId)).toEqual([])
  })

  it('hang breaks the connection after its time', async () => {
    await simulator.setFaults({ kind: 'hang', delayMs: 50 })
    expect(await failure(partner.findSubscribers('nobody'))).toMatchObject({ httpStatus: null, message: 'Webex could not be reached.' })
  })

  it('drop-before breaks the connection before anything is done', async () => {
    const creation = newSubscriber()
    await simulator.setFaults({ kind: 'drop-before', methods: ['POST'] })
    expect(await breakOf(send('POST', '/broadworks/subscribers', creation))).toBe('ECONNRESET')
    expect(await found(creation.userId)).toEqual([])
  })

  it('drop-after does the work and breaks the connection', async () => {
    const creation = newSubscriber()
    await simulator.setFaults({ kind: 'drop-after', methods: ['POST', 'DELETE'] })
    expect(await breakOf(send('POST', '/broadworks/subscribers', creation))).toBe('ECONNRESET')
    const [created] = await found(creation.userId)
    expect(await breakOf(send('DELETE', `/broadworks/subscribers/${created!.id}`))).toBe('ECONNRESET')
    expect(await found(creation.userId)).toEqual([])
  })

  it('twice creates and refuses the duplicate, deletes and finds nothing to delete, and changes nothing about a read', async () => {
    const creation = newSubscriber()
    await simulator.setFaults({ kind: 'twice' })
    expect(await failure(partner.createSubscriber(creation))).toMatchObject({ httpStatus: 409, errors: [{ code: 10022 }] })
    const [created] = await found(creation.userId)
    expect((await partner.getSubscriber(created!.id)).value).toEqual(expect.objectContaining({ id: created!.id }))
    expect(await failure(partner.deleteSubscriber(created!.id))).toMatchObject({ httpStatus: 404 })
    expect(await found(creation.userId)).toEqual([])
  })

  it('late-answer does the work at once and answers later', async () => {
    const creation = newSubscriber()
    await simulator.setFaults({ kind: 'late-answer', delayMs: 200, methods: ['POST'] })
    const { value } = await partner.createSubscriber(creation)
    expect(Date.now() - Date.parse(value.lastStatusChange as string)).toBeGreaterThan(190)
  })

  it('late-work does the work later, also when the client is gone by then', async () => {
    const creation = newSubscriber()
    await simulator.setFaults({ kind: 'late-work', delayMs: 1500, methods: ['POST'] })
    const startedAt = Date.now()
    const impatient = simulator.client({ token, timeoutMs: 500 })
    expect(await failure(impatient.createSubscriber(creation))).toMatchObject({ httpStatus: null })
    const [entry] = await eventually(async () => {
      const { items } = (await simulator.tool('GET', `/ledger?organisation=${token}`)).body
      return items.length > 0 && items
    })
    expect(Date.parse(entry.time) - startedAt).toBeGreaterThan(1490)
  })

  it('retype changes the types of an answer, and the client reads it as ever', async () => {
    const { value: created } = await partner.createSubscriber(newSubscriber())
    await eventually(async () => (await partner.getSubscriber(created.id)).value.status === 'provisioned')
    const plain = (await partner.getSubscriber(created.id)).value
    await simulator.setFaults({ kind: 'retype' })
    const body = await send('GET', `/broadworks/subscribers/${created.id}`)
    expect(body).toMatchObject({
      id: `"${created.id}"`,
      personId: `'${plain.personId}'`,
      selfActivated: false,
      extension: 1212,
      links: expect.any(Object),
    })
    expect((await send('GET', '/broadworks/subscribers')).items[0]).toEqual(body)
    expect((await send('POST', '/broadworks/subscribers/validate', { email: 'free@example.com' })).info.infoCode).toBe(100)
    expect((await partner.getSubscriber(created.id)).value).toEqual(plain)
  })

  it('retype makes texts of error codes, in a subscriber and in a refusal', async () => {
    const creation = newSubscriber({ email: `error-200054-${randomUUID()}@example.com` })
    const { value: created } = await partner.createSubscriber(creation)
    await eventually(async () => (await partner.getSubscriber(created.id)).value.status === 'error')
    await simulator.setFaults({ kind: 'retype' })
    expect((await send('GET', `/broadworks/subscribers/${created.id}`)).errors[0].errorCode).toBe('200054')
    expect((await send('POST', '/broadworks/subscribers', creation)).errors[0].errorCode).toBe('10022')
    expect(await failure(partner.createSubscriber(creation))).toMatchObject({ errors: [{ code: 10022 }] })
  })

  it('background lets the work of accepted creations and updates end in an error', async () => {
    const { value: live } = await partner.createSubscriber(newSubscriber())
    await eventually(async () => (await partner.getSubscriber(live.id)).value.status === 'provisioned')
    await simulator.setFaults({ kind: 'background', errorCode: 2560 })
    const { value: created } = await partner.createSubscriber(newSubscriber())
    await partner.updateSubscriber(live.id, { package: 'basic' })
    for (const { id } of [created, live]) {
      const failed = await eventually(async () => {
        const { value } = await partner.getSubscriber(id)
        return value.status === 'error' && value
      })
      expect(failed.errors).toEqual([{ code: 2560, description: expect.any(String) }])
    }
  })

  it('background is not used up by a creation that is refused', async () => {
    const creation = newSubscriber()
    await partner.createSubscriber(creation)
    await simulator.setFaults({ kind: 'background', errorCode: 2560, times: 1 })
    await failure(partner.createSubscriber(creation))
    expect((await faults())[0]).toMatchObject({ applied: 0 })
    await partner.createSubscriber(newSubscriber())
    expect((await faults())[0]).toMatchObject({ applied: 1 })
  })
})

describe('which calls a rule is for', () => {
  it('chooses by method, path and organisation', async () => {
    const stranger = simulator.client()
    await simulator.setFaults(
      { kind: 'fail', httpStatus: 500, path: 'userId=anna', methods: ['GET'] },
      { kind: 'lock', organisation: token, path: '/validate' },
    )
    expect(await failure(partner.findSubscribers('anna'))).toMatchObject({ httpStatus: 500 })
    await partner.findSubscribers('bob')
    expect(await failure(partner.precheck({ email: 'anna@example.com' }))).toMatchObject({ httpStatus: 423 })
    await stranger.precheck({ email: 'anna@example.com' })
  })

  it('shows an organisation by its key, never by its token, and takes the key as well', async () => {
    await simulator.setFaults({ kind: 'lock', organisation: token })
    const [{ organisation }] = await faults()
    expect(organisation).toMatch(/^[0-9a-f]{64}$/)
    await simulator.setFaults({ kind: 'lock', organisation })
    expect(await failure(partner.findSubscribers('anna'))).toMatchObject({ httpStatus: 423 })
  })

  it('is used up after so many times, and goes on to the next rule', async () => {
    await simulator.setFaults({ kind: 'throttle', times: 2 }, { kind: 'lock', times: 1 })
    const statuses = []
    for (let call = 0; call < 3; call += 1) statuses.push((await failure(partner.findSubscribers('anna'))).httpStatus)
    expect(statuses).toEqual([429, 429, 423])
    await partner.findSubscribers('anna')
    expect(await faults()).toMatchObject([
      { seen: 2, applied: 2 },
      { seen: 1, applied: 1 },
    ])
  })

  it('hits about its share of the calls, and the same ones with the same seed', async () => {
    const first = await hits({ kind: 'fail', share: 0.4, seed: 7 })
    expect(first.filter(Boolean).length).toBeGreaterThan(6)
    expect(first.filter(Boolean).length).toBeLessThan(18)
    expect(await hits({ kind: 'fail', share: 0.4, seed: 7 })).toEqual(first)
    expect(await hits({ kind: 'fail', share: 0.4, seed: 8 })).not.toEqual(first)
    expect((await hits({ kind: 'fail', share: 0 })).some(Boolean)).toBe(false)
  })

  it('makes up a seed and shows it, so that a run can be repeated', async () => {
    const first = await hits({ kind: 'fail', share: 0.5 })
    const [{ seed }] = await faults()
    expect(await hits({ kind: 'fail', share: 0.5, seed })).toEqual(first)
  })
})

describe('telling the simulator', () => {
  it.each([
    [{}, /^The body must be a list of rules$/],
    [[{ kind: 'explode' }], /^0\.kind must be one of throttle, .*background$/],
    [['throttle'], /^0 must be one of throttle/],
    [[{ kind: 'lock' }, { kind: 'fail', share: 1.5 }], /^1\.share must be a number from 0 to 1$/],
    [[{ kind: 'fail', share: '1' }], /^0\.share must be a number from 0 to 1$/],
    [[{ kind: 'fail', times: 0 }], /^0\.times must be a whole number from 1 to/],
    [[{ kind: 'fail', methods: ['PATCH'] }], /^0\.methods\.0 must be one of GET, POST, PUT, DELETE$/],
    [[{ kind: 'fail', methods: 'GET' }], /^0\.methods must be a list of some of GET, POST, PUT, DELETE$/],
    [[{ kind: 'fail', methods: [] }], /^0\.methods must name a method$/],
    [[{ kind: 'fail', path: '' }], /^0\.path must be a text of 1 to 500 characters$/],
    [[{ kind: 'fail', httpStatus: 200 }], /^0\.httpStatus must be a whole number from 400 to 599$/],
    [[{ kind: 'throttle', retryAfterSeconds: -1 }], /^0\.retryAfterSeconds must be a whole number from 0 to 3600$/],
    [[{ kind: 'hang', delayMs: 4_000_000 }], /^0\.delayMs must be a whole number from 0 to 3600000$/],
    [[{ kind: 'fail', seed: 0.5 }], /^0\.seed must be a whole number from 0 to/],
    [[{ kind: 'background' }], /^0\.errorCode must be a whole number from 1 to/],
    [[{ kind: 'twice', delayMs: 5 }], /^0 has fields that are not known here: delayMs; known are kind, share, times/],
  ])('refuses %j, says what is allowed, and changes nothing', async (body, message) => {
    await simulator.setFaults({ kind: 'retype', share: 0.5, seed: 3 })
    const before = await faults()
    const refused = await simulator.tool('PUT', '/faults', body)
    expect(refused.status).toBe(400)
    expect(refused.body.message).toMatch(message)
    expect(await faults()).toEqual(before)
  })

  it('is explained for every kind that there is', async () => {
    const { body } = await simulator.tool('PUT', '/faults', [{ kind: 'unknown' }])
    const page = readFileSync(path.join(__dirname, '../../docs/reference/simulator.md'), 'utf8')
    const [, table = ''] = page.split('| kind ')
    const kinds = [...(table.split('\n\n')[0] ?? '').matchAll(/^\| `([\w-]+)`/gm)].map(match => match[1])
    expect(body.message).toBe(`0.kind must be one of ${kinds.join(', ')}`)
  })

  it('takes a hundred rules and no more', async () => {
    const rules = Array.from({ length: 101 }, () => ({ kind: 'lock' }))
    const { status, body } = await simulator.tool('PUT', '/faults', rules)
    expect([status, body.message]).toEqual([400, 'The body must have at most 100 rules'])
    await simulator.setFaults(...rules.slice(1))
  })

  it('names every field that is wrong', async () => {
    const { body } = await simulator.tool('PUT', '/faults', [{ kind: 'fail', share: 2, times: 'often' }])
    expect(body.errors).toHaveLength(2)
  })

  it('replaces all rules at once and takes them all back', async () => {
    await simulator.setFaults({ kind: 'lock' }, { kind: 'throttle' })
    await simulator.setFaults({ kind: 'fail', httpStatus: 500 })
    expect((await faults()).map(({ kind }: { kind: string }) => kind)).toEqual(['fail'])
    expect((await simulator.tool('DELETE', '/faults')).status).toBe(204)
    expect(await faults()).toEqual([])
    await partner.findSubscribers('anna')
  })

  it('keeps its rules, and how far they are used up, over a restart', async () => {
    await simulator.setFaults({ kind: 'lock', times: 3 })
    await failure(partner.findSubscribers('anna'))
    const before = await faults()
    await simulator.restart()
    expect(await faults()).toEqual(before)
  })

  it('stops at once although calls wait, and does not do their work', async () => {
    const creation = newSubscriber()
    await simulator.setFaults({ kind: 'hang', times: 1 }, { kind: 'late-work', delayMs: 60_000, times: 1 })
    const patient = simulator.client({ token, timeoutMs: 120_000 })
    const waiting = [failure(patient.createSubscriber(creation)), failure(patient.createSubscriber(creation))]
    await eventually(async () => (await faults()).every(({ applied }: { applied: number }) => applied === 1))
    await simulator.restart()
    for (const { httpStatus } of await Promise.all(waiting)) expect(httpStatus).toBeNull()
    partner = simulator.client({ token })
    expect(await found(creation.userId)).toEqual([])
  })
})

async function faults() {
  return (await simulator.tool('GET', '/faults')).body.items
}

async function found(userId: string) {
  return (await partner.findSubscribers(userId)).value
}

async function failure(call: Promise<unknown>): Promise<WebexError> {
  const error = await reasonOf(call)
  if (!(error instanceof WebexError)) throw new Error(`The call was not refused: ${String(error)}`)
  return error
}

/** The code with which a connection broke. */
async function breakOf(call: Promise<unknown>): Promise<unknown> {
  const error = (await reasonOf(call)) as { cause?: { code?: string } } | undefined
  return error?.cause?.code
}

async function reasonOf(call: Promise<unknown>): Promise<unknown> {
  const [settled] = await Promise.allSettled([call])
  return settled?.status === 'rejected' ? settled.reason : undefined
}

/** As it comes, not as the client reads it. */
async function send(method: string, target: string, body?: object): Promise<ToolAnswer> {
  const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) }
  const response = await fetch(simulator.url + target, { method, headers, body: body ? JSON.stringify(body) : null })
  return response.json()
}

/** Which of thirty calls in a row are hit. */
async function hits(rule: object): Promise<boolean[]> {
  await simulator.setFaults(rule)
  const outcomes: boolean[] = []
  for (let call = 0; call < 30; call += 1) outcomes.push((await reasonOf(partner.findSubscribers('anna'))) !== undefined)
  return outcomes
}
