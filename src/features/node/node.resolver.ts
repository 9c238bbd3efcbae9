import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql'
import type { Context, Loader } from '../../context/context'
import { Node } from '../../graphql/node'
import { BadUserInput } from '../../shared/errors'
import { type IdentifiedType, typeOfId } from '../../shared/ids'
import { attemptById } from '../activation-attempt/activation-attempt.loaders'
import { auditEventById } from '../audit-trail/audit-trail.loaders'
import { bulkOperationById, bulkResultById } from '../bulk-operation/bulk-operation.loaders'
import { customerById } from '../customer/customer.loaders'
import { templateById } from '../onboarding-template/onboarding-template.loaders'
import { partnerById } from '../partner/partner.loaders'
import { userById } from '../provisioned-user/provisioned-user.loaders'

const NODES_MAX = 100

const LOADERS: Partial<Record<IdentifiedType, Loader<string, Node | null>>> = {
  Partner: partnerById,
  Customer: customerById,
  OnboardingTemplate: templateById,
  ProvisionedUser: userById,
  ActivationAttempt: attemptById,
  AuditEvent: auditEventById,
  BulkOperation: bulkOperationById,
  BulkResult: bulkResultById,
}

@Resolver()
export class NodeResolver {
  @Query(() => Node, { nullable: true, description: 'Any object by its global ID; null when there is none.' })
  node(@Ctx() ctx: Context, @Arg('id', () => ID, { description: 'ID of the object.' }) id: string): Promise<Node | null> {
    return load(ctx, id)
  }

  @Query(() => [Node], {
    nullable: 'items',
    description: 'Objects by their global IDs, in the order of the IDs, null for those that are not there.',
  })
  nodes(
    @Ctx() ctx: Context,
    @Arg('ids', () => [ID], { description: 'IDs of the objects, 100 at most.' }) ids: string[],
  ): Promise<(Node | null)[]> {
    if (ids.length > NODES_MAX) throw new BadUserInput('ids', `\`ids\` may name ${NODES_MAX} objects at most; it names ${ids.length}.`)
    return Promise.all(ids.map(id => load(ctx, id)))
  }
}

async function load(ctx: Context, id: string): Promise<Node | null> {
  const type = typeOfId(id)
  const loader = type && LOADERS[type]
  return loader ? ctx.load(loader, id) : null
}
