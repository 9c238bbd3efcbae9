import { explorerPlugin } from '@graphiql/plugin-explorer'
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql'
import { useMemo, useState } from 'react'
import { CopyCurlButton } from './copy-curl-button'
import { defaultTabs } from './examples/example-operations'
import { examplesPlugin } from './examples/examples-plugin'
import { createFetcher } from './fetcher'
import { TokenContext } from './token-context'
import { TokenField, type TokenState } from './token-field'

/** Outside the component: GraphiQL closes the open pane whenever it is handed a new list. The doc explorer is there without being named. */
const plugins = [examplesPlugin, HISTORY_PLUGIN, explorerPlugin({ showAttribution: false })]

/** Session storage, not local: the token is gone when the tab is closed, and another tab does not have it. */
const TOKEN_KEY = 'flowthrough.token'

export function Playground() {
  const [token, setToken] = useState(() => sessionStorage.getItem(TOKEN_KEY) ?? '')
  const [state, setState] = useState<TokenState>(token ? 'checking' : 'missing')
  const fetcher = useMemo(() => createFetcher(token, setState), [token])

  function changeToken(changed: string) {
    if (changed === token) return
    if (changed) sessionStorage.setItem(TOKEN_KEY, changed)
    else sessionStorage.removeItem(TOKEN_KEY)
    setState(changed ? 'checking' : 'missing')
    setToken(changed)
  }

  return (
    <TokenContext.Provider value={token}>
      <TokenField token={token} state={state} onChange={changeToken} />
      <main>
        <GraphiQL
          fetcher={fetcher}
          // null keeps GraphiQL from asking for the schema before there is a token to ask with; a new fetcher makes it ask.
          schema={token ? undefined : null}
          plugins={plugins}
          defaultTabs={defaultTabs}
          defaultEditorToolsVisibility="variables"
          // The headers pane may hold a credential: it is never stored, and the setting that would store it is not offered.
          shouldPersistHeaders={false}
        >
          {/* Its place is wanted for the tabs; the name is in the page's header. */}
          <GraphiQL.Logo>{null}</GraphiQL.Logo>
          <GraphiQL.Toolbar>
            {({ prettify, merge, copy }) => (
              <>
                {prettify}
                {merge}
                {copy}
                <CopyCurlButton />
              </>
            )}
          </GraphiQL.Toolbar>
        </GraphiQL>
      </main>
    </TokenContext.Provider>
  )
}
