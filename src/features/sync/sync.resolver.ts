import { Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql'
import { authorize } from '../../auth/permissions'
import { InputArg } from '../../graphql/arguments'
import type { Context } from '../../context/context'
import { answerMutation, type ObjectPayload, payloadOf } from '../../graphql/payload'
import { DateTime } from '../../graphql/scalars'
import { Sync } from './sync.entity'
import { StartSyncInput } from './sync.inputs'
import { readSync, scheduledAt, startSync } from './sync.service'

const StartSyncPayload = payloadOf('StartSync', 'sync', () => Sync, 'The run that is under way; null when there are user errors.')

@Resolver(() => Sync)
export class SyncResolver {
  @Query(() => Sync, {
    description: 'What the sync of customers and users from Webex does or did last. Not for tokens that are restricted to some customers.',
  })
  sync(@Ctx() ctx: Context): Promise<Sync> {
    authorize(ctx, 'readSync')
    return readSync(ctx.database.reader, ctx.viewer.partnerId)
  }

  @Mutation(() => StartSyncPayload, {
    nullable: true,
    description:
      'Brings customers and users up to date from Webex. A run that is under way goes on; a full one that is asked for meanwhile follows it. For ADMIN.',
  })
  startSync(@Ctx() ctx: Context, @InputArg(() => StartSyncInput) input: StartSyncInput): Promise<ObjectPayload<'sync', Sync>> {
    return answerMutation(ctx, 'startSync', async () => {
      await startSync(ctx, { full: input.full ?? false, allowDeletions: input.allowDeletions ?? false })
      return { sync: await readSync(ctx.database.reader, ctx.viewer.partnerId) }
    })
  }

  @FieldResolver(() => DateTime, {
    nullable: true,
    description: 'When the next run begins by itself; null while one is under way, before the first one, and without a schedule.',
  })
  nextRunAt(@Ctx() ctx: Context, @Root() sync: Sync): string | null {
    return scheduledAt(ctx, sync)
  }
}
