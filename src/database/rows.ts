import type { EntityManager, EntityMetadata, EntityTarget, ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import type { Database } from './database'

type RawRow = Record<string, unknown>
type Decode = (value: unknown) => unknown

/**
 * Starts a query for plain rows of an entity: objects with its properties, without TypeORM's hydration, which costs several times
 * the query itself on a page of a hundred. Read the result with `decodeRows`.
 */
export function selectRows<Row extends ObjectLiteral>(
  manager: EntityManager,
  entity: EntityTarget<Row>,
  alias: string,
): SelectQueryBuilder<Row> {
  const query = manager.createQueryBuilder(entity, alias).select([])
  for (const column of manager.dataSource.getMetadata(entity).columns) {
    query.addSelect(`${alias}.${column.propertyName}`, column.propertyName)
  }
  return query
}

/** Runs a query that `selectRows` began. */
export async function readRows<Row extends ObjectLiteral>(query: SelectQueryBuilder<Row>): Promise<Row[]> {
  return decodeRows(query, await query.getRawMany<RawRow>())
}

export async function readRow<Row extends ObjectLiteral>(query: SelectQueryBuilder<Row>): Promise<Row | null> {
  const [row] = await readRows(query)
  return row ?? null
}

/** One row by its ID, of whichever partner: for work that already knows what it is about. */
export function readById<Row extends ObjectLiteral & { id: string }>(
  manager: EntityManager,
  entity: EntityTarget<Row>,
  id: string,
): Promise<Row | null> {
  return readRow(selectRows(manager, entity, 'row').where('row.id = :id', { id }))
}

/**
 * What is compared with the partner in a query (alias `row`) that says something narrower too, such as IDs. SQLite, which has no
 * statistics, would rather walk all rows of the partner, so there it is an expression, which no index has.
 */
export function partnerBeside({ kind }: Pick<Database, 'kind'>): string {
  return kind === 'sqlite' ? "row.partnerId || ''" : 'row.partnerId'
}

/** Turns what the driver gave into the types that the entity declares: SQLite has no booleans, JSON is kept as text. */
export function decodeRows<Row extends ObjectLiteral>(query: SelectQueryBuilder<Row>, rows: RawRow[]): Row[] {
  const decoders = decodersOf((query.expressionMap.mainAlias as { metadata: EntityMetadata }).metadata)
  for (const row of rows) {
    for (const [property, decode] of decoders) row[property] = decode(row[property])
  }
  return rows as Row[]
}

const decodersByEntity = new WeakMap<EntityMetadata, [property: string, decode: Decode][]>()

function decodersOf(metadata: EntityMetadata): [string, Decode][] {
  const known = decodersByEntity.get(metadata)
  if (known) return known
  const decoders: [string, Decode][] = []
  for (const column of metadata.columns) {
    const { transformer } = column
    if (column.type === 'boolean') decoders.push([column.propertyName, value => (value == null ? null : Boolean(value))])
    else if (transformer && 'from' in transformer) decoders.push([column.propertyName, value => transformer.from(value) as unknown])
  }
  decodersByEntity.set(metadata, decoders)
  return decoders
}
