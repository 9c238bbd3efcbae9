import catalogFile from './error-catalog-data.json'

export type CatalogLocale = 'en' | 'it'

/** Who has to act first. The steps name the second, where there is one. */
export enum Fixer {
  USER = 'USER',
  PARTNER_ADMIN = 'PARTNER_ADMIN',
  CISCO = 'CISCO',
  NOBODY = 'NOBODY',
}

/** Where an error shows itself. */
export enum ErrorSurface {
  API = 'API',
  ASYNC = 'ASYNC',
  PORTAL = 'PORTAL',
  DIRECTORY_SYNC = 'DIRECTORY_SYNC',
  BROADWORKS = 'BROADWORKS',
}

/** How far a cause reaches: one user, all users of a template (its settings, cluster, customer, our authorisation), or everyone. */
export enum CauseScope {
  USER = 'USER',
  TEMPLATE = 'TEMPLATE',
  UPSTREAM = 'UPSTREAM',
}

export interface CatalogEntryText {
  code: number
  surface: ErrorSurface
  meaning: string
  retryable: boolean
  fixer: Fixer
  steps: string[]
  verified: boolean
}

/** One error as the upstream gave it. Without an answer all but the tracking id is null; `upstreamText` is never our own wording. */
export interface UpstreamError {
  code: number | null
  httpStatus: number | null
  upstreamText: string | null
  trackingId: string | null
}

/** Nothing came back; that an answer was lost is no word of Webex's. */
export function noAnswer(trackingId: string | null): UpstreamError {
  return { code: null, httpStatus: null, upstreamText: null, trackingId }
}

export interface ErrorExplanation {
  meaning: string
  retryable: boolean
  fixer: Fixer
  scope: CauseScope
  steps: string[]
}

export interface StatusExplanation {
  cause: string
  retryable: boolean
  fixer: Fixer
  steps: string[]
}

/** What a filter by fixer has to match. The fields mirror `explainError` and `explainStatus`, so that filter and diagnosis agree. */
export interface FixerCauses {
  statuses: string[]
  codes: number[]
  httpStatuses: number[]
  /** Errors that no list names: a code or, without a code, an HTTP status outside the catalogue, or nothing but a text. */
  includesUnknown: boolean
  /** Errors with neither code, HTTP status nor upstream text. */
  includesNetwork: boolean
  /** PENDING_EMAIL_VALIDATION of a user who confirmed and waits for the customer's first user; `statuses` is about the others. */
  includesWaitingForFirstUser: boolean
  /** PROVISIONING and UPDATING of a user whose attempt waits for the end of the template's pause; `statuses` is about the others. */
  includesPaused: boolean
  /** ERROR with an attempt planned; codes and the like are about the others. */
  includesPlanned: boolean
}

/** What a user waits for whose status does not tell it. */
export type Waiting = 'firstUser' | 'paused' | null

/** Every numbered code that is known, by code. */
export function catalogEntries(locale: CatalogLocale): CatalogEntryText[] {
  return localizedEntries[locale]
}

export function catalogEntry(code: number, locale: CatalogLocale): CatalogEntryText | null {
  const entry = entriesByCode.get(code)
  return entry ? localizedEntry(entry, locale) : null
}

/** The error that decides the diagnosis: a code says more than an HTTP status, and the upstream lists the main one first. */
export function primaryError(errors: UpstreamError[]): UpstreamError | null {
  return errors.find(error => error.code !== null) ?? errors[0] ?? null
}

/**
 * Whether the same call or the same work may succeed a little later with nobody doing anything. Codes of the portal and of directory
 * synchronisation are retryable by people; here they come second-hand, and say nothing of the next try.
 */
export function isTransient(error: UpstreamError): boolean {
  const entry = error.code === null ? undefined : entriesByCode.get(error.code)
  if (entry) return entry.retryable && (entry.surface === ErrorSurface.API || entry.surface === ErrorSurface.ASYNC)
  if (error.httpStatus === null) return causeOf(error).retryable
  return error.httpStatus >= 500 || Boolean(catalog.httpStatuses[error.httpStatus]?.retryable)
}

/** Whether it fails every user of the template until somebody mends its settings, its cluster or our authorisation. */
export function liesInTemplate(error: UpstreamError): boolean {
  return causeOf(error).scope === CauseScope.TEMPLATE && !isTransient(error)
}

/** By code if there is one, else by HTTP status. A code that is not in the catalogue passes through with the text it came with. */
export function explainError(error: UpstreamError, locale: CatalogLocale): ErrorExplanation {
  const cause = causeOf(error)
  const { meaning, steps } = cause[locale]
  // A function, because upstream text may hold `$&` and the like, which a replacement string would interpret.
  const resolved = meaning.replace('{upstreamText}', () => passedThroughText(error))
  return { meaning: resolved, retryable: cause.retryable, fixer: cause.fixer, scope: cause.scope, steps }
}

/** What a pending user waits for; null in every other status. */
export function pendingRequirement(status: string, waiting: Waiting, locale: CatalogLocale): string | null {
  return statusCause(status, waiting)?.[locale].requirement ?? null
}

/** Why a pending or busy user is where they are; null where the status itself explains nothing (ERROR) or needs no explanation. */
export function explainStatus(status: string, waiting: Waiting, locale: CatalogLocale): StatusExplanation | null {
  const found = statusCause(status, waiting)
  return found && { cause: found[locale].cause, retryable: found.retryable, fixer: found.fixer, steps: found[locale].steps }
}

/** An error after which the server tries again by itself: nobody has to do anything, though the error's own steps may help. */
export function explainPlanned(error: UpstreamError, locale: CatalogLocale): ErrorExplanation {
  const explanation = explainError(error, locale)
  return { ...explanation, retryable: true, fixer: Fixer.NOBODY, steps: [catalog.automatic[locale], ...explanation.steps] }
}

export function codesFixedBy(fixer: Fixer): number[] {
  return catalog.entries.filter(entry => entry.fixer === fixer).map(entry => entry.code)
}

export function causesFixedBy(fixer: Fixer): FixerCauses {
  return {
    statuses: keysFixedBy(catalog.statuses, fixer),
    codes: codesFixedBy(fixer),
    httpStatuses: keysFixedBy(catalog.httpStatuses, fixer).map(Number),
    includesUnknown: catalog.unknown.fixer === fixer,
    includesNetwork: catalog.network.fixer === fixer,
    includesWaitingForFirstUser: Object.values(catalog.statuses).some(status => status.firstUser?.fixer === fixer),
    includesPaused: Object.values(catalog.statuses).some(status => status.paused?.fixer === fixer),
    includesPlanned: fixer === Fixer.NOBODY,
  }
}

type Localized<Text> = Record<CatalogLocale, Text>
type Cause = { retryable: boolean; fixer: Fixer; scope: CauseScope } & Localized<{ meaning: string; steps: string[] }>
type CatalogEntry = Cause & { code: number; surface: ErrorSurface; verified: boolean }
type StatusCause = { retryable: boolean; fixer: Fixer } & Localized<{ requirement: string | null; cause: string; steps: string[] }>

interface Catalog {
  entries: CatalogEntry[]
  httpStatuses: Record<string, Cause>
  network: Cause
  statuses: Record<string, StatusCause & Partial<Record<'firstUser' | 'paused', StatusCause>>>
  /** The step that goes before the others while an attempt is planned. */
  automatic: Localized<string>
  unknown: Cause
}

const catalog = catalogFile as Catalog
const entriesByCode = new Map(catalog.entries.map(entry => [entry.code, entry]))
const localizedEntries = {
  en: catalog.entries.map(entry => localizedEntry(entry, 'en')),
  it: catalog.entries.map(entry => localizedEntry(entry, 'it')),
}

function localizedEntry(entry: CatalogEntry, locale: CatalogLocale): CatalogEntryText {
  const { code, surface, retryable, fixer, verified } = entry
  return { code, surface, ...entry[locale], retryable, fixer, verified }
}

function causeOf({ code, httpStatus, upstreamText }: UpstreamError): Cause {
  if (code !== null) return entriesByCode.get(code) ?? catalog.unknown
  if (httpStatus !== null) return catalog.httpStatuses[httpStatus] ?? catalog.unknown
  // An asynchronous error may come without a code; whoever sent a text did answer, so that is no failure of the network.
  return upstreamText ? catalog.unknown : catalog.network
}

function passedThroughText({ code, httpStatus, upstreamText }: UpstreamError): string {
  return upstreamText || (code === null ? `HTTP ${httpStatus}` : String(code))
}

function statusCause(status: string, waiting: Waiting): StatusCause | null {
  const found = catalog.statuses[status] ?? null
  return (waiting && found?.[waiting]) || found
}

function keysFixedBy(causes: Record<string, { fixer: Fixer }>, fixer: Fixer): string[] {
  return Object.keys(causes).filter(key => causes[key]?.fixer === fixer)
}
