import { Ctx, Field, ObjectType, Query, Resolver } from 'type-graphql'
import { Role, type Viewer as Caller } from '../../auth/viewer'
import { readRows, selectRows } from '../../database/rows'
import type { Context } from '../../graphql/context'
import { defineLoader } from '../../graphql/loaders'
import { Partner } from './partner.entity'

/** The caller's own partner; every other one does not exist. */
export const partnerById = defineLoader<string, Partner | null>(async (ctx, ids) => {
  const query = selectRows(ctx.database.reader, Partner, 'row').where('row.id = :id', { id: ctx.viewer.partnerId })
  const [own] = ids.includes(ctx.viewer.partnerId) ? await readRows(query) : []
  return ids.map(id => (own?.id === id ? own : null))
})

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
