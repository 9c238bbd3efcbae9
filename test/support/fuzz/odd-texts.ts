import { chance, count, type Draw, pick } from './drawing'

/** Where texts go wrong: empty ones, spaces, what looks like code, and every corner of Unicode. */
const ODD = [
  '',
  ' ',
  '\u00a0\u2003',
  '\0',
  'a\u0000b',
  '\\u0000',
  '\n\r\t',
  '\u0007\u001b[31m',
  '\u007f\u0085',
  '\ud800',
  '\udfff\ud800',
  'a\ud83d',
  '🦄',
  '👩‍👩‍👧‍👦',
  '𝔘𝔫𝔦',
  '\u{10ffff}',
  '\uffff\ufffe',
  '\ufeff',
  '\ufffd',
  'Zoe\u0301',
  'Zoé',
  '\ufb2c\ufdfa',
  'ΣΊΣΥΦΟΣ',
  'İıſK',
  'straße',
  '\u202eabc\u202c',
  'שלום مرحبا',
  '\u200b\u200d\u2060',
  'a\u0301\u0302\u0303\u0304',
  "' OR 1=1 --",
  '"; DROP TABLE provisioned_user; --',
  '%_\\',
  '${7*7}{{7*7}}',
  '<script>alert(1)</script>',
  '../../etc/passwd',
  '%00%ff',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'undefined',
  'NaN',
  '-1',
  '1e309',
  '9'.repeat(40),
  '$input',
  '"',
  '"""',
  '\\',
  '#',
  '{',
  '}',
  '[[[[',
  '@skip(if: true)',
  '...F0',
  'anna@example.com',
  'anna@exa\u200bmple.com',
  '=1+1',
  '2026-02-30T00:00:00Z',
  '2026-01-01T00:00:00.000Z',
  '9999-12-31T23:59:59.999+14:00',
] as const

/** Beside what is known: something that is, changed a little or not at all, or something that never was. @param known texts that mean something */
export function oddText(draw: Draw, known: readonly string[]): string {
  if (known.length > 0 && chance(draw, 50)) return mutated(draw, pick(draw, known))
  const text = Array.from({ length: 1 + count(draw, 2) }, () => pick(draw, ODD)).join('')
  return chance(draw, 4) ? text.repeat(count(draw, 20_000)) : text
}

/** The text with up to three small changes, each anywhere in it. */
export function mutated(draw: Draw, text: string): string {
  let changed = text
  for (let left = count(draw, 3); left > 0; left -= 1) changed = changedOnce(draw, changed)
  return changed
}

const CHANGES: ((draw: Draw, text: string, start: number, end: number) => string)[] = [
  (_, text, start) => text.slice(0, start),
  (_, text, start, end) => text.slice(0, start) + text.slice(end),
  (_, text, start, end) => text.slice(0, end) + text.slice(start),
  (draw, text, start) => text.slice(0, start) + pick(draw, ODD) + text.slice(start),
  (draw, text, start) => text.slice(0, start) + String.fromCharCode(count(draw, 0xffff)) + text.slice(start + 1),
  (_, text, start) => text.slice(0, start) + String.fromCharCode(text.charCodeAt(start) ^ 1) + text.slice(start + 1),
  (_, text, start, end) => text.slice(0, start) + text.slice(start, end).toUpperCase() + text.slice(end),
  (_, text, start, end) => text.slice(0, start) + [...text.slice(start, end)].reverse().join('') + text.slice(end),
]

function changedOnce(draw: Draw, text: string): string {
  const start = count(draw, text.length)
  const end = Math.min(text.length, start + count(draw, 12))
  return pick(draw, CHANGES)(draw, text, start, end)
}
