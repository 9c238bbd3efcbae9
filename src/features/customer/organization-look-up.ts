import type { Transaction } from '../../database/database'
import { readById } from '../../database/rows'
import type { Acting, Platform } from '../../context/context'
import { WebexError } from '../../webex/webex-error'
import { Customer } from './customer.entity'
import { keepOrganization } from './customer.service'

export const LOOK_UP_ORGANIZATION = 'look-up-organization'

/** Nobody waits for it, and the next user of the customer or a sync brings it as well. */
const PAUSE_MS = 60_000

/** Webex makes a customer's organisation with its first user; only then can its ID be asked for. */
export async function enqueueOrganizationLookUp(ctx: Acting, tx: Transaction, customerId: string, pauseMs = 0): Promise<void> {
  const runAt = new Date(ctx.clock.now().getTime() + pauseMs)
  await ctx.queue.enqueue(tx, { name: LOOK_UP_ORGANIZATION, payload: { customerId }, runAt })
}

export async function lookUpOrganization(platform: Platform, customerId: string): Promise<void> {
  const { database } = platform
  const customer = await readById(database.reader, Customer, customerId)
  if (!customer || customer.webexOrgId) return
  const ctx: Acting = { ...platform, actor: { partnerId: customer.partnerId, name: 'activation', requestId: null } }
  try {
    const client = await platform.webex.of(customer.partnerId)
    const { value: webexOrgId } = await client.findOrganization(customer.spEnterpriseId)
    if (!webexOrgId) return
    await database.transaction(tx => keepOrganization(ctx, tx, customer, webexOrgId))
  } catch (error) {
    if (!(error instanceof WebexError)) throw error
    // What is refused for good ends here: it is a detail of the customer, and no user waits for it.
    if (error.isTransient) await database.transaction(tx => enqueueOrganizationLookUp(ctx, tx, customerId, PAUSE_MS))
  }
}
