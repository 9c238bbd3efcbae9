import { useTranslation } from 'react-i18next'
import { Waiting } from '../components/waiting'
import { ActivationFailed } from '../steps/activation-failed'
import { ConfirmEmail } from '../steps/confirm-email'
import { Done } from '../steps/done'
import { EnterEmail } from '../steps/enter-email'
import { GiveConsent } from '../steps/give-consent'
import type { Activation } from './portal-state'
import type { HistoryView } from './use-history-view'
import type { Portal } from './use-portal'

interface CurrentStepProps {
  portal: Portal
  activation: Activation
  /** The field once more, while the mail to the last address is on its way. */
  otherAddress: HistoryView
}

export function CurrentStep({ portal, activation, otherAddress }: CurrentStepProps) {
  const { t } = useTranslation()
  switch (activation.step) {
    case 'ENTER_EMAIL':
      return <EnterEmail portal={portal} activation={activation} />
    case 'CONFIRM_EMAIL':
      return otherAddress.open ? (
        <EnterEmail portal={portal} activation={activation} onBack={otherAddress.close} />
      ) : (
        <ConfirmEmail portal={portal} activation={activation} onOtherAddress={otherAddress.show} />
      )
    case 'WAIT_FOR_FIRST_USER':
      return (
        <>
          <p>{t('waitForFirstUser.text')}</p>
          <p>{t('waitForFirstUser.close')}</p>
          <Waiting text={t('waitForFirstUser.waiting')} />
        </>
      )
    case 'GIVE_CONSENT':
      return <GiveConsent portal={portal} activation={activation} />
    case 'PROVISIONING':
      return (
        <>
          <p>{t('provisioning.text')}</p>
          <Waiting text={t('provisioning.waiting')} />
        </>
      )
    case 'DONE':
      return <Done activation={activation} />
    case 'ERROR':
      return <ActivationFailed portal={portal} activation={activation} />
  }
}
