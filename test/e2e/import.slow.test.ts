import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import { makeTemplate, nextNumber, untilStatus } from '../support/world/builders'
import { type FakeWebex, startFakeWebex } from '../support/fakes/webex'
import {
  DeleteUserDocument,
  FindUserDocument,
  ListUsersDocument,
  ProvisionUserDocument,
  RetryActivationDocument,
  UserHistoryDocument,
} from '../support/operations/operations.generated'
import { BUILD_TIMEOUT_MS, type Ended, ensureBuilt, runTool } from '../support/processes/processes'
import { dumpTables } from '../support/database/table-dump'

const HEADER =
  'broadworksId,spEnterpriseId,customerName,firstName,lastName,primaryPhoneNumber,mobilePhoneNumber,extension,email,packageType,activationPasscode'

let webex: FakeWebex
/** A server that runs all the time: every import is done beside it. */
let app: TestApp
let alice: TestPartner
let directory: string
let made = 0

beforeAll(async () => {
  await ensureBuilt()
  webex = await startFakeWebex()
  app = await startTestApp({ environment: { WEBEX_BASE_URL: webex.url, WEBEX_ACCESS_TOKEN: 'token' } })
  directory = app.platform.config.dataDirectory
  alice = await app.addPartner()
}, BUILD_TIMEOUT_MS)
afterAll(async () => {
  await app.stop()
  await webex.stop()
})

/** The provisioning ID of a new template, and its ID. */
async function newTemplate(untrustedEmails = true): Promise<[provisioningId: string, id: string]> {
  const provisioningId = Buffer.from(`tests:${nextNumber()}`).toString('base64url')
  return [provisioningId, await makeTemplate(alice.admin, { provisioningId, userVerification: { untrustedEmails } })]
}

async function importFile(content: string | Buffer, provisioningId: string): Promise<Ended> {
  made += 1
  const file = path.join(directory, `users-${made}.csv`)
  await writeFile(file, content)
  return runTool(['import', file, '--template', provisioningId], surroundings())
}

function surroundings() {
  const { database, encryptionKeys } = app.platform.config
  const url = database.kind === 'sqlite' ? `sqlite:${database.path}` : database.url
  const environment = { DATABASE_URL: url, ENCRYPTION_KEY: encryptionKeys[0].toString('hex'), LOG_LEVEL: 'fatal' }
  return { directory, environment }
}

/** What was said of bad rows, without the progress bar. */
function complaints({ stderr }: Ended): string[] {
  return stderr.split('\n').filter(line => line.startsWith('line '))
}

function newEnterprise(): string {
  return `SP1+${nextNumber()}`
}

async function find(broadworksId: string) {
  const { provisionedUser } = await alice.operator.get(FindUserDocument, { broadworksId })
  return provisionedUser
}

describe('flowthrough import', () => {
  it('reads what a spreadsheet writes: any order of columns, a byte order mark, CRLF, quotes, empty lines', async () => {
    const [template] = await newTemplate()
    const enterprise = newEnterprise()
    const [anna, bruno] = [`anna.${nextNumber()}@sp.com`, `bruno.${nextNumber()}@sp.com`]
    const ended = await importFile(
      [
        '\uFEFF"extension",lastName,firstName,spEnterpriseId,broadworksId,packageType,customerName',
        `"12","D""Angelo, detto ""il Müller""",Zoë,${enterprise},"${anna}",premium,"ACME, Ltd"`,
        '',
        ` 13 ,Rossi, Bruno ,${enterprise},${bruno},,`,
        '',
      ].join('\r\n'),
      template,
    )
    expect(ended).toMatchObject({ exitCode: 0, stdout: '2 created, 0 unchanged, 0 bad\n' })
    expect(ended.stderr).toMatch(/Importing \(bytes\) .* 100% \| (\d+)\/\1/)
    expect(await find(anna)).toMatchObject({
      firstName: 'Zoë',
      lastName: 'D"Angelo, detto "il Müller"',
      extension: '12',
      packageType: 'PREMIUM',
    })
    expect(await find(bruno)).toMatchObject({
      firstName: 'Bruno',
      lastName: 'Rossi',
      extension: '13',
      packageType: 'STANDARD',
      email: null,
    })
    const { provisionUser } = await alice.operator.get(ProvisionUserDocument, {
      input: {
        user: {
          onboardingTemplateId: (await newTemplate())[1],
          broadworksId: 'x',
          spEnterpriseId: enterprise,
          firstName: 'x',
          lastName: 'x',
          extension: '1',
        },
      },
    })
    expect(provisionUser?.userErrors).toMatchObject([{ code: 'INVALID', message: expect.stringContaining('200050') as string }])
  })

  it('names line, column and reason of every bad row, and keeps the good ones', async () => {
    const [template] = await newTemplate()
    const enterprise = newEnterprise()
    const good = (name: string, rest = ',+39-02-5550123,,,,,') => `${name}-${enterprise}@sp.com,${enterprise},,Anna,Rossi${rest}`
    const rows: (string | Buffer)[] = [
      HEADER,
      good('first'),
      `,${enterprise},,Anna,Rossi,+39-02-5550123,,,,,`,
      `${'x'.repeat(162)},${enterprise},,Anna,Rossi,+39-02-5550123,,,,,`,
      'a@sp.com,acme,,Anna,Rossi,+39-02-5550123,,,,,',
      `b@sp.com,${enterprise},,,Rossi,+39-02-5550123,,,,,`,
      `c@sp.com,${enterprise},,Anna,${'x'.repeat(129)},+39-02-5550123,,,,,`,
      good('d', ',call me,,,,,'),
      good('e', ',,mobile,12,,,'),
      good('f', ',,,12a,,,'),
      good('g', ',,,,,,'),
      good('h', ',,,12,not an address,,'),
      good('i', ',,,12,,gold,'),
      good('j', ',,,12,,,abc'),
      `k@sp.com,${enterprise},,Anna`,
      good('l', ',,,12,,,secret,too many'),
      Buffer.concat([Buffer.from(`m@sp.com,${enterprise},,Ann`), Buffer.from([0xe9]), Buffer.from(',Rossi,,,12,,,')]),
      `n@sp.com,${enterprise},"two`,
      'lines",Anna,Rossi,,,12,,,',
      `o@sp.com,${enterprise},"ACME" Ltd,Anna,Rossi,,,12,,,`,
      good('between'),
      `p@sp.com,${enterprise},ACME 5" pipes,Anna,Rossi,,,12,,,`,
      good('among'),
      `q@sp.com,${enterprise},"ACME,Anna,Rossi,,,12,,,`,
      good('last'),
    ]
    const ended = await importFile(Buffer.concat(rows.flatMap(row => [Buffer.from(row), Buffer.from('\n')])), template)
    expect(ended.exitCode).toBe(2)
    expect(complaints(ended)).toEqual([
      'line 3, column broadworksId: `broadworksId` is required.',
      'line 4, column broadworksId: `broadworksId` may have 161 characters at most; it has 162.',
      expect.stringMatching(/^line 5, column spEnterpriseId: `spEnterpriseId` must be <service provider>\+<enterprise or group>/),
      'line 6, column firstName: `firstName` is required.',
      'line 7, column lastName: `lastName` may have 128 characters at most; it has 129.',
      expect.stringMatching(/^line 8, column primaryPhoneNumber: .*for example \+1-240-555-1212/),
      expect.stringMatching(/^line 9, column mobilePhoneNumber: /),
      'line 10, column extension: `extension` must be digits only.',
      'line 11, column primaryPhoneNumber: A user needs a `primaryPhoneNumber` or an `extension`.',
      expect.stringMatching(/^line 12, column email: /),
      'line 13, column packageType: `packageType` must be one of SOFTPHONE, BASIC, STANDARD, PREMIUM.',
      'line 14, column activationPasscode: `activationPasscode` must have 4 to 128 characters.',
      'line 15: The row has 4 cells; the header has 11.',
      'line 16: The row has 12 cells; the header has 11.',
      'line 17, column firstName: The text is not valid UTF-8.',
      'line 19, column customerName: `customerName` must not contain control characters.',
      expect.stringMatching(/^line 20: The quotes of this row are wrong/),
      expect.stringMatching(/^line 22: The quotes of this row are wrong/),
      expect.stringMatching(/^line 24: The quotes of this row are wrong/),
    ])
    expect(ended.stdout).toBe('4 created, 0 unchanged, 19 bad\n')
    const { provisionedUsers } = await alice.operator.get(ListUsersDocument, { first: 100, filter: { search: enterprise } })
    const names = provisionedUsers.edges.map(({ node }) => node.broadworksId.replace(`-${enterprise}@sp.com`, ''))
    expect(names.sort()).toEqual(['among', 'between', 'first', 'last'])
  })

  it('ends with 1, and writes nothing, when it cannot even begin', async () => {
    const [template] = await newTemplate()
    const row = `z@sp.com,${newEnterprise()},Anna,Rossi,12`
    const before = (await dumpTables(app.platform))['provisioned_user']
    const ended = await Promise.all([
      importFile(`broadworksId,spEnterpriseId,firstName,lastName,phone,phone\n${row},1`, template),
      importFile(`spEnterpriseId,firstName,extension\nSP1+a,Anna,12`, template),
      importFile(row, template),
      importFile('', template),
      importFile(`broadworksId,spEnterpriseId,firstName,lastName,extension\n${row}`, 'unknown'),
      runTool(['import', 'missing.csv', '--template', template], surroundings()),
    ])
    expect(ended.map(({ exitCode, stdout }) => ({ exitCode, stdout }))).toEqual(ended.map(() => ({ exitCode: 1, stdout: '' })))
    const said = ended.map(({ stderr }) => stderr.trim().split('\n').at(-1))
    expect(said).toEqual([
      `The header is wrong (unknown columns: phone, phone; columns named twice: phone). Allowed: ${HEADER}`,
      `The header is wrong (missing columns: broadworksId, lastName). Allowed: ${HEADER}`,
      // What a process says at its end may end in a log, which knows nobody's ID.
      expect.stringMatching(/^The header is wrong \(unknown columns: \[redacted\], SP1/),
      'The file is empty; its first line must name the columns.',
      'The partner has no onboarding template with the provisioning ID unknown.',
      expect.stringMatching(/^ENOENT: .*missing\.csv/),
    ])
    expect((await dumpTables(app.platform))['provisioned_user']).toEqual(before)
  })

  it('changes nothing the second time, and refuses what differs', async () => {
    const [template] = await newTemplate()
    const [other] = await newTemplate()
    const enterprise = newEnterprise()
    const row = (name: string, passcode: string) =>
      `${name}-${enterprise}@sp.com,${enterprise},ACME,Anna,Rossi,,,12,${name}@example.com,BASIC,${passcode}`
    // The first row twice: a file may repeat itself.
    const file = [HEADER, row('anna', 'passcode of anna'), row('bruno', ''), row('anna', 'passcode of anna')].join('\n')
    expect(await importFile(file, template)).toMatchObject({ exitCode: 0, stdout: '2 created, 1 unchanged, 0 bad\n' })
    const before = await dumpTables(app.platform)
    expect(await importFile(file, template)).toMatchObject({ exitCode: 0, stdout: '0 created, 3 unchanged, 0 bad\n' })
    expect(await dumpTables(app.platform)).toEqual(before)

    expect(JSON.stringify(before)).not.toContain('passcode of anna')
    const record = before['hand_over']?.find(text => text.includes(`anna-${enterprise}`)) ?? '{}'
    expect(JSON.parse(record)).toMatchObject({ passcode_hash: expect.stringMatching(/^scrypt\$/) as string })

    const changed = [HEADER, row('anna', 'another passcode'), row('bruno', '').replace('Rossi', 'Bianchi'), row('carla', '')].join('\n')
    const ended = await importFile(changed, template)
    expect(ended).toMatchObject({ exitCode: 2, stdout: '1 created, 0 unchanged, 2 bad\n' })
    expect(complaints(ended)).toEqual([
      expect.stringMatching(/^line 2, column broadworksId: exists: /),
      expect.stringMatching(/^line 3, column broadworksId: exists: /),
    ])
    const elsewhere = await importFile([HEADER, row('dora', '')].join('\n'), other)
    expect(complaints(elsewhere)).toEqual([expect.stringMatching(/^line 2, column spEnterpriseId: 200050: /)])
  })

  it('only pre-fills the portal with the addresses of a template that does not trust them', async () => {
    const [template] = await newTemplate(true)
    const enterprise = newEnterprise()
    const broadworksId = `anna-${nextNumber()}`
    await importFile(`${HEADER}\n${broadworksId},${enterprise},ACME,Anna,Rossi,,,12,anna@example.com,,`, template)
    const user = await find(broadworksId)
    expect(user).toMatchObject({ status: 'PENDING_EMAIL_INPUT', email: 'anna@example.com', webexSubscriberId: null })
    // Nobody confirmed it or vouched for it, so a retry needs an address, and others may have the same.
    const { retryActivation } = await alice.operator.get(RetryActivationDocument, { input: { userId: user?.id ?? '' } })
    expect(retryActivation?.userErrors).toMatchObject([{ code: 'EMAIL_REQUIRED' }])
    const { stdout } = await importFile(`${HEADER}\n${broadworksId}-2,${enterprise},ACME,Anna,Rossi,,,12,anna@example.com,,`, template)
    expect(stdout).toBe('1 created, 0 unchanged, 0 bad\n')
  })

  it('provisions the users of a template that trusts addresses, and refuses those without one', async () => {
    const [template] = await newTemplate(false)
    const enterprise = newEnterprise()
    const [anna, bruno, carla] = ['anna', 'bruno', 'carla'].map(name => `${name}-${nextNumber()}`)
    const email = `${anna}@example.com`
    const ended = await importFile(
      [
        HEADER,
        `${anna},${enterprise},,Anna,R,,,12,${email},,`,
        `${bruno},${enterprise},,Bruno,R,,,13,,,`,
        `${carla},${enterprise},,Carla,R,,,14,${email.toUpperCase()},,`,
      ].join('\n'),
      template,
    )
    expect(ended).toMatchObject({ exitCode: 2, stdout: '1 created, 0 unchanged, 2 bad\n' })
    expect(complaints(ended)).toEqual([
      'line 3, column email: This template trusts e-mail addresses, so the user needs one.',
      expect.stringMatching(/^line 4, column email: Another user has this address already/),
    ])
    const live = await untilStatus(alice.operator, (await find(anna ?? ''))?.id ?? '', 'PROVISIONED')
    const { provisionedUser } = await alice.operator.get(UserHistoryDocument, { id: live.id })
    expect(provisionedUser?.attempts.nodes).toMatchObject([{ trigger: 'IMPORT', actor: 'import', email, outcome: 'PROVISIONED' }])
    expect(provisionedUser?.auditEvents.nodes.at(-1)).toMatchObject({ action: 'handOver', actor: 'import' })
  })

  it('brings a user back who was deleted, as a new one, once Webex has deleted the old', async () => {
    const [template] = await newTemplate(false)
    const broadworksId = `anna-${nextNumber()}`
    const file = `${HEADER}\n${broadworksId},${newEnterprise()},,Anna,Rossi,,,12,${broadworksId}@example.com,,`
    await importFile(file, template)
    const { id, webexSubscriberId } = await untilStatus(alice.operator, (await find(broadworksId))?.id ?? '', 'PROVISIONED')
    webex.next('DELETE', webexSubscriberId ?? '', ({ answer }) => answer(503, {}))
    await alice.operator.get(DeleteUserDocument, { input: { userId: id } })
    expect(await importFile(file, template)).toMatchObject({ exitCode: 0, stdout: '1 created, 0 unchanged, 0 bad\n' })
    const again = await untilStatus(alice.operator, (await find(broadworksId))?.id ?? '', 'PROVISIONED')
    expect(again.id).not.toBe(id)
    expect(webex.subscribers.filter(({ userId }) => userId === broadworksId)).toMatchObject([{ id: again.webexSubscriberId }])
  })

  it('streams 5,000 rows into the database while the server answers queries and mutations', async () => {
    const [template, templateId] = await newTemplate()
    const enterprise = newEnterprise()
    const rows = Array.from({ length: 5000 }, (_, index) => `${enterprise}-${index},${enterprise},,Anna,Rossi ${index},,,12,,,`)
    let done = false
    const importing = importFile([HEADER, ...rows].join('\n'), template).finally(() => (done = true))
    let answered = 0
    while (!done) {
      const item = {
        onboardingTemplateId: templateId,
        broadworksId: `beside-${nextNumber()}`,
        spEnterpriseId: enterprise,
        firstName: 'A',
        lastName: 'B',
        extension: '1',
      }
      const [made] = await Promise.all([
        alice.operator.ask(ProvisionUserDocument, { input: { user: item } }),
        alice.operator.get(ListUsersDocument, { first: 20, filter: { search: enterprise } }),
      ])
      expect(made).toMatchObject({ status: 200, errors: [], data: { provisionUser: { userErrors: [] } } })
      answered += 1
    }
    expect(await importing).toMatchObject({ exitCode: 0, stdout: '5000 created, 0 unchanged, 0 bad\n' })
    const { provisionedUsers } = await alice.operator.get(ListUsersDocument, { first: 1, filter: { onboardingTemplateIds: [templateId] } })
    expect(provisionedUsers.totalCount).toBe(5000 + answered)
    expect(answered).toBeGreaterThan(5)
  }, 300_000)
})
