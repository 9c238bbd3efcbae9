import { useEffect, useState } from 'react'
import { type CombinedError, useClient } from 'urql'
import { Failure } from './failure'
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

/** How often a user is asked for on whom Webex is at work: most are done within seconds, and some within hours. */
const PAUSE_MS = 2000
const PAUSE_GROWTH = 1.5
const PAUSE_MAX_MS = 30_000

export function UserItem({ user: given }: { user: FragmentType<typeof UserItemFragment> }) {
  const user = readFragment(UserItemFragment, given)
  const [isGone, setGone] = useState(false)
  // A client that is older than the server meets values that it does not know.
  const nameOf = (names: Partial<Record<string, string>>, value: string) => names[value] ?? value
  const heading = (
    <h2>
      {user.firstName} {user.lastName}
    </h2>
  )
  if (isGone) {
    return (
      <li tabIndex={-1}>
        {heading}
        <p role="status">{texts.gone}</p>
      </li>
    )
  }
  return (
    <li tabIndex={-1}>
      {heading}
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
      {(user.status === 'PROVISIONING' || user.status === 'UPDATING') && <Latest id={user.id} onGone={setGone} />}
      <RetryForm user={user} />
    </li>
  )
}

/** Asks until the user stands still or is gone. The answer changes the user in the cache, and the cache the row, which then drops this. */
function Latest({ id, onGone }: { id: string; onGone: (isGone: true) => void }) {
  const client = useClient()
  const [last, setLast] = useState<{ pauseMs: number; error?: CombinedError }>({ pauseMs: PAUSE_MS })
  useEffect(() => {
    if (last.error) return
    async function ask() {
      const { data, error } = await client.query(UserDocument, { id }, { requestPolicy: 'network-only' }).toPromise()
      if (error || data?.provisionedUser) setLast({ pauseMs: Math.min(last.pauseMs * PAUSE_GROWTH, PAUSE_MAX_MS), error })
      else onGone(true)
    }
    const timer = setTimeout(() => void ask(), last.pauseMs)
    return () => clearTimeout(timer)
  }, [client, id, last, onGone])

  if (!last.error) return null
  return (
    <>
      <Failure error={last.error} />
      <button
        onClick={event => {
          event.currentTarget.closest('li')?.focus()
          setLast({ pauseMs: PAUSE_MS })
        }}
      >
        {texts.tryAgain}
      </button>
    </>
  )
}
