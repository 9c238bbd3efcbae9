import { Field, Int, ObjectType, registerEnumType } from 'type-graphql'
import { authorize, type Action } from '../auth/permissions'
import { Refusal, UserErrorCode } from '../shared/errors'
import type { Context } from '../context/context'

registerEnumType(UserErrorCode, {
  name: 'UserErrorCode',
  description: 'What is wrong with a request that its caller can mend.',
  valuesConfig: {
    REQUIRED: { description: 'A value is missing or empty.' },
    INVALID: { description: 'A value has a form or a content that is not allowed.' },
    TOO_LONG: { description: 'A text is longer than allowed.' },
    NOT_FOUND: { description: 'There is no such object, or none that the caller may see.' },
    TAKEN: { description: 'Another object has this value already, and it has to be unique.' },
    INVALID_STATE: { description: 'The object is in a state that does not allow the action; see `availableActions`.' },
    EMAIL_REQUIRED: { description: 'An e-mail address is needed, and none that is confirmed or vouched for is on record.' },
    IDEMPOTENCY_KEY_REUSED: { description: 'The idempotency key was used with another input.' },
    EXPECTED_COUNT_MISMATCH: { description: 'The filter selects another number of users than expected.' },
    LIMIT_EXCEEDED: { description: 'More objects than one request may name.' },
    TEMPLATE_IN_USE: { description: 'The template has customers, so it cannot be deleted.' },
    UPSTREAM_REFUSED: { description: 'Webex refused the call.' },
  },
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
