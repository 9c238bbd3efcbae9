import { z } from 'zod'
import { type Subscriber, SUBSCRIBER_STATUSES, type SubscriberError } from './webex-types'

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
  firstName: text,
  lastName: text,
  email: optionalText,
  primaryPhoneNumber: optionalText,
  mobilePhoneNumber: optionalText,
  extension: optionalText,
  package: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['softphone', 'basic', 'standard', 'premium'])),
  status: z.string().toLowerCase().pipe(z.enum(SUBSCRIBER_STATUSES)),
  errors: errorEntries,
  lastStatusChange: optionalText,
  selfActivated: z
    .union([z.boolean(), z.string()])
    .nullish()
    .transform(value => value === true || value === 'true'),
})

const refusal = z.object({ message: optionalText, errors: errorEntries.catch([]), trackingId: optionalText })

export function decodeSubscriber(body: unknown): Subscriber {
  return subscriber.parse(body)
}

export function decodeSubscribers(body: unknown): Subscriber[] {
  return z.object({ items: z.array(subscriber) }).parse(body).items
}

/** The organisation of one enterprise in a list of them. */
export function decodeOrganization(body: unknown, spEnterpriseId: string): string | null {
  const { items } = z.object({ items: z.array(z.object({ spEnterpriseId: text, orgId: optionalText })) }).parse(body)
  return items.find(item => item.spEnterpriseId === spEnterpriseId)?.orgId ?? null
}

/** The errors that a refusal names; empty when the body is not the documented one. */
export function decodeRefusal(body: unknown): { message: string | null; errors: SubscriberError[]; trackingId: string | null } {
  const parsed = refusal.safeParse(body)
  return parsed.success ? parsed.data : { message: null, errors: [], trackingId: null }
}

function toCode(code: number | string | null | undefined): number | null {
  const parsed = typeof code === 'string' ? Number.parseInt(code, 10) : code
  return parsed != null && Number.isSafeInteger(parsed) ? parsed : null
}
