import type { Answer } from '../support/world/actor'
import { startTestApp, type TestApp } from '../support/world/app'
import { askOverSocket } from '../support/world/socket'

let app: TestApp
let production: TestApp

beforeAll(async () => {
  app = await startTestApp({ environment: { INTROSPECTION: 'off' } })
  production = await startTestApp({ environment: { NODE_ENV: 'production', ENCRYPTION_KEY: '5'.repeat(64) } })
})
afterAll(() => Promise.all([app.stop(), production.stop()]))

/** Sixty fragments, each spread twice by the one before it. */
const doubling = (type: string, leaf: string) =>
  Array.from({ length: 60 }, (_, step) => `fragment F${step} on ${type} { ...F${step + 1} ...F${step + 1} }`).join(' ') +
  ` fragment F60 on ${type} { ${leaf} }`
const pages = (depth: number): string =>
  depth === 0 ? 'id' : `customer { provisionedUsers(first: 100) { nodes { ${pages(depth - 1)} } } }`

const DOCUMENTS: [string, string, Record<string, unknown>][] = [
  ['a success', '{ viewer { name role } }', {}],
  ['no document', '', {}],
  ['a syntax error', '{ viewer {', {}],
  ['too many tokens', `{ ${'a '.repeat(11_000)} }`, {}],
  ['an unknown field, with a suggestion', '{ viewer { nam } }', {}],
  ['more errors than are listed', '{ a b c d e f g h }', {}],
  ['introspection', '{ __schema { queryType { name } } }', {}],
  ['introspection beside another error', '{ nothing __schema { queryType { name } } }', {}],
  ['a fragment within itself', '{ viewer { ...A } } fragment A on Viewer { name ...A }', {}],
  ['recursive selections', `{ viewer { ...F0 } } ${doubling('Viewer', 'name')}`, {}],
  [
    'a directive on the field of a subscription',
    'query { viewer { name } } subscription S($s: Boolean!) { statusCountsChanged @skip(if: $s) { count } }',
    {},
  ],
  ['several operations and no name', 'query A { viewer { name } } query B { viewer { role } }', {}],
  ['a cost above the limit', `{ provisionedUsers(first: 100) { nodes { ${pages(3)} } } }`, {}],
  ['a missing variable', 'query ($id: ID!) { provisionedUser(id: $id) { id } }', {}],
  ['a bad variable', 'query ($id: ID!) { provisionedUser(id: $id) { id } }', { id: { a: 1 } }],
  ['more bad values than are looked at', 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: Array(60).fill({}) }],
  ['a null for an argument', 'query ($first: Int) { userChanges(first: $first) { hasMore } }', { first: null }],
  ['a bad argument', '{ provisionedUsers(first: 1000) { nodes { id } } }', {}],
  ['a missing permission', 'mutation { deleteUser(input: { userId: "usr_x" }) { deletedUserId } }', {}],
]

describe('An operation over a WebSocket', () => {
  it.each(DOCUMENTS)('gets the response that it gets over HTTP: %s', async (_name, document, variables) => {
    for (const { addPartner } of [app, production]) {
      const { viewer } = await addPartner('Alice')
      const overHttp = await responseOf(viewer.ask(document, variables))
      const overSocket = await responseOf(askOverSocket(viewer, document, variables))
      expect(overSocket).toEqual(overHttp)
    }
  })
})

/** The data and the errors, without the request IDs. */
async function responseOf(answer: Promise<Answer<unknown>>) {
  const { data, errors } = await answer
  return { data: data ?? null, errors: errors.map(error => ({ ...error, extensions: { ...error.extensions, requestId: null } })) }
}
