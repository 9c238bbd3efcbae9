import { ApiError, type ApiErrorItem } from '../api-error'
import { PACKAGES, type StoredSubscriber, type SubscriberPackage } from './subscriber-table'

/** The longest text of each field. Only that of a user ID is published, the others are generous guesses of ours. */
const MAXIMUM_LENGTHS = {
  provisioningId: 256,
  userId: 161,
  spEnterpriseId: 161,
  firstName: 128,
  lastName: 128,
  email: 254,
  primaryPhoneNumber: 32,
  mobilePhoneNumber: 32,
  extension: 20,
  language: 16,
  timezone: 64,
  package: 16,
}
const REQUIRED = ['provisioningId', 'userId', 'spEnterpriseId', 'firstName', 'lastName', 'package'] as const
const CHANGEABLE = ['userId', 'firstName', 'lastName', 'primaryPhoneNumber', 'mobilePhoneNumber', 'extension', 'package'] as const
type FieldName = keyof typeof MAXIMUM_LENGTHS
type Fields = Partial<Record<Exclude<FieldName, 'package'>, string>> & { package?: SubscriberPackage }

type NewSubscriberFields = Fields & Required<Pick<Fields, (typeof REQUIRED)[number]>>

/** An optional field that is empty counts as not given. */
export function readNewSubscriber(body: unknown): NewSubscriberFields {
  const fields = readFields(body, REQUIRED)
  refuseWithoutNumber(fields)
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '')) as NewSubscriberFields
}

/** The columns that an update changes; an empty phone number or extension removes it. */
export function readChanges(body: unknown): Partial<StoredSubscriber> {
  const fields = readFields(body, [])
  if ('email' in (body as object)) throw invalid('email cannot be changed by an update')
  const emptied = (['userId', 'firstName', 'lastName', 'package'] as const).find(name => fields[name]?.trim() === '')
  if (emptied) throw invalid(`${emptied} must not be empty`)
  const given = CHANGEABLE.filter(name => fields[name] !== undefined)
  return Object.fromEntries(given.map(name => [name, fields[name] || null]))
}

export function readPrecheck(body: unknown): Fields & { email: string } {
  const fields = readFields(body, ['email'])
  const { customerInfo } = body as { customerInfo?: { primaryEmail?: unknown } }
  if (customerInfo !== undefined && !isEmail(customerInfo?.primaryEmail)) throw invalid('customerInfo.primaryEmail is not an email address')
  return fields as Fields & { email: string }
}

export function refuseWithoutNumber(fields: { primaryPhoneNumber?: string | null; extension?: string | null }): void {
  if (!fields.primaryPhoneNumber && !fields.extension) throw invalid('The user must have a primary phone number or an extension')
}

function readFields(body: unknown, required: readonly FieldName[]): Fields {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw invalid('The body must be a JSON object')
  const given = body as Record<string, unknown>
  const missing = required.filter(name => String(given[name] ?? '').trim() === '')
  const names = Object.keys(MAXIMUM_LENGTHS) as FieldName[]
  const present = names.filter(name => given[name] !== undefined && !missing.includes(name))
  const problems: ApiErrorItem[] = missing.map(name => ({ errorCode: 1001, description: `Mandatory parameter missing: ${name}` }))
  problems.push(...present.flatMap(name => problemOf(name, given[name])).map(description => ({ errorCode: 1002, description })))
  if (problems.length > 0) throw new ApiError(400, problems)
  return Object.fromEntries(present.map(name => [name, given[name]]))
}

function problemOf(name: FieldName, value: unknown): string[] {
  if (typeof value !== 'string') return [`${name} must be a string`]
  if (value.length > MAXIMUM_LENGTHS[name]) return [`${name} must have at most ${MAXIMUM_LENGTHS[name]} characters`]
  if (value === '') return []
  if (name === 'package' && !PACKAGES.some(known => known === value)) return [`package must be one of ${PACKAGES.join(', ')}`]
  if (name === 'email' && !isEmail(value)) return ['email is not an email address']
  return []
}

function isEmail(value: unknown): boolean {
  return typeof value === 'string' && /^[^\s@]+@[^\s@]+$/.test(value)
}

function invalid(description: string): ApiError {
  return new ApiError(400, [{ errorCode: 1002, description }])
}
