import { useTranslation } from 'react-i18next'
import { chooseLanguage } from '../i18n/i18n'
import { LANGUAGES } from '../i18n/languages'

/** The browser's own list: on a phone nothing is easier to use, and it needs no script. */
export function LanguageControl() {
  const { t, i18n } = useTranslation()
  return (
    <label className="language">
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <circle cx="12" cy="12" r="9" />
        <path d="M3 12h18M12 3c3 3 3.8 6 3.8 9s-.8 6-3.8 9c-3-3-3.8-6-3.8-9S9 6 12 3z" />
      </svg>
      <span className="visually-hidden">{t('language')}</span>
      <select value={i18n.resolvedLanguage} onChange={event => chooseLanguage(event.target.value)}>
        {Object.entries(LANGUAGES).map(([language, name]) => (
          <option key={language} value={language} lang={language}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}
