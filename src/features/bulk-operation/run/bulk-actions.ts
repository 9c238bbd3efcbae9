import type { Transaction } from '../../../database/database'
import type { Acting } from '../../../graphql/context'
import { JobPriority } from '../../../provisioning/job-queue'
import { AttemptTrigger } from '../../activation-attempt/activation-attempt.entity'
import type { PackageType } from '../../provisioned-user/package-type'
import type { ProvisionedUser } from '../../provisioned-user/provisioned-user.entity'
import { changePackage, checkDeletion, checkPackageChange, checkRetry, remove, retry } from '../../provisioned-user/user-actions'
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
  rehearse(rehearsal: Rehearsal): Promise<BulkOutcome>
  act(turn: Turn): Promise<void>
}

const trigger = AttemptTrigger.BULK

export const BULK_ACTIONS: Record<BulkKind, BulkAction> = {
  [BulkKind.RETRY_ACTIVATION]: {
    async rehearse({ ctx, tx, user, item }) {
      await checkRetry(ctx, tx, user, item.email ?? null)
      return BulkOutcome.CHANGED
    },
    act: ({ ctx, tx, user, item }) => retry(ctx, tx, user, { email: item.email ?? null, trigger }),
  },
  [BulkKind.DELETE_USERS]: {
    async rehearse({ ctx, tx, user }) {
      await checkDeletion(ctx, tx, user)
      return BulkOutcome.CHANGED
    },
    act: ({ ctx, tx, user }) => remove(ctx, tx, user, JobPriority.BULK),
  },
  [BulkKind.CHANGE_PACKAGE_TYPE]: {
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
