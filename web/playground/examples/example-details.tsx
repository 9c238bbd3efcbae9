import { Button, MarkdownContent, useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import { OperationTypeNode } from 'graphql'
import { useContext } from 'react'
import { curlCommand } from '../../../schema/curl-command'
import { API_URL, MASKED_TOKEN } from '../copy-curl-button'
import { CopyOutcome, useCopying } from '../copying'
import { TokenContext } from '../token-context'
import type { ExampleOperation } from './example-operations'
import { fillVariables, type OwnObjects, SOURCES } from './own-objects'

/** As in style.css: an open pane takes the whole width, and hides the tabs. */
const NARROW = '(max-width: 760px)'

interface ExampleDetailsProps {
  id: string
  example: ExampleOperation
  description: string
  own: OwnObjects | null
}

/** One example: what it is for, its texts, and ways to take them along. It is never run from here. */
export function ExampleDetails({ id, example, description, own }: ExampleDetailsProps) {
  const token = useContext(TokenContext)
  const openInTab = useOpenInTab()
  const { outcome, copy } = useCopying()
  const { operation, kind } = example
  const { variables, missing } = fillVariables(example, own)
  const request = { url: API_URL, operation, variables: variables ? (JSON.parse(variables) as Record<string, unknown>) : undefined }
  // It comes over a WebSocket, which curl does not speak.
  const withCurl = kind !== OperationTypeNode.SUBSCRIPTION

  return (
    <div id={id} className="example-details">
      {description && <MarkdownContent type="description">{description}</MarkdownContent>}
      {kind === OperationTypeNode.MUTATION && <p className="examples-hint">It changes data. Nothing is sent from this pane.</p>}
      <div className="example-buttons">
        {withCurl && (
          <Button type="button" onClick={() => copy(curlCommand({ ...request, token: token || undefined }), 'The command is copied.')}>
            Copy as curl
          </Button>
        )}
        <Button type="button" onClick={() => copy(operation, 'The operation is copied.')}>
          Copy operation
        </Button>
        <Button type="button" onClick={() => openInTab(operation, variables)}>
          Open in a new tab
        </Button>
      </div>
      {withCurl && token && <p className="examples-hint">The copied curl command holds your token: do not paste it where others read.</p>}
      <CopyOutcome outcome={outcome} />

      <Code title="Operation" text={operation} />
      {variables && <Code title="Variables" text={variables} />}
      {missing.map(placeholder => (
        <Missing key={placeholder} placeholder={placeholder} />
      ))}
      {withCurl ? (
        <Code title="As a curl command" text={curlCommand({ ...request, token: token ? MASKED_TOKEN : undefined })} wrapped />
      ) : (
        <p className="examples-hint">Subscriptions come over a WebSocket, which curl does not speak: open it in a tab.</p>
      )}
    </div>
  )
}

/** What is too wide is scrolled, so a keyboard has to get there. */
function Code({ title, text, wrapped = false }: { title: string; text: string; wrapped?: boolean }) {
  return (
    <>
      <h4>{title}</h4>
      <pre tabIndex={0} role="group" aria-label={title} className={wrapped ? 'wrapped' : undefined}>
        <code>{text.trimEnd()}</code>
      </pre>
    </>
  )
}

function Missing({ placeholder }: { placeholder: string }) {
  return (
    <p className="examples-hint">
      <code>{placeholder}</code> stands for {placeholder === 'key_…' ? 'the key of a cause' : 'an ID'}: take one from the answer of{' '}
      <code>{SOURCES[placeholder]}</code>.
    </p>
  )
}

function useOpenInTab(): (operation: string, variables?: string) => void {
  const actions = useGraphiQLActions()
  const queryEditor = useGraphiQL(state => state.queryEditor)
  const variableEditor = useGraphiQL(state => state.variableEditor)
  return (operation, variables) => {
    actions.addTab()
    // The editors tell the new tab of what they show.
    queryEditor?.setValue(operation.trimEnd())
    variableEditor?.setValue(variables?.trimEnd() ?? '')
    // Only the button itself gives the pane's place away, too.
    if (matchMedia(NARROW).matches) document.querySelector<HTMLButtonElement>('[aria-label="Hide Examples"]')?.click()
    queryEditor?.focus()
    // The tabs scroll, and the new one is the last. It is drawn in a moment.
    requestAnimationFrame(() => document.querySelector('.graphiql-tab-active')?.scrollIntoView({ block: 'nearest' }))
  }
}
