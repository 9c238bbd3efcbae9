import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql'
import type { Action } from '../../auth/permissions'
import { InputArg, SubscriptionArg } from '../../graphql/arguments'
import { type Connection, connectionOf, PageArgs } from '../../graphql/connection'
import type { Context } from '../../context/context'
import { OrderDirection } from '../../graphql/order'
import { paginate } from '../../graphql/paginate'
import { answerMutation, MutationPayload, type ObjectPayload, payloadOf } from '../../graphql/payload'
import { DateTime, Url } from '../../graphql/scalars'
import { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { userById } from '../provisioned-user/provisioned-user.loaders'
import { BulkKind, BulkOperation, BulkOutcome } from './bulk-operation.entity'
import {
  BulkChangePackageTypeInput,
  BulkDeleteUsersInput,
  BulkRetryActivationInput,
  CancelBulkOperationInput,
  ExportBulkResultsInput,
  ResumeBulkOperationInput,
} from './bulk-operation.inputs'
import { bulkOperationById, whereOperationVisible } from './bulk-operation.loaders'
import { cancelBulkOperation, resumeBulkOperation, startBulkOperation } from './bulk-operation.service'
import { BulkResult } from './bulk-result.entity'
import { streamOfOperation } from './bulk-operation.stream'
import { exportBulkResults } from './bulk-results-file'

const BulkOperationConnection = connectionOf('BulkOperation', () => BulkOperation)
const BulkResultConnection = connectionOf('BulkResult', () => BulkResult)

@ArgsType()
class BulkResultsArgs extends PageArgs {
  @Field(() => Boolean, { defaultValue: false, description: 'Only users who were refused.' })
  failedOnly: boolean
}

type BulkOperationPayload = ObjectPayload<'bulkOperation', BulkOperation>

const operationPayloadOf = (mutation: string) =>
  payloadOf(mutation, 'bulkOperation', () => BulkOperation, 'The operation as it is now; null when there are user errors.')

const BulkRetryActivationPayload = operationPayloadOf('BulkRetryActivation')
const BulkDeleteUsersPayload = operationPayloadOf('BulkDeleteUsers')
const BulkChangePackageTypePayload = operationPayloadOf('BulkChangePackageType')
const CancelBulkOperationPayload = operationPayloadOf('CancelBulkOperation')
const ResumeBulkOperationPayload = operationPayloadOf('ResumeBulkOperation')

@ObjectType({ description: 'Answer of `exportBulkResults`.', simpleResolvers: true })
class ExportBulkResultsPayload extends MutationPayload {
  @Field(() => Url, {
    nullable: true,
    description: 'Where the CSV file is, for whoever has this URL: it needs no token. Null when there are user errors.',
  })
  downloadUrl?: string | null

  @Field(() => DateTime, { nullable: true, description: 'From then on no download can begin: ten minutes from now.' })
  expiresAt?: string | null

  @Field(() => Int, { nullable: true, description: 'How many users it has now.' })
  rowCount?: number | null
}

@Resolver(() => BulkOperation)
export class BulkOperationResolver {
  @Query(() => BulkOperation, { nullable: true, description: 'One bulk operation; null when there is none.' })
  bulkOperation(
    @Ctx() ctx: Context,
    @Arg('id', () => ID, { description: 'ID of the operation.' }) id: string,
  ): Promise<BulkOperation | null> {
    return ctx.load(bulkOperationById, id)
  }

  @Query(() => BulkOperationConnection, {
    description: 'Bulk operations of the partner, newest first; a caller that is restricted to some customers sees its own.',
  })
  bulkOperations(@Ctx() ctx: Context, @Args(() => PageArgs) page: PageArgs): Promise<Connection<BulkOperation>> {
    return paginate<BulkOperation>(
      ctx,
      {
        entity: BulkOperation,
        order: { field: 'CREATED_AT', property: 'createdAt', direction: OrderDirection.DESC },
        where: query => whereOperationVisible(ctx, query),
      },
      page,
    )
  }

  @Subscription(() => BulkOperation, {
    description:
      'A bulk operation as it is now, and whenever it has moved on; also when it is cancelled and resumed. Ends when the operation is done.',
    subscribe: ({ args, context }) => streamOfOperation(context as Context, (args as { id: string }).id),
  })
  @SubscriptionArg('id', () => ID, { description: 'ID of the operation.', nullable: false })
  bulkOperationProgressed(@Root() operation: BulkOperation): BulkOperation {
    return operation
  }

  @FieldResolver(() => BulkResultConnection, {
    description: 'What became of each user so far, in the order in which they are handled; of a dry run, those who would be refused.',
  })
  results(
    @Ctx() ctx: Context,
    @Root() operation: BulkOperation,
    @Args(() => BulkResultsArgs) { failedOnly, ...page }: BulkResultsArgs,
  ): Promise<Connection<BulkResult>> {
    return paginate<BulkResult>(
      ctx,
      {
        entity: BulkResult,
        order: { field: 'POSITION', property: 'position', direction: OrderDirection.ASC },
        where(query) {
          query.andWhere('row.bulkOperationId = :bulkOperationId', { bulkOperationId: operation.id })
          // In the index's own words, so that either database uses it.
          if (failedOnly) query.andWhere(`row.outcome = '${BulkOutcome.REFUSED}'`)
        },
      },
      page,
    )
  }

  @Mutation(() => BulkRetryActivationPayload, {
    nullable: true,
    description:
      'Starts the activation of many users again. Answers at once; follow `done` and `results`. Without an address of its own a user is retried with the confirmed or vouched one on record, or refused as EMAIL_REQUIRED. For OPERATOR and ADMIN.',
  })
  bulkRetryActivation(
    @Ctx() ctx: Context,
    @InputArg(() => BulkRetryActivationInput) input: BulkRetryActivationInput,
  ): Promise<BulkOperationPayload> {
    return answerWithOperation(ctx, 'bulkRetryActivation', () =>
      startBulkOperation(
        ctx,
        { kind: BulkKind.RETRY_ACTIVATION, mutation: 'bulkRetryActivation', selectors: ['filter', 'userIds', 'items'] },
        input,
      ),
    )
  }

  @Mutation(() => BulkDeleteUsersPayload, {
    nullable: true,
    description: 'Deletes many users, here at once when it is their turn and at Webex soon after. For ADMIN.',
  })
  bulkDeleteUsers(@Ctx() ctx: Context, @InputArg(() => BulkDeleteUsersInput) input: BulkDeleteUsersInput): Promise<BulkOperationPayload> {
    return answerWithOperation(ctx, 'bulkDeleteUsers', () =>
      startBulkOperation(ctx, { kind: BulkKind.DELETE_USERS, mutation: 'bulkDeleteUsers', selectors: ['filter', 'userIds'] }, input),
    )
  }

  @Mutation(() => BulkChangePackageTypePayload, {
    nullable: true,
    description: 'Gives many users another package: at Webex to those who are live, else with the next attempt. For OPERATOR and ADMIN.',
  })
  bulkChangePackageType(
    @Ctx() ctx: Context,
    @InputArg(() => BulkChangePackageTypeInput) input: BulkChangePackageTypeInput,
  ): Promise<BulkOperationPayload> {
    const { packageType } = input
    return answerWithOperation(ctx, 'bulkChangePackageType', () =>
      startBulkOperation(
        ctx,
        { kind: BulkKind.CHANGE_PACKAGE_TYPE, mutation: 'bulkChangePackageType', packageType, selectors: ['filter', 'userIds'] },
        input,
      ),
    )
  }

  @Mutation(() => ExportBulkResultsPayload, {
    nullable: true,
    description: 'Makes a URL to download what became of each user as CSV, for some minutes. For OPERATOR and ADMIN.',
  })
  exportBulkResults(
    @Ctx() ctx: Context,
    @InputArg(() => ExportBulkResultsInput) input: ExportBulkResultsInput,
  ): Promise<ExportBulkResultsPayload> {
    return answerMutation(ctx, 'exportUsers', () => exportBulkResults(ctx, input))
  }

  @Mutation(() => CancelBulkOperationPayload, {
    nullable: true,
    description: 'Stops a running bulk operation within some users; who was handled stays handled. For OPERATOR and ADMIN.',
  })
  cancelBulkOperation(
    @Ctx() ctx: Context,
    @InputArg(() => CancelBulkOperationInput) { id }: CancelBulkOperationInput,
  ): Promise<BulkOperationPayload> {
    return answerWithOperation(ctx, 'cancelBulkOperation', () => cancelBulkOperation(ctx, id))
  }

  @Mutation(() => ResumeBulkOperationPayload, {
    nullable: true,
    description: 'Goes on with a cancelled bulk operation where it stopped. For OPERATOR and ADMIN; of a deletion, for ADMIN.',
  })
  resumeBulkOperation(
    @Ctx() ctx: Context,
    @InputArg(() => ResumeBulkOperationInput) { id }: ResumeBulkOperationInput,
  ): Promise<BulkOperationPayload> {
    return answerWithOperation(ctx, 'resumeBulkOperation', () => resumeBulkOperation(ctx, id))
  }
}

@Resolver(() => BulkResult)
export class BulkResultResolver {
  @FieldResolver(() => ProvisionedUser, {
    nullable: true,
    description: 'The user as it is now; null when it is not there, or not any more.',
  })
  provisionedUser(@Ctx() ctx: Context, @Root() { userId }: BulkResult): Promise<ProvisionedUser | null> {
    return ctx.load(userById, userId)
  }
}

function answerWithOperation(ctx: Context, action: Action, work: () => Promise<string>): Promise<BulkOperationPayload> {
  return answerMutation(ctx, action, async () => ({ bulkOperation: await ctx.load(bulkOperationById, await work()) }))
}
