import { useTranslation } from 'react-i18next'
import { STAGES, VIEWS, type View } from '../portal/views'

export function Progress({ view }: { view: View }) {
  const { t } = useTranslation()
  const current = VIEWS[view]
  if (current === null) return null
  return (
    <ol className="progress" aria-label={t('progress.label')}>
      {STAGES.map((stage, index) => (
        <li key={stage} className={index < current ? 'over' : undefined} aria-current={index === current ? 'step' : undefined}>
          <span aria-hidden={index < current}>{t(`progress.${stage}`)}</span>
          {index < current && <span className="visually-hidden">{t('progress.done', { stage: t(`progress.${stage}`) })}</span>}
        </li>
      ))}
    </ol>
  )
}
