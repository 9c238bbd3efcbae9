import type { FormEvent } from 'react'
import type { ProvisionedUserFilter, UserStatus } from './gql/graphql'
import { texts } from './texts'

export const NOT_LIVE: ProvisionedUserFilter = { excludeProvisioned: true }

/** Nothing, or three characters at least with spaces around them: the server refuses a search for fewer. */
const SEARCH = String.raw`\s*(\S.+\S\s*)?`

/** A status, and some characters of a BroadWorks ID, an address or a name. */
export function FilterForm({ onFilter }: { onFilter: (filter: ProvisionedUserFilter) => void }) {
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const status = String(form.get('status'))
    const search = String(form.get('search')).trim()
    onFilter({ ...conditionOf(status), ...(search === '' ? {} : { search }) })
  }

  return (
    <form role="search" onSubmit={submit}>
      <label>
        {texts.show}
        <select name="status" defaultValue="notLive">
          <option value="notLive">{texts.notLive}</option>
          {Object.entries(texts.statuses).map(([status, name]) => (
            <option key={status} value={status}>
              {name}
            </option>
          ))}
          <option value="all">{texts.all}</option>
        </select>
      </label>
      <label>
        {texts.searchFor}
        <input name="search" type="search" pattern={SEARCH} title={texts.searchHint} maxLength={100} />
      </label>
      <button>{texts.search}</button>
    </form>
  )
}

function conditionOf(status: string): ProvisionedUserFilter {
  if (status === 'all') return {}
  return status === 'notLive' ? NOT_LIVE : { statuses: [status as UserStatus] }
}
