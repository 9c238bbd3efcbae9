import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql'
import { InputArg } from '../../graphql/arguments'
import { answerRefusals } from '../../graphql/payload'
import type { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { findLink } from './activation-link'
import type { PortalContext } from './portal-context'
import { portalStateOf } from './portal-state'
import { confirmEmail, resendConsentEmail, submitEmail, tryAgain, userOfSession } from './portal.service'
import {
  Activation,
  ActivationLink,
  ActivationPayload,
  ConfirmEmailInput,
  SignInInput,
  SignInPayload,
  SignOutPayload,
  type StepPayload,
  SubmitEmailInput,
} from './portal.types'
import { inPortalWords } from './refusals'
import { signIn } from './sign-in/sign-in.service'

@Resolver()
export class PortalResolver {
  @Query(() => ActivationLink, {
    nullable: true,
    description: 'Whether an activation link leads somewhere; null when it is wrong or retired.',
  })
  activationLink(
    @Ctx() ctx: PortalContext,
    @Arg('link', () => String, { description: 'Key of the link: its part after `/activate/`.' }) link: string,
  ): Promise<ActivationLink | null> {
    return findLink(ctx, link)
  }

  @Query(() => Activation, { nullable: true, description: 'How far the user of the session is; null without a session.' })
  async activation(@Ctx() ctx: PortalContext): Promise<Activation | null> {
    const user = await userOfSession(ctx)
    return user && portalStateOf(ctx, user, true)
  }

  @Mutation(() => SignInPayload, { nullable: true, description: 'Opens a session of 30 minutes in a cookie; each step renews it.' })
  signIn(@Ctx() ctx: PortalContext, @InputArg(() => SignInInput) input: SignInInput): Promise<SignInPayload> {
    return takeStep(ctx, () => signIn(ctx, input), { opensSession: true })
  }

  @Mutation(() => SignOutPayload, { nullable: true, description: 'Ends the session.' })
  async signOut(@Ctx() ctx: PortalContext): Promise<SignOutPayload> {
    await ctx.setSession(null)
    return { userErrors: [] }
  }

  @Mutation(() => ActivationPayload, {
    nullable: true,
    description: 'Takes the address and sends the validation mail, in ENTER_EMAIL and CONFIRM_EMAIL; a new mail voids the last.',
  })
  submitEmail(@Ctx() ctx: PortalContext, @InputArg(() => SubmitEmailInput) input: SubmitEmailInput): Promise<ActivationPayload> {
    return takeStep(ctx, () => submitEmail(ctx, input.email))
  }

  @Mutation(() => ActivationPayload, {
    nullable: true,
    description: 'Confirms the address by the token of the mail, once. Needs no session: the mail may be opened on another device.',
  })
  confirmEmail(@Ctx() ctx: PortalContext, @InputArg(() => ConfirmEmailInput) input: ConfirmEmailInput): Promise<ActivationPayload> {
    return takeStep(ctx, () => confirmEmail(ctx, input.token))
  }

  @Mutation(() => ActivationPayload, {
    nullable: true,
    description:
      'After an error: on from the step that can be mended. That is PROVISIONING where the error may pass by itself, else ENTER_EMAIL.',
  })
  tryAgain(@Ctx() ctx: PortalContext): Promise<ActivationPayload> {
    return takeStep(ctx, () => tryAgain(ctx))
  }

  @Mutation(() => ActivationPayload, {
    nullable: true,
    description: 'Has Webex send the mail again that asks the owner of an existing account to agree, in GIVE_CONSENT.',
  })
  resendConsentEmail(@Ctx() ctx: PortalContext): Promise<ActivationPayload> {
    return takeStep(ctx, () => resendConsentEmail(ctx))
  }
}

/**
 * Takes a step and renews the session of its user. A step of another user, who is known by the token of a mail, leaves the session as it is.
 * @param opensSession the step proves who the user is
 */
function takeStep(
  ctx: PortalContext,
  step: () => Promise<ProvisionedUser>,
  { opensSession = false }: { opensSession?: boolean } = {},
): Promise<StepPayload> {
  return answerRefusals(() =>
    inPortalWords(ctx.locale, async () => {
      const user = await step()
      const isSignedIn = opensSession || user.id === ctx.userId
      if (isSignedIn) await ctx.setSession(user.id)
      return { activation: await portalStateOf(ctx, user, isSignedIn) }
    }),
  )
}
