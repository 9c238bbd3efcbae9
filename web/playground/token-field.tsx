import { useEffect, useState, type ReactNode } from 'react'

export type TokenState = 'missing' | 'checking' | 'accepted' | 'refused' | 'unreachable'

/** How long typing must rest before a token is tried: a pasted one is tried at once to the eye, a typed one not at every letter. */
const REST_MS = 400

const messages: Record<TokenState, ReactNode> = {
  missing: (
    <>
      Paste the token that <code>npm start</code> printed. It stays in this browser tab.
    </>
  ),
  checking: 'Checking the token…',
  accepted: 'The server accepts this token.',
  refused: 'The server does not accept this token.',
  unreachable: 'The server did not answer.',
}

interface TokenFieldProps {
  token: string
  state: TokenState
  onChange: (token: string) => void
}

export function TokenField({ token, state, onChange }: TokenFieldProps) {
  const [typed, setTyped] = useState(token)
  const [shown, setShown] = useState(false)

  useEffect(() => {
    const timer = setTimeout(() => onChange(typed.trim()), REST_MS)
    return () => clearTimeout(timer)
  }, [typed, onChange])

  return (
    <header className="token-field">
      <h1>Flowthrough</h1>
      <label htmlFor="token">API token</label>
      <div className="token-field-input">
        <input
          id="token"
          type={shown ? 'text' : 'password'}
          value={typed}
          onChange={event => setTyped(event.target.value)}
          autoComplete="off"
          spellCheck={false}
          aria-describedby="token-state"
          aria-invalid={state === 'refused'}
        />
        <button type="button" aria-pressed={shown} aria-label="Show token" onClick={() => setShown(!shown)}>
          {shown ? 'Hide' : 'Show'}
        </button>
      </div>
      <p id="token-state" role="status" className={`token-state-${state}`}>
        {messages[state]}
      </p>
    </header>
  )
}
