import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ask } from '../api/activation-client'
import { ConfirmEmailDocument, CurrentActivationDocument } from '../api/operations.generated'
import { ActionButton } from '../components/action-button'
import { FailureNotice } from '../components/failure-notice'
import { tellOtherTabs } from '../portal/other-tabs'
import type { Activation } from '../portal/standing'
import { useSubmission } from '../portal/use-submission'
import { keepConfirmed } from './confirmation-token'

interface ConfirmFormProps {
  token: string
  /** On a device that has no session of this user. */
  onConfirmed: (activationLink: string) => void
  /** On one that has. */
  onGoOn: (activationLink: string) => void
}

/** A button, because programs that look for evil in mails open every link in them, and press nothing. */
export function ConfirmForm({ token, onConfirmed, onGoOn }: ConfirmFormProps) {
  const { t } = useTranslation()
  const [refused, setRefused] = useState(false)
  const [here, setHere] = useState<Activation | null>(null)
  const { busy, failure, submit } = useSubmission(WITHOUT_SESSION)

  async function confirm() {
    const done = await submit(async () => {
      const { confirmEmail } = await ask(ConfirmEmailDocument, { input: { token } })
      const session = await activationHere()
      setHere(session)
      setRefused((confirmEmail?.userErrors.length ?? 0) > 0)
      return confirmEmail && { ...confirmEmail, isOfSession: session?.broadworksId === confirmEmail.activation?.broadworksId }
    })
    if (!done?.activation) return
    const { activationLink } = done.activation
    keepConfirmed(activationLink)
    tellOtherTabs()
    if (done.isOfSession) onGoOn(activationLink)
    else onConfirmed(activationLink)
  }

  return (
    <>
      {!refused && <p>{t('confirmLink.text')}</p>}
      <FailureNotice failure={failure} />
      {refused ? (
        <p>{t('confirmLink.help')}</p>
      ) : (
        <div className="actions">
          <ActionButton kind="primary" busy={busy} onPress={() => void confirm()}>
            {t('confirmLink.submit')}
          </ActionButton>
        </div>
      )}
      {refused && here && (
        <div className="actions">
          <a className="button primary" href={new URL(here.activationLink).pathname}>
            {t('confirmLink.goOn')}
          </a>
        </div>
      )}
      {!refused && <p className="hint">{t('confirmLink.notYou')}</p>}
    </>
  )
}

const WITHOUT_SESSION = { signOut: () => {}, look: async () => {} }

/** Of the session of this device, if it has one; who cannot be asked for has none. */
async function activationHere(): Promise<Activation | null> {
  return ask(CurrentActivationDocument, {}).then(
    ({ activation }) => activation,
    () => null,
  )
}
