import type { Transaction } from '../../../database/database'
import { SyncSighting } from '../sync.entity'

/** Deleted at a time: short transactions, because on SQLite every other change waits for them. */
const BATCH_SIZE = 5000

/** Puts down whom a full run has seen. */
export async function recordSightings({ manager }: Transaction, partnerId: string, subscriberIds: string[]): Promise<void> {
  if (subscriberIds.length === 0) return
  const rows = subscriberIds.map(webexSubscriberId => ({ partnerId, webexSubscriberId }))
  await manager.createQueryBuilder().insert().into(SyncSighting).values(rows).orIgnore().updateEntity(false).execute()
}

/** Drops some of the sightings. Answers whether there may be more. */
export async function dropSightings({ manager }: Transaction, partnerId: string): Promise<boolean> {
  const some = 'SELECT webex_subscriber_id FROM sync_sighting WHERE partner_id = :partnerId LIMIT :size'
  const { affected } = await manager
    .createQueryBuilder()
    .delete()
    .from(SyncSighting)
    .where(`partner_id = :partnerId AND webex_subscriber_id IN (${some})`, { partnerId, size: BATCH_SIZE })
    .execute()
  return affected === BATCH_SIZE
}
