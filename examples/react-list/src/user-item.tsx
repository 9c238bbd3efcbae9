import { useEffect } from 'react'
import { useClient } from 'urql'
import { type FragmentType, graphql, readFragment } from './gql'
import { RetryForm } from './retry-form'
import { texts, timeText } from './texts'

const UserItemFragment = graphql(`
  fragment UserItem on ProvisionedUser {
    id
    broadworksId
    firstName
    lastName
    status
    lastStatusChange
    customer {
      id
      name
    }
    diagnosis {
      cause
      fixer
    }
    ...RetryForm
  }
`)

const UserDocument = graphql(`
  query User($id: ID!) {
    provisionedUser(id: $id) {
      ...UserItem
    }
  }
`)

/** How often a user is asked for on whom Webex is at work. */
const POLL_PAUSE_MS = 2000

export function UserItem({ user: given }: { user: FragmentType<typeof UserItemFragment> }) {
  const user = readFragment(UserItemFragment, given)
  useLatest(user.id, user.status === 'PROVISIONING' || user.status === 'UPDATING')
  // A client that is older than the server meets values that it does not know.
  const nameOf = (names: Partial<Record<string, string>>, value: string) => names[value] ?? value
  return (
    <li tabIndex={-1}>
      <h2>
        {user.firstName} {user.lastName}
      </h2>
      <p>
        {user.broadworksId} · {user.customer.name}
      </p>
      <p aria-live="polite">
        <strong data-status={user.status}>{nameOf(texts.statuses, user.status)}</strong> {texts.since}{' '}
        <time dateTime={user.lastStatusChange}>{timeText(user.lastStatusChange)}</time>
      </p>
      {user.diagnosis && (
        <p>
          {user.diagnosis.cause} {texts.toAct}: {nameOf(texts.fixers, user.diagnosis.fixer)}.
        </p>
      )}
      <RetryForm user={user} />
    </li>
  )
}

/** Asks until the user stands still. Nothing is done with the answer here: it changes the user in the cache, and the cache this row. */
function useLatest(id: string, isMoving: boolean): void {
  const client = useClient()
  useEffect(() => {
    if (!isMoving) return
    const timer = setInterval(() => void client.query(UserDocument, { id }, { requestPolicy: 'network-only' }).toPromise(), POLL_PAUSE_MS)
    return () => clearInterval(timer)
  }, [client, id, isMoving])
}
