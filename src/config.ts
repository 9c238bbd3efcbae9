import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
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
  /** The connection to the real Webex, or null for the simulator. */
  webex: { baseUrl: string; accessToken: string } | null
  simulator: { databasePath: string; delayMs: number }
  encryptionKey: Buffer
  demoData: boolean
  /** Where the demo keeps its token and its key. */
  dataDirectory: string
  introspection: boolean
  logLevel: string
}

/** Everything that is wrong with the settings, in one message; the process ends with exit code 1. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'

  constructor(problems: readonly string[]) {
    super(['The configuration has problems:', ...problems.map(problem => `  - ${problem}`)].join('\n'))
  }
}

const WEBEX_API = 'https://webexapis.com/v1'

const onOff = z.enum(['on', 'off', 'true', 'false', '1', '0']).transform(value => ['on', 'true', '1'].includes(value))

const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' }).transform(value => value.replace(/\/+$/, ''))

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
  ENCRYPTION_KEY: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'must be 64 hexadecimal digits (32 bytes); make one with: openssl rand -hex 32')
    .optional(),
  DEMO_DATA: onOff.optional(),
  SIMULATOR_DATABASE: z.string().min(1).optional(),
  SIMULATOR_DELAY_MS: z.coerce.number({ error: 'must be a number of milliseconds' }).int().min(0).max(3_600_000).default(1000),
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
  if (given['WEBEX_BASE_URL'] && !given['WEBEX_ACCESS_TOKEN']) {
    problems.push('WEBEX_ACCESS_TOKEN: is needed beside WEBEX_BASE_URL; leave both out to use the simulator')
  }
  if (production && !given['ENCRYPTION_KEY']) {
    problems.push('ENCRYPTION_KEY: is required in production; make one with: openssl rand -hex 32')
  }
  if (!parsed.success || problems.length > 0) throw new ConfigurationError(problems)

  const values = parsed.data
  const database = databaseConfig(values.DATABASE_URL, directory)
  const dataDirectory = database.kind === 'sqlite' ? path.dirname(database.path) : path.resolve(directory, 'data')
  const webex = values.WEBEX_ACCESS_TOKEN ? { baseUrl: values.WEBEX_BASE_URL ?? WEBEX_API, accessToken: values.WEBEX_ACCESS_TOKEN } : null
  return {
    production,
    database,
    host: values.HOST,
    port: values.PORT,
    publicUrl: values.PUBLIC_URL ?? null,
    webex,
    simulator: {
      databasePath: path.resolve(directory, values.SIMULATOR_DATABASE ?? path.join(dataDirectory, 'simulator.db')),
      delayMs: values.SIMULATOR_DELAY_MS,
    },
    encryptionKey: values.ENCRYPTION_KEY ? Buffer.from(values.ENCRYPTION_KEY, 'hex') : demoEncryptionKey(dataDirectory),
    demoData: values.DEMO_DATA ?? (!production && webex === null),
    dataDirectory,
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
