import sentences from '../../../src/features/portal/portal-sentences-data.json'
import {
  PORTAL_LOCALES,
  type PortalLocale,
  portalSentence,
  portalText,
  type PortalTextKey,
} from '../../../src/features/portal/portal-sentences'
import { catalogEntries, ErrorSurface, Fixer } from '../../../src/provisioning/error-catalog'

const PORTAL_CODES = catalogEntries('en')
  .filter(entry => entry.surface === ErrorSurface.PORTAL)
  .map(entry => entry.code)
/** Those of Webex's other codes that an activation may end with. */
const OTHER_CODES = [1001, 1002, 2560, 10022, 18215]
const CODES = [...PORTAL_CODES, ...OTHER_CODES]
const UNKNOWN_CODE = 987_654

const TEXT_KEYS: PortalTextKey[] = [
  ...(['LINK_UNKNOWN', 'LINK_NOT_READY', 'SESSION_NEEDED', 'WRONG_STEP', 'SIGN_IN_WRONG', 'SIGN_IN_LOCKED'] as const),
  ...(['BROADWORKS_UNREACHABLE', 'TOO_MANY_REQUESTS', 'EMAIL_REQUIRED', 'EMAIL_INVALID', 'EMAIL_TOO_LONG', 'EMAIL_PLUS'] as const),
  ...(['MAILS_EXCEEDED', 'TOKEN_INVALID', 'TOKEN_USED', 'TOKEN_EXPIRED', 'DELETION_UNDER_WAY', 'CONSENT_NOT_SENT'] as const),
  'WEBEX_READ_ONLY',
]

/** Our words and Cisco's, which say nothing to a user. */
const INTERNAL =
  /broadworks|xsi|flowthrough|flow-through|upstream|subscriber|\btenant|cluster|token|provision|\b(API|HTTP|TAC)\b|(partner|control) hub/i
const INTERNAL_TOO: Record<PortalLocale, RegExp> = {
  en: /mapping|template|onboard|enterprise|refus/i,
  it: /mappatura|associazione|modello|onboard|enterprise/i,
  de: /zuordnung|vorlage|bereitstell|mandant/i,
  fr: /mappage|modèle|approvisionne|locataire/i,
  es: /mapeo|plantilla|aprovisiona|inquilino/i,
}
/** How one speaks to friends. */
const FAMILIAR: Record<PortalLocale, RegExp> = {
  en: /!/,
  it: /(?<!\p{L})(tu|ti|tuo|tua|tuoi|tue)(?!\p{L})/iu,
  de: /(?<!\p{L})(du|dein\p{L}*|dich|dir)(?!\p{L})/iu,
  fr: /(?<!\p{L})(tu|te|ton|ta|tes)(?!\p{L})/iu,
  es: /(?<!\p{L})(tú|te|tu|tus)(?!\p{L})/iu,
}
const HELP_DESK: Record<PortalLocale, RegExp> = {
  en: /help desk.*this code/,
  it: /assistenza.*questo codice/,
  de: /Support.*diesen Code/,
  fr: /assistance.*ce code/,
  es: /soporte.*este código/,
}

describe.each(PORTAL_LOCALES)('in %s', locale => {
  const everything = [
    ...CODES.map(code => portalSentence(code, null, locale)),
    ...[UNKNOWN_CODE, null].map(code => portalSentence(code, 400, locale)),
    portalSentence(null, null, locale),
    ...TEXT_KEYS.map(key => portalText(key, locale)),
  ]

  it.each(CODES)('code %i has a sentence of its own', code => {
    const sentence = portalSentence(code, null, locale)
    const others = [...CODES, UNKNOWN_CODE].filter(other => other !== code).map(other => portalSentence(other, null, locale))
    expect(others).not.toContain(sentence)
    expect(others).toHaveLength(CODES.length)
  })

  it('every sentence is short, whole and tidy', () => {
    for (const sentence of everything) {
      expect(sentence).toMatch(/^\p{Lu}.*\.$/u)
      expect(sentence).not.toMatch(/ {2}|\{|\n/)
      expect(sentence.length).toBeLessThanOrEqual(240)
      expect(sentence.match(/\.( |$)/g)!.length).toBeLessThanOrEqual(2)
    }
  })

  it('no sentence has words of ours, nor a familiar tone', () => {
    for (const sentence of everything) {
      for (const unwanted of [INTERNAL, INTERNAL_TOO[locale], FAMILIAR[locale]]) expect(sentence).not.toMatch(unwanted)
    }
  })

  it('what a user cannot mend leads to the help desk, with the code', () => {
    const others = catalogEntries('en').filter(entry => CODES.includes(entry.code) && entry.fixer !== Fixer.USER)
    expect(others.length).toBeGreaterThan(10)
    for (const { code } of [...others, { code: UNKNOWN_CODE }]) expect(portalSentence(code, null, locale)).toMatch(HELP_DESK[locale])
  })

  it('without a code nobody is asked for one', () => {
    for (const httpStatus of [400, 401, 409, 429, 503, null]) {
      expect(portalSentence(null, httpStatus, locale)).not.toMatch(HELP_DESK[locale])
    }
  })

  it('a disturbance sounds other than a refusal', () => {
    const disturbance = portalSentence(null, null, locale)
    expect([423, 429, 500, 502, 503, 504].map(status => portalSentence(null, status, locale))).toEqual(Array(6).fill(disturbance))
    const refusal = portalSentence(null, 400, locale)
    expect([401, 403, 404, 409, 410].map(status => portalSentence(null, status, locale))).toEqual(Array(5).fill(refusal))
    expect(refusal).not.toBe(disturbance)
  })

  it('a code says more than an HTTP status', () => {
    expect(portalSentence(200049, 503, locale)).toBe(portalSentence(200049, null, locale))
  })

  it('a sign-in is answered as the error of the same code is', () => {
    expect(portalText('SIGN_IN_WRONG', locale)).toBe(portalSentence(100006, null, locale))
    expect(portalText('SIGN_IN_LOCKED', locale)).toBe(portalSentence(200018, null, locale))
    expect(portalText('SIGN_IN_LOCKED', locale)).toMatch(/ten|dieci|zehn|dix|diez/)
  })
})

it('every sentence is another in each language', () => {
  for (const group of Object.values(sentences)) {
    for (const [key, localized] of Object.entries(group)) {
      expect({ key, languages: Object.keys(localized) }).toEqual({ key, languages: PORTAL_LOCALES })
      expect({ key, different: new Set(Object.values(localized)).size }).toEqual({ key, different: PORTAL_LOCALES.length })
    }
  }
})

it('the file holds what is used, and nothing else', () => {
  expect(Object.keys(sentences.texts).sort()).toEqual([...TEXT_KEYS].sort())
  // The sentences of the two codes of the sign-in are among the texts.
  expect(Object.keys(sentences.codes).map(Number).sort()).toEqual(CODES.filter(code => code !== 100006 && code !== 200018).sort())
})
