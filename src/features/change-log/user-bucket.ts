import { STUCK_STATUSES, UserStatus } from '../../provisioning/lifecycle'
import { PackageType } from '../../provisioning/package-type'
import type { Timestamp } from '../../shared/clock'

/**
 * Users who are counted as one: of one template, status and package, and, where they are stuck, for one reason. Its text is kept beside
 * each user, each change and each count, so what it is made of can be told from the text alone.
 */
export interface UserBucket {
  onboardingTemplateId: string
  status: UserStatus
  packageType: PackageType
  /** Why, in ERROR: the code of the error, or what there is without one. What else a user waits for, in other states. Or empty. */
  detail: string
}

/** What decides the bucket of a user. */
export interface Counted {
  onboardingTemplateId: string
  status: UserStatus
  packageType: PackageType
  errorCode: number | null
  errorHttpStatus: number | null
  unanswered: boolean
  nextAttemptAt: Timestamp | null
  emailConfirmedAt: Timestamp | null
  deletedAt: Timestamp | null
}

/** As long as an ID, the longest status and package, and a detail may be. */
export const BUCKET_LENGTH = 120

/** The bucket of a living user; null for a tombstone. Migration 0008 says the same in SQL. */
export function bucketOf(user: Counted): string | null {
  if (user.deletedAt !== null) return null
  return [user.onboardingTemplateId, user.status, user.packageType, detailOf(user)].join(':')
}

/** The bucket of a user who is stuck, which then is the cause; else null. */
export function causeKeyOf(user: Counted): string | null {
  return STUCK_STATUSES.includes(user.status) ? bucketOf(user) : null
}

export function parseBucket(bucket: string): UserBucket {
  const [onboardingTemplateId = '', status = '', packageType = '', detail = ''] = bucket.split(':')
  return { onboardingTemplateId, status: UserStatus[status as UserStatus], packageType: PackageType[packageType as PackageType], detail }
}

/** The code of the error that all users of a cause have; null when it has none. */
export function errorCodeOf({ status, detail }: UserBucket): number | null {
  const code = Number.parseInt(detail, 10)
  return status === UserStatus.ERROR && !Number.isNaN(code) ? code : null
}

/** All that the diagnosis of a user goes by, so that whoever shares a bucket shares cause and fixer. */
function detailOf({ status, errorCode, errorHttpStatus, unanswered, nextAttemptAt, emailConfirmedAt }: Counted): string {
  if (status === UserStatus.PENDING_EMAIL_VALIDATION) return emailConfirmedAt === null ? '' : 'confirmed'
  if (status !== UserStatus.ERROR) return ''
  const error = errorCode ?? (errorHttpStatus === null ? (unanswered ? 'unanswered' : 'text') : `http${errorHttpStatus}`)
  return nextAttemptAt === null ? String(error) : `${error}+planned`
}
