import type { QueryDeepPartialEntity } from 'typeorm'
import type { Transaction } from '../../database/database'
import type { Platform } from '../../context/context'
import { timestamp } from '../../shared/clock'
import { bucketOf, type Counted } from './user-bucket'
import { TRANSACTION_ID_LENGTH, UserChange } from './user-change.entity'

/** A user before a change, or null when it made the user, and after it. */
export interface ChangedUser {
  before: Counted | null
  after: Counted & { id: string; partnerId: string; customerId: string }
}

/** Puts on record that users changed, in the transaction that changes them. What becomes of a tombstone is nobody's news. */
export async function recordUserChanges(
  { database: { kind, notifier }, clock }: Pick<Platform, 'database' | 'clock'>,
  tx: Transaction,
  changed: ChangedUser[],
): Promise<void> {
  // Not when the user changed: what is taken over from elsewhere may have happened long ago.
  const at = timestamp(clock.now())
  const rows = changed
    .map(({ before, after }) => ({ after, bucketBefore: before && bucketOf(before), bucketAfter: bucketOf(after) }))
    .filter(({ bucketBefore, bucketAfter }) => bucketBefore !== null || bucketAfter !== null)
    .map(({ after: { id, partnerId, customerId }, ...buckets }) => ({
      transactionId: kind === 'postgres' ? currentTransaction : '',
      partnerId,
      customerId,
      userId: id,
      at,
      ...buckets,
      folded: false,
    }))
  if (rows.length === 0) return
  tx.afterCommit(() => notifier.notify())
  await tx.manager
    .createQueryBuilder()
    .insert()
    .into(UserChange)
    .values(rows as QueryDeepPartialEntity<UserChange>[])
    .updateEntity(false)
    .execute()
}

const currentTransaction = () => `lpad(pg_current_xact_id()::text, ${TRANSACTION_ID_LENGTH}, '0')`
