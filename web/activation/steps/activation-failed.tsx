import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ask } from '../api/activation-client'
import { TryAgainDocument } from '../api/operations.generated'
import { ActionButton } from '../components/action-button'
import { FailureNotice } from '../components/failure-notice'
import type { Activation } from '../portal/portal-state'
import type { Portal } from '../portal/use-portal'
import { useSubmission } from '../portal/use-submission'

export function ActivationFailed({ portal, activation }: { portal: Portal; activation: Activation }) {
  const { t } = useTranslation()
  const { busy, failure, submit } = useSubmission(portal)
  const { error, canTryAgain, partnerName } = activation

  async function tryAgain() {
    const done = await submit(async () => (await ask(TryAgainDocument, {})).tryAgain)
    if (done?.activation) portal.accept(done.activation)
  }

  return (
    <>
      {error && <p className="notice bad">{error.message}</p>}
      {typeof error?.code === 'number' && <HelpDeskCode code={error.code} />}
      {!canTryAgain && <p>{t('error.askProvider', { partnerName })}</p>}
      <FailureNotice failure={failure} />
      {canTryAgain && (
        <div className="actions">
          <ActionButton kind="primary" busy={busy} onPress={() => void tryAgain()}>
            {t('error.tryAgain')}
          </ActionButton>
        </div>
      )}
    </>
  )
}

function HelpDeskCode({ code }: { code: number }) {
  const { t } = useTranslation()
  const [copied, setCopied] = useState(false)
  // Missing over plain HTTP.
  const clipboard = navigator.clipboard as Clipboard | undefined
  return (
    <div className="code">
      <dl>
        <dt>{t('error.code')}</dt>
        <dd>{code}</dd>
      </dl>
      {clipboard && (
        <ActionButton
          kind="secondary"
          label={t('error.copyCode')}
          onPress={() => void clipboard.writeText(String(code)).then(() => setCopied(true))}
        >
          {t('error.copy')}
        </ActionButton>
      )}
      <span role="status" className="hint">
        {copied && t('error.copied')}
      </span>
    </div>
  )
}
