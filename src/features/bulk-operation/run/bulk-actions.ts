import type { Transaction } from '../../../database/database'
import type { Acting } from '../../../context/context'
import { JobPriority } from '../../../queue/job-queue'
import { UserStatus } from '../../../provisioning/lifecycle'
import { AttemptTrigger } from '../../activation-attempt/activation-attempt.entity'
import type { PackageType } from '../../../provisioning/package-type'
import type { ProvisionedUser } from '../../provisioned-user/provisioned-user.entity'
import { changePackage, checkDeletion, checkPackageChange, checkRetry, remove, retry } from '../../user-action/user-actions'
import type { BulkItem } from '../bulk-chunk.entity'
import { BulkKind, type BulkOperation, BulkOutcome } from '../bulk-operation.entity'

/** One user's turn in an operation. */
export interface Rehearsal {
  ctx: Acting
  /** For looks only. */
  tx: Pick<Transaction, 'manager'>
  operation: BulkOperation
  item: BulkItem
  user: ProvisionedUser
}

export interface Turn extends Rehearsal {
  tx: Transaction
}

/** What an operation does to one user. Both refuse the same; `rehearse` answers what `act` would, and changes nothing. */
interface BulkAction {
  /** A condition on `handled`, a user to whom it was done: whether Webex is still to end it. Who waits for a person, or for a template, is not. */
  isUnderWay: string
  rehearse(rehearsal: Rehearsal): Promise<BulkOutcome>
  act(turn: Turn): Promise<void>
}

const trigger = AttemptTrigger.BULK

const ATTEMPT_IS_UNDER_WAY = `handled.deletedAt IS NULL AND handled.parkedAttemptId IS NULL
  AND handled.status IN ('${UserStatus.PROVISIONING}', '${UserStatus.UPDATING}')`

export const BULK_ACTIONS: Record<BulkKind, BulkAction> = {
  [BulkKind.RETRY_ACTIVATION]: {
    isUnderWay: ATTEMPT_IS_UNDER_WAY,
    async rehearse({ ctx, tx, user, item }) {
      await checkRetry(ctx, tx, user, item.email ?? null)
      return BulkOutcome.CHANGED
    },
    act: ({ ctx, tx, user, item }) => retry(ctx, tx, user, { email: item.email ?? null, trigger }),
  },
  [BulkKind.DELETE_USERS]: {
    isUnderWay: 'handled.deletedAt IS NOT NULL AND handled.deletionEndedAt IS NULL',
    async rehearse({ ctx, tx, user }) {
      await checkDeletion(ctx, tx, user)
      return BulkOutcome.CHANGED
    },
    act: ({ ctx, tx, user }) => remove(ctx, tx, user, JobPriority.BULK),
  },
  [BulkKind.CHANGE_PACKAGE_TYPE]: {
    isUnderWay: ATTEMPT_IS_UNDER_WAY,
    async rehearse({ ctx, user, operation }) {
      return (await checkPackageChange(ctx, user, packageTypeOf(operation))) === null ? BulkOutcome.UNCHANGED : BulkOutcome.CHANGED
    },
    act: ({ ctx, tx, user, operation }) => changePackage(ctx, tx, user, { packageType: packageTypeOf(operation), trigger }),
  },
}

function packageTypeOf({ id, packageType }: BulkOperation): PackageType {
  if (packageType === null) throw new Error(`Bulk operation ${id} does not say which package.`)
  return packageType
}
