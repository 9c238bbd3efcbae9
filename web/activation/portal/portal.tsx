import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import { Page } from '../components/page'
import { SignIn } from '../steps/sign-in'
import { CurrentStep } from './current-step'
import { SignedInAs } from './signed-in-as'
import { useHistoryView } from './use-history-view'
import { usePortal } from './use-portal'
import { viewOf } from './views'

/** What is behind an activation link. */
export function Portal({ link }: { link: string }) {
  const { t } = useTranslation()
  const portal = usePortal(link)
  const { standing, trouble } = portal
  const isWaitingForMail = standing.name === 'signed-in' && standing.activation.step === 'CONFIRM_EMAIL'
  const otherAddress = useHistoryView('other-address', isWaitingForMail || standing.name === 'arriving')
  const view = isWaitingForMail && otherAddress.open ? 'enterEmail' : viewOf(standing)

  switch (standing.name) {
    case 'arriving':
      return <Page view={view} trouble={trouble} />
    case 'wrong-link':
      return (
        <Page view={view} trouble={trouble}>
          <p>{t('wrongLink.text')}</p>
        </Page>
      )
    case 'not-ready':
      return (
        <Page view={view} trouble={trouble} partnerName={standing.partnerName}>
          <p>{t('notReady.text', { partnerName: standing.partnerName })}</p>
        </Page>
      )
    case 'signed-out':
      return (
        <Page view={view} trouble={trouble} partnerName={standing.partnerName}>
          <SignIn portal={portal} link={link} partnerName={standing.partnerName} ended={standing.ended} />
        </Page>
      )
    case 'signed-in': {
      const { activation } = standing
      return (
        <Page
          view={view}
          trouble={trouble}
          partnerName={activation.partnerName}
          footer={activation.broadworksId && <SignedInAs portal={portal} broadworksId={activation.broadworksId} />}
        >
          {/* Another user may sign in in another tab: what one has typed is not the other's. */}
          <Fragment key={activation.broadworksId}>
            <CurrentStep portal={portal} activation={activation} otherAddress={otherAddress} />
          </Fragment>
        </Page>
      )
    }
  }
}
