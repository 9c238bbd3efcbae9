import type { Database, Transaction } from '../../database/database'
import { selectRows } from '../../database/rows'
import { AttemptOutcome } from '../activation-attempt/activation-attempt.entity'
import { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { type Sync, SyncSighting, type Unseen } from './sync.entity'

/** Deleted at a time: short transactions, because on SQLite every other change waits for them. */
const BATCH_SIZE = 5000
/** Found at a time: among a million who were seen, a few who were not may take a second to find. */
const UNSEEN_AT_ONCE = 100

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

/**
 * The next users whom a full run should have seen and has not: not changed here since it began, and with nothing under way. It looks
 * on from where the run stands, so all of a run together go through the users once.
 */
export async function nextUnseen(database: Database, { partnerId, nextPage, startedAt }: Sync): Promise<Unseen[]> {
  const query = selectRows(database.reader, ProvisionedUser, 'row')
    .select(['row.id AS "userId"', 'row.webexSubscriberId AS "subscriberId"'])
    .where('row.partnerId = :partnerId AND row.webexSubscriberId > :after', { partnerId, after: nextPage ?? '' })
    .andWhere('row.deletedAt IS NULL AND row.updatedAt < :startedAt', { startedAt })
    .andWhere(`NOT EXISTS (${SEEN}) AND NOT EXISTS (${AT_WORK})`)
    .orderBy('row.webexSubscriberId')
    .limit(UNSEEN_AT_ONCE)
  return (await database.readAside(...query.getQueryAndParameters())) as unknown as Unseen[]
}

/** The second condition follows from others, and lets PostgreSQL begin there. */
const SEEN = `SELECT 1 FROM "sync_sighting" "seen"
  WHERE "seen"."partner_id" = row.partnerId AND "seen"."webex_subscriber_id" > :after AND "seen"."webex_subscriber_id" = row.webexSubscriberId`

const AT_WORK = `SELECT 1 FROM "activation_attempt" "attempt"
  WHERE "attempt"."provisioned_user_id" = row.id AND "attempt"."outcome" = '${AttemptOutcome.RUNNING}'`
