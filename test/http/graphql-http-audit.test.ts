import { serverAudits } from 'graphql-http'
import { startTestApp, type TestApp } from '../support/world/app'

let app: TestApp
let token: string

beforeAll(async () => {
  app = await startTestApp()
  token = (await app.addPartner()).viewer.token
})
afterAll(() => app.stop())

/** The suite knows nothing of tokens, nor of the header without which a bare GET is refused. */
function fetchWithToken(url: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  headers.set('authorization', `Bearer ${token}`)
  headers.set('apollo-require-preflight', 'true')
  return fetch(url, { ...init, headers })
}

const audits = serverAudits({ url: () => `${app.url}/graphql`, fetchFn: fetchWithToken })

describe('The public audit suite for GraphQL over HTTP', () => {
  it('has the checks of its version 1.23', () => {
    expect(audits).toHaveLength(61)
  })

  it.each(audits.map(audit => [audit.name, audit] as const))('is content that the server %s', async (_name, audit) => {
    const result = await audit.fn()
    if (result.status !== 'ok') throw new Error(`${result.status}: ${result.reason}`)
    expect(result.id).toBe(audit.id)
  })
})
