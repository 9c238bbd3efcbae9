import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { readRows, selectRows } from '../../database/rows'
import { type Connection, connectionOf, PageArgs } from '../../graphql/connection'
import type { Context } from '../../graphql/context'
import { defineLoader } from '../../graphql/loaders'
import { OrderDirection } from '../../graphql/order'
import { paginate } from '../../graphql/paginate'
import { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { userById } from '../provisioned-user/provisioned-user.loaders'
import { ProvisioningError, provisioningErrors } from '../provisioned-user/provisioning-error'
import { ActivationAttempt } from './activation-attempt.entity'

const ActivationAttemptConnection = connectionOf('ActivationAttempt', () => ActivationAttempt)

/** An attempt is as visible as its user. */
export const attemptById = defineLoader<string, ActivationAttempt | null>(async (ctx, ids) => {
  const attempts = await readRows(
    selectRows(ctx.database.reader, ActivationAttempt, 'row').where('row.id IN (:...ids) AND row.partnerId = :partnerId', {
      ids,
      partnerId: ctx.viewer.partnerId,
    }),
  )
  const users = await Promise.all(attempts.map(attempt => ctx.load(userById, attempt.provisionedUserId)))
  const visible = new Map(attempts.filter((_, index) => users[index] !== null).map(attempt => [attempt.id, attempt]))
  return ids.map(id => visible.get(id) ?? null)
})

@Resolver(() => ActivationAttempt)
export class ActivationAttemptResolver {
  @FieldResolver(() => [ProvisioningError], { description: 'Errors that it ended with; empty when it had none.' })
  errors(@Ctx() { locale }: Context, @Root() attempt: ActivationAttempt): ProvisioningError[] {
    return provisioningErrors(attempt.upstreamErrors, locale)
  }
}

@Resolver(() => ProvisionedUser)
export class ProvisionedUserAttemptsResolver {
  @FieldResolver(() => ActivationAttemptConnection, { description: 'All attempts to provision or update the user, newest first.' })
  attempts(
    @Ctx() ctx: Context,
    @Root() user: ProvisionedUser,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<ActivationAttempt>> {
    return paginate<ActivationAttempt>(
      ctx,
      {
        entity: ActivationAttempt,
        order: { field: 'STARTED_AT', property: 'startedAt', direction: OrderDirection.DESC },
        where: query => query.andWhere('row.provisionedUserId = :provisionedUserId', { provisionedUserId: user.id }),
      },
      page,
    )
  }
}
