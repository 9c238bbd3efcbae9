import type { QueryDeepPartialEntity } from 'typeorm'
import type { Transaction } from '../../database/database'
import { unlessTaken } from '../../database/transactions'
import type { Acting } from '../../context/context'
import { decide, type Facts, NO_FACTS, triggerOfSync, type UserStatus } from '../../provisioning/lifecycle'
import { timestamp, type Timestamp } from '../../shared/clock'
import { refuse, UserErrorCode } from '../../shared/errors'
import { newId } from '../../shared/ids'
import { differences, recordAudit, recordAudits } from '../audit-event/audit-event.service'
import { newPersonalKey } from '../audit-event/sealing'
import { recordUserChanges } from '../change-log/change-log.service'
import { ProvisionedUser } from './provisioned-user.entity'
import type { Transitioned } from './provisioned-user.transition'
import { aboutUser, AUDITED, derivedColumns, NO_VALIDATION, type UserFields } from './user-fields'

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
  await unlessTaken(() => tx.manager.insert(ProvisionedUser, user as QueryDeepPartialEntity<ProvisionedUser>))
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
  await unlessTaken(() =>
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
