import { type Cache, cacheExchange } from '@urql/exchange-graphcache'
import { relayPagination } from '@urql/exchange-graphcache/extras'
import { Client, fetchExchange } from 'urql'
import { language } from './texts'

/** What has no `id` belongs to the object that it was read from. */
const partOfAnother = () => null

/** Asks Flowthrough in the name of the token's holder, and keeps each object once, whichever answer it came in. */
export function createClient(token: string): Client {
  return new Client({
    url: '/graphql',
    // By GET, which urql prefers for short queries, what is searched for would stand in logs. Flowthrough takes POST.
    preferGetMethod: false,
    exchanges: [
      cacheExchange({
        // The pages of one filter are one list.
        resolvers: { Query: { provisionedUsers: relayPagination() } },
        updates: { Query: { provisionedUsers: (_answer, { after }, cache) => void (after == null && forgetLaterPages(cache)) } },
        keys: { Diagnosis: partOfAnother, UserError: partOfAnother },
      }),
      fetchExchange,
    ],
    fetchOptions: () => ({ headers: { authorization: `Bearer ${token}`, 'accept-language': language } }),
  })
}

/** A list that is read again begins again: what followed on its first page before need not follow on it now. */
function forgetLaterPages(cache: Cache): void {
  for (const { fieldName, arguments: args } of cache.inspectFields('Query'))
    if (fieldName === 'provisionedUsers' && args?.after != null) cache.invalidate('Query', fieldName, args)
}
