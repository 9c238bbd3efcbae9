import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import type { Database } from './database'

/**
 * Makes a statement of `backgroundRead` end at its time limit. PostgreSQL ends any statement; SQLite evaluates this condition for each row.
 * Call it before all other conditions: SQLite does not evaluate it for rows that an earlier condition excludes.
 */
export function whereInTime({ kind }: Pick<Database, 'kind'>, query: SelectQueryBuilder<ObjectLiteral>): void {
  if (kind === 'sqlite') query.andWhere('in_time() = 1')
}
