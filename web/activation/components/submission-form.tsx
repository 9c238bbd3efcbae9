import { useEffect, useRef, type ReactNode } from 'react'
import { Form } from 'react-aria-components/Form'
import type { Failure } from '../portal/use-submission'
import { FailureNotice } from './failure-notice'

interface SubmissionFormProps {
  failure: Failure | null
  onSubmit: () => void
  children: ReactNode
}

/** A form that ties each error to its field and leads to the first field that has one. */
export function SubmissionForm({ failure, onSubmit, children }: SubmissionFormProps) {
  const form = useRef<HTMLFormElement>(null)

  useEffect(() => {
    if (failure) form.current?.querySelector<HTMLInputElement>('input[aria-invalid="true"]')?.focus()
  }, [failure])

  return (
    <Form
      ref={form}
      // The browser's own complaints are in the browser's language, which may be another.
      validationBehavior="aria"
      validationErrors={failure?.fields ?? {}}
      onSubmit={event => {
        event.preventDefault()
        onSubmit()
      }}
    >
      <FailureNotice failure={failure} />
      {children}
    </Form>
  )
}
