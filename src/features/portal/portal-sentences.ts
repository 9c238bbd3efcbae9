import { isTransient } from '../../provisioning/error-catalog'
import sentences from './portal-sentences-data.json'

export type PortalLocale = 'en' | 'it' | 'de' | 'fr' | 'es'

/** English first: whoever asks for none of them gets it. */
export const PORTAL_LOCALES: PortalLocale[] = ['en', 'it', 'de', 'fr', 'es']

/** What the server says to the user, apart from errors of Webex. */
export type PortalTextKey = keyof typeof sentences.texts

/**
 * What went wrong, for the user: what happened, in their words, and what to do. The catalogue says the same to administrators. A code
 * stands beside the sentence, which calls it "this code".
 * @param code Webex's or, with six digits, the portal's; null when there is none
 * @param httpStatus Webex's answer; null, with a null code, when there was none
 */
export function portalSentence(code: number | null, httpStatus: number | null, locale: PortalLocale): string {
  if (code !== null) return (byCode.get(code) ?? general.CODE)[locale]
  const mayPass = isTransient({ code, httpStatus, upstreamText: null, trackingId: null })
  return general[mayPass ? 'MAY_PASS' : 'NO_CODE'][locale]
}

export function portalText(key: PortalTextKey, locale: PortalLocale): string {
  return texts[key][locale]
}

// The types make the compiler look for every language in the file.
type Localized = Record<PortalLocale, string>
const texts: Record<PortalTextKey, Localized> = sentences.texts
const general: Record<keyof typeof sentences.general, Localized> = sentences.general
const codes: Record<string, Localized> = sentences.codes
const byCode = new Map([
  ...Object.entries(codes).map(([code, sentence]) => [Number(code), sentence] as const),
  [100006, texts.SIGN_IN_WRONG],
  [200018, texts.SIGN_IN_LOCKED],
])
