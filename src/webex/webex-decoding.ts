import { z } from 'zod'
import type { Enterprise, PrecheckInfo, Subscriber, SubscriberError } from './webex-types'

/**
 * What Webex sends is not always what its document says: `selfActivated` comes as text, identifiers carry stray quote marks, error
 * codes were texts once. Reading is tolerant; what cannot be read at all is an error of the upstream, never of the caller.
 */
const text = z.string()
const optionalText = z
  .union([z.string(), z.number()])
  .nullish()
  .transform(value => (value == null || value === '' ? null : String(value)))
const identifier = text.transform(value => value.replace(/^['"]+|['"]+$/g, ''))

/** Webex may allow more than this product keeps: what is too long is cut, and no text has a NUL, which PostgreSQL refuses. */
const atMost = (length: number) => (value: string) => value.replaceAll('\0', '').slice(0, length)
const name = text.transform(atMost(128))
const optionalTextAtMost = (length: number) => optionalText.transform(value => (value === null ? null : atMost(length)(value)))

const errorEntry = z
  .object({
    errorCode: z.union([z.number(), z.string()]).nullish(),
    code: z.union([z.number(), z.string()]).nullish(),
    description: optionalText,
  })
  .transform((entry): SubscriberError => ({ code: toCode(entry.errorCode ?? entry.code), description: entry.description }))

const errorEntries = z
  .array(errorEntry)
  .nullish()
  .transform(entries => entries ?? [])

const subscriber = z.object({
  id: identifier,
  personId: optionalText.transform(value => value?.replace(/^['"]+|['"]+$/g, '') ?? null),
  userId: text,
  spEnterpriseId: text,
  provisioningId: text,
  firstName: name,
  lastName: name,
  email: optionalText,
  primaryPhoneNumber: optionalTextAtMost(32),
  mobilePhoneNumber: optionalTextAtMost(32),
  extension: optionalTextAtMost(20),
  package: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['softphone', 'basic', 'standard', 'premium'])),
  status: z.string().toLowerCase(),
  errors: errorEntries,
  created: optionalText.catch(null),
  lastStatusChange: optionalText,
  selfActivated: z
    .union([z.boolean(), z.string()])
    .nullish()
    .transform(value => value === true || value === 'true'),
})

/** Customers of other offers may lack what a BroadWorks one has. */
const enterprise = z.object({ spEnterpriseId: text, orgId: optionalText, provisioningId: optionalText })

const info = z
  .object({ infoCode: z.union([z.number(), z.string()]).nullish(), description: optionalText.catch(null) })
  .transform(({ infoCode, description }): PrecheckInfo => ({ code: toCode(infoCode), description }))

const refusal = z.object({ message: optionalText, errors: errorEntries.catch([]), trackingId: optionalText })

export function decodeSubscriber(body: unknown): Subscriber {
  return subscriber.parse(body)
}

export function decodeSubscribers(body: unknown): Subscriber[] {
  return z.object({ items: z.array(subscriber) }).parse(body).items
}

/** A page as far as it can be read: one subscriber that is not in the contract must not keep all others away. */
export function decodeSubscriberPage(body: unknown): ReadablePage<Subscriber> {
  return readablePage(subscriber, body)
}

export function decodeEnterprisePage(body: unknown): ReadablePage<Enterprise> {
  return readablePage(enterprise, body)
}

export interface ReadablePage<Item> {
  items: Item[]
  /** How many more there are that cannot be read. */
  unreadable: number
}

function readablePage<Item>(item: z.ZodType<Item>, body: unknown): ReadablePage<Item> {
  const listed = z.object({ items: z.array(z.unknown()) }).parse(body).items
  const items = listed.flatMap(each => item.safeParse(each).data ?? [])
  return { items, unreadable: listed.length - items.length }
}

export function decodeEnterprises(body: unknown): Enterprise[] {
  return z.object({ items: z.array(enterprise) }).parse(body).items
}

/**
 * The remarks of a precheck that passed: a list in the example of Cisco's OpenAPI, one object in its schema. It passed whatever they are, so
 * what cannot be read is left out.
 */
export function decodePrecheck(body: unknown): PrecheckInfo[] {
  const told = z.object({ info: z.unknown() }).safeParse(body).data?.info
  return (Array.isArray(told) ? told : [told]).flatMap((each: unknown) => info.safeParse(each).data ?? [])
}

/** The errors that a refusal names; empty when the body is not the documented one. */
export function decodeRefusal(body: unknown): { message: string | null; errors: SubscriberError[]; trackingId: string | null } {
  const parsed = refusal.safeParse(body)
  return parsed.success ? parsed.data : { message: null, errors: [], trackingId: null }
}

/** A code that is no 32-bit integer is none: neither the API nor the database could hold it. */
function toCode(code: number | string | null | undefined): number | null {
  const parsed = typeof code === 'string' ? Number.parseInt(code, 10) : code
  return parsed != null && Number.isInteger(parsed) && Math.abs(parsed) < 2 ** 31 ? parsed : null
}
