import i18n from 'i18next'
import { useCallback, useEffect, useRef, useState } from 'react'
import { problemOf, type Problem } from '../api/activation-client'
import { hearOtherTabs, tellOtherTabs } from './other-tabs'
import { nextState, pauseMs, signedOut, type Activation, type PortalState } from './portal-state'

/** Bounds of the pause after a failed request, which doubles with each failure. */
const FIRST_RETRY_MS = 2000
const LONGEST_RETRY_MS = 16_000

export interface Portal {
  state: PortalState
  /** Why the last refresh failed; null when it did not. */
  error: Problem | null
  /** Sets the state from the response of a mutation. */
  accept: (activation: Activation) => void
  /** `ended`: the server has ended the session, not the user. */
  signOut: (ended: boolean) => void
  refresh: () => Promise<void>
}

/** The state of the portal. Polls while it can change by itself, and refreshes when the page becomes visible or the browser is online again. */
export function usePortal(link: string): Portal {
  const [state, setState] = useState<PortalState>({ name: 'arriving' })
  const [error, setError] = useState<Problem | null>(null)
  const current = useRef(state)
  const timer = useRef(0)
  const failures = useRef(0)
  const since = useRef(0)

  const setCurrent = useCallback((next: PortalState) => {
    if (stepOf(next) !== stepOf(current.current)) since.current = Date.now()
    current.current = next
    setState(next)
  }, [])

  const schedule = useCallback((pause: number | null, refresh: () => Promise<void>) => {
    clearTimeout(timer.current)
    // setTimeout treats a delay of more than 24 days as 0.
    if (pause !== null) timer.current = window.setTimeout(() => void refresh(), Math.min(pause, 3_600_000))
  }, [])

  const refresh = useCallback(async () => {
    clearTimeout(timer.current)
    const before = current.current
    // A hidden page does not poll. The first request runs all the same, so that a tab opened in the background is ready.
    if (document.hidden && before.name !== 'arriving') return
    try {
      const next = await nextState(before, link)
      // A mutation that completed meanwhile has set a newer state.
      if (current.current === before) setCurrent(next)
      failures.current = 0
      setError(null)
      schedule(pauseMs(current.current, Date.now() - since.current), refresh)
    } catch (error) {
      const problem = problemOf(error)
      if (problem.kind === 'signed-out') return setCurrent(signedOut(before, true))
      setError(problem)
      const retryMs = Math.min(FIRST_RETRY_MS * 2 ** failures.current++, LONGEST_RETRY_MS)
      schedule(problem.kind === 'rate-limited' ? problem.until - Date.now() : retryMs, refresh)
    }
  }, [link, setCurrent, schedule])

  const change = useCallback(
    (next: PortalState) => {
      setCurrent(next)
      schedule(pauseMs(next, 0), refresh)
      tellOtherTabs()
    },
    [setCurrent, schedule, refresh],
  )

  useEffect(() => {
    const refreshNow = () => void refresh()
    refreshNow()
    const stopHearing = hearOtherTabs(refreshNow)
    document.addEventListener('visibilitychange', refreshNow)
    window.addEventListener('online', refreshNow)
    // The server's sentences are in the language of the request.
    i18n.on('languageChanged', refreshNow)
    return () => {
      clearTimeout(timer.current)
      stopHearing()
      document.removeEventListener('visibilitychange', refreshNow)
      window.removeEventListener('online', refreshNow)
      i18n.off('languageChanged', refreshNow)
    }
  }, [refresh])

  return {
    state,
    error,
    accept: useCallback(activation => change({ name: 'signed-in', activation }), [change]),
    signOut: useCallback(ended => change(signedOut(current.current, ended)), [change]),
    refresh,
  }
}

function stepOf(state: PortalState): string {
  return state.name === 'signed-in' ? state.activation.step : state.name
}
