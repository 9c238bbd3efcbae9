import type { EntityManager } from 'typeorm'
import type { Database, Transaction } from '../../../database/database'
import { decodeRows, readById, readRows, selectRows } from '../../../database/rows'
import { pacedTransactions } from '../../../database/transactions'
import type { Acting, Platform } from '../../../context/context'
import { implementJob, type PayloadOf } from '../../../queue/define-job'
import { userErrorsOf } from '../../../graphql/payload'
import { timestamp } from '../../../shared/clock'
import { Refusal, refuse, UserErrorCode } from '../../../shared/errors'
import { writableCheck } from '../../partner/connection.service'
import { ProvisionedUser } from '../../provisioned-user/provisioned-user.entity'
import type { CheckedAction } from '../../user-action/user-actions'
import type { BulkItem } from '../bulk-chunk.entity'
import { BulkOperation, BulkOutcome, BulkStatus } from '../bulk-operation.entity'
import { advanceBulkOperationJob } from '../bulk-operation.jobs'
import { BULK_ACTIONS } from './bulk-actions'
import { NO_ROOM_PAUSE_MS, roomLeft, UNDER_WAY_MAX } from './bulk-pace'
import { enqueueRun, type ItemResult, nextChunks, setStatus, settle } from './bulk-record'

/** A job ends within 30 seconds; then the next one goes on. */
const JOB_MS = 10_000
/** A caller waits for its dry run; beyond this a job goes on with it, before a proxy gives the request up. */
const DRY_RUN_MS = 15_000
/** Nothing is written for a user of a dry run but why it would be refused. */
const CHUNKS_OF_DRY_RUN = 20

type Payload = PayloadOf<typeof advanceBulkOperationJob>

export const advanceBulkOperationWorker = implementJob(
  advanceBulkOperationJob,
  (platform: Platform, payload) => advanceBulkOperation(platform, payload),
  abandonBulkOperation,
)

/**
 * Handles users of an operation for some seconds, in transactions of some users each; does nothing once it was cancelled or is done. Puts
 * itself off while Webex is at work on enough of them.
 */
export async function advanceBulkOperation(
  platform: Platform,
  { bulkOperationId: id, run }: Payload,
  underWayMax = UNDER_WAY_MAX,
): Promise<void> {
  await goOn(platform, { id, run }, JOB_MS, underWayMax)
}

/** Tells of every user what would happen, or of as many as can be told while somebody waits. */
export async function runDry(platform: Platform, id: string): Promise<void> {
  await goOn(platform, { id, run: 1 }, DRY_RUN_MS, Infinity)
}

/** Cancels an operation whose job failed for good because of an error of this server. The log has the error, and a person can resume it. */
async function abandonBulkOperation(platform: Platform, { bulkOperationId: id, run }: Payload): Promise<void> {
  await platform.database.transaction(async tx => {
    const operation = await readById(tx.manager, BulkOperation, id)
    if (operation?.status !== BulkStatus.RUNNING || operation.run !== run) return
    const ctx: Acting = { ...platform, actor: { partnerId: operation.partnerId, name: 'bulk operation', requestId: null } }
    const endedAt = timestamp(platform.clock.now())
    await setStatus(ctx, tx, operation, { status: BulkStatus.CANCELLED, endedAt }, 'bulkOperationFailed')
  })
}

async function goOn(
  platform: Platform,
  { id, run }: Pick<BulkOperation, 'id' | 'run'>,
  budgetMs: number,
  underWayMax: number,
): Promise<void> {
  const transaction = pacedTransactions(platform.database)
  const until = performance.now() + budgetMs
  let room = 0
  for (;;) {
    const operation = await readById(platform.database.reader, BulkOperation, id)
    if (operation?.status !== BulkStatus.RUNNING || operation.run !== run) return
    if (performance.now() > until) return transaction(tx => enqueueRun(platform, tx, operation))
    if (operation.dryRun) {
      await dryRunChunks(platform, transaction, operation)
      continue
    }
    if (room <= 0) room = await roomLeft(platform.database, operation, underWayMax)
    if (room <= 0) return transaction(tx => enqueueRun(platform, tx, operation, NO_ROOM_PAUSE_MS))
    room -= await transaction(tx => changeChunk(platform, tx, operation))
  }
}

/** Changes the users of one chunk and records the results in one transaction, so no user is handled twice. @returns how many were changed */
async function changeChunk(platform: Platform, tx: Transaction, { id, run }: BulkOperation): Promise<number> {
  const operation = await readById(tx.manager, BulkOperation, id)
  if (operation?.status !== BulkStatus.RUNNING || operation.run !== run) return 0
  const chunks = await nextChunks(tx.manager, operation, 1)
  const items = chunks.flatMap(chunk => chunk.items)
  const users = byId(await readRows(usersOf(tx.manager, items)))
  const check = itemCheck(platform, operation, tx.manager)
  const results: ItemResult[] = []
  for (const item of items) {
    const { act, ...result } = await check(item, users)
    await act?.(tx)
    results.push(result)
  }
  await settle(actorContext(platform, operation), tx, operation, chunks, results)
  return results.filter(({ outcome }) => outcome === BulkOutcome.CHANGED).length
}

/** Checks the users of some chunks outside of any transaction, and records the results. */
async function dryRunChunks(platform: Platform, transaction: Database['transaction'], operation: BulkOperation): Promise<void> {
  const { database } = platform
  const chunks = await nextChunks(database.reader, operation, CHUNKS_OF_DRY_RUN)
  const items = chunks.flatMap(chunk => chunk.items)
  const query = usersOf(database.reader, items)
  const users = byId(decodeRows(query, await database.backgroundRead(...query.getQueryAndParameters())))
  const check = itemCheck(platform, operation, database.reader)
  const results: ItemResult[] = []
  for (const item of items) {
    const { act: _, ...result } = await check(item, users)
    results.push(result)
  }
  await transaction(async tx => {
    // A job may have taken over from a request, or the other way round.
    const now = await readById(tx.manager, BulkOperation, operation.id)
    if (now?.status !== BulkStatus.RUNNING || now.nextChunk !== operation.nextChunk) return
    await settle(actorContext(platform, operation), tx, operation, chunks, results)
  })
}

/** The result of an item, and what brings it about; a refused or unchanged user has no action. */
type CheckedItem = ItemResult & { act: CheckedAction | null }

function itemCheck(platform: Platform, operation: BulkOperation, manager: EntityManager) {
  const ctx = actorContext(platform, operation)
  const requireWritable = writableCheck(ctx)
  return async (item: BulkItem, users: Map<string, ProvisionedUser>): Promise<CheckedItem> => {
    const user = item.unknown ? null : (users.get(item.userId) ?? null)
    try {
      if (!user) throw refuse(UserErrorCode.NOT_FOUND, item.unknown ?? ['userId'], 'There is no user with this `userId`.')
      const act = await BULK_ACTIONS[operation.kind].check({ ctx, manager, requireWritable, operation, item, user })
      return { item, user, outcome: act ? BulkOutcome.CHANGED : BulkOutcome.UNCHANGED, userErrors: [], act }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return { item, user, outcome: BulkOutcome.REFUSED, userErrors: userErrorsOf(error), act: null }
    }
  }
}

function usersOf(manager: Transaction['manager'], items: BulkItem[]) {
  const ids = ['', ...items.filter(({ unknown }) => !unknown).map(({ userId }) => userId)]
  return selectRows(manager, ProvisionedUser, 'row').where('row.id IN (:...ids) AND row.deletedAt IS NULL', { ids })
}

function byId(users: ProvisionedUser[]): Map<string, ProvisionedUser> {
  return new Map(users.map(user => [user.id, user]))
}

/** Acts in the name of the caller who started the operation. */
function actorContext(platform: Platform, { partnerId, actor: name, requestId }: BulkOperation): Acting {
  return { ...platform, actor: { partnerId, name, requestId } }
}
