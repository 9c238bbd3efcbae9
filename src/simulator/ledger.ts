import type { Database } from './database'
import type { Call } from './organisation'

/** What the organisation was asked for and what became of it; a refused duplicate is a creation that met code 10022. */
export type LedgerKind = 'create' | 'update' | 'delete' | 'refused-duplicate'

export interface LedgerEntry {
  sequence: number
  /** Epoch milliseconds. */
  time: number
  organisation: string
  kind: LedgerKind
  /** Null for a refused duplicate: there is no subscriber of its own. */
  subscriberId: string | null
  userId: string
  /** As it was answered. */
  trackingId: string
}

export interface UserSummary {
  organisation: string
  userId: string
  creates: number
  updates: number
  deletes: number
  refusedDuplicates: number
  /** How many subscribers have this user ID now. */
  live: number
}

/** Belongs into the transaction of the work that it tells of. */
export function recordInLedger(database: Database, call: Call, kind: LedgerKind, subscriberId: string | null, userId: string): void {
  const statement = database.prepare(
    'INSERT INTO ledger (time, organisation, kind, subscriberId, userId, trackingId) VALUES (?, ?, ?, ?, ?, ?)',
  )
  statement.run(Date.now(), call.organisation, kind, subscriberId, userId, call.trackingId)
}

/** Oldest first; `after` is the last sequence of the page before. */
export function listLedger(database: Database, organisation: string | undefined, limit: number, after = 0): LedgerEntry[] {
  const ofOne = organisation === undefined ? '' : 'AND organisation = @organisation'
  const statement = database.prepare<object, LedgerEntry>(
    `SELECT * FROM ledger WHERE sequence > @after ${ofOne} ORDER BY sequence LIMIT @limit`,
  )
  return statement.all({ organisation, limit, after })
}

/** By organisation and user ID; `after` are those of the last of the page before. The order is that of an index, so a page costs what it holds. */
export function summariseLedger(
  database: Database,
  organisation: string | undefined,
  limit: number,
  [afterOrganisation, afterUserId]: [string, string] = ['', ''],
): UserSummary[] {
  const ofOne = organisation === undefined ? '' : 'AND organisation = @organisation'
  const statement = database.prepare<object, UserSummary>(`
    SELECT organisation, userId,
      SUM(kind = 'create') AS creates, SUM(kind = 'update') AS updates, SUM(kind = 'delete') AS deletes,
      SUM(kind = 'refused-duplicate') AS refusedDuplicates,
      (SELECT COUNT(*) FROM subscribers WHERE subscribers.organisation = ledger.organisation AND subscribers.userId = ledger.userId) AS live
    FROM ledger WHERE (organisation, userId) > (@afterOrganisation, @afterUserId) ${ofOne}
    GROUP BY organisation, userId ORDER BY organisation, userId LIMIT @limit`)
  return statement.all({ organisation, limit, afterOrganisation, afterUserId })
}
