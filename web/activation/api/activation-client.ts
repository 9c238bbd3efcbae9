import { currentLanguage } from '../i18n/i18n'
import type { TypedDocumentString } from './operations.generated'

/** BroadWorks may take its time over a sign-in; past this, somebody in between has lost the request. */
const PATIENCE_MS = 30_000

/** What the page does about a request that was not answered as asked. */
export type Problem =
  | { kind: 'unreachable' }
  /** The server is there and has failed. */
  | { kind: 'failed' }
  /** There is no session any more. */
  | { kind: 'signed-out' }
  /** `until` in milliseconds since 1970. */
  | { kind: 'rate-limited'; until: number }

class RequestProblem extends Error {
  constructor(readonly problem: Problem) {
    super(problem.kind)
  }
}

interface Answer<Result> {
  data?: Result | null
  errors?: { extensions?: { code?: string; retryAfterSeconds?: number } }[]
}

/** @throws RequestProblem, and nothing else. */
export async function ask<Result, Variables>(document: TypedDocumentString<Result, Variables>, variables: Variables): Promise<Result> {
  const response = await fetch('/activation/graphql', {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'content-type': 'application/json', accept: 'application/json', 'accept-language': currentLanguage() },
    body: JSON.stringify({ query: document.toString(), variables }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch(() => null)
  if (!response) throw new RequestProblem({ kind: 'unreachable' })

  // A proxy in between answers in HTML when the server behind it is away.
  const answer = await response.json().then(
    json => json as Answer<Result>,
    () => null,
  )
  const error = answer?.errors?.[0]?.extensions
  if (response.status === 429 || error?.code === 'RATE_LIMITED') {
    const seconds = Number(response.headers.get('retry-after')) || error?.retryAfterSeconds || 60
    throw new RequestProblem({ kind: 'rate-limited', until: Date.now() + seconds * 1000 })
  }
  if (error?.code === 'UNAUTHENTICATED') throw new RequestProblem({ kind: 'signed-out' })
  if (!answer || (!answer.data && response.status >= 502)) throw new RequestProblem({ kind: 'unreachable' })
  if (error || !answer.data) throw new RequestProblem({ kind: 'failed' })
  return answer.data
}

/** What is not a problem of a request is a fault of this page, and looks the same to its user. */
export function problemOf(error: unknown): Problem {
  if (error instanceof RequestProblem) return error.problem
  console.error(error)
  return { kind: 'failed' }
}
