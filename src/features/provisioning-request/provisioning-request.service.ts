import { setTimeout as sleep } from 'node:timers/promises'
import type { EntityManager } from 'typeorm'
import type { Transaction } from '../../database/database'
import { readRow, selectRows } from '../../database/rows'
import type { Acting } from '../../context/context'
import { catalogEntry } from '../../provisioning/error-catalog'
import { timestamp } from '../../shared/clock'
import { Checks } from '../../shared/checks'
import { Refusal, refuse, UserErrorCode } from '../../shared/errors'
import { hashPasscode, verifyPasscode } from '../../shared/passcode'
import { comparisonKey } from '../../shared/text'
import { AttemptTrigger } from '../activation-attempt/activation-attempt.entity'
import { startAttempt } from '../activation-attempt/activation-attempt.service'
import { Customer } from '../customer/customer.entity'
import { insertCustomer, type NewCustomer } from '../customer/customer.service'
import type { OnboardingTemplate } from '../onboarding-template/onboarding-template.entity'
import { writableCheck } from '../partner/connection.service'
import { refuseTakenAddress } from '../provisioned-user/addresses'
import type { PackageType } from '../../provisioning/package-type'
import { BROADWORKS_ID_MAX_LENGTH, checkNumbers, checkReachable, NAME_MAX_LENGTH } from '../provisioned-user/profile'
import { EmailOrigin, ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { insertUser } from '../provisioned-user/provisioned-user.creation'
import { HandOver } from './provisioning-request.entity'

/** A user as BroadWorks hands it over; a field that is null or missing was not said. */
export interface HandOverItem {
  broadworksId?: string | null
  spEnterpriseId?: string | null
  customerName?: string | null
  firstName?: string | null
  lastName?: string | null
  primaryPhoneNumber?: string | null
  mobilePhoneNumber?: string | null
  extension?: string | null
  email?: string | null
  packageType?: PackageType | null
  activationPasscode?: string | null
}

export interface HandOverTerms {
  template: OnboardingTemplate
  trigger: AttemptTrigger
  /** The caller vouches for the address, although the template does not trust what BroadWorks sends. */
  vouches: boolean
  /** The only customers that the caller may add users to, or null for all. */
  customerIds: readonly string[] | null
  /** Nobody handed the user over: it came by the portal alone. */
  selfActivated?: boolean
}

/** An item that has passed the checks, its passcode hashed; see `prepareHandOver`. */
export interface PreparedHandOver {
  record: Omit<HandOver, 'partnerId' | 'onboardingTemplateId' | 'packageType' | 'createdAt' | 'updatedAt'> & {
    packageType: PackageType | null
  }
  /** What was given, and the hash on record that it was compared with; comparing takes as long as hashing. */
  passcode: { given: string; comparedWith: string | null; equal: boolean }
}

/** The user was deleted and Webex has not finished deleting it: a new hand-over has to wait for that. */
export class DeletionUnderWay extends Error {
  override readonly name = 'DeletionUnderWay'
}

/** "The enterprise is on another template", in Cisco's list of portal errors. */
const OTHER_TEMPLATE = 200050

const PASSCODE_LENGTH = { min: 4, max: 128 }
export const SP_ENTERPRISE_ID = { pattern: /^[^+]+\+.+$/, words: '<service provider>+<enterprise or group>, for example SP1+acme' }

/** Checks an item and hashes its passcode, which is slow on purpose and so is done before any transaction. @throws Refusal */
export async function prepareHandOver(
  ctx: Acting,
  { customerIds }: HandOverTerms,
  item: HandOverItem,
  path: string[] = [],
): Promise<PreparedHandOver> {
  const checks = new Checks()
  const broadworksId = checks.text([...path, 'broadworksId'], item.broadworksId, BROADWORKS_ID_MAX_LENGTH)
  const spEnterpriseId = checks.text([...path, 'spEnterpriseId'], item.spEnterpriseId, 200, SP_ENTERPRISE_ID)
  const firstName = checks.text([...path, 'firstName'], item.firstName, NAME_MAX_LENGTH)
  const lastName = checks.text([...path, 'lastName'], item.lastName, NAME_MAX_LENGTH)
  const customerName = checks.optionalText([...path, 'customerName'], item.customerName, 200)
  const email = checks.optionalEmail([...path, 'email'], item.email)
  const numbers = checkNumbers(checks, path, item)
  checkReachable(checks, path, numbers)
  const passcode = item.activationPasscode ?? ''
  checkPasscode(checks, [...path, 'activationPasscode'], passcode)
  checks.throwIfAny()

  const broadworksIdKey = comparisonKey(broadworksId)
  // Who may not see every customer must not learn from the time it takes whether a passcode is that of another customer's user.
  const known = passcode === '' || customerIds ? null : await readHandOver(ctx.database.reader, ctx.actor.partnerId, broadworksIdKey)
  const comparedWith = known?.passcodeHash ?? null
  const equal = comparedWith !== null && (await verifyPasscode(passcode, comparedWith))
  const passcodeHash = passcode === '' ? null : equal ? comparedWith : await hashPasscode(passcode)
  return {
    record: {
      broadworksId,
      broadworksIdKey,
      spEnterpriseId,
      firstName,
      lastName,
      customerName,
      email,
      ...numbers,
      packageType: item.packageType ?? null,
      passcodeHash,
    },
    passcode: { given: passcode, comparedWith, equal },
  }
}

function checkPasscode(checks: Checks, field: string[], passcode: string): void {
  const { min, max } = PASSCODE_LENGTH
  const allowed = `\`activationPasscode\` must have ${min} to ${max} characters.`
  if (passcode.length > max) checks.complain(UserErrorCode.TOO_LONG, field, allowed)
  // Halves of surrogate pairs are all the same to a hash of UTF-8.
  else if (passcode !== '' && (passcode.length < min || /\p{Cs}/u.test(passcode))) checks.complain(UserErrorCode.INVALID, field, allowed)
}

/**
 * Takes a user over from BroadWorks: makes the user, its customer when it is the first, and the hand-over record. An equal user who
 * is there already is left alone. Everything is checked before anything is written.
 * @returns the user's ID, and whether it was made
 * @throws Refusal with paths below `path`; DeletionUnderWay
 */
export async function handOver(
  ctx: Acting,
  tx: Transaction,
  terms: HandOverTerms,
  { record, passcode }: PreparedHandOver,
  path: string[] = [],
): Promise<{ userId: string; created: boolean }> {
  const { template } = terms
  const { partnerId } = ctx.actor
  const { manager } = tx
  const fail = (code: UserErrorCode, field: string, message: string) => refuse(code, [...path, field], message)

  const customer = await readRow(
    selectRows(manager, Customer, 'row').where('row.partnerId = :partnerId AND row.spEnterpriseId = :id', {
      partnerId,
      id: record.spEnterpriseId,
    }),
  )
  if (terms.customerIds && !(customer && terms.customerIds.includes(customer.id))) {
    throw fail(UserErrorCode.NOT_FOUND, 'spEnterpriseId', 'There is no customer with this enterprise ID.')
  }
  const users = await usersOfBroadworksId(manager, partnerId, record.broadworksIdKey)
  const living = users.find(user => user.deletedAt === null)
  if (living) {
    const known = await readHandOver(manager, partnerId, record.broadworksIdKey)
    if (known && isEqual(known, record, template.id) && (await hasPasscode(known, passcode))) return { userId: living.id, created: false }
    throw fail(
      UserErrorCode.TAKEN,
      'broadworksId',
      `exists: a user with the BroadWorks ID ${record.broadworksId} is there already, with other data.`,
    )
  }
  if (users.length > 0) throw new DeletionUnderWay(record.broadworksId)
  if (customer && customer.onboardingTemplateId !== template.id) throw otherTemplate(path)

  const trusted = !template.untrustedEmails || terms.vouches
  if (record.email && trusted) await refuseTakenAddress(tx, partnerId, record.email, null, path)
  if (!template.untrustedEmails && !record.email) {
    throw fail(UserErrorCode.EMAIL_REQUIRED, 'email', 'This template trusts e-mail addresses, so the user needs one.')
  }
  const packageType = record.packageType ?? template.defaultPackageType
  const { user, effect } = await insertUser(
    ctx,
    tx,
    {
      partnerId,
      customerId: (customer ?? (await insertCustomer(ctx, tx, newCustomer(template, record)))).id,
      onboardingTemplateId: template.id,
      broadworksId: record.broadworksId,
      firstName: record.firstName,
      lastName: record.lastName,
      email: record.email,
      emailOrigin: record.email ? (trusted ? EmailOrigin.VOUCHED : EmailOrigin.SUGGESTED) : null,
      primaryPhoneNumber: record.primaryPhoneNumber,
      mobilePhoneNumber: record.mobilePhoneNumber,
      extension: record.extension,
      packageType,
      selfActivated: terms.selfActivated ?? false,
    },
    { emailGiven: trusted && record.email !== null, emailsTrusted: !template.untrustedEmails },
    'handOver',
  )
  await keepRecord(ctx, tx, { ...record, packageType, partnerId, onboardingTemplateId: template.id })
  if (effect === 'CREATE') {
    // A user at the portal cannot mend a connection that only reads: the attempt ends in an error that an administrator sees.
    if (terms.trigger !== AttemptTrigger.PORTAL) await writableCheck(ctx)()
    await startAttempt(ctx, tx, user, effect, terms.trigger)
  }
  return { userId: user.id, created: true }
}

/** Who has the BroadWorks ID: a living user, or deleted ones that Webex may still hold. @param key see `comparisonKey` */
export function usersOfBroadworksId(
  manager: EntityManager,
  partnerId: string,
  key: string,
): Promise<Pick<ProvisionedUser, 'id' | 'deletedAt'>[]> {
  return manager
    .createQueryBuilder(ProvisionedUser, 'row')
    .select(['row.id', 'row.deletedAt'])
    .where('row.partnerId = :partnerId AND row.broadworksIdKey = :key', { partnerId, key })
    .andWhere('(row.deletedAt IS NULL OR row.deletionEndedAt IS NULL)')
    .getMany()
}

/** An enterprise is on one template for good. */
export function otherTemplate(path: string[]): Refusal {
  const message = `${OTHER_TEMPLATE}: ${catalogEntry(OTHER_TEMPLATE, 'en')?.meaning ?? ''}`
  return new Refusal([{ code: UserErrorCode.INVALID, field: [...path, 'spEnterpriseId'], message, catalogCode: OTHER_TEMPLATE }])
}

const DELETION_POLL_MS = 200

/**
 * Does the work, and again for as long as a deletion is under way.
 * @param deadline in milliseconds of `performance.now()`; what waits together shares one
 * @throws Refusal INVALID_STATE after the deadline
 */
export async function waitingForDeletion<Result>(deadline: number, path: string[], work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof DeletionUnderWay)) throw error
      if (performance.now() > deadline) {
        throw refuse(
          UserErrorCode.INVALID_STATE,
          [...path, 'broadworksId'],
          `${error.message} was deleted, and Webex has not finished deleting it; try again in a minute.`,
          'DELETION_UNDER_WAY',
        )
      }
      await sleep(DELETION_POLL_MS)
    }
  }
}

/** What BroadWorks said of a user, living or not. @param key see `comparisonKey` */
export function readHandOver(manager: Transaction['manager'], partnerId: string, key: string): Promise<HandOver | null> {
  return readRow(
    selectRows(manager, HandOver, 'row').where('row.partnerId = :partnerId AND row.broadworksIdKey = :key', { partnerId, key }),
  )
}

/** Whether BroadWorks says the same again; what an item leaves out is not compared. */
function isEqual(known: HandOver, record: PreparedHandOver['record'], templateId: string): boolean {
  const { packageType, passcodeHash: _, customerName, ...said } = record
  return (
    known.onboardingTemplateId === templateId &&
    (Object.keys(said) as (keyof typeof said)[]).every(field => known[field] === said[field]) &&
    (customerName === null || known.customerName === customerName) &&
    (packageType === null || known.packageType === packageType)
  )
}

/** Compares again only when the record was written since: by an equal row before this one, or by somebody else. */
async function hasPasscode({ passcodeHash }: HandOver, { given, comparedWith, equal }: PreparedHandOver['passcode']): Promise<boolean> {
  if (given === '') return true
  if (passcodeHash === null) return false
  return passcodeHash === comparedWith ? equal : verifyPasscode(given, passcodeHash)
}

function newCustomer({ id }: OnboardingTemplate, { spEnterpriseId, customerName }: PreparedHandOver['record']): NewCustomer {
  return { onboardingTemplateId: id, spEnterpriseId, name: customerName, webexOrgId: null }
}

async function keepRecord(ctx: Acting, { manager }: Transaction, record: Omit<HandOver, 'createdAt' | 'updatedAt'>): Promise<void> {
  const now = timestamp(ctx.clock.now())
  const { partnerId, broadworksIdKey, spEnterpriseId } = record
  const known = await readHandOver(manager, partnerId, broadworksIdKey)
  if (!known) {
    await manager.insert(HandOver, { ...record, createdAt: now, updatedAt: now })
    return
  }
  // What is not said stays as it was said; the name, as long as it is that of the same customer.
  const customerName = record.customerName ?? (known.spEnterpriseId === spEnterpriseId ? known.customerName : null)
  const passcodeHash = record.passcodeHash ?? known.passcodeHash
  await manager.update(HandOver, { partnerId, broadworksIdKey }, { ...record, customerName, passcodeHash, updatedAt: now })
}
