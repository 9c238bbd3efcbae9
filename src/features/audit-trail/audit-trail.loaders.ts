import { In, type ObjectLiteral, type SelectQueryBuilder } from 'typeorm'
import { partnerBeside, readRows, selectRows } from '../../database/rows'
import type { Context } from '../../context/context'
import { defineLoader } from '../../context/loaders'
import { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { AuditEvent } from '../audit-event/audit-event.entity'
import { unseal } from '../audit-event/sealing'

export type EventQuery = SelectQueryBuilder<AuditEvent & ObjectLiteral>

/**
 * Who is restricted to some customers sees what happened to their users, not to templates and tokens.
 * @param narrower the query names events by their IDs (see `partnerBeside`)
 */
export function whereEventVisible(ctx: Context, query: EventQuery, narrower = false): void {
  const partner = narrower ? partnerBeside(ctx.database) : 'row.partnerId'
  query.andWhere(`${partner} = :partnerId`, { partnerId: ctx.viewer.partnerId })
  if (ctx.viewer.customerIds)
    query.andWhere('row.customerId IN (:...visibleCustomerIds)', { visibleCustomerIds: ['', ...ctx.viewer.customerIds] })
}

export const auditEventById = defineLoader<string, AuditEvent | null>(async (ctx, ids) => {
  const query = selectRows(ctx.database.reader, AuditEvent, 'row')
  whereEventVisible(ctx, query, true)
  const byId = new Map((await readRows(query.andWhere('row.id IN (:...ids)', { ids }))).map(event => [event.id, event]))
  return ids.map(id => byId.get(id) ?? null)
})

/** What an event tells of a person, as far as it may still be read. The keys of all persons of a page are read in one statement. */
export const unsealed = defineLoader<AuditEvent, Pick<AuditEvent, 'targetLabel' | 'changes'>>(async (ctx, events) => {
  const userIds = [...new Set(events.filter(({ sealed }) => sealed !== null).map(({ targetId }) => targetId))]
  const users =
    userIds.length === 0
      ? []
      : await ctx.database.reader.find(ProvisionedUser, { select: { id: true, personalKey: true }, where: { id: In(userIds) } })
  const keys = new Map(users.map(({ id, personalKey }) => [id, personalKey]))
  return events.map(event => unseal(ctx.config.encryptionKeys, keys.get(event.targetId) ?? null, event))
})
