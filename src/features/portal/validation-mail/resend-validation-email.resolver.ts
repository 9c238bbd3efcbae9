import { Ctx, Field, ID, InputType, Mutation, Resolver } from 'type-graphql'
import { InputArg } from '../../../graphql/arguments'
import type { Context } from '../../../context/context'
import { answerMutation } from '../../../graphql/payload'
import { userById } from '../../provisioned-user/provisioned-user.loaders'
import { type ProvisionedUserPayload, userPayloadOf } from '../../provisioned-user/provisioned-user.payload'
import { resendValidationEmail } from './resend-validation-email.service'

@InputType({ description: 'Input of `resendValidationEmail`.' })
export class ResendValidationEmailInput {
  @Field(() => ID, { description: 'ID of the user, who must be in PENDING_EMAIL_VALIDATION.' })
  userId: string
}

const ResendValidationEmailPayload = userPayloadOf('ResendValidationEmail')

@Resolver()
export class ResendValidationEmailResolver {
  @Mutation(() => ResendValidationEmailPayload, {
    nullable: true,
    description:
      'Sends the validation mail again, to the address that the user typed; the link of the mail before is void. Five mails to one user within an hour, whoever asks. For OPERATOR and ADMIN.',
  })
  resendValidationEmail(
    @Ctx() ctx: Context,
    @InputArg(() => ResendValidationEmailInput) input: ResendValidationEmailInput,
  ): Promise<ProvisionedUserPayload> {
    return answerMutation(ctx, 'resendValidationEmail', async () => ({
      provisionedUser: await ctx.load(userById, await resendValidationEmail(ctx, input.userId)),
    }))
  }
}
