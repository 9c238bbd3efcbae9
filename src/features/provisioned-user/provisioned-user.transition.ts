import type { QueryDeepPartialEntity } from 'typeorm'
import { StaleRowError, type Transaction } from '../../database/database'
import { isUniqueViolation } from '../../database/transactions'
import type { Acting } from '../../graphql/context'
import { primaryError } from '../../provisioning/error-catalog'
import {
  decide,
  type Effect,
  type Facts,
  NO_FACTS,
  type RefusalReason,
  type State,
  type Trigger,
  triggerOfSync,
  UserStatus,
} from '../../provisioning/lifecycle'
import { timestamp, type Timestamp } from '../../shared/clock'
import { refuse, UserErrorCode } from '../../shared/errors'
import { newId } from '../../shared/ids'
import { comparisonKey, searchText } from '../../shared/text'
import { differences, recordAudit, recordAudits } from '../audit-event/audit-event.service'
import { newPersonalKey } from '../audit-event/sealing'
import { causeKeyOf } from '../user-change/user-bucket'
import { recordUserChanges } from '../user-change/user-change.service'
import { EmailOrigin, type ProfileChange, ProvisionedUser } from './provisioned-user.entity'

/** What a caller may set; status, keys and counters follow from it. */
export type UserFields = Omit<
  ProvisionedUser,
  | 'id'
  | 'status'
  | 'unfinished'
  | 'lastStatusChange'
  | 'deletedAt'
  | 'broadworksIdKey'
  | 'lastNameKey'
  | 'trustedEmailKey'
  | 'searchText'
  | 'errorCode'
  | 'errorHttpStatus'
  | 'unanswered'
  | 'causeKey'
  | 'revision'
  | 'createdAt'
  | 'updatedAt'
>

/** No validation mail has a link that works. */
export const NO_VALIDATION = { validationId: null, validationExpiresAt: null, validationMailRefusedAt: null }

/** What a user starts without; a hand-over and a sync say the rest. */
export const NEW_USER = {
  broadworksIdSuffix: null,
  webexSubscriberId: null,
  webexPersonId: null,
  creationUnconfirmed: false,
  consentMailedAt: null,
  consentCheckAt: null,
  emailConfirmedAt: null,
  ...NO_VALIDATION,
  requestedPackageType: null,
  requestedProfile: null,
  upstreamErrors: [],
  nextAttemptAt: null,
  automaticAttempts: 0,
  parkedAttemptId: null,
  selfActivated: false,
  deletionEndedAt: null,
  personalKey: null,
} satisfies Partial<UserFields>

export type NewUserFields = Omit<UserFields, keyof typeof NEW_USER> & Partial<UserFields>

export interface Transitioned {
  user: ProvisionedUser
  effect: Effect
}

/** What an audit event tells of a user. */
const AUDITED = [
  'status',
  'email',
  'packageType',
  'requestedPackageType',
  'firstName',
  'lastName',
  'primaryPhoneNumber',
  'mobilePhoneNumber',
  'extension',
  'errorCode',
] as const

/** Makes a user as the lifecycle says for a hand-over. @throws Refusal EMAIL_REQUIRED when the template trusts addresses and none is given. */
export async function insertUser(
  ctx: Acting,
  tx: Transaction,
  given: NewUserFields,
  facts: Partial<Facts>,
  action: string,
): Promise<Transitioned> {
  const decision = decide('NEW', 'HAND_OVER', { ...NO_FACTS, ...facts })
  if (!decision.allowed)
    throw refuse(UserErrorCode.EMAIL_REQUIRED, ['email'], 'This template trusts e-mail addresses, so the user needs one.')
  const user = newUser(ctx, given, decision.to as UserStatus)
  await retryingWhenTaken(() => tx.manager.insert(ProvisionedUser, user as QueryDeepPartialEntity<ProvisionedUser>))
  await recordUserChanges(ctx, tx, [{ before: null, after: user }])
  await recordAudit(ctx, tx, { ...aboutUser(user), action, changes: differences<ProvisionedUser>(AUDITED, {}, user) })
  return { user, effect: decision.effect }
}

/** A user whom a sync found at Webex, with the times that Webex tells. */
export interface FoundUser {
  fields: NewUserFields
  status: UserStatus
  createdAt: Timestamp
  lastStatusChange: Timestamp
}

/** Makes users whom nobody handed over, as Webex shows them; many in one statement. */
export async function insertFoundUsers(ctx: Acting, tx: Transaction, found: FoundUser[], action: string): Promise<ProvisionedUser[]> {
  const users = found.map(({ fields, status, createdAt, lastStatusChange }) => {
    const decision = decide('NEW', triggerOfSync(status), NO_FACTS)
    if (!decision.allowed) throw new Error(`A sync cannot make a user in ${status}.`)
    return { ...newUser(ctx, fields, decision.to as UserStatus), createdAt, lastStatusChange }
  })
  if (users.length === 0) return users
  await retryingWhenTaken(() =>
    tx.manager
      .createQueryBuilder()
      .insert()
      .into(ProvisionedUser)
      .values(users as QueryDeepPartialEntity<ProvisionedUser>[])
      .updateEntity(false)
      .execute(),
  )
  await recordUserChanges(
    ctx,
    tx,
    users.map(after => ({ before: null, after })),
  )
  const changes = (user: ProvisionedUser) => differences<ProvisionedUser>(AUDITED, {}, user)
  await recordAudits(
    ctx,
    tx,
    users.map(user => ({ ...aboutUser(user), action, changes: changes(user) })),
  )
  return users
}

function newUser(ctx: Acting, given: NewUserFields, status: UserStatus): ProvisionedUser {
  const now = timestamp(ctx.clock.now())
  const fields: UserFields = { ...NEW_USER, personalKey: newPersonalKey(ctx.config.encryptionKeys), ...given }
  const standing = { status, deletedAt: null }
  return {
    ...fields,
    ...standing,
    ...derivedColumns({ ...fields, ...standing }),
    id: newId('ProvisionedUser'),
    lastStatusChange: now,
    revision: 1,
    createdAt: now,
    updatedAt: now,
  }
}

export interface TriggerOptions {
  trigger: Trigger
  facts?: Partial<Facts>
  fields?: Partial<UserFields>
  /** As the audit log shows it. */
  action: string
  /** When the status changed; now when left out. */
  changedAt?: Timestamp
}

/**
 * Lets a trigger act on a user: the one place that writes a status. The row is written only when nobody changed it since it was
 * read; otherwise the transaction is run again on what is there now.
 * @throws Refusal INVALID_STATE, EMAIL_REQUIRED or INVALID when the lifecycle refuses.
 */
export async function applyTrigger(
  ctx: Acting,
  tx: Transaction,
  user: ProvisionedUser,
  { trigger, facts = {}, fields = {}, action, changedAt }: TriggerOptions,
): Promise<Transitioned> {
  const { to, effect } = requireAllowed(user, trigger, facts, action)
  const now = timestamp(ctx.clock.now())
  const status = to === 'DELETED' ? user.status : (to as UserStatus)
  // What waited was about the old state, or about the old address.
  const waits = to === user.status && trigger !== 'SUBMIT_EMAIL'
  const waitsNoMore = waits ? {} : { nextAttemptAt: null, parkedAttemptId: null, emailConfirmedAt: null, ...NO_VALIDATION }
  const after = await write(ctx, tx, user, {
    ...waitsNoMore,
    ...fields,
    status,
    lastStatusChange: status === user.status ? user.lastStatusChange : (changedAt ?? now),
    deletedAt: to === 'DELETED' ? now : null,
  })
  await recordAudit(ctx, tx, { ...aboutUser(after), action, changes: differences<ProvisionedUser>(AUDITED, meant(user), meant(after)) })
  return { user: after, effect }
}

/** What a trigger would come to. @throws Refusal as `applyTrigger` does; changes nothing. */
export function requireAllowed(
  user: ProvisionedUser,
  trigger: Trigger,
  facts: Partial<Facts>,
  action: string,
): { to: State; effect: Effect } {
  const state = user.deletedAt ? 'DELETED' : user.status
  const decision = decide(state, trigger, { ...NO_FACTS, ...factsOf(user), ...facts })
  if (!decision.allowed) throw refusalOf(decision.reason, user, action)
  return decision
}

/** What a guard may ask about the user alone. */
export function factsOf({ webexPersonId, emailConfirmedAt }: ProvisionedUser): Pick<Facts, 'hasPerson' | 'emailConfirmed'> {
  return { hasPerson: webexPersonId !== null, emailConfirmed: emailConfirmedAt !== null }
}

/** Whom an audit event is about, and the key under which it keeps that. */
export function aboutUser({ id, broadworksId, customerId, personalKey }: ProvisionedUser) {
  return { targetId: id, targetLabel: broadworksId, customerId, personalKey }
}

/** A user with the names and numbers that were asked for: on record when they were asked for, and not again when Webex has them. */
function meant(user: ProvisionedUser): ProvisionedUser {
  const asked = Object.entries(user.requestedProfile ?? {}).map(([field, value]) => [field, value === '' ? null : value])
  return { ...user, ...(Object.fromEntries(asked) as ProfileChange) }
}

/** Changes what the lifecycle does not care about, such as the ID that Webex gave; no audit event. */
export async function amendUser(
  ctx: Acting,
  tx: Transaction,
  user: ProvisionedUser,
  fields: Partial<UserFields>,
): Promise<ProvisionedUser> {
  return write(ctx, tx, user, fields)
}

/** Puts on record when Webex is asked next whether the owner of the address consented: no change that anybody could see. */
export async function planConsentCheck({ manager }: Transaction, userId: string, consentCheckAt: Timestamp): Promise<void> {
  await manager.update(ProvisionedUser, { id: userId }, { consentCheckAt })
}

async function write(ctx: Acting, tx: Transaction, before: ProvisionedUser, fields: Partial<ProvisionedUser>): Promise<ProvisionedUser> {
  const merged = { ...before, ...fields }
  const after: ProvisionedUser = {
    ...merged,
    ...derivedColumns(merged),
    // Who was there before there were keys gets one with the first change.
    personalKey: merged.personalKey ?? (before.deletedAt === null ? newPersonalKey(ctx.config.encryptionKeys) : null),
    revision: before.revision + 1,
    updatedAt: timestamp(ctx.clock.now()),
  }
  const { affected } = await retryingWhenTaken(() =>
    tx.manager.update(ProvisionedUser, { id: before.id, revision: before.revision }, changedColumns(before, after)),
  )
  if (affected !== 1) throw new StaleRowError(`User ${before.id} changed meanwhile.`)
  await recordUserChanges(ctx, tx, [{ before, after }])
  return after
}

/** An update names what changed and no more: the user has twenty indexes, and each column that is named touches some. */
function changedColumns(before: ProvisionedUser, after: ProvisionedUser): QueryDeepPartialEntity<ProvisionedUser> {
  const names = Object.keys(after) as (keyof ProvisionedUser)[]
  return Object.fromEntries(names.filter(name => after[name] !== before[name]).map(name => [name, after[name]]))
}

/** What follows from the other fields, and is kept beside them for indexes. */
export function derivedColumns(fields: UserFields & Pick<ProvisionedUser, 'status' | 'deletedAt'>) {
  const error = primaryError(fields.upstreamErrors)
  const trusted = fields.emailOrigin === EmailOrigin.CONFIRMED || fields.emailOrigin === EmailOrigin.VOUCHED
  const errorColumns = {
    errorCode: error?.code ?? null,
    errorHttpStatus: error?.httpStatus ?? null,
    unanswered: error !== null && error.code === null && error.httpStatus === null && error.upstreamText === null,
  }
  return {
    unfinished: fields.deletedAt === null && fields.status !== UserStatus.PROVISIONED,
    broadworksIdKey: comparisonKey(fields.broadworksId) + (fields.broadworksIdSuffix ?? ''),
    lastNameKey: comparisonKey(fields.lastName),
    trustedEmailKey: trusted && fields.email ? comparisonKey(fields.email) : null,
    searchText: searchText(fields.broadworksId, fields.email, `${fields.firstName} ${fields.lastName}`),
    ...errorColumns,
    causeKey: causeKeyOf({ ...fields, ...errorColumns }),
  }
}

/** Two changes took one BroadWorks ID or address at the same moment: the second looks again, and finds it taken. */
async function retryingWhenTaken<Result>(writing: () => Promise<Result>): Promise<Result> {
  try {
    return await writing()
  } catch (error) {
    if (isUniqueViolation(error)) throw new StaleRowError('Somebody took the same key at the same moment.')
    throw error
  }
}

function refusalOf(reason: RefusalReason, user: ProvisionedUser, action: string): Error {
  switch (reason) {
    case 'EMAIL_REQUIRED':
      return refuse(
        UserErrorCode.EMAIL_REQUIRED,
        ['email'],
        'No confirmed or vouched address is on record for this user; give one in `email`.',
      )
    case 'EMAIL_FIXED':
      return refuse(
        UserErrorCode.INVALID,
        ['email'],
        'This user is at Webex already and an update failed; Webex cannot change the address. Retry without `email`, or delete the user and start again.',
      )
    case 'INVALID_STATE':
      return refuse(UserErrorCode.INVALID_STATE, [], `${user.broadworksId} is ${user.status}; ${action} is not possible in that state.`)
  }
}
