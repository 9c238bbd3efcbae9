import { buildSubgraphSchema } from '@apollo/subgraph'
import { buildSchema, parse } from 'graphql'
import { changesSinceRelease, compareSchemas, hastyDeprecations } from '../../scripts/schema-changes'

const TODAY = new Date('2027-07-01T08:00:00Z')
const DUE = '@deprecated(reason: "Use name. Removal on 2027-07-01 UTC.")'
const TOO_SOON = '@deprecated(reason: "Use name. Removal on 2027-07-02 UTC.")'

function released(deprecated = ''): string {
  return `
    type Query { user(id: ID!, nick: String ${deprecated}): User, users(filter: UserFilter): [User!]! }
    interface Node { id: ID! }
    type User implements Node { id: ID!, name: String!, nick: String ${deprecated}, badge(size: Int): Badge ${deprecated}, role: Role! }
    type Badge { color: String! }
    enum Role { READER, WRITER, GUEST ${deprecated} }
    input UserFilter { name: String, nick: String ${deprecated} }
  `
}

/** Each takes something away from clients: its place in the SDL, what stands there instead, and what is told of it. */
const REMOVALS: [name: string, pattern: RegExp, instead: string, told: RegExp][] = [
  ['a field', /, nick: String ([^,]*), badge/, ', badge', /^Field 'nick' .*was removed from object type 'User'\.$/],
  ['an argument', /, nick: String (@.*?"\))?\): User/, '): User', /^Argument 'nick: String' was removed from field 'Query.user'\.$/],
  ['a value of an enum', /, GUEST [^}]*/, ' ', /^Enum value 'GUEST' .*was removed from enum 'Role'\.$/],
  [
    'a field of an input',
    /name: String, nick: String [^}]*/,
    'name: String ',
    /^Input field 'nick' .*was removed from input object type 'UserFilter'\.$/,
  ],
  [
    'another type of a field',
    /nick: String ([^,]*), badge/,
    'nick: Int, badge',
    /^Field 'User.nick' changed type from 'String' to 'Int'\.$/,
  ],
  [
    'an argument that is required',
    /badge\(size: Int\)/,
    'badge(size: Int, shape: Int!)',
    /^Argument 'shape: Int!' added to field 'User.badge'\.$/,
  ],
]

const compare = (before: string, after: string) => compareSchemas(buildSchema(before), buildSchema(after), TODAY)

describe('A change of the schema since the last release', () => {
  it.each(REMOVALS)('is refused when it breaks clients who were told nothing: %s', async (_name, pattern, instead, told) => {
    const { refused } = await compare(released(), released().replace(pattern, instead))
    expect(refused).toEqual([expect.stringMatching(told)])
  })

  it.each(REMOVALS)('is refused before the day that was announced for it: %s', async (_name, pattern, instead, told) => {
    const { refused } = await compare(released(TOO_SOON), released(TOO_SOON).replace(pattern, instead))
    expect(refused).toEqual([expect.stringMatching(told)])
  })

  it.each(REMOVALS)('is listed as dangerous from that day on: %s', async (_name, pattern, instead, told) => {
    const { refused, dangerous } = await compare(released(DUE), released(DUE).replace(pattern, instead))
    expect(refused).toEqual([])
    expect(dangerous).toEqual(expect.arrayContaining([expect.stringMatching(told)]))
  })

  it('is refused however it is announced at the same time as it is made', async () => {
    const { refused } = await compare(released(), released(DUE).replace(...(REMOVALS[0]?.slice(1, 3) as [RegExp, string])))
    expect(refused).toHaveLength(1)
  })

  it('may take a type with the last field that has it, and not one that is met elsewhere', async () => {
    const withoutBadge = (sdl: string) => sdl.replace(/, badge[^,]*/, '').replace(/type Badge .*/, '')
    expect(await compare(released(DUE), withoutBadge(released(DUE)))).toMatchObject({ refused: [] })
    expect((await compare(released(TOO_SOON), withoutBadge(released(TOO_SOON)))).refused).toHaveLength(2)

    const withNode = `${released(DUE)} type Crate implements Node { id: ID! }`
    expect((await compare(withNode, released(DUE))).refused).toEqual(["Type 'Crate' was removed."])
  })

  it('is listed as dangerous when an enum has one more value', async () => {
    const { refused, dangerous } = await compare(released(), released().replace('WRITER', 'WRITER, OWNER'))
    expect({ refused, dangerous }).toEqual({ refused: [], dangerous: ["Enum value 'OWNER' was added to enum 'Role'."] })
  })

  it('is nothing to speak of when it only adds, or deprecates', async () => {
    const more = released(TOO_SOON).replace('type Badge { color: String!', 'type Badge { color: String!, text(first: Int): String')
    expect(await compare(released(), more)).toEqual({ refused: [], dangerous: [] })
  })

  it('is refused when other subgraphs cannot refer to an entity as before', async () => {
    const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])'
    const subgraph = (keys: string) =>
      buildSubgraphSchema(parse(`${link} type Query { user: User } type User ${keys} { id: ID! name: String! }`))
    const both = subgraph('@key(fields: "id") @key(fields: "name")')
    const one = subgraph('@key(fields: "id")')
    expect((await compareSchemas(both, one, TODAY)).refused).toEqual([`'@key(fields: "name")' was removed from type 'User'.`])
    const forShow = subgraph('@key(fields: "id", resolvable: false)')
    expect((await compareSchemas(one, forShow, TODAY)).refused).toEqual([`'@key(fields: "id")' was removed from type 'User'.`])
    expect(await compareSchemas(one, both, TODAY)).toMatchObject({ refused: [] })
    const shared = subgraph('@key(fields: "id") @shareable')
    expect((await compareSchemas(shared, one, TODAY)).refused).toEqual(["'@shareable' was removed from type 'User'."])
  })

  it('is refused when what had a default has to be given', async () => {
    const sdl = (argument: string, field: string) =>
      `type Query { user(size: ${argument}, filter: Filter): Int! } input Filter { size: ${field} }`
    const before = sdl('Int! = 1', 'Int! = 1')
    for (const after of [sdl('Int!', 'Int! = 1'), sdl('Int! = 1', 'Int!')]) {
      expect((await compare(before, after)).refused).toEqual([expect.stringContaining('size')])
    }
    expect(await compare(before, sdl('Int! = 2', 'Int! = 2'))).toMatchObject({ refused: [] })
    expect(await compare(sdl('Int = 1', 'Int = 1'), sdl('Int', 'Int'))).toMatchObject({ refused: [] })
  })

  it.each([
    ['no day', 'Use b.'],
    ['a day that is none', 'Use b. Removal on 2027-13-01 UTC.'],
    ['a day that has come', 'Use b. Removal on 2027-07-01 UTC.'],
  ])('has to say when what it deprecates goes: %s', (_name, reason) => {
    const sdl = (text: string) => `type Query { a: Int @deprecated(reason: "${text}"), b: Int }`
    const before = 'type Query { a: Int, b: Int }'
    expect(hastyDeprecations(before, sdl(reason), TODAY)).toEqual([expect.stringContaining(`"${reason}"`)])
    const later = sdl('Use b. Removal on 2027-07-02 UTC.')
    expect(hastyDeprecations(before, later, TODAY)).toEqual([])
    // Once it is released, its day may come.
    expect(hastyDeprecations(later, later, new Date('2028-01-01'))).toEqual([])
  })

  it('is none that would break the clients of today', async () => {
    expect((await changesSinceRelease(new Date())).refused).toEqual([])
  })
})
