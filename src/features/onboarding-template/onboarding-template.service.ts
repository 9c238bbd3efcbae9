import { randomBytes, randomUUID } from 'node:crypto'
import isISO31661Alpha2 from 'validator/lib/isISO31661Alpha2'
import isURL from 'validator/lib/isURL'
import type { Transaction } from '../../database/database'
import { readRow } from '../../database/rows'
import { unlessReferenced, unlessTaken } from '../../database/transactions'
import type { Context } from '../../context/context'
import { once } from '../../context/idempotency'
import { enqueue } from '../../queue/define-job'
import { provisioningId } from '../../webex/webex-identifiers'
import { isSafeXsiUrl } from '../../broadworks/xsi-client'
import { timestamp } from '../../shared/clock'
import { type Allowed, Checks } from '../../shared/checks'
import { refuse, UserErrorCode } from '../../shared/errors'
import { newId } from '../../shared/ids'
import { differences, recordAudit } from '../audit-event/audit-event.service'
import { OnboardingTemplate, ShareLinkTarget } from './onboarding-template.entity'
import type {
  CreateOnboardingTemplateInput,
  DeleteOnboardingTemplateInput,
  ResumeOnboardingTemplateInput,
  RotateActivationLinkInput,
  UpdateOnboardingTemplateInput,
} from './onboarding-template.inputs'
import { releaseUsersOfTemplateJob, resumeTemplateJob } from './onboarding-template.jobs'
import { visibleTemplates } from './onboarding-template.loaders'

const AUDITED = [
  'name',
  'provisioningId',
  'countryCode',
  'language',
  'serviceProviderAdminEmail',
  'partnerAdminName',
  'defaultPackageType',
  'flowThrough',
  'enterpriseMode',
  'xsiActionsUrl',
  'untrustedEmails',
  'shareLink',
  'provisionAdminFirst',
  'allowSelfActivation',
  'pausedAt',
] as const

/** 128 bits: nobody guesses a link. */
export function newActivationKey(): string {
  return randomBytes(16).toString('base64url')
}

/** Answers the ID of the new template. */
export async function createOnboardingTemplate(ctx: Context, input: CreateOnboardingTemplateInput): Promise<string> {
  const checks = new Checks()
  const settings = checkSettings(ctx, checks, input)
  const given = checks.optionalText(['provisioningId'], input.provisioningId, 200, {
    pattern: /^[A-Za-z0-9+/_-]+$/,
    words: 'the Base64 text that Partner Hub shows for the template',
  })
  if (given === null && !(await ctx.webex.status(ctx.viewer.partnerId)).isSimulated) {
    checks.complain(UserErrorCode.REQUIRED, ['provisioningId'], 'Take the `provisioningId` from the template in Partner Hub.')
  }
  checks.throwIfAny()
  return write(ctx, 'createOnboardingTemplate', input, async tx => {
    const now = timestamp(ctx.clock.now())
    const template: OnboardingTemplate = {
      id: newId('OnboardingTemplate'),
      partnerId: ctx.viewer.partnerId,
      provisioningId: given ?? provisioningId(randomUUID(), randomUUID()),
      imported: false,
      activationKey: newActivationKey(),
      failureCount: 0,
      pausedAt: null,
      pauseCause: null,
      createdAt: now,
      updatedAt: now,
      countryCode: null,
      language: null,
      serviceProviderAdminEmail: null,
      partnerAdminName: null,
      xsiActionsUrl: null,
      flowThrough: true,
      enterpriseMode: true,
      untrustedEmails: true,
      shareLink: ShareLinkTarget.ACTIVATION,
      provisionAdminFirst: false,
      allowSelfActivation: false,
      ...(settings as Pick<OnboardingTemplate, 'name' | 'defaultPackageType'>),
    }
    if (await tx.manager.existsBy(OnboardingTemplate, { partnerId: template.partnerId, provisioningId: template.provisioningId })) {
      throw refuse(UserErrorCode.TAKEN, ['provisioningId'], 'There is a template with this `provisioningId` already.')
    }
    await unlessTaken(() => tx.manager.insert(OnboardingTemplate, template))
    await audit(ctx, tx, 'createOnboardingTemplate', {}, template)
    return template.id
  })
}

export async function updateOnboardingTemplate(ctx: Context, input: UpdateOnboardingTemplateInput): Promise<string> {
  const checks = new Checks()
  const settings = checkSettings(ctx, checks, input)
  checks.throwIfAny()
  return write(ctx, 'updateOnboardingTemplate', input, async tx => {
    const template = await findTemplate(ctx, tx, input.id)
    await change(ctx, tx, 'updateOnboardingTemplate', template, settings)
    const { provisionAdminFirst, untrustedEmails } = { ...template, ...settings }
    const isReleased = template.provisionAdminFirst && !(provisionAdminFirst && untrustedEmails)
    if (isReleased) await enqueue(ctx, tx, releaseUsersOfTemplateJob, { onboardingTemplateId: template.id })
    return template.id
  })
}

/** The old link is void at once. */
export async function rotateActivationLink(ctx: Context, input: RotateActivationLinkInput): Promise<string> {
  return write(ctx, 'rotateActivationLink', input, async tx => {
    const template = await findTemplate(ctx, tx, input.id)
    await change(ctx, tx, 'rotateActivationLink', template, { activationKey: newActivationKey() })
    return template.id
  })
}

/** Ends the pause of a template: what waited goes on. @throws Refusal INVALID_STATE when it is not paused. */
export async function resumeOnboardingTemplate(ctx: Context, input: ResumeOnboardingTemplateInput): Promise<string> {
  return write(ctx, 'resumeOnboardingTemplate', input, async tx => {
    const template = await findTemplate(ctx, tx, input.id)
    if (!template.pausedAt) throw refuse(UserErrorCode.INVALID_STATE, [], `${template.name} is not paused; there is nothing to resume.`)
    await change(ctx, tx, 'resumeOnboardingTemplate', template, { failureCount: 0, pausedAt: null, pauseCause: null })
    await enqueue(ctx, tx, resumeTemplateJob, { partnerId: template.partnerId, onboardingTemplateId: template.id })
    return template.id
  })
}

/** @throws Refusal TEMPLATE_IN_USE while customers are on it. */
export async function deleteOnboardingTemplate(ctx: Context, input: DeleteOnboardingTemplateInput): Promise<string> {
  return write(ctx, 'deleteOnboardingTemplate', input, async tx => {
    const template = await findTemplate(ctx, tx, input.id)
    await unlessReferenced(
      () => tx.manager.delete(OnboardingTemplate, { id: template.id }),
      () => refuse(UserErrorCode.TEMPLATE_IN_USE, ['id'], 'Customers are on this template; it cannot be deleted.'),
    )
    await audit(ctx, tx, 'deleteOnboardingTemplate', template, { id: template.id })
    return template.id
  })
}

async function write(
  ctx: Context,
  mutation: string,
  input: { idempotencyKey?: string | null },
  work: (tx: Transaction) => Promise<string>,
): Promise<string> {
  const { objectId } = await ctx.database.transaction(tx => once(ctx, tx, mutation, input, () => work(tx)))
  return objectId
}

async function change(
  ctx: Context,
  tx: Transaction,
  action: string,
  before: OnboardingTemplate,
  settings: Partial<OnboardingTemplate>,
): Promise<void> {
  const after = { ...before, ...settings }
  if (action === 'updateOnboardingTemplate' && differences(AUDITED, before, after).length === 0) return
  await tx.manager.update(OnboardingTemplate, { id: before.id }, { ...settings, updatedAt: timestamp(ctx.clock.now()) })
  await audit(ctx, tx, action, before, after)
}

async function audit(
  ctx: Context,
  tx: Transaction,
  action: string,
  before: Partial<OnboardingTemplate>,
  after: Partial<OnboardingTemplate>,
): Promise<void> {
  await recordAudit(ctx, tx, {
    action,
    targetId: (after.id ?? before.id) as string,
    targetLabel: (after.name ?? before.name) as string,
    changes: differences<OnboardingTemplate>(AUDITED, before, after),
  })
}

async function findTemplate(ctx: Context, { manager }: Transaction, id: string): Promise<OnboardingTemplate> {
  const template = await readRow(visibleTemplates(ctx, manager).andWhere('row.id = :id', { id }))
  if (!template) throw refuse(UserErrorCode.NOT_FOUND, ['id'], 'There is no onboarding template with this `id`.')
  return template
}

/** The settings that an input gives, checked; creating needs those that the schema demands, which come here as texts anyway. */
function checkSettings(
  { config }: Context,
  checks: Checks,
  input: CreateOnboardingTemplateInput | UpdateOnboardingTemplateInput,
): Partial<OnboardingTemplate> {
  const { name, countryCode, language, serviceProviderAdminEmail, partnerAdminName, xsiActionsUrl, userVerification } = input
  const settings: Record<string, unknown> = {}
  if (name != null) settings['name'] = checks.text(['name'], name, 200)
  if (partnerAdminName != null) settings['partnerAdminName'] = checks.text(['partnerAdminName'], partnerAdminName, 200)
  if (serviceProviderAdminEmail != null) {
    settings['serviceProviderAdminEmail'] = checks.email(['serviceProviderAdminEmail'], serviceProviderAdminEmail)
  }
  if (countryCode != null) settings['countryCode'] = checks.text(['countryCode'], countryCode, 2, COUNTRY).toUpperCase()
  if (language != null) settings['language'] = checks.text(['language'], language, 35, LANGUAGE)
  if (xsiActionsUrl != null)
    settings['xsiActionsUrl'] = checks.optionalText(['xsiActionsUrl'], xsiActionsUrl, 500, xsiActionsAddress(config.production))
  for (const [field, value] of Object.entries({
    defaultPackageType: input.defaultPackageType,
    flowThrough: input.flowThrough,
    enterpriseMode: input.enterpriseMode,
    ...userVerification,
  })) {
    if (value != null) settings[field] = value
  }
  return settings
}

const COUNTRY: Allowed = { pattern: { test: text => isISO31661Alpha2(text) }, words: 'a country as in ISO 3166-1 alpha-2, for example IT' }
const LANGUAGE: Allowed = { pattern: { test: isLanguageTag }, words: 'a language tag as in BCP 47, for example it or en-GB' }

/** A server for others does not ask its own machine for the profile of a user; a demo may have its BroadWorks there. */
function xsiActionsAddress(isProduction: boolean): Allowed {
  const protocols = isProduction ? ['https'] : ['https', 'http']
  return {
    pattern: { test: text => isURL(text, { protocols, require_protocol: true, require_tld: false }) && isSafeXsiUrl(text) },
    words: 'a URL that begins with https://',
  }
}

function isLanguageTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch {
    return false
  }
}
