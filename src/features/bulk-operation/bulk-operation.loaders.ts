import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import { readRows, selectRows } from '../../database/rows'
import type { Context } from '../../context/context'
import { defineLoader } from '../../context/loaders'
import { BulkOperation } from './bulk-operation.entity'
import { BulkResult } from './bulk-result.entity'

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

/** A result is as visible as its operation. */
export const bulkResultById = defineLoader<string, BulkResult | null>(async (ctx, ids) => {
  const results = await readRows(selectRows(ctx.database.reader, BulkResult, 'row').where('row.id IN (:...ids)', { ids }))
  const operations = await Promise.all(results.map(({ bulkOperationId }) => ctx.load(bulkOperationById, bulkOperationId)))
  const byId = new Map(results.filter((_, index) => operations[index] !== null).map(result => [result.id, result]))
  return ids.map(id => byId.get(id) ?? null)
})
