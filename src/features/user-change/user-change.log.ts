import type { SelectQueryBuilder } from 'typeorm'
import type { Viewer } from '../../auth/viewer'
import type { Database } from '../../database/database'
import { readRow, readRows, selectRows } from '../../database/rows'
import { pacedTransactions } from '../../database/transactions'
import { decodeCursor, encodeCursor } from '../../graphql/cursor'
import type { Platform } from '../../context/context'
import { timestamp, type Timestamp } from '../../shared/clock'
import { BadUserInput } from '../../shared/errors'
import { TRANSACTION_ID_LENGTH, UserChange } from '../change-log/user-change.entity'

const DAY_MS = 24 * 3_600_000
/** As the API's design says; a client that was away longer reads its lists again. */
const KEPT_DAYS = 7
/** Changes are deleted so much later than cursors become too old, that the time which a transaction or a page takes makes no gap. */
const DELETED_LATER_MS = 3_600_000

/** A place in the log: up to here, all is known. */
export type ChangePosition = Pick<UserChange, 'transactionId' | 'number'>

export const BEGINNING: ChangePosition = { transactionId: '', number: 0 }

/**
 * The changes of a partner (alias `row`) that no other will come before any more. On PostgreSQL those are the ones of transactions older
 * than all that are under way.
 */
function settledChanges({ kind, reader }: Database, partnerId: string): SelectQueryBuilder<UserChange> {
  const query = selectRows(reader, UserChange, 'row').where('row.partnerId = :partnerId', { partnerId })
  if (kind === 'postgres') {
    query.andWhere(`row.transactionId < lpad(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text), ${TRANSACTION_ID_LENGTH}, '0')`)
  }
  return query
}

/** Those after a place that the caller may see, oldest first. */
export function changesAfter(
  database: Database,
  { partnerId, customerIds }: Pick<Viewer, 'partnerId' | 'customerIds'>,
  after: ChangePosition,
  limit: number,
): SelectQueryBuilder<UserChange> {
  const query = settledChanges(database, partnerId)
    .andWhere('(row.transactionId, row.number) > (:transactionId, :number)', { ...after })
    .orderBy('row.transactionId')
    .addOrderBy('row.number')
    .limit(limit)
  if (customerIds) query.andWhere('row.customerId IN (:...visibleCustomerIds)', { visibleCustomerIds: ['', ...customerIds] })
  return query
}

/** The one of some places that is behind all others. */
export function latestOf(first: ChangePosition, ...others: ChangePosition[]): ChangePosition {
  return others.reduce((latest, each) => (isAfter(each, latest) ? each : latest), first)
}

function isAfter(one: ChangePosition, other: ChangePosition): boolean {
  return one.transactionId === other.transactionId ? one.number > other.number : one.transactionId > other.transactionId
}

/** The place of the newest settled change of a partner. */
export async function newestPosition(database: Database, partnerId: string): Promise<ChangePosition> {
  const newest = settledChanges(database, partnerId).orderBy('row.transactionId', 'DESC').addOrderBy('row.number', 'DESC').limit(1)
  return (await readRow(newest)) ?? BEGINNING
}

const ORDER = 'CHANGED:ASC'
const NUMBER_MAX = 2 ** 31 - 1
/** Cursors that mean the same place are the same for so long: a client that asks often is not told anything new for nothing. */
const CURSOR_STEP_MS = 3_600_000

const scopeOf = (partnerId: string): string => `${partnerId} UserChange`

/** @param at when everything up to the position was told, which decides how long the cursor is good */
export function encodePosition(partnerId: string, { transactionId, number }: ChangePosition, at: Timestamp): string {
  const step = new Date(Math.floor(Date.parse(at) / CURSOR_STEP_MS) * CURSOR_STEP_MS)
  return encodeCursor(ORDER, { value: `${transactionId}:${number}`, id: timestamp(step) }, scopeOf(partnerId))
}

/** @throws BadUserInput naming `after` when it is no cursor of this partner's changes, or so old that changes after it are forgotten */
export function decodePosition({ clock }: Pick<Platform, 'clock'>, partnerId: string, after: string): ChangePosition {
  const { value, id: at } = decodeCursor('after', ORDER, after, scopeOf(partnerId))
  const [, transactionId = '', digits = ''] = /^(\d{0,20}):(\d+)$/.exec(value) ?? []
  const number = Number(digits)
  if (digits === '' || number > NUMBER_MAX) throw new BadUserInput('after', '`after` is not a cursor of changes.')
  if (at < timestamp(new Date(clock.now().getTime() - KEPT_DAYS * DAY_MS))) {
    throw new BadUserInput('after', `\`after\` is older than ${KEPT_DAYS} days; read the list again, and go on from \`latestCursor\`.`)
  }
  return { transactionId, number }
}

/** Short transactions, because on SQLite every other change waits for them. */
const SWEEP_BATCH_SIZE = 500

/** Deletes the changes that no valid cursor leads to and that are folded into the counts. */
export async function purgeExpiredUserChanges({ database, clock }: Pick<Platform, 'database' | 'clock'>): Promise<void> {
  const expired = timestamp(new Date(clock.now().getTime() - KEPT_DAYS * DAY_MS - DELETED_LATER_MS))
  const transaction = pacedTransactions(database)
  // Numbers rise with time, and time itself has no index.
  let last = 0
  for (;;) {
    const rows = await readRows(
      selectRows(database.reader, UserChange, 'row').where('row.number > :last', { last }).orderBy('row.number').limit(SWEEP_BATCH_SIZE),
    )
    const old = rows.filter(({ at }) => at < expired)
    const numbers = old.filter(({ folded }) => folded).map(({ number }) => number)
    if (numbers.length > 0) await transaction(({ manager }) => manager.delete(UserChange, numbers))
    if (old.length < SWEEP_BATCH_SIZE) return
    last = old.at(-1)?.number ?? last
  }
}
