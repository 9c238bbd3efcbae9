import { Brackets, type EntityManager, In, type SelectQueryBuilder } from 'typeorm'
import { readById, readRows, selectRows } from '../../database/rows'
import type { Acting } from '../../graphql/context'
import { typeOfId } from '../../shared/ids'
import { comparisonKey } from '../../shared/text'
import { ActivationAttempt } from '../activation-attempt/activation-attempt.entity'
import { AuditEvent } from '../audit-event/audit-event.entity'
import { unseal } from '../audit-event/sealing'
import { readHandOver } from '../hand-over/hand-over.service'
import { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'

/** Everybody whom one BroadWorks ID stood for. */
export interface Person {
  partnerId: string
  /** See `comparisonKey`. */
  broadworksIdKey: string
  /** Deleted, and not erased yet; oldest first. */
  tombstones: ProvisionedUser[]
}

/** What an erased user is called. */
export function erasedName(userId: string): string {
  return `erased-${userId}`
}

/** The person cannot be erased as things are; the message says what has to be done first. */
export class NotErasable extends Error {
  override readonly name = 'NotErasable'
}

/** @param given ID of a user, or a BroadWorks ID in any case @throws NotErasable */
export async function findPerson({ database: { reader }, actor: { partnerId } }: Acting, given: string): Promise<Person> {
  if (typeOfId(given) !== 'ProvisionedUser') return readPerson(reader, partnerId, comparisonKey(given))
  const user = await readById(reader, ProvisionedUser, given)
  if (user?.partnerId !== partnerId) throw new NotErasable(`The partner has no user with the ID ${given}.`)
  return readPerson(reader, partnerId, comparisonKey(user.broadworksId))
}

/** @throws NotErasable while somebody lives under the BroadWorks ID, or Webex may hold somebody */
export async function readPerson(manager: EntityManager, partnerId: string, broadworksIdKey: string): Promise<Person> {
  const [living, tombstones] = await Promise.all([
    readRows(whereKey(manager, partnerId, broadworksIdKey).andWhere('row.deletedAt IS NULL')),
    readRows(whereKey(manager, partnerId, broadworksIdKey).andWhere('row.deletedAt IS NOT NULL').orderBy('row.deletedAt')),
  ])
  const [alive] = living
  if (alive) throw new NotErasable(`${alive.broadworksId} is a user (${alive.id}, ${alive.status}); delete the user first.`)
  const [underWay] = tombstones.filter(({ deletionEndedAt }) => deletionEndedAt === null)
  if (underWay) {
    throw new NotErasable(`${underWay.broadworksId} was deleted, and Webex has not finished deleting it; erase the user when it has.`)
  }
  return { partnerId, broadworksIdKey, tombstones: tombstones.filter(({ id, broadworksId }) => broadworksId !== erasedName(id)) }
}

/** The suffix keeps users apart whom Webex has more than once, on several clusters (see `broadworksIdSuffix`). */
function whereKey(manager: EntityManager, partnerId: string, key: string): SelectQueryBuilder<ProvisionedUser> {
  return selectRows(manager, ProvisionedUser, 'row')
    .where('row.partnerId = :partnerId', { partnerId })
    .andWhere(
      new Brackets(either =>
        either
          .where('row.broadworksIdKey = :key', { key })
          // A range first, for which there is an index.
          .orWhere(`row.broadworksIdKey > :key AND row.broadworksIdKey < :end AND row.broadworksIdKey = :key || row.broadworksIdSuffix`, {
            end: `${key}\u{10ffff}`,
          }),
      ),
    )
}

/** Every address that is on record of a person, also of those that were given up. */
export async function addressesOf(ctx: Acting, { partnerId, broadworksIdKey, tombstones }: Person): Promise<Set<string>> {
  const { reader } = ctx.database
  const ids = tombstones.map(({ id }) => id)
  const [attempts, events, handOver] = await Promise.all([
    reader.find(ActivationAttempt, { select: { id: true, email: true }, where: { provisionedUserId: In(ids) } }),
    readRows(selectRows(reader, AuditEvent, 'row').where('row.targetId IN (:...ids)', { ids: ['', ...ids] })),
    readHandOver(reader, partnerId, broadworksIdKey),
  ])
  const keys = new Map(tombstones.map(({ id, personalKey }) => [id, personalKey]))
  const told = events
    .map(event => unseal(ctx.config.encryptionKey, keys.get(event.targetId) ?? null, event))
    .flatMap(({ changes }) => changes.filter(({ field }) => field === 'email').flatMap(({ before, after }) => [before, after]))
  const all = [...tombstones, ...attempts, handOver].map(row => row?.email ?? null)
  return new Set([...all, ...told].filter(email => email !== null))
}
