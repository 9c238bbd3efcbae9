import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import { Page } from '../components/page'
import { SignIn } from '../steps/sign-in'
import { CurrentStep } from './current-step'
import { SignedInAs } from './signed-in-as'
import { useHistoryView } from './use-history-view'
import { usePortal } from './use-portal'
import { viewOf } from './views'

/** The view of an activation link. */
export function Portal({ link }: { link: string }) {
  const { t } = useTranslation()
  const portal = usePortal(link)
  const { state, error } = portal
  const isWaitingForMail = state.name === 'signed-in' && state.activation.step === 'CONFIRM_EMAIL'
  const otherAddress = useHistoryView('other-address', isWaitingForMail || state.name === 'arriving')
  const view = isWaitingForMail && otherAddress.open ? 'enterEmail' : viewOf(state)

  switch (state.name) {
    case 'arriving':
      return <Page view={view} error={error} />
    case 'wrong-link':
      return (
        <Page view={view} error={error}>
          <p>{t('wrongLink.text')}</p>
        </Page>
      )
    case 'not-ready':
      return (
        <Page view={view} error={error} partnerName={state.partnerName}>
          <p>{t('notReady.text', { partnerName: state.partnerName })}</p>
        </Page>
      )
    case 'signed-out':
      return (
        <Page view={view} error={error} partnerName={state.partnerName}>
          <SignIn portal={portal} link={link} partnerName={state.partnerName} ended={state.ended} />
        </Page>
      )
    case 'signed-in': {
      const { activation } = state
      return (
        <Page
          view={view}
          error={error}
          partnerName={activation.partnerName}
          footer={activation.broadworksId && <SignedInAs portal={portal} broadworksId={activation.broadworksId} />}
        >
          {/* Another user can sign in in another tab, and must not find the input of the first. */}
          <Fragment key={activation.broadworksId}>
            <CurrentStep portal={portal} activation={activation} otherAddress={otherAddress} />
          </Fragment>
        </Page>
      )
    }
  }
}
