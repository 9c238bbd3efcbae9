import { stringify } from 'csv-stringify/sync'
import type { CatalogLocale } from '../../provisioning/error-catalog'
import { refuse, UserErrorCode } from '../../shared/errors'

/** How rows become the text of a file. */
export interface FileFormat<Row> {
  mediaType: string
  /** What comes before the first row. */
  head: string
  textOf: (rows: Row[]) => string
}

export interface CsvColumn<Row> {
  heading: string
  cell: (row: Row) => string | null
}

/** Excel takes a file for UTF-8 when it begins with this, and else for whatever its machine is set to. */
const BYTE_ORDER_MARK = '\ufeff'
const LINE_BREAKS = /[\n\v\f\r\u0085\u2028\u2029]+/g
const LINE_BREAKS_AROUND = /^[\n\v\f\r\u0085\u2028\u2029]+|[\n\v\f\r\u0085\u2028\u2029]+$/g

/**
 * CSV as in RFC 4180, in UTF-8, for spreadsheets. A cell is one line, and none is a formula: an apostrophe stands before those that
 * begin with `=`, `+`, `-`, `@` or a tab, phone numbers too.
 */
export function csvFile<Row>(columns: CsvColumn<Row>[]): FileFormat<Row> {
  const lines = (rows: (string | null)[][]) => stringify(rows, { record_delimiter: '\r\n', escape_formulas: true })
  return {
    mediaType: 'text/csv; charset=utf-8',
    head: BYTE_ORDER_MARK + lines([columns.map(({ heading }) => heading)]),
    textOf: rows => lines(rows.map(row => columns.map(({ cell }) => inOneLine(cell(row))))),
  }
}

/** An object a line, for programs. */
export function jsonLinesFile<Row>(toObject: (row: Row) => object): FileFormat<Row> {
  return {
    mediaType: 'application/x-ndjson; charset=utf-8',
    head: '',
    textOf: rows => rows.map(row => `${JSON.stringify(toObject(row))}\n`).join(''),
  }
}

/** The language of a file; English unless another is asked for. @throws Refusal for a language that there is not */
export function fileLanguage(locale: string | null | undefined): CatalogLocale {
  const language = (locale ?? 'en').split(/[-_]/)[0]?.toLowerCase()
  if (language === 'en' || language === 'it') return language
  throw refuse(UserErrorCode.INVALID, ['locale'], '`locale` must be `en` or `it`.')
}

function inOneLine(cell: string | null): string | null {
  return cell && cell.replace(LINE_BREAKS_AROUND, '').replace(LINE_BREAKS, ' ')
}
