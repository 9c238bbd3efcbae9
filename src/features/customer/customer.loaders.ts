import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import { partnerBeside, readRows, selectRows } from '../../database/rows'
import type { Context } from '../../context/context'
import { defineLoader } from '../../context/loaders'
import { Customer } from './customer.entity'

/**
 * Narrows a query (alias `row`) to the customers that the caller may see.
 * @param narrower the query names customers by their IDs (see `partnerBeside`)
 */
export function whereCustomerVisible(ctx: Context, query: SelectQueryBuilder<Customer & ObjectLiteral>, narrower = false): void {
  const partner = narrower ? partnerBeside(ctx.database) : 'row.partnerId'
  query.andWhere(`${partner} = :partnerId`, { partnerId: ctx.viewer.partnerId })
  if (ctx.viewer.customerIds) query.andWhere('row.id IN (:...visibleCustomerIds)', { visibleCustomerIds: ['', ...ctx.viewer.customerIds] })
}

export const customerById = defineLoader<string, Customer | null>((ctx, ids) => load(ctx, 'id', ids))

export const customerBySpEnterpriseId = defineLoader<string, Customer | null>((ctx, ids) => load(ctx, 'spEnterpriseId', ids))

async function load(ctx: Context, property: 'id' | 'spEnterpriseId', keys: readonly string[]): Promise<(Customer | null)[]> {
  const query = selectRows(ctx.database.reader, Customer, 'row')
  whereCustomerVisible(ctx, query, property === 'id')
  query.andWhere(`row.${property} IN (:...keys)`, { keys })
  const byKey = new Map((await readRows(query)).map(customer => [customer[property], customer]))
  return keys.map(key => byKey.get(key) ?? null)
}
