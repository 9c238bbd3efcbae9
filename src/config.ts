import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import path from 'node:path'
import addressparser from 'nodemailer/lib/addressparser'
import isEmail from 'validator/lib/isEmail'
import { z } from 'zod'

export type DatabaseConfig = { kind: 'sqlite'; path: string } | { kind: 'postgres'; url: string }

export interface Config {
  production: boolean
  database: DatabaseConfig
  host: string
  /** 0 takes a free port. */
  port: number
  /** Without a trailing slash; null until the server knows its port. */
  publicUrl: string | null
  /** The connection of the only partner; null when each partner has its own. */
  webex: WebexSettings | null
  /** Of one process toward the Webex of one partner. */
  webexLimits: { concurrency: number; callsPerSecond: number }
  /** How long one call to Webex may take. */
  webexTimeoutMs: number
  webexReadOnly: boolean
  /** Whether partners without a connection get the simulator. */
  simulates: boolean
  simulator: { databasePath: string; delayMs: number }
  mail: MailSettings
  /** How long the link in a validation mail works. */
  validationHours: number
  /** Addresses and networks whose word on who asked is taken; null when nobody is between us and the users. */
  trustedProxies: string[] | null
  retry: { firstPauseMs: number }
  /** Attempts that fail for a cause in a template before its automatic work is paused. */
  pauseAfterFailures: number
  /** Users from which on a bulk deletion has to say how many it expects. */
  bulkDeletionConfirmFrom: number
  encryptionKey: Buffer
  demoData: boolean
  /** Where the demo keeps its token and its key. */
  dataDirectory: string
  /** How often each partner's users are brought up to date from Webex; an interval of 0 leaves it to those who ask. */
  /** 0 minutes: no schedule. With the simulator inside the server there is one only where the setting asks for it. */
  sync: { intervalMinutes: number; simulatedToo: boolean; fullIntervalHours: number }
  introspection: boolean
  logLevel: string
}

export interface MailSettings {
  /** With the password; null without a mail server. */
  smtpUrl: string | null
  /** An address, or `Name <address>`; empty where there is no mail server to be told. */
  from: string
  /** Where mails are kept that nobody sends; null where they are sent, and in production. */
  outboxDirectory: string | null
}

export interface WebexSettings {
  baseUrl: string
  /** Used as it is, until it ends; null where there is an integration, which renews its own. */
  accessToken: string | null
  integration: { clientId: string; clientSecret: string; refreshToken: string } | null
}

/** Everything that is wrong with the settings, in one message; the process ends with exit code 1. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'

  constructor(problems: readonly string[]) {
    super(['The configuration has problems:', ...problems.map(problem => `  - ${problem}`)].join('\n'))
  }
}

export const WEBEX_API = 'https://webexapis.com/v1'
/** Changes that were made elsewhere are seen soon, and a quiet partner costs one call each time. */
const SYNC_INTERVAL_MINUTES = 10

const INTEGRATION = ['WEBEX_CLIENT_ID', 'WEBEX_CLIENT_SECRET', 'WEBEX_REFRESH_TOKEN'] as const

const onOff = z.enum(['on', 'off', 'true', 'false', '1', '0']).transform(value => ['on', 'true', '1'].includes(value))

export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
  .transform(value => value.replace(/\/+$/, ''))

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
  WEBEX_CONCURRENCY: z.coerce.number({ error: 'must be a number of calls' }).int().min(1).max(100).default(8),
  WEBEX_CALLS_PER_SECOND: z.coerce.number({ error: 'must be a number of calls' }).int().min(1).max(10_000).default(20),
  // A job ends within 30 seconds, of which its call may wait some for its turn.
  WEBEX_TIMEOUT_MS: z.coerce.number({ error: 'must be a number of milliseconds' }).int().min(100).max(20_000).default(20_000),
  SMTP_URL: smtpUrl.optional(),
  MAIL_FROM: z
    .string()
    .refine(isMailbox, { error: 'must be an e-mail address, or a name with one: Alice Telecom <webex@alice.example>' })
    .optional(),
  ENCRYPTION_KEY: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'must be 64 hexadecimal digits (32 bytes); make one with: openssl rand -hex 32')
    .optional(),
  DEMO_DATA: onOff.optional(),
  SIMULATOR_DATABASE: z.string().min(1).optional(),
  SIMULATOR_DELAY_MS: z.coerce.number({ error: 'must be a number of milliseconds' }).int().min(0).max(3_600_000).default(1000),
  VALIDATION_LINK_HOURS: z.coerce.number({ error: 'must be a number of hours' }).int().min(1).max(720).default(24),
  TRUSTED_PROXIES: addresses.optional(),
  RETRY_PAUSE_MS: z.coerce.number({ error: 'must be a number of milliseconds' }).int().min(1).max(60_000).default(2000),
  TEMPLATE_PAUSE_FAILURES: z.coerce.number({ error: 'must be a number of attempts' }).int().min(1).max(1_000_000).default(10),
  BULK_DELETION_CONFIRM_FROM: z.coerce.number({ error: 'must be a number of users' }).int().min(1).max(1_000_000).default(100),
  SYNC_INTERVAL_MINUTES: z.coerce.number({ error: 'must be a number of minutes' }).int().min(0).max(10_080).optional(),
  SYNC_FULL_INTERVAL_HOURS: z.coerce.number({ error: 'must be a number of hours' }).int().min(1).max(8760).default(24),
  INTROSPECTION: onOff.default(true),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
})

/**
 * Reads and checks all settings; the only place that looks at environment variables. Relative paths are taken from `directory`.
 * @throws ConfigurationError naming every problem.
 */
export function loadConfig(environment: NodeJS.ProcessEnv = process.env, directory: string = process.cwd()): Config {
  // An empty variable is one that is not set: that is how compose files and shells leave one out.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const parsed = settings.safeParse(given)
  const problems = parsed.success ? [] : parsed.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`)
  const production = given['NODE_ENV'] === 'production'
  problems.push(...webexProblems(given))
  if (given['SMTP_URL'] && !given['MAIL_FROM']) problems.push('MAIL_FROM: is needed beside SMTP_URL; mails come from that address')
  if (production && !given['ENCRYPTION_KEY']) {
    problems.push('ENCRYPTION_KEY: is required in production; make one with: openssl rand -hex 32')
  }
  if (!parsed.success || problems.length > 0) throw new ConfigurationError(problems)

  const values = parsed.data
  const database = databaseConfig(values.DATABASE_URL, directory)
  const dataDirectory = database.kind === 'sqlite' ? path.dirname(database.path) : path.resolve(directory, 'data')
  const webex = webexSettings(values)
  const demoData = values.DEMO_DATA ?? (!production && webex === null)
  // A demo is one in production, too; else nobody is to be told there that a user was provisioned who was not.
  const simulates = webex === null && (!production || demoData)
  return {
    production,
    database,
    host: values.HOST,
    port: values.PORT,
    publicUrl: values.PUBLIC_URL ?? null,
    webex,
    webexLimits: { concurrency: values.WEBEX_CONCURRENCY, callsPerSecond: values.WEBEX_CALLS_PER_SECOND },
    webexTimeoutMs: values.WEBEX_TIMEOUT_MS,
    webexReadOnly: values.WEBEX_READ_ONLY,
    simulates,
    simulator: {
      databasePath: path.resolve(directory, values.SIMULATOR_DATABASE ?? path.join(dataDirectory, 'simulator.db')),
      delayMs: values.SIMULATOR_DELAY_MS,
    },
    mail: {
      smtpUrl: values.SMTP_URL ?? null,
      from: values.MAIL_FROM ?? '',
      outboxDirectory: production || values.SMTP_URL ? null : path.join(dataDirectory, 'outbox'),
    },
    validationHours: values.VALIDATION_LINK_HOURS,
    trustedProxies: values.TRUSTED_PROXIES ?? null,
    retry: { firstPauseMs: values.RETRY_PAUSE_MS },
    pauseAfterFailures: values.TEMPLATE_PAUSE_FAILURES,
    bulkDeletionConfirmFrom: values.BULK_DELETION_CONFIRM_FROM,
    encryptionKey: values.ENCRYPTION_KEY ? Buffer.from(values.ENCRYPTION_KEY, 'hex') : demoEncryptionKey(dataDirectory),
    demoData,
    dataDirectory,
    sync: {
      intervalMinutes: values.SYNC_INTERVAL_MINUTES ?? SYNC_INTERVAL_MINUTES,
      // In the simulator nothing changes but what this server does.
      simulatedToo: values.SYNC_INTERVAL_MINUTES !== undefined,
      fullIntervalHours: values.SYNC_FULL_INTERVAL_HOURS,
    },
    introspection: values.INTROSPECTION,
    logLevel: values.LOG_LEVEL,
  }
}

/** What the simulator needs when it runs by itself. It encrypts nothing, so it neither asks for a key nor leaves one behind. */
export function loadSimulatorConfig(
  environment: NodeJS.ProcessEnv = process.env,
  directory: string = process.cwd(),
): Pick<Config, 'simulator' | 'logLevel'> {
  return loadConfig({ ...environment, ENCRYPTION_KEY: environment['ENCRYPTION_KEY'] || randomBytes(32).toString('hex') }, directory)
}

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128))
}

/** Half a connection, or two. */
function webexProblems(given: Partial<NodeJS.ProcessEnv>): string[] {
  const [present] = INTEGRATION.filter(name => given[name])
  const missing = INTEGRATION.filter(name => !given[name])
  if (present && given['WEBEX_ACCESS_TOKEN']) {
    return [`WEBEX_ACCESS_TOKEN: is set beside ${present}; use either an access token or an integration, which renews its own`]
  }
  if (present) return missing.map(name => `${name}: is needed beside ${present}; an integration has ${INTEGRATION.join(', ')}`)
  if (!given['WEBEX_BASE_URL'] || given['WEBEX_ACCESS_TOKEN']) return []
  return [`WEBEX_ACCESS_TOKEN: is needed beside WEBEX_BASE_URL, or else ${INTEGRATION.join(', ')}; leave all out to use the simulator`]
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

function webexSettings(values: z.infer<typeof settings>): WebexSettings | null {
  const { WEBEX_BASE_URL: baseUrl = WEBEX_API, WEBEX_ACCESS_TOKEN: accessToken = null } = values
  const { WEBEX_CLIENT_ID: clientId, WEBEX_CLIENT_SECRET: clientSecret, WEBEX_REFRESH_TOKEN: refreshToken } = values
  const integration = clientId && clientSecret && refreshToken ? { clientId, clientSecret, refreshToken } : null
  return accessToken || integration ? { baseUrl, accessToken, integration } : null
}

function databaseConfig(url: string, directory: string): DatabaseConfig {
  return url.startsWith('sqlite:')
    ? { kind: 'sqlite', path: path.resolve(directory, url.slice('sqlite:'.length)) }
    : { kind: 'postgres', url }
}

/** Outside production a key is made once and kept beside the data, so that what it encrypted can be read after a restart. */
function demoEncryptionKey(dataDirectory: string): Buffer {
  const file = path.join(dataDirectory, 'encryption-key')
  if (!existsSync(file)) {
    mkdirSync(dataDirectory, { recursive: true })
    // Written aside and linked into place whole: of two processes that start together, both take the key of the first.
    const draft = `${file}.${randomBytes(8).toString('hex')}`
    writeFileSync(draft, randomBytes(32).toString('hex') + '\n', { mode: 0o600 })
    try {
      linkSync(draft, file)
    } catch (error) {
      if (!existsSync(file)) throw error
    } finally {
      rmSync(draft)
    }
  }
  return Buffer.from(readFileSync(file, 'utf8').trim(), 'hex')
}
