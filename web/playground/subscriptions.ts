import type { ExecutionResult } from 'graphql'
import { createClient, type SubscribePayload } from 'graphql-ws'
import type { TokenState } from './token-field'

/** The server's code for a connection whose token it does not accept, or not any more. */
const UNAUTHORIZED = 4401

/** Begins subscriptions at the API that served this page, with the token; tells `onState` what the server says about the token. */
export function createSubscriptions(token: string, onState: (state: TokenState) => void) {
  const client = createClient({
    url: `${location.origin.replace(/^http/, 'ws')}/graphql`,
    connectionParams: { authorization: `Bearer ${token}` },
    on: { connected: () => onState('accepted') },
  })

  /** Why a subscription ended: errors of the operation are shown as its answer, the end of the connection in words. */
  function ending(cause: unknown): IteratorResult<ExecutionResult> {
    if (Array.isArray(cause)) return { done: false, value: { errors: cause as ExecutionResult['errors'] } }
    const { code, reason } = cause as { code?: number; reason?: string }
    onState(code === UNAUTHORIZED ? 'refused' : 'unreachable')
    throw new Error(reason || 'The server did not answer. Is it running?')
  }

  return (payload: SubscribePayload): AsyncIterable<ExecutionResult> => {
    const events = client.iterate(payload)
    // GraphiQL takes an iterator of its own to end them.
    return {
      [Symbol.asyncIterator]: () => ({
        next: () => events.next().catch(ending) as Promise<IteratorResult<ExecutionResult>>,
        return: () => events.return?.() as Promise<IteratorResult<ExecutionResult>>,
      }),
    }
  }
}
