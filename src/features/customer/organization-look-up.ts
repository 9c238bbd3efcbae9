import { readById } from '../../database/rows'
import type { Acting, Platform } from '../../context/context'
import { enqueue, implementJob } from '../../queue/define-job'
import { WebexError } from '../../webex/webex-error'
import { Customer } from './customer.entity'
import { lookUpOrganizationJob } from './customer.jobs'
import { keepOrganization } from './customer.service'

/** No user waits for the ID, and the next user of the customer or a sync brings it as well. */
const PAUSE_MS = 60_000

export const lookUpOrganizationWorker = implementJob(lookUpOrganizationJob, async (platform: Platform, { customerId }) => {
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
    // A permanent error ends the look-up: the ID is a detail of the customer, and no user waits for it.
    if (error.isTransient) await database.transaction(tx => enqueue(ctx, tx, lookUpOrganizationJob, { customerId }, { pauseMs: PAUSE_MS }))
  }
})
