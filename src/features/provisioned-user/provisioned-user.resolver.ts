import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql'
import { type Action, may } from '../../auth/permissions'
import { exactlyOne } from '../../graphql/arguments'
import { type Connection, connectionOf } from '../../graphql/connection'
import type { Context } from '../../context/context'
import { catalogEntries, pendingRequirement } from '../../provisioning/error-catalog'
import { decide, NO_FACTS, type Trigger } from '../../provisioning/lifecycle'
import { Customer } from '../customer/customer.entity'
import { customerById } from '../customer/customer.loaders'
import { OnboardingTemplate } from '../onboarding-template/onboarding-template.entity'
import { templateById } from '../onboarding-template/onboarding-template.loaders'
import { ProvisionedUser } from './provisioned-user.entity'
import { ProvisionedUsersArgs } from './provisioned-user.inputs'
import { listUsers } from './provisioned-user.list'
import { firstUserOfCustomer, userByBroadworksId, userById } from './provisioned-user.loaders'
import { CatalogEntry, Diagnosis, diagnose, errorText, ProvisioningError, provisioningErrors, waitingOf } from './provisioning-error'
import { UserAction } from './user-enums'
import { factsOf } from './provisioned-user.transition'

const ProvisionedUserConnection = connectionOf('ProvisionedUser', () => ProvisionedUser)

/** Each action with the trigger that the lifecycle knows it by, and what the caller needs a permission for. */
const ACTIONS: Record<UserAction, { trigger: Trigger; permission: Action }> = {
  [UserAction.RETRY_ACTIVATION]: { trigger: 'RETRY_ACTIVATION', permission: 'retryActivation' },
  [UserAction.CHANGE_PACKAGE_TYPE]: { trigger: 'CHANGE_PACKAGE_TYPE', permission: 'changePackageType' },
  [UserAction.DELETE_USER]: { trigger: 'DELETE_USER', permission: 'deleteUser' },
  [UserAction.RESEND_CONSENT_EMAIL]: { trigger: 'RESEND_CONSENT_EMAIL', permission: 'resendConsentEmail' },
  [UserAction.RESEND_VALIDATION_EMAIL]: { trigger: 'RESEND_VALIDATION_EMAIL', permission: 'resendValidationEmail' },
}

@Resolver(() => ProvisionedUser)
export class ProvisionedUserResolver {
  @Query(() => ProvisionedUserConnection, { description: "The partner's users, whatever their customer or template." })
  provisionedUsers(
    @Ctx() ctx: Context,
    @Args(() => ProvisionedUsersArgs) args: ProvisionedUsersArgs,
  ): Promise<Connection<ProvisionedUser>> {
    return listUsers(ctx, args)
  }

  @Query(() => ProvisionedUser, { nullable: true, description: 'One user by exactly one of the arguments; null when there is none.' })
  provisionedUser(
    @Ctx() ctx: Context,
    @Arg('id', () => ID, { nullable: true, description: 'ID of the user.' }) id?: string | null,
    @Arg('broadworksId', () => String, { nullable: true, description: 'User ID in BroadWorks, in any case.' }) broadworksId?: string | null,
  ): Promise<ProvisionedUser | null> {
    const [name, value] = exactlyOne({ id, broadworksId })
    return ctx.load(name === 'id' ? userById : userByBroadworksId, value)
  }

  @Query(() => [CatalogEntry], {
    description: 'All numbered errors that are known, by code, in the language of `Accept-Language` (en, it).',
  })
  errorCatalog(@Ctx() { locale }: Context): CatalogEntry[] {
    return catalogEntries(locale)
  }

  @FieldResolver(() => Customer, { description: 'Customer to whom the user belongs.' })
  customer(@Ctx() ctx: Context, @Root() user: ProvisionedUser): Promise<Customer | null> {
    return ctx.load(customerById, user.customerId)
  }

  @FieldResolver(() => OnboardingTemplate, { description: 'Onboarding template of the customer.' })
  onboardingTemplate(@Ctx() ctx: Context, @Root() user: ProvisionedUser): Promise<OnboardingTemplate | null> {
    return ctx.load(templateById, user.onboardingTemplateId)
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'What a pending user waits for, for example "waiting for e-mail", in the language of `Accept-Language` (en, it); null in every other state.',
  })
  pendingRequirement(@Ctx() { locale }: Context, @Root() user: ProvisionedUser): string | null {
    return pendingRequirement(user.status, waitingOf(user), locale)
  }

  @FieldResolver(() => [ProvisioningError], { description: 'Errors of the last attempt; empty when it had none.' })
  errors(@Ctx() { locale }: Context, @Root() user: ProvisionedUser): ProvisioningError[] {
    return provisioningErrors(user.upstreamErrors, locale)
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Text to copy into a ticket: a line for each error, `<code> <what Webex said>`, then a line with BroadWorks ID, enterprise, tracking ID and time. Null unless in ERROR.',
  })
  async errorText(@Ctx() ctx: Context, @Root() user: ProvisionedUser): Promise<string | null> {
    const customer = await ctx.load(customerById, user.customerId)
    return errorText(user, customer?.spEnterpriseId ?? '', ctx.locale)
  }

  @FieldResolver(() => Diagnosis, { nullable: true, description: 'Why the user is not live and what can be done; null when PROVISIONED.' })
  diagnosis(@Ctx() ctx: Context, @Root() user: ProvisionedUser): Diagnosis | null {
    return diagnose(user, ctx.locale, () => ctx.load(firstUserOfCustomer, user.customerId))
  }

  @FieldResolver(() => [UserAction], { description: 'What the caller can do about the user now.' })
  availableActions(@Ctx() { viewer }: Context, @Root() user: ProvisionedUser): UserAction[] {
    const facts = { ...NO_FACTS, ...factsOf(user), emailGiven: true }
    return Object.values(UserAction).filter(action => {
      const { trigger, permission } = ACTIONS[action]
      return may(viewer, permission) && decide(user.status, trigger, facts).allowed
    })
  }
}

@Resolver(() => Customer)
export class CustomerUsersResolver {
  @FieldResolver(() => ProvisionedUserConnection, { description: 'Users of the customer.' })
  provisionedUsers(
    @Ctx() ctx: Context,
    @Root() customer: Customer,
    @Args(() => ProvisionedUsersArgs) args: ProvisionedUsersArgs,
  ): Promise<Connection<ProvisionedUser>> {
    return listUsers(ctx, args, { customerId: customer.id })
  }
}

@Resolver(() => OnboardingTemplate)
export class OnboardingTemplateUsersResolver {
  @FieldResolver(() => ProvisionedUserConnection, {
    description: 'Users of all customers on the template: what Partner Hub shows as User Status.',
  })
  provisionedUsers(
    @Ctx() ctx: Context,
    @Root() template: OnboardingTemplate,
    @Args(() => ProvisionedUsersArgs) args: ProvisionedUsersArgs,
  ): Promise<Connection<ProvisionedUser>> {
    return listUsers(ctx, args, { onboardingTemplateId: template.id })
  }
}
