import type { CombinedError } from 'urql'
import { texts } from './texts'

/** What went wrong with a request as a whole, in plain words. What its caller can mend in a mutation is not here: it is in `userErrors`. */
export function Failure({ error }: { error: CombinedError }) {
  return <p role="alert">{sentenceOf(error)}</p>
}

function sentenceOf({ graphQLErrors: [first], response }: CombinedError): string {
  if (!first) return texts.unreachable
  switch (first.extensions.code) {
    case 'UNAUTHENTICATED':
      return texts.wrongToken
    case 'FORBIDDEN':
      return texts.forbidden
    case 'RATE_LIMITED':
      return texts.rateLimited((response as Response | undefined)?.headers.get('retry-after') ?? '60')
    case 'UNAVAILABLE':
      return texts.unavailable
    case 'INTERNAL':
      return texts.internal(String(first.extensions.requestId))
    default:
      return first.message
  }
}
