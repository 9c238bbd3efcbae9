import type { EntityManager, QueryDeepPartialEntity } from 'typeorm'
import { type Database, StaleRowError, type Transaction } from '../../../database/database'
import type { Acting } from '../../../context/context'
import { JobPriority } from '../../../queue/job-queue'
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
  await queue.enqueue(tx, { name: ADVANCE_BULK_OPERATION, payload, runAt, priority: JobPriority.BULK_STEP })
}

/** Compare-and-set: when it moved on meanwhile, the transaction is run again on what is there now. */
export async function updateOperation(
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

/** What came of one user, or would. */
export interface Fate {
  item: BulkItem
  /** Null for who is not there. */
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
  fates: Fate[],
): Promise<void> {
  await insertResults(tx, operation, fates)
  const done = operation.done + fates.length
  const failed = operation.failed + fates.filter(({ outcome }) => outcome === BulkOutcome.REFUSED).length
  const isDone = done >= operation.total
  await updateOperation(database, tx, operation, {
    done,
    failed,
    succeeded: done - failed,
    summary: addedUp(operation.summary, fates),
    nextChunk: operation.nextChunk + chunks.length,
    ...(isDone ? { status: BulkStatus.DONE, endedAt: timestamp(clock.now()) } : {}),
  })
  if (isDone) await tx.manager.delete(BulkChunk, { bulkOperationId: operation.id })
}

async function insertResults({ manager }: Transaction, { id: bulkOperationId, done, dryRun }: BulkOperation, fates: Fate[]): Promise<void> {
  const rows = fates
    .map(({ outcome, userErrors, item: { userId } }, index): BulkResult => {
      return { id: newId('BulkResult'), bulkOperationId, position: done + index, userId, outcome, userErrors }
    })
    // Of those to whom something would be done, the numbers of a dry run tell all that there is.
    .filter(({ outcome }) => !dryRun || outcome === BulkOutcome.REFUSED)
  if (rows.length > 0) await manager.createQueryBuilder().insert().into(BulkResult).values(rows).updateEntity(false).execute()
}

function addedUp(summary: BulkSummary[], fates: Fate[]): BulkSummary[] {
  const groups = new Map<string, BulkSummary>()
  const add = (outcome: BulkOutcome, code: UserErrorCode | null, status: UserStatus | null, count: number) => {
    const key = `${outcome} ${code} ${status}`
    groups.set(key, { outcome, code, status, count: count + (groups.get(key)?.count ?? 0) })
  }
  for (const { outcome, code, status, count } of summary) add(outcome, code, status, count)
  for (const { outcome, userErrors, user } of fates) add(outcome, userErrors[0]?.code ?? null, user?.status ?? null, 1)
  return [...groups.values()].sort((one, other) => other.count - one.count)
}
