import type { ApolloServerPlugin, BaseContext, GraphQLRequestContextWillSendResponse } from '@apollo/server'
import { OperationTypeNode } from 'graphql'
import type { Balance, Budget } from '../../../auth/budget'
import type { RequestLimits } from '../../../config/config'
import { currentRequest } from '../../../shared/current-request'
import { RateLimited } from '../../../shared/errors'
import type { Logger } from '../../../shared/logger'
import { actualCost } from './actual-cost'
import { ANSWER_MAX_LENGTH, answerLength, LENGTH_FOR_A_POINT } from './answer-size'
import { refuseTooComplex } from './limits'

/**
 * Refuses an operation that asks for too much, and takes what it may cost from its caller's budget before it is carried out. What it did
 * not need is given back with the answer, which tells how the caller stands. The portal's users have no budget; their requests are counted.
 */
export function keepWithinLimits(limits: RequestLimits['query'], logger: Logger): ApolloServerPlugin {
  return {
    async requestDidStart({ contextValue }) {
      const budget = hasBudget(contextValue) ? contextValue.budget : null
      let estimated = 0
      return {
        async didResolveOperation({ schema, document, operation, request }) {
          if (!operation) return
          estimated = refuseTooComplex(schema, document, operation, request.variables ?? {}, limits)
          await budget?.take(estimated)
        },
        async willSendResponse(sent) {
          if (!budget) return
          refuseTooLong(sent)
          await settle(budget, sent).catch((error: unknown) => {
            logger.warn({ err: error }, 'A budget could not be settled; it is full again within a minute.')
          })
          if (budget.balance) tell(budget.balance, Math.ceil(estimated), sent.response)
        },
      }
    },
  }
}

/** Before it is written, which would take its length in memory. */
function refuseTooLong({ response: { body } }: Sent): void {
  if (body.kind !== 'single' || answerLength(body.singleResult.data) <= ANSWER_MAX_LENGTH) return
  const message = `The answer would have more than ${ANSWER_MAX_LENGTH / 1024 ** 2} MB. What was to be changed is changed; ask for less of it.`
  const requestId = currentRequest.getStore()?.requestId
  body.singleResult = { errors: [{ message, extensions: { code: 'QUERY_TOO_COMPLEX', requestId } }] }
}

function hasBudget(context: BaseContext): context is { budget: Budget } {
  return 'budget' in context
}

type Sent = GraphQLRequestContextWillSendResponse<BaseContext>

async function settle(budget: Budget, { document, operation, request, response }: Sent): Promise<void> {
  if (!budget.balance) {
    // It was refused before its cost was known, and had to be read for that.
    return budget.take(0).catch((error: unknown) => {
      if (!(error instanceof RateLimited)) throw error
    })
  }
  if (response.body.kind !== 'single' || !document || !operation) return
  const { data, errors } = response.body.singleResult
  // An error makes null of what is around it, and the answer does not show what was read for that. And what a mutation does is more than
  // what it answers.
  const isAllSeen = !errors?.length && operation.operation !== OperationTypeNode.MUTATION
  const cost = isAllSeen ? actualCost(document, operation, request.variables ?? {}, data) : budget.balance.cost
  await budget.settle(Math.max(cost, answerLength(data) / LENGTH_FOR_A_POINT))
}

function tell(balance: Balance, estimated: number, { body, http }: Sent['response']): void {
  for (const [name, value] of Object.entries(rateLimitHeaders(balance))) http.headers.set(name, value)
  // What was refused has no data, and its errors say all; see the headers.
  if (body.kind !== 'single' || body.singleResult.data === undefined) return
  const { limit, remaining, resetAt, cost: actual } = balance
  const cost = { estimated, actual, limit, remaining, resetAt: resetAt.toISOString() }
  body.singleResult = { ...body.singleResult, extensions: { ...body.singleResult.extensions, cost } }
}

/** As the IETF's draft "RateLimit header fields for HTTP" has them: `q` cost points within `w` seconds, of which `r` are left for `t` seconds. */
export function rateLimitHeaders({ limit, remaining, resetAt }: Balance): Record<string, string> {
  const seconds = Math.max(0, Math.ceil((resetAt.getTime() - Date.now()) / 1000))
  return { 'ratelimit-policy': `"cost";q=${limit};w=60`, ratelimit: `"cost";r=${remaining};t=${seconds}` }
}
