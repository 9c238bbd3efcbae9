import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { readSecretFiles } from './secret-files'
import { type Settings, settings } from './settings'
import type { KeyRing } from '../shared/encryption'

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
  /** The first is the current one; the others were, and what they encrypted is still read. */
  encryptionKeys: KeyRing
  /** Null where API tokens alone let in. */
  oidc: OidcSettings | null
  /** Origins of other sites whose pages may use the API. */
  corsOrigins: string[]
  /** Service tokens of gateways; they enlarge the budget of those whom the gateway speaks for. */
  gatewayTokens: string[]
  limits: RequestLimits
  demoData: boolean
  /** Where the demo keeps its token and its key. */
  dataDirectory: string
  /** How often each partner's users are brought up to date from Webex; an interval of 0 leaves it to those who ask. */
  /** 0 minutes: no schedule. With the simulator inside the server there is one only where the setting asks for it. */
  sync: { intervalMinutes: number; simulatedToo: boolean; fullIntervalHours: number }
  introspection: boolean
  logLevel: string
}

/** What one caller may ask for. docs/reference/configuration.md tells why each is as it is. */
export interface RequestLimits {
  query: { tokens: number; depth: number; aliases: number; directives: number; rootFields: number; cost: number }
  /** Of one token, in cost points. */
  costPerMinute: number
  /** So many times as much through a gateway. */
  gatewayFactor: number
  /** Requests of one network address without a valid token. */
  anonymousPerMinute: number
  bodyBytes: number
  anonymousBodyBytes: number
  /** What takes longer is ended, with its SQL. */
  requestTimeoutMs: number
  /** How late the process may be with everything before it refuses more. */
  overloadDelayMs: number
  /** Connections of one token in one process, operations of one connection at a time, and how long a connection may have none. */
  webSocket: { connections: number; operations: number; idleSeconds: number }
}

export interface OidcSettings {
  /** As the claim `iss` has it. */
  issuer: string
  audience: string
  /** Null where the issuer's own document tells it. */
  jwksUrl: string | null
  partnerClaim: string
  /** IDs of partners by value of the claim; null where the value is the ID. */
  partners: Map<string, string> | null
  roleClaim: string
  /** Roles by value of the claim; null where the value is the role. */
  roles: Map<string, string> | null
  /** Null where every token is for the whole partner. */
  customersClaim: string | null
  nameClaim: string
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

/**
 * Reads and checks all settings; the only place that looks at environment variables. Relative paths are taken from `directory`.
 * @throws ConfigurationError naming every problem.
 */
export function loadConfig(environment: NodeJS.ProcessEnv = process.env, directory: string = process.cwd()): Config {
  // An empty variable is one that is not set: that is how compose files and shells leave one out.
  const variables = Object.entries(environment).flatMap(([name, value]): [string, string][] => (value ? [[name, value]] : []))
  const { given, problems } = readSecretFiles(Object.fromEntries(variables), directory)
  const parsed = settings.safeParse(given)
  if (!parsed.success) problems.push(...parsed.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`))
  const production = given['NODE_ENV'] === 'production'
  problems.push(...webexProblems(given))
  if (given['SMTP_URL'] && !given['MAIL_FROM']) problems.push('MAIL_FROM: is needed beside SMTP_URL; mails come from that address')
  if (production && !given['ENCRYPTION_KEY']) {
    problems.push('ENCRYPTION_KEY: is required in production; make one with: openssl rand -hex 32')
  }
  if (Boolean(given['OIDC_ISSUER']) !== Boolean(given['OIDC_AUDIENCE'])) {
    problems.push('OIDC_AUDIENCE: an issuer without an audience, or the other way round; OIDC_ISSUER and OIDC_AUDIENCE go together')
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
    encryptionKeys: [keyOf(values.ENCRYPTION_KEY ?? demoEncryptionKey(dataDirectory)), ...(values.ENCRYPTION_KEYS_OLD ?? []).map(keyOf)],
    oidc: oidcSettings(values),
    corsOrigins: values.CORS_ORIGINS ?? [],
    gatewayTokens: values.GATEWAY_TOKENS ?? [],
    limits: limitsOf(values),
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
  return loadConfig({ ...environment, ENCRYPTION_KEY: randomBytes(32).toString('hex'), ENCRYPTION_KEY_FILE: '' }, directory)
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

function webexSettings(values: Settings): WebexSettings | null {
  const { WEBEX_BASE_URL: baseUrl = WEBEX_API, WEBEX_ACCESS_TOKEN: accessToken = null } = values
  const { WEBEX_CLIENT_ID: clientId, WEBEX_CLIENT_SECRET: clientSecret, WEBEX_REFRESH_TOKEN: refreshToken } = values
  const integration = clientId && clientSecret && refreshToken ? { clientId, clientSecret, refreshToken } : null
  return accessToken || integration ? { baseUrl, accessToken, integration } : null
}

function oidcSettings(values: Settings): OidcSettings | null {
  const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience } = values
  if (!issuer || !audience) return null
  return {
    issuer,
    audience,
    jwksUrl: values.OIDC_JWKS_URL ?? null,
    partnerClaim: values.OIDC_PARTNER_CLAIM,
    partners: values.OIDC_PARTNERS ?? null,
    roleClaim: values.OIDC_ROLE_CLAIM,
    roles: values.OIDC_ROLES ?? null,
    customersClaim: values.OIDC_CUSTOMERS_CLAIM ?? null,
    nameClaim: values.OIDC_NAME_CLAIM,
  }
}

function limitsOf(values: Settings): RequestLimits {
  return {
    query: {
      tokens: values.QUERY_TOKENS_MAX,
      depth: values.QUERY_DEPTH_MAX,
      aliases: values.QUERY_ALIASES_MAX,
      directives: values.QUERY_DIRECTIVES_MAX,
      rootFields: values.QUERY_ROOT_FIELDS_MAX,
      cost: values.QUERY_COST_MAX,
    },
    costPerMinute: values.RATE_LIMIT_COST_PER_MINUTE,
    gatewayFactor: values.GATEWAY_RATE_FACTOR,
    anonymousPerMinute: values.RATE_LIMIT_ANONYMOUS_PER_MINUTE,
    bodyBytes: values.BODY_LIMIT_BYTES,
    anonymousBodyBytes: values.ANONYMOUS_BODY_LIMIT_BYTES,
    requestTimeoutMs: values.REQUEST_TIMEOUT_MS,
    overloadDelayMs: values.OVERLOAD_DELAY_MS,
    webSocket: {
      connections: values.WEBSOCKET_CONNECTIONS_MAX,
      operations: values.WEBSOCKET_OPERATIONS_MAX,
      idleSeconds: values.WEBSOCKET_IDLE_SECONDS,
    },
  }
}

function databaseConfig(url: string, directory: string): DatabaseConfig {
  return url.startsWith('sqlite:')
    ? { kind: 'sqlite', path: path.resolve(directory, url.slice('sqlite:'.length)) }
    : { kind: 'postgres', url }
}

/** Outside production a key is made once and kept beside the data, so that what it encrypted can be read after a restart. */
function demoEncryptionKey(dataDirectory: string): string {
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
  return readFileSync(file, 'utf8').trim()
}

function keyOf(digits: string): Buffer {
  return Buffer.from(digits, 'hex')
}
