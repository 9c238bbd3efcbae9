import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import { readRows, selectRows } from '../../database/rows'
import type { Context } from '../../graphql/context'
import { defineLoader } from '../../graphql/loaders'
import { BulkOperation } from './bulk-operation.entity'

/** Who is restricted to some customers sees its own operations only: others may be about users whom it may not see. */
export function whereOperationVisible({ viewer }: Pick<Context, 'viewer'>, query: SelectQueryBuilder<BulkOperation & ObjectLiteral>): void {
  query.andWhere('row.partnerId = :partnerId', { partnerId: viewer.partnerId })
  if (viewer.customerIds) query.andWhere('row.callerId = :callerId', { callerId: viewer.callerId })
}

export const bulkOperationById = defineLoader<string, BulkOperation | null>(async (ctx, ids) => {
  const query = selectRows(ctx.database.reader, BulkOperation, 'row')
  whereOperationVisible(ctx, query)
  const byId = new Map((await readRows(query.andWhere('row.id IN (:...ids)', { ids }))).map(operation => [operation.id, operation]))
  return ids.map(id => byId.get(id) ?? null)
})
