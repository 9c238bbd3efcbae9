import type { EntityManager } from 'typeorm'
import type { Transaction } from '../../database/database'
import { refuse, UserErrorCode } from '../../shared/errors'
import { comparisonKey } from '../../shared/text'
import { EmailOrigin, ProvisionedUser } from './provisioned-user.entity'

/**
 * Confirmed and vouched addresses are unique among the living users of a partner; others are not, so that nobody can keep an
 * address from its owner by typing it.
 * @throws Refusal TAKEN for the field `email` below `path`; it does not say by whom.
 */
export async function refuseTakenAddress(
  { manager }: Transaction,
  partnerId: string,
  email: string,
  exceptUserId: string | null,
  path: string[] = [],
): Promise<void> {
  if (await isTakenAddress(manager, partnerId, email, exceptUserId)) {
    throw refuse(UserErrorCode.TAKEN, [...path, 'email'], 'Another user has this address already; an address belongs to one user.')
  }
}

/** Whether the address is confirmed or vouched for another living user. */
export async function isTakenAddress(
  manager: EntityManager,
  partnerId: string,
  email: string,
  exceptUserId: string | null,
): Promise<boolean> {
  return manager
    .createQueryBuilder(ProvisionedUser, 'row')
    .where('row.partnerId = :partnerId AND row.trustedEmailKey = :key AND row.deletedAt IS NULL', { partnerId, key: comparisonKey(email) })
    .andWhere('row.id <> :exceptUserId', { exceptUserId: exceptUserId ?? '' })
    .getExists()
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
