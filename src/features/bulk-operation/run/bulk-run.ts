import type { Transaction } from '../../../database/database'
import { readById, readRows, selectRows } from '../../../database/rows'
import { pacedTransactions } from '../../../database/transactions'
import type { Acting, Platform } from '../../../graphql/context'
import { userErrorsOf } from '../../../graphql/payload'
import type { UserStatus } from '../../../provisioning/lifecycle'
import { timestamp } from '../../../shared/clock'
import { Refusal, refuse, UserErrorCode } from '../../../shared/errors'
import { newId } from '../../../shared/ids'
import { ProvisionedUser } from '../../provisioned-user/provisioned-user.entity'
import { BULK_ACTIONS } from './bulk-actions'
import { BulkChunk, type BulkItem } from '../bulk-chunk.entity'
import { BulkOperation, BulkOutcome, BulkStatus, type BulkSummary } from '../bulk-operation.entity'
import { enqueueRun, setStatus, updateOperation } from './bulk-record'
import { BulkResult } from '../bulk-result.entity'

/** A job ends within 30 seconds; then the next one goes on. */
const JOB_MS = 10_000
/** Nothing is written for a user but the result. */
const CHUNKS_OF_DRY_RUN = 20

/** Handles users of an operation for some seconds, in transactions of some users each; does nothing once it was cancelled or is done. */
export async function advanceBulkOperation(platform: Platform, id: string, run: number): Promise<void> {
  const transaction = pacedTransactions(platform.database)
  const until = performance.now() + JOB_MS
  while (await transaction(tx => handleSome(platform, tx, id, run))) {
    if (performance.now() > until) return platform.database.transaction(tx => enqueueRun(platform, tx, { id, run }))
  }
}

/** Tells of every user what would happen. */
export async function runDry({ database, ...platform }: Platform, id: string): Promise<void> {
  while (await database.transaction(tx => handleSome({ database, ...platform }, tx, id, 1)));
}

/** Cancels an operation whose job failed again and again for a reason of our own; the log has the reason, and a person can resume it. */
export async function abandonBulkOperation(platform: Platform, id: string, run: number): Promise<void> {
  await platform.database.transaction(async tx => {
    const operation = await readById(tx.manager, BulkOperation, id)
    if (operation?.status !== BulkStatus.RUNNING || operation.run !== run) return
    const ctx: Acting = { ...platform, actor: { partnerId: operation.partnerId, name: 'bulk operation', requestId: null } }
    const endedAt = timestamp(platform.clock.now())
    await setStatus(ctx, tx, operation, { status: BulkStatus.CANCELLED, endedAt }, 'bulkOperationFailed')
  })
}

/** Answers whether there is more to do. What is done to users and what is told of it are one transaction, so nobody is handled twice. */
async function handleSome(platform: Platform, tx: Transaction, id: string, run: number): Promise<boolean> {
  const operation = await readById(tx.manager, BulkOperation, id)
  if (operation?.status !== BulkStatus.RUNNING || operation.run !== run) return false
  const chunks = await readRows(
    selectRows(tx.manager, BulkChunk, 'row')
      .where('row.bulkOperationId = :id AND row.number >= :nextChunk', { id, nextChunk: operation.nextChunk })
      .orderBy('row.number')
      .limit(operation.dryRun ? CHUNKS_OF_DRY_RUN : 1),
  )
  const items = chunks.flatMap(chunk => chunk.items)
  const users = await readUsers(tx, items)
  const ctx = actingFor(platform, operation)
  const results: (Fate & { user: ProvisionedUser | null; item: BulkItem })[] = []
  for (const item of items) {
    const user = users.get(item.userId) ?? null
    results.push({ ...(await handle(ctx, tx, operation, item, user)), user, item })
  }
  await insertResults(tx, operation, results)
  const done = operation.done + items.length
  const failed = operation.failed + results.filter(({ outcome }) => outcome === BulkOutcome.REFUSED).length
  const isDone = done >= operation.total
  await updateOperation(platform.database, tx, operation, {
    done,
    failed,
    succeeded: done - failed,
    summary: addedUp(operation.summary, results),
    nextChunk: operation.nextChunk + chunks.length,
    ...(isDone ? { status: BulkStatus.DONE, endedAt: timestamp(platform.clock.now()) } : {}),
  })
  if (isDone) await tx.manager.delete(BulkChunk, { bulkOperationId: id })
  return !isDone
}

interface Fate {
  outcome: BulkOutcome
  userErrors: BulkResult['userErrors']
}

async function handle(ctx: Acting, tx: Transaction, operation: BulkOperation, item: BulkItem, user: ProvisionedUser | null): Promise<Fate> {
  try {
    if (!user) throw refuse(UserErrorCode.NOT_FOUND, ['userId'], 'There is no user with this `userId`.')
    const turn = { ctx, tx, operation, item, user }
    const action = BULK_ACTIONS[operation.kind]
    const outcome = await action.rehearse(turn)
    if (!operation.dryRun && outcome === BulkOutcome.CHANGED) await action.act(turn)
    return { outcome, userErrors: [] }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { outcome: BulkOutcome.REFUSED, userErrors: userErrorsOf(error) }
  }
}

async function readUsers({ manager }: Transaction, items: BulkItem[]): Promise<Map<string, ProvisionedUser>> {
  const ids = items.filter(({ unknown }) => !unknown).map(({ userId }) => userId)
  const users = await readRows(
    selectRows(manager, ProvisionedUser, 'row').where('row.id IN (:...ids) AND row.deletedAt IS NULL', { ids: ['', ...ids] }),
  )
  return new Map(users.map(user => [user.id, user]))
}

/** In the name of who started it. Whether Webex can be written to is looked up once, not for each user. */
function actingFor(platform: Platform, { partnerId, actor: name, requestId }: BulkOperation): Acting {
  const { webex } = platform
  let status: ReturnType<typeof webex.status> | null = null
  return {
    ...platform,
    actor: { partnerId, name, requestId },
    webex: { ...webex, status: () => (status ??= webex.status(partnerId)) },
  }
}

async function insertResults(
  { manager }: Transaction,
  { id: bulkOperationId, done }: BulkOperation,
  results: (Fate & { item: BulkItem })[],
): Promise<void> {
  if (results.length === 0) return
  const rows = results.map(({ outcome, userErrors, item: { userId } }, index): BulkResult => {
    return { id: newId('BulkResult'), bulkOperationId, position: done + index, userId, outcome, userErrors }
  })
  await manager.createQueryBuilder().insert().into(BulkResult).values(rows).updateEntity(false).execute()
}

function addedUp(summary: BulkSummary[], results: (Fate & { user: ProvisionedUser | null })[]): BulkSummary[] {
  const groups = new Map<string, BulkSummary>()
  const add = (outcome: BulkOutcome, code: UserErrorCode | null, status: UserStatus | null, count: number) => {
    const key = `${outcome} ${code} ${status}`
    groups.set(key, { outcome, code, status, count: count + (groups.get(key)?.count ?? 0) })
  }
  for (const { outcome, code, status, count } of summary) add(outcome, code, status, count)
  for (const { outcome, userErrors, user } of results) add(outcome, userErrors[0]?.code ?? null, user?.status ?? null, 1)
  return [...groups.values()].sort((one, other) => other.count - one.count)
}
