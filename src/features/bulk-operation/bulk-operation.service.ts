import type { Transaction } from '../../database/database'
import { readRow, selectRows } from '../../database/rows'
import { authorize } from '../../auth/permissions'
import type { Context } from '../../context/context'
import { once } from '../../context/idempotency'
import { timestamp } from '../../shared/clock'
import { BadUserInput, refuse, UserErrorCode } from '../../shared/errors'
import { newId } from '../../shared/ids'
import { recordAudit } from '../audit-event/audit-event.service'
import type { PackageType } from '../../provisioning/package-type'
import { BulkChunk, type BulkItem } from './bulk-chunk.entity'
import { BulkKind, BulkOperation, BulkStatus } from './bulk-operation.entity'
import type { BulkInput } from './bulk-operation.inputs'
import { whereOperationVisible } from './bulk-operation.loaders'
import { enqueueRun, setStatus, target } from './run/bulk-record'
import { runDry } from './run/bulk-run'
import { type BulkSelector, isEmptyFilter, selectUsers } from './bulk-selection'

/** Handled in one transaction: few enough that nobody waits for it, many enough that its costs are shared. */
const CHUNK_SIZE = 50
/** A rehearsal looks at some ten thousand users a second, and writes down whom it would be about. */
const USERS_FOR_A_POINT = 5
/** However many they are, whoever has asked for little else can have it done. */
const BUDGET_SHARE_MAX = 0.5
/** A dry run that the process did not live to finish is finished by a job. */
const RESCUE_AFTER_MS = 60_000

export interface BulkRequest {
  kind: BulkKind
  /** Name of the mutation. */
  mutation: string
  packageType?: PackageType
  /** The ways of selecting users that the mutation knows. */
  selectors: (keyof BulkSelector)[]
}

/**
 * Settles whom an operation is about and starts it; a dry run is done before this answers. Answers the operation's ID.
 * @throws BadUserInput unless users are selected in exactly one way, and for a deletion of everybody;
 *   Refusal EXPECTED_COUNT_MISMATCH, REQUIRED for `expectedCount`, and those of the selection; RateLimited when the users are too many
 *   for what is left of the caller's budget
 */
export async function startBulkOperation(ctx: Context, request: BulkRequest, input: BulkInput & BulkSelector): Promise<string> {
  if (request.kind === BulkKind.DELETE_USERS && input.filter && isEmptyFilter(input.filter)) {
    throw new BadUserInput('filter', '`filter` has no condition and would delete every user; name at least one.')
  }
  const items = await selectUsers(ctx, input, request.selectors)
  await payFor(ctx, items.length)
  const { objectId } = await ctx.database.transaction(tx =>
    once(ctx, tx, request.mutation, input, () => {
      requireExpected(ctx, request, input, items.length)
      return insertOperation(ctx, tx, request, input, items)
    }),
  )
  if (input.dryRun) await runDry(ctx, objectId)
  return objectId
}

/** Stops a running operation between two chunks; whoever was handled stays so. Answers its ID. @throws Refusal NOT_FOUND, INVALID_STATE */
export async function cancelBulkOperation(ctx: Context, id: string): Promise<string> {
  return changeOperation(ctx, id, async (tx, operation) => {
    if (operation.status !== BulkStatus.RUNNING || operation.dryRun) throw invalidState(operation, 'cancelled', 'one that runs')
    await setStatus(ctx, tx, operation, { status: BulkStatus.CANCELLED, endedAt: timestamp(ctx.clock.now()) }, 'cancelBulkOperation')
  })
}

/** Goes on with the users of a cancelled operation who are left. Answers its ID. @throws Refusal NOT_FOUND, INVALID_STATE */
export async function resumeBulkOperation(ctx: Context, id: string): Promise<string> {
  return changeOperation(ctx, id, async (tx, operation) => {
    if (operation.status !== BulkStatus.CANCELLED) throw invalidState(operation, 'resumed', 'one that was cancelled')
    if (operation.kind === BulkKind.DELETE_USERS) authorize(ctx, 'bulkDeleteUsers')
    const run = operation.run + 1
    await setStatus(ctx, tx, operation, { status: BulkStatus.RUNNING, endedAt: null, run }, 'resumeBulkOperation')
    await enqueueRun(ctx, tx, { id, run })
  })
}

/** How many a filter means is not known before. */
async function payFor({ budget }: Context, users: number): Promise<void> {
  await budget.take(Math.min(users / USERS_FOR_A_POINT, (budget.balance?.limit ?? 0) * BUDGET_SHARE_MAX))
}

function requireExpected({ config }: Context, { kind }: BulkRequest, { expectedCount, dryRun }: BulkInput, count: number): void {
  if (expectedCount != null && expectedCount !== count) {
    throw refuse(
      UserErrorCode.EXPECTED_COUNT_MISMATCH,
      ['expectedCount'],
      `${count} users are selected, not ${expectedCount}; nothing was started. Look again whom the filter selects.`,
    )
  }
  const limit = config.bulkDeletionConfirmFrom
  if (kind === BulkKind.DELETE_USERS && !dryRun && expectedCount == null && count >= limit) {
    throw refuse(
      UserErrorCode.REQUIRED,
      ['expectedCount'],
      `This would delete ${count} users. From ${limit} on, say in \`expectedCount\` how many you expect; a dry run tells in \`total\`.`,
    )
  }
}

async function insertOperation(
  ctx: Context,
  tx: Transaction,
  { kind, mutation, packageType }: BulkRequest,
  { filter, dryRun }: BulkInput & BulkSelector,
  items: BulkItem[],
): Promise<string> {
  const now = timestamp(ctx.clock.now())
  const isEmpty = items.length === 0
  const operation: BulkOperation = {
    id: newId('BulkOperation'),
    partnerId: ctx.viewer.partnerId,
    kind,
    status: isEmpty ? BulkStatus.DONE : BulkStatus.RUNNING,
    dryRun,
    total: items.length,
    done: 0,
    succeeded: 0,
    failed: 0,
    summary: [],
    packageType: packageType ?? null,
    actor: ctx.actor.name,
    callerId: ctx.viewer.callerId,
    requestId: ctx.actor.requestId,
    nextChunk: 0,
    run: 1,
    createdAt: now,
    endedAt: isEmpty ? now : null,
  }
  await tx.manager.insert(BulkOperation, operation)
  const chunks = chunksOf(operation.id, items)
  for (let first = 0; first < chunks.length; first += CHUNKS_AT_ONCE) {
    await tx.manager
      .createQueryBuilder()
      .insert()
      .into(BulkChunk)
      .values(chunks.slice(first, first + CHUNKS_AT_ONCE))
      .updateEntity(false)
      .execute()
  }
  const changes = { total: String(items.length), dryRun: String(dryRun), packageType: packageType ?? null, filter: describe(filter) }
  await recordAudit(ctx, tx, {
    ...target(operation),
    action: mutation,
    changes: Object.entries(changes).flatMap(([field, after]) => (after === null ? [] : [{ field, before: null, after }])),
  })
  if (!isEmpty) await enqueueRun(ctx, tx, operation, dryRun ? RESCUE_AFTER_MS : 0)
  return operation.id
}

/** Of three parameters each; PostgreSQL takes 65,535 in one statement, SQLite 32,766. */
const CHUNKS_AT_ONCE = 500

function chunksOf(bulkOperationId: string, items: BulkItem[]): BulkChunk[] {
  return Array.from({ length: Math.ceil(items.length / CHUNK_SIZE) }, (_, number) => ({
    bulkOperationId,
    number,
    items: items.slice(number * CHUNK_SIZE, (number + 1) * CHUNK_SIZE),
  }))
}

/** For the trail, which is kept when its users are erased: what was searched for may be a name. */
function describe(filter: BulkSelector['filter']): string | null {
  return filter == null ? null : JSON.stringify(filter, (name, value: unknown) => (name === 'search' && value != null ? '…' : value))
}

async function changeOperation(
  ctx: Context,
  id: string,
  work: (tx: Transaction, operation: BulkOperation) => Promise<void>,
): Promise<string> {
  await ctx.database.transaction(async tx => {
    const query = selectRows(tx.manager, BulkOperation, 'row')
    whereOperationVisible(ctx, query)
    const operation = await readRow(query.andWhere('row.id = :id', { id }))
    if (!operation) throw refuse(UserErrorCode.NOT_FOUND, ['id'], 'There is no bulk operation with this `id`.')
    await work(tx, operation)
  })
  return id
}

function invalidState({ status, dryRun }: BulkOperation, done: string, allowed: string): Error {
  return refuse(UserErrorCode.INVALID_STATE, ['id'], `The operation is ${dryRun ? 'a dry run' : status}; only ${allowed} can be ${done}.`)
}
