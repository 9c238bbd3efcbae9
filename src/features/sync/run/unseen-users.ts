import type { SelectQueryBuilder } from 'typeorm'
import type { Database } from '../../../database/database'
import { selectRows } from '../../../database/rows'
import { AttemptOutcome } from '../../activation-attempt/activation-attempt.entity'
import { ProvisionedUser } from '../../provisioned-user/provisioned-user.entity'
import type { Sync, Unseen } from '../sync.entity'

/** So many may go in one run whatever the share: somebody tidied up, and they can be handed over again. */
const DELETIONS_WITHOUT_QUESTION = 100
/** A provider loses a few in a hundred between two full runs; with the token of another organization nearly all are missing. */
const DELETION_LIMIT_PERCENT = 10
/**
 * Found at a time: among a million who were seen, a few who were not may take a second to find. One more than may go without a
 * question, so that the first look tells whether they have to be counted.
 */
const UNSEEN_AT_ONCE = DELETIONS_WITHOUT_QUESTION + 1

/**
 * The next users whom a full run should have seen and has not: not changed here since it began, and with nothing under way. It looks
 * on from where the run stands, so all of a run together go through the users once.
 */
export async function nextUnseen(database: Database, sync: Sync): Promise<Unseen[]> {
  const query = toBeSeen(database, sync)
    .select(['row.id AS "userId"', 'row.webexSubscriberId AS "subscriberId"'])
    .andWhere(`NOT EXISTS (${SEEN})`)
    .orderBy('row.webexSubscriberId')
    .limit(UNSEEN_AT_ONCE)
  return (await database.backgroundRead(...query.getQueryAndParameters())) as unknown as Unseen[]
}

/**
 * Why a run must not go on to delete the users whom it has not seen; null when it may. Webex is asked for each of them, but another
 * organization than that of the partner does not have them either.
 * @param first the first of those users
 */
export async function refuseManyDeletions(database: Database, sync: Sync, first: Unseen[]): Promise<string | null> {
  if (sync.allowDeletions || first.length <= DELETIONS_WITHOUT_QUESTION) return null
  const { expected, unseen } = await countUnseen(database, sync)
  // Whom an earlier run brought from another organization, before it failed here, says nothing of how many of ours may go.
  const known = Math.min(expected, sync.lastFullSubscribers ?? expected)
  if (unseen * 100 <= known * DELETION_LIMIT_PERCENT) return null
  return `${unseen} of ${expected} users that were at Webex are missing there; nothing was deleted. Check that the connection to Webex is that of this partner. If these users are really gone, run \`flowthrough sync --full --allow-deletions\` or \`startSync(input: {full: true, allowDeletions: true})\`.`
}

/** How many users a full run should have seen from where it stands, and how many of them it has not; in one walk along an index. */
async function countUnseen(database: Database, sync: Sync): Promise<{ expected: number; unseen: number }> {
  const query = toBeSeen(database, sync).select(['COUNT(*) AS "expected"', `SUM(CASE WHEN EXISTS (${SEEN}) THEN 0 ELSE 1 END) AS "unseen"`])
  const [counts] = await database.backgroundRead(...query.getQueryAndParameters())
  return { expected: Number(counts?.['expected']), unseen: Number(counts?.['unseen']) }
}

function toBeSeen({ reader }: Database, { partnerId, nextPage, startedAt }: Sync): SelectQueryBuilder<ProvisionedUser> {
  return selectRows(reader, ProvisionedUser, 'row')
    .where('row.partnerId = :partnerId AND row.webexSubscriberId > :after', { partnerId, after: nextPage ?? '' })
    .andWhere('row.deletedAt IS NULL AND row.updatedAt < :startedAt', { startedAt })
    .andWhere(`NOT EXISTS (${AT_WORK})`)
}

/** The second condition follows from others, and lets PostgreSQL begin there. */
const SEEN = `SELECT 1 FROM "sync_sighting" "seen"
  WHERE "seen"."partner_id" = row.partnerId AND "seen"."webex_subscriber_id" > :after AND "seen"."webex_subscriber_id" = row.webexSubscriberId`

const AT_WORK = `SELECT 1 FROM "activation_attempt" "attempt"
  WHERE "attempt"."provisioned_user_id" = row.id AND "attempt"."outcome" = '${AttemptOutcome.RUNNING}'`
