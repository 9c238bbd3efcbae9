import { useEffect, useState } from 'react'

export interface HistoryView {
  open: boolean
  show: () => void
  close: () => void
}

/** A view within the page that Back closes and a reload keeps open. Where it is not `possible` any more, it is closed for good. */
export function useHistoryView(name: string, possible: boolean): HistoryView {
  const [open, setOpen] = useState(isAt(name))

  useEffect(() => {
    const follow = () => setOpen(isAt(name))
    addEventListener('popstate', follow)
    return () => removeEventListener('popstate', follow)
  }, [name])

  useEffect(() => {
    if (!open || possible) return
    history.replaceState(null, '')
    setOpen(false)
  }, [open, possible])

  return {
    open,
    show() {
      history.pushState({ view: name }, '')
      setOpen(true)
    },
    close() {
      setOpen(false)
      history.back()
    },
  }
}

function isAt(name: string): boolean {
  return (history.state as { view?: string } | null)?.view === name
}
