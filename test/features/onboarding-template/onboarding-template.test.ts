import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber } from '../../support/world/builders'
import {
  AuditEventsDocument,
  CreateOnboardingTemplateDocument,
  type CreateOnboardingTemplateInput,
  DeleteOnboardingTemplateDocument,
  FindTemplateDocument,
  ListTemplatesDocument,
  RotateActivationLinkDocument,
  type TemplateRowFragment,
  UpdateOnboardingTemplateDocument,
  type UpdateOnboardingTemplateInput,
} from '../../support/operations/operations.generated'
import { dumpTables } from '../../support/database/table-dump'

let app: TestApp
let alice: TestPartner

beforeAll(async () => {
  app = await startTestApp()
  alice = await app.addPartner()
})
afterAll(() => app.stop())

const settings = (input: Partial<CreateOnboardingTemplateInput> = {}): CreateOnboardingTemplateInput => ({
  name: `Template ${nextNumber()}`,
  countryCode: 'it',
  language: 'it-IT',
  serviceProviderAdminEmail: 'voice-admin@provider.example',
  partnerAdminName: 'Alice Rossi',
  defaultPackageType: 'PREMIUM',
  ...input,
})

async function create(input: CreateOnboardingTemplateInput, partner = alice) {
  const { createOnboardingTemplate } = await partner.admin.get(CreateOnboardingTemplateDocument, { input })
  return createOnboardingTemplate as {
    onboardingTemplate: TemplateRowFragment | null
    userErrors: { code: string; field: string[] | null }[]
  }
}

async function update(input: UpdateOnboardingTemplateInput) {
  const { updateOnboardingTemplate } = await alice.admin.get(UpdateOnboardingTemplateDocument, { input })
  expect(updateOnboardingTemplate?.userErrors).toEqual([])
  return updateOnboardingTemplate?.onboardingTemplate as TemplateRowFragment
}

async function find(id: string) {
  return (await alice.viewer.get(FindTemplateDocument, { id })).onboardingTemplate as TemplateRowFragment | null
}

async function historyOf(id: string) {
  const { auditEvents } = await alice.admin.get(AuditEventsDocument, { filter: { targetIds: [id] } })
  return auditEvents.nodes
}

describe('createOnboardingTemplate', () => {
  it('makes a template that is ready for untrusted e-mails, with a link of its own', async () => {
    const input = settings()
    const { onboardingTemplate, userErrors } = await create(input)
    expect(userErrors).toEqual([])
    expect(onboardingTemplate).toMatchObject({
      name: input.name,
      imported: false,
      countryCode: 'IT',
      language: 'it-IT',
      serviceProviderAdminEmail: 'voice-admin@provider.example',
      partnerAdminName: 'Alice Rossi',
      defaultPackageType: 'PREMIUM',
      flowThrough: true,
      enterpriseMode: true,
      xsiActionsUrl: null,
      userVerification: {
        untrustedEmails: true,
        shareLink: 'ACTIVATION',
        provisionAdminFirst: false,
        allowSelfActivation: false,
        ready: true,
      },
    })
    expect(onboardingTemplate?.userVerification.activationLink).toMatch(new RegExp(`^${app.url}/activate/[\\w-]{22}$`))
    expect(await find(onboardingTemplate?.id ?? '')).toEqual(onboardingTemplate)
  })

  it('keeps every setting that is given, without the spaces around it', async () => {
    const given = {
      flowThrough: false,
      enterpriseMode: false,
      xsiActionsUrl: 'https://xsi.provider.example:8443/com.broadsoft.xsi-actions',
    }
    const userVerification = { untrustedEmails: false, shareLink: 'NONE', provisionAdminFirst: true, allowSelfActivation: true } as const
    const { onboardingTemplate } = await create(
      settings({ ...given, name: '  Filiale di Milano 🦄 ', language: 'zh-Hant-HK', userVerification }),
    )
    expect(onboardingTemplate).toMatchObject({ ...given, name: 'Filiale di Milano 🦄', language: 'zh-Hant-HK', userVerification })
  })

  it('takes the longest names that are allowed', async () => {
    const names = { name: '🦄'.repeat(100), partnerAdminName: 'א'.repeat(200) }
    expect((await create(settings(names))).onboardingTemplate).toMatchObject(names)
  })

  it('takes the provisioning ID of Partner Hub, once for each partner', async () => {
    const provisioningId = `YWJj${nextNumber()}`
    const first = await create(settings({ provisioningId }))
    expect(first.onboardingTemplate?.provisioningId).toBe(provisioningId)
    const { onboardingTemplate } = await alice.viewer.get(FindTemplateDocument, { provisioningId })
    expect(onboardingTemplate?.id).toBe(first.onboardingTemplate?.id)

    const before = await dumpTables(app.platform)
    const second = await create(settings({ provisioningId }))
    expect(second).toMatchObject({ onboardingTemplate: null, userErrors: [{ code: 'TAKEN', field: ['provisioningId'] }] })
    expect(await dumpTables(app.platform)).toEqual(before)
    const mallory = await app.addPartner('Mallory Mobile')
    expect((await create(settings({ provisioningId }), mallory)).userErrors).toEqual([])
  })

  it('lets one of many that want the same provisioning ID at the same moment have it', async () => {
    const provisioningId = `YWJj${nextNumber()}`
    const answers = await Promise.all(Array.from({ length: 8 }, () => create(settings({ provisioningId }))))
    expect(answers.map(({ userErrors }) => userErrors.map(({ code }) => code).join()).sort()).toEqual([
      '',
      ...Array<string>(7).fill('TAKEN'),
    ])
  })

  it('tells everything that is wrong at once', async () => {
    const { userErrors } = await create(
      settings({ name: ' ', countryCode: 'XX', language: 'it_IT', serviceProviderAdminEmail: 'anna', xsiActionsUrl: 'http://x.example' }),
    )
    expect(userErrors.map(({ code, field }) => `${code} ${field?.join('.')}`).sort()).toEqual([
      'INVALID countryCode',
      'INVALID language',
      'INVALID serviceProviderAdminEmail',
      'INVALID xsiActionsUrl',
      'REQUIRED name',
    ])
  })

  it('makes a provisioning ID with the simulator only: with Webex itself it is needed', async () => {
    expect((await create(settings())).onboardingTemplate?.provisioningId).toMatch(/^[A-Za-z0-9+/]{90,}$/)
    const real = await startTestApp({ environment: { WEBEX_BASE_URL: 'http://127.0.0.1:9/v1', WEBEX_ACCESS_TOKEN: 'x' } })
    try {
      const partner = await real.addPartner()
      const refused = await create(settings(), partner)
      expect(refused).toMatchObject({ onboardingTemplate: null, userErrors: [{ code: 'REQUIRED', field: ['provisioningId'] }] })
      expect((await create(settings({ provisioningId: 'YWJj' }), partner)).userErrors).toEqual([])
    } finally {
      await real.stop()
    }
  })
})

describe('userVerification', () => {
  it.each([
    ['UNTRUSTED_EMAILS', { userVerification: { untrustedEmails: false } }, /untrustedEmails/],
    ['SHARE_LINK', { userVerification: { shareLink: 'NONE' } }, /shareLink/],
    ['FLOW_THROUGH', { flowThrough: false }, /flowThrough/],
  ] as const)('is not ready while %s fails, and says what to do', async (code, input, action) => {
    const { onboardingTemplate } = await create(settings(input))
    const { ready, checks } = onboardingTemplate?.userVerification as TemplateRowFragment['userVerification']
    expect(ready).toBe(false)
    expect(checks.map(check => check.code)).toEqual(['UNTRUSTED_EMAILS', 'SHARE_LINK', 'FLOW_THROUGH', 'SETTINGS_KNOWN'])
    for (const check of checks) {
      expect([check.code, check.passed]).toEqual([check.code, check.code !== code])
      expect(check.action).toEqual(check.code === code ? expect.stringMatching(action) : null)
    }
  })

  it('needs no flow-through where users may activate by themselves', async () => {
    const { onboardingTemplate } = await create(settings({ flowThrough: false, userVerification: { allowSelfActivation: true } }))
    expect(onboardingTemplate?.userVerification.ready).toBe(true)
  })

  it('is ready again once an imported template is completed', async () => {
    const id = await makeTemplate(alice.admin)
    const unknown = { imported: true, countryCode: null, language: null, serviceProviderAdminEmail: null, partnerAdminName: null }
    await app.platform.database.transaction(({ manager }) => manager.update('OnboardingTemplate', { id }, unknown))
    const imported = await find(id)
    expect(imported).toMatchObject({ ...unknown, userVerification: { ready: false } })
    expect(imported?.userVerification.checks.find(check => !check.passed)).toMatchObject({
      code: 'SETTINGS_KNOWN',
      action: expect.stringMatching(/updateOnboardingTemplate/),
    })
    const { name: _, defaultPackageType: __, ...missing } = settings()
    expect((await update({ id, ...missing })).userVerification.ready).toBe(true)
  })
})

describe('updateOnboardingTemplate', () => {
  it('changes what is given and leaves the rest, and puts on record what changed', async () => {
    const { onboardingTemplate: before } = await create(settings({ xsiActionsUrl: 'https://xsi.provider.example' }))
    const id = before?.id ?? ''
    const after = await update({
      id,
      name: 'Renamed',
      defaultPackageType: 'BASIC',
      userVerification: { provisionAdminFirst: true },
      language: null,
    })
    expect(after).toEqual({
      ...before,
      name: 'Renamed',
      defaultPackageType: 'BASIC',
      userVerification: { ...before?.userVerification, provisionAdminFirst: true },
    })
    const [event] = await historyOf(id)
    expect(event).toMatchObject({ action: 'updateOnboardingTemplate', actor: 'admin of the tests', targetLabel: 'Renamed' })
    expect(event?.changes).toEqual([
      { field: 'name', before: before?.name, after: 'Renamed' },
      { field: 'defaultPackageType', before: 'PREMIUM', after: 'BASIC' },
      { field: 'provisionAdminFirst', before: 'false', after: 'true' },
    ])
  })

  it('removes the address of the cluster with an empty text', async () => {
    const { onboardingTemplate } = await create(settings({ xsiActionsUrl: 'https://xsi.provider.example' }))
    expect((await update({ id: onboardingTemplate?.id ?? '', xsiActionsUrl: '' })).xsiActionsUrl).toBeNull()
  })

  it('changes nothing, not even the audit log, when all is as it was', async () => {
    const { onboardingTemplate } = await create(settings())
    const { id, name } = onboardingTemplate as TemplateRowFragment
    const before = await dumpTables(app.platform)
    expect(await update({ id, name: ` ${name} `, countryCode: 'IT', userVerification: { untrustedEmails: true } })).toEqual(
      onboardingTemplate,
    )
    expect(await update({ id })).toEqual(onboardingTemplate)
    expect(await dumpTables(app.platform)).toEqual(before)
  })
})

describe('rotateActivationLink', () => {
  it('gives a new link, keeps everything else, and tells neither link in the audit log', async () => {
    const { onboardingTemplate: before } = await create(settings())
    const id = before?.id ?? ''
    const { rotateActivationLink } = await alice.admin.get(RotateActivationLinkDocument, { input: { id } })
    const after = rotateActivationLink?.onboardingTemplate as TemplateRowFragment
    const links = [before?.userVerification.activationLink, after.userVerification.activationLink]
    expect(new Set(links).size).toBe(2)
    expect(after).toEqual({ ...before, userVerification: { ...before?.userVerification, activationLink: links[1] } })
    const events = await historyOf(id)
    expect(events.map(({ action }) => action)).toEqual(['rotateActivationLink', 'createOnboardingTemplate'])
    for (const link of links) expect(JSON.stringify(events)).not.toContain(link?.split('/').at(-1))
  })
})

describe('deleteOnboardingTemplate', () => {
  const remove = async (id: string) => (await alice.admin.get(DeleteOnboardingTemplateDocument, { input: { id } })).deleteOnboardingTemplate

  it('deletes a template without customers; what happened to it stays on record', async () => {
    const id = await makeTemplate(alice.admin)
    expect(await remove(id)).toEqual({ deletedOnboardingTemplateId: id, userErrors: [] })
    expect(await find(id)).toBeNull()
    const { onboardingTemplates } = await alice.viewer.get(ListTemplatesDocument, { first: 100 })
    expect(onboardingTemplates.nodes.map(template => template.id)).not.toContain(id)
    expect((await historyOf(id)).map(({ action }) => action)).toEqual(['deleteOnboardingTemplate', 'createOnboardingTemplate'])
    expect((await remove(id))?.userErrors).toMatchObject([{ code: 'NOT_FOUND', field: ['id'] }])
  })

  it('is refused while customers are on the template', async () => {
    const id = await makeTemplate(alice.admin)
    await makeUser(alice.operator, id, { spEnterpriseId: `SP1+customer${nextNumber()}` })
    const before = await dumpTables(app.platform)
    const refused = await remove(id)
    expect(refused).toMatchObject({ deletedOnboardingTemplateId: null, userErrors: [{ code: 'TEMPLATE_IN_USE', field: ['id'] }] })
    expect(refused?.userErrors[0]?.message).toBe('Customers are on this template; it cannot be deleted.')
    expect(await dumpTables(app.platform)).toEqual(before)
  })
})
