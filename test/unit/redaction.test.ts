import { randomBytes, randomUUID } from 'node:crypto'
import { newId } from '../../src/shared/ids'
import { isSecretName, withoutSecrets } from '../../src/shared/redaction'

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.sJ3-Vq_7xkzF0'
const WEBEX_TOKEN = `${'NjYxY2E0ZTAt'.repeat(6)}_PF84_1eb65fdf-9643-417f-9974-ad72cae0e10f`

describe('A text in the log', () => {
  it.each([
    ['Webex refused anna.rossi+webex@mail.provider.example.', 'Webex refused [redacted].'],
    ['<müller@bücher.example>, "x_y@sp"', '<[redacted]>, "[redacted]"'],
    ['GET /broadworks/subscribers?userId=2405551212%40sp.example&max=100', 'GET /broadworks/subscribers?userId=[redacted]&max=100'],
    ['the number +39-02-5550123 is taken', 'the number [redacted] is taken'],
    ['+1 (240) 555-1212; +390255501234; tel:+44.20.7946.0958; %2B390255501234', '[redacted]; [redacted]; tel:[redacted]; [redacted]'],
    ['(240) 555-1212, 240-555-1212 and 240.555.1212', '[redacted], [redacted] and [redacted]'],
    ['the token flt_aB3-_xyz0123456789 is unknown', 'the token [redacted] is unknown'],
    [`simulated-${'0a'.repeat(16)}`, '[redacted]'],
    [`refused: ${JWT}`, 'refused: [redacted]'],
    [`https://api.example/downloads/${JWT}?x=1`, 'https://api.example/downloads/[redacted]?x=1'],
    [`https://api.example/activate/confirm?token=${JWT}`, 'https://api.example/activate/confirm?token=[redacted]'],
    ['https://api.example/activate/Vd9xk2_-Qp', 'https://api.example/activate/[redacted]'],
    ['Authorization: Bearer of-the-tests, and bearer%20x1', 'Authorization: Bearer [redacted], and bearer [redacted]'],
    ['Basic YWxpY2U6aHVzaC1odXNoLWh1c2g=', 'Basic [redacted]'],
    [WEBEX_TOKEN, '[redacted]'],
    ['postgres://alice:p@ss:w0rd@db.example:5432/flow', 'postgres://[redacted]@db.example:5432/flow'],
    ['connect smtp://mailer@127.0.0.1:25 failed', 'connect smtp://[redacted]@127.0.0.1:25 failed'],
    ['?client_secret=hush&grant_type=x&refresh_token=abc', '?client_secret=[redacted]&grant_type=x&refresh_token=[redacted]'],
    ['{"password":"correct horse","n":1}', '{"password":"[redacted]","n":1}'],
    [String.raw`{\"activationPasscode\": \"4711\"}`, String.raw`{\"activationPasscode\": \"[redacted]\"}`],
    ['Bearer+x1; Bearer   x.y~z+/=-1; bearer tokenize', 'Bearer [redacted]; Bearer [redacted]; bearer [redacted]'],
    ['Basic   YWxpY2U6aHVz+aC1ob/XN-oLWh==', 'Basic [redacted]'],
    [
      'api_key=a1&apikey=b2;passcode=c3,passwd=d4 token=e5',
      'api_key=[redacted]&apikey=[redacted];passcode=[redacted],passwd=[redacted] token=[redacted]',
    ],
    [
      '{"apiKey":"a1","api_key" : "b2","refreshToken": "c3"}',
      '{"apiKey":"[redacted]","api_key" : "[redacted]","refreshToken": "[redacted]"}',
    ],
    ['password: hunter2, client-secret:hush', 'password: [redacted] client-secret:[redacted]'],
    [
      'ENCRYPTION_KEY=a1 encryption_keys=b2 ENCRYPTION_KEYS_OLD: c3',
      'ENCRYPTION_KEY=[redacted] encryption_keys=[redacted] ENCRYPTION_KEYS_OLD: [redacted]',
    ],
    ['gateway-token: g1', 'gateway-token: [redacted]'],
    ['Set-Cookie: a=b; Path=/\r\ncookie:c=d\nHost: x', 'Set-Cookie: [redacted]\r\ncookie:[redacted]\nHost: x'],
    ['/activate/confirmed and /downloads/a%20b.csv', '/activate/[redacted] and /downloads/[redacted]'],
    [`x%20${JWT} and eyJhbGciOiJIUzI1NiJ9.`, 'x%20[redacted] and [redacted]'],
    ['a.b@sub.mail.example, c@localhost', '[redacted], [redacted]'],
    ['tel %2B1(240)5551212 and (240)555-1212', 'tel [redacted] and [redacted]'],
  ])('has no secret: %s', (text, expected) => {
    expect(withoutSecrets(text)).toBe(expected)
  })

  it.each([
    [new Date(1_700_000_000_000).toISOString()],
    ['2024-01-31T10:00:00.000+01:00'],
    ['2024-01-31 10:00:00+0100'],
    [String(Date.now())],
    ['Waited 1234567890 ms for 1,234,567 rows (12345678 bytes).'],
    [randomUUID()],
    ['00000000-1111-2222-3333-444444444444'],
    [randomBytes(32).toString('hex')],
    [newId('ProvisionedUser')],
    ['FLOWTHROUGH_5e1b2c3d-0000-4000-8000-123456789012'],
    ['10.20.30.40:5432 and [2001:db8::1234:5678]:443'],
    ['    at Object.query (/app/node_modules/@apollo/server/dist/index.js:1234:5678)'],
    ['duplicate key value violates unique constraint "provisioned_user_trusted_email"'],
    ['The access token of Webex is still being renewed; a Bearer token is needed. Basic users are not.'],
    ['Webex did not answer within 20 seconds. token: unknown, password expires in 180 days'],
    ['postgres://db.example:5432/flow'],
    ['1e+10000000 of 240 555 121'],
    ['a Bearer tokens list, the Forbearer x1'],
    ['Basic YWxpY2U6aHVzaC1odX is short, and tokenBasic YWxpY2U6aHVzaC1odXNoLWh1c2g='],
    ['https://api.example/activate/confirm?lang=it'],
    ['simulated-0a1b2c3d and flt_abc'],
    ['eyJhbGciOiJIUzI1NiJ9 without a dot, and keyJ.abc'],
    ['+123456 and +1 240 55'],
    ['1240-555-1212 and 240-555-12123 and v.240-555-1212'],
    ['cookies: none'],
  ])('keeps what helps: %s', text => {
    expect(withoutSecrets(text)).toBe(text)
  })

  it('takes time in proportion to its length, whatever is in it', () => {
    const parts = [
      'a',
      'eyJ',
      'eyJ.',
      '@',
      'a@',
      'a.',
      '%40',
      '+1',
      '+1-',
      '240-',
      '://',
      'x://',
      'Bearer ',
      'token=',
      'token":"',
      '-',
      '_P000_',
      '\\',
    ]
    for (const part of parts) {
      for (const text of [part.repeat(16_000 / part.length), `x ${part.repeat(1_000_000)}`, `${`${part} `.repeat(8000)}`]) {
        const startedAt = performance.now()
        withoutSecrets(text)
        // It takes some milliseconds; what backtracks takes minutes.
        expect({ part, isQuick: performance.now() - startedAt < 2000 }).toEqual({ part, isQuick: true })
      }
    }
  })

  it('is whole up to 16,384 characters, and cut at the last space before', () => {
    const whole = `${'x'.repeat(16_000)} ${'y'.repeat(383)}`
    expect(withoutSecrets(whole)).toBe(whole)
    expect(withoutSecrets(`${whole}z`)).toBe(`${'x'.repeat(16_000)} [… of 16385 characters]`)
    expect(withoutSecrets(`${'x'.repeat(16_384)} y`)).toBe(`${'x'.repeat(16_384)} [… of 16386 characters]`)
    expect(withoutSecrets('x'.repeat(20_000))).toBe(' [… of 20000 characters]')
  })

  it('is cut when it is very long, at no place where half of a secret would be left', () => {
    const short = withoutSecrets('word '.repeat(100_000))
    expect(short.length).toBeLessThan(17_000)
    expect(short).toMatch(/^word .* \[… of 500000 characters\]$/)
    for (let length = 16_350; length < 16_400; length += 1) {
      expect(withoutSecrets(`${'x'.repeat(length)} anna.rossi@provider.example ${'y '.repeat(100)}`)).not.toMatch(/anna|rossi|@/)
    }
  })
})

describe('A field in the log', () => {
  it.each([
    ...['Authorization', 'headers', 'requestHeader', 'set-cookie', 'cookies', 'session', 'credential', 'credentials'],
    ...['currentPassword', 'passcode', 'passcodeHash', 'WEBEX_CLIENT_SECRET', 'secrets', 'refresh_token', 'tokens', 'token-hash'],
    ...['API_KEY', 'encryption-key', 'encryptionKeys', 'ENCRYPTION_KEYS_OLD', 'encryptionKeyOld', 'personalKey', 'private_key'],
    ...['activationKey', 'sealed', 'trustedEmail', 'trustedEmailKey', 'email_address', 'phone', 'primaryPhoneNumber', 'firstName'],
    ...['lastName', 'lastNameKey', 'broadworksId', 'broadworksIdKey', 'variables', 'parameters'],
  ])('has no value: %s', name => expect(isSecretName(name)).toBe(true))

  it.each([
    ...['requestId', 'tokenId', 'partnerId', 'onboardingTemplateId', 'code', 'job', 'payload', 'lastStatusChange', 'tokensMax', 'key'],
    ...['name', 'emails', 'phoneNumbers', 'keys', 'old', 'hash', ''],
  ])('keeps its value: %s', name => expect(isSecretName(name)).toBe(false))
})
