import { currentLanguage } from './i18n'

/** A point in time as the reader's clock shows it: "22 November 2026 at 14:30". */
export function formatMoment(moment: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'long', timeStyle: 'short' }).format(new Date(moment))
}

/** How long until then, in whole seconds, or minutes past a minute and a half: "in 40 seconds". `until` in milliseconds since 1970. */
export function formatWait(until: number): string {
  const seconds = Math.max(1, Math.ceil((until - Date.now()) / 1000))
  const format = new Intl.RelativeTimeFormat(locale())
  return seconds <= 90 ? format.format(seconds, 'second') : format.format(Math.ceil(seconds / 60), 'minute')
}

/** The language of the texts, as it is written where the reader is, if the browser says. */
function locale(): string {
  const language = currentLanguage()
  return navigator.languages.find(tag => tag.split('-')[0] === language) ?? language
}
