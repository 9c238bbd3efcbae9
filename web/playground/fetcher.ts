import type { Fetcher } from '@graphiql/toolkit'
import { type ExecutionResult, getOperationAST, OperationTypeNode } from 'graphql'
import { createSubscriptions } from './subscriptions'
import type { TokenState } from './token-field'

/** Sends operations to the API that served this page, with the token; tells `onState` what the answer says about the token. */
export function createFetcher(token: string, onState: (state: TokenState) => void): Fetcher {
  const subscribe = createSubscriptions(token, onState)

  return async ({ query, variables, operationName }, options) => {
    if (!token) throw new Error('Paste an API token in the field at the top first: the one that `npm start` printed.')
    const operation = options?.documentAST && getOperationAST(options.documentAST, operationName)
    if (operation?.operation === OperationTypeNode.SUBSCRIPTION) {
      return subscribe({ query, variables: variables as Record<string, unknown>, operationName: operationName ?? null })
    }

    const body = { query, variables: variables as unknown, operationName }
    const response = await postOperation(token, body, { headers: options?.headers }).catch(() => {
      onState('unreachable')
      throw new Error('The server did not answer. Is it running?')
    })
    if (response.status === 401) onState('refused')
    else if (response.status < 500) onState('accepted')
    return parseAnswer(response)
  }
}

/** Sends one operation over HTTP. Throws when there is no answer. */
export function postOperation(
  token: string,
  body: { query: string; variables?: unknown; operationName?: string | null },
  { headers: given, signal }: { headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Response> {
  const headers = new Headers({
    accept: 'application/graphql-response+json, application/json',
    'content-type': 'application/json',
    // The server refuses what a foreign page could send without it; see Apollo's CSRF prevention.
    'apollo-require-preflight': 'true',
    authorization: `Bearer ${token}`,
  })
  for (const [name, value] of Object.entries(given ?? {})) headers.set(name, value)
  return fetch('/graphql', { method: 'POST', headers, body: JSON.stringify(body), signal })
}

/** A proxy in between answers in HTML when it fails: show what it said rather than where JSON.parse stumbled. */
async function parseAnswer(response: Response): Promise<ExecutionResult> {
  const text = await response.text()
  try {
    return JSON.parse(text) as ExecutionResult
  } catch {
    throw new Error(`The answer is not JSON: HTTP ${response.status} ${response.statusText}. ${text.slice(0, 200)}`)
  }
}
