import type { Transaction } from '../../database/database'
import { unlessTaken } from '../../database/transactions'
import type { Acting } from '../../context/context'
import { timestamp } from '../../shared/clock'
import { newId } from '../../shared/ids'
import { comparisonKey, searchText } from '../../shared/text'
import { differences, recordAudit } from '../audit-event/audit-event.service'
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
  await unlessTaken(() => tx.manager.insert(Customer, customer))
  await recordAudit(ctx, tx, { ...aboutCustomer(customer), action: 'createCustomer', changes: differences(AUDITED, {}, customer) })
  return customer
}

/** Keeps the Webex organisation of a customer, as Webex told it. */
export async function keepOrganization(ctx: Acting, tx: Transaction, customer: Customer, webexOrgId: string): Promise<void> {
  await tx.manager.update(Customer, { id: customer.id }, { webexOrgId, updatedAt: timestamp(ctx.clock.now()) })
  const changes = differences(AUDITED, customer, { ...customer, webexOrgId })
  await recordAudit(ctx, tx, { ...aboutCustomer(customer), action: 'changedAtWebex', changes })
}

const AUDITED = ['spEnterpriseId', 'name', 'onboardingTemplateId', 'webexOrgId'] as const

function aboutCustomer({ id, spEnterpriseId }: Customer) {
  return { targetId: id, targetLabel: spEnterpriseId, customerId: id }
}
