import { Ctx, Field, Mutation, ObjectType, Query, Resolver } from 'type-graphql'
import { authorize } from '../../auth/permissions'
import { InputArg } from '../../graphql/arguments'
import type { Context } from '../../context/context'
import { answerMutation, MutationPayload, type ObjectPayload, payloadOf } from '../../graphql/payload'
import { ApiToken } from './api-token.entity'
import { CreateApiTokenInput, RevokeApiTokenInput } from './api-token.inputs'
import { createApiToken, findToken, listTokens, revokeApiToken } from './api-token.service'

@ObjectType({ description: 'Answer of `createApiToken`.', simpleResolvers: true })
class CreateApiTokenPayload extends MutationPayload {
  @Field(() => ApiToken, { nullable: true, description: 'The token; null when there are user errors.' })
  apiToken?: ApiToken | null

  @Field(() => String, {
    nullable: true,
    description: 'The bearer token itself. It is shown this once; null in a replay of an idempotency key.',
  })
  secret?: string | null
}

const RevokeApiTokenPayload = payloadOf('RevokeApiToken', 'apiToken', () => ApiToken, 'The revoked token; null when there are user errors.')

@Resolver(() => ApiToken)
export class ApiTokenResolver {
  @Query(() => [ApiToken], {
    description:
      'The tokens of the partner, newest first: all that are valid, 500 at most, and the last 500 that were revoked or have expired. For ADMIN.',
  })
  apiTokens(@Ctx() ctx: Context): Promise<ApiToken[]> {
    authorize(ctx, 'manageApiTokens')
    return listTokens(ctx)
  }

  @Mutation(() => CreateApiTokenPayload, { nullable: true, description: 'Makes a token for a person or program. For ADMIN.' })
  createApiToken(@Ctx() ctx: Context, @InputArg(() => CreateApiTokenInput) input: CreateApiTokenInput): Promise<CreateApiTokenPayload> {
    return answerMutation(ctx, 'manageApiTokens', async () => {
      const { tokenId, secret } = await createApiToken(ctx, input)
      return { apiToken: await findToken(ctx, tokenId), secret }
    })
  }

  @Mutation(() => RevokeApiTokenPayload, { nullable: true, description: 'Makes a token worthless from the next request on. For ADMIN.' })
  revokeApiToken(
    @Ctx() ctx: Context,
    @InputArg(() => RevokeApiTokenInput) input: RevokeApiTokenInput,
  ): Promise<ObjectPayload<'apiToken', ApiToken>> {
    return answerMutation(ctx, 'manageApiTokens', async () => ({ apiToken: await findToken(ctx, await revokeApiToken(ctx, input)) }))
  }
}
