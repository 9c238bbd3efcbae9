import { Arg, Args, Ctx, Field, FieldResolver, ID, Mutation, ObjectType, Query, Resolver, Root } from 'type-graphql'
import { exactlyOne, InputArg } from '../../graphql/arguments'
import { type Connection, connectionOf, PageArgs } from '../../graphql/connection'
import type { Context } from '../../context/context'
import { OrderDirection } from '../../graphql/order'
import { paginate } from '../../graphql/paginate'
import { answerMutation, MutationPayload, type ObjectPayload, payloadOf } from '../../graphql/payload'
import { OnboardingTemplate } from './onboarding-template.entity'
import {
  CreateOnboardingTemplateInput,
  DeleteOnboardingTemplateInput,
  ResumeOnboardingTemplateInput,
  RotateActivationLinkInput,
  UpdateOnboardingTemplateInput,
} from './onboarding-template.inputs'
import { templateById, templateByProvisioningId, whereTemplateVisible } from './onboarding-template.loaders'
import {
  createOnboardingTemplate,
  deleteOnboardingTemplate,
  resumeOnboardingTemplate,
  rotateActivationLink,
  updateOnboardingTemplate,
} from './onboarding-template.service'
import { pauseOf, TemplatePause } from './template-pause'
import { UserVerification, userVerificationOf } from './user-verification'

const OnboardingTemplateConnection = connectionOf('OnboardingTemplate', () => OnboardingTemplate)

/** What every mutation answers that leaves a template behind. */
type OnboardingTemplatePayload = ObjectPayload<'onboardingTemplate', OnboardingTemplate>

const templatePayloadOf = (mutation: string) =>
  payloadOf(mutation, 'onboardingTemplate', () => OnboardingTemplate, 'The template as it is now; null when there are user errors.')

const CreateOnboardingTemplatePayload = templatePayloadOf('CreateOnboardingTemplate')
const UpdateOnboardingTemplatePayload = templatePayloadOf('UpdateOnboardingTemplate')
const RotateActivationLinkPayload = templatePayloadOf('RotateActivationLink')
const ResumeOnboardingTemplatePayload = templatePayloadOf('ResumeOnboardingTemplate')

@ObjectType({ description: 'Answer of `deleteOnboardingTemplate`.', simpleResolvers: true })
class DeleteOnboardingTemplatePayload extends MutationPayload {
  @Field(() => ID, { nullable: true, description: 'ID of the template that is gone; null when there are user errors.' })
  deletedOnboardingTemplateId?: string | null
}

@Resolver(() => OnboardingTemplate)
export class OnboardingTemplateResolver {
  @Query(() => OnboardingTemplateConnection, { description: "The partner's onboarding templates, newest first." })
  onboardingTemplates(@Ctx() ctx: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<OnboardingTemplate>> {
    return paginate<OnboardingTemplate>(
      ctx,
      {
        entity: OnboardingTemplate,
        order: { field: 'CREATED_AT', property: 'createdAt', direction: OrderDirection.DESC },
        where: query => whereTemplateVisible(ctx, query),
      },
      args,
    )
  }

  @Query(() => OnboardingTemplate, {
    nullable: true,
    description: 'One template by exactly one of the arguments; null when there is none.',
  })
  onboardingTemplate(
    @Ctx() ctx: Context,
    @Arg('id', () => ID, { nullable: true, description: 'ID of the template.' }) id?: string | null,
    @Arg('provisioningId', () => String, { nullable: true, description: 'Provisioning ID as Partner Hub shows it.' })
    provisioningId?: string | null,
  ): Promise<OnboardingTemplate | null> {
    const [name, value] = exactlyOne({ id, provisioningId })
    return ctx.load(name === 'id' ? templateById : templateByProvisioningId, value)
  }

  @FieldResolver(() => UserVerification, { description: 'How users prove who they are, and whether they can activate alone.' })
  userVerification(@Ctx() { publicUrl, locale }: Context, @Root() template: OnboardingTemplate): UserVerification {
    return userVerificationOf(template, publicUrl(), locale)
  }

  @FieldResolver(() => TemplatePause, {
    nullable: true,
    description:
      'Why automatic and bulk work of the template waits until `resumeOnboardingTemplate`; null when it does not. What a person asks for goes through.',
  })
  paused(@Ctx() { locale }: Context, @Root() template: OnboardingTemplate): TemplatePause | null {
    return pauseOf(template, locale)
  }

  @Mutation(() => CreateOnboardingTemplatePayload, { nullable: true, description: 'Makes an onboarding template. For ADMIN.' })
  createOnboardingTemplate(
    @Ctx() ctx: Context,
    @InputArg(() => CreateOnboardingTemplateInput) input: CreateOnboardingTemplateInput,
  ): Promise<OnboardingTemplatePayload> {
    return answerWithTemplate(ctx, () => createOnboardingTemplate(ctx, input))
  }

  @Mutation(() => UpdateOnboardingTemplatePayload, {
    nullable: true,
    description: 'Changes settings of a template, or completes an imported one. For ADMIN.',
  })
  updateOnboardingTemplate(
    @Ctx() ctx: Context,
    @InputArg(() => UpdateOnboardingTemplateInput) input: UpdateOnboardingTemplateInput,
  ): Promise<OnboardingTemplatePayload> {
    return answerWithTemplate(ctx, () => updateOnboardingTemplate(ctx, input))
  }

  @Mutation(() => RotateActivationLinkPayload, {
    nullable: true,
    description: 'Gives the template a new activation link; the old one is void at once. For ADMIN.',
  })
  rotateActivationLink(
    @Ctx() ctx: Context,
    @InputArg(() => RotateActivationLinkInput) input: RotateActivationLinkInput,
  ): Promise<OnboardingTemplatePayload> {
    return answerWithTemplate(ctx, () => rotateActivationLink(ctx, input))
  }

  @Mutation(() => ResumeOnboardingTemplatePayload, {
    nullable: true,
    description: 'Ends the pause of a template, once its cause has been mended: what waited goes on. For ADMIN.',
  })
  resumeOnboardingTemplate(
    @Ctx() ctx: Context,
    @InputArg(() => ResumeOnboardingTemplateInput) input: ResumeOnboardingTemplateInput,
  ): Promise<OnboardingTemplatePayload> {
    return answerWithTemplate(ctx, () => resumeOnboardingTemplate(ctx, input))
  }

  @Mutation(() => DeleteOnboardingTemplatePayload, { nullable: true, description: 'Deletes a template that has no customers. For ADMIN.' })
  deleteOnboardingTemplate(
    @Ctx() ctx: Context,
    @InputArg(() => DeleteOnboardingTemplateInput) input: DeleteOnboardingTemplateInput,
  ): Promise<DeleteOnboardingTemplatePayload> {
    return answerMutation(ctx, 'manageOnboardingTemplates', async () => ({
      deletedOnboardingTemplateId: await deleteOnboardingTemplate(ctx, input),
    }))
  }
}

function answerWithTemplate(ctx: Context, work: () => Promise<string>): Promise<OnboardingTemplatePayload> {
  return answerMutation(ctx, 'manageOnboardingTemplates', async () => ({ onboardingTemplate: await ctx.load(templateById, await work()) }))
}
