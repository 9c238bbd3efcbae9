import { useTranslation } from 'react-i18next'
import type { Activation } from '../portal/portal-state'

const DOWNLOADS = 'https://www.webex.com/downloads.html'

export function Done({ activation }: { activation: Activation }) {
  const { t } = useTranslation()
  return (
    <>
      <p>{t('done.text')}</p>
      <ol className="next">
        <li>
          <p>{t('done.download')}</p>
          <a className="button primary" href={DOWNLOADS} rel="noreferrer">
            {t('done.downloadLink')}
          </a>
        </li>
        {activation.email !== null && (
          <li>
            <p>{t('done.signIn')}</p>
            <p className="address">{activation.email}</p>
          </li>
        )}
      </ol>
    </>
  )
}
