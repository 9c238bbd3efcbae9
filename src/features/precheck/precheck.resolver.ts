import { Ctx, Field, Int, Mutation, ObjectType, Resolver } from 'type-graphql'
import { InputArg } from '../../graphql/arguments'
import type { Context } from '../../context/context'
import { answerMutation, UserError, userErrorsOf } from '../../graphql/payload'
import { PrecheckUsersInput } from './precheck.inputs'
import { precheckUsers } from './precheck.service'

@ObjectType({ description: 'What would become of one user of `precheckUsers`.', simpleResolvers: true })
class PrecheckResult {
  @Field(() => Boolean, { description: 'Nothing that can be seen from here speaks against it.' })
  ok: boolean

  @Field(() => Int, {
    nullable: true,
    description: "Info code of Webex's answer: 100 when its precheck passed without a remark; null when it refused or was not asked.",
  })
  infoCode: number | null

  @Field(() => String, { description: 'What was found, in plain words.' })
  message: string

  @Field(() => [String], {
    description: 'What may still go wrong, and what Webex remarked; never empty, because no precheck sees everything.',
  })
  warnings: string[]

  @Field(() => [UserError], { description: 'What speaks against it; empty when `ok`.' })
  userErrors: UserError[]
}

@ObjectType({ description: 'Answer of `precheckUsers`.', simpleResolvers: true })
class PrecheckUsersPayload {
  @Field(() => [PrecheckResult], {
    nullable: true,
    description: 'One for each given user, in their order; null when the request as a whole was refused.',
  })
  results?: PrecheckResult[] | null

  @Field(() => [UserError], { description: 'What is wrong with the request as a whole; empty when each user was looked at.' })
  userErrors: UserError[]
}

@Resolver()
export class PrecheckResolver {
  @Mutation(() => PrecheckUsersPayload, {
    nullable: true,
    description:
      "Asks Webex's precheck, and this server's own rules, whether up to 100 users could be provisioned; changes nothing. Answers within some 20 seconds. For OPERATOR and ADMIN.",
  })
  precheckUsers(@Ctx() ctx: Context, @InputArg(() => PrecheckUsersInput) input: PrecheckUsersInput): Promise<PrecheckUsersPayload> {
    return answerMutation(ctx, 'precheckUsers', async () => ({
      results: (await precheckUsers(ctx, input.users)).map(({ refusal, ...finding }) => ({
        ...finding,
        ok: refusal === null,
        userErrors: refusal ? userErrorsOf(refusal) : [],
      })),
    }))
  }
}
