import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import { selectRows } from '../database/rows'
import { whereInTime } from '../database/time-limit'
import { BadUserInput } from '../shared/errors'
import type { Connection, PageArgs } from './connection'
import type { Context } from '../context/context'
import { decodeCursor, encodeCursor, type Position } from './cursor'
import { OrderDirection } from './order'
import { countOf, rowsOf } from './query-loaders'

export const PAGE_SIZE_DEFAULT = 20
/** A page that a person can take in, and the largest that stays cheap to resolve with its nested objects. */
export const PAGE_SIZE_MAX = 100
/** A search counts no further than this: a common term would cost as much as the whole table. */
export const SEARCH_COUNT_MAX = 10_000

export interface List<Row> {
  entity: new () => Row
  /** Narrows the list to what the caller may see and asked for; the alias is `row`. */
  where: (query: SelectQueryBuilder<Row & ObjectLiteral>) => void
  order: { field: string; property: keyof Row & string; direction: OrderDirection }
  /** The list is narrowed by what no index may answer alone, so that reading a page may take long. */
  mayTakeLong?: boolean
  /** Counts no further than this; the count is null beyond. */
  countMax?: number
}

const ALIAS = 'row'

type Row = ObjectLiteral & { id: string }

/**
 * One page of a list by keyset: every page costs the same, however deep, and no row is skipped or shown twice while others come
 * and go. Pages of the same kind that one request asks for together are read in one statement.
 * @throws BadUserInput naming `first`, `last`, `after` or `before`.
 */
export async function paginate<Node extends Row>(ctx: Context, list: List<Node>, args: PageArgs): Promise<Connection<Node>> {
  const { backward, size } = pageSize(args)
  const { property, direction } = list.order
  const order = `${list.order.field}:${direction}`
  const scope = `${ctx.viewer.partnerId} ${list.entity.name}`
  const after = args.after == null ? null : decodeCursor('after', order, args.after, scope)
  const before = args.before == null ? null : decodeCursor('before', order, args.before, scope)
  const inBackground = list.mayTakeLong === true

  const select = (isLimited = inBackground): SelectQueryBuilder<Node> => {
    const query = selectRows<Node>(ctx.database.reader, list.entity, ALIAS)
    if (isLimited) whereInTime(ctx.database, query)
    list.where(query)
    return query
  }
  const beyond = (position: Position, side: 'after' | 'before', inclusive = false) => {
    const ascending = (side === 'after') === (direction === OrderDirection.ASC)
    const comparison = (ascending ? '>' : '<') + (inclusive ? '=' : '')
    return [
      `(${ALIAS}.${property}, ${ALIAS}.id) ${comparison} (:${side}Value, :${side}Id)`,
      { [`${side}Value`]: position.value, [`${side}Id`]: position.id },
    ] as const
  }
  const read = (query: SelectQueryBuilder<Node>, reversed: boolean, limit: number): Promise<Node[]> => {
    const sql = (direction === OrderDirection.ASC) !== reversed ? 'ASC' : 'DESC'
    query.orderBy(`${ALIAS}.${property}`, sql).addOrderBy(`${ALIAS}.id`, sql).limit(limit)
    return ctx.load(rowsOf, { query, inBackground }) as Promise<Node[]>
  }

  const query = select()
  if (after) query.andWhere(...beyond(after, 'after'))
  if (before) query.andWhere(...beyond(before, 'before'))
  const found = await read(query, backward, size + 1)
  const nodes = found.slice(0, size)
  if (backward) nodes.reverse()
  const more = found.length > size

  const positionOf = (node: Node): Position => ({ value: String(node[property]), id: node.id })
  const edges = nodes.map(node => ({ node, cursor: encodeCursor(order, positionOf(node), scope) }))
  const exists = async (side: 'after' | 'before'): Promise<boolean> => {
    const edge = side === 'after' ? nodes.at(-1) : nodes[0]
    // On an empty page the given cursor is the only place to look from, and its own row may still be there.
    const position = edge ? positionOf(edge) : side === 'after' ? before : after
    if (!position) return false
    return (await read(select().andWhere(...beyond(position, side, !edge)), side === 'before', 1)).length > 0
  }
  return {
    edges,
    nodes,
    pageInfo: {
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
      hasNextPage: !backward && more ? true : before ? () => exists('after') : false,
      hasPreviousPage: backward && more ? true : after ? () => exists('before') : false,
    },
    totalCount: async () => {
      const limit = list.countMax ?? null
      const count = await ctx.load(countOf, { query: select(true), limit })
      return limit !== null && count > limit ? null : count
    },
  }
}

function pageSize({ first, last }: PageArgs): { backward: boolean; size: number } {
  if (first != null && last != null) throw new BadUserInput('last', 'Give either `first` or `last`, not both.')
  for (const [argument, value] of Object.entries({ first, last })) {
    if (value != null && (value < 0 || value > PAGE_SIZE_MAX)) {
      throw new BadUserInput(argument, `\`${argument}\` must be from 0 to ${PAGE_SIZE_MAX}; it is ${value}.`)
    }
  }
  return { backward: last != null, size: first ?? last ?? PAGE_SIZE_DEFAULT }
}
