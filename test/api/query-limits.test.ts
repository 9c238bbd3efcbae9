import { OF_NO_REQUEST } from '../support/database/statements'
import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'

let app: TestApp
let alice: TestPartner

beforeAll(async () => {
  app = await startTestApp()
  alice = await app.addPartner()
})
afterAll(() => app.stop())

const ATTACK = `query ($first: Int!) {
  provisionedUsers(first: $first) { nodes { customer { provisionedUsers(first: $first) { nodes { customer {
    provisionedUsers(first: $first) { nodes { customer { provisionedUsers(first: $first) { totalCount } } } } } } } } } }
}`

describe('A query that multiplies page by page', () => {
  it('is refused before anything is read, with the limit, its cost and what to do', async () => {
    app.statements.length = 0
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const { status, data, errors } = await alice.viewer.ask(ATTACK, { first: 100 }, { accept })
      expect({ status, data }).toEqual({ status: 400, data: undefined })
      expect(errors).toEqual([
        {
          message: expect.stringMatching(/^The operation may cost \d+; the limit is 10000\. Ask for smaller pages/),
          extensions: { code: 'QUERY_TOO_COMPLEX', requestId: expect.any(String) },
        },
      ])
    }
    expect(app.statements.filter(sql => sql.includes('provisioned_user') && !OF_NO_REQUEST.test(sql))).toEqual([])
  })

  it('is answered with pages that are small', async () => {
    const { status, errors } = await alice.viewer.ask(ATTACK, { first: 3 })
    expect({ status, errors }).toEqual({ status: 200, errors: [] })
  })

  it('is judged by the operation that is carried out, not by its neighbour', async () => {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${alice.viewer.token}` },
      body: JSON.stringify({ query: `${ATTACK.replace('query', 'query Attack')} query Small { viewer { name } }`, operationName: 'Small' }),
    })
    expect(await response.json()).toMatchObject({ data: { viewer: { name: 'viewer of the tests' } } })
  })
})
