import type { QueryDeepPartialEntity } from 'typeorm'
import type { Database, Transaction } from '../../database/database'
import type { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { bucketOf } from './user-bucket'
import { TRANSACTION_ID_LENGTH, UserChange } from './user-change.entity'

/** A user before a change, or null when it made the user, and after it. */
export interface ChangedUser {
  before: ProvisionedUser | null
  after: ProvisionedUser
}

/** Puts on record that users changed, in the transaction that changes them. What becomes of a tombstone is nobody's news. */
export async function recordUserChanges(
  { kind, wakeUp }: Pick<Database, 'kind' | 'wakeUp'>,
  tx: Transaction,
  changed: ChangedUser[],
): Promise<void> {
  const rows = changed
    .map(({ before, after }) => ({ after, bucketBefore: before && bucketOf(before), bucketAfter: bucketOf(after) }))
    .filter(({ bucketBefore, bucketAfter }) => bucketBefore !== null || bucketAfter !== null)
    .map(({ after: { id, partnerId, customerId, updatedAt }, ...buckets }) => ({
      transactionId: kind === 'postgres' ? currentTransaction : '',
      partnerId,
      customerId,
      userId: id,
      at: updatedAt,
      ...buckets,
      folded: false,
    }))
  if (rows.length === 0) return
  tx.afterCommit(() => wakeUp.announce())
  await tx.manager
    .createQueryBuilder()
    .insert()
    .into(UserChange)
    .values(rows as QueryDeepPartialEntity<UserChange>[])
    .updateEntity(false)
    .execute()
}

const currentTransaction = () => `lpad(pg_current_xact_id()::text, ${TRANSACTION_ID_LENGTH}, '0')`
