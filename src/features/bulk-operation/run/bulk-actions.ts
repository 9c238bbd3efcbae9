import type { PackageType } from '../../../provisioning/package-type'
import { UserStatus } from '../../../provisioning/lifecycle'
import { JobPriority } from '../../../queue/job-queue'
import { AttemptTrigger } from '../../activation-attempt/activation-attempt.entity'
import { type ActionSubject, type CheckedAction, checkDeletion, checkPackageChange, checkRetry } from '../../user-action/user-actions'
import type { BulkItem } from '../bulk-chunk.entity'
import { BulkKind, type BulkOperation } from '../bulk-operation.entity'

/** One user of an operation. */
export interface ItemContext extends ActionSubject {
  operation: BulkOperation
  item: BulkItem
}

interface BulkAction {
  /** SQL condition on `handled`, a user that the operation changed: Webex still works on it. A user that waits for a person or for a template is not under way. */
  isUnderWay: string
  /** The check of the single mutation. @returns null when the user is as it should be. @throws Refusal */
  check(item: ItemContext): Promise<CheckedAction | null>
}

const trigger = AttemptTrigger.BULK

const ATTEMPT_IS_UNDER_WAY = `handled.deletedAt IS NULL AND handled.parkedAttemptId IS NULL
  AND handled.status IN ('${UserStatus.PROVISIONING}', '${UserStatus.UPDATING}')`

export const BULK_ACTIONS: Record<BulkKind, BulkAction> = {
  [BulkKind.RETRY_ACTIVATION]: {
    isUnderWay: ATTEMPT_IS_UNDER_WAY,
    check: item => checkRetry(item, { email: item.item.email ?? null, trigger }),
  },
  [BulkKind.DELETE_USERS]: {
    isUnderWay: 'handled.deletedAt IS NOT NULL AND handled.deletionEndedAt IS NULL',
    check: item => checkDeletion(item, JobPriority.BULK),
  },
  [BulkKind.CHANGE_PACKAGE_TYPE]: {
    isUnderWay: ATTEMPT_IS_UNDER_WAY,
    check: item => checkPackageChange(item, { packageType: packageTypeOf(item.operation), trigger }),
  },
}

function packageTypeOf({ id, packageType }: BulkOperation): PackageType {
  if (packageType === null) throw new Error(`Bulk operation ${id} does not say which package.`)
  return packageType
}
