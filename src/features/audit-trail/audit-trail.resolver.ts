import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql'
import { whereIn, whereWithin } from '../../graphql/arguments'
import { type Connection, connectionOf, PageArgs } from '../../graphql/connection'
import type { Context } from '../../context/context'
import { OrderDirection } from '../../graphql/order'
import { paginate } from '../../graphql/paginate'
import { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { AuditChange, AuditEvent } from '../audit-event/audit-event.entity'
import { AuditEventsArgs } from './audit-trail.inputs'
import { type EventQuery, unsealed, whereEventVisible } from './audit-trail.loaders'

const AuditEventConnection = connectionOf('AuditEvent', () => AuditEvent)

@Resolver(() => AuditEvent)
export class AuditEventResolver {
  @Query(() => AuditEventConnection, { description: 'Who changed what and when, newest first.' })
  auditEvents(@Ctx() ctx: Context, @Args(() => AuditEventsArgs) { filter, ...page }: AuditEventsArgs): Promise<Connection<AuditEvent>> {
    return listEvents(ctx, page, filter != null, query => {
      whereIn(query, 'targetId', filter?.targetIds, 'targetIds')
      whereIn(query, 'actor', filter?.actors, 'actors')
      whereIn(query, 'action', filter?.actions, 'actions')
      whereIn(query, 'customerId', filter?.customerIds, 'customerIds')
      whereWithin(query, 'at', filter?.at)
    })
  }

  @FieldResolver(() => String, {
    description: 'What people call the object, for example the BroadWorks ID of a user; `[erased]` of a person who was erased.',
  })
  async targetLabel(@Ctx() ctx: Context, @Root() event: AuditEvent): Promise<string> {
    return (await ctx.load(unsealed, event)).targetLabel
  }

  @FieldResolver(() => [AuditChange], {
    description: 'What changed, field by field; may be empty. The values of a person who was erased read `[erased]`.',
  })
  async changes(@Ctx() ctx: Context, @Root() event: AuditEvent): Promise<AuditChange[]> {
    return (await ctx.load(unsealed, event)).changes
  }
}

@Resolver(() => ProvisionedUser)
export class ProvisionedUserAuditResolver {
  @FieldResolver(() => AuditEventConnection, { description: 'What was changed of the user, newest first.' })
  auditEvents(@Ctx() ctx: Context, @Root() user: ProvisionedUser, @Args(() => PageArgs) page: PageArgs): Promise<Connection<AuditEvent>> {
    return listEvents(ctx, page, false, query => query.andWhere('row.targetId = :targetId', { targetId: user.id }))
  }
}

function listEvents(ctx: Context, page: PageArgs, filtered: boolean, narrow: (query: EventQuery) => void): Promise<Connection<AuditEvent>> {
  return paginate<AuditEvent>(
    ctx,
    {
      entity: AuditEvent,
      order: { field: 'AT', property: 'at', direction: OrderDirection.DESC },
      mayTakeLong: filtered || ctx.viewer.customerIds !== null,
      where(query) {
        whereEventVisible(ctx, query)
        narrow(query)
      },
    },
    page,
  )
}
