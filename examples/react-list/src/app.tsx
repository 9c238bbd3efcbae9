import { type FormEvent, useMemo, useState } from 'react'
import { Provider } from 'urql'
import { createClient } from './client'
import { texts } from './texts'
import { UserList } from './user-list'

const TOKEN = 'token'

/** The page: a token, and then the users whom its holder may see. The token goes when the tab is closed. */
export function App() {
  const [token, setToken] = useState(() => sessionStorage.getItem(TOKEN) ?? '')
  // A token has a client of its own, so that nobody finds in the cache what another may see.
  const client = useMemo(() => createClient(token), [token])

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const given = String(new FormData(event.currentTarget).get(TOKEN)).trim()
    sessionStorage.setItem(TOKEN, given)
    setToken(given)
  }

  return (
    <>
      <header>
        <h1>{texts.title}</h1>
        <form onSubmit={submit}>
          <label>
            {texts.token}
            <input name={TOKEN} type="password" autoComplete="off" required pattern="\s*[!-~]+\s*" defaultValue={token} />
          </label>
          <button>{texts.useToken}</button>
        </form>
      </header>
      <main>
        {token === '' ? (
          <p>{texts.noToken}</p>
        ) : (
          <Provider value={client} key={token}>
            <UserList />
          </Provider>
        )}
      </main>
    </>
  )
}
