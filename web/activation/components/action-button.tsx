import type { ReactNode } from 'react'
import { Button } from 'react-aria-components/Button'

interface ActionButtonProps {
  /** How it looks. */
  kind: 'primary' | 'secondary' | 'link'
  /** What it asked for is on its way. It keeps the focus, which a disabled button would lose; a second press does nothing. */
  busy?: boolean
  /** Missing in a form's own button. */
  onPress?: () => void
  label?: string
  children: ReactNode
}

export function ActionButton({ kind, busy = false, onPress, label, children }: ActionButtonProps) {
  return (
    <Button type={onPress ? 'button' : 'submit'} className={kind} onPress={onPress} aria-disabled={busy || undefined} aria-label={label}>
      {children}
    </Button>
  )
}
