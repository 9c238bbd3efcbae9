import { createHash } from 'node:crypto'
import { TypeID } from 'typeid-js'
import type { UpstreamError } from '../../provisioning/error-catalog'
import { UserStatus } from '../../provisioning/lifecycle'
import { enterpriseId, organizationId, personId, provisioningId, subscriberId } from '../../webex/webex-identifiers'
import { ID_PREFIXES, type IdentifiedType } from '../../shared/ids'
import { PackageType } from '../../provisioning/package-type'

/**
 * A partner as one might be, of any size and always the same: names, numbers and states follow from an index alone, IDs from the salt
 * too, so that two partners fit into one database. A user can be made without those before it, and a seed that was killed goes on where
 * it was.
 */
export interface SyntheticPartner {
  templates: SyntheticTemplate[]
  customers: SyntheticCustomer[]
  user(index: number): SyntheticUser
}

export interface SyntheticTemplate {
  id: string
  name: string
  provisioningId: string
  language: string | null
  untrustedEmails: boolean
  imported: boolean
  activationKey: string
}

export interface SyntheticCustomer {
  id: string
  name: string
  spEnterpriseId: string
  template: SyntheticTemplate
  webexEnterpriseId: string
  webexOrgId: string
  createdAt: string
}

export interface SyntheticUser {
  id: string
  attemptId: string
  customer: SyntheticCustomer
  broadworksId: string
  firstName: string
  lastName: string
  email: string | null
  primaryPhoneNumber: string
  mobilePhoneNumber: string | null
  extension: string
  packageType: PackageType
  status: UserStatus
  errors: UpstreamError[]
  webexSubscriberId: string | null
  webexPersonId: string | null
  selfActivated: boolean
  createdAt: string
  lastStatusChange: string
}

/** Everything happened between these: fixed, so that two seeds agree. */
const FIRST_DAY = Date.UTC(2026, 7, 1)
const SPAN_MS = 100 * 24 * 3_600_000
/** One of thousands that were tried: with it the first twenty users have somebody in every state, so that a small seed is of use too. */
const SEED = 3152
const USERS_PER_CUSTOMER = 25
/** Users are dealt out to this many customers in turn, then to as many more, so that a larger seed leaves everybody where a smaller one put them. */
const CUSTOMERS_IN_TURN = 12
const USERS_IN_TURN = CUSTOMERS_IN_TURN * USERS_PER_CUSTOMER

const FIRST_NAMES =
  'Giulia Marco Sofia Luca Chiara Matteo Anna Jürgen Zoë Pierre Élodie John Mary Niccolò Aurora Karl Inés José Emma Noah'.split(' ')
const LAST_NAMES =
  "Rossi Bianchi Ferrari Esposito Romano Colombo D'Angelo Müller Schäfer Weiß Dubois Lefèvre García Smith Johnson O'Neill Andersen Novák Conti Ricci".split(
    ' ',
  )
const TRADES = 'Panificio Officina Studio Farmacia Hotel Clinica Libreria Cantina Autoscuola Tipografia Trattoria Ottica'.split(' ')
const PLACES = 'Aurora Bellavista Centrale Dolomiti Etna Fenice Ginestra Lagomar Montebello Navigli Oleandro Piave'.split(' ')

/** Errors that the seeded users are in, with how Webex words them; none of them lies in the user's ID, so each can be mended. */
const ERRORS: { code: number | null; httpStatus: number | null; upstreamText: string }[] = [
  { code: 10022, httpStatus: null, upstreamText: 'The BroadWorks UserID is already associated with an existing user' },
  { code: 200039, httpStatus: null, upstreamText: 'The email address is already used in another organization' },
  { code: 200048, httpStatus: null, upstreamText: 'The email address is already provisioned' },
  { code: 200054, httpStatus: null, upstreamText: 'The region of the customer differs from the region of the partner' },
  { code: 1002, httpStatus: 400, upstreamText: 'Invalid value for parameter extension' },
  { code: null, httpStatus: 503, upstreamText: 'Service Unavailable' },
]

/** What a template with a wrong password or customer setting comes to: refused at once, so nothing of these users is at Webex. */
const BROKEN_ERROR = { code: 200043, httpStatus: 400, upstreamText: 'The customer configuration is incorrect' }
const BROKEN_SHARE = 1 / 3

/** @param brokenTemplate whether one template has a setting wrong, so that every third of its users fails for one reason */
export function syntheticPartner(salt: string, userCount: number, brokenTemplate = false): SyntheticPartner {
  const templates = TEMPLATES.map((template, index) => ({
    ...template,
    id: derivedId('OnboardingTemplate', salt, index, FIRST_DAY + index),
    provisioningId: provisioningId(derivedUuid(salt, 'partner', 0), derivedUuid(salt, 'template', index)),
    activationKey: createHash('sha256').update(`${salt}:link:${index}`).digest().subarray(0, 16).toString('base64url'),
  }))
  const customers = Array.from({ length: customerCount(userCount) }, (_, index) => syntheticCustomer(salt, index, templates))
  const [, broken] = templates
  const isBroken = ({ template }: SyntheticCustomer, index: number) =>
    brokenTemplate && template === broken && randomOf('broken', index)() < BROKEN_SHARE
  return { templates, customers, user: index => syntheticUser(salt, index, customers, isBroken) }
}

const TEMPLATES: Pick<SyntheticTemplate, 'name' | 'language' | 'untrustedEmails' | 'imported'>[] = [
  { name: 'Small business, untrusted e-mails', language: 'it', untrustedEmails: true, imported: false },
  { name: 'Enterprise, trusted e-mails', language: 'en', untrustedEmails: false, imported: false },
  { name: 'Found at Webex', language: null, untrustedEmails: true, imported: true },
]

function syntheticCustomer(salt: string, index: number, templates: SyntheticTemplate[]): SyntheticCustomer {
  const random = randomOf('customer', index)
  const place = PLACES[index % PLACES.length] as string
  const trade = pick(TRADES, random)
  const createdAt = FIRST_DAY + Math.floor(random() * SPAN_MS * 0.3)
  // Seven in ten customers are small businesses: the list that the issue of this product is about.
  const template = templates[
    index < templates.length ? index : ([0, 0, 0, 0, 0, 0, 0, 1, 1, 2][Math.floor(random() * 10)] as number)
  ] as SyntheticTemplate
  return {
    id: derivedId('Customer', salt, index, createdAt),
    name: `${trade} ${place}${index >= PLACES.length ? ` ${Math.floor(index / PLACES.length) + 1}` : ''}`,
    spEnterpriseId: `DEMO+${place.toLowerCase()}${index}`,
    template,
    webexEnterpriseId: enterpriseId(derivedUuid(salt, 'enterprise', index)),
    webexOrgId: organizationId(derivedUuid(salt, 'organization', index)),
    createdAt: new Date(createdAt).toISOString(),
  }
}

function syntheticUser(
  salt: string,
  index: number,
  customers: SyntheticCustomer[],
  isBroken: (customer: SyntheticCustomer, index: number) => boolean,
): SyntheticUser {
  const random = randomOf('user', index)
  const customer = customers[customerIndex(index)] as SyntheticCustomer
  const firstName = pick(FIRST_NAMES, random)
  const lastName = pick(LAST_NAMES, random)
  const created = Date.parse(customer.createdAt) + Math.floor(random() * SPAN_MS * 0.6)
  const changed = created + 60_000 + Math.floor(random() * SPAN_MS * 0.1)
  const chance = random()
  const usual = customer.template.untrustedEmails ? pickStatus(chance) : pickStatus(0.07 + chance)
  const usualError = usual === UserStatus.ERROR ? pick(ERRORS, random) : null
  const [status, error] = isBroken(customer, index) ? [UserStatus.ERROR, BROKEN_ERROR] : [usual, usualError]
  const refusedAtOnce = error?.httpStatus != null
  const atWebex = [UserStatus.PROVISIONED, UserStatus.PENDING_USER_MIGRATION].includes(status) || (error !== null && !refusedAtOnce)
  const login = `${ascii(firstName)}.${ascii(lastName)}.${index}`
  return {
    id: derivedId('ProvisionedUser', salt, index, created),
    attemptId: derivedId('ActivationAttempt', salt, index, created),
    customer,
    broadworksId: `${login}@demo.example`,
    firstName,
    lastName,
    email: status === UserStatus.PENDING_EMAIL_INPUT ? null : `${login}@mail.example`,
    primaryPhoneNumber: `+39-02-5${String(index).padStart(7, '0')}`,
    mobilePhoneNumber: random() < 0.4 ? `+39-34-7${String(index).padStart(7, '0')}` : null,
    extension: String(1000 + (index % 9000)),
    packageType: pick([PackageType.BASIC, PackageType.STANDARD, PackageType.STANDARD, PackageType.PREMIUM, PackageType.SOFTPHONE], random),
    status,
    errors: error ? [{ ...error, trackingId: `SIMULATOR_${derivedUuid(salt, 'tracking', index)}` }] : [],
    webexSubscriberId: atWebex ? subscriberId(derivedUuid(salt, 'subscriber', index)) : null,
    webexPersonId: status === UserStatus.PROVISIONED ? personId(derivedUuid(salt, 'person', index)) : null,
    selfActivated: random() < 0.02,
    createdAt: new Date(created).toISOString(),
    lastStatusChange: new Date(changed).toISOString(),
  }
}

function customerIndex(userIndex: number): number {
  return Math.floor(userIndex / USERS_IN_TURN) * CUSTOMERS_IN_TURN + ((userIndex % USERS_IN_TURN) % CUSTOMERS_IN_TURN)
}

function customerCount(userCount: number): number {
  return Math.floor(userCount / USERS_IN_TURN) * CUSTOMERS_IN_TURN + Math.min(userCount % USERS_IN_TURN, CUSTOMERS_IN_TURN)
}

/** Nine in ten are live, as in a partner that works; the rest is what this product is for. */
function pickStatus(chance: number): UserStatus {
  if (chance < 0.04) return UserStatus.PENDING_EMAIL_INPUT
  if (chance < 0.06) return UserStatus.PENDING_EMAIL_VALIDATION
  if (chance < 0.07) return UserStatus.PENDING_USER_MIGRATION
  return chance < 0.1 ? UserStatus.ERROR : UserStatus.PROVISIONED
}

function pick<Value>(values: readonly Value[], random: () => number): Value {
  return values[Math.floor(random() * values.length)] as Value
}

/** mulberry32: a small generator of pseudo-random numbers from 0 to 1, seeded by a hash. */
function randomOf(kind: string, index: number): () => number {
  let state = createHash('sha256').update(`${SEED}:${kind}:${index}`).digest().readUInt32LE(0)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function derivedUuid(salt: string, kind: string, index: number): string {
  const hex = createHash('sha256').update(`${salt}:${kind}:${index}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** A UUIDv7 whose random part is derived: sortable like every other ID, and the same in every run. */
function derivedId(type: IdentifiedType, salt: string, index: number, timeMs: number): string {
  const bytes = createHash('sha256').update(`${salt}:${type}:${index}`).digest().subarray(0, 16)
  bytes.writeUIntBE(timeMs, 0, 6)
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x70
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  return TypeID.fromUUIDBytes(ID_PREFIXES[type], bytes).toString()
}

function ascii(name: string): string {
  return name
    .replace('ß', 'ss')
    .normalize('NFD')
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase()
}
