import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { type Connection, connectionOf, PageArgs } from '../../graphql/connection'
import type { Context } from '../../context/context'
import { OrderDirection } from '../../graphql/order'
import { paginate } from '../../graphql/paginate'
import { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { ProvisioningError, provisioningErrors } from '../provisioned-user/provisioning-error'
import { ActivationAttempt } from './activation-attempt.entity'

const ActivationAttemptConnection = connectionOf('ActivationAttempt', () => ActivationAttempt)

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
