import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import { readRows, selectRows } from '../../database/rows'
import type { Context } from '../../graphql/context'
import { defineLoader } from '../../graphql/loaders'
import { AuditEvent } from './audit-event.entity'

export type EventQuery = SelectQueryBuilder<AuditEvent & ObjectLiteral>

/** Who is restricted to some customers sees what happened to their users, not to templates and tokens. */
export function whereEventVisible(ctx: Context, query: EventQuery): void {
  query.andWhere('row.partnerId = :partnerId', { partnerId: ctx.viewer.partnerId })
  if (ctx.viewer.customerIds)
    query.andWhere('row.customerId IN (:...visibleCustomerIds)', { visibleCustomerIds: ['', ...ctx.viewer.customerIds] })
}

export const auditEventById = defineLoader<string, AuditEvent | null>(async (ctx, ids) => {
  const query = selectRows(ctx.database.reader, AuditEvent, 'row')
  whereEventVisible(ctx, query)
  const byId = new Map((await readRows(query.andWhere('row.id IN (:...ids)', { ids }))).map(event => [event.id, event]))
  return ids.map(id => byId.get(id) ?? null)
})
