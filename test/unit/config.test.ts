import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { ConfigurationError, loadConfig, loadSimulatorConfig } from '../../src/config/config'
import { SECRETS } from '../../src/config/secret-files'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'flowthrough-config-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const KEY = 'ab'.repeat(32)
const OLD_KEY = 'cd'.repeat(32)
const INTEGRATION = { WEBEX_CLIENT_ID: 'client', WEBEX_CLIENT_SECRET: 'hush', WEBEX_REFRESH_TOKEN: 'refresh' }

function load(environment: Record<string, string> = {}) {
  return loadConfig(environment, directory)
}

/** What is said of these settings, a line each. */
function problems(environment: Record<string, string>): string[] {
  try {
    load(environment)
    return []
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    const [title, ...lines] = error.message.split('\n')
    expect(title).toBe('The configuration has problems:')
    return lines.map(line => line.replace(/^ {2}- /, ''))
  }
}

describe('the configuration', () => {
  it('is that of the demo when nothing is set', () => {
    expect(load()).toEqual({
      production: false,
      database: { kind: 'sqlite', path: path.join(directory, 'data/flowthrough.db') },
      host: '127.0.0.1',
      port: 4000,
      publicUrl: null,
      webex: null,
      webexLimits: { concurrency: 8, callsPerSecond: 20 },
      webexReadOnly: false,
      webexTimeoutMs: 20_000,
      simulates: true,
      simulator: { databasePath: path.join(directory, 'data/simulator.db'), delayMs: 1000 },
      mail: { smtpUrl: null, from: '', outboxDirectory: path.join(directory, 'data/outbox') },
      validationHours: 24,
      trustedProxies: null,
      retry: { firstPauseMs: 2000 },
      pauseAfterFailures: 10,
      bulkDeletionConfirmFrom: 100,
      sync: { intervalMinutes: 10, simulatedToo: false, fullIntervalHours: 24 },
      encryptionKeys: [expect.any(Buffer) as Buffer],
      oidc: null,
      corsOrigins: [],
      gatewayTokens: [],
      limits: {
        query: { tokens: 10_000, depth: 15, aliases: 100, directives: 50, rootFields: 20, cost: 10_000 },
        costPerMinute: 100_000,
        gatewayFactor: 10,
        anonymousPerMinute: 120,
        bodyBytes: 1_048_576,
        anonymousBodyBytes: 102_400,
        requestTimeoutMs: 30_000,
        overloadDelayMs: 2000,
        webSocket: { connections: 20, operations: 100, idleSeconds: 300 },
      },
      demoData: true,
      dataDirectory: path.join(directory, 'data'),
      introspection: true,
      logLevel: 'info',
    })
  })

  it('takes an empty setting for one that is not set', () => {
    expect(load({ PORT: '', DATABASE_URL: '', WEBEX_ACCESS_TOKEN: '', ENCRYPTION_KEY: '' })).toMatchObject({ port: 4000, webex: null })
  })

  it.each<[string, Record<string, string>, object]>([
    [
      'a SQLite file elsewhere, and the rest of the data beside it',
      { DATABASE_URL: 'sqlite:elsewhere/a.db' },
      { dataDirectory: 'elsewhere' },
    ],
    ['PostgreSQL', { DATABASE_URL: 'postgres://u:p@db:5432/f' }, { database: { kind: 'postgres', url: 'postgres://u:p@db:5432/f' } }],
    ['PostgreSQL by its other name', { DATABASE_URL: 'postgresql://db/f' }, { database: { kind: 'postgres', url: 'postgresql://db/f' } }],
    ['a free port', { PORT: '0' }, { port: 0 }],
    ['a public address without its last slash', { PUBLIC_URL: 'https://flow.example/' }, { publicUrl: 'https://flow.example' }],
    [
      'the real Webex, by its token alone, and no demo data there',
      { WEBEX_ACCESS_TOKEN: 'secret' },
      { webex: { baseUrl: 'https://webexapis.com/v1', accessToken: 'secret', integration: null }, demoData: false, simulates: false },
    ],
    [
      'another Webex',
      { WEBEX_BASE_URL: 'http://127.0.0.1:4100/v1/', WEBEX_ACCESS_TOKEN: 'secret' },
      { webex: { baseUrl: 'http://127.0.0.1:4100/v1', accessToken: 'secret' } },
    ],
    [
      'an integration of Webex',
      INTEGRATION,
      {
        webex: {
          baseUrl: 'https://webexapis.com/v1',
          accessToken: null,
          integration: { clientId: 'client', clientSecret: 'hush', refreshToken: 'refresh' },
        },
        demoData: false,
        simulates: false,
      },
    ],
    ['no simulator in production', { NODE_ENV: 'production', ENCRYPTION_KEY: KEY }, { webex: null, simulates: false }],
    [
      'a simulator in production for a demo that is asked for',
      { NODE_ENV: 'production', ENCRYPTION_KEY: KEY, DEMO_DATA: 'on' },
      { simulates: true },
    ],
    [
      'other limits toward Webex',
      { WEBEX_CONCURRENCY: '2', WEBEX_CALLS_PER_SECOND: '50', WEBEX_READ_ONLY: 'on' },
      { webexLimits: { concurrency: 2, callsPerSecond: 50 }, webexReadOnly: true },
    ],
    ['demo data beside another Webex, when asked for', { WEBEX_ACCESS_TOKEN: 'secret', DEMO_DATA: 'on' }, { demoData: true }],
    ['no demo data', { DEMO_DATA: 'off' }, { demoData: false }],
    ['no demo data in production', { NODE_ENV: 'production', ENCRYPTION_KEY: KEY }, { production: true, demoData: false }],
    ['a simulator that takes its time', { SIMULATOR_DELAY_MS: '0' }, { simulator: { delayMs: 0 } }],
    [
      'syncs by themselves with a real Webex',
      { WEBEX_ACCESS_TOKEN: 'secret' },
      { sync: { intervalMinutes: 10, simulatedToo: false, fullIntervalHours: 24 } },
    ],
    [
      'syncs at other times',
      { WEBEX_ACCESS_TOKEN: 'secret', SYNC_INTERVAL_MINUTES: '0', SYNC_FULL_INTERVAL_HOURS: '6' },
      { sync: { intervalMinutes: 0, simulatedToo: true, fullIntervalHours: 6 } },
    ],
    [
      'a mail server',
      { SMTP_URL: 'smtps://u%40a:p%2Fw@mail.example:465', MAIL_FROM: 'Alice, Inc. <webex@alice.example>' },
      { mail: { smtpUrl: 'smtps://u%40a:p%2Fw@mail.example:465', from: 'Alice, Inc. <webex@alice.example>', outboxDirectory: null } },
    ],
    [
      'a mail server without encryption',
      { SMTP_URL: 'smtp://mail:25?requireTLS=false', MAIL_FROM: 'webex@alice.example' },
      { mail: { smtpUrl: 'smtp://mail:25?requireTLS=false', from: 'webex@alice.example' } },
    ],
    [
      'no outbox in production',
      { NODE_ENV: 'production', ENCRYPTION_KEY: KEY, DEMO_DATA: 'on' },
      { mail: { smtpUrl: null, outboxDirectory: null } },
    ],
    ['no introspection', { INTROSPECTION: 'off' }, { introspection: false }],
    ['a key', { ENCRYPTION_KEY: KEY }, { encryptionKeys: [Buffer.from(KEY, 'hex')] }],
    [
      'a key, and those before it',
      { ENCRYPTION_KEY: KEY, ENCRYPTION_KEYS_OLD: `${OLD_KEY}, ${'ef'.repeat(32)}` },
      { encryptionKeys: [KEY, OLD_KEY, 'ef'.repeat(32)].map(key => Buffer.from(key, 'hex')) },
    ],
  ])('can name %s', (_, environment, expected) => {
    const config = load(environment)
    expect({ ...config, dataDirectory: path.relative(directory, config.dataDirectory) }).toMatchObject(expected)
  })

  it.each<[string, Record<string, string>, RegExp]>([
    ['a sync that never reads everything', { SYNC_FULL_INTERVAL_HOURS: '0' }, /^SYNC_FULL_INTERVAL_HOURS: /],
    ['an interval that is no number', { SYNC_INTERVAL_MINUTES: 'often' }, /^SYNC_INTERVAL_MINUTES: must be a number of minutes/],
    ['a port that is no number', { PORT: 'http' }, /^PORT: .*number from 0 to 65535/],
    ['a port out of range', { PORT: '65536' }, /^PORT: /],
    ['half a port', { PORT: '4000.5' }, /^PORT: /],
    ['a database that we do not know', { DATABASE_URL: 'mysql://localhost/f' }, /^DATABASE_URL: must be sqlite:.* or postgres:/],
    ['a SQLite database without a file', { DATABASE_URL: 'sqlite:' }, /^DATABASE_URL: /],
    ['a public address that is none', { PUBLIC_URL: 'flow.example' }, /^PUBLIC_URL: must be an http/],
    ['another protocol', { PUBLIC_URL: 'ftp://flow.example' }, /^PUBLIC_URL: must be an http/],
    [
      'the address of Webex without its token',
      { WEBEX_BASE_URL: 'http://127.0.0.1:1/v1' },
      /^WEBEX_ACCESS_TOKEN: is needed beside WEBEX_BASE_URL/,
    ],
    [
      'an access token beside an integration',
      { ...INTEGRATION, WEBEX_ACCESS_TOKEN: 'secret' },
      /^WEBEX_ACCESS_TOKEN: is set beside WEBEX_CLIENT_ID; use either/,
    ],
    [
      'an access token beside a refresh token',
      { WEBEX_REFRESH_TOKEN: 'refresh', WEBEX_ACCESS_TOKEN: 'secret' },
      /^WEBEX_ACCESS_TOKEN: is set beside WEBEX_REFRESH_TOKEN; use either/,
    ],
    [
      'an integration without its secret',
      { ...INTEGRATION, WEBEX_CLIENT_SECRET: '' },
      /^WEBEX_CLIENT_SECRET: is needed beside WEBEX_CLIENT_ID; an integration has WEBEX_CLIENT_ID, /,
    ],
    ['a mail server without a sender', { SMTP_URL: 'smtp://mail.example' }, /^MAIL_FROM: is needed beside SMTP_URL/],
    ['a sender that is no address', { MAIL_FROM: 'Alice Telecom' }, /^MAIL_FROM: must be an e-mail address/],
    ['two senders', { MAIL_FROM: 'a@alice.example, b@alice.example' }, /^MAIL_FROM: must be/],
    ['a sender of two lines', { MAIL_FROM: 'Alice\nBcc: b@alice.example <a@alice.example>' }, /^MAIL_FROM: must be/],
    ...[
      'mail.example:25',
      'http://mail.example',
      'smtp://',
      'smtp://u:p/w@mail.example',
      'smtp://u:1#2@mail.example',
      'smtp://m?debug=true',
    ].map((url): [string, Record<string, string>, RegExp] => [
      `a mail server of the kind ${url}`,
      { SMTP_URL: url, MAIL_FROM: 'a@alice.example' },
      /^SMTP_URL: must be smtp:\/\/USER/,
    ]),
    ['no call to Webex at a time', { WEBEX_CONCURRENCY: '0' }, /^WEBEX_CONCURRENCY: /],
    ['a rate that is none', { WEBEX_CALLS_PER_SECOND: 'many' }, /^WEBEX_CALLS_PER_SECOND: must be a number/],
    ['a key that is too short', { ENCRYPTION_KEY: 'abcd' }, /^ENCRYPTION_KEY: must be 64 hexadecimal digits.*openssl rand -hex 32/],
    ['no key in production', { NODE_ENV: 'production' }, /^ENCRYPTION_KEY: is required in production.*openssl rand -hex 32/],
    ['neither on nor off', { DEMO_DATA: 'maybe' }, /^DEMO_DATA: /],
    ['a delay that is none', { SIMULATOR_DELAY_MS: '-1' }, /^SIMULATOR_DELAY_MS: /],
    ['an environment of another kind', { NODE_ENV: 'staging' }, /^NODE_ENV: /],
    ['a log level that is none', { LOG_LEVEL: 'loud' }, /^LOG_LEVEL: /],
  ])('says what is wrong with %s', (_, environment, expected) => {
    expect(problems(environment)).toEqual([expect.stringMatching(expected)])
  })

  it('says everything that is wrong at once', () => {
    const environment = {
      PORT: 'x',
      DATABASE_URL: 'x',
      PUBLIC_URL: 'x',
      LOG_LEVEL: 'x',
      WEBEX_BASE_URL: 'http://w.example',
      NODE_ENV: 'production',
    }
    expect(
      problems(environment)
        .map(problem => problem.replace(/:.*/, ''))
        .sort(),
    ).toEqual(['DATABASE_URL', 'ENCRYPTION_KEY', 'LOG_LEVEL', 'PORT', 'PUBLIC_URL', 'WEBEX_ACCESS_TOKEN'])
  })

  it('does not repeat a secret in what it says', () => {
    const said = problems({
      ENCRYPTION_KEY: 'not-hexadecimal-but-secret',
      DATABASE_URL: 'mysql://user:secret@db/f',
      SMTP_URL: 'smtp://u:secret/@m',
    }).join('\n')
    expect(said).not.toContain('secret')
  })
})

describe('a secret in a file', () => {
  const write = (name: string, content: string): string => {
    writeFileSync(path.join(directory, name), content)
    return name
  }
  const VALUES: Record<(typeof SECRETS)[number], [secret: string, beside?: Record<string, string>]> = {
    DATABASE_URL: ['postgres://user:p%20w@db/f'],
    WEBEX_ACCESS_TOKEN: ['token'],
    WEBEX_CLIENT_SECRET: ['hush', { ...INTEGRATION, WEBEX_CLIENT_SECRET: '' }],
    WEBEX_REFRESH_TOKEN: ['refresh', { ...INTEGRATION, WEBEX_REFRESH_TOKEN: '' }],
    SMTP_URL: ['smtps://u:p@mail.example', { MAIL_FROM: 'a@alice.example' }],
    ENCRYPTION_KEY: [KEY, { NODE_ENV: 'production' }],
    ENCRYPTION_KEYS_OLD: [`${OLD_KEY},${'ef'.repeat(32)}`, { ENCRYPTION_KEY: KEY }],
    GATEWAY_TOKENS: ['g'.repeat(32)],
  }

  it.each(SECRETS)('is the same as the variable %s, without the line break at the end', name => {
    const [secret, beside = {}] = VALUES[name]
    const settings = { ENCRYPTION_KEY: name === 'ENCRYPTION_KEY' ? '' : KEY, ...beside }
    const expected = load({ ...settings, [name]: secret })
    expect(expected).not.toEqual(load({ ENCRYPTION_KEY: OLD_KEY }))
    for (const end of ['', '\n', '\r\n']) {
      const relative = write('secret', secret + end)
      for (const file of [relative, path.join(directory, relative)]) expect(load({ ...settings, [`${name}_FILE`]: file })).toEqual(expected)
    }
    expect(load({ ...settings, [name]: secret, [`${name}_FILE`]: '' })).toEqual(expected)
  })

  it('is wrong beside the variable, where nothing can be read, and where nothing is', () => {
    const both = { GATEWAY_TOKENS: 'g'.repeat(32), GATEWAY_TOKENS_FILE: write('tokens', 'h'.repeat(32)) }
    const unreadable = { DATABASE_URL_FILE: 'my-secret', SMTP_URL_FILE: '.', WEBEX_ACCESS_TOKEN_FILE: write('empty', '\n') }
    expect(problems({ ...both, ...unreadable })).toEqual([
      'DATABASE_URL_FILE: must name a file that can be read; this one cannot (ENOENT)',
      'WEBEX_ACCESS_TOKEN_FILE: names an empty file',
      'SMTP_URL_FILE: must name a file that can be read; this one cannot (EISDIR)',
      'GATEWAY_TOKENS_FILE: is set beside GATEWAY_TOKENS; use one of them',
    ])
  })

  it('is not repeated when it is wrong', () => {
    const wrong = Object.fromEntries(SECRETS.map(name => [`${name}_FILE`, write(name, `${name.toLowerCase()} is\nsecret`)]))
    const said = problems({ ...wrong, MAIL_FROM: 'a@alice.example' }).join('\n')
    expect(said).toContain('ENCRYPTION_KEY: must be 64 hexadecimal digits')
    expect(said).not.toMatch(/is\nsecret|secret$| is$/m)
  })
})

describe('the key of the demo', () => {
  it('is made once, readable for its owner alone, and kept', () => {
    const { encryptionKeys } = load()
    const file = path.join(directory, 'data/encryption-key')
    expect(encryptionKeys[0]).toHaveLength(32)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8').trim()).toBe(encryptionKeys[0].toString('hex'))
    expect(load().encryptionKeys).toEqual(encryptionKeys)
  })

  it('is not made where a key is given, nor for the simulator, nor when something else is wrong', () => {
    load({ ENCRYPTION_KEY: KEY })
    expect(loadSimulatorConfig({ ENCRYPTION_KEY_FILE: 'of-the-server' }, directory)).toMatchObject({ simulator: { delayMs: 1000 } })
    expect(problems({ PORT: 'x' })).toHaveLength(1)
    expect(existsSync(path.join(directory, 'data'))).toBe(false)
  })
})
