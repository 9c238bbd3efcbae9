import type { Transaction } from '../../database/database'
import { refuse, UserErrorCode } from '../../shared/errors'
import { comparisonKey } from '../../shared/text'
import { ProvisionedUser } from './provisioned-user.entity'

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
  const taken = await manager
    .createQueryBuilder(ProvisionedUser, 'row')
    .where('row.partnerId = :partnerId AND row.trustedEmailKey = :key AND row.deletedAt IS NULL', { partnerId, key: comparisonKey(email) })
    .andWhere('row.id <> :exceptUserId', { exceptUserId: exceptUserId ?? '' })
    .getExists()
  if (taken) throw refuse(UserErrorCode.TAKEN, [...path, 'email'], 'Another user has this address already; an address belongs to one user.')
}
