import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import type { Database } from './database'

/** Has a statement of `readAside` looked at by the clock: PostgreSQL does so by itself, SQLite at each row that it comes to. */
export function whereInTime({ kind }: Pick<Database, 'kind'>, query: SelectQueryBuilder<ObjectLiteral>): void {
  if (kind === 'sqlite') query.andWhere('in_time() = 1')
}
