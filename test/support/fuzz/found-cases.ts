import type { FuzzCase, FuzzWorld } from './cases'

/** What once was not met as it should be. Each is tried first. */
export function foundCases({ tokens: [token = ''] }: FuzzWorld): FuzzCase[] {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  const post = (body: string, more: Record<string, string> = {}): FuzzCase => {
    return { kind: 'http', method: 'POST', path: '/graphql', headers: { ...headers, ...more }, body }
  }
  const ask = (query: string, variables: object = {}): FuzzCase => post(JSON.stringify({ query, variables }))
  const subscribe = (query: string): FuzzCase => ({
    kind: 'socket',
    token,
    frames: [JSON.stringify({ id: '0', type: 'subscribe', payload: { query } })],
  })
  const skipped = 'provisionedUserChanged @skip(if: $no) { cursor }'
  const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`
  return [
    // Recursion ran out of stack: in our own code, in the parser, in the rules of validation.
    post(`{"query":"{ viewer { name } }","variables":{"a":${deep}}}`),
    post(deep),
    { kind: 'http', method: 'POST', path: '/activation/graphql', headers: { 'content-type': 'application/json' }, body: deep },
    ask(`{ viewer ${'{ partner '.repeat(3300)}${'}'.repeat(3300)} }`),
    ask(`query ($a: ${'['.repeat(4500)}ID${']'.repeat(4500)}) { node(id: $a) { id } }`),
    // Each of many errors took its time.
    ask('query ($a: [ID!]!) { nodes(ids: $a) { id } }', { a: Array(100_000).fill({}) }),
    ask('mutation ($a: ProvisionUsersInput!) { provisionUsers(input: $a) { userErrors { code } } }', {
      a: { users: Array(100_000).fill({}) },
    }),
    ask(`${'\n'.repeat(400_000)} { ${Array.from({ length: 3000 }, (_, index) => `nope${index}`).join(' ')} }`),
    // The engine has no code for it, or throws.
    ask('query ($first: Int) { userChanges(first: $first) { endCursor } }', { first: null }),
    ask('query ($no: Boolean = false) { viewer @skip(if: $no) { name } }', { no: null }),
    ask(`subscription ($no: Boolean) { ${skipped} }`),
    subscribe(`subscription ($no: Boolean) { ${skipped} }`),
    subscribe(`subscription { ...All } fragment All on Subscription { ${skipped.replace('$no', 'true')} }`),
    subscribe('query A { viewer { name } } query B { viewer { name } }'),
    // The connection stayed half open for good.
    post('{"query":"{ viewer { name } }"}', { upgrade: 'h2c', connection: 'Upgrade' }),
  ]
}
