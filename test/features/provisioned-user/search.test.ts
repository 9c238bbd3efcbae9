import fc from 'fast-check'
import type { Customer } from '../../../src/features/customer/customer.entity'
import type { ProvisionedUser } from '../../../src/features/provisioned-user/provisioned-user.entity'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser } from '../../support/world/builders'
import { deleteUsers, idsOf, insertCustomers, insertUsers, sortKey } from '../../support/schema/lists'
import {
  DeleteUserDocument,
  PageOfCustomersDocument,
  PageOfUsersDocument,
  RetryActivationDocument,
  UpdateProvisionedUserDocument,
} from '../../support/operations/operations.generated'

let app: TestApp
let alice: TestPartner
let users: ProvisionedUser[]
let template: string

/** Names with what means something to LIKE, to a full-text query, to SQL, to JSON, and with more than one way to write a letter. */
const NAMES: [firstName: string, lastName: string][] = [
  ['Zoë', 'Weiß'],
  ['Zoe\u0308', 'Müller'],
  ['ANNA', "O'Neill"],
  ['anna', 'ONeill'],
  ['Sales_100%', 'Team'],
  ['Sales-1000', 'Team'],
  ['back\\slash', 'quote"d'],
  ['star*fish', '(paren) AND OR NOT NEAR'],
  ['Jean-Luc', "d'Été"],
  ['\u{1F600}\u{1F601}\u{1F602}', 'Smile'],
  ['Łukasz', 'Żółć'],
  ['Ελένη', 'Παπαδοπούλου'],
  ['Σωσώ', 'Γεωργίου'],
  ['太郎', '山田電話会社'],
  ['A', 'B'],
]

beforeAll(async () => {
  app = await startTestApp()
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin)
  const [customer] = (await insertCustomers(app, alice.partnerId, template, [{ name: 'Zoë & Söhne 100%' }, { name: 'Söhne_100' }])) as [
    Customer,
  ]
  users = await insertUsers(
    app,
    customer,
    NAMES.flatMap(([firstName, lastName], index) => [
      { firstName, lastName, broadworksId: `user_${index}%@sp-1.example`, email: `Mail.${index}+tag@MAIL.example` },
      { firstName: lastName, lastName: firstName, broadworksId: `${firstName}.${index}@sp.example`.slice(0, 100) },
    ]),
  )
  await deleteUsers(app, await insertUsers(app, customer, [{ firstName: 'Zoë', lastName: 'Deleted' }]))
  // The same people at another partner.
  const stranger = await app.addPartner('A stranger')
  const [theirs] = (await insertCustomers(app, stranger.partnerId, await makeTemplate(stranger.admin), [{ name: 'Zoë & Söhne 100%' }])) as [
    Customer,
  ]
  await insertUsers(
    app,
    theirs,
    users.map(({ firstName, lastName, broadworksId, email }) => ({ firstName, lastName, broadworksId, email })),
  )
})
afterAll(() => app.stop())

/** Greek has two small letters for one sigma; a search takes them for the same. */
function searchKey(text: string): string {
  return sortKey(text).replaceAll('ς', 'σ')
}

function textsOf({ broadworksId, email, firstName, lastName }: ProvisionedUser): string[] {
  return [broadworksId, email ?? '', `${firstName} ${lastName}`].map(searchKey)
}

function expected(term: string): string[] {
  return idsOf(users.filter(user => textsOf(user).some(text => text.includes(searchKey(term.trim()))))).sort()
}

async function find(search: string, { viewer } = alice): Promise<string[]> {
  const { provisionedUsers } = await viewer.get(PageOfUsersDocument, { first: 100, filter: { search } })
  expect(provisionedUsers.totalCount).toBe(provisionedUsers.nodes.length)
  return idsOf(provisionedUsers.nodes).sort()
}

describe('the search for users', () => {
  it.each([
    ['a BroadWorks ID', 'user_3%@sp-1.example'],
    ['a part of a BroadWorks ID', '@sp-1'],
    ['an e-mail address in another case', 'mail.4+TAG@mail.EXAMPLE'],
    ['a first name', 'Łukasz'],
    ['a last name in capitals', 'MÜLLER'],
    ['first and last name', 'anna o'],
    ['a composed letter', 'Zoë'],
    ['a decomposed letter', 'zoe\u0308'],
    ['spaces around it', '  weiß  '],
    ['an apostrophe', "o'n"],
    ['a percent sign', '100%'],
    ['an underscore', 'es_1'],
    ['a hyphen', 'n-luc'],
    ['a backslash', 'k\\s'],
    ['a quotation mark', 'e"d'],
    ['an asterisk', 'r*f'],
    ['words of a query language', '(paren) AND OR'],
    ['only signs', '%@s'],
    ['emoji', '\u{1F600}\u{1F601}\u{1F602}'],
    ['Greek capitals', 'ΠΑΠΑΔ'],
    ['a Greek sigma that ends the term and not the word', 'ΣΩΣ'],
    ['Chinese characters', '電話会'],
  ])('finds %s', async (_, term) => {
    const ids = expected(term)
    expect(ids.length).toBeGreaterThan(0)
    expect(ids.length).toBeLessThan(users.length)
    expect(await find(term)).toEqual(ids)
  })

  it.each([
    ['nobody has', 'nobody of that name'],
    ['differs by a letter of another kind', 'ſales'],
    ['only a wildcard would find', 'z_e'],
    ['only a wildcard would find', 'an%a'],
    ['only a full-text query would find', 'zoë OR anna'],
    ['begins in one field and ends in another', 'example\nmail'],
    ['goes from the last name to the first', 'rossi anna mail'],
    ['was the name of somebody who is gone', 'Deleted'],
  ])('finds nothing that %s', async (_, term) => {
    expect(await find(term)).toEqual([])
  })

  it('finds exactly those who have any part of any text, in any case and form', async () => {
    const part = fc
      .record({ user: fc.constantFrom(...users), field: fc.nat({ max: 2 }), from: fc.nat(), length: fc.integer({ min: 3, max: 12 }) })
      .map(({ user, field, from, length }) => {
        const text = [...([user.broadworksId, user.email ?? user.lastName, `${user.firstName} ${user.lastName}`][field] as string)]
        const start = from % Math.max(1, text.length - 2)
        return text.slice(start, start + length).join('')
      })
    const form = fc.constantFrom<(term: string) => string>(
      term => term,
      term => term.toUpperCase(),
      term => term.toLowerCase(),
      term => term.normalize('NFD'),
      term => term.normalize('NFC'),
    )
    await fc.assert(
      fc.asyncProperty(part, form, async (text, write) => {
        const term = write(text)
        fc.pre([...sortKey(term.trim())].length >= 3 && [...term].length <= 100)
        expect([term, await find(term)]).toEqual([term, expected(term)])
      }),
      { numRuns: 80 },
    )
  })

  it('answers any text of 3 to 100 characters without an error', async () => {
    const term = fc
      .string({
        unit: fc.oneof(fc.constantFrom(...'"\'*%_\\()[]{}^:-+&|~. abcAND'), fc.constantFrom('\u{1F600}', 'ß', 'e\u0301')),
        minLength: 3,
        maxLength: 40,
      })
      .filter(text => [...sortKey(text.trim())].length >= 3)
    await fc.assert(
      fc.asyncProperty(term, async text => {
        expect([text, await find(text)]).toEqual([text, expected(text)])
      }),
      { numRuns: 50 },
    )
  })

  it.each([
    ['empty', ''],
    ['only spaces', '     '],
    ['two characters', 'ab'],
    ['two characters and spaces', ' ab '],
    ['two emoji', '\u{1F600}\u{1F601}'],
    ['two letters, one of them written as two characters', 'ze\u0308'],
    ['101 characters', 'a'.repeat(101)],
  ])('refuses a term that is %s', async (_, search) => {
    const { errors, status } = await alice.viewer.ask(PageOfUsersDocument, { filter: { search } })
    expect(status).toBe(200)
    expect(errors.map(({ extensions }) => [extensions.code, extensions.argument])).toEqual([['BAD_USER_INPUT', 'search']])
  })

  it.each(['ab\u0301c', 'a'.repeat(100), '\u{1F600}'.repeat(100)])('takes the shortest and the longest term (%s)', async search => {
    expect(await find(search)).toEqual([])
  })

  it('follows what is changed: names, addresses and deletions', async () => {
    const { operator, admin } = alice
    const { id, customer } = await makeUser(operator, await makeTemplate(admin), {
      firstName: 'Oldfirst',
      lastName: 'Oldlast',
      spEnterpriseId: 'SP1+follow',
    })
    expect(await find('oldfirst oldl')).toEqual([id])
    await operator.get(UpdateProvisionedUserDocument, { input: { userId: id, lastName: 'Newlast' } })
    expect(await find('oldlast')).toEqual([])
    expect(await find('oldfirst newl')).toEqual([id])
    await operator.get(RetryActivationDocument, { input: { userId: id, email: 'error-10022.follow@example.com' } })
    expect(await find('10022.follow@')).toEqual([id])
    await operator.get(DeleteUserDocument, { input: { userId: id } })
    expect(await find('newlast')).toEqual([])
    const { customers } = await alice.viewer.get(PageOfCustomersDocument, { filter: { search: 'P1+FOLL' } })
    expect(idsOf(customers.nodes)).toEqual([customer.id])
  })
})

describe('the count of a search', () => {
  it('is exact up to ten thousand, and null beyond', async () => {
    const { partnerId, admin, viewer } = await app.addPartner('A large partner')
    const [customer] = (await insertCustomers(app, partnerId, await makeTemplate(admin), [{}])) as [Customer]
    await insertUsers(app, customer, Array(10_000).fill({ lastName: 'Common' }))
    const count = async () =>
      (await viewer.get(PageOfUsersDocument, { first: 0, filter: { search: 'common' } })).provisionedUsers.totalCount
    expect(await count()).toBe(10_000)
    await insertUsers(app, customer, [{ lastName: 'Common' }])
    expect(await count()).toBeNull()
    const { provisionedUsers } = await viewer.get(PageOfUsersDocument, { first: 0 })
    expect(provisionedUsers.totalCount).toBe(10_001)
  })
})

describe('the search for customers', () => {
  it('finds names and enterprise IDs in any case, signs taken literally, of the own partner only', async () => {
    const namesFor = async (search: string) => {
      const { customers } = await alice.viewer.get(PageOfCustomersDocument, {
        filter: { search },
        orderBy: { field: 'NAME', direction: 'ASC' },
      })
      return customers.totalCount
    }
    expect(await namesFor('SÖHNE')).toBe(2)
    expect(await namesFor('so\u0308hne 1')).toBe(1)
    expect(await namesFor('100%')).toBe(1)
    expect(await namesFor('e_1')).toBe(1)
    expect(await namesFor('ë & s')).toBe(1)
  })
})
