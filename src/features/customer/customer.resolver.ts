import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql'
import { exactlyOne } from '../../graphql/arguments'
import { type Connection, connectionOf } from '../../graphql/connection'
import type { Context } from '../../context/context'
import { OnboardingTemplate } from '../onboarding-template/onboarding-template.entity'
import { templateById } from '../onboarding-template/onboarding-template.loaders'
import { Customer } from './customer.entity'
import { CustomersArgs } from './customer.inputs'
import { listCustomers } from './customer.list'
import { customerById, customerBySpEnterpriseId } from './customer.loaders'

const CustomerConnection = connectionOf('Customer', () => Customer)

@Resolver(() => Customer)
export class CustomerResolver {
  @Query(() => CustomerConnection, { description: "The partner's customers." })
  customers(@Ctx() ctx: Context, @Args(() => CustomersArgs) args: CustomersArgs): Promise<Connection<Customer>> {
    return listCustomers(ctx, args)
  }

  @Query(() => Customer, { nullable: true, description: 'One customer by exactly one of the arguments; null when there is none.' })
  customer(
    @Ctx() ctx: Context,
    @Arg('id', () => ID, { nullable: true, description: 'ID of the customer.' }) id?: string | null,
    @Arg('spEnterpriseId', () => String, { nullable: true, description: 'Enterprise ID, for example `SP1+acme`.' })
    spEnterpriseId?: string | null,
  ): Promise<Customer | null> {
    const [name, value] = exactlyOne({ id, spEnterpriseId })
    return ctx.load(name === 'id' ? customerById : customerBySpEnterpriseId, value)
  }

  @FieldResolver(() => OnboardingTemplate, { description: 'The one onboarding template that the customer is on.' })
  onboardingTemplate(@Ctx() ctx: Context, @Root() customer: Customer): Promise<OnboardingTemplate | null> {
    return ctx.load(templateById, customer.onboardingTemplateId)
  }
}

@Resolver(() => OnboardingTemplate)
export class OnboardingTemplateCustomersResolver {
  @FieldResolver(() => CustomerConnection, { description: 'Customers on the template.' })
  customers(
    @Ctx() ctx: Context,
    @Root() template: OnboardingTemplate,
    @Args(() => CustomersArgs) args: CustomersArgs,
  ): Promise<Connection<Customer>> {
    return listCustomers(ctx, args, template.id)
  }
}
