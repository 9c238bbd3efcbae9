import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ask } from '../api/activation-client'
import { ConfirmEmailDocument, CurrentActivationDocument } from '../api/operations.generated'
import { ActionButton } from '../components/action-button'
import { FailureNotice } from '../components/failure-notice'
import { tellOtherTabs } from '../portal/other-tabs'
import { useSubmission } from '../portal/use-submission'
import { keepConfirmed } from './confirmation-token'

interface ConfirmFormProps {
  token: string
  /** On a device that has no session of this user. */
  onConfirmed: () => void
  /** On one that has. */
  onGoOn: (activationLink: string) => void
}

/** A button, because programs that look for evil in mails open every link in them, and press nothing. */
export function ConfirmForm({ token, onConfirmed, onGoOn }: ConfirmFormProps) {
  const { t } = useTranslation()
  const [refused, setRefused] = useState(false)
  const [linkHere, setLinkHere] = useState<string | null>(null)
  const { busy, failure, submit } = useSubmission(WITHOUT_SESSION)

  async function confirm() {
    const done = await submit(async () => {
      const { confirmEmail } = await ask(ConfirmEmailDocument, { input: { token } })
      if ((confirmEmail?.userErrors.length ?? 0) > 0) {
        setLinkHere(await activationLinkHere())
        setRefused(true)
      }
      return confirmEmail
    })
    if (!done?.activation) return
    keepConfirmed()
    tellOtherTabs()
    // The server tells the link to the user's own session only.
    if (done.activation.activationLink === null) onConfirmed()
    else onGoOn(done.activation.activationLink)
  }

  if (refused) {
    return (
      <>
        <FailureNotice failure={failure} />
        {linkHere ? (
          <div className="actions">
            <a className="button primary" href={new URL(linkHere).pathname}>
              {t('confirmLink.goOn')}
            </a>
          </div>
        ) : (
          <p>{t('confirmLink.help')}</p>
        )}
      </>
    )
  }
  return (
    <>
      <p>{t('confirmLink.text')}</p>
      <FailureNotice failure={failure} />
      <div className="actions">
        <ActionButton kind="primary" busy={busy} onPress={() => void confirm()}>
          {t('confirmLink.submit')}
        </ActionButton>
      </div>
      <p className="hint">{t('confirmLink.notYou')}</p>
    </>
  )
}

const WITHOUT_SESSION = { signOut: () => {}, refresh: async () => {} }

/** Of the session of this device, whoever it is; where there is none, or it cannot be asked for, null. */
async function activationLinkHere(): Promise<string | null> {
  return ask(CurrentActivationDocument, {}).then(
    ({ activation }) => activation?.activationLink ?? null,
    () => null,
  )
}
