import { Arg, Ctx, Int, Query, Resolver, Root, Subscription } from 'type-graphql'
import { SubscriptionArg } from '../../graphql/arguments'
import type { Context } from '../../context/context'
import { PAGE_SIZE_MAX } from '../../graphql/paginate'
import { pageOfChanges } from './user-change.list'
import { streamOfChanges } from './user-change.stream'
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
}
