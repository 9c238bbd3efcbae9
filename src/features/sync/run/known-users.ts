import { readRows, selectRows } from '../../../database/rows'
import type { Transaction } from '../../../database/database'
import type { Timestamp } from '../../../shared/clock'
import { comparisonKey } from '../../../shared/text'
import { ActivationAttempt, AttemptOutcome } from '../../activation-attempt/activation-attempt.entity'
import { ProvisionedUser } from '../../provisioned-user/provisioned-user.entity'
import type { Found } from './subscriber-fields'

/** What is known here of the subscribers of a page; read in five statements, however many they are. */
export interface KnownUsers {
  /** By subscriber ID; tombstones, too. */
  bySubscriber: Map<string, ProvisionedUser>
  /** Living users by BroadWorks ID. */
  byBroadworksId: Map<string, ProvisionedUser>
  /** BroadWorks IDs of users who were deleted here, where Webex may still show what is going. */
  beingDeleted: Set<string>
  /** Users whom an attempt is at work on. */
  busy: Set<string>
  /** Confirmed and vouched addresses, with the users who have them. */
  addresses: Map<string, string>
}

export async function readKnownUsers({ manager }: Transaction, partnerId: string, found: Found[], askedAt: Timestamp): Promise<KnownUsers> {
  const keys = ['', ...found.map(({ subscriber }) => comparisonKey(subscriber.userId))]
  const ids = ['', ...found.map(({ subscriber }) => subscriber.id)]
  const emails = ['', ...found.flatMap(({ subscriber: { email } }) => (email === null ? [] : [comparisonKey(email)]))]
  const users = () => selectRows(manager, ProvisionedUser, 'row').where('row.partnerId = :partnerId', { partnerId })

  const atWebex = await readRows(users().andWhere('row.webexSubscriberId IN (:...ids)', { ids }))
  const named = await readRows(users().andWhere('row.deletedAt IS NULL AND row.broadworksIdKey IN (:...keys)', { keys }))
  const deleted = await users()
    .select('row.broadworksIdKey', 'key')
    .andWhere('row.deletedAt IS NOT NULL AND row.broadworksIdKey IN (:...keys)', { keys })
    .andWhere('(row.deletionEndedAt IS NULL OR row.updatedAt >= :askedAt)', { askedAt })
    .getRawMany<{ key: string }>()
  const addressed = await users()
    .select(['row.trustedEmailKey AS "key"', 'row.id AS "id"'])
    .andWhere('row.deletedAt IS NULL AND row.trustedEmailKey IN (:...emails)', { emails })
    .getRawMany<{ key: string; id: string }>()
  const attempts = await manager
    .createQueryBuilder(ActivationAttempt, 'attempt')
    .select('attempt.provisionedUserId', 'userId')
    .where('attempt.provisionedUserId IN (:...userIds)', { userIds: ['', ...[...atWebex, ...named].map(({ id }) => id)] })
    .andWhere('attempt.outcome = :running', { running: AttemptOutcome.RUNNING })
    .getRawMany<{ userId: string }>()

  // Of a tombstone and a living user with one subscriber, the living one counts.
  const lastLiving = [...atWebex].sort((one, other) => Number(one.deletedAt === null) - Number(other.deletedAt === null))
  return {
    bySubscriber: new Map(lastLiving.map(user => [user.webexSubscriberId as string, user])),
    byBroadworksId: new Map(named.map(user => [user.broadworksIdKey, user])),
    beingDeleted: new Set(deleted.map(({ key }) => key)),
    busy: new Set(attempts.map(({ userId }) => userId)),
    addresses: new Map(addressed.map(({ key, id }) => [key, id])),
  }
}
