/** In this tab alone, for a reload. */
const TOKEN_KEY = 'activation.token'
const CONFIRMED_KEY = 'activation.confirmed'

/** The token of the mail's link, which leaves the address bar at once: addresses are seen, shared and kept. null where there is none. */
export function takeToken(): string | null {
  const token = new URLSearchParams(location.search).get('token')
  if (!token) return read(TOKEN_KEY)
  keep(TOKEN_KEY, token)
  keep(CONFIRMED_KEY, null)
  history.replaceState(null, '', location.pathname)
  return token
}

/** Whether the last token of this tab has confirmed an address already. */
export function hasConfirmed(): boolean {
  return read(CONFIRMED_KEY) !== null
}

/** A used token is worth nothing; that it was good is. */
export function keepConfirmed(): void {
  keep(TOKEN_KEY, null)
  keep(CONFIRMED_KEY, 'yes')
}

function read(key: string): string | null {
  try {
    return sessionStorage.getItem(key)
  } catch {
    // A browser that lets nobody keep anything forgets it at the next reload.
    return null
  }
}

function keep(key: string, value: string | null): void {
  try {
    if (value === null) sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, value)
  } catch {
    // As above.
  }
}
