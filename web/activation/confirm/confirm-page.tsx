import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Page } from '../components/page'
import { ConfirmForm } from './confirm-form'
import { hasConfirmed, takeToken } from './confirmation-token'

/** Where the mail's link leads, on any device. `onGoOn` is for the device that has the session. */
export function ConfirmPage({ onGoOn }: { onGoOn: (activationLink: string) => void }) {
  const { t } = useTranslation()
  // In this order: a new token makes what an older one has confirmed a thing of the past.
  const [token] = useState(takeToken)
  const [confirmed, setConfirmed] = useState(hasConfirmed)

  if (confirmed) {
    return (
      <Page view="confirmed">
        <p>{t('confirmed.text')}</p>
        <p>{t('confirmed.here')}</p>
      </Page>
    )
  }
  if (token === null) {
    return (
      <Page view="linkIncomplete">
        <p>{t('linkIncomplete.text')}</p>
      </Page>
    )
  }
  return (
    <Page view="confirmLink">
      <ConfirmForm token={token} onConfirmed={() => setConfirmed(true)} onGoOn={onGoOn} />
    </Page>
  )
}
