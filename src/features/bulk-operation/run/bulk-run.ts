import type { Database, Transaction } from '../../../database/database'
import { decodeRows, readById, readRows, selectRows } from '../../../database/rows'
import { pacedTransactions } from '../../../database/transactions'
import type { Acting, Platform } from '../../../context/context'
import { userErrorsOf } from '../../../graphql/payload'
import { timestamp } from '../../../shared/clock'
import { Refusal, refuse, UserErrorCode } from '../../../shared/errors'
import { ProvisionedUser } from '../../provisioned-user/provisioned-user.entity'
import { type BulkItem } from '../bulk-chunk.entity'
import { BulkOperation, BulkOutcome, BulkStatus } from '../bulk-operation.entity'
import { BULK_ACTIONS, type Rehearsal } from './bulk-actions'
import { NO_ROOM_PAUSE_MS, roomLeft, UNDER_WAY_MAX } from './bulk-pace'
import { enqueueRun, type Fate, nextChunks, setStatus, settle } from './bulk-record'

/** A job ends within 30 seconds; then the next one goes on. */
const JOB_MS = 10_000
/** A caller waits for its dry run; beyond this a job goes on with it, before a proxy gives the request up. */
const DRY_RUN_MS = 15_000
/** Nothing is written for a user of a dry run but why it would be refused. */
const CHUNKS_OF_DRY_RUN = 20

/**
 * Handles users of an operation for some seconds, in transactions of some users each; does nothing once it was cancelled or is done. Puts
 * itself off while Webex is at work on enough of them.
 */
export async function advanceBulkOperation(platform: Platform, id: string, run: number, underWayMax = UNDER_WAY_MAX): Promise<void> {
  await goOn(platform, { id, run }, JOB_MS, underWayMax)
}

/** Tells of every user what would happen, or of as many as can be told while somebody waits. */
export async function runDry(platform: Platform, id: string): Promise<void> {
  await goOn(platform, { id, run: 1 }, DRY_RUN_MS, Infinity)
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
      await rehearseSome(platform, transaction, operation)
      continue
    }
    if (room <= 0) room = await roomLeft(platform.database, operation, underWayMax)
    if (room <= 0) return transaction(tx => enqueueRun(platform, tx, operation, NO_ROOM_PAUSE_MS))
    room -= await transaction(tx => actOnSome(platform, tx, operation))
  }
}

/** What is done to users and what is told of it are one transaction, so nobody is handled twice. Answers to how many it was done. */
async function actOnSome(platform: Platform, tx: Transaction, { id, run }: BulkOperation): Promise<number> {
  const operation = await readById(tx.manager, BulkOperation, id)
  if (operation?.status !== BulkStatus.RUNNING || operation.run !== run) return 0
  const chunks = await nextChunks(tx.manager, operation, 1)
  const items = chunks.flatMap(chunk => chunk.items)
  const users = byId(await readRows(usersOf(tx.manager, items)))
  const ctx = actingFor(platform, operation)
  const fates: Fate[] = []
  for (const item of items) {
    const action = BULK_ACTIONS[operation.kind]
    const fate = await fateOf(item, users, async user => {
      const turn = { ctx, tx, operation, item, user }
      const outcome = await action.rehearse(turn)
      if (outcome === BulkOutcome.CHANGED) await action.act(turn)
      return outcome
    })
    fates.push(fate)
  }
  await settle(ctx, tx, operation, chunks, fates)
  return fates.filter(({ outcome }) => outcome === BulkOutcome.CHANGED).length
}

/** Looks at some users outside of any transaction, as nothing is done to them. */
async function rehearseSome(platform: Platform, transaction: Database['transaction'], operation: BulkOperation): Promise<void> {
  const { database } = platform
  const chunks = await nextChunks(database.reader, operation, CHUNKS_OF_DRY_RUN)
  const items = chunks.flatMap(chunk => chunk.items)
  const query = usersOf(database.reader, items)
  const users = byId(decodeRows(query, await database.backgroundRead(...query.getQueryAndParameters())))
  const ctx = actingFor(platform, operation)
  const fates: Fate[] = []
  for (const item of items) {
    const rehearsal = { ctx, tx: { manager: database.reader }, operation, item }
    fates.push(await fateOf(item, users, user => BULK_ACTIONS[operation.kind].rehearse({ ...rehearsal, user })))
  }
  await transaction(async tx => {
    // A job may have taken it over from a request, or the other way round.
    const now = await readById(tx.manager, BulkOperation, operation.id)
    if (now?.status === BulkStatus.RUNNING && now.nextChunk === operation.nextChunk) await settle(ctx, tx, operation, chunks, fates)
  })
}

async function fateOf(
  item: BulkItem,
  users: Map<string, ProvisionedUser>,
  handle: (user: Rehearsal['user']) => Promise<BulkOutcome>,
): Promise<Fate> {
  const user = item.unknown ? null : (users.get(item.userId) ?? null)
  try {
    if (!user) throw refuse(UserErrorCode.NOT_FOUND, item.unknown ?? ['userId'], 'There is no user with this `userId`.')
    return { item, user, outcome: await handle(user), userErrors: [] }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { item, user, outcome: BulkOutcome.REFUSED, userErrors: userErrorsOf(error) }
  }
}

function usersOf(manager: Transaction['manager'], items: BulkItem[]) {
  const ids = ['', ...items.filter(({ unknown }) => !unknown).map(({ userId }) => userId)]
  return selectRows(manager, ProvisionedUser, 'row').where('row.id IN (:...ids) AND row.deletedAt IS NULL', { ids })
}

function byId(users: ProvisionedUser[]): Map<string, ProvisionedUser> {
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
