import { useEffect, useRef, useState } from 'react'

/** How long one is told that something was copied. */
const SHOWN_MS = 4000

/** What came of it: words about it, or the text for the visitor to copy. */
export type Outcome = { kind: 'told'; words: string } | { kind: 'by hand'; text: string; close: () => void } | null

/** Copies texts, and knows what came of the last one. */
export function useCopying(): { outcome: Outcome; copy: (text: string, words: string) => void; tell: (words: string) => void } {
  const [outcome, setOutcome] = useState<Outcome>(null)
  useEffect(() => {
    if (outcome?.kind !== 'told') return
    const timer = setTimeout(() => setOutcome(null), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [outcome])

  const tell = (words: string) => setOutcome({ kind: 'told', words })
  async function copy(text: string, words: string): Promise<void> {
    try {
      // Not there on pages that came over plain HTTP from another machine; and the browser may refuse.
      await navigator.clipboard.writeText(text)
      tell(words)
    } catch {
      setOutcome({ kind: 'by hand', text, close: () => setOutcome(null) })
    }
  }
  return { outcome, tell, copy: (text, words) => void copy(text, words) }
}

/** Says what came of copying; where the browser refused, shows the text for its visitor to copy. */
export function CopyOutcome({ outcome }: { outcome: Outcome }) {
  return (
    <>
      <p role="status" className="copy-outcome">
        {outcome?.kind === 'told' && outcome.words}
      </p>
      {outcome?.kind === 'by hand' && <CopyByHand text={outcome.text} onClose={outcome.close} />}
    </>
  )
}

function CopyByHand({ text, onClose }: { text: string; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} className="copy-by-hand" aria-label="Copy by hand" onClose={onClose}>
      <p>The browser does not let this page copy. Copy it from here:</p>
      <textarea readOnly autoFocus aria-label="Text to copy" rows={12} value={text} onFocus={event => event.target.select()} />
      <form method="dialog">
        <button>Close</button>
      </form>
    </dialog>
  )
}
