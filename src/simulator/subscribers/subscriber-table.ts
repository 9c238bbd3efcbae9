import type { Database } from '../database'
import type { SubscriberError } from '../error-descriptions'

export const STATUSES = [
  'pending_email_input',
  'pending_email_validation',
  'pending_user_migration',
  'provisioning',
  'provisioned',
  'updating',
  'error',
] as const
export type SubscriberStatus = (typeof STATUSES)[number]

export const PACKAGES = ['softphone', 'basic', 'standard', 'premium'] as const
export type SubscriberPackage = (typeof PACKAGES)[number]

export interface SubscriberFields {
  id: string
  personId?: string | null
  userId: string
  spEnterpriseId: string
  provisioningId: string
  firstName: string
  lastName: string
  email?: string | null
  primaryPhoneNumber?: string | null
  mobilePhoneNumber?: string | null
  extension?: string | null
  package: SubscriberPackage
  status: SubscriberStatus
}
/** A subscriber as the table holds it: times in epoch milliseconds, `errors` and `outcome` as JSON. */
export interface StoredSubscriber extends Required<SubscriberFields> {
  sequence: number
  organisation: string
  errors: string | null
  created: number
  lastStatusChange: number
  selfActivated: number
  dueAt: number | null
  outcome: string | null
  consentToken: string | null
}
type NewSubscriber = SubscriberFields & Pick<StoredSubscriber, RequiredColumn> & Partial<StoredSubscriber>
type RequiredColumn = 'organisation' | 'created' | 'lastStatusChange' | 'selfActivated'

export interface SubscriberFilters {
  userId?: string
  personId?: string
  email?: string
  provisioningId?: string
  spEnterpriseId?: string
  selfActivated?: number
  statuses?: SubscriberStatus[]
  lastStatusChange?: number
  after?: number
}
export interface Position {
  time: number
  sequence: number
}

/** How many were new: one whose id or BroadWorks user ID the organisation has already is left out. */
export function insertSubscribers(database: Database, subscribers: readonly NewSubscriber[]): number {
  const statement = database.prepare(`INSERT INTO subscribers (${COLUMNS}) VALUES (${COLUMNS.map(() => '?')}) ON CONFLICT DO NOTHING`)
  return subscribers.filter(subscriber => statement.run(COLUMNS.map(name => subscriber[name] ?? null)).changes > 0).length
}

export function updateSubscriber(database: Database, sequence: number, columns: Partial<StoredSubscriber>): void {
  const assignments = Object.keys(columns).map(name => `${name} = @${name}`)
  database.prepare(`UPDATE subscribers SET ${assignments} WHERE sequence = @sequence`).run({ ...columns, sequence })
}

export function deleteSubscriber(database: Database, organisation: string, id: string): void {
  database.prepare('DELETE FROM subscribers WHERE organisation = ? AND id = ?').run(organisation, id)
}

export function findSubscriber(database: Database, organisation: string, id: string): StoredSubscriber | undefined {
  const statement = database.prepare<[string, string], StoredSubscriber>('SELECT * FROM subscribers WHERE organisation = ? AND id = ?')
  return statement.get(organisation, id)
}

export function isUserIdTaken(database: Database, organisation: string, userId: string, exceptSequence = 0): boolean {
  const statement = database.prepare('SELECT 1 FROM subscribers WHERE organisation = ? AND userId = ? AND sequence <> ?')
  return statement.get(organisation, userId, exceptSequence) !== undefined
}

/** A subscriber whose first provisioning failed does not hold its address: there is no Webex user behind it. */
export function isAddressTaken(database: Database, organisation: string, email: string): boolean {
  const condition = `organisation = ? AND email = ? AND (status <> 'error' OR personId IS NOT NULL)`
  return database.prepare(`SELECT 1 FROM subscribers WHERE ${condition}`).get(organisation, email) !== undefined
}

/**
 * Oldest first, so that what is added or changes during a walk comes later in it and is never missed. A page costs the same wherever it is: each
 * status, and each half of "after this position", is read along its own index and SQLite merges the branches. Beside a filter that leaves few rows
 * the status is only checked (the `+` keeps its index out).
 */
export function listSubscribers(database: Database, organisation: string, filters: SubscriberFilters, limit: number, cursor?: Position) {
  const { statuses, lastStatusChange, after, ...equal } = filters
  const order = lastStatusChange === undefined ? 'created' : 'lastStatusChange'
  const start = cursor ?? { time: lastStatusChange ?? after ?? 0, sequence: Number.MAX_SAFE_INTEGER }
  const conditions = ['organisation = @organisation', ...Object.keys(equal).map(name => `${name} = @${name}`)]
  if (order !== 'created' && after !== undefined) conditions.push('+created > @after')
  const isNarrow = ['userId', 'personId', 'email', 'spEnterpriseId'].some(name => name in equal)
  const quoted = [...new Set(statuses)].map(status => `'${status}'`)
  if (isNarrow && quoted.length > 0) conditions.push(`+status IN (${quoted})`)

  const positions = [`${order} = @time AND sequence > @sequence`, `${order} > @time`]
  const branches =
    isNarrow || quoted.length === 0 ? positions : quoted.flatMap(status => positions.map(half => `${half} AND status = ${status}`))
  const selects = branches.map(branch => `SELECT * FROM subscribers WHERE ${conditions.join(' AND ')} AND ${branch}`)
  const statement = database.prepare<unknown[], StoredSubscriber>(`${selects.join(' UNION ALL ')} ORDER BY ${order}, sequence LIMIT @limit`)
  return statement.all({ organisation, limit, after, ...equal, ...start })
}

/** The resource as the API shows it, in the order of the documented examples; `selfActivated` is a string there, whatever the schema says. */
export function subscriberResource(stored: StoredSubscriber) {
  return {
    id: stored.id,
    personId: stored.personId ?? undefined,
    userId: stored.userId,
    spEnterpriseId: stored.spEnterpriseId,
    firstName: stored.firstName,
    lastName: stored.lastName,
    email: stored.email ?? undefined,
    primaryPhoneNumber: stored.primaryPhoneNumber ?? undefined,
    mobilePhoneNumber: stored.mobilePhoneNumber ?? undefined,
    extension: stored.extension ?? undefined,
    package: stored.package,
    status: stored.status,
    errors: stored.errors === null ? undefined : (JSON.parse(stored.errors) as SubscriberError[]),
    created: new Date(stored.created).toISOString(),
    lastStatusChange: new Date(stored.lastStatusChange).toISOString(),
    provisioningId: stored.provisioningId,
    selfActivated: stored.selfActivated ? 'true' : 'false',
  }
}

// prettier-ignore
const COLUMNS = [
  'organisation', 'id', 'personId', 'userId', 'spEnterpriseId', 'provisioningId', 'firstName', 'lastName', 'email', 'primaryPhoneNumber',
  'mobilePhoneNumber', 'extension', 'package', 'status', 'errors', 'created', 'lastStatusChange', 'selfActivated', 'dueAt', 'outcome',
] as const
