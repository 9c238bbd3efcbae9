import { useEffect, useRef, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Problem } from '../api/activation-client'
import { formatWait } from '../i18n/time-formats'
import type { View } from '../portal/views'
import { LanguageControl } from './language-control'
import { Progress } from './progress'

/** What the document showed last, whichever component it was: a heading takes the focus only where another one had been before. */
let shown: View = 'arriving'

interface PageProps {
  view: View
  /** Whose page it is; the name of what is activated where that is not known. */
  partnerName?: string
  error?: Problem | null
  footer?: ReactNode
  children?: ReactNode
}

/** The frame of every view: whose page, the language, the progress, the heading, and the state of the connection. */
export function Page({ view, partnerName = 'Webex', error = null, footer, children }: PageProps) {
  const { t } = useTranslation()
  const heading = useRef<HTMLHeadingElement>(null)
  const title = t(`${view}.title`)

  useEffect(() => {
    document.title = t('documentTitle', { title, partnerName })
  }, [t, title, partnerName])

  useEffect(() => {
    if (view === 'arriving' || view === shown) return
    if (shown !== 'arriving') heading.current?.focus()
    shown = view
  }, [view])

  return (
    <div className={`page ${view}`}>
      <header>
        <p className="partner">{partnerName}</p>
        <LanguageControl />
      </header>
      <main>
        <Progress view={view} />
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        <ErrorNotice error={error} />
        {children}
      </main>
      {footer && <footer>{footer}</footer>}
    </div>
  )
}

/** There also when there is nothing to say: screen readers speak what appears in a region that they know already. */
function ErrorNotice({ error }: { error: Problem | null }) {
  const { t } = useTranslation()
  return (
    <div role="status" className="trouble">
      {error && <p className="notice warning">{textOf(error)}</p>}
    </div>
  )

  function textOf(problem: Problem): string {
    switch (problem.kind) {
      case 'rate-limited':
        return t('trouble.rateLimited', { wait: formatWait(problem.until) })
      case 'unreachable':
        return t('trouble.unreachable')
      default:
        return t('trouble.failed')
    }
  }
}
