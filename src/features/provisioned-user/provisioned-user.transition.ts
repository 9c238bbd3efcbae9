import type { QueryDeepPartialEntity } from 'typeorm'
import { StaleRowError, type Transaction } from '../../database/database'
import { unlessTaken } from '../../database/transactions'
import type { Acting } from '../../context/context'
import {
  decide,
  type Effect,
  type Facts,
  NO_FACTS,
  type RefusalReason,
  type State,
  type Trigger,
  UserStatus,
} from '../../provisioning/lifecycle'
import { timestamp, type Timestamp } from '../../shared/clock'
import { refuse, UserErrorCode } from '../../shared/errors'
import { differences, recordAudit } from '../audit-event/audit-event.service'
import { newPersonalKey } from '../audit-event/sealing'
import { recordUserChanges } from '../change-log/change-log.service'
import { type ProfileChange, ProvisionedUser } from './provisioned-user.entity'
import { aboutUser, AUDITED, derivedColumns, NO_VALIDATION, type UserFields } from './user-fields'

export interface Transitioned {
  user: ProvisionedUser
  effect: Effect
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

/** The count of automatic attempts belongs to one failure, and starts again with every status outside of these. */
const STATUSES_OF_FAILURE: readonly UserStatus[] = [UserStatus.PROVISIONING, UserStatus.UPDATING, UserStatus.ERROR]

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
    ...(STATUSES_OF_FAILURE.includes(status) ? {} : { automaticAttempts: 0 }),
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
  const { affected } = await unlessTaken(() =>
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

function refusalOf(reason: RefusalReason, user: ProvisionedUser, action: string): Error {
  switch (reason) {
    case 'EMAIL_REQUIRED': {
      const message = 'No confirmed or vouched address is on record for this user; give one in `email`.'
      return refuse(UserErrorCode.EMAIL_REQUIRED, ['email'], message, reason)
    }
    case 'EMAIL_FIXED': {
      const message =
        'This user is at Webex already and an update failed; Webex cannot change the address. Retry without `email`, or delete the user and start again.'
      return refuse(UserErrorCode.INVALID, ['email'], message, reason)
    }
    case 'INVALID_STATE': {
      const message = `${user.broadworksId} is ${user.status}; ${action} is not possible in that state.`
      return refuse(UserErrorCode.INVALID_STATE, [], message, reason)
    }
  }
}
