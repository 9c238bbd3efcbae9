import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ask } from '../api/activation-client'
import { ResendConsentEmailDocument } from '../api/operations.generated'
import { ActionButton } from '../components/action-button'
import { FailureNotice } from '../components/failure-notice'
import { Waiting } from '../components/waiting'
import type { Activation } from '../portal/portal-state'
import type { Portal } from '../portal/use-portal'
import { useSubmission } from '../portal/use-submission'

/** The mail, its page and its answer are Webex's; here is only said that they are. */
export function GiveConsent({ portal, activation }: { portal: Portal; activation: Activation }) {
  const { t } = useTranslation()
  const [sentAgain, setSentAgain] = useState(false)
  const { busy, failure, submit } = useSubmission(portal)

  async function sendAgain() {
    setSentAgain(false)
    const done = await submit(async () => (await ask(ResendConsentEmailDocument, {})).resendConsentEmail)
    if (!done?.activation) return
    setSentAgain(true)
    portal.accept(done.activation)
  }

  return (
    <>
      <p>{t('giveConsent.text', { email: activation.email })}</p>
      <Waiting text={t('giveConsent.waiting')} />
      <div role="status">{sentAgain && <p className="notice">{t('giveConsent.sentAgain')}</p>}</div>
      <p className="hint">{t('giveConsent.spam')}</p>
      <FailureNotice failure={failure} />
      <div className="actions">
        <ActionButton kind="secondary" busy={busy} onPress={() => void sendAgain()}>
          {t('giveConsent.sendAgain')}
        </ActionButton>
      </div>
    </>
  )
}
