import { createHash } from 'node:crypto'
import { openDatabase } from './database'
import { insertEnterprises, type EnterpriseRow } from './enterprise-table'
import type { SubscriberError } from './error-descriptions'
import { organisationKey } from './organisation'
import { outcomeOfCreation, outcomeOfUpdate } from './subscribers/progress'
import { insertSubscribers, type SubscriberFields } from './subscribers/subscriber-table'

export type { EnterpriseRow }

/** A subscriber as a seed gives it: the resource of the API, times in ISO 8601. */
export interface SubscriberRow extends SubscriberFields {
  errors?: SubscriberError[]
  created: string
  lastStatusChange: string
  selfActivated?: boolean
  /** When the work ends that a row in `provisioning` or `updating` has under way; 30 to 60 seconds from now where it is not given. */
  dueAt?: string
}

/** Each put is one short transaction and answers how many rows were new: a row that is there already stays as it is, so a seed may be run again. */
export interface SimulatorStore {
  putEnterprises(accessToken: string, rows: readonly EnterpriseRow[]): number
  putSubscribers(accessToken: string, rows: readonly SubscriberRow[]): number
  close(): void
}

/** The simulator's data, for a process that fills it, also beside a running simulator. */
export function openSimulatorStore(databasePath: string): SimulatorStore {
  const database = openDatabase(databasePath)
  const inOneTransaction = database.transaction((put: () => number) => put())
  return {
    putEnterprises(accessToken, rows) {
      return inOneTransaction.immediate(() => insertEnterprises(database, organisationKey(accessToken), rows))
    },
    putSubscribers(accessToken, rows) {
      const organisation = organisationKey(accessToken)
      const stored = rows.map(row => toStored(organisation, row))
      return inOneTransaction.immediate(() => insertSubscribers(database, stored))
    },
    close: () => void database.close(),
  }
}

function toStored(organisation: string, row: SubscriberRow) {
  const errors = row.errors?.length ? JSON.stringify(row.errors) : null
  const [created, lastStatusChange] = [Date.parse(row.created), Date.parse(row.lastStatusChange)]
  return { ...row, organisation, errors, created, lastStatusChange, selfActivated: row.selfActivated ? 1 : 0, ...workUnderWay(row) }
}

/** What the address says of such a row comes to be, some time after the seed, so that there is something to see first; not of all at once. */
function workUnderWay({ id, email, status, dueAt }: SubscriberRow) {
  if (status !== 'provisioning' && status !== 'updating') return { dueAt: null }
  const spreadMs = createHash('sha256').update(id).digest().readUInt32LE(0) % 30_000
  const outcome = status === 'updating' ? outcomeOfUpdate(email ?? null, {}) : outcomeOfCreation(email ?? '', false)
  return { dueAt: dueAt === undefined ? Date.now() + 30_000 + spreadMs : Date.parse(dueAt), outcome: JSON.stringify(outcome) }
}
