import { Ctx, Field, Int, ObjectType, Query, Resolver } from 'type-graphql'
import type { Context } from '../../context/context'
import { DateTime } from '../../graphql/scalars'

@ObjectType({
  description:
    'What the caller may still ask for, in cost points. An object costs 1, and fifty plain values do; a request costs 10 at least, and a point for each 100 bytes of it. What a request may cost is taken before it is carried out, and what it did not need is given back after it.',
  simpleResolvers: true,
})
class RateLimit {
  @Field(() => Int, { description: 'Points of a full budget; it is full again every minute. Ten times as many through a gateway.' })
  limit: number

  @Field(() => Int, { description: 'Points that are left while this request is carried out.' })
  remaining: number

  @Field(() => Int, { description: 'Points that this request has taken; `extensions.cost.actual` of the answer tells what it came to.' })
  cost: number

  @Field(() => DateTime, { description: 'When the budget is full again.' })
  resetAt: string
}

@Resolver()
export class RateLimitResolver {
  @Query(() => RateLimit, { nullable: true, description: 'How the caller stands. Never null for who asks over HTTP or WebSocket.' })
  rateLimit(@Ctx() { budget: { balance } }: Context): RateLimit | null {
    return balance && { ...balance, resetAt: balance.resetAt.toISOString() }
  }
}
