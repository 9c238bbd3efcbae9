import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ask } from '../api/activation-client'
import { SubmitEmailDocument } from '../api/operations.generated'
import { ActionButton } from '../components/action-button'
import { FailureNotice } from '../components/failure-notice'
import { Waiting } from '../components/waiting'
import { formatMoment } from '../i18n/time-formats'
import type { Activation } from '../portal/portal-state'
import type { Portal } from '../portal/use-portal'
import { useSubmission } from '../portal/use-submission'

interface ConfirmEmailProps {
  portal: Portal
  activation: Activation
  onOtherAddress: () => void
}

export function ConfirmEmail({ portal, activation, onOtherAddress }: ConfirmEmailProps) {
  const { t } = useTranslation()
  const [sentAgain, setSentAgain] = useState(false)
  const { busy, failure, submit } = useSubmission(portal)
  const { email, emailWarning, linkExpiresAt, error } = activation
  const expired = linkExpiresAt !== null && new Date(linkExpiresAt) <= new Date()
  const waiting = !expired && error === null

  async function sendAgain() {
    setSentAgain(false)
    const done = await submit(async () => (await ask(SubmitEmailDocument, { input: { email: email ?? '' } })).submitEmail)
    if (!done?.activation) return
    setSentAgain(true)
    portal.accept(done.activation)
  }

  return (
    <>
      <FailureNotice failure={error && { fields: {}, ...error }} />
      <div role="status">{expired && error === null && <p className="notice warning">{t('confirmEmail.expired')}</p>}</div>
      {waiting && <p>{t('confirmEmail.text')}</p>}
      <dl>
        <dt>{t(error ? 'emailNotSent.address' : 'confirmEmail.sentTo')}</dt>
        <dd>{email}</dd>
        {waiting && linkExpiresAt !== null && (
          <>
            <dt>{t('confirmEmail.validUntil')}</dt>
            <dd>
              <time dateTime={linkExpiresAt}>{formatMoment(linkExpiresAt)}</time>
            </dd>
          </>
        )}
      </dl>
      {emailWarning !== null && <p className="notice warning">{emailWarning}</p>}
      <div role="status">{sentAgain && waiting && <p className="notice">{t('confirmEmail.sentAgain')}</p>}</div>
      {waiting && <Waiting text={t('confirmEmail.waiting')} />}
      {waiting && <p className="hint">{t('confirmEmail.spam')}</p>}
      <FailureNotice failure={failure} />
      <div className="actions">
        <ActionButton kind={waiting ? 'secondary' : 'primary'} busy={busy} onPress={() => void sendAgain()}>
          {t('confirmEmail.sendAgain')}
        </ActionButton>
        <ActionButton kind="secondary" onPress={onOtherAddress}>
          {t('confirmEmail.otherAddress')}
        </ActionButton>
      </div>
    </>
  )
}
