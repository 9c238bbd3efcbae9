import { GraphQLError } from 'graphql'

/** How long an answer may take; Flowthrough itself ends a request after 30 s. */
const TIMEOUT_MS = 35_000

/**
 * Asks Flowthrough. What it refuses is refused here with the same code, so that a caller of the gateway cannot tell who refused.
 * @param {string} url address of its API, with `/graphql`
 * @param {Record<string, string>} headers at least `authorization`
 * @returns the data of the answer
 * @throws {GraphQLError} with `extensions.code`, and what else Flowthrough says of the error
 */
export async function askFlowthrough(url, headers, query, variables) {
  const unavailable = () => {
    throw new GraphQLError('Flowthrough does not answer. Try again in a while.', { extensions: { code: 'UNAVAILABLE' } })
  }
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(unavailable)
  const { data, errors: [error] = [] } = await response.json().catch(unavailable)
  if (!error) return data
  const retryAfterSeconds = Number(response.headers.get('retry-after')) || undefined
  throw new GraphQLError(error.message, { extensions: { retryAfterSeconds, ...error.extensions } })
}
