import type { Readable } from 'node:stream'
import { pacedTransactions } from '../../database/transactions'
import type { Acting } from '../../context/context'
import { Refusal } from '../../shared/errors'
import { AttemptTrigger } from '../activation-attempt/activation-attempt.entity'
import type { OnboardingTemplate } from '../onboarding-template/onboarding-template.entity'
import { PackageType } from '../../provisioning/package-type'
import { readCsv } from './csv'
import {
  DeletionUnderWay,
  handOver,
  type HandOverItem,
  type PreparedHandOver,
  prepareHandOver,
  waitingForDeletion,
} from './provisioning-request.service'

/** The columns of a hand-over file. Their order is free; those that every user needs have to be there. */
export const IMPORT_COLUMNS = [
  'broadworksId',
  'spEnterpriseId',
  'customerName',
  'firstName',
  'lastName',
  'primaryPhoneNumber',
  'mobilePhoneNumber',
  'extension',
  'email',
  'packageType',
  'activationPasscode',
] as const

type ImportColumn = (typeof IMPORT_COLUMNS)[number]

const REQUIRED_COLUMNS: ImportColumn[] = ['broadworksId', 'spEnterpriseId', 'firstName', 'lastName']

export interface BadRow {
  /** Line of the file where the row ends, from 1. */
  line: number
  /** Null when the row as a whole is wrong. */
  column: string | null
  reason: string
}

export interface ImportResult {
  created: number
  unchanged: number
  bad: number
}

/** The header is wrong: nothing was read. */
export class ImportHeaderError extends Error {
  override readonly name = 'ImportHeaderError'
}

interface Row {
  line: number
  item: HandOverItem
}

/** Short transactions, some 50 ms, because on SQLite a process that serves waits for each of them; larger ones were no quicker. */
const BATCH_SIZE = 50
/** How long, at the end, rows wait for Webex to delete earlier users of the same IDs. */
const DELETION_WAIT_MS = 30_000

/**
 * Takes over users from a CSV file as BroadWorks hands them over. Good rows are kept, whatever is wrong with others; the same file
 * again changes nothing.
 * @throws ImportHeaderError
 */
export async function importUsers(
  ctx: Acting,
  template: OnboardingTemplate,
  file: Readable,
  report: (row: BadRow) => void,
): Promise<ImportResult> {
  const result: ImportResult = { created: 0, unchanged: 0, bad: 0 }
  const terms = { template, trigger: AttemptTrigger.IMPORT, vouches: false, customerIds: null }
  const waiting: { line: number; prepared: PreparedHandOver }[] = []
  const bad = (line: number, column: string | null, reason: string): void => {
    result.bad += 1
    report({ line, column, reason })
  }
  const refused = (line: number, error: unknown): void => {
    if (!(error instanceof Refusal)) throw error
    const [complaint] = error.complaints
    bad(line, complaint?.field.at(-1) ?? null, error.message)
  }
  const count = ({ created }: { created: boolean }): void => void (created ? (result.created += 1) : (result.unchanged += 1))

  const transaction = pacedTransactions(ctx.database)
  async function takeOver(rows: Row[]): Promise<void> {
    const prepared = await Promise.allSettled(rows.map(({ item }) => prepareHandOver(ctx, terms, item)))
    // What a try of the transaction found is kept until it is committed: it may be run again.
    const outcomes = await transaction(async tx => {
      const tried: (() => void)[] = []
      for (const [index, outcome] of prepared.entries()) {
        const { line } = rows[index] as Row
        if (outcome.status === 'rejected') {
          tried.push(() => refused(line, outcome.reason))
          continue
        }
        try {
          const done = await handOver(ctx, tx, terms, outcome.value)
          tried.push(() => count(done))
        } catch (error) {
          if (error instanceof DeletionUnderWay) tried.push(() => void waiting.push({ line, prepared: outcome.value }))
          else if (error instanceof Refusal) tried.push(() => refused(line, error))
          else throw error
        }
      }
      return tried
    })
    for (const outcome of outcomes) outcome()
  }

  let batch: Row[] = []
  for await (const { line, item, problem } of readRows(file)) {
    if (problem) bad(line, problem.column, problem.reason)
    else batch.push({ line, item })
    if (batch.length < BATCH_SIZE) continue
    await takeOver(batch)
    batch = []
  }
  await takeOver(batch)
  const deadline = performance.now() + DELETION_WAIT_MS
  for (const { line, prepared } of waiting) {
    await waitingForDeletion(deadline, [], () => transaction(tx => handOver(ctx, tx, terms, prepared))).then(count, error =>
      refused(line, error),
    )
  }
  return result
}

interface ReadRow extends Row {
  problem: { column: string | null; reason: string } | null
}

const NO_CSV = 'The quotes of this row are wrong: a cell that begins with one ends with one, and one inside is written twice.'

async function* readRows(file: Readable): AsyncGenerator<ReadRow> {
  let header: ImportColumn[] | null = null
  for await (const { line, cells } of readCsv(file)) {
    if (!header) header = readHeader(cells ?? [])
    else if (cells) yield { line, ...readRow(header, cells) }
    else yield { line, item: {}, problem: { column: null, reason: NO_CSV } }
  }
  if (!header) throw new ImportHeaderError('The file is empty; its first line must name the columns.')
}

function readHeader(names: string[]): ImportColumn[] {
  const unknown = names.filter(name => !IMPORT_COLUMNS.includes(name as ImportColumn))
  const missing = REQUIRED_COLUMNS.filter(name => !names.includes(name))
  const twice = names.filter((name, index) => names.indexOf(name) !== index)
  const problems = [
    unknown.length > 0 ? `unknown columns: ${unknown.join(', ')}` : null,
    missing.length > 0 ? `missing columns: ${missing.join(', ')}` : null,
    twice.length > 0 ? `columns named twice: ${twice.join(', ')}` : null,
  ].filter(problem => problem !== null)
  if (problems.length > 0) throw new ImportHeaderError(`The header is wrong (${problems.join('; ')}). Allowed: ${IMPORT_COLUMNS.join(',')}`)
  return names as ImportColumn[]
}

function readRow(header: ImportColumn[], record: string[]): Omit<ReadRow, 'line'> {
  const item = Object.fromEntries(header.map((column, index) => [column, record[index] ?? null])) as Record<ImportColumn, string | null>
  if (record.length !== header.length) {
    return { item: {}, problem: { column: null, reason: `The row has ${record.length} cells; the header has ${header.length}.` } }
  }
  const broken = header.find(column => item[column]?.includes('\uFFFD'))
  if (broken) return { item: {}, problem: { column: broken, reason: 'The text is not valid UTF-8.' } }
  const packageType = item.packageType ? item.packageType.toUpperCase() : null
  if (packageType && !(packageType in PackageType)) {
    return {
      item: {},
      problem: { column: 'packageType', reason: `\`packageType\` must be one of ${Object.values(PackageType).join(', ')}.` },
    }
  }
  return { item: { ...item, packageType: packageType as PackageType | null }, problem: null }
}
