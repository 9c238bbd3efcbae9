import { type ClassType, Field, Int, ObjectType, registerEnumType } from 'type-graphql'
import { authorize, type Action } from '../auth/permissions'
import { USER_ERROR_MEANINGS } from '../shared/error-codes'
import { Refusal, UserErrorCode } from '../shared/errors'
import type { Context } from '../context/context'

registerEnumType(UserErrorCode, {
  name: 'UserErrorCode',
  description: 'What is wrong with a request that its caller can mend.',
  valuesConfig: Object.fromEntries(Object.entries(USER_ERROR_MEANINGS).map(([code, description]) => [code, { description }])),
})

@ObjectType({ description: 'Something about a mutation that its caller can mend. Nothing was changed.', simpleResolvers: true })
export class UserError {
  @Field(() => UserErrorCode, { description: 'What is wrong, for programs.' })
  code: UserErrorCode

  @Field(() => String, { description: 'What is wrong and what is allowed, in plain words for people.' })
  message: string

  @Field(() => [String], {
    nullable: true,
    description:
      'Path of the argument without `input`, for example `["email"]` or `["users", "3", "email"]`; null when no single one is to blame.',
  })
  field: string[] | null

  @Field(() => Int, {
    nullable: true,
    description: 'Code of the error catalogue where there is one, for example 200049; what a user tells the help desk.',
  })
  catalogCode: number | null
}

/** Base of the payloads of all mutations. */
@ObjectType({ simpleResolvers: true })
export abstract class MutationPayload {
  @Field(() => [UserError], { description: 'What the caller can mend; empty when it was done.' })
  userErrors: UserError[]
}

/** A payload with one object, which is null when there are user errors. */
export type ObjectPayload<Name extends string, Value> = MutationPayload & { [Key in Name]?: Value | null }

/**
 * Makes the payload type of a mutation that returns one object, `XPayload`. Returns its class, for `@Mutation`.
 * @param mutation the mutation's name with a capital letter
 * @param object name of the field with the object
 */
export function payloadOf<Name extends string, Value extends object>(
  mutation: string,
  object: Name,
  type: () => ClassType<Value>,
  description: string,
): ClassType<ObjectPayload<Name, Value>> {
  const field = `${mutation[0]?.toLowerCase()}${mutation.slice(1)}`
  @ObjectType(`${mutation}Payload`, { description: `Answer of \`${field}\`.`, simpleResolvers: true })
  class PayloadWithObject extends MutationPayload {}
  Field(type, { nullable: true, description })(PayloadWithObject.prototype, object)
  return PayloadWithObject as ClassType<ObjectPayload<Name, Value>>
}

/** Authorizes, does the work, and turns a refusal into the payload's `userErrors`, with the object null. */
export async function answerMutation<Result extends object>(
  ctx: Context,
  action: Action,
  work: () => Promise<Result>,
): Promise<Result & { userErrors: UserError[] }> {
  authorize(ctx, action)
  return answerRefusals(work)
}

/** As `answerMutation`, where nobody's role matters. */
export async function answerRefusals<Result extends object>(work: () => Promise<Result>): Promise<Result & { userErrors: UserError[] }> {
  try {
    return { ...(await work()), userErrors: [] }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { userErrors: userErrorsOf(error) } as Result & { userErrors: UserError[] }
  }
}

export function userErrorsOf(refusal: Refusal): UserError[] {
  return refusal.complaints.map(({ code, message, field, catalogCode = null }) => ({
    code,
    message,
    field: field.length > 0 ? [...field] : null,
    catalogCode,
  }))
}
