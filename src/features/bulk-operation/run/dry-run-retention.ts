import { In } from 'typeorm'
import type { Database } from '../../../database/database'
import { readRows, selectRows } from '../../../database/rows'
import { pacedTransactions } from '../../../database/transactions'
import type { Platform } from '../../../context/context'
import { timestamp } from '../../../shared/clock'
import { BulkOperation } from '../bulk-operation.entity'
import { BulkResult } from '../bulk-result.entity'

/** A dry run says what would have happened then, which is of no use a week later. Operations that changed users are kept. */
const KEPT_MS = 7 * 24 * 3_600_000
/** Short transactions, because on SQLite every other change waits for them. */
const BATCH_SIZE = 500

/** Deletes the expired dry runs with their results. */
export async function purgeExpiredDryRuns({ database, clock }: Pick<Platform, 'database' | 'clock'>): Promise<void> {
  const before = timestamp(new Date(clock.now().getTime() - KEPT_MS))
  const old = selectRows(database.reader, BulkOperation, 'row').where('row.dryRun = true AND row.createdAt < :before', { before })
  for (let some = await readRows(old.limit(BATCH_SIZE)); some.length > 0; some = await readRows(old)) await purge(database, some)
}

async function purge(database: Database, operations: BulkOperation[]): Promise<void> {
  const transaction = pacedTransactions(database)
  for (const { id } of operations) {
    for (let left = true; left;) {
      left = await transaction(async ({ manager }) => {
        const results = await manager.find(BulkResult, { select: { id: true }, where: { bulkOperationId: id }, take: BATCH_SIZE })
        if (results.length > 0) await manager.delete(BulkResult, { id: In(results.map(result => result.id)) })
        else await manager.delete(BulkOperation, { id })
        return results.length > 0
      })
    }
  }
}
