import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import { connect, hear } from '../support/world/socket'
import { eventually } from '../support/world/waiting'

let app: TestApp
let alice: TestPartner

beforeAll(async () => {
  app = await startTestApp({ environment: { NODE_ENV: 'production', ENCRYPTION_KEY: '5'.repeat(64) } })
  alice = await app.addPartner()
})
afterAll(() => app.stop())

const BAD: [string, string, Record<string, unknown>][] = [
  ['a field', '{ viewer { nam } }', {}],
  ['an argument', '{ customer(spEnterpriseIdd: "x") { id } }', {}],
  ['a type', '{ node(id: "x") { ... on Custome { id } } }', {}],
  ['an enum value', '{ provisionedUsers(filter: { statuses: [PROVISIONE] }) { totalCount } }', {}],
  ['a field of an input', '{ provisionedUsers(filter: { serch: "x" }) { totalCount } }', {}],
  ['a directive', '{ viewer { name @skp(if: true) } }', {}],
  [
    'an enum value in a variable',
    'query ($f: ProvisionedUserFilter) { provisionedUsers(filter: $f) { totalCount } }',
    { f: { statuses: ['PROVISIONE'] } },
  ],
  ['a field in a variable', 'query ($f: ProvisionedUserFilter) { provisionedUsers(filter: $f) { totalCount } }', { f: { serch: 'x' } }],
]

/** Names that were not sent, and where in the code something went wrong. */
const TOO_MUCH = /[Dd]id you mean|\bspEnterpriseId\b|"Customer\\?"|\bPROVISIONED\b|\bsearch\b|node_modules|stacktrace| at .*\.(ts|js):/

describe('In production', () => {
  it.each(BAD)('a misspelt name is not put right for whoever guesses: %s', async (_name, document, variables) => {
    const { errors } = await alice.viewer.ask(document, variables)
    expect(errors.map(({ extensions }) => extensions.code)).toContain('BAD_USER_INPUT')
    expect(JSON.stringify(errors)).not.toMatch(TOO_MUCH)
    const client = connect(alice.viewer)
    try {
      const heard = hear(client, document, variables)
      await eventually(async () => heard.ended)
      expect(heard.errors.length).toBeGreaterThan(0)
      expect(JSON.stringify(heard.errors)).not.toMatch(TOO_MUCH)
    } finally {
      await client.dispose()
    }
  })

  it.each([
    ['a field', '{ activatio { step } }'],
    ['a mutation', 'mutation { signI(input: { link: "x", broadworksId: "x", password: "x" }) { __typename } }'],
    ['the schema', '{ __schema { types { name } } }'],
  ])('the portal tells strangers nothing of its schema: %s', async (_name, query) => {
    const response = await fetch(`${app.url}/activation/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    })
    const text = await response.text()
    expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] })
    expect(text).not.toMatch(/did you mean|"activation"|signIn|stacktrace/i)
  })
})
