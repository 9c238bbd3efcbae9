import fc from 'fast-check'
import { decodeCursor, encodeCursor } from '../../src/graphql/cursor'
import { BadUserInput } from '../../src/shared/errors'

const ORDER = 'LAST_NAME:ASC'

const text = fc.string({ unit: 'binary', maxLength: 200 }).filter(value => !value.includes('\0'))
const position = fc.record({ value: text, id: text })
const order = fc.constantFrom('CREATED_AT:ASC', 'CREATED_AT:DESC', 'LAST_NAME:ASC', 'LAST_NAME:DESC', 'AT:DESC')

function refusalOf(cursor: string, argument = 'after', expectedOrder = ORDER): BadUserInput | null {
  try {
    decodeCursor(argument, expectedOrder, cursor)
    return null
  } catch (error) {
    if (error instanceof BadUserInput) return error
    throw error
  }
}

function cursorOf(parts: unknown): string {
  return Buffer.from(typeof parts === 'string' ? parts : JSON.stringify(parts)).toString('base64url')
}

describe('a cursor', () => {
  it('gives back the position that it was made of, whatever its text', () => {
    fc.assert(
      fc.property(order, position, (name, given) => {
        const cursor = encodeCursor(name, given)
        expect(cursor).toMatch(/^[\w-]+$/)
        expect(decodeCursor('after', name, cursor)).toEqual(given)
      }),
    )
  })

  it('is refused under every other order, naming the argument and both orders', () => {
    fc.assert(
      fc.property(order, order, position, (made, asked, given) => {
        fc.pre(made !== asked)
        const refusal = refusalOf(encodeCursor(made, given), 'before', asked)
        expect(refusal?.argument).toBe('before')
        expect(refusal?.message).toContain(made)
        expect(refusal?.message).toContain(asked)
      }),
    )
  })

  it.each([
    ['an empty text', ''],
    ['no Base64', 'not a cursor!'],
    ['ordinary Base64 with padding', Buffer.from('["LAST_NAME:ASC","x","y"]x').toString('base64')],
    ['no JSON', cursorOf('hello')],
    ['an object', cursorOf({ order: ORDER, value: 'a', id: 'b' })],
    ['a null', cursorOf('null')],
    ['too few parts', cursorOf([ORDER, 'a'])],
    ['too many parts', cursorOf([ORDER, 'a', 'b', 'c'])],
    ['a number for the value', cursorOf([ORDER, 1, 'b'])],
    ['a null for the ID', cursorOf([ORDER, 'a', null])],
    ['a nested list', cursorOf([ORDER, ['a'], 'b'])],
    ['an order of another form', cursorOf(['last_name', 'a', 'b'])],
    ['an order with SQL in it', cursorOf(['LAST_NAME:ASC; DROP TABLE x', 'a', 'b'])],
    ['a NUL, which PostgreSQL would refuse', cursorOf([ORDER, 'a\0', 'b'])],
    ['broken UTF-8', Buffer.from([0x5b, 0x22, 0xff, 0xfe, 0x22, 0x5d]).toString('base64url')],
  ])('is refused when it is %s', (_, cursor) => {
    const refusal = refusalOf(cursor)
    expect(refusal?.argument).toBe('after')
    expect(refusal?.message).toContain('`after` is not a cursor')
  })

  it.each<[string, string, unknown, string]>([
    ['an order of another form', 'last_name', 'a', 'b'],
    ['an order after something else', 'x LAST_NAME:ASC', 'a', 'b'],
    ['an order with SQL after it', 'LAST_NAME:ASC; DROP TABLE x', 'a', 'b'],
    ['a number for the value', ORDER, 1, 'b'],
    ['a NUL in the value', ORDER, 'a\0', 'b'],
    ['a NUL in the ID', ORDER, 'a', 'b\0'],
  ])('is refused when it is sealed by a caller and has %s', (_, order, value, id) => {
    const sealed = encodeCursor(order, { value: value as string, id })
    expect(refusalOf(sealed, 'after', order)?.message).toBe('`after` is not a cursor of this list; take it from `pageInfo` or an edge.')
  })

  it('is refused when it has more than 2000 characters', () => {
    const longest = encodeCursor(ORDER, { value: 'a'.repeat(1465), id: 'b' })
    expect([longest.length, refusalOf(longest)]).toEqual([2000, null])
    const tooLong = encodeCursor(ORDER, { value: 'a'.repeat(1466), id: 'b' })
    expect(tooLong).toHaveLength(2002)
    expect(refusalOf(tooLong)?.argument).toBe('after')
  })

  it('stays valid from release to release', () => {
    const given = { value: 'rossi', id: 'usr_01h2xcejqtf2nbrexx3vqjhp41' }
    const cursor = 'WyJMQVNUX05BTUU6QVNDIiwicm9zc2kiLCJ1c3JfMDFoMnhjZWpxdGYybmJyZXh4M3ZxamhwNDEiLCJ3a1ZFQUIwUiJd'
    expect(encodeCursor(ORDER, given, 'users')).toBe(cursor)
    expect(decodeCursor('after', ORDER, cursor, 'users')).toEqual(given)
  })

  it('is refused under another scope', () => {
    const cursor = encodeCursor(ORDER, { value: 'a', id: 'b' }, 'users of one customer')
    expect(() => decodeCursor('after', ORDER, cursor, 'users of another')).toThrow('is not a cursor of this list')
    expect(() => decodeCursor('after', ORDER, cursor)).toThrow('is not a cursor of this list')
  })

  it('is refused or understood when somebody changed it, and never anything worse', () => {
    const mangled = fc
      .tuple(position, fc.nat(), fc.string({ maxLength: 3 }), fc.nat({ max: 3 }))
      .map(([given, place, inserted, removed]) => {
        const cursor = encodeCursor(ORDER, given)
        const at = place % (cursor.length + 1)
        return cursor.slice(0, at) + inserted + cursor.slice(at + removed)
      })
    fc.assert(
      fc.property(fc.oneof(mangled, fc.string({ maxLength: 300 }), fc.base64String({ maxLength: 300 })), cursor => {
        const refusal = refusalOf(cursor)
        if (refusal) expect(refusal.argument).toBe('after')
        else expect(Object.values(decodeCursor('after', ORDER, cursor)).every(part => typeof part === 'string')).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('fits within the limit for the longest texts that a list is sorted by', () => {
    const longest = { value: '\u{1F600}'.repeat(100), id: 'usr_01h2xcejqtf2nbrexx3vqjhp41' }
    expect(longest.value).toHaveLength(200)
    expect(decodeCursor('after', ORDER, encodeCursor(ORDER, longest))).toEqual(longest)
    const widest = { ...longest, value: '\u{FFEE}'.repeat(200) }
    expect(decodeCursor('after', ORDER, encodeCursor(ORDER, widest))).toEqual(widest)
  })
})
