import type { Readable } from 'node:stream'
import { parse } from 'csv-parse/sync'

export interface CsvRow {
  /** Line of the file where the row ends, from 1. */
  line: number
  /** Without the spaces around them; null when the row is no CSV. */
  cells: string[] | null
}

/** A cell in quotes may go on over lines. One that goes on longer has lost its closing quote. */
const ROW_MAX_LINES = 20
/** The longest good row is a tenth of it; what has no lines at all is no CSV file, and must not fill the memory. */
const LINE_MAX_LENGTH = 100_000

/**
 * Reads the rows of a CSV file (RFC 4180), in UTF-8: what is not becomes U+FFFD. Empty lines are left out. Each row is parsed by itself,
 * so that a stray quote costs the row that it is in and none of those after it.
 */
export async function* readCsv(file: Readable): AsyncGenerator<CsvRow> {
  const lines = readLines(file)
  /** Lines that a row with an open quote took, and that are rows of their own after all. */
  const givenBack: string[] = []
  const nextLine = async (): Promise<string | undefined> => givenBack.shift() ?? ((await lines.next()).value as string | undefined)
  let line = 0
  let width: number | null = null
  for (let text = await nextLine(); text !== undefined; text = await nextLine()) {
    line += 1
    if (text.trim() === '') continue
    const taken = [text]
    while (hasOpenQuote(taken) && taken.length < ROW_MAX_LINES) {
      const more = await nextLine()
      if (more === undefined) break
      taken.push(more)
    }
    const cells = parseRow(taken.join('\n'))
    const isRow = cells !== null && (taken.length === 1 || width === null || cells.length === width)
    if (!isRow) {
      givenBack.unshift(...taken.slice(1))
      yield { line, cells: null }
      continue
    }
    line += taken.length - 1
    width ??= cells.length
    yield { line, cells }
  }
}

function hasOpenQuote(lines: string[]): boolean {
  return lines.join('').split('"').length % 2 === 0
}

function parseRow(text: string): string[] | null {
  try {
    // Otherwise a carriage return by itself ends a row, and what follows it would be lost.
    return parse(text, { trim: true, record_delimiter: '\n' })[0] ?? null
  } catch {
    return null
  }
}

async function* readLines(file: Readable): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of file as AsyncIterable<Buffer>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LINE_MAX_LENGTH) throw new Error(`The file has a line of more than ${LINE_MAX_LENGTH} characters; it is no CSV file.`)
    for (const line of lines) yield line.replace(/\r$/, '')
  }
  rest += decoder.decode()
  if (rest !== '') yield rest.replace(/\r$/, '')
}
