import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql'
import { InputArg } from '../../graphql/arguments'
import { answerRefusals } from '../../graphql/payload'
import type { ActivationContext } from './portal-context'
import { findLink } from './activation-link'
import { activationOf } from './portal-state'
import { confirmEmail, resendConsentEmail, submitEmail, tryAgain } from './portal.service'
import {
  Activation,
  ActivationLink,
  ActivationPayload,
  ConfirmEmailInput,
  SignInInput,
  SignInPayload,
  SignOutPayload,
  SubmitEmailInput,
} from './portal.types'
import { signIn } from './sign-in/sign-in.service'

@Resolver()
export class ActivationResolver {
  @Query(() => ActivationLink, {
    nullable: true,
    description: 'Whether an activation link leads somewhere; null when it is wrong or retired.',
  })
  activationLink(
    @Ctx() ctx: ActivationContext,
    @Arg('link', () => String, { description: 'Key of the link: its part after `/activate/`.' }) link: string,
  ): Promise<ActivationLink | null> {
    return findLink(ctx, link)
  }

  @Query(() => Activation, { nullable: true, description: 'How far the user of the session is; null without a session.' })
  async activation(@Ctx() ctx: ActivationContext): Promise<Activation | null> {
    return ctx.userId === null ? null : activationOf(ctx, ctx.userId)
  }

  @Mutation(() => SignInPayload, { nullable: true, description: 'Opens a session of 30 minutes in a cookie; each step renews it.' })
  signIn(@Ctx() ctx: ActivationContext, @InputArg(() => SignInInput) input: SignInInput): Promise<SignInPayload> {
    return answerRefusals(async () => {
      const userId = await signIn(ctx, input)
      await ctx.setSession(userId)
      return { activation: await activationOf(ctx, userId) }
    })
  }

  @Mutation(() => SignOutPayload, { nullable: true, description: 'Ends the session.' })
  async signOut(@Ctx() ctx: ActivationContext): Promise<SignOutPayload> {
    await ctx.setSession(null)
    return { userErrors: [] }
  }

  @Mutation(() => ActivationPayload, {
    nullable: true,
    description: 'Takes the address and sends the validation mail, in ENTER_EMAIL and CONFIRM_EMAIL; a new mail voids the last.',
  })
  submitEmail(@Ctx() ctx: ActivationContext, @InputArg(() => SubmitEmailInput) input: SubmitEmailInput): Promise<ActivationPayload> {
    return answerStep(ctx, () => submitEmail(ctx, input.email))
  }

  @Mutation(() => ActivationPayload, {
    nullable: true,
    description: 'Confirms the address by the token of the mail, once. Needs no session: the mail may be opened on another device.',
  })
  confirmEmail(@Ctx() ctx: ActivationContext, @InputArg(() => ConfirmEmailInput) input: ConfirmEmailInput): Promise<ActivationPayload> {
    return answerRefusals(async () => {
      const userId = await confirmEmail(ctx, input.token)
      const isSignedIn = userId === ctx.userId
      if (isSignedIn) await ctx.setSession(userId)
      return { activation: await activationOf(ctx, userId, isSignedIn) }
    })
  }

  @Mutation(() => ActivationPayload, {
    nullable: true,
    description:
      'After an error: on from the step that can be mended. That is PROVISIONING where the error may pass by itself, else ENTER_EMAIL.',
  })
  tryAgain(@Ctx() ctx: ActivationContext): Promise<ActivationPayload> {
    return answerStep(ctx, () => tryAgain(ctx))
  }

  @Mutation(() => ActivationPayload, {
    nullable: true,
    description: 'Has Webex send the mail again that asks the owner of an existing account to agree, in GIVE_CONSENT.',
  })
  resendConsentEmail(@Ctx() ctx: ActivationContext): Promise<ActivationPayload> {
    return answerStep(ctx, () => resendConsentEmail(ctx))
  }
}

/** A step that a signed-in user takes, which renews the session. */
function answerStep(ctx: ActivationContext, step: () => Promise<string>): Promise<ActivationPayload> {
  return answerRefusals(async () => {
    const userId = await step()
    await ctx.setSession(userId)
    return { activation: await activationOf(ctx, userId) }
  })
}
