import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ask } from '../api/activation-client'
import { SignInDocument } from '../api/operations.generated'
import { ActionButton } from '../components/action-button'
import { FormField } from '../components/form-field'
import { PasswordField } from '../components/password-field'
import { SubmissionForm } from '../components/submission-form'
import type { Portal } from '../portal/use-portal'
import { useSubmission } from '../portal/use-submission'

interface SignInProps {
  portal: Portal
  link: string
  partnerName: string
  ended: boolean
}

export function SignIn({ portal, link, partnerName, ended }: SignInProps) {
  const { t } = useTranslation()
  const [broadworksId, setBroadworksId] = useState('')
  const [password, setPassword] = useState('')
  const { busy, failure, refuse, submit } = useSubmission(portal, ['broadworksId', 'password'])

  async function signIn() {
    const missing = {
      broadworksId: broadworksId.trim() === '' && t('signIn.broadworksIdMissing'),
      password: password === '' && t('signIn.passwordMissing'),
    }
    if (refuse(missing)) return
    const input = { link, broadworksId: broadworksId.trim(), password }
    const done = await submit(async () => (await ask(SignInDocument, { input })).signIn)
    if (done?.activation) portal.accept(done.activation)
  }

  return (
    <>
      {ended && <p className="notice">{t('signIn.ended')}</p>}
      <p>{t('signIn.text', { partnerName })}</p>
      <SubmissionForm failure={failure} onSubmit={() => void signIn()}>
        <FormField
          name="broadworksId"
          label={t('signIn.broadworksId')}
          hint={t('signIn.broadworksIdHint')}
          value={broadworksId}
          onChange={setBroadworksId}
          autoComplete="username"
          inputMode="email"
        />
        <PasswordField value={password} onChange={setPassword} />
        <ActionButton kind="primary" busy={busy}>
          {t('signIn.submit')}
        </ActionButton>
      </SubmissionForm>
    </>
  )
}
