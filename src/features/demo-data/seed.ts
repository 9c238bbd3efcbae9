import { type EntityTarget, In, type ObjectLiteral } from 'typeorm'
import type { Transaction } from '../../database/database'
import { pacedTransactions } from '../../database/transactions'
import type { Platform } from '../../context/context'
import { UserStatus } from '../../provisioning/lifecycle'
import { openSimulatorStore, type SimulatorStore } from '../../simulator/store'
import { hashPasscode } from '../../shared/passcode'
import { comparisonKey, searchText } from '../../shared/text'
import { ActivationAttempt, AttemptOutcome, AttemptPhase, AttemptTrigger } from '../activation-attempt/activation-attempt.entity'
import { recordAudit } from '../audit-event/audit-event.service'
import { Customer } from '../customer/customer.entity'
import { HandOver } from '../provisioning-request/provisioning-request.entity'
import { OnboardingTemplate, ShareLinkTarget } from '../onboarding-template/onboarding-template.entity'
import { PackageType } from '../../provisioning/package-type'
import { toWebexPackage } from '../../webex/webex-package'
import { EmailOrigin, ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { NEW_USER } from '../provisioned-user/provisioned-user.creation'
import { derivedColumns } from '../provisioned-user/user-fields'
import { recordUserChanges } from '../change-log/change-log.service'
import {
  type SyntheticCustomer,
  type SyntheticPartner,
  type SyntheticTemplate,
  syntheticPartner,
  type SyntheticUser,
} from './synthetic-partner'

/** Short transactions, because on SQLite a process that serves waits for each of them. */
const BATCH_SIZE = 200

/** The portal's password of every seeded user; only for data that nobody needs to protect. */
export const SYNTHETIC_PASSCODE = 'demo-passcode'

export interface SeedOptions {
  partnerId: string
  /** Token of the partner's Webex organisation; the simulator keeps its side under it. */
  webexToken: string
  users: number
  /** One template has a setting wrong; see `syntheticPartner`. */
  brokenTemplate?: boolean
  onProgress?: (done: number) => void
}

/**
 * Fills a partner with synthetic customers, templates and users, and the simulator with its side of them. Run again, it adds what is
 * missing and leaves everything else alone.
 */
export async function seedPartner(
  platform: Platform,
  { partnerId, webexToken, users, brokenTemplate, onProgress }: SeedOptions,
): Promise<SyntheticPartner> {
  const synthetic = syntheticPartner(partnerId, users, brokenTemplate)
  const passcodeHash = await hashPasscode(SYNTHETIC_PASSCODE)
  const store = openSimulatorStore(platform.config.simulator.databasePath)
  const transaction = pacedTransactions(platform.database)
  try {
    await transaction(async tx => {
      await add(
        tx,
        OnboardingTemplate,
        synthetic.templates.map(template => templateRow(partnerId, template)),
      )
      // They are made in their order: with the last one, all are there.
      if (await tx.manager.existsBy(ProvisionedUser, { id: synthetic.user(users - 1).id })) return
      // One for all: synthetic users have no history but this.
      const ctx = { ...platform, actor: { partnerId, name: 'seed', requestId: null } }
      const changes = [{ field: 'users', before: null, after: String(users) }]
      await recordAudit(ctx, tx, { action: 'seed', targetId: partnerId, targetLabel: 'synthetic users', changes })
    })
    for (const customers of batches(synthetic.customers)) {
      await transaction(tx =>
        add(
          tx,
          Customer,
          customers.map(customer => customerRow(partnerId, customer)),
        ),
      )
      store.putEnterprises(webexToken, customers.map(enterpriseRow))
    }
    for (let first = 0; first < users; first += BATCH_SIZE) {
      const batch = usersFrom(synthetic, first, users)
      await transaction(async tx => {
        await add(
          tx,
          HandOver,
          batch.map(user => handOverRow(partnerId, user, passcodeHash)),
        )
        await addUsers(
          platform,
          tx,
          batch.map(user => userRow(partnerId, user)),
        )
        await add(
          tx,
          ActivationAttempt,
          batch.filter(user => user.status === UserStatus.ERROR).map(user => attemptRow(partnerId, user)),
        )
      })
      putUsers(store, webexToken, batch)
      onProgress?.(first + batch.length)
    }
  } finally {
    store.close()
  }
  return synthetic
}

/** The simulator's side alone: what a partner has at Webex before anything is known of it here. */
export function seedSimulator(databasePath: string, webexToken: string, users: number, onProgress: (done: number) => void): void {
  const synthetic = syntheticPartner(webexToken, users)
  const store = openSimulatorStore(databasePath)
  try {
    for (const customers of batches(synthetic.customers)) store.putEnterprises(webexToken, customers.map(enterpriseRow))
    for (let first = 0; first < users; first += BATCH_SIZE) {
      putUsers(store, webexToken, usersFrom(synthetic, first, users))
      onProgress(Math.min(first + BATCH_SIZE, users))
    }
  } finally {
    store.close()
  }
}

function usersFrom(synthetic: SyntheticPartner, first: number, users: number): SyntheticUser[] {
  return Array.from({ length: Math.min(BATCH_SIZE, users - first) }, (_, index) => synthetic.user(first + index))
}

function putUsers(store: SimulatorStore, webexToken: string, users: SyntheticUser[]): void {
  store.putSubscribers(webexToken, users.filter(user => user.webexSubscriberId !== null).map(subscriberRow))
}

/** Rows that are there already stay as they are. */
async function add<Row extends ObjectLiteral>({ manager }: Transaction, entity: EntityTarget<Row>, rows: Row[]): Promise<void> {
  if (rows.length === 0) return
  await manager.createQueryBuilder().insert().into(entity).values(rows).orIgnore().updateEntity(false).execute()
}

async function addUsers(platform: Platform, tx: Transaction, users: ProvisionedUser[]): Promise<void> {
  const known = await tx.manager.find(ProvisionedUser, { select: { id: true }, where: { id: In(users.map(({ id }) => id)) } })
  const knownIds = new Set(known.map(({ id }) => id))
  const added = users.filter(({ id }) => !knownIds.has(id))
  await add(tx, ProvisionedUser, added)
  await recordUserChanges(
    platform,
    tx,
    added.map(after => ({ before: null, after })),
  )
}

function* batches<Value>(values: readonly Value[]): Generator<Value[]> {
  for (let first = 0; first < values.length; first += BATCH_SIZE) yield values.slice(first, first + BATCH_SIZE)
}

function templateRow(partnerId: string, template: SyntheticTemplate): OnboardingTemplate {
  const { id, name, provisioningId, imported, language, untrustedEmails, activationKey } = template
  const createdAt = new Date(Date.UTC(2026, 6, 31)).toISOString()
  return {
    id,
    partnerId,
    name,
    provisioningId,
    imported,
    activationKey,
    countryCode: imported ? null : 'IT',
    language,
    serviceProviderAdminEmail: imported ? null : 'voice-admin@provider.example',
    partnerAdminName: imported ? null : 'Demo Telecom',
    defaultPackageType: PackageType.STANDARD,
    flowThrough: true,
    enterpriseMode: true,
    xsiActionsUrl: null,
    untrustedEmails,
    shareLink: imported ? ShareLinkTarget.NONE : ShareLinkTarget.ACTIVATION,
    provisionAdminFirst: false,
    allowSelfActivation: false,
    failureCount: 0,
    pausedAt: null,
    pauseCause: null,
    createdAt,
    updatedAt: createdAt,
  }
}

function customerRow(partnerId: string, { id, name, spEnterpriseId, template, webexOrgId, createdAt }: SyntheticCustomer): Customer {
  return {
    id,
    partnerId,
    onboardingTemplateId: template.id,
    spEnterpriseId,
    name,
    nameKey: comparisonKey(name),
    searchText: searchText(name, spEnterpriseId),
    webexOrgId,
    createdAt,
    updatedAt: createdAt,
  }
}

function userRow(partnerId: string, user: SyntheticUser): ProvisionedUser {
  const { attemptId: _, customer, errors, status, ...shared } = user
  const fields = {
    ...NEW_USER,
    ...shared,
    partnerId,
    customerId: customer.id,
    onboardingTemplateId: customer.template.id,
    emailOrigin:
      user.email === null ? null : status === UserStatus.PENDING_EMAIL_VALIDATION ? EmailOrigin.SUBMITTED : EmailOrigin.CONFIRMED,
    upstreamErrors: errors,
    status,
    deletedAt: null,
  }
  return { ...fields, ...derivedColumns(fields), revision: 1, updatedAt: user.lastStatusChange }
}

function handOverRow(partnerId: string, user: SyntheticUser, passcodeHash: string): HandOver {
  const { customer, broadworksId, firstName, lastName, primaryPhoneNumber, mobilePhoneNumber, extension, packageType, createdAt } = user
  return {
    partnerId,
    broadworksIdKey: comparisonKey(broadworksId),
    broadworksId,
    onboardingTemplateId: customer.template.id,
    spEnterpriseId: customer.spEnterpriseId,
    customerName: customer.name,
    firstName,
    lastName,
    primaryPhoneNumber,
    mobilePhoneNumber,
    extension,
    email: null,
    packageType,
    passcodeHash,
    createdAt,
    updatedAt: createdAt,
  }
}

function attemptRow(partnerId: string, user: SyntheticUser): ActivationAttempt {
  const startedAt = new Date(Date.parse(user.lastStatusChange) - 20_000).toISOString()
  const error = user.errors[0]
  return {
    id: user.attemptId,
    partnerId,
    provisionedUserId: user.id,
    trigger: AttemptTrigger.PORTAL,
    actor: 'activation',
    email: user.email,
    outcome: AttemptOutcome.FAILED,
    phase: AttemptPhase.CREATE,
    startedAt,
    endedAt: user.lastStatusChange,
    upstreamErrors: user.errors,
    turn: 0,
    setback: null,
    steps: [
      {
        name: 'create',
        startedAt,
        endedAt: user.lastStatusChange,
        httpStatus: error?.httpStatus ?? 200,
        trackingId: error?.trackingId ?? null,
        message: error?.upstreamText ?? null,
      },
    ],
  }
}

function enterpriseRow({ webexEnterpriseId, webexOrgId, spEnterpriseId, template }: SyntheticCustomer) {
  return { id: webexEnterpriseId, orgId: webexOrgId, spEnterpriseId, provisioningId: template.provisioningId }
}

function subscriberRow(user: SyntheticUser) {
  const { customer, broadworksId, packageType, status, errors, createdAt, lastStatusChange } = user
  return {
    id: user.webexSubscriberId as string,
    personId: user.webexPersonId,
    userId: broadworksId,
    spEnterpriseId: customer.spEnterpriseId,
    provisioningId: customer.template.provisioningId,
    firstName: user.firstName,
    lastName: user.lastName,
    email: user.email,
    primaryPhoneNumber: user.primaryPhoneNumber,
    mobilePhoneNumber: user.mobilePhoneNumber,
    extension: user.extension,
    package: toWebexPackage(packageType),
    status: status.toLowerCase() as 'provisioned' | 'pending_user_migration' | 'error',
    errors: errors.map(error => ({ errorCode: error.code ?? 0, description: error.upstreamText ?? '' })),
    created: createdAt,
    lastStatusChange,
    selfActivated: user.selfActivated,
  }
}
