import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import { makeTemplate } from '../support/world/builders'
import { sendRaw } from '../support/world/raw-http'
import { loggedLines } from '../support/jest/test-log'

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736'
const TRACEPARENT = `00-${TRACE_ID}-00f067aa0ba902b7-01`
const OURS = /^[0-9a-f]{8}-[0-9a-f-]{27}$/

let app: TestApp
let alice: TestPartner

beforeAll(async () => {
  app = await startTestApp()
  alice = await app.addPartner()
})
afterAll(() => app.stop())

async function ask(query: string, headers: Record<string, string>) {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${alice.admin.token}`, ...headers },
    body: JSON.stringify({ query }),
  })
  const { errors = [] } = (await response.json()) as { errors?: { extensions: { requestId: string } }[] }
  return { told: response.headers.get('x-request-id') ?? '', errors }
}

describe('The ID of a request', () => {
  it('is what its sender calls it: in the answer, in its errors and in the audit trail', async () => {
    const requestId = 'gateway-7.Anna_1'
    const { told, errors } = await ask('{ nothing }', { 'x-request-id': requestId })
    expect([told, errors[0]?.extensions.requestId]).toEqual([requestId, requestId])

    const template = await makeTemplate(alice.admin)
    await ask(`mutation { deleteOnboardingTemplate(input: { id: "${template}" }) { deletedOnboardingTemplateId } }`, {
      'x-request-id': requestId,
    })
    const { data } = await alice.admin.ask<{ auditEvents: { nodes: { action: string; requestId: string }[] } }, Record<string, never>>(
      '{ auditEvents(first: 1) { nodes { action requestId } } }',
    )
    expect(data.auditEvents.nodes).toEqual([{ action: 'deleteOnboardingTemplate', requestId }])
  })

  it('is told to whoever may not come in, too', async () => {
    const { told, errors } = await ask('{ viewer { name } }', { authorization: '', 'x-request-id': 'stranger-1' })
    expect([told, errors[0]?.extensions.requestId]).toEqual(['stranger-1', 'stranger-1'])
    const upgrade = ['connection: upgrade', 'upgrade: websocket', 'origin: https://mallory.example']
    const refused = await sendRaw(app.url, 'GET /graphql HTTP/1.1', 'host: here', ...upgrade, 'x-request-id: stranger-2', '', '')
    expect([refused.status, refused.headers['x-request-id']]).toEqual([403, 'stranger-2'])
  })

  it.each([
    ['that is too short', 'seven-7'],
    ['that is too long', 'x'.repeat(65)],
    ['with spaces', 'my request'],
    ['with what a log could be led astray by', 'request"}{1'],
    ['that is there twice', 'request-1, request-2'],
    ['that is a token', 'flt_abcdefghijklmnopqrstuvwxyz0123456789'],
  ])('is one of ours in the place of one %s', async (_name, given) => {
    expect((await ask('{ viewer { name } }', { 'x-request-id': given })).told).toMatch(OURS)
  })
})

describe('The log', () => {
  /** What is logged of a request that fails for a reason of ours. */
  async function failureOf(requestId: string, headers: Record<string, string>) {
    const broken = await startTestApp()
    try {
      const { admin } = await broken.addPartner()
      await broken.platform.database.transaction(({ manager }) => manager.query('ALTER TABLE audit_event RENAME TO lost'))
      await fetch(`${broken.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${admin.token}`, 'x-request-id': requestId, ...headers },
        body: JSON.stringify({ query: '{ auditEvents { nodes { id } } }' }),
      })
    } finally {
      await broken.stop()
    }
    return loggedLines().filter(line => line['requestId'] === requestId)
  }

  it('has what failed by its request, and by the trace that this is part of', async () => {
    const line = { msg: 'A request failed.', traceId: TRACE_ID, path: ['auditEvents'] }
    expect(await failureOf('traced-request', { traceparent: TRACEPARENT })).toEqual([expect.objectContaining(line)])
  })

  it('names no trace that is none', async () => {
    const lines = await failureOf('untraced-request', { traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` })
    expect(lines.map(line => 'traceId' in line)).toEqual([false])
  })
})
