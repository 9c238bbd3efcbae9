import type { TestApp } from './app'
import { eventually } from './waiting'

/**
 * Waits until all changes of users can be told. On PostgreSQL a change is held back while an older transaction is under way, be it in
 * another database of the same server: that of another test.
 */
export async function untilSettled({ platform: { database } }: TestApp): Promise<void> {
  if (database.kind !== 'postgres') return
  const sql = `SELECT 1 FROM "user_change" WHERE "transaction_id" >= lpad(pg_snapshot_xmin(pg_current_snapshot())::text, 20, '0') LIMIT 1`
  await eventually(async () => (await database.reader.query<unknown[]>(sql)).length === 0)
}
