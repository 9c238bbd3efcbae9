import type { EntityManager } from 'typeorm'
import type { Transaction } from '../../database/database'
import { Refusal, UserErrorCode } from '../../shared/errors'
import { comparisonKey } from '../../shared/text'
import { EmailOrigin, ProvisionedUser } from './provisioned-user.entity'

/** "This address is tied to another BroadWorks user", and "a user with it is active", in Cisco's list of portal errors. */
const TIED = 200042
const ACTIVE = 200048

/**
 * Confirmed and vouched addresses are unique among the living users of a partner; others are not, so that nobody can keep an
 * address from its owner by typing it.
 * @throws Refusal TAKEN for the field `email` below `path`, with 200042 or 200048; it does not say by whom.
 */
export async function refuseTakenAddress(
  { manager }: Pick<Transaction, 'manager'>,
  partnerId: string,
  email: string,
  exceptUserId: string | null,
  path: string[] = [],
): Promise<void> {
  const holder = await holderOfAddress(manager, partnerId, email, exceptUserId)
  if (!holder) return
  const message = 'Another user has this address already; an address belongs to one user.'
  const catalogCode = holder.webexPersonId === null ? TIED : ACTIVE
  throw new Refusal([{ code: UserErrorCode.TAKEN, field: [...path, 'email'], message, catalogCode }])
}

/** Whether the address is confirmed or vouched for another living user. */
export async function isTakenAddress(
  manager: EntityManager,
  partnerId: string,
  email: string,
  exceptUserId: string | null,
): Promise<boolean> {
  return (await holderOfAddress(manager, partnerId, email, exceptUserId)) !== null
}

function holderOfAddress(
  manager: EntityManager,
  partnerId: string,
  email: string,
  exceptUserId: string | null,
): Promise<Pick<ProvisionedUser, 'webexPersonId'> | null> {
  return manager
    .createQueryBuilder(ProvisionedUser, 'row')
    .select(['row.id', 'row.webexPersonId'])
    .where('row.partnerId = :partnerId AND row.trustedEmailKey = :key AND row.deletedAt IS NULL', { partnerId, key: comparisonKey(email) })
    .andWhere('row.id <> :exceptUserId', { exceptUserId: exceptUserId ?? '' })
    .getOne()
}

/** The address under which Webex has a user live, where it is not the one on record: it is confirmed by that, unless another has it. */
export async function emailOfLiveUser(
  { manager }: Transaction,
  { id, partnerId, email: known }: ProvisionedUser,
  email: string | null,
): Promise<Partial<Pick<ProvisionedUser, 'email' | 'emailOrigin'>>> {
  if (email === null || comparisonKey(email) === comparisonKey(known ?? '')) return {}
  return { email, emailOrigin: (await isTakenAddress(manager, partnerId, email, id)) ? EmailOrigin.SYNCED : EmailOrigin.CONFIRMED }
}
