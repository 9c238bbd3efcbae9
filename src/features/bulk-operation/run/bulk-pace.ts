import type { Database } from '../../../database/database'
import { ProvisionedUser } from '../../provisioned-user/provisioned-user.entity'
import { type BulkOperation, BulkOutcome } from '../bulk-operation.entity'
import { BulkResult } from '../bulk-result.entity'
import { BULK_ACTIONS } from './bulk-actions'

/**
 * So many users of one operation may be under way at Webex. Jobs of one priority stand in one line, so this is how long the line is that
 * others of that priority stand behind; it keeps all the calls busy that a partner may make, also where Webex takes half a minute for each user.
 */
export const UNDER_WAY_MAX = 200
/** Looked at so far back: what was handled longer ago and has not ended holds nobody up. A look takes some milliseconds. */
const LOOKED_BACK = 5000
/** Until it is looked again, when there is no room. */
export const NO_ROOM_PAUSE_MS = 500

/** To how many more users an operation may do something that Webex has to end; none is left when it is not positive. */
export async function roomLeft(
  { reader }: Pick<Database, 'reader'>,
  { id, kind, done }: BulkOperation,
  underWayMax: number,
): Promise<number> {
  const row = await reader
    .createQueryBuilder(BulkResult, 'row')
    .innerJoin(ProvisionedUser, 'handled', 'handled.id = row.userId')
    .select('COUNT(*)', 'count')
    .where('row.bulkOperationId = :id AND row.position >= :from', { id, from: done - LOOKED_BACK })
    .andWhere(`row.outcome = '${BulkOutcome.CHANGED}' AND ${BULK_ACTIONS[kind].isUnderWay}`)
    .getRawOne<{ count: number | string }>()
  return underWayMax - Number(row?.count)
}
