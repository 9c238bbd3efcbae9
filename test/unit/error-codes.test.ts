import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { GRAPHQL_ERRORS, HTTP_ERRORS, USER_ERROR_MEANINGS } from '../../src/shared/error-codes'

const PROJECT = path.resolve(__dirname, '../..')
const GUIDE = readFileSync(path.join(PROJECT, 'docs/guides/errors-and-retries.md'), 'utf8')
const CODES = { ...GRAPHQL_ERRORS, ...HTTP_ERRORS }
const RETRY = { never: /^no$/, 'after-pause': /^yes, after `Retry-After`$/, 'with-key': /^yes, with a key/ }

/** The rows of the table that stands below the heading, cell by cell. */
function tableBelow(heading: string): string[][] {
  const section = GUIDE.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  const rows = section.split('\n').filter(line => /^\| `[A-Z_]+`/.test(line))
  return rows.map(row =>
    row
      .split('|')
      .map(cell => cell.trim())
      .slice(1, -1),
  )
}

const codeOf = ([cell = '']: string[]) => cell.replaceAll('`', '')

describe('The catalog of our own error codes', () => {
  it('has the user errors that the guide explains, and no other', () => {
    expect(tableBelow('User errors').map(codeOf).sort()).toEqual(Object.keys(USER_ERROR_MEANINGS).sort())
  })

  it('has the other codes that the guide explains, and no other', () => {
    expect(tableBelow('Top-level errors').map(codeOf).sort()).toEqual(Object.keys(CODES).sort())
  })

  it.each(tableBelow('Top-level errors'))('says of %s what the guide says of sending it again', (code, _whatToDo, again) => {
    expect(again).toMatch(RETRY[CODES[codeOf([code ?? '']) as keyof typeof CODES].retry])
  })

  it('has no code that the sources never use', () => {
    const folder = path.join(PROJECT, 'src')
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => /\.ts$/.test(file) && !/error-codes/.test(file))
    const source = files.map(file => readFileSync(path.join(folder, file), 'utf8')).join('\n')
    const used = (code: string) => new RegExp(`'${code}'|UserErrorCode\\.${code}\\b`).test(source)
    expect([...Object.keys(USER_ERROR_MEANINGS), ...Object.keys(CODES)].filter(code => !used(code))).toEqual([])
  })
})
