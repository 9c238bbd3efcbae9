import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderErrorReference } from '../../scripts/generate-error-reference'
import catalog from '../../src/provisioning/error-catalog-data.json'
import {
  catalogEntries,
  catalogEntry,
  type CatalogLocale,
  causesFixedBy,
  CauseScope,
  codesFixedBy,
  ErrorSurface,
  explainError,
  explainPlanned,
  explainStatus,
  Fixer,
  isTransient,
  liesInTemplate,
  pendingRequirement,
  primaryError,
  type UpstreamError,
} from '../../src/provisioning/error-catalog'

const CODES = [
  [1001, 1002, 2024, 2560, 6003, 10022, 18215],
  [100006, 200010, 200016, 200018, 200019, 200022, 200026, 200039, 200040, 200041, 200042, 200043, 200044, 200045, 200046, 200047],
  [200048, 200049, 200050, 200051, 200054],
  [600000, 600001, 600002, 600003, 600004, 600005, 600006, 600007, 600008, 600009, 600010, 600011, 600012, 600013, 600014, 600015],
  [600017, 600018, 600019, 600020, 600022, 600023, 600024, 600025, 600026, 600027, 600028, 600029],
].flat()
const HTTP_STATUSES = [400, 401, 403, 404, 405, 409, 410, 415, 423, 428, 429, 500, 502, 503, 504]
const PENDING = ['PENDING_EMAIL_INPUT', 'PENDING_EMAIL_VALIDATION', 'PENDING_USER_MIGRATION']
const LOCALES: CatalogLocale[] = ['en', 'it']
const FIXERS = Object.values(Fixer)

function upstreamError(fields: Partial<UpstreamError>): UpstreamError {
  return { code: null, httpStatus: null, upstreamText: null, trackingId: null, ...fields }
}

/** Every text pair of the file with the place it stands at, so that a failure names the entry. */
function localizedTexts(): { place: string; en: object; it: object }[] {
  const keyed = (kind: string, causes: object) => Object.entries(causes).map(([key, cause]) => ({ place: `${kind} ${key}`, ...cause }))
  const entries = catalog.entries.map(entry => ({ place: `code ${entry.code}`, ...entry }))
  const { PENDING_EMAIL_VALIDATION, PROVISIONING, UPDATING } = catalog.statuses
  const { en, it: italian } = catalog.automatic
  return [
    ...entries,
    ...keyed('HTTP', catalog.httpStatuses),
    ...keyed('status', catalog.statuses),
    ...keyed('other', { network: catalog.network, unknown: catalog.unknown }),
    { place: 'first user', ...PENDING_EMAIL_VALIDATION.firstUser },
    { place: 'paused PROVISIONING', ...PROVISIONING.paused },
    { place: 'paused UPDATING', ...UPDATING.paused },
    { place: 'automatic', en: { steps: [en] }, it: { steps: [italian] } },
  ]
}

describe('the error catalogue', () => {
  it('holds every known code exactly once, sorted', () => {
    expect(catalog.entries.map(entry => entry.code)).toEqual(CODES)
    for (const locale of LOCALES) expect(catalogEntries(locale).map(entry => entry.code)).toEqual(CODES)
  })

  it('holds every HTTP status and every status that needs an explanation', () => {
    expect(Object.keys(catalog.httpStatuses).map(Number)).toEqual(HTTP_STATUSES)
    expect(Object.keys(catalog.statuses)).toEqual([...PENDING, 'PROVISIONING', 'UPDATING'])
  })

  it('uses only the fixers, surfaces and scopes that the API knows', () => {
    const causes = [...catalog.entries, ...Object.values(catalog.httpStatuses), catalog.network, catalog.unknown]
    expect(FIXERS).toEqual(expect.arrayContaining([...causes, ...Object.values(catalog.statuses)].map(cause => cause.fixer)))
    expect(Object.values(CauseScope)).toEqual(expect.arrayContaining(causes.map(cause => cause.scope)))
    expect(Object.values(ErrorSurface)).toEqual(expect.arrayContaining(catalog.entries.map(entry => entry.surface)))
  })

  it('marks what no primary source confirms as not verified', () => {
    for (const entry of catalog.entries) expect([entry.code, entry.verified]).toEqual([entry.code, entry.surface !== 'PORTAL'])
  })

  it.each(localizedTexts())('has complete and different texts in both languages: $place', ({ en, it: italian }) => {
    const shape = (text: object) =>
      Object.fromEntries(Object.entries(text).map(([key, value]) => [key, Array.isArray(value) ? value.length : typeof value]))
    expect(shape(italian)).toEqual(shape(en))
    const texts = (text: object) => Object.values(text).flat() as (string | null)[]
    const italianTexts = texts(italian)
    texts(en).forEach((text, index) => {
      if (text === null) return expect(italianTexts[index]).toBeNull()
      for (const one of [text, italianTexts[index]]) expect(one).toMatch(/^\S(.*\S)?$/)
      expect(italianTexts[index]).not.toBe(text)
    })
    const { steps } = en as { steps: string[] }
    expect(steps.length).toBeGreaterThanOrEqual(1)
    expect(steps.length).toBeLessThanOrEqual(4)
  })

  it('has one placeholder only, in the meaning of unknown errors', () => {
    const rest = JSON.stringify(catalog).replaceAll('{upstreamText}"', '"')
    expect(JSON.stringify(catalog).match(/\{\w+\}/g)).toEqual(['{upstreamText}', '{upstreamText}'])
    expect(rest).not.toMatch(/\{\w+\}/)
  })

  it('finds one entry by its code, in the language asked for', () => {
    expect(catalogEntry(10022, 'en')).toMatchObject({
      code: 10022,
      surface: 'ASYNC',
      fixer: 'PARTNER_ADMIN',
      retryable: false,
      verified: true,
    })
    expect(catalogEntry(10022, 'it')?.meaning).toContain('già associato')
    expect(catalogEntry(424242, 'en')).toBeNull()
  })
})

describe('the explanation of an error', () => {
  it('goes by the first error with a code, else by the first', () => {
    const withoutCode = upstreamError({ httpStatus: 409 })
    const withCode = upstreamError({ code: 10022 })
    expect(primaryError([withoutCode, withCode, upstreamError({ code: 1001 })])).toBe(withCode)
    expect(primaryError([withoutCode, upstreamError({ httpStatus: 503 })])).toBe(withoutCode)
    expect(primaryError([])).toBeNull()
  })

  it('prefers the code to the HTTP status, and the HTTP status to the network', () => {
    const { steps, meaning } = catalog.entries.find(entry => entry.code === 2560)!.en
    const explained = explainError(upstreamError({ code: 2560, httpStatus: 400 }), 'en')
    expect(explained).toEqual({ meaning, steps, retryable: true, fixer: 'CISCO', scope: 'UPSTREAM' })
    expect(explainError(upstreamError({ httpStatus: 503, upstreamText: 'Service unavailable' }), 'it').meaning).toBe(
      catalog.httpStatuses[503].it.meaning,
    )
    expect(explainError(upstreamError({}), 'en')).toMatchObject({ meaning: catalog.network.en.meaning, retryable: true })
  })

  it.each(LOCALES)('passes unknown codes through with the upstream text, unaltered (%s)', locale => {
    const upstreamText = "Costs $& more than $' {upstreamText}"
    const explained = explainError(upstreamError({ code: 424242, httpStatus: 503, upstreamText }), locale)
    expect(explained).toMatchObject({ retryable: false, fixer: 'PARTNER_ADMIN', steps: catalog.unknown[locale].steps })
    expect(explained.meaning.endsWith(`: ${upstreamText}`)).toBe(true)
  })

  it('names what it has when the upstream sent no text, and never shows a placeholder', () => {
    expect(explainError(upstreamError({ code: 424242 }), 'en').meaning).toMatch(/: 424242$/)
    expect(explainError(upstreamError({ httpStatus: 418 }), 'en').meaning).toMatch(/: HTTP 418$/)
    for (const locale of LOCALES) {
      for (const code of [...CODES, 424242]) expect(explainError(upstreamError({ code }), locale).meaning).not.toMatch(/[{}]/)
      for (const httpStatus of [...HTTP_STATUSES, 418])
        expect(explainError(upstreamError({ httpStatus }), locale).meaning).not.toMatch(/[{}]/)
    }
  })

  it('does not take an answer without a code for a failure of the network', () => {
    expect(explainError(upstreamError({ upstreamText: 'Something broke' }), 'en').meaning).toMatch(/: Something broke$/)
  })
})

describe('an error that may pass', () => {
  const transient = (fields: Partial<UpstreamError>) => isTransient(upstreamError(fields))

  it('is one code of the whole catalogue, whatever HTTP status it came with', () => {
    // Codes of the portal and of directory synchronisation come second-hand: a person can try those again, a machine cannot.
    for (const httpStatus of [null, 400, 409, 503]) expect(CODES.filter(code => transient({ code, httpStatus }))).toEqual([2560])
  })

  it('is a lock, a limit or a fault of the server, known or not, and no answer at all', () => {
    const every = [...HTTP_STATUSES, 418, 422, 501, 520, 599]
    expect(every.filter(httpStatus => transient({ httpStatus }))).toEqual([423, 429, 500, 502, 503, 504, 501, 520, 599])
    expect(transient({})).toBe(true)
    expect(transient({ trackingId: 'TRACKING' })).toBe(true)
  })

  it('is not one that background work ended in for a reason that nobody knows', () => {
    expect(transient({ upstreamText: 'status lovely' })).toBe(false)
    expect(transient({ code: 424242 })).toBe(false)
    expect(transient({ code: 424242, httpStatus: 400 })).toBe(false)
    expect(transient({ code: 424242, httpStatus: 503 })).toBe(true)
  })
})

describe('an error that lies in the template', () => {
  const inTemplate = (fields: Partial<UpstreamError>) => liesInTemplate(upstreamError(fields))

  it('fails every user until somebody mends the settings, the cluster or the authorisation', () => {
    const portal = [200019, 200040, 200043, 200050, 200051, 200054]
    const directorySync = [600001, 600002, 600003, 600004, 600005, 600008, 600009, 600010, 600011, 600012, 600014, 600017, 600018]
    const more = [600019, 600020, 600022, 600028, 600029]
    expect(CODES.filter(code => inTemplate({ code }))).toEqual([6003, 18215, ...portal, ...directorySync, ...more])
    expect(HTTP_STATUSES.filter(httpStatus => inTemplate({ httpStatus }))).toEqual([401, 403, 405, 415])
  })

  it('is never one that may pass, and never one that nobody knows', () => {
    const errors = [...CODES.map(code => ({ code })), ...HTTP_STATUSES.map(httpStatus => ({ httpStatus }))].map(upstreamError)
    expect(errors.filter(error => isTransient(error) && liesInTemplate(error))).toEqual([])
    for (const unknown of [{}, { upstreamText: 'told' }, { code: 424242 }, { httpStatus: 418 }]) expect(inTemplate(unknown)).toBe(false)
  })

  it('is told by its code, not by the HTTP status that came with it', () => {
    expect(inTemplate({ code: 10022, httpStatus: 403 })).toBe(false)
    expect(inTemplate({ code: 200043, httpStatus: 400 })).toBe(true)
  })
})

describe('the explanation of an error after which the server tries again by itself', () => {
  it.each(LOCALES)('says that first, and blames nobody (%s)', locale => {
    for (const error of [{ httpStatus: 503 }, { code: 2560 }, {}, { code: 424242, httpStatus: 500 }].map(upstreamError)) {
      const { steps, ...alone } = explainError(error, locale)
      const planned = explainPlanned(error, locale)
      expect(planned).toEqual({ ...alone, fixer: 'NOBODY', retryable: true, steps: [catalog.automatic[locale], ...steps] })
      expect(planned.steps[0]).toContain('nextAttemptAt')
    }
  })
})

describe('the explanation of a status', () => {
  it('says what a pending user waits for, and nothing of any other', () => {
    expect(PENDING.map(status => pendingRequirement(status, null, 'en'))).toEqual([
      'waiting for e-mail',
      'waiting for the user to confirm the e-mail',
      "waiting for the user's consent to move",
    ])
    expect(pendingRequirement('PENDING_EMAIL_INPUT', null, 'it')).toBe("in attesa dell'indirizzo e-mail")
    for (const status of ['PROVISIONING', 'UPDATING', 'PROVISIONED', 'ERROR']) expect(pendingRequirement(status, null, 'en')).toBeNull()
  })

  it('blames nobody while a confirmed user waits for the first user of the customer', () => {
    expect(pendingRequirement('PENDING_EMAIL_VALIDATION', 'firstUser', 'en')).toBe('waiting for the first user of the customer')
    expect(explainStatus('PENDING_EMAIL_VALIDATION', 'firstUser', 'en')).toMatchObject({ fixer: 'NOBODY', retryable: true })
    expect(explainStatus('PENDING_EMAIL_VALIDATION', null, 'en')).toMatchObject({ fixer: 'USER', retryable: false })
    expect(explainStatus('PENDING_EMAIL_INPUT', 'firstUser', 'en')).toEqual(explainStatus('PENDING_EMAIL_INPUT', null, 'en'))
  })

  it.each(['PROVISIONING', 'UPDATING'])(
    'sends the partner to the template while the attempt of a user in %s waits for its pause',
    status => {
      const paused = explainStatus(status, 'paused', 'en')
      expect(paused).toMatchObject({ fixer: 'PARTNER_ADMIN', retryable: true, cause: expect.stringContaining('paused') as string })
      expect(paused?.steps.join()).toMatch(/resumeOnboardingTemplate/)
      expect(explainStatus(status, 'paused', 'it')?.cause).toMatch(/sospese/)
      expect(pendingRequirement(status, 'paused', 'en')).toBeNull()
    },
  )

  it('does not speak of a pause in other states', () => {
    for (const status of PENDING) expect(explainStatus(status, 'paused', 'en')).toEqual(explainStatus(status, null, 'en'))
    expect(explainStatus('ERROR', 'paused', 'en')).toBeNull()
  })

  it('explains busy states and leaves the rest alone', () => {
    for (const status of ['PROVISIONING', 'UPDATING'])
      expect(explainStatus(status, null, 'it')).toMatchObject({ fixer: 'NOBODY', retryable: true })
    for (const status of ['PROVISIONED', 'ERROR']) expect(explainStatus(status, null, 'en')).toBeNull()
  })
})

describe('the causes of a fixer', () => {
  it('put every code, HTTP status and status under exactly one fixer', () => {
    const parts = FIXERS.map(causesFixedBy)
    const ascending = (first: number, second: number) => first - second
    expect(parts.flatMap(part => part.codes).sort(ascending)).toEqual(CODES)
    expect(parts.flatMap(part => part.httpStatuses).sort(ascending)).toEqual(HTTP_STATUSES)
    expect(parts.flatMap(part => part.statuses).sort()).toEqual(Object.keys(catalog.statuses).sort())
    for (const rest of [
      'includesUnknown',
      'includesNetwork',
      'includesWaitingForFirstUser',
      'includesPaused',
      'includesPlanned',
    ] as const) {
      expect(parts.filter(part => part[rest])).toHaveLength(1)
    }
  })

  it('agree with the explanations', () => {
    for (const fixer of FIXERS) {
      const { codes, httpStatuses, statuses, includesUnknown, includesNetwork, ...included } = causesFixedBy(fixer)
      const { includesWaitingForFirstUser, includesPaused, includesPlanned } = included
      expect(codes).toEqual(codesFixedBy(fixer))
      for (const code of codes) expect(explainError(upstreamError({ code }), 'en').fixer).toBe(fixer)
      for (const httpStatus of httpStatuses) expect(explainError(upstreamError({ httpStatus }), 'en').fixer).toBe(fixer)
      for (const status of statuses) expect(explainStatus(status, null, 'en')?.fixer).toBe(fixer)
      expect(explainError(upstreamError({ code: 424242 }), 'en').fixer === fixer).toBe(includesUnknown)
      expect(explainError(upstreamError({}), 'en').fixer === fixer).toBe(includesNetwork)
      expect(explainStatus('PENDING_EMAIL_VALIDATION', 'firstUser', 'en')?.fixer === fixer).toBe(includesWaitingForFirstUser)
      for (const status of ['PROVISIONING', 'UPDATING']) {
        expect(explainStatus(status, 'paused', 'en')?.fixer === fixer).toBe(includesPaused)
      }
      expect(explainPlanned(upstreamError({ httpStatus: 503 }), 'en').fixer === fixer).toBe(includesPlanned)
    }
  })
})

describe('the error reference', () => {
  it('is up to date', () => {
    const file = join(__dirname, '..', '..', 'docs', 'reference', 'errors.md')
    expect(readFileSync(file, 'utf8')).toBe(renderErrorReference())
  })
})
