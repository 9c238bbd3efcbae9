import { Ctx, Field, ID, Mutation, ObjectType, Resolver } from 'type-graphql'
import type { Action } from '../../auth/permissions'
import { InputArg } from '../../graphql/arguments'
import type { Context } from '../../context/context'
import { answerMutation, MutationPayload } from '../../graphql/payload'
import { Customer } from '../customer/customer.entity'
import { customerById } from '../customer/customer.loaders'
import {
  ChangePackageTypeInput,
  DeleteUserInput,
  ResendConsentEmailInput,
  RetryActivationInput,
  UpdateProvisionedUserInput,
} from './user-action.inputs'
import { userById } from '../provisioned-user/provisioned-user.loaders'
import { type ProvisionedUserPayload, userPayloadOf } from '../provisioned-user/provisioned-user.payload'
import { changePackageType, deleteUser, resendConsentEmail, retryActivation, updateProvisionedUser } from './user-action.service'

const RetryActivationPayload = userPayloadOf('RetryActivation')
const ChangePackageTypePayload = userPayloadOf('ChangePackageType')
const ResendConsentEmailPayload = userPayloadOf('ResendConsentEmail')
const UpdateProvisionedUserPayload = userPayloadOf('UpdateProvisionedUser')

@ObjectType({ description: 'Answer of `deleteUser`.', simpleResolvers: true })
class DeleteUserPayload extends MutationPayload {
  @Field(() => ID, { nullable: true, description: 'ID of the user who is gone; null when there are user errors.' })
  deletedUserId?: string | null

  @Field(() => Customer, { nullable: true, description: 'Customer to whom the user belonged.' })
  customer?: Customer | null
}

@Resolver()
export class ProvisionedUserMutations {
  @Mutation(() => RetryActivationPayload, {
    nullable: true,
    description: 'Starts the activation of a stuck user again. Answers at once; follow `status` and `attempts`. For OPERATOR and ADMIN.',
  })
  retryActivation(@Ctx() ctx: Context, @InputArg(() => RetryActivationInput) input: RetryActivationInput): Promise<ProvisionedUserPayload> {
    return answerWithUser(ctx, 'retryActivation', () => retryActivation(ctx, input))
  }

  @Mutation(() => ChangePackageTypePayload, {
    nullable: true,
    description: 'Gives a user another package: at Webex for one who is live, else with the next attempt. For OPERATOR and ADMIN.',
  })
  changePackageType(
    @Ctx() ctx: Context,
    @InputArg(() => ChangePackageTypeInput) input: ChangePackageTypeInput,
  ): Promise<ProvisionedUserPayload> {
    return answerWithUser(ctx, 'changePackageType', () => changePackageType(ctx, input))
  }

  @Mutation(() => DeleteUserPayload, {
    nullable: true,
    description:
      'Deletes a user here at once and at Webex soon after; who is handed over again starts anew with another ID. For OPERATOR and ADMIN.',
  })
  deleteUser(@Ctx() ctx: Context, @InputArg(() => DeleteUserInput) input: DeleteUserInput): Promise<DeleteUserPayload> {
    return answerMutation(ctx, 'deleteUser', async () => {
      const { deletedUserId, customerId } = await deleteUser(ctx, input)
      return { deletedUserId, customer: customerId === null ? null : await ctx.load(customerById, customerId) }
    })
  }

  @Mutation(() => ResendConsentEmailPayload, {
    nullable: true,
    description: 'Has Webex send the mail again in which the owner of an existing account consents to the move. For OPERATOR and ADMIN.',
  })
  resendConsentEmail(
    @Ctx() ctx: Context,
    @InputArg(() => ResendConsentEmailInput) input: ResendConsentEmailInput,
  ): Promise<ProvisionedUserPayload> {
    return answerWithUser(ctx, 'resendConsentEmail', () => resendConsentEmail(ctx, input))
  }

  @Mutation(() => UpdateProvisionedUserPayload, {
    nullable: true,
    description: 'Changes names and numbers of a user: at Webex for one who is live, else with the next attempt. For OPERATOR and ADMIN.',
  })
  updateProvisionedUser(
    @Ctx() ctx: Context,
    @InputArg(() => UpdateProvisionedUserInput) input: UpdateProvisionedUserInput,
  ): Promise<ProvisionedUserPayload> {
    return answerWithUser(ctx, 'updateProvisionedUser', () => updateProvisionedUser(ctx, input))
  }
}

function answerWithUser(ctx: Context, action: Action, work: () => Promise<string>): Promise<ProvisionedUserPayload> {
  return answerMutation(ctx, action, async () => ({ provisionedUser: await ctx.load(userById, await work()) }))
}
