import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import { searchKey } from '../shared/text'
import type { Database } from './database'

/** Trigrams find nothing shorter, and nobody types more. */
export const SEARCH_MIN_LENGTH = 3
export const SEARCH_MAX_LENGTH = 100

/** Narrows a query (alias `row`) to the rows whose `search_text` contains the term, through the trigram index of the table. */
export function whereContains(
  { kind }: Database,
  query: SelectQueryBuilder<ObjectLiteral>,
  table: 'provisioned_user' | 'customer',
  term: string,
): void {
  const text = searchKey(term.trim())
  // A line break stands between the fields of `search_text`, and is in none of them.
  if (text.includes('\n')) {
    query.andWhere('1 = 0')
    return
  }
  if (kind === 'postgres') {
    query.andWhere('row.searchText LIKE :searchPattern', { searchPattern: `%${text.replace(/[\\%_]/g, '\\$&')}%` })
    return
  }
  const index = `${table}_search_index`
  query.andWhere(
    `row.id IN (SELECT "id" FROM "${table}_search" WHERE "number" IN (SELECT "rowid" FROM "${index}" WHERE "${index}" MATCH :searchPhrase))`,
    { searchPhrase: `"${text.replaceAll('"', '""')}"` },
  )
}
