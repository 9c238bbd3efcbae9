import { useTranslation } from 'react-i18next'
import { ask } from '../api/activation-client'
import { SignOutDocument } from '../api/operations.generated'
import { ActionButton } from '../components/action-button'
import { FailureNotice } from '../components/failure-notice'
import type { Portal } from './use-portal'
import { useSubmission } from './use-submission'

export function SignedInAs({ portal, broadworksId }: { portal: Portal; broadworksId: string }) {
  const { t } = useTranslation()
  const { busy, failure, submit } = useSubmission(portal)

  async function signOut() {
    const done = await submit(async () => (await ask(SignOutDocument, {})).signOut)
    if (done) portal.signOut(false)
  }

  return (
    <>
      <p>{t('session.signedInAs', { broadworksId })}</p>
      <ActionButton kind="link" busy={busy} onPress={() => void signOut()}>
        {t('session.signOut')}
      </ActionButton>
      <FailureNotice failure={failure} />
    </>
  )
}
