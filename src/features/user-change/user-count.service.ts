import { type EntityManager, In, type SelectQueryBuilder } from 'typeorm'
import { readRows, selectRows } from '../../database/rows'
import type { Context, Platform } from '../../context/context'
import type { PeriodicTask } from '../../queue/periodic-task'
import { defineLoader } from '../../context/loaders'
import { UserChange } from '../change-log/user-change.entity'
import { UserCount } from './user-count.entity'

/** Short transactions, because on SQLite every other change waits for them. */
const FOLD_BATCH_SIZE = 500

/** How many users are in each bucket of a scope. */
export type BucketCounts = ReadonlyMap<string, number>

/** The counts of a partner or of a customer, by its ID, that the caller may see: kept counts, and what is not folded into them yet. */
export const bucketsOfScope = defineLoader<string, BucketCounts>(async (ctx, scopeIds) => {
  const partners = scopeIds.filter(id => id === ctx.viewer.partnerId)
  const customers = scopeIds.filter(id => id !== ctx.viewer.partnerId)
  const changes = (bucket: string, sign: string, scope: string, ids: string) =>
    `SELECT "${scope}" AS "scopeId", "${bucket}" AS "bucket", ${sign}1 AS "users" FROM "user_change"
      WHERE folded = false AND "${scope}" IN (:...${ids}) AND "${bucket}" IS NOT NULL`
  const sql = `SELECT "scopeId", "bucket", SUM("users") AS "users" FROM (
      SELECT "scope_id" AS "scopeId", "bucket", "users" FROM "user_count" WHERE "scope_id" IN (:...scopeIds)
      UNION ALL ${changes('bucket_after', '', 'partner_id', 'partners')}
      UNION ALL ${changes('bucket_before', '-', 'partner_id', 'partners')}
      UNION ALL ${changes('bucket_after', '', 'customer_id', 'customers')}
      UNION ALL ${changes('bucket_before', '-', 'customer_id', 'customers')}
    ) "counted" GROUP BY "scopeId", "bucket"`
  const parameters = { scopeIds, partners: ['', ...partners], customers: ['', ...customers] }
  // One statement, so that no change is in both parts, or in neither.
  const [query, values] = ctx.database.reader.dataSource.driver.escapeQueryWithParameters(sql, parameters)
  const rows = await ctx.database.backgroundRead(query, values, { partnerId: ctx.viewer.partnerId })
  const byScope = new Map(scopeIds.map(id => [id, new Map<string, number>()]))
  for (const { scopeId, bucket, users } of rows) {
    if (Number(users) > 0) byScope.get(scopeId as string)?.set(bucket as string, Number(users))
  }
  return scopeIds.map(id => byScope.get(id) as BucketCounts)
})

/** Adds changes to the counts. Until then, each count adds the changes up. */
export const userCountFolding: PeriodicTask<Platform> = { name: 'user-count-folding', intervalMs: 2000, run: foldUserChanges }

/** Adds changes to the counts, until none is left. */
export async function foldUserChanges({ database }: Pick<Platform, 'database'>): Promise<void> {
  let folded: number
  // A look before the lock: most of the time there is nothing to do.
  if ((await readRows(someUnfolded(database.reader, 1))).length === 0) return
  do {
    // One at a time: two would wait for each other's counts, and fold the same changes.
    folded = await database.withLock('fold-user-changes', () => database.transaction(({ manager }) => foldSome(manager)))
  } while (folded === FOLD_BATCH_SIZE)
}

async function foldSome(manager: EntityManager): Promise<number> {
  const changes = await readRows(someUnfolded(manager, FOLD_BATCH_SIZE))
  if (changes.length === 0) return 0
  const differences = new Map<string, { scopeId: string; bucket: string; users: number }>()
  const add = (scopeId: string, bucket: string | null, users: number) => {
    if (bucket === null) return
    const key = `${scopeId} ${bucket}`
    const known = differences.get(key) ?? { scopeId, bucket, users: 0 }
    differences.set(key, { ...known, users: known.users + users })
  }
  for (const { partnerId, customerId, bucketBefore, bucketAfter } of changes) {
    for (const scopeId of [partnerId, customerId]) {
      add(scopeId, bucketBefore, -1)
      add(scopeId, bucketAfter, 1)
    }
  }
  const changed = [...differences.values()].filter(({ users }) => users !== 0)
  if (changed.length > 0) await addToCounts(manager, changed)
  await manager
    .createQueryBuilder()
    .update(UserChange)
    .set({ folded: true })
    .whereInIds(changes.map(({ number }) => number))
    .execute()
  return changes.length
}

/** In no order, and by a condition on the partner that holds always: so both databases take the small index of what is not folded. */
function someUnfolded(manager: EntityManager, limit: number): SelectQueryBuilder<UserChange> {
  return selectRows(manager, UserChange, 'row').where("row.folded = false AND row.partnerId > ''").limit(limit)
}

async function addToCounts(manager: EntityManager, changed: { scopeId: string; bucket: string; users: number }[]): Promise<void> {
  const parameters = Object.fromEntries(
    changed.flatMap((each, index) => Object.entries(each).map(([name, value]) => [`${name}${index}`, value])),
  )
  const rows = changed.map((_, index) => `(:scopeId${index}, :bucket${index}, CAST(:users${index} AS integer))`).join(', ')
  const sql = `INSERT INTO "user_count" ("scope_id", "bucket", "users") VALUES ${rows}
    ON CONFLICT ("scope_id", "bucket") DO UPDATE SET "users" = "user_count"."users" + excluded."users"`
  await manager.query(...manager.dataSource.driver.escapeQueryWithParameters(sql, parameters))
  const emptied = changed.filter(({ users }) => users < 0).map(({ scopeId }) => scopeId)
  if (emptied.length > 0) await manager.delete(UserCount, { scopeId: In([...new Set(emptied)]), users: 0 })
}

/** Whose counts together are all that the caller may see. */
export function visibleScopes({ viewer }: Pick<Context, 'viewer'>): readonly string[] {
  return viewer.customerIds ?? [viewer.partnerId]
}
