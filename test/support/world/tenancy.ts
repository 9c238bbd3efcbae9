import { parse, validate } from 'graphql'
import { ERASED } from '../../../src/features/audit-event/sealing'
import type { Actor, Answer } from './actor'
import type { Estate, Target } from './estate'
import type { TestApp } from './app'
import { partnerSchemas, type RootField, shallowSelection, variablesOf } from '../schema/partner-schema'
import { dumpTables } from '../database/table-dump'
import { wholeSelection } from '../schema/whole-selection'

export type Values = Record<string, unknown>
export type Told = Answer<unknown>

export const TYPE_ID = /\b[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}\b/g

/** What was selected by any document that was asked for, as `Type.field`. */
export const coordinates = new Set<string>()

/** Asks for everything that a field's answer leads to, or, `shallowly`, for enough to see what came of it. */
export async function ask(actor: Actor, operation: string, field: RootField, values: Values, shallowly = false): Promise<Told> {
  const answer = await actor.ask<unknown, Values>(documentOf(operation, field, Object.keys(values), shallowly), values)
  // An answer to nothing would show nothing.
  expect(answer.errors.filter(({ extensions }) => extensions.code === 'QUERY_TOO_COMPLEX')).toEqual([])
  return answer
}

const documents = new Map<string, string>()

export function documentOf(operation: string, field: RootField, given: string[], shallowly = false): string {
  const { definitions, use } = variablesOf(field, given)
  const key = `${operation} ${definitions ? `(${definitions})` : ''} { ${field.name}${use}`
  const known = documents.get(`${shallowly} ${key}`)
  if (known) return known
  const { selection, fragments } = shallowly ? { selection: shallowSelection(field), fragments: '' } : wholeSelection(field, coordinates)
  const document = `${key} ${selection} }\n${fragments}`
  expect(validate(partnerSchemas.served, parse(document))).toEqual([])
  documents.set(`${shallowly} ${key}`, document)
  return document
}

/** All that the caller gets to know: what an answer cost, too. */
export const textOf = ({ status, data, errors, extensions }: Told): string => JSON.stringify({ status, data, errors, extensions })

export function secretsIn(texts: string[], secrets: Set<string>): string[] {
  const text = texts.join('\n')
  return [...secrets].filter(secret => text.includes(secret))
}

/** An answer without what differs between any two: IDs, times, links, what is left of a budget, and the names that the caller gave. */
export function verdict(text: string, target: Target): string {
  return Object.entries(target)
    .reduce((shortened, [key, value]: [string, string]) => shortened.replaceAll(value, `<${key}>`), text)
    .replace(/"requestId":"[^"]*"/g, '"requestId":"…"')
    .replace(TYPE_ID, '<id>')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replace(/"(\w*[cC]ursor)":"[^"]*"/g, '"$1":"…"')
    .replace(/"remaining":\d+/g, '"remaining":…')
    .replace(/\/(activate|downloads)\/[\w.-]+/g, '<link>')
}

/** The rows of a partner, by table. */
export async function rowsOf(app: TestApp, partnerId: string): Promise<Record<string, string[]>> {
  const tables = Object.entries(await dumpTables(app.platform))
  return Object.fromEntries(tables.map(([name, rows]) => [name, rows.filter(row => row.includes(partnerId))]))
}

/** Every text of one partner's rows that the other partner's rows do not have. */
export async function secretsOf(app: TestApp, partnerId: string, otherPartnerId: string): Promise<Set<string>> {
  return difference(Object.values(await rowsOf(app, partnerId)).flat(), Object.values(await rowsOf(app, otherPartnerId)).flat())
}

/** The rows of the partner by whether they are about its first customer, to which others are hidden, or about what is hidden from it. */
export async function hiddenRows(app: TestApp, estate: Estate): Promise<{ hidden: string[]; seen: string[] }> {
  const { hand_over: _, job: __, idempotency_key: ___, api_token: ____, ...tables } = await rowsOf(app, estate.partnerId)
  const rows = Object.values(tables).flat()
  const [, ...others] = estate.customers
  const users = rows.filter(row => others.some(id => row.includes(id))).flatMap(row => row.match(/usr_\w{26}/g) ?? [])
  const isHidden = (row: string) =>
    row.includes('"customer_id":null') ||
    [...others, ...users, estate.hidden.template, estate.hidden.bulkOperation].some(id => row.includes(id))
  return { hidden: rows.filter(isHidden), seen: rows.filter(row => !isHidden(row)) }
}

/** Every text of the rows about the other customers and template, and of what happened to no customer, that no other row has. */
export async function secretsOfOtherCustomers(app: TestApp, estate: Estate): Promise<Set<string>> {
  const { hidden, seen } = await hiddenRows(app, estate)
  return difference(hidden, seen)
}

function difference(rows: string[], others: string[]): Set<string> {
  const known = others.join('\n')
  const texts = rows.flatMap(row => textsIn(JSON.parse(row)))
  // Words and numbers of the API itself are no secrets; all that is made here has both letters and digits.
  const isTelling = (text: string) => /\d/.test(text) && /[a-z]/i.test(text) && !/^\d{4}-\d\d-\d\dT/.test(text)
  return new Set(texts.filter(text => isTelling(text) && text.length >= 5 && !known.includes(JSON.stringify(text).slice(1, -1))))
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return /^[[{]/.test(value) && value !== ERASED ? textsIn(JSON.parse(value)) : [value]
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(textsIn) : []
}
