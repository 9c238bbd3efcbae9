import { Ctx, Field, ObjectType, Query, Resolver } from 'type-graphql'
import { Role, type Viewer as Caller } from '../../auth/viewer'
import type { Context } from '../../context/context'
import { Partner } from './partner.entity'
import { partnerById } from './partner.loaders'

@ObjectType({ description: 'Who asks: the holder of the token.', simpleResolvers: true })
class Viewer {
  @Field(() => Partner, { description: 'Partner whose data the caller sees.' })
  partner: Partner

  @Field(() => Role, { description: 'What the caller may do.' })
  role: Role

  @Field(() => String, { description: 'Name of the token, as the audit log shows it.' })
  name: Caller['name']
}

@Resolver()
export class PartnerResolver {
  @Query(() => Viewer, { description: 'Who asks.' })
  async viewer(@Ctx() ctx: Context): Promise<Viewer> {
    const { partnerId, role, name } = ctx.viewer
    return { partner: (await ctx.load(partnerById, partnerId)) as Partner, role, name }
  }
}
