import { createLogger, type Logger } from '../../src/shared/logger'
import { OnboardingTemplate } from '../../src/features/onboarding-template/onboarding-template.entity'
import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import { makeTemplate } from '../support/world/builders'

let app: TestApp
let alice: TestPartner

beforeAll(async () => {
  app = await startTestApp()
  alice = await app.addPartner()
})
afterAll(() => app.stop())

/** What is written of an entry, as text and as the object that it is. */
function logged(entry: object): { text: string; line: Record<string, unknown> } {
  let text = ''
  createLogger('info', { write: (written: string) => void (text += written) }).error(entry, 'A request failed.')
  return { text, line: JSON.parse(text) as Record<string, unknown> }
}

const ADDRESS = 'anna.rossi+webex@mail.provider.example'

/** What the database says when a row breaks a rule. */
async function refusedBy(change: object): Promise<unknown> {
  const { manager } = app.platform.database.reader.dataSource
  const row = await manager.findOneByOrFail(OnboardingTemplate, { id: await makeTemplate(alice.admin) })
  return app.platform.database
    .transaction(tx => tx.manager.insert(OnboardingTemplate, { ...row, serviceProviderAdminEmail: ADDRESS, ...change }))
    .then(
      () => null,
      (error: unknown) => error,
    )
}

describe('A log line', () => {
  it.each([
    ['a value that is missing', { id: 'tpl_other', name: null }],
    ['a value that is taken', { provisioningId: ADDRESS }],
  ])('tells which rule of the database was broken, and nothing of the row: %s', async (_name, change) => {
    const broken = { ...change, partnerId: alice.partnerId }
    if ('provisioningId' in change) await refusedBy({ ...broken, id: 'tpl_first', activationKey: 'first-key' })
    const error = await refusedBy({ ...broken, id: 'tpl_second', activationKey: 'second-key' })
    // Else this test would show nothing.
    expect(JSON.stringify(error)).toContain(ADDRESS)

    for (const entry of [{ err: error }, { err: new Error('Wrapped', { cause: error }) }, { failures: [{ error }] }]) {
      const { text } = logged(entry)
      expect(text).toMatch(/constraint/i)
      expect(text).not.toContain(ADDRESS)
      expect(text).not.toContain('second-key')
      expect(text).not.toContain('INSERT INTO')
    }
    const { type, code, ...rest } = logged({ err: error }).line['err'] as Record<string, unknown>
    expect({ type, code }).toEqual({ type: 'QueryFailedError', code: expect.stringMatching(/^(SQLITE_CONSTRAINT|23)/) })
    expect(Object.keys(rest).sort()).toEqual(['message', 'stack'])
  })

  it('has no address of a message, and the place where an error came from', () => {
    const { text } = logged({ err: new Error(`Webex refused ${ADDRESS}.`) })
    expect(text).toContain('Webex refused [redacted].')
    expect(text).toContain('secrets-in-logs.test.ts')
  })

  it('has no secret however deep it lies, and keeps everything else', () => {
    const secrets = { Authorization: 'Bearer flt_x', password: 'p4ssw0rd', email: ADDRESS, primaryPhoneNumber: '+39-02-5550123' }
    const { text, line } = logged({
      requestId: 'r-1',
      ...secrets,
      request: { body: { users: [{ id: 'usr_1', at: new Date(0), ...secrets }] } },
    })
    for (const secret of Object.values(secrets)) expect(text).not.toContain(secret)
    expect(line).toMatchObject({
      requestId: 'r-1',
      email: '[redacted]',
      request: { body: { users: [{ id: 'usr_1', at: '1970-01-01T00:00:00.000Z', password: '[redacted]' }] } },
    })
  })

  it.each<[string, (logger: Logger) => void]>([
    ['its message', logger => logger.error(`Webex refused ${ADDRESS}.`)],
    ['what is put into its message', logger => logger.error('Webex refused %s.', ADDRESS)],
    ['an error alone', logger => logger.error(new Error(`Webex refused ${ADDRESS}.`))],
    ['an error without a message of ours', logger => logger.error({ err: new Error(`Webex refused ${ADDRESS}.`) })],
    ['any value of it', logger => logger.error({ list: [{ note: `Webex refused ${ADDRESS}.` }] })],
    ['the name of a field', logger => logger.error({ [ADDRESS]: 1 })],
    ['what says itself in JSON', logger => logger.error({ at: { toJSON: () => ({ password: ADDRESS, note: ADDRESS }) } })],
    ['bytes', logger => logger.error({ body: Buffer.from(ADDRESS) })],
    ['what a logger has on every line', logger => logger.child({ caller: ADDRESS, token: 'hidden' }).error('Refused.')],
  ])('has no address wherever it is: %s', (_name, log) => {
    let text = ''
    log(createLogger('info', { write: (written: string) => void (text += written) }))
    expect(JSON.parse(text)).toMatchObject({ level: 50 })
    expect(text).not.toMatch(/anna|rossi|provider|hidden|97,110,110,97/)
  })

  it('is written also of what goes round in circles', () => {
    const circle: Record<string, unknown> = { name: 'round' }
    circle['self'] = circle
    expect(logged({ circle }).line).toMatchObject({ circle: { name: 'round', self: { name: 'round' } } })
  })
})
