import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react'
import { Form } from 'react-aria-components/Form'
import type { Failure } from '../portal/use-submission'
import { FailureNotice } from './failure-notice'

interface SubmissionFormProps {
  failure: Failure | null
  onSubmit: () => void
  children: ReactNode
}

/** A form that ties each error to its field until somebody types there, and leads to the first field that has one. */
export function SubmissionForm({ failure, onSubmit, children }: SubmissionFormProps) {
  const form = useRef<HTMLFormElement>(null)
  const [typed, setTyped] = useState<{ since: Failure | null; fields: string[] }>({ since: null, fields: [] })

  const errors = useMemo(() => {
    const mended = typed.since === failure ? typed.fields : []
    return Object.fromEntries(Object.entries(failure?.fields ?? {}).filter(([name]) => !mended.includes(name)))
  }, [failure, typed])

  useEffect(() => {
    if (failure) form.current?.querySelector<HTMLInputElement>('input[aria-invalid="true"]')?.focus()
  }, [failure])

  function mend(field: string) {
    setTyped({ since: failure, fields: typed.since === failure ? [...typed.fields, field] : [field] })
  }

  return (
    <Form
      ref={form}
      // The browser's own complaints are in the browser's language, which may be another.
      validationBehavior="aria"
      validationErrors={errors}
      onSubmit={event => {
        event.preventDefault()
        onSubmit()
      }}
    >
      <FailureNotice failure={failure} />
      <div className="fields" onInput={event => mend((event.target as HTMLInputElement).name)}>
        {children}
      </div>
    </Form>
  )
}
