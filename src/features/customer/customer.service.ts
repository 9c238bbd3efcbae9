import { StaleRowError, type Transaction } from '../../database/database'
import { isUniqueViolation } from '../../database/transactions'
import type { Acting } from '../../graphql/context'
import { timestamp } from '../../shared/clock'
import { newId } from '../../shared/ids'
import { comparisonKey, searchText } from '../../shared/text'
import { recordAudit } from '../audit-event/audit-event.service'
import { Customer } from './customer.entity'

export interface NewCustomer {
  onboardingTemplateId: string
  spEnterpriseId: string
  /** Null when nobody told it: then the part of the enterprise ID after `+`, because Webex gives enterprises no name. */
  name: string | null
  webexOrgId: string | null
}

/** Makes the customer of its first user. */
export async function insertCustomer(ctx: Acting, tx: Transaction, given: NewCustomer): Promise<Customer> {
  const { spEnterpriseId } = given
  const now = timestamp(ctx.clock.now())
  const name = given.name ?? spEnterpriseId.slice(spEnterpriseId.indexOf('+') + 1)
  const customer: Customer = {
    ...given,
    id: newId('Customer'),
    partnerId: ctx.actor.partnerId,
    name,
    nameKey: comparisonKey(name),
    searchText: searchText(name, spEnterpriseId),
    createdAt: now,
    updatedAt: now,
  }
  try {
    await tx.manager.insert(Customer, customer)
  } catch (error) {
    if (isUniqueViolation(error)) throw new StaleRowError('Somebody made this customer at the same moment.')
    throw error
  }
  await recordAudit(ctx, tx, { action: 'createCustomer', targetId: customer.id, targetLabel: spEnterpriseId, customerId: customer.id })
  return customer
}
