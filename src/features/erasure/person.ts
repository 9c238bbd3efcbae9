import { Brackets, type EntityManager, In, type SelectQueryBuilder } from 'typeorm'
import { readById, readRow, readRows, selectRows } from '../../database/rows'
import type { Acting } from '../../context/context'
import { typeOfId } from '../../shared/ids'
import { comparisonKey } from '../../shared/text'
import { ActivationAttempt } from '../activation-attempt/activation-attempt.entity'
import { AuditEvent } from '../audit-event/audit-event.entity'
import { unseal } from '../audit-event/sealing'
import { readHandOver } from '../provisioning-request/provisioning-request.service'
import { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'

/** Everybody whom one BroadWorks ID stood for. */
export interface Person {
  partnerId: string
  /** See `comparisonKey`. */
  broadworksIdKey: string
  /** Deleted, and not erased yet; oldest first. */
  tombstones: ProvisionedUser[]
  /** Whatever tells who it was: BroadWorks IDs, addresses, names, numbers, also those that were given up, and the tracking IDs of calls. */
  texts: ReadonlySet<string>
}

/** What tells who somebody was. An extension does not: it is some digits that are in many a text. */
const TELLING = ['broadworksId', 'email', 'firstName', 'lastName', 'primaryPhoneNumber', 'mobilePhoneNumber'] as const

/** What an erased user is called. */
export function erasedName(userId: string): string {
  return `erased-${userId}`
}

/** The person cannot be erased as things are; the message says what has to be done first. */
class NotErasable extends Error {
  override readonly name = 'NotErasable'
}

/** @param given ID of a user, or a BroadWorks ID in any case @throws NotErasable */
export async function findPerson(ctx: Acting, given: string): Promise<Person> {
  const { reader } = ctx.database
  if (typeOfId(given) !== 'ProvisionedUser') return readPerson(ctx, reader, comparisonKey(given))
  const user = await readById(reader, ProvisionedUser, given)
  if (user?.partnerId !== ctx.actor.partnerId) throw new NotErasable(`The partner has no user with the ID ${given}.`)
  return readPerson(ctx, reader, comparisonKey(user.broadworksId))
}

/** @throws NotErasable while somebody lives under the BroadWorks ID, or Webex may hold somebody */
export async function readPerson(ctx: Acting, manager: EntityManager, broadworksIdKey: string): Promise<Person> {
  const { partnerId } = ctx.actor
  const ofPerson = () => whereKey(manager, partnerId, broadworksIdKey)
  const alive = await readRow(ofPerson().andWhere('row.deletedAt IS NULL'))
  const tombstones = await readRows(ofPerson().andWhere('row.deletedAt IS NOT NULL').orderBy('row.deletedAt'))
  if (alive) throw new NotErasable(`${alive.broadworksId} is a user (${alive.id}, ${alive.status}); delete the user first.`)
  const [underWay] = tombstones.filter(({ deletionEndedAt }) => deletionEndedAt === null)
  if (underWay) {
    throw new NotErasable(`${underWay.broadworksId} was deleted, and Webex has not finished deleting it; erase the user when it has.`)
  }
  const unerased = tombstones.filter(({ id, broadworksId }) => broadworksId !== erasedName(id))
  const person = { partnerId, broadworksIdKey, tombstones: unerased }
  return { ...person, texts: await textsOf(ctx, manager, person) }
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

async function textsOf(
  { config }: Acting,
  manager: EntityManager,
  { partnerId, broadworksIdKey, tombstones }: Omit<Person, 'texts'>,
): Promise<Set<string>> {
  const ids = tombstones.map(({ id }) => id)
  const attempts = await manager.find(ActivationAttempt, {
    select: { id: true, email: true, upstreamErrors: true, steps: true },
    where: { provisionedUserId: In(ids) },
  })
  const events = await readRows(selectRows(manager, AuditEvent, 'row').where('row.targetId IN (:...ids)', { ids: ['', ...ids] }))
  const handOver = await readHandOver(manager, partnerId, broadworksIdKey)
  const keys = new Map(tombstones.map(({ id, personalKey }) => [id, personalKey]))
  const told = events
    .flatMap(event => unseal(config.encryptionKeys, keys.get(event.targetId) ?? null, event).changes)
    .filter(({ field }) => TELLING.some(name => name === field))
    .flatMap(({ before, after }) => [before, after])
  const states = [...tombstones, ...(handOver ? [handOver] : [])]
  const known = states.flatMap(state => [...TELLING.map(name => state[name]), `${state.firstName} ${state.lastName}`.trim()])
  const errors = [...tombstones, ...attempts].flatMap(({ upstreamErrors }) => upstreamErrors)
  const calls = [...errors, ...attempts.flatMap(({ steps }) => steps)].map(({ trackingId }) => trackingId)
  return new Set([broadworksIdKey, ...known, ...told, ...attempts.map(({ email }) => email), ...calls].flatMap(text => text || []))
}
