import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as identifiers from '../../src/webex/webex-identifiers'
import { startSimulator, type Simulator } from '../../src/simulator/simulator'
import { loadContract, type Contract } from './openapi'
import { testLogger } from '../support/jest/test-log'
import { eventually } from '../support/world/waiting'

const contract = loadContract()
/** The document is not ours to ship, so these tests run where it lies beside the checkout and are shown as skipped elsewhere. */
const contractIt = contract ? it : it.skip

contractIt('every answer of the simulator is one that the published contract documents', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'simulator-contract-'))
  const simulator = await startSimulator({ databasePath: path.join(folder, 'simulator.db'), delayMs: 20, logger: testLogger() })
  try {
    const seen = await walk(simulator, contract as Contract)
    expect(seen).toEqual(
      new Set([
        ...['200', '400', '401'].map(status => `GET /broadworks/subscribers ${status}`),
        ...['200', '400', '401', '403', '409', '415', '423', '429', '500', '503'].map(status => `POST /broadworks/subscribers ${status}`),
        ...['200', '400', '503'].map(status => `POST /broadworks/subscribers/validate ${status}`),
        ...['200', '404'].map(status => `GET /broadworks/subscribers/{id} ${status}`),
        ...['200', '400', '403', '404', '409'].map(status => `PUT /broadworks/subscribers/{id} ${status}`),
        ...['204', '404'].map(status => `DELETE /broadworks/subscribers/{id} ${status}`),
        ...['204', '404', '409'].map(status => `POST /subscribers/{id}/emails/consentMove ${status}`),
        ...['200', '400'].map(status => `GET /broadworks/enterprises ${status}`),
      ]),
    )
  } finally {
    await simulator.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})

contractIt('the contract finds what is wrong with a request', () => {
  const { checkRequest } = contract as Contract
  const list = '/v1/broadworks/subscribers'
  expect(checkRequest('GET', `${list}?status=error,updating&max=100&lastStatusChange=1579046400245&selfActivated=true`)).toEqual([])
  expect(checkRequest('POST', list, newUser())).toEqual([])
  expect(checkRequest('PUT', `${list}/some`, { extension: '' })).toEqual([])
  expect(checkRequest('GET', `${list}?status=gone`)).toHaveLength(1)
  expect(checkRequest('GET', `${list}?max=many`)).toHaveLength(1)
  expect(checkRequest('GET', `${list}?sort=name`)).toHaveLength(1)
  expect(checkRequest('POST', list, { ...newUser(), userId: undefined, package: 'gold' })).toHaveLength(2)
  expect(checkRequest('POST', list)).toHaveLength(1)
  expect(checkRequest('PUT', `${list}/some`, { email: 'anna@example.com' })).toHaveLength(1)
  expect(checkRequest('DELETE', `${list}/some`, {})).toHaveLength(1)
  expect(checkRequest('PATCH', `${list}/some`, {})).toHaveLength(1)
  expect(checkRequest('GET', '/v1/broadworks/users')).toHaveLength(1)
})

contractIt('the contract finds what is wrong with an answer', () => {
  const { checkResponse } = contract as Contract
  const one = '/v1/broadworks/subscribers/some'
  expect(checkResponse('GET', one, 200, { id: 'some', status: 'provisioned', selfActivated: 'false' })).toEqual([])
  expect(checkResponse('GET', one, 200, { id: 1, status: 'gone', selfActivated: 'no', surname: 'Ander' })).toHaveLength(4)
  expect(checkResponse('GET', '/v1/broadworks/subscribers', 200, { items: [{ status: 'gone' }] })).toHaveLength(1)
  expect(checkResponse('GET', one, 418, {})).toHaveLength(1)
  expect(checkResponse('GET', one, 404, { message: 'gone' })).toHaveLength(2)
  expect(checkResponse('DELETE', one, 204, {})).toHaveLength(1)
})

/** Uses every operation that the simulator has, in every way that it can answer; the result names what was seen. */
async function walk(simulator: Simulator, { checkResponse }: Contract): Promise<Set<string>> {
  const seen = new Set<string>()
  const subscribers = '/broadworks/subscribers'
  await call('GET', subscribers, { token: 'expired' })
  await call('POST', subscribers, { token: 'expired', body: newUser() })
  await call('POST', subscribers, { token: 'readonly', body: newUser() })
  await call('PUT', `${subscribers}/none`, { token: 'readonly', body: {} })
  await call('POST', subscribers, { body: newUser(), type: 'text/plain' })
  await call('POST', subscribers, { body: {} })
  await call('POST', subscribers, { body: newUser({ package: 'gold' }) })
  for (const status of [423, 429, 500, 503]) await call('POST', subscribers, { body: newUser({ email: `http-${status}@example.com` }) })

  const anna = newUser({ email: 'anna@example.com', mobilePhoneNumber: '+1-818-279-1234', primaryPhoneNumber: '+1-240-555-1212' })
  const { id } = await call('POST', subscribers, { body: anna })
  await call('POST', subscribers, { body: anna })
  await call('PUT', `${subscribers}/${await pending()}`, { body: { package: 'basic' } })
  await until(id, 'provisioned')
  await call('PUT', `${subscribers}/${id}`, { body: { email: 'new@example.com' } })
  await call('PUT', `${subscribers}/${id}`, { body: { package: 'premium', primaryPhoneNumber: '' } })
  await until(id, 'provisioned')
  await call('POST', `/subscribers/${id}/emails/consentMove`)

  const failed = await call('POST', subscribers, { body: newUser({ email: 'error-10022@example.com' }) })
  await until(failed.id, 'error')
  const moved = await call('POST', subscribers, { body: newUser({ email: 'consumer-anna@example.com' }) })
  await until(moved.id, 'pending_user_migration')
  await call('POST', `/subscribers/${moved.id}/emails/consentMove`)

  await call('POST', `${subscribers}/validate`, { body: { email: 'free@example.com' } })
  await call('POST', `${subscribers}/validate`, { body: { email: 'anna@example.com' } })
  await call('POST', `${subscribers}/validate`, { body: { email: 'http-503@example.com' } })
  for (const query of ['', '?max=2', '?status=error,provisioned', '?max=1000', '?lastStatusChange=never'])
    await call('GET', subscribers + query)
  for (const query of ['', '?startsWith=SP1', '?max=2000']) await call('GET', `/broadworks/enterprises${query}`)

  await call('DELETE', `${subscribers}/${id}`)
  await call('DELETE', `${subscribers}/${id}`)
  await call('GET', `${subscribers}/${id}`)
  await call('PUT', `${subscribers}/${id}`, { body: {} })
  await call('POST', `/subscribers/${id}/emails/consentMove`)
  return seen

  async function call(method: string, target: string, options: { body?: object; token?: string; type?: string } = {}) {
    const { body, token = 'partner', type = 'application/json' } = options
    const headers: Record<string, string> = { authorization: `Bearer ${token}`, ...(body && { 'content-type': type }) }
    const response = await fetch(simulator.url + target, { method, headers, body: body && JSON.stringify(body) })
    const text = await response.text()
    const answered = text === '' ? undefined : JSON.parse(text)
    expect([method, target, checkResponse(method, target, response.status, answered)]).toEqual([method, target, []])
    expect(response.headers.get('trackingid')).toBeTruthy()
    const template = target.replace(/\?.*/, '').replace(/(?<=\/subscribers\/)(?!validate)[^/]+/, '{id}')
    seen.add(`${method} ${template} ${response.status}`)
    return answered
  }

  async function pending(): Promise<string> {
    return (await call('POST', subscribers, { body: newUser() })).id
  }

  async function until(subscriberId: string, status: string): Promise<void> {
    await eventually(async () => (await call('GET', `${subscribers}/${subscriberId}`)).status === status)
  }
}

function newUser(fields: object = {}): object {
  const provisioningId = identifiers.provisioningId(randomUUID(), randomUUID())
  const keys = { provisioningId, userId: `${randomUUID()}@sp.com`, spEnterpriseId: `SP1+${randomUUID().slice(0, 8)}` }
  return { ...keys, firstName: 'Anna', lastName: 'Ander', package: 'standard', extension: '1212', ...fields }
}
