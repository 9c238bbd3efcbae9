import type { ApolloServerPlugin, BaseContext } from '@apollo/server'
import type { Balance, Budget } from '../../../auth/budget'
import type { RequestLimits } from '../../../config/config'
import type { Logger } from '../../../shared/logger'
import { charged } from './charge'
import { refuseTooComplex } from './limits'

/**
 * Refuses an operation over HTTP that exceeds a limit, and takes its maximum cost from the caller's budget before the execution. The response
 * is charged, and its headers tell the caller the rest of the budget. Users of the portal have no budget: their requests are counted.
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
        async willSendResponse({ document, operation, request, response: { body, http } }) {
          if (!budget || body.kind !== 'single') return
          const executable = document && operation ? { document, operation, variables: request.variables ?? {} } : null
          body.singleResult = await charged(budget, logger, executable, estimated, body.singleResult)
          if (!budget.balance) return
          for (const [name, value] of Object.entries(rateLimitHeaders(budget.balance))) http.headers.set(name, value)
        },
      }
    },
  }
}

function hasBudget(context: BaseContext): context is { budget: Budget } {
  return 'budget' in context
}

/** The IETF draft "RateLimit header fields for HTTP": `q` cost points within `w` seconds, of which `r` are left for `t` seconds. */
export function rateLimitHeaders({ limit, remaining, resetAt }: Balance): Record<string, string> {
  const seconds = Math.max(0, Math.ceil((resetAt.getTime() - Date.now()) / 1000))
  return { 'ratelimit-policy': `"cost";q=${limit};w=60`, ratelimit: `"cost";r=${remaining};t=${seconds}` }
}
