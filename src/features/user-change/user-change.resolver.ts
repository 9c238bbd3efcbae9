import { Arg, Ctx, ID, Int, Query, Resolver, Root, Subscription } from 'type-graphql'
import { SubscriptionArg } from '../../graphql/arguments'
import type { Context } from '../../graphql/context'
import { withFreshLoaders } from '../../graphql/loaders'
import { PAGE_SIZE_MAX } from '../../graphql/paginate'
import { customerById } from '../customer/customer.loaders'
import { templateById } from '../onboarding-template/onboarding-template.loaders'
import { countByStatus } from '../stuck-cause/stuck-cause.service'
import { UserStatusCount } from '../stuck-cause/stuck-cause.types'
import { pageOfChanges } from './user-change.list'
import { refuseUnseen, streamOfChanges, streamOfCounts } from './user-change.stream'
import { ToldChange, UserChangeFilter, UserChangePage } from './user-change.types'

@Resolver()
export class UserChangeResolver {
  @Query(() => UserChangePage, {
    description:
      'What became of users since a cursor was given, or in the last seven days. For clients that were away; `provisionedUserChanged` tells it as it happens.',
  })
  userChanges(
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { defaultValue: PAGE_SIZE_MAX, description: 'How many changes at most: 0 to 100.' }) first: number,
    @Arg('after', () => String, {
      nullable: true,
      description:
        'Cursor of a change or a page; refused when it is older than seven days. From the oldest change that is kept when left out.',
    })
    after?: string | null,
  ): Promise<UserChangePage> {
    return pageOfChanges(ctx, after ?? null, first)
  }

  @Subscription(() => ToldChange, {
    description:
      'Tells of users who change, each with its latest state and in the order of the changes. Ends with RATE_LIMITED and the `cursor` to go on from when the client takes them too slowly.',
    subscribe: ({ args, context }) => {
      const { filter, after } = args as { filter?: UserChangeFilter | null; after?: string | null }
      return streamOfChanges(context as Context, filter ?? {}, after ?? null)
    },
  })
  @SubscriptionArg('filter', () => UserChangeFilter, { description: 'Whom to hear of; everybody when left out.' })
  @SubscriptionArg('after', () => String, {
    description: 'Cursor: begins with what changed since, 1,000 changes at most. From now on when left out.',
  })
  provisionedUserChanged(@Root() change: ToldChange): ToldChange {
    return change
  }

  @Subscription(() => [UserStatusCount], {
    description: 'How many users are in each state: as it is now, and, at most once a second, whenever it has changed.',
    subscribe: async ({ args, context }) => {
      const { customerId, onboardingTemplateId } = args as { customerId?: string | null; onboardingTemplateId?: string | null }
      const ctx = context as Context
      const customerIds = customerId == null ? null : [customerId]
      const onboardingTemplateIds = onboardingTemplateId == null ? null : [onboardingTemplateId]
      await refuseUnseen(ctx, 'customerId', customerById, customerIds)
      await refuseUnseen(ctx, 'onboardingTemplateId', templateById, onboardingTemplateIds)
      const filter = { customerIds, onboardingTemplateIds }
      return streamOfCounts(ctx, filter, () => countByStatus(withFreshLoaders(ctx), filter))
    },
  })
  @SubscriptionArg('customerId', () => ID, { description: 'Of this customer only, whom the caller must be able to see.' })
  @SubscriptionArg('onboardingTemplateId', () => ID, {
    description: 'Of this onboarding template only, which the caller must be able to see.',
  })
  statusCountsChanged(@Root() counts: UserStatusCount[]): UserStatusCount[] {
    return counts
  }
}
