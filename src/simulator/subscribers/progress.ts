import { randomUUID } from 'node:crypto'
import { addressRule } from './address-rules'
import { sendConsentMail } from './consent-mails'
import type { Database } from '../database'
import { ADDRESS_TAKEN, describeError, USER_ID_TAKEN, type SubscriberError } from '../error-descriptions'
import { personId } from '../../webex/webex-identifiers'
import { isUserIdTaken, updateSubscriber, type StoredSubscriber } from './subscriber-table'

/** What asynchronous work will come to: decided when it is accepted and stored beside its due time, so that a killed process forgets nothing. */
export interface Outcome {
  status: 'provisioned' | 'pending_user_migration' | 'error'
  errors?: SubscriberError[]
  changes?: Partial<StoredSubscriber>
}

export function outcomeOfCreation(email: string, isAddressTaken: boolean): Outcome {
  const rule = addressRule(email)
  if (rule.kind === 'error') return failure(rule.errorCode)
  if (isAddressTaken) return failure(ADDRESS_TAKEN)
  return { status: rule.kind === 'consumer' ? 'pending_user_migration' : 'provisioned' }
}

export function outcomeOfUpdate(email: string | null, changes: Partial<StoredSubscriber>): Outcome {
  const rule = addressRule(email ?? '')
  return rule.kind === 'updateError' ? failure(rule.errorCode) : { status: 'provisioned', changes }
}

/**
 * Work that is due is done before anyone looks: no timer is needed, and `lastStatusChange` is the due time however late the look comes. All of it,
 * since a change that is dated back must not appear behind somebody who has read further already; but never more than a batch in memory and in one
 * transaction.
 */
export function settleDueWork(database: Database, now: number): void {
  const due = database.prepare<[number, number], StoredSubscriber>(
    'SELECT * FROM subscribers WHERE dueAt <= ? ORDER BY dueAt, sequence LIMIT ?',
  )
  const settleBatch = database.transaction(() => {
    const batch = due.all(now, BATCH_SIZE)
    batch.forEach(subscriber => settle(database, subscriber))
    return batch.length
  })
  if (due.get(now, 1) === undefined) return
  let settled: number
  do settled = settleBatch.immediate()
  while (settled === BATCH_SIZE)
}

const BATCH_SIZE = 500

function settle(database: Database, subscriber: StoredSubscriber): void {
  const { status, errors, changes } = reachableOutcome(database, subscriber)
  const dueAt = subscriber.dueAt ?? subscriber.lastStatusChange
  updateSubscriber(database, subscriber.sequence, {
    ...changes,
    status,
    errors: errors ? JSON.stringify(errors) : null,
    personId: status === 'provisioned' ? (subscriber.personId ?? personId(randomUUID())) : subscriber.personId,
    lastStatusChange: dueAt,
    dueAt: null,
    outcome: null,
  })
  if (status === 'pending_user_migration') sendConsentMail(database, subscriber, dueAt)
}

/** Another subscriber may have taken the new user ID while the update was under way. */
function reachableOutcome(database: Database, subscriber: StoredSubscriber): Outcome {
  const outcome = JSON.parse(subscriber.outcome ?? '{"status":"provisioned"}') as Outcome
  const userId = outcome.changes?.userId
  const isTaken = userId !== undefined && isUserIdTaken(database, subscriber.organisation, userId, subscriber.sequence)
  return isTaken ? failure(USER_ID_TAKEN) : outcome
}

export function failure(errorCode: number): Outcome {
  return { status: 'error', errors: [describeError(errorCode)] }
}
