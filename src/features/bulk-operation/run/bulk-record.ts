import type { QueryDeepPartialEntity } from 'typeorm'
import { type Database, StaleRowError, type Transaction } from '../../../database/database'
import type { Acting } from '../../../graphql/context'
import { JobPriority } from '../../../provisioning/job-queue'
import { recordAudit } from '../../audit-event/audit-event.service'
import { BulkOperation } from '../bulk-operation.entity'

export const ADVANCE_BULK_OPERATION = 'advance-bulk-operation'

/** Has the next users of an operation handled. */
export async function enqueueRun(
  { queue, clock }: Pick<Acting, 'queue' | 'clock'>,
  tx: Transaction,
  { id, run }: Pick<BulkOperation, 'id' | 'run'>,
  pauseMs = 0,
): Promise<void> {
  const runAt = new Date(clock.now().getTime() + pauseMs)
  const payload = { bulkOperationId: id, run: String(run) }
  await queue.enqueue(tx, { name: ADVANCE_BULK_OPERATION, payload, runAt, priority: JobPriority.BULK })
}

/** Compare-and-set: when it moved on meanwhile, the transaction is run again on what is there now. */
export async function updateOperation(
  { wakeUp }: Pick<Database, 'wakeUp'>,
  tx: Transaction,
  { id, status, run, nextChunk }: BulkOperation,
  fields: Partial<BulkOperation>,
): Promise<void> {
  const { affected } = await tx.manager.update(
    BulkOperation,
    { id, status, run, nextChunk },
    fields as QueryDeepPartialEntity<BulkOperation>,
  )
  if (affected !== 1) throw new StaleRowError(`Bulk operation ${id} moved on meanwhile.`)
  tx.afterCommit(() => wakeUp.announce())
}

/** Stops an operation or lets it go on, on record. */
export async function setStatus(
  ctx: Acting,
  tx: Transaction,
  operation: BulkOperation,
  fields: Pick<BulkOperation, 'status' | 'endedAt'> & Partial<Pick<BulkOperation, 'run'>>,
  action: string,
): Promise<void> {
  await updateOperation(ctx.database, tx, operation, fields)
  const changes = [
    { field: 'status', before: operation.status, after: fields.status },
    { field: 'done', before: null, after: String(operation.done) },
  ]
  await recordAudit(ctx, tx, { ...target(operation), action, changes })
}

/** What an audit event calls an operation. */
export function target({ id, kind, dryRun }: Pick<BulkOperation, 'id' | 'kind' | 'dryRun'>) {
  return { targetId: id, targetLabel: dryRun ? `${kind}, dry run` : kind }
}
