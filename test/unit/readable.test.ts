import { whyUnreadable } from '../../src/http/readable'

const nested = (levels: number, inside = '') => '['.repeat(levels) + inside + ']'.repeat(levels)

describe('What is given as a request', () => {
  it.each<[string, unknown]>([
    ['a document of many fields', { query: `{ ${'a(b: [1]) { c } '.repeat(1000)} }` }],
    ['brackets in a text', { query: `{ a(b: "${'('.repeat(500)}") }` }],
    ['brackets in a block of text', { query: `{ a(b: """${'"('.repeat(500)}""") }` }],
    ['brackets in a comment', { query: `{ a } # ${'('.repeat(500)}` }],
    ['a text that is not ended', { query: '"' + 'x'.repeat(1000) }],
    ['JSON of some depth', JSON.parse(nested(100))],
  ])('can be read: %s', (_name, given) => {
    expect(whyUnreadable(given)).toBeNull()
  })

  it.each<[string, unknown]>([
    ['JSON', JSON.parse(nested(5000))],
    ['a document', { query: `{ a(b: ${nested(300)}) }` }],
    ['a document with brackets that close before', { query: `#${')'.repeat(20_000)}\n{ a(b: ${nested(300)}) }` }],
    ['a document with comments that seem to close', { query: `{ a(b: ${'[[[ #]]]\n'.repeat(100)}` }],
    ['a document with texts that seem to close', { query: `{ a(b: ${'[[[ "]]]" '.repeat(100)}` }],
    ['a document with blocks of text that seem to close', { query: `{ a(b: ${'[[[ """\\""" ]]]""" '.repeat(100)}` }],
    ['JSON in a text', { variables: '[[["]]]",'.repeat(100) }],
  ])('is nested too deeply: %s', (_name, given) => {
    expect(whyUnreadable(given)).toMatch(/nested too deeply; 200 levels/)
  })

  it.each(['a\0b', '{ a(b: "\\u0000") }', '{ a(b: "\\u{0000}") }'])('has a NUL: %j', text => {
    expect(whyUnreadable({ query: text })).toMatch(/U\+0000/)
  })

  it.each([
    ['quotes', '"'.repeat(500_000)],
    ['blocks that do not end', '"""\\'.repeat(100_000)],
    ['brackets and quotes', '(")'.repeat(300_000)],
    ['backslashes', '("\\'.repeat(300_000)],
  ])('is looked at in a time that grows with its length alone: %s', (_name, text) => {
    const begun = performance.now()
    whyUnreadable({ query: '('.repeat(300) + text })
    // A thousand times what it takes; a look that goes back and forth takes minutes.
    expect(performance.now() - begun).toBeLessThan(10_000)
  })
})
