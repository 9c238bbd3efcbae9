import i18n from 'i18next'
import LanguageDetector from 'i18next-browser-languagedetector'
import { initReactI18next } from 'react-i18next'
import { LANGUAGES, type Language } from './languages'
import de from './texts/de.json'
import en from './texts/en.json'
import es from './texts/es.json'
import fr from './texts/fr.json'
import it from './texts/it.json'

/** Only a language that somebody chose is kept; until then the browser's counts, and may change. */
const STORAGE_KEY = 'activation.language'

const FALLBACK = 'en'

/** All texts are here at once: they are small, and changing the language needs no network. */
const texts: Record<Language, typeof en> = { en, it, de, fr, es }

export function startI18n(): void {
  i18n.on('languageChanged', () => (document.documentElement.lang = currentLanguage()))
  void i18n
    .use(LanguageDetector)
    .use(initReactI18next)
    .init({
      resources: Object.fromEntries(Object.entries(texts).map(([language, translation]) => [language, { translation }])),
      supportedLngs: Object.keys(LANGUAGES),
      load: 'languageOnly',
      fallbackLng: FALLBACK,
      detection: { order: ['localStorage', 'navigator'], lookupLocalStorage: STORAGE_KEY, caches: [] },
      // React escapes.
      interpolation: { escapeValue: false },
      initAsync: false,
    })
}

/** That of the texts: the browser may ask for "de-AT" or for something that nobody wrote. */
export function currentLanguage(): string {
  return i18n.resolvedLanguage ?? FALLBACK
}

export function chooseLanguage(language: string): void {
  void i18n.changeLanguage(language)
  try {
    localStorage.setItem(STORAGE_KEY, language)
  } catch {
    // A browser that keeps nothing asks its own language the next time.
  }
}
