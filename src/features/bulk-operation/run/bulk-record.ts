import type { EntityManager, QueryDeepPartialEntity } from 'typeorm'
import { type Database, StaleRowError, type Transaction } from '../../../database/database'
import type { Acting } from '../../../context/context'
import { enqueue } from '../../../queue/define-job'
import { selectRows, readRows } from '../../../database/rows'
import type { UserStatus } from '../../../provisioning/lifecycle'
import { timestamp } from '../../../shared/clock'
import type { UserErrorCode } from '../../../shared/errors'
import { newId } from '../../../shared/ids'
import { recordAudit } from '../../audit-event/audit-event.service'
import type { ProvisionedUser } from '../../provisioned-user/provisioned-user.entity'
import { BulkChunk, type BulkItem } from '../bulk-chunk.entity'
import { BulkResult } from '../bulk-result.entity'
import { BulkOperation, BulkOutcome, BulkStatus, type BulkSummary } from '../bulk-operation.entity'
import { advanceBulkOperationJob } from '../bulk-operation.jobs'

/** Enqueues the next users of an operation. */
export async function enqueueRun(
  ctx: Pick<Acting, 'queue' | 'clock'>,
  tx: Transaction,
  { id, run }: Pick<BulkOperation, 'id' | 'run'>,
  pauseMs = 0,
): Promise<void> {
  await enqueue(ctx, tx, advanceBulkOperationJob, { bulkOperationId: id, run }, { pauseMs })
}

/** Compare-and-set: when it moved on meanwhile, the transaction is run again on what is there now. */
async function updateOperation(
  { notifier }: Pick<Database, 'notifier'>,
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
  tx.afterCommit(() => notifier.notify())
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

/** The result of one user; in a dry run, the result that the operation would have. */
export interface ItemResult {
  item: BulkItem
  /** Null for an unknown user. */
  user: ProvisionedUser | null
  outcome: BulkOutcome
  userErrors: BulkResult['userErrors']
}

export function nextChunks(manager: EntityManager, { id, nextChunk }: BulkOperation, limit: number): Promise<BulkChunk[]> {
  return readRows(
    selectRows(manager, BulkChunk, 'row')
      .where('row.bulkOperationId = :id AND row.number >= :nextChunk', { id, nextChunk })
      .orderBy('row.number')
      .limit(limit),
  )
}

/** Puts on record what came of the users of some chunks, and moves the operation on. */
export async function settle(
  { database, clock }: Pick<Acting, 'database' | 'clock'>,
  tx: Transaction,
  operation: BulkOperation,
  chunks: BulkChunk[],
  results: ItemResult[],
): Promise<void> {
  await insertResults(tx, operation, results)
  const done = operation.done + results.length
  const failed = operation.failed + results.filter(({ outcome }) => outcome === BulkOutcome.REFUSED).length
  const isDone = done >= operation.total
  await updateOperation(database, tx, operation, {
    done,
    failed,
    succeeded: done - failed,
    summary: addedUp(operation.summary, results),
    nextChunk: operation.nextChunk + chunks.length,
    ...(isDone ? { status: BulkStatus.DONE, endedAt: timestamp(clock.now()) } : {}),
  })
  if (isDone) await tx.manager.delete(BulkChunk, { bulkOperationId: operation.id })
}

async function insertResults(
  { manager }: Transaction,
  { id: bulkOperationId, done, dryRun }: BulkOperation,
  results: ItemResult[],
): Promise<void> {
  const rows = results
    .map(({ outcome, userErrors, item: { userId } }, index): BulkResult => {
      return { id: newId('BulkResult'), bulkOperationId, position: done + index, userId, outcome, userErrors }
    })
    // Of those to whom something would be done, the numbers of a dry run tell all that there is.
    .filter(({ outcome }) => !dryRun || outcome === BulkOutcome.REFUSED)
  if (rows.length > 0) await manager.createQueryBuilder().insert().into(BulkResult).values(rows).updateEntity(false).execute()
}

function addedUp(summary: BulkSummary[], results: ItemResult[]): BulkSummary[] {
  const groups = new Map<string, BulkSummary>()
  const add = (outcome: BulkOutcome, code: UserErrorCode | null, status: UserStatus | null, count: number) => {
    const key = `${outcome} ${code} ${status}`
    groups.set(key, { outcome, code, status, count: count + (groups.get(key)?.count ?? 0) })
  }
  for (const { outcome, code, status, count } of summary) add(outcome, code, status, count)
  for (const { outcome, userErrors, user } of results) add(outcome, userErrors[0]?.code ?? null, user?.status ?? null, 1)
  return [...groups.values()].sort((one, other) => other.count - one.count)
}
