import { useEffect, useMemo, useRef, useState } from 'react'
import { type OperationContext, useQuery } from 'urql'
import { Failure } from './failure'
import { FilterForm, NOT_LIVE } from './filter-form'
import { graphql } from './gql'
import type { ProvisionedUserFilter } from './gql/graphql'
import { texts } from './texts'
import { UserItem } from './user-item'

const UsersDocument = graphql(`
  query Users($filter: ProvisionedUserFilter!, $after: String) {
    provisionedUsers(filter: $filter, first: 50, after: $after) {
      edges {
        node {
          id
          ...UserItem
        }
      }
      pageInfo {
        endCursor
        hasNextPage
      }
    }
  }
`)

interface Page {
  filter: ProvisionedUserFilter
  /** Null for the first. */
  after: string | null
}

export function UserList() {
  const [page, setPage] = useState<Page>({ filter: NOT_LIVE, after: null })
  return (
    <>
      <FilterForm onFilter={filter => setPage({ filter, after: null })} />
      <UserPages page={page} onNext={setPage} key={JSON.stringify(page.filter)} />
    </>
  )
}

/** The pages of one filter up to this one: the cache answers it together with those before it. */
function UserPages({ page, onNext }: { page: Page; onNext: (page: Page) => void }) {
  // What is known is shown at once, and read again: also when the same is searched for again, which is another page object.
  const context = useMemo<Partial<OperationContext>>(() => ({ requestPolicy: 'cache-and-network' }), [page])
  const [{ data, error, fetching, stale }, ask] = useQuery({ query: UsersDocument, variables: page, context })
  // The rows stay while the next page is on its way, and when it does not come.
  const [list, setList] = useState(data?.provisionedUsers)
  if (data && data.provisionedUsers !== list) setList(data.provisionedUsers)

  const next = list?.pageInfo
  const isReading = fetching || stale
  const hasButton = error !== undefined || next?.hasNextPage === true
  const rows = useRef<HTMLUListElement>(null)
  const rowsBefore = useRef<number>(null)
  useEffect(() => {
    if (isReading || rowsBefore.current === null) return
    // The button went with the last page; who works by keyboard goes on at the first of the new rows.
    const row = rows.current?.children[rowsBefore.current]
    if (!hasButton && document.activeElement === document.body && row instanceof HTMLElement) row.focus()
    rowsBefore.current = null
  }, [isReading, hasButton])

  function press() {
    // The button is not disabled meanwhile, for it would lose the focus.
    if (isReading) return
    rowsBefore.current = list?.edges.length ?? 0
    if (error) ask({ requestPolicy: 'network-only' })
    else onNext({ ...page, after: next?.endCursor ?? null })
  }

  return (
    <>
      <ul ref={rows}>
        {list?.edges.map(({ node }) => (
          <UserItem key={node.id} user={node} />
        ))}
      </ul>
      {error ? (
        <Failure error={error} />
      ) : (
        <p role="status">{isReading || !list ? texts.loading : texts.shown(list.edges.length, list.pageInfo.hasNextPage)}</p>
      )}
      {hasButton && (
        <button aria-disabled={isReading} onClick={press}>
          {error ? texts.tryAgain : texts.loadMore}
        </button>
      )}
    </>
  )
}
