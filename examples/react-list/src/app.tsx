import { type FormEvent, useMemo, useState } from 'react'
import { Provider } from 'urql'
import { createClient } from './client'
import { texts } from './texts'
import { UserList } from './user-list'

const TOKEN = 'token'

/** The page: a token, and then the users whom its holder may see. The token goes when the tab is closed. */
export function App() {
  const [visit, setVisit] = useState(() => ({ token: sessionStorage.getItem(TOKEN) ?? '', number: 1 }))
  // Whoever shows the users has a client of their own, so that nobody finds in the cache what another may see, and the same token reads anew.
  const client = useMemo(() => createClient(visit.token), [visit])

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const token = String(new FormData(event.currentTarget).get(TOKEN)).trim()
    sessionStorage.setItem(TOKEN, token)
    setVisit({ token, number: visit.number + 1 })
  }

  return (
    <>
      <header>
        <h1>{texts.title}</h1>
        <form onSubmit={submit}>
          <label>
            {texts.token}
            <input name={TOKEN} type="password" autoComplete="off" required pattern="\s*[!-~]+\s*" defaultValue={visit.token} />
          </label>
          <button>{texts.useToken}</button>
        </form>
      </header>
      <main>
        {visit.token === '' ? (
          <p>{texts.noToken}</p>
        ) : (
          <Provider value={client} key={visit.number}>
            <UserList />
          </Provider>
        )}
      </main>
    </>
  )
}
