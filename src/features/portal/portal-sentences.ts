import { isTransient } from '../../provisioning/error-catalog'
import sentences from './portal-sentences-data.json'

export type PortalLocale = 'en' | 'it' | 'de' | 'fr' | 'es'

/** English first: it is the fallback for other languages. */
export const PORTAL_LOCALES: PortalLocale[] = ['en', 'it', 'de', 'fr', 'es']

/** Keys of the sentences about anything but a code of the error catalog. */
export type PortalTextKey = keyof typeof sentences.texts

/**
 * A sentence for the user about an error: what happened, and what to do. The error catalog has the text for administrators. The page shows
 * the code beside the sentence, which refers to it as "this code".
 * @param code a code of Webex or, with six digits, of Cisco's portal; null without one
 * @param httpStatus status of Webex's response; null, with a null code, when there was no response
 */
export function portalSentence(code: number | null, httpStatus: number | null, locale: PortalLocale): string {
  if (code !== null) return (byCode.get(code) ?? general.CODE)[locale]
  const mayPass = isTransient({ code, httpStatus, upstreamText: null, trackingId: null })
  return general[mayPass ? 'MAY_PASS' : 'NO_CODE'][locale]
}

/** The sentence of a key. */
export function portalText(key: PortalTextKey, locale: PortalLocale): string {
  return texts[key][locale]
}

// With these types, a language that is missing in the file does not compile.
type Localized = Record<PortalLocale, string>
const texts: Record<PortalTextKey, Localized> = sentences.texts
const general: Record<keyof typeof sentences.general, Localized> = sentences.general
const codes: Record<string, Localized> = sentences.codes
const byCode = new Map([
  ...Object.entries(codes).map(([code, sentence]) => [Number(code), sentence] as const),
  [100006, texts.SIGN_IN_WRONG],
  [200018, texts.SIGN_IN_LOCKED],
])
