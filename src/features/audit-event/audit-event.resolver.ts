import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import { readRows, selectRows } from '../../database/rows'
import { whereIn, whereWithin } from '../../graphql/arguments'
import { type Connection, connectionOf, PageArgs } from '../../graphql/connection'
import type { Context } from '../../graphql/context'
import { defineLoader } from '../../graphql/loaders'
import { OrderDirection } from '../../graphql/order'
import { paginate } from '../../graphql/paginate'
import { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { AuditEvent } from './audit-event.entity'
import { AuditEventsArgs } from './audit-event.inputs'

const AuditEventConnection = connectionOf('AuditEvent', () => AuditEvent)

export const auditEventById = defineLoader<string, AuditEvent | null>(async (ctx, ids) => {
  const query = selectRows(ctx.database.reader, AuditEvent, 'row')
  whereEventVisible(ctx, query)
  const byId = new Map((await readRows(query.andWhere('row.id IN (:...ids)', { ids }))).map(event => [event.id, event]))
  return ids.map(id => byId.get(id) ?? null)
})

@Resolver(() => AuditEvent)
export class AuditEventResolver {
  @Query(() => AuditEventConnection, { description: 'Who changed what and when, newest first.' })
  auditEvents(@Ctx() ctx: Context, @Args(() => AuditEventsArgs) { filter, ...page }: AuditEventsArgs): Promise<Connection<AuditEvent>> {
    return listEvents(ctx, page, query => {
      whereIn(query, 'targetId', filter?.targetIds, 'targetIds')
      whereIn(query, 'actor', filter?.actors, 'actors')
      whereWithin(query, 'at', filter?.at)
    })
  }
}

@Resolver(() => ProvisionedUser)
export class ProvisionedUserAuditResolver {
  @FieldResolver(() => AuditEventConnection, { description: 'What was changed of the user, newest first.' })
  auditEvents(
    @Ctx() ctx: Context,
    @Root() user: ProvisionedUser,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<AuditEvent>> {
    return listEvents(ctx, page, query => query.andWhere('row.targetId = :targetId', { targetId: user.id }))
  }
}

type EventQuery = SelectQueryBuilder<AuditEvent & ObjectLiteral>

function listEvents(ctx: Context, page: PageArgs, narrow: (query: EventQuery) => void): Promise<Connection<AuditEvent>> {
  return paginate<AuditEvent>(
    ctx,
    {
      entity: AuditEvent,
      order: { field: 'AT', property: 'at', direction: OrderDirection.DESC },
      where(query) {
        whereEventVisible(ctx, query)
        narrow(query)
      },
    },
    page,
  )
}

/** Who is restricted to some customers sees what happened to their users, not to templates and tokens. */
function whereEventVisible(ctx: Context, query: EventQuery): void {
  query.andWhere('row.partnerId = :partnerId', { partnerId: ctx.viewer.partnerId })
  if (ctx.viewer.customerIds) query.andWhere('row.customerId IN (:...visibleCustomerIds)', { visibleCustomerIds: ['', ...ctx.viewer.customerIds] })
}
