import { type FormEvent, useId, useState } from 'react'
import { useMutation } from 'urql'
import { Failure } from './failure'
import { type FragmentType, graphql, readFragment } from './gql'
import type { UserErrorCode } from './gql/graphql'
import { texts } from './texts'

const RetryFormFragment = graphql(`
  fragment RetryForm on ProvisionedUser {
    id
    email
    firstName
    lastName
    availableActions
  }
`)

const RetryDocument = graphql(`
  mutation Retry($input: RetryActivationInput!) {
    retryActivation(input: $input) {
      provisionedUser {
        ...UserItem
      }
      userErrors {
        code
        field
        message
      }
    }
  }
`)

/** Starts the activation again; where the server knows no address that it may use, it asks for one. */
export function RetryForm({ user: given }: { user: FragmentType<typeof RetryFormFragment> }) {
  const user = readFragment(RetryFormFragment, given)
  const [{ data, error, fetching }, retry] = useMutation(RetryDocument)
  const [asksEmail, setAsksEmail] = useState(false)
  const complaintId = useId()
  if (!user.availableActions.includes('RETRY_ACTIVATION')) return null

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    if (fetching) return
    const email = new FormData(event.currentTarget).get('email')
    const row = event.currentTarget.closest('li')
    const answer = await retry({ input: { userId: user.id, email: email === null ? null : String(email) } })
    if (answer.data?.retryActivation?.userErrors.some(({ field }) => field?.[0] === 'email')) setAsksEmail(true)
    // The button goes with its action; who works by keyboard stays with the user. Who has gone elsewhere meanwhile stays there.
    const { activeElement, body } = document
    const isHere = activeElement === body || row?.contains(activeElement)
    if (answer.data?.retryActivation?.provisionedUser && isHere) row?.focus()
  }

  const userErrors = data?.retryActivation?.userErrors ?? []
  const aboutEmail = userErrors.filter(({ field }) => field?.[0] === 'email')
  const others = userErrors.filter(userError => !aboutEmail.includes(userError))
  return (
    <form onSubmit={event => void submit(event)} noValidate>
      {asksEmail && (
        <label>
          {texts.email}
          <input
            name="email"
            type="email"
            autoFocus
            defaultValue={user.email ?? ''}
            aria-invalid={aboutEmail.length > 0}
            aria-describedby={complaintId}
          />
        </label>
      )}
      <button aria-disabled={fetching} aria-label={`${texts.retry}: ${user.firstName} ${user.lastName}`}>
        {texts.retry}
      </button>
      <p id={complaintId} role="alert">
        {aboutEmail.map(sentenceOf).join(' ')}
      </p>
      {others.length > 0 && <p role="alert">{others.map(sentenceOf).join(' ')}</p>}
      {error && <Failure error={error} />}
    </form>
  )
}

/** The page has words of its own for what it expects; whatever else there is, the server says. */
function sentenceOf({ code, message }: { code: UserErrorCode; message: string }): string {
  return code === 'EMAIL_REQUIRED' ? texts.emailRequired : message
}
