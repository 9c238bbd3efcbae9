import type { GraphiQLPlugin } from '@graphiql/react'
import { ExamplesPane } from './examples-pane'

export const examplesPlugin: GraphiQLPlugin = { title: 'Examples', icon: ExamplesIcon, content: ExamplesPane }

/** A list with a triangle to run: drawn in the manner of GraphiQL's own icons. */
function ExamplesIcon() {
  return (
    <svg viewBox="0 0 20 24" height="1em" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round">
      <path d="M1 5h18M10 12h9M10 19h9" />
      <path d="M1 11v9l6-4.5z" />
    </svg>
  )
}
