import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root, Subscription } from 'type-graphql'
import type { Context } from '../../context/context'
import { withFreshLoaders } from '../../context/loaders'
import { SubscriptionArg } from '../../graphql/arguments'
import { Customer } from '../customer/customer.entity'
import { customerById } from '../customer/customer.loaders'
import { OnboardingTemplate } from '../onboarding-template/onboarding-template.entity'
import { templateById } from '../onboarding-template/onboarding-template.loaders'
import { ProvisionedUserFilter } from '../provisioned-user/provisioned-user.filter'
import { refuseUnseen, streamOfCounts } from '../user-change/user-change.stream'
import { countByStatus, listCauses } from './stuck-cause.service'
import { StuckCause, UserStatusCount } from './stuck-cause.types'

const FILTER = {
  nullable: true,
  description:
    'Which users; all when left out. By customers, templates, states, packages and cause they are counted already; whatever else it names may take too long: QUERY_TOO_COMPLEX.',
}
const FIRST = { defaultValue: 10, description: 'How many causes at most: 0 to 100.' }

@Resolver(() => StuckCause)
export class StuckCauseResolver {
  @Query(() => [UserStatusCount], { description: 'How many users are in each state, states without users included.' })
  statusCounts(
    @Ctx() ctx: Context,
    @Arg('filter', () => ProvisionedUserFilter, FILTER) filter?: ProvisionedUserFilter | null,
  ): Promise<UserStatusCount[]> {
    return countByStatus(ctx, filter)
  }

  @Query(() => [StuckCause], { description: 'Why users are stuck, the cause of most of them first.' })
  causes(
    @Ctx() ctx: Context,
    @Arg('first', () => Int, FIRST) first: number,
    @Arg('filter', () => ProvisionedUserFilter, FILTER) filter?: ProvisionedUserFilter | null,
  ): Promise<StuckCause[]> {
    return listCauses(ctx, filter, first)
  }

  @Subscription(() => [UserStatusCount], {
    description: 'How many users are in each state: as it is now, and, at most once a second, whenever it has changed.',
    subscribe: async ({ args, context }) => {
      const { customerId, onboardingTemplateId } = args as { customerId?: string | null; onboardingTemplateId?: string | null }
      const ctx = context as Context
      const customerIds = customerId == null ? null : [customerId]
      const onboardingTemplateIds = onboardingTemplateId == null ? null : [onboardingTemplateId]
      await refuseUnseen(ctx, 'customerId', customerById, customerIds)
      await refuseUnseen(ctx, 'onboardingTemplateId', templateById, onboardingTemplateIds)
      const filter = { customerIds, onboardingTemplateIds }
      return streamOfCounts(ctx, filter, () => countByStatus(withFreshLoaders(ctx), filter))
    },
  })
  @SubscriptionArg('customerId', () => ID, { description: 'Of this customer only, whom the caller must be able to see.' })
  @SubscriptionArg('onboardingTemplateId', () => ID, {
    description: 'Of this onboarding template only, which the caller must be able to see.',
  })
  statusCountsChanged(@Root() counts: UserStatusCount[]): UserStatusCount[] {
    return counts
  }

  @FieldResolver(() => OnboardingTemplate, { description: 'Onboarding template that they are on.' })
  onboardingTemplate(@Ctx() ctx: Context, @Root() cause: StuckCause): Promise<OnboardingTemplate | null> {
    return ctx.load(templateById, cause.onboardingTemplateId)
  }
}

@Resolver(() => Customer)
export class CustomerCountsResolver {
  @FieldResolver(() => [UserStatusCount], {
    description: 'How many users of the customer are in each state, states without users included.',
  })
  statusCounts(@Ctx() ctx: Context, @Root() { id }: Customer): Promise<UserStatusCount[]> {
    return countByStatus(ctx, { customerIds: [id] })
  }
}

@Resolver(() => OnboardingTemplate)
export class OnboardingTemplateCountsResolver {
  @FieldResolver(() => [UserStatusCount], {
    description: 'How many users of the template are in each state, states without users included.',
  })
  statusCounts(@Ctx() ctx: Context, @Root() { id }: OnboardingTemplate): Promise<UserStatusCount[]> {
    return countByStatus(ctx, { onboardingTemplateIds: [id] })
  }

  @FieldResolver(() => [StuckCause], { description: 'Why users of the template are stuck, the cause of most of them first.' })
  causes(@Ctx() ctx: Context, @Root() { id }: OnboardingTemplate, @Arg('first', () => Int, FIRST) first: number): Promise<StuckCause[]> {
    return listCauses(ctx, { onboardingTemplateIds: [id] }, first)
  }
}
