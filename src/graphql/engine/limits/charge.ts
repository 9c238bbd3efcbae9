import { type DocumentNode, type FormattedExecutionResult, type OperationDefinitionNode, OperationTypeNode } from 'graphql'
import type { Budget } from '../../../auth/budget'
import { currentRequest } from '../../../shared/current-request'
import { RateLimited } from '../../../shared/errors'
import type { Logger } from '../../../shared/logger'
import { actualCost } from './actual-cost'
import { ANSWER_MAX_LENGTH, answerLength, LENGTH_FOR_A_POINT } from './answer-size'

/** A valid operation. */
export interface Executable {
  document: DocumentNode
  operation: OperationDefinitionNode
  variables: Record<string, unknown>
}

/**
 * Charges the caller for a response: of the points taken before the execution, those that it did not need are given back.
 * @param executable null when the operation was refused before its cost was known
 * @param estimated the points taken
 * @returns the response with its cost; an error instead of a response that is too long
 */
export async function charged(
  budget: Budget,
  logger: Logger,
  executable: Executable | null,
  estimated: number,
  response: FormattedExecutionResult,
): Promise<FormattedExecutionResult> {
  const result = answerLength(response.data) > ANSWER_MAX_LENGTH ? tooLong() : response
  await settle(budget, logger, executable && budget.balance ? costOf(executable, result, budget.balance.cost) : 0)
  // A refused operation has no data; its errors say everything.
  if (!budget.balance || result.data === undefined) return result
  const { limit, remaining, resetAt, cost: actual } = budget.balance
  const cost = { estimated: Math.ceil(estimated), actual, limit, remaining, resetAt: resetAt.toISOString() }
  return { ...result, extensions: { ...result.extensions, cost } }
}

/** Gives back what the request has taken beyond the cost. A request that was refused before it had taken anything pays the minimum. */
export async function settle(budget: Budget, logger: Logger, cost: number): Promise<void> {
  try {
    if (budget.balance) await budget.settle(cost)
    else await budget.take(0).catch(ignoreRateLimited)
  } catch (error) {
    logger.warn({ err: error }, 'A budget could not be settled; it is full again within a minute.')
  }
}

/** @param max what it may cost at most */
export function costOf(
  { document, operation, variables }: Executable,
  { data, errors }: Pick<FormattedExecutionResult, 'data'> & { errors?: readonly unknown[] },
  max: number,
): number {
  // An error nulls the fields around it, so the data does not show what was read for them. A mutation does more than its data shows.
  const isVisible = !errors?.length && operation.operation !== OperationTypeNode.MUTATION
  return Math.max(isVisible ? actualCost(document, operation, variables, data) : max, answerLength(data) / LENGTH_FOR_A_POINT)
}

/** Checked before the response is written, which would take its length in memory. */
function tooLong(): FormattedExecutionResult {
  const message = `The answer would have more than ${ANSWER_MAX_LENGTH / 1024 ** 2} MB. What was to be changed is changed; ask for less of it.`
  return { errors: [{ message, extensions: { code: 'QUERY_TOO_COMPLEX', requestId: currentRequest.getStore()?.requestId } }] }
}

function ignoreRateLimited(error: unknown): void {
  if (!(error instanceof RateLimited)) throw error
}
