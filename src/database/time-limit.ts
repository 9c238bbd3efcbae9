import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import type { Database } from './database'

/**
 * Lets a statement of `readAside` be ended in time: PostgreSQL ends any, SQLite where it comes to a row that this is asked of. So it is the first
 * condition of a query: what another one leaves out is not asked any more.
 */
export function whereInTime({ kind }: Pick<Database, 'kind'>, query: SelectQueryBuilder<ObjectLiteral>): void {
  if (kind === 'sqlite') query.andWhere('in_time() = 1')
}
