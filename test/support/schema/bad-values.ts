import { isEnumType, isInputObjectType } from 'graphql'
import { newId, type IdentifiedType } from '../../../src/shared/ids'
import type { InputPlace } from './partner-schema'

/** What a refused value is answered with. */
export type Expected =
  /** A user error of this code; its field is the place of the value unless said otherwise. */
  | { userError: string; field?: string[] }
  /** The top-level error BAD_USER_INPUT, naming this argument. */
  | { argument: string }
  /** No error: there is nothing like that. */
  | 'nothing'

/** Stands for the good value. */
export const AS_IT_IS = Symbol('as it is')

export interface BadValue {
  name: string
  /** Undefined leaves the value out. */
  value: unknown
  /** Other values that the case needs, by their path joined with dots. */
  also?: Record<string, unknown>
  expected: Expected
}

export const bad = (name: string, value: unknown, expected: Expected, also?: Record<string, unknown>): BadValue =>
  also ? { name, value, expected, also } : { name, value, expected }

const refused = (userError: string) => ({ userError })

/** The wrong values that follow from a place's type alone. */
export function wrongTypes(place: InputPlace): BadValue[] {
  const argument = String(place.path.at(-1))
  const expected = { argument }
  const values = WRONG[place.type.name] ?? (isEnumType(place.type) ? ['NOPE', '', 42] : ['a text', 42])
  const cases = values.map(value => bad(`of a wrong type (${JSON.stringify(value)})`, place.list ? [value] : value, expected))
  if (isInputObjectType(place.type)) {
    const inside = place.list ? [...place.path, 0] : place.path
    cases.push(bad('with a field that does not exist', AS_IT_IS, { argument: 'nope' }, { [[...inside, 'nope'].join('.')]: 1 }))
  }
  if (place.required) cases.push(bad('missing', undefined, expected))
  if (place.nonNull) cases.push(bad('null', null, expected))
  if (place.list) cases.push(bad('with a null in it', [null], expected))
  return cases
}

const WRONG: Record<string, unknown[]> = {
  String: [42, {}],
  ID: [1.5, {}],
  Int: ['1', 1.5, 2 ** 31],
  Boolean: ['yes', 1],
  DateTime: ['', 'yesterday', '2026-02-30T00:00:00Z', '2026-01-01', '9999-12-31T23:59:59-23:59', '0000-01-01T00:00:00+23:59', true, {}],
}

const HALF_A_PAIR = '\ud800'
const VERY_LONG = 'a'.repeat(100_000)

/** IDs that name nothing. @param others IDs that name something, but nothing that the argument may be about */
export function unknownIds(type: IdentifiedType, others: Record<string, string>, expected: Expected = refused('NOT_FOUND')): BadValue[] {
  const values: Record<string, unknown> = {
    empty: '',
    'no ID at all': 'not an ID',
    'well-formed and unknown': newId(type),
    'very long': newId(type) + VERY_LONG,
    'half a surrogate pair': HALF_A_PAIR,
    'an emoji': '🦄',
    'a piece of SQL': "' OR 1=1 --",
    'the name of a prototype': '__proto__',
    'a number': 42,
    ...others,
  }
  return Object.entries(values).map(([name, value]) => bad(name, value, expected))
}

/** Texts that are refused wherever at most `maxLength` characters may stand. */
export function badTexts(
  maxLength: number,
  { required, tooLong = 'a'.repeat(maxLength + 1) }: { required: boolean; tooLong?: string },
): BadValue[] {
  const missing = [bad('empty', '', refused('REQUIRED')), bad('only spaces', ' \u00a0 ', refused('REQUIRED'))]
  return [
    ...(required ? missing : []),
    bad('one character too long', tooLong, refused('TOO_LONG')),
    bad('very long', VERY_LONG, refused('TOO_LONG')),
    ...(maxLength > 2
      ? [bad('with a control character', 'a\u0007b', refused('INVALID')), bad('with a line break', 'a\nb', refused('INVALID'))]
      : []),
    ...(maxLength > 2 ? [bad('with half a surrogate pair', `a${HALF_A_PAIR}b`, refused('INVALID'))] : []),
  ]
}

/** Too long only once it is normalized: U+FB2C becomes three characters. */
export const growingText = (maxLength: number): BadValue => bad('too long when normalized', '\ufb2c'.repeat(maxLength), refused('TOO_LONG'))

export const badEmails: BadValue[] = [
  ...[
    'anna',
    'anna@',
    '@example.com',
    'anna@@example.com',
    'anna@example',
    'anna rossi@example.com',
    'anna@exam ple.com',
    'Anna Rossi <anna@example.com>',
    'mailto:anna@example.com',
    'anna@example.com,carlo@example.com',
    'anna@-example.com',
    'anna@example..com',
    '.anna@example.com',
    'anna.@example.com',
    'anna@[127.0.0.1]',
    `${'a'.repeat(65)}@example.com`,
  ].map(email => bad(`malformed (${email})`, email, refused('INVALID'))),
  bad('with a line break', 'anna@example.com\nbcc: carlo@example.com', refused('INVALID')),
  bad('with half a surrogate pair', `anna${HALF_A_PAIR}@example.com`, refused('INVALID')),
  bad('too long', `anna@${'a'.repeat(250)}.com`, refused('TOO_LONG')),
  bad('very long', `${VERY_LONG}@example.com`, refused('TOO_LONG')),
]

export const badNumbers = (maxLength: number, values: string[]): BadValue[] => [
  ...badTexts(maxLength, { required: false, tooLong: '1'.repeat(maxLength + 1) }),
  ...values.map(value => bad(`malformed (${value})`, value, refused('INVALID'))),
]

export const badKeys: BadValue[] = [
  bad('empty', '', refused('INVALID')),
  bad('one character too long', 'k'.repeat(256), refused('TOO_LONG')),
  bad('very long', VERY_LONG, refused('TOO_LONG')),
  bad('with half a surrogate pair', `k${HALF_A_PAIR}`, refused('INVALID')),
]

export const badSearches = (argument: string): BadValue[] =>
  ['', 'ab', '   ', ' ab ', '🦄🦄', 'a'.repeat(101), VERY_LONG].map(value => bad(`${value.length} characters long`, value, { argument }))

/** More values than a filter takes. */
export const tooMany = (value: unknown, argument: string): BadValue => bad('1,001 of them', Array(1001).fill(value), { argument })
