import { BulkChunk } from '../../../src/features/bulk-operation/bulk-chunk.entity'
import { BulkKind, BulkOperation, BulkOutcome, BulkStatus } from '../../../src/features/bulk-operation/bulk-operation.entity'
import { BulkResult } from '../../../src/features/bulk-operation/bulk-result.entity'
import { PackageType } from '../../../src/provisioning/package-type'
import { UserErrorCode } from '../../../src/shared/errors'
import { newId } from '../../../src/shared/ids'
import type { TestPartner } from '../world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus, userItem } from '../world/builders'
import {
  CreateApiTokenDocument,
  FindTemplateDocument,
  ProvisionUsersDocument,
  RetryActivationDocument,
  TemplatePauseDocument,
} from '../operations/operations.generated'
import { visitPortal } from '../world/portal'
import { eventually } from '../world/waiting'

/** Makes what a mutation needs, and answers an input that will be carried out. */
export type MakeInput = () => Promise<Record<string, unknown>>

/** Mutations that only look, over the network, at what others would change. */
export const CHANGES_NOTHING = ['precheckUsers']

/**
 * A good input for each mutation of the API, made anew at each call. Tests that hold for every mutation fail for one without an
 * entry here.
 */
export function validInputs(partner: TestPartner, template: string): Record<string, MakeInput> {
  const { admin, operator } = partner
  const idempotencyKey = () => newId('Job')
  const waitingUser = async () => (await makeUser(operator, template)).id
  return {
    retryActivation: async () => ({
      userId: await waitingUser(),
      email: `anna.${nextNumber()}@example.com`,
      idempotencyKey: idempotencyKey(),
    }),
    changePackageType: async () => ({ userId: await waitingUser(), packageType: 'PREMIUM', idempotencyKey: idempotencyKey() }),
    deleteUser: async () => ({ userId: await waitingUser(), idempotencyKey: idempotencyKey() }),
    resendConsentEmail: async () => ({ userId: await makeConsentingUser({ operator }, template) }),
    resendValidationEmail: async () => ({ userId: await makeConfirmingUser({ admin, operator }, template) }),
    updateProvisionedUser: async () => ({
      userId: await waitingUser(),
      firstName: 'Chiara',
      lastName: 'Verdi',
      primaryPhoneNumber: '+39-02-5550199',
      mobilePhoneNumber: '+39-333-5550199',
      extension: '4711',
      idempotencyKey: idempotencyKey(),
    }),
    provisionUser: async () => ({ user: wholeItem(template), idempotencyKey: idempotencyKey() }),
    provisionUsers: async () => ({ users: [wholeItem(template), wholeItem(template)], idempotencyKey: idempotencyKey() }),
    precheckUsers: async () => {
      const { customerName: _, activationPasscode: __, ...known } = wholeItem(template)
      return { users: [{ ...known, email: `anna.${nextNumber()}@example.com` }] }
    },
    bulkRetryActivation: async () => ({
      items: [{ userId: await waitingUser(), email: `anna.${nextNumber()}@example.com` }],
      expectedCount: 1,
      dryRun: false,
      idempotencyKey: idempotencyKey(),
    }),
    bulkDeleteUsers: async () => ({ userIds: [await waitingUser()], expectedCount: 1, dryRun: false, idempotencyKey: idempotencyKey() }),
    bulkChangePackageType: async () => ({
      userIds: [await waitingUser()],
      packageType: 'PREMIUM',
      expectedCount: 1,
      dryRun: false,
      idempotencyKey: idempotencyKey(),
    }),
    cancelBulkOperation: async () => ({ id: await makeOperation(partner, 'RUNNING', await waitingUser()) }),
    resumeBulkOperation: async () => ({ id: await makeOperation(partner, 'CANCELLED', await waitingUser()) }),
    exportBulkResults: async () => {
      const id = await makeOperation(partner, 'CANCELLED', await waitingUser(), await waitingUser())
      return { id, failedOnly: true, locale: 'it' }
    },
    exportUsers: async () => ({
      filter: { excludeProvisioned: true },
      orderBy: { field: 'LAST_NAME', direction: 'ASC' },
      format: 'CSV',
      locale: 'it',
    }),
    createOnboardingTemplate: async () => ({
      ...templateSettings(),
      provisioningId: `provisioning${nextNumber()}`,
      idempotencyKey: idempotencyKey(),
    }),
    updateOnboardingTemplate: async () => ({ id: await makeTemplate(admin), ...templateSettings(), idempotencyKey: idempotencyKey() }),
    deleteOnboardingTemplate: async () => ({ id: await makeTemplate(admin), idempotencyKey: idempotencyKey() }),
    rotateActivationLink: async () => ({ id: await makeTemplate(admin), idempotencyKey: idempotencyKey() }),
    resumeOnboardingTemplate: async () => ({ id: await makePausedTemplate({ admin, operator }), idempotencyKey: idempotencyKey() }),
    createApiToken: async () => ({
      name: `Night shift ${nextNumber()}`,
      role: 'VIEWER',
      expiresAt: '2999-12-31T23:59:59.000Z',
      customerIds: [(await makeUser(operator, template)).customer.id],
      idempotencyKey: idempotencyKey(),
    }),
    revokeApiToken: async () => ({ id: await makeToken(admin) }),
    startSync: async () => ({ full: true, allowDeletions: true }),
  }
}

/** A user whose address belongs to somebody who has to consent first. Answers the ID. */
export async function makeConsentingUser({ operator }: Pick<TestPartner, 'operator'>, template: string): Promise<string> {
  const { id } = await makeUser(operator, template)
  await operator.get(RetryActivationDocument, { input: { userId: id, email: `consumer-${nextNumber()}@example.com` } })
  await untilStatus(operator, id, 'PENDING_USER_MIGRATION')
  return id
}

/** A user who typed an address in the portal and has not followed the mail. Answers the ID. */
async function makeConfirmingUser({ admin, operator }: Pick<TestPartner, 'admin' | 'operator'>, template: string): Promise<string> {
  const activationPasscode = 'a-passcode-of-the-tests'
  const { id, broadworksId } = await makeUser(operator, template, { activationPasscode })
  const { onboardingTemplate } = await admin.get(FindTemplateDocument, { id: template })
  const visitor = visitPortal(operator.url)
  await visitor.signIn(onboardingTemplate?.userVerification.activationLink.split('/').at(-1) ?? '', broadworksId, activationPasscode)
  const { userErrors } = await visitor.submitEmail(`anna.${nextNumber()}@example.com`)
  if (userErrors.length > 0) throw new Error(JSON.stringify(userErrors))
  return id
}

/**
 * An operation that nobody is at work on, as if its server had been killed: on one user, and before it on one who was refused already.
 * Answers the ID.
 */
export async function makeOperation(
  { platform, partnerId }: TestPartner,
  status: 'RUNNING' | 'CANCELLED',
  userId: string,
  refusedId?: string,
): Promise<string> {
  const handled = refusedId ? 1 : 0
  const operation = {
    id: newId('BulkOperation'),
    partnerId,
    kind: BulkKind.CHANGE_PACKAGE_TYPE,
    status: BulkStatus[status],
    dryRun: false,
    total: handled + 1,
    done: handled,
    succeeded: 0,
    failed: handled,
    summary: [],
    packageType: PackageType.PREMIUM,
    actor: 'operator of the tests',
    callerId: 'nobody',
    requestId: null,
    nextChunk: handled,
    run: 1,
    createdAt: new Date().toISOString(),
    endedAt: null,
  }
  await platform.database.transaction(async ({ manager }) => {
    await manager.insert(BulkOperation, operation)
    const ofOperation = { bulkOperationId: operation.id }
    await manager.insert(BulkChunk, { ...ofOperation, number: handled, items: [{ userId }] })
    if (!refusedId) return
    const fate = { outcome: BulkOutcome.REFUSED, userErrors: [{ code: UserErrorCode.INVALID_STATE, message: 'Not now.', field: null }] }
    await manager.insert(BulkResult, { ...ofOperation, id: newId('BulkResult'), position: 0, userId: refusedId, ...fate })
  })
  return operation.id
}

/** A template whose users failed one after another for a cause that lies in it. Answers the ID. */
async function makePausedTemplate({ admin, operator }: Pick<TestPartner, 'admin' | 'operator'>): Promise<string> {
  const id = await makeTemplate(admin)
  const refused = () => userItem(id, { email: `http-403.${nextNumber()}@example.com`, spEnterpriseId: `SP1+${id}` })
  // As many as TEMPLATE_PAUSE_FAILURES is when nobody sets it.
  await operator.get(ProvisionUsersDocument, { input: { users: Array.from({ length: 10 }, refused) } })
  await eventually(async () => (await admin.get(TemplatePauseDocument, { id })).onboardingTemplate?.paused)
  return id
}

export async function makeToken(admin: TestPartner['admin']): Promise<string> {
  const { createApiToken } = await admin.get(CreateApiTokenDocument, { input: { name: `Token ${nextNumber()}`, role: 'VIEWER' } })
  return createApiToken?.apiToken?.id ?? ''
}

/** An item with every field, but for an e-mail: the user waits, and nothing goes on by itself. */
function wholeItem(template: string): Record<string, unknown> {
  return {
    ...userItem(template),
    customerName: 'Acme',
    packageType: 'BASIC',
    mobilePhoneNumber: '+39-333-5550123',
    extension: '4711',
    activationPasscode: 'correct horse',
  }
}

function templateSettings(): Record<string, unknown> {
  return {
    name: `Template ${nextNumber()}`,
    countryCode: 'DE',
    language: 'de',
    serviceProviderAdminEmail: 'voice-admin@provider.example',
    partnerAdminName: 'Voice team',
    defaultPackageType: 'BASIC',
    flowThrough: false,
    enterpriseMode: false,
    xsiActionsUrl: 'https://xsi.provider.example/com.broadsoft.xsi-actions',
    userVerification: { untrustedEmails: true, shareLink: 'NONE', provisionAdminFirst: true, allowSelfActivation: true },
  }
}
