import type { InputHTMLAttributes, ReactNode } from 'react'
import { FieldError, Input, Label, Text, TextField } from 'react-aria-components/TextField'

interface FormFieldProps {
  name: string
  label: string
  hint?: string
  value: string
  onChange: (value: string) => void
  autoComplete: 'username' | 'current-password' | 'email'
  type?: 'text' | 'password'
  inputMode?: InputHTMLAttributes<HTMLInputElement>['inputMode']
  /** Beside the input. */
  children?: ReactNode
}

/** A field of the form; its error comes from the form, by its name, and is gone as soon as something else is typed. */
export function FormField({ label, hint, type = 'text', children, ...field }: FormFieldProps) {
  return (
    <TextField {...field} type={type} className="field" spellCheck="false" autoCorrect="off">
      <Label>{label}</Label>
      <div className="input">
        <Input autoCapitalize="none" />
        {children}
      </div>
      <FieldError className="field-error" />
      {hint && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
    </TextField>
  )
}
