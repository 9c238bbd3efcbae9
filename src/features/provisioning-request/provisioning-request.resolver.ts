import { Ctx, Field, Mutation, ObjectType, Resolver } from 'type-graphql'
import { authorize } from '../../auth/permissions'
import type { Transaction } from '../../database/database'
import { InputArg } from '../../graphql/arguments'
import type { Context } from '../../context/context'
import { answerMutation, MutationPayload, UserError, userErrorsOf } from '../../graphql/payload'
import { once } from '../../context/idempotency'
import { Refusal, refuse, UserErrorCode } from '../../shared/errors'
import { AttemptTrigger } from '../activation-attempt/activation-attempt.entity'
import { templateById } from '../onboarding-template/onboarding-template.loaders'
import { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { userById } from '../provisioned-user/provisioned-user.loaders'
import { type ProvisionedUserPayload, userPayloadOf } from '../provisioned-user/provisioned-user.payload'
import { ProvisionUserInput, type ProvisionUserItem, ProvisionUsersInput } from './provisioning-request.inputs'
import { handOver, prepareHandOver, waitingForDeletion } from './provisioning-request.service'

/** How long a request waits for Webex to delete an earlier user of the same BroadWorks ID. */
const DELETION_WAIT_MS = 10_000
const USERS_MAX = 100

const ProvisionUserPayload = userPayloadOf('ProvisionUser')

@ObjectType({ description: 'What became of one user of `provisionUsers`.', simpleResolvers: true })
class ProvisionUserResult extends MutationPayload {
  @Field(() => ProvisionedUser, { nullable: true, description: 'The user; null when there are user errors.' })
  provisionedUser?: ProvisionedUser | null
}

@ObjectType({ description: 'Answer of `provisionUsers`.', simpleResolvers: true })
class ProvisionUsersPayload {
  @Field(() => [ProvisionUserResult], {
    nullable: true,
    description: 'One for each given user, in their order; null when the request as a whole was refused.',
  })
  results?: ProvisionUserResult[] | null

  @Field(() => [UserError], { description: 'What is wrong with the request as a whole; empty when each user was looked at.' })
  userErrors: UserError[]
}

@Resolver()
export class HandOverResolver {
  @Mutation(() => ProvisionUserPayload, {
    nullable: true,
    description: 'Hands a user over. One who is there with the same data is answered unchanged. For OPERATOR and ADMIN.',
  })
  provisionUser(@Ctx() ctx: Context, @InputArg(() => ProvisionUserInput) input: ProvisionUserInput): Promise<ProvisionedUserPayload> {
    return answerMutation(ctx, 'provisionUser', async () => ({
      provisionedUser: await provisionOne(ctx, input.user, ['user'], deletionDeadline(), (tx, work) =>
        once(ctx, tx, 'provisionUser', input, work),
      ),
    }))
  }

  @Mutation(() => ProvisionUsersPayload, {
    nullable: true,
    description: 'Hands up to 100 users over, each by itself: those that are refused do not stop the others. For OPERATOR and ADMIN.',
  })
  provisionUsers(@Ctx() ctx: Context, @InputArg(() => ProvisionUsersInput) input: ProvisionUsersInput): Promise<ProvisionUsersPayload> {
    return answerMutation(ctx, 'provisionUser', async () => {
      if (input.users.length > USERS_MAX) {
        throw refuse(UserErrorCode.LIMIT_EXCEEDED, ['users'], `${USERS_MAX} users at most in one request; there are ${input.users.length}.`)
      }
      if (input.users.length === 0) throw refuse(UserErrorCode.REQUIRED, ['users'], 'Name at least one user.')
      const { idempotencyKey } = input
      const results: ProvisionUserResult[] = []
      const deadline = deletionDeadline()
      for (const [index, item] of input.users.entries()) {
        // The key stands for the whole list, and each user is a change of its own: both are remembered, when the change is made.
        const remember: Remember = async (tx, work) => {
          await once(ctx, tx, 'provisionUsers', input, async () => 'users')
          return once(ctx, tx, `provisionUsers#${index}`, { ...item, idempotencyKey }, work)
        }
        results.push(await resultOf(() => provisionOne(ctx, item, ['users', String(index)], deadline, remember)))
      }
      return { results }
    })
  }
}

function deletionDeadline(): number {
  return performance.now() + DELETION_WAIT_MS
}

/** Does the work, or answers what it answered the first time under the same key. */
type Remember = (tx: Transaction, work: () => Promise<string>) => Promise<{ objectId: string }>

async function provisionOne(
  ctx: Context,
  { onboardingTemplateId, ...item }: ProvisionUserItem,
  path: string[],
  deadline: number,
  remember: Remember,
): Promise<ProvisionedUser | null> {
  authorize(ctx, 'provisionUser')
  const template = await ctx.load(templateById, onboardingTemplateId)
  if (!template) {
    throw refuse(
      UserErrorCode.NOT_FOUND,
      [...path, 'onboardingTemplateId'],
      'There is no onboarding template with this `onboardingTemplateId`.',
    )
  }
  const terms = { template, trigger: AttemptTrigger.API, vouches: true, customerIds: ctx.viewer.customerIds }
  const prepared = await prepareHandOver(ctx, terms, item, path)
  const { objectId } = await waitingForDeletion(deadline, path, () =>
    ctx.database.transaction(tx =>
      remember(tx, async () => {
        const { userId } = await handOver(ctx, tx, terms, prepared, path)
        return userId
      }),
    ),
  )
  return ctx.load(userById, objectId)
}

async function resultOf(work: () => Promise<ProvisionedUser | null>): Promise<ProvisionUserResult> {
  try {
    return { provisionedUser: await work(), userErrors: [] }
  } catch (error) {
    // What is wrong with the key is wrong with the request as a whole.
    if (!(error instanceof Refusal) || error.complaints.some(({ field }) => field[0] === 'idempotencyKey')) throw error
    return { provisionedUser: null, userErrors: userErrorsOf(error) }
  }
}
