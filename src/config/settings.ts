import { isIP } from 'node:net'
import addressparser from 'nodemailer/lib/addressparser'
import isEmail from 'validator/lib/isEmail'
import { z } from 'zod'

const ROLES = ['VIEWER', 'OPERATOR', 'ADMIN']

const onOff = z.enum(['on', 'off', 'true', 'false', '1', '0']).transform(value => ['on', 'true', '1'].includes(value))

export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
  .transform(value => value.replace(/\/+$/, ''))

/** A whole number within bounds. */
const numberOf = (unit: string, min: number, max: number) =>
  z.coerce
    .number({ error: `must be a number of ${unit}` })
    .int()
    .min(min)
    .max(max)

const list = z.string().transform(value =>
  value
    .split(',')
    .map(each => each.trim())
    .filter(Boolean),
)

const encryptionKey = z.string().regex(/^[0-9a-fA-F]{64}$/, 'must be 64 hexadecimal digits (32 bytes); make one with: openssl rand -hex 32')

/** `value=meaning`, with commas between. */
const meanings = list
  .refine(pairs => pairs.every(pair => /^[^=]+=[^=]+$/.test(pair)), {
    error: 'must be pairs, separated by commas: value=meaning,value=meaning',
  })
  .transform(pairs => new Map(pairs.map(pair => pair.split('=').map(part => part.trim()) as [string, string])))

/** Not with the library's other options of such a URL: one would print mails, another take any certificate. */
const smtpUrl = z.string().refine(isSmtpUrl, {
  error:
    'must be smtp://USER:PASSWORD@HOST:PORT or smtps://…, with special characters percent-encoded; after it ?requireTLS=true or false, and nothing else',
})

const addresses = z
  .string()
  .transform(value => value.split(',').map(each => each.trim()))
  .refine(values => values.every(isNetwork), { error: 'must be IP addresses or networks, separated by commas: 10.0.0.0/8, fd00::1' })

/** Every setting by its name; docs/reference/configuration.md explains each. */
export const settings = z.object({
  NODE_ENV: z.enum(['production', 'development', 'test']).default('development'),
  DATABASE_URL: z
    .string()
    .regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)$/, 'must be sqlite:<path of a file> or postgres://user:password@host:port/database')
    .default('sqlite:data/flowthrough.db'),
  PORT: z.coerce.number({ error: 'must be a number from 0 to 65535' }).int().min(0).max(65_535).default(4000),
  HOST: z.string().min(1).default('127.0.0.1'),
  PUBLIC_URL: httpUrl.optional(),
  WEBEX_BASE_URL: httpUrl.optional(),
  WEBEX_ACCESS_TOKEN: z.string().min(1).optional(),
  WEBEX_CLIENT_ID: z.string().min(1).optional(),
  WEBEX_CLIENT_SECRET: z.string().min(1).optional(),
  WEBEX_REFRESH_TOKEN: z.string().min(1).optional(),
  WEBEX_READ_ONLY: onOff.default(false),
  WEBEX_CONCURRENCY: numberOf('calls', 1, 100).default(8),
  WEBEX_CALLS_PER_SECOND: numberOf('calls', 1, 10_000).default(20),
  // A job ends within 30 seconds, of which its call may wait some for its turn.
  WEBEX_TIMEOUT_MS: numberOf('milliseconds', 100, 20_000).default(20_000),
  SMTP_URL: smtpUrl.optional(),
  MAIL_FROM: z
    .string()
    .refine(isMailbox, { error: 'must be an e-mail address, or a name with one: Alice Telecom <webex@alice.example>' })
    .optional(),
  ENCRYPTION_KEY: encryptionKey.optional(),
  ENCRYPTION_KEYS_OLD: list.pipe(z.array(encryptionKey)).optional(),
  // As it is: a slash at its end belongs to the name.
  OIDC_ISSUER: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' }).optional(),
  OIDC_AUDIENCE: z.string().min(1).optional(),
  OIDC_JWKS_URL: httpUrl.optional(),
  OIDC_PARTNER_CLAIM: z.string().min(1).default('partner'),
  OIDC_PARTNERS: meanings.optional(),
  OIDC_ROLE_CLAIM: z.string().min(1).default('role'),
  OIDC_ROLES: meanings
    .refine(roles => [...roles.values()].every(role => ROLES.includes(role)), { error: `must map to ${ROLES.join(', ')}` })
    .optional(),
  OIDC_CUSTOMERS_CLAIM: z.string().min(1).optional(),
  OIDC_NAME_CLAIM: z.string().min(1).default('sub'),
  CORS_ORIGINS: list
    .refine(origins => origins.every(isOrigin), { error: 'must be origins, separated by commas: https://app.alice.example' })
    .optional(),
  GATEWAY_TOKENS: list
    .refine(tokens => tokens.every(token => /^[\w.~+/-]{32,}$/.test(token)), {
      error: 'must be tokens of 32 characters at least, separated by commas; make one with: openssl rand -hex 32',
    })
    .optional(),
  GATEWAY_RATE_FACTOR: numberOf('times', 1, 1000).default(10),
  RATE_LIMIT_COST_PER_MINUTE: numberOf('cost points', 100, 2_000_000_000).default(100_000),
  RATE_LIMIT_ANONYMOUS_PER_MINUTE: numberOf('requests', 1, 1_000_000).default(120),
  QUERY_TOKENS_MAX: numberOf('tokens', 100, 1_000_000).default(10_000),
  QUERY_DEPTH_MAX: numberOf('levels', 1, 1000).default(15),
  QUERY_ALIASES_MAX: numberOf('aliases', 0, 100_000).default(100),
  QUERY_DIRECTIVES_MAX: numberOf('directives', 0, 100_000).default(50),
  QUERY_ROOT_FIELDS_MAX: numberOf('fields', 1, 10_000).default(20),
  QUERY_COST_MAX: numberOf('cost points', 100, 10_000_000).default(10_000),
  BODY_LIMIT_BYTES: numberOf('bytes', 1024, 100 * 1024 * 1024).default(1024 * 1024),
  ANONYMOUS_BODY_LIMIT_BYTES: numberOf('bytes', 1024, 100 * 1024 * 1024).default(100 * 1024),
  REQUEST_TIMEOUT_MS: numberOf('milliseconds', 100, 300_000).default(30_000),
  OVERLOAD_DELAY_MS: numberOf('milliseconds', 100, 60_000).default(2000),
  WEBSOCKET_CONNECTIONS_MAX: numberOf('connections', 1, 100_000).default(20),
  WEBSOCKET_OPERATIONS_MAX: numberOf('operations', 1, 100_000).default(100),
  WEBSOCKET_IDLE_SECONDS: numberOf('seconds', 1, 86_400).default(300),
  DEMO_DATA: onOff.optional(),
  SIMULATOR_DATABASE: z.string().min(1).optional(),
  SIMULATOR_DELAY_MS: numberOf('milliseconds', 0, 3_600_000).default(1000),
  VALIDATION_LINK_HOURS: numberOf('hours', 1, 720).default(24),
  TRUSTED_PROXIES: addresses.optional(),
  RETRY_PAUSE_MS: numberOf('milliseconds', 1, 60_000).default(2000),
  TEMPLATE_PAUSE_FAILURES: numberOf('attempts', 1, 1_000_000).default(10),
  BULK_DELETION_CONFIRM_FROM: numberOf('users', 1, 1_000_000).default(100),
  SYNC_INTERVAL_MINUTES: numberOf('minutes', 0, 10_080).optional(),
  SYNC_FULL_INTERVAL_HOURS: numberOf('hours', 1, 8760).default(24),
  INTROSPECTION: onOff.default(true),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
})

export type Settings = z.infer<typeof settings>

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128))
}

function isSmtpUrl(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, hostname, pathname, hash, searchParams } = new URL(value)
  const isServer = /^smtps?:$/.test(protocol) && hostname !== '' && ['', '/'].includes(pathname) && hash === ''
  return isServer && /^(requireTLS=(true|false))?$/.test(searchParams.toString())
}

function isMailbox(value: string): boolean {
  const mailboxes = addressparser(value)
  return mailboxes.length === 1 && mailboxes.every(({ address }) => isEmail(address ?? '')) && !/\p{Cc}/u.test(value)
}

/** As browsers send it: scheme, host and port, and nothing after them. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text
}
