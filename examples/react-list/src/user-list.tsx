import { useState } from 'react'
import { useQuery } from 'urql'
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

export function UserList() {
  const [filter, setFilter] = useState(NOT_LIVE)
  return (
    <>
      <FilterForm onFilter={setFilter} />
      <UserPages filter={filter} key={JSON.stringify(filter)} />
    </>
  )
}

/** The pages of one filter that were asked for so far: the cache answers the next page together with those before it. */
function UserPages({ filter }: { filter: ProvisionedUserFilter }) {
  const [after, setAfter] = useState<string | null>(null)
  const [{ data, error, fetching }, ask] = useQuery({ query: UsersDocument, variables: { filter, after } })
  // The rows stay while the next page is on its way, and when it does not come.
  const [list, setList] = useState(data?.provisionedUsers)
  if (data && data.provisionedUsers !== list) setList(data.provisionedUsers)

  if (error) {
    return (
      <>
        <Rows list={list} />
        <Failure error={error} />
        <button onClick={() => ask({ requestPolicy: 'network-only' })}>{texts.tryAgain}</button>
      </>
    )
  }
  const next = list?.pageInfo
  return (
    <>
      <Rows list={list} />
      <p role="status">{fetching || !list ? texts.loading : texts.shown(list.edges.length, list.pageInfo.hasNextPage)}</p>
      {next?.hasNextPage && (
        <button disabled={fetching} onClick={() => setAfter(next.endCursor ?? null)}>
          {texts.loadMore}
        </button>
      )}
    </>
  )
}

function Rows({ list }: { list: { edges: { node: Parameters<typeof UserItem>[0]['user'] & { id: string } }[] } | undefined }) {
  return (
    <ul>
      {list?.edges.map(({ node }) => (
        <UserItem key={node.id} user={node} />
      ))}
    </ul>
  )
}
