import { UserHistoryDocument } from '../operations/operations.generated'
import type { TestPartner } from './app'

/** The attempts of a user, the last one first. */
export async function attemptsOf({ operator }: Pick<TestPartner, 'operator'>, userId: string) {
  return (await operator.get(UserHistoryDocument, { id: userId })).provisionedUser?.attempts.nodes ?? []
}

export type Attempt = Awaited<ReturnType<typeof attemptsOf>>[number]

/** The calls of an attempt with their HTTP status, such as `create 200`. */
export function callsOf(attempt: Attempt | undefined): string[] {
  return attempt?.steps.map(({ name, httpStatus }) => `${name} ${httpStatus}`) ?? []
}

/** The pause after each failed try of an attempt, in seconds, as its steps tell. */
export function pausesOf(attempt: Attempt | undefined): number[] {
  return (
    attempt?.steps.flatMap(
      ({ message }) =>
        /Trying again in (\d+) s\.$/
          .exec(message ?? '')
          ?.slice(1)
          .map(Number) ?? [],
    ) ?? []
  )
}
