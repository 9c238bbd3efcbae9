import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Readable } from 'node:stream'
import { readRow, selectRows } from '../../src/database/rows'
import { prepareDemo } from '../../src/features/demo-data/demo'
import { importUsers } from '../../src/features/provisioning-request/import.service'
import { OnboardingTemplate } from '../../src/features/onboarding-template/onboarding-template.entity'
import { type Actor, createActor } from '../support/world/actor'
import { startTestApp, type TestApp } from '../support/world/app'
import { untilStatus } from '../support/world/builders'
import { FindUserDocument } from '../support/operations/operations.generated'

/** What the README tells a new user to paste is pasted here, in its order, on the data of the demo. */
const README = readFileSync(path.resolve(__dirname, '../../README.md'), 'utf8')

interface Row {
  id: string
  name?: string
  broadworksId: string
  status: string
  errorText: string | null
}

let app: TestApp
let newcomer: Actor
let partnerId: string

beforeAll(async () => {
  app = await startTestApp()
  const demo = await prepareDemo(app.platform)
  newcomer = createActor(app.url, demo?.token ?? '')
  const template = await readRow(selectRows(app.platform.database.reader, OnboardingTemplate, 'row').limit(1))
  partnerId = template?.partnerId ?? ''
})
afterAll(() => app.stop())

/** Runs an operation of the README with an ID in the place of its placeholder. */
async function paste<Data>(operation: string, id = ''): Promise<Data> {
  const text = new RegExp(`\`\`\`graphql\n((?:query|mutation) ${operation} [\\s\\S]*?)\`\`\``).exec(README)?.[1] ?? ''
  const { data, errors } = await newcomer.ask<Data, Record<string, never>>(text.replace(/\w+_…/, id))
  expect(errors).toEqual([])
  return data
}

/** Imports the file of the README with these values in the place of its placeholders. */
async function importFile(provisioningId: string, values: string[]) {
  const [header = '', row = ''] = (/```csv\n([\s\S]*?)```/.exec(README)?.[1] ?? '').trim().split('\n')
  expect(row.split(',')).toHaveLength(values.length)
  const { platform } = app
  const template = await readRow(
    selectRows(platform.database.reader, OnboardingTemplate, 'row').where('row.provisioningId = :provisioningId', { provisioningId }),
  )
  const acting = { ...platform, actor: { partnerId, name: 'import', requestId: null } }
  const bad: unknown[] = []
  const file = Readable.from([Buffer.from(`${header}\n${values.join(',')}\n`)])
  return { ...(await importUsers(acting, template as OnboardingTemplate, file, problem => bad.push(problem))), problems: bad }
}

describe('the walk of the README', () => {
  it('mends, changes, deletes and imports users of the demo as it says', async () => {
    const { onboardingTemplates } = await paste<{ onboardingTemplates: { nodes: Row[] } }>('Templates')
    const template = onboardingTemplates.nodes.find(({ name }) => name === 'Small business, untrusted e-mails')
    const { provisionedUsers } = await paste<{ provisionedUsers: { nodes: Row[] } }>('StuckUsers', template?.id)
    const [first, second] = provisionedUsers.nodes as [Row, Row]

    const why = await paste<{ provisionedUser: { diagnosis: { cause: string } } }>('Why', first.id)
    expect(why.provisionedUser.diagnosis.cause).not.toBe('')

    const { retryActivation } = await paste<{ retryActivation: object }>('Retry', first.id)
    expect(retryActivation).toEqual({ provisionedUser: { id: first.id, status: 'PROVISIONING' }, userErrors: [] })
    await untilStatus(newcomer, first.id, 'PROVISIONED')

    await paste('RetryInVain', second.id)
    await untilStatus(newcomer, second.id, 'ERROR')
    const failed = await paste<{ provisionedUser: Row }>('Why', second.id)
    expect(failed.provisionedUser.errorText).toMatch(/^10022 The BroadWorks UserID is already associated/)

    const changed = await paste<{ changePackageType: { userErrors: object[] } }>('ChangePackage', first.id)
    expect(changed.changePackageType.userErrors).toEqual([])
    await untilStatus(newcomer, first.id, 'PROVISIONED')
    const { provisionedUser: live } = await newcomer.get(FindUserDocument, { id: first.id })
    expect(live).toMatchObject({ packageType: 'PREMIUM', requestedPackageType: null })

    interface Noted extends Row {
      firstName: string
      lastName: string
      extension: string
      customer: { spEnterpriseId: string }
      onboardingTemplate: { provisioningId: string }
    }
    const { provisionedUser: noted } = await paste<{ provisionedUser: Noted }>('BeforeDeleting', first.id)
    const { deleteUser } = await paste<{ deleteUser: object }>('Delete', first.id)
    expect(deleteUser).toEqual({ deletedUserId: first.id, userErrors: [] })

    const values = [noted.broadworksId, noted.customer.spEnterpriseId, noted.firstName, noted.lastName, noted.extension]
    const { provisioningId } = noted.onboardingTemplate
    expect(await importFile(provisioningId, values)).toEqual({ created: 1, unchanged: 0, bad: 0, problems: [] })
    expect(await importFile(provisioningId, values)).toEqual({ created: 0, unchanged: 1, bad: 0, problems: [] })

    const { provisionedUsers: afterwards } = await paste<{ provisionedUsers: { nodes: Row[] } }>('StuckUsers', template?.id)
    const again = afterwards.nodes.find(({ broadworksId }) => broadworksId === noted.broadworksId)
    expect(again).toMatchObject({ status: 'PENDING_EMAIL_INPUT' })
    expect(again?.id).not.toBe(first.id)
  })
})
