import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ask } from '../api/activation-client'
import { SubmitEmailDocument } from '../api/operations.generated'
import { ActionButton } from '../components/action-button'
import { FormField } from '../components/form-field'
import { SubmissionForm } from '../components/submission-form'
import type { Activation } from '../portal/portal-state'
import type { Portal } from '../portal/use-portal'
import { useSubmission } from '../portal/use-submission'

interface EnterEmailProps {
  portal: Portal
  activation: Activation
  /** Back to where another address was asked for; missing where there is no back. */
  onBack?: () => void
}

export function EnterEmail({ portal, activation, onBack }: EnterEmailProps) {
  const { t } = useTranslation()
  const [email, setEmail] = useState(activation.email ?? '')
  const { busy, failure, refuse, submit } = useSubmission(portal, ['email'])

  async function send() {
    if (refuse({ email: email.trim() === '' && t('enterEmail.emailMissing') })) return
    const done = await submit(async () => (await ask(SubmitEmailDocument, { input: { email: email.trim() } })).submitEmail)
    if (!done?.activation) return
    onBack?.()
    portal.accept(done.activation)
  }

  return (
    <>
      <p>{t('enterEmail.text', { firstName: activation.firstName })}</p>
      <SubmissionForm failure={failure} onSubmit={() => void send()}>
        <FormField
          name="email"
          label={t('enterEmail.email')}
          hint={t('enterEmail.emailHint')}
          value={email}
          onChange={setEmail}
          autoComplete="email"
          // Not of the type "email": browsers rewrite the domain of such a field where it is not ASCII.
          inputMode="email"
        />
        <ActionButton kind="primary" busy={busy}>
          {t('enterEmail.submit')}
        </ActionButton>
        {onBack && (
          <ActionButton kind="secondary" onPress={onBack}>
            {t('enterEmail.back')}
          </ActionButton>
        )}
      </SubmissionForm>
    </>
  )
}
