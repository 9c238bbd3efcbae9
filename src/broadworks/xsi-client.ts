import { z } from 'zod'
import { comparisonKey } from '../shared/text'

export interface XsiRequest {
  /** Of the XSP, up to `com.broadsoft.xsi-actions`, as in `https://xsp.example.com/com.broadsoft.xsi-actions/`. */
  xsiActionsUrl: string
  broadworksId: string
  password: string
  /** For all of it. */
  timeoutMs: number
}

/** What BroadWorks says of a user who has signed in. */
export interface XsiProfile {
  /** The user's own ID, with its domain: what was typed may lack the domain, differ in capitals, or be an alternate ID. */
  broadworksId: string
  /** Empty when BroadWorks has none, as is the last name. */
  firstName: string
  lastName: string
  /** The service provider, or with `isEnterprise` the enterprise. */
  serviceProviderId: string
  isEnterprise: boolean
  groupId: string | null
  /** As BroadWorks writes it, which may be without country code. */
  primaryPhoneNumber: string | null
  mobilePhoneNumber: string | null
  extension: string | null
  /** Nobody has confirmed it. */
  email: string | null
}

/** BroadWorks did not answer, or not with a profile. The message says why, and nothing of the user. */
export class XsiUnavailable extends Error {
  override readonly name = 'XsiUnavailable'
}

/**
 * Signs a user in at BroadWorks: their profile, or REFUSED when ID and password do not belong together, whichever of the two is wrong.
 * BroadWorks lets users sign in with an alternate ID, so the profile's own `broadworksId` is who they are, not what they typed.
 * Source: Xsi-Actions of Cisco BroadWorks, `GET /v2.0/user/<ID>/profile` with HTTP Basic.
 * @throws XsiUnavailable
 */
export async function readXsiProfile({ xsiActionsUrl, broadworksId, password, timeoutMs }: XsiRequest): Promise<XsiProfile | 'REFUSED'> {
  const base = safeBase(xsiActionsUrl)
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const profile = await askForProfile(base, broadworksId, password, signal)
    if (profile === 'REFUSED' || isSameUser(profile.broadworksId, broadworksId)) return profile
    // An alternate ID, or an answer that was meant for somebody else. Whoever has the password of that user, too, is that user.
    const own = await askForProfile(base, profile.broadworksId, password, signal)
    if (own === 'REFUSED' || isSameUser(own.broadworksId, profile.broadworksId)) return own
    throw new XsiUnavailable('BroadWorks answered with the profile of another user.')
  } catch (error) {
    throw unavailable(error, timeoutMs)
  }
}

async function askForProfile(base: string, userId: string, password: string, signal: AbortSignal): Promise<XsiProfile | 'REFUSED'> {
  if (!canBeSent(userId, password)) return 'REFUSED'
  // The @ stays as it is, as in BroadWorks' own clients.
  const path = `/v2.0/user/${encodeURIComponent(userId).replaceAll('%40', '@')}/profile`
  // Without being asked for JSON, BroadWorks answers XML; its own clients ask in either of these ways.
  const headers = { accept: 'application/json', authorization: `Basic ${Buffer.from(`${userId}:${password}`).toString('base64')}` }
  // A redirect is not followed, because the password would go with it.
  const response = await fetch(`${base}${path}?format=json`, { headers, redirect: 'manual', signal })
  if (response.status === 200) return decodeProfile(await readBytes(response), response.headers.get('content-type') ?? '')
  await response.body?.cancel()
  if (REFUSALS.includes(response.status)) return 'REFUSED'
  throw new XsiUnavailable(`BroadWorks answered with HTTP ${response.status}.`)
}

/** Signed in, yet not allowed, and not found: what a user typed does not lead to a profile of theirs. */
const REFUSALS = [401, 403, 404]

/** A profile has about 2 kB. */
const LONGEST_ANSWER_BYTES = 1_000_000

function safeBase(xsiActionsUrl: string): string {
  if (!isSafeXsiUrl(xsiActionsUrl)) throw new XsiUnavailable('The address of Xsi-Actions is no https URL, or it has credentials in it.')
  const url = new URL(xsiActionsUrl)
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

/** A password leaves this process encrypted, or not at all; on this very machine tests and the demo may do without. */
export function isSafeXsiUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null
  const isEncrypted = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname))
  return isEncrypted && !url?.username && !url?.password
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

/** What HTTP Basic cannot carry (RFC 7617) is no ID and no password; and an empty password lets everybody in at some directories. */
function canBeSent(userId: string, password: string): boolean {
  return userId !== '' && password !== '' && !/[:\p{Cc}\p{Cs}]/u.test(userId) && !/[\p{Cc}\p{Cs}]/u.test(password)
}

/** BroadWorks does not mind capitals, and completes an ID without a domain. */
function isSameUser(own: string, typed: string): boolean {
  const [ownKey, typedKey] = [comparisonKey(own), comparisonKey(typed)]
  return ownKey === typedKey || withoutDomain(ownKey) === typedKey || ownKey === withoutDomain(typedKey)
}

function withoutDomain(userId: string): string {
  return userId.replace(/@.*$/s, '')
}

async function readBytes(response: Response): Promise<Buffer> {
  const body: AsyncIterable<Uint8Array> | Uint8Array[] = response.body ?? []
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of body) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > LONGEST_ANSWER_BYTES) throw new XsiUnavailable('BroadWorks answered with far more than a profile.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** The error of fetch is not passed on: it may name the address, and so the user. Its code is for whoever has to mend the connection. */
function unavailable(error: unknown, timeoutMs: number): XsiUnavailable {
  if (error instanceof XsiUnavailable) return error
  const { name, cause } = error as { name?: string; cause?: { code?: string } }
  if (name === 'TimeoutError') return new XsiUnavailable(`BroadWorks did not answer within ${timeoutMs / 1000} seconds.`)
  return new XsiUnavailable(`BroadWorks could not be reached${cause?.code ? ` (${cause.code})` : ''}.`)
}

function decodeProfile(answer: Buffer, contentType: string): XsiProfile {
  try {
    // Not every BroadWorks speaks UTF-8: it knows ISO-8859-1, too.
    const charset = /charset="?([\w-]+)/i.exec(contentType)?.[1]
    const { details, additionalDetails } = answered.parse(JSON.parse(new TextDecoder(charset).decode(answer))).Profile
    return {
      broadworksId: details.userId.$,
      firstName: details.firstName ?? '',
      lastName: details.lastName ?? '',
      serviceProviderId: details.serviceProvider.$,
      isEnterprise: ['true', '1'].includes(String(details.serviceProvider['@isEnterprise'])),
      groupId: details.groupId?.$ ?? null,
      primaryPhoneNumber: details.number,
      mobilePhoneNumber: additionalDetails?.mobile ?? null,
      extension: details.extension,
      email: additionalDetails?.emailAddress ?? null,
    }
  } catch {
    throw new XsiUnavailable('BroadWorks answered with something that is no profile.')
  }
}

/** No text has control characters: names need none, and PostgreSQL cannot store a NUL. */
const text = z.union([z.string(), z.number()]).transform(value =>
  String(value)
    .replace(/[\p{Cc}\p{Cs}]+/gu, ' ')
    .trim(),
)
const requiredText = (length: number) => text.pipe(z.string().min(1).max(length))

/** What cannot be read counts as absent, and what is longer than this product keeps is cut. */
const optionalText = (length: number) =>
  z
    .object({ $: text })
    .transform(({ $ }) => $.slice(0, length) || null)
    .nullable()
    .catch(null)

/** In JSON an element is an object: its text is `$`, its attributes begin with @. An ID is never cut: it would be another's. */
const answered = z.object({
  Profile: z.object({
    details: z.object({
      userId: z.object({ $: requiredText(161) }),
      firstName: optionalText(128),
      lastName: optionalText(128),
      groupId: z
        .object({ $: requiredText(80) })
        .nullable()
        .catch(null),
      serviceProvider: z.object({ $: requiredText(80), '@isEnterprise': z.union([z.boolean(), z.string()]).nullish() }),
      number: optionalText(32),
      extension: optionalText(20),
    }),
    additionalDetails: z
      .object({ mobile: optionalText(32), emailAddress: optionalText(254) })
      .nullable()
      .catch(null),
  }),
})
