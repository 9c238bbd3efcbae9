import i18n from 'i18next'
import { useCallback, useEffect, useRef, useState } from 'react'
import { problemOf, type Problem } from '../api/activation-client'
import { hearOtherTabs, tellOtherTabs } from './other-tabs'
import { nextStanding, pauseMs, signedOut, type Activation, type Standing } from './standing'

/** After a failure the pause doubles from the first to the longest. */
const FIRST_RETRY_MS = 2000
const LONGEST_RETRY_MS = 16_000

export interface Portal {
  standing: Standing
  /** Why the last look failed; null when it did not. */
  trouble: Problem | null
  /** Takes what a mutation answered. */
  accept: (activation: Activation) => void
  /** `ended`: the server has ended the session, not the user. */
  signOut: (ended: boolean) => void
  look: () => Promise<void>
}

/** How the visitor of this link stands, kept up to date: by time where things move, and whenever somebody looks at the page again. */
export function usePortal(link: string): Portal {
  const [standing, setStanding] = useState<Standing>({ name: 'arriving' })
  const [trouble, setTrouble] = useState<Problem | null>(null)
  const current = useRef(standing)
  const timer = useRef(0)
  const failures = useRef(0)
  const since = useRef(0)

  const put = useCallback((next: Standing) => {
    if (stepOf(next) !== stepOf(current.current)) since.current = Date.now()
    current.current = next
    setStanding(next)
  }, [])

  const schedule = useCallback((pause: number | null, look: () => Promise<void>) => {
    clearTimeout(timer.current)
    // setTimeout takes what is longer than 24 days for nothing.
    if (pause !== null) timer.current = window.setTimeout(() => void look(), Math.min(pause, 3_600_000))
  }, [])

  const look = useCallback(async () => {
    clearTimeout(timer.current)
    const before = current.current
    // Who opens the page in the background finds it there; who has left it needs no news.
    if (document.hidden && before.name !== 'arriving') return
    try {
      const next = await nextStanding(before, link)
      // Meanwhile a mutation has answered, which knows better.
      if (current.current === before) put(next)
      failures.current = 0
      setTrouble(null)
      schedule(pauseMs(current.current, Date.now() - since.current), look)
    } catch (error) {
      const problem = problemOf(error)
      if (problem.kind === 'signed-out') return put(signedOut(before, true))
      setTrouble(problem)
      const retryMs = Math.min(FIRST_RETRY_MS * 2 ** failures.current++, LONGEST_RETRY_MS)
      schedule(problem.kind === 'rate-limited' ? problem.until - Date.now() : retryMs, look)
    }
  }, [link, put, schedule])

  const change = useCallback(
    (next: Standing) => {
      put(next)
      schedule(pauseMs(next, 0), look)
      tellOtherTabs()
    },
    [put, schedule, look],
  )

  useEffect(() => {
    const lookNow = () => void look()
    lookNow()
    const stopHearing = hearOtherTabs(lookNow)
    document.addEventListener('visibilitychange', lookNow)
    window.addEventListener('online', lookNow)
    // The server's sentences are in the language of the request.
    i18n.on('languageChanged', lookNow)
    return () => {
      clearTimeout(timer.current)
      stopHearing()
      document.removeEventListener('visibilitychange', lookNow)
      window.removeEventListener('online', lookNow)
      i18n.off('languageChanged', lookNow)
    }
  }, [look])

  return {
    standing,
    trouble,
    accept: useCallback(activation => change({ name: 'signed-in', activation }), [change]),
    signOut: useCallback(ended => change(signedOut(current.current, ended)), [change]),
    look,
  }
}

function stepOf(standing: Standing): string {
  return standing.name === 'signed-in' ? standing.activation.step : standing.name
}
