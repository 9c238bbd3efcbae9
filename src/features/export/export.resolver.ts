import { Ctx, Field, Int, Mutation, ObjectType, Resolver } from 'type-graphql'
import { InputArg } from '../../graphql/arguments'
import type { Context } from '../../context/context'
import { answerMutation, MutationPayload } from '../../graphql/payload'
import { DateTime, Url } from '../../graphql/scalars'
import { ExportUsersInput } from './export.inputs'
import { exportUsers } from './export.service'

@ObjectType({ description: 'Answer of `exportUsers`.', simpleResolvers: true })
class ExportUsersPayload extends MutationPayload {
  @Field(() => Url, {
    nullable: true,
    description:
      'Where the file is, for whoever has this URL: it needs no token. It gives the users as they are when the download begins. Null when there are user errors.',
  })
  downloadUrl?: string | null

  @Field(() => DateTime, { nullable: true, description: 'From then on no download can begin: ten minutes from now.' })
  expiresAt?: string | null

  @Field(() => Int, { nullable: true, description: 'How many users the filter selects now; null when counting them would take long.' })
  rowCount?: number | null
}

@Resolver()
export class ExportResolver {
  @Mutation(() => ExportUsersPayload, {
    nullable: true,
    description:
      'Makes a URL to download all users of a filter as a file, any number of them, for some minutes. For OPERATOR and ADMIN; it gives out what the caller may see.',
  })
  exportUsers(@Ctx() ctx: Context, @InputArg(() => ExportUsersInput) input: ExportUsersInput): Promise<ExportUsersPayload> {
    return answerMutation(ctx, 'exportUsers', () => exportUsers(ctx, input))
  }
}
