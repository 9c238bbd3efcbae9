import { useTranslation } from 'react-i18next'
import type { Failure } from '../portal/use-submission'

/** What is no field's fault. */
export function FailureNotice({ failure }: { failure: Failure | null }) {
  const { t } = useTranslation()
  const { message = null, code = null } = failure ?? {}
  return (
    <div role="alert">
      {message !== null && (
        <div className="notice bad">
          <p>{message}</p>
          {code !== null && <p>{t('failure.code', { code })}</p>}
        </div>
      )}
    </div>
  )
}
