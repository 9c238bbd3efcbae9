import type { Database, Transaction } from '../../database/database'
import type { ProvisionedUser } from './provisioned-user.entity'
import { readUser } from './provisioned-user.loaders'

/**
 * Runs a transaction on a user who was read before it, without reading the row again. Every write of a user compares the revision of the
 * row: when the row has changed since it was read, the transaction starts over, and reads the row then.
 * @param change has to write the user, by `applyTrigger` or `amendUser`; gets null when the user was deleted meanwhile
 */
export function changeUser<Result>(
  database: Database,
  user: ProvisionedUser,
  change: (tx: Transaction, user: ProvisionedUser | null) => Promise<Result>,
): Promise<Result> {
  let known: ProvisionedUser | null = user
  return database.transaction(async tx => {
    const current = known ?? (await readUser(tx.manager, user.id))
    known = null
    return change(tx, current?.deletedAt === null ? current : null)
  })
}
