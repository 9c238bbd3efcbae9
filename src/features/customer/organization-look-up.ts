import type { Transaction } from '../../database/database'
import { readById } from '../../database/rows'
import type { Acting, Platform } from '../../graphql/context'
import { timestamp } from '../../shared/clock'
import { Customer } from './customer.entity'

export const LOOK_UP_ORGANIZATION = 'look-up-organization'

/** Webex makes a customer's organisation with its first user; only then can its ID be asked for. */
export async function enqueueOrganizationLookUp(ctx: Acting, tx: Transaction, customerId: string): Promise<void> {
  await ctx.queue.enqueue(tx, { name: LOOK_UP_ORGANIZATION, payload: { customerId } })
}

export async function lookUpOrganization(platform: Platform, customerId: string): Promise<void> {
  const customer = await readById(platform.database.reader, Customer, customerId)
  if (!customer || customer.webexOrgId) return
  const client = await platform.webex.of(customer.partnerId)
  const { value: webexOrgId } = await client.findOrganization(customer.spEnterpriseId)
  if (!webexOrgId) return
  const updatedAt = timestamp(platform.clock.now())
  await platform.database.transaction(({ manager }) => manager.update(Customer, { id: customer.id }, { webexOrgId, updatedAt }))
}
