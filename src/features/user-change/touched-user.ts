import type { Viewer } from '../../auth/viewer'
import { readRows, selectRows } from '../../database/rows'
import type { Database } from '../../database/database'
import type { Timestamp } from '../../shared/clock'
import { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { bucketOf, parseBucket } from '../change-log/user-bucket'
import type { UserChange } from '../change-log/user-change.entity'
import { type ChangePosition, encodePosition } from './user-change.log'
import { type ToldChange, type UserChangeFilter, UserChangeKind } from './user-change.types'

/** What happened to one user by one change or by several. */
export interface TouchedUser {
  userId: string
  customerId: string
  /** What the user was before each of the changes, the first one first; null where there was none. */
  bucketsBefore: (string | null)[]
  /** The place of the last of the changes, and when it was. */
  position: ChangePosition
  at: Timestamp
  /** As it is now, which may be after changes that are still to be told; null when deleted. */
  user: ProvisionedUser | null
}

/** Puts together what belongs to one user, in the order of the last changes, and reads the users, all at once. */
export async function touchedUsers({ reader }: Database, changes: UserChange[]): Promise<TouchedUser[]> {
  if (changes.length === 0) return []
  const touched = new Map<string, Omit<TouchedUser, 'user'>>()
  for (const { userId, customerId, bucketBefore, transactionId, number, at } of changes) {
    const bucketsBefore = [...(touched.get(userId)?.bucketsBefore ?? []), bucketBefore]
    touched.delete(userId)
    touched.set(userId, { userId, customerId, bucketsBefore, position: { transactionId, number }, at })
  }
  const ids = [...touched.keys()]
  const users = await readRows(selectRows(reader, ProvisionedUser, 'row').where('row.id IN (:...ids) AND row.deletedAt IS NULL', { ids }))
  const byId = new Map(users.map(user => [user.id, user]))
  return [...touched.values()].map(each => ({ ...each, user: byId.get(each.userId) ?? null }))
}

/** What whoever watches needs to know of a user's changes to be told what became of the user. */
export interface Outcome {
  isNew: boolean
  /** The user may be on the list of whoever watches. */
  wasIn: boolean
  touched: TouchedUser
}

/** Null when it is of no interest to this caller with this filter. @param earlier what was not told yet of the same user */
export function outcomeFor(viewer: Viewer, filter: UserChangeFilter, touched: TouchedUser, earlier?: Outcome): Outcome | null {
  const { customerId, bucketsBefore, user } = touched
  if (viewer.customerIds && !viewer.customerIds.includes(customerId)) return null
  if (filter.customerIds && !filter.customerIds.includes(customerId)) return null
  const wasIn = (earlier?.wasIn ?? false) || bucketsBefore.some(bucket => matches(filter, bucket))
  if (!earlier && !wasIn && !(user && matches(filter, bucketOf(user)))) return null
  return { isNew: earlier?.isNew ?? bucketsBefore[0] === null, wasIn, touched }
}

/** Null when there is nothing to tell: the user came and went. */
export function toldChange(viewer: Viewer, filter: UserChangeFilter, { isNew, wasIn, touched }: Outcome): ToldChange | null {
  const { userId, user, position, at } = touched
  const kind = (): UserChangeKind | null => {
    if (user && matches(filter, bucketOf(user))) return isNew ? UserChangeKind.CREATED : UserChangeKind.UPDATED
    if (!wasIn) return null
    return user ? UserChangeKind.LEFT_FILTER : UserChangeKind.DELETED
  }
  const told = kind()
  return told && { kind: told, userId, provisionedUser: user, cursor: encodePosition(viewer.partnerId, position, at) }
}

function matches({ statuses, onboardingTemplateIds }: UserChangeFilter, bucket: string | null): boolean {
  if (bucket === null) return false
  if (!statuses && !onboardingTemplateIds) return true
  const { status, onboardingTemplateId } = parseBucket(bucket)
  return (!statuses || statuses.includes(status)) && (!onboardingTemplateIds || onboardingTemplateIds.includes(onboardingTemplateId))
}
