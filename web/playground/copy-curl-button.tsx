import { ToolbarButton, tryParseJSONC, useGraphiQL } from '@graphiql/react'
import { Kind, type OperationDefinitionNode, OperationTypeNode, parse } from 'graphql'
import { useContext } from 'react'
import { curlCommand } from '../../schema/curl-command'
import { CopyOutcome, useCopying } from './copying'
import { TokenContext } from './token-context'

/** Of the server that sent this page. */
export const API_URL = `${location.origin}/graphql`

/** What is shown in the place of a token. */
export const MASKED_TOKEN = 'flt_••••••••'

/** In the toolbar: the operation of the current tab, with its variables and headers, as a command for a shell. */
export function CopyCurlButton() {
  const token = useContext(TokenContext)
  const queryEditor = useGraphiQL(state => state.queryEditor)
  const variableEditor = useGraphiQL(state => state.variableEditor)
  const headerEditor = useGraphiQL(state => state.headerEditor)
  const chosenName = useGraphiQL(state => state.operationName)
  const { outcome, copy, tell } = useCopying()

  function copyCurl() {
    const operation = queryEditor?.getValue() ?? ''
    const operations = operationsOf(operation)
    // GraphiQL takes a moment to see what a tab has; where there is one operation only, nobody has to say which.
    const operationName = operations.length > 1 ? chosenName : undefined
    const isSubscription = operations.some(
      ({ operation: kind, name }) =>
        kind === OperationTypeNode.SUBSCRIPTION && (operationName === undefined || name?.value === operationName),
    )
    if (isSubscription) return tell('Subscriptions come over a WebSocket, which curl does not speak.')
    const [variables, headers] = [objectIn(variableEditor), objectIn(headerEditor)]
    if (!variables) return tell('The variables are no JSON object, so there is nothing to copy.')
    if (!headers) return tell('The headers are no JSON object, so there is nothing to copy.')
    const command = curlCommand({ url: API_URL, token: token || undefined, operation, variables, headers, operationName })
    copy(command, token ? 'The command is copied. It holds your token: do not paste it where others read.' : 'The command is copied.')
  }

  return (
    <div className="copy-curl">
      <ToolbarButton onClick={copyCurl} label="Copy as curl (with your token)">
        <svg className="graphiql-toolbar-icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
          <rect x="2" y="4" width="20" height="16" rx="2" />
          <path d="m6 9 3.5 3L6 15m6.5.5H18" strokeLinecap="round" strokeLinejoin="round" />
        </svg>
      </ToolbarButton>
      <CopyOutcome outcome={outcome} />
    </div>
  )
}

/** None when it is no document yet: then the server says what is wrong. */
function operationsOf(document: string): OperationDefinitionNode[] {
  try {
    return parse(document).definitions.filter(definition => definition.kind === Kind.OPERATION_DEFINITION)
  } catch {
    return []
  }
}

/** As GraphiQL reads it, which takes comments and a comma too many; null when it is something else. */
function objectIn(editor: { getValue(): string } | undefined): Record<string, unknown> | null {
  try {
    return tryParseJSONC(editor?.getValue()) ?? {}
  } catch {
    return null
  }
}
