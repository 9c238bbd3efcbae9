import type { Transaction } from '../../database/database'
import { readRow, selectRows } from '../../database/rows'
import type { Acting, Platform } from '../../graphql/context'
import { type WebexClient, WebexError } from '../../provisioning/webex-client'
import { timestamp } from '../../shared/clock'
import { comparisonKey } from '../../shared/text'
import { isCreationUnderWay } from '../activation-attempt/activation-attempt.service'
import { Customer } from '../customer/customer.entity'
import { EmailOrigin, ProvisionedUser } from './provisioned-user.entity'
import { readUser } from './provisioned-user.loaders'
import { amendUser, applyTrigger } from './provisioned-user.transition'

export const DELETE_SUBSCRIBER = 'delete-subscriber'

const PAUSE_MIN_MS = 1000
const PAUSE_MAX_MS = 10 * 60_000

/** Has what Webex holds of a deleted user deleted there. */
export async function enqueueDeletion(ctx: Acting, tx: Transaction, userId: string, pauseMs = 0): Promise<void> {
  const runAt = new Date(ctx.clock.now().getTime() + pauseMs)
  await ctx.queue.enqueue(tx, { name: DELETE_SUBSCRIBER, payload: { userId }, runAt })
}

/** Deletes at Webex. Refused for good, the user is alive again, in ERROR; for the time being, it is tried again. */
export async function deleteSubscriber(platform: Platform, userId: string): Promise<void> {
  const user = await readUser(platform.database.reader, userId)
  if (!user?.deletedAt || user.deletionEndedAt) return
  const ctx: Acting = { ...platform, actor: { partnerId: user.partnerId, name: 'deletion', requestId: null } }
  if (!user.webexSubscriberId && (await isCreationUnderWay(ctx.database.reader, userId))) {
    return ctx.database.transaction(tx => tryAgainLater(ctx, tx, user))
  }
  const client = await platform.webex.of(user.partnerId)
  try {
    for (const subscriberId of await subscribersOf(ctx, client, user)) await deleteOne(client, subscriberId)
    const deletionEndedAt = timestamp(ctx.clock.now())
    await ctx.database.transaction(async tx => amendUser(ctx, tx, await tombstone(tx, userId), { deletionEndedAt }))
  } catch (error) {
    if (!(error instanceof WebexError)) throw error
    await ctx.database.transaction(tx => (error.isTransient ? tryAgainLater(ctx, tx, user) : revive(ctx, tx, userId, error)))
  }
}

/** The subscriber that we know, or whatever a creation made whose answer never came. */
async function subscribersOf(ctx: Acting, client: WebexClient, user: ProvisionedUser): Promise<string[]> {
  if (user.webexSubscriberId) return [user.webexSubscriberId]
  const customer = await readRow(selectRows(ctx.database.reader, Customer, 'row').where('row.id = :id', { id: user.customerId }))
  const { value } = await client.findSubscribers(user.broadworksId)
  return value
    .filter(({ userId, spEnterpriseId }) => comparisonKey(userId) === user.broadworksIdKey && spEnterpriseId === customer?.spEnterpriseId)
    .map(({ id }) => id)
}

async function deleteOne(client: WebexClient, subscriberId: string): Promise<void> {
  try {
    await client.deleteSubscriber(subscriberId)
  } catch (error) {
    if (!(error instanceof WebexError) || error.httpStatus !== 404) throw error
  }
}

async function tryAgainLater(ctx: Acting, tx: Transaction, user: ProvisionedUser): Promise<void> {
  const waitedMs = ctx.clock.now().getTime() - Date.parse(user.deletedAt as string)
  await enqueueDeletion(ctx, tx, user.id, Math.min(PAUSE_MAX_MS, Math.max(PAUSE_MIN_MS, waitedMs / 4)))
}

async function tombstone({ manager }: Transaction, userId: string): Promise<ProvisionedUser> {
  return (await readUser(manager, userId)) as ProvisionedUser
}

async function revive(ctx: Acting, tx: Transaction, userId: string, error: WebexError): Promise<void> {
  const user = await tombstone(tx, userId)
  const taken =
    user.trustedEmailKey !== null &&
    (await tx.manager
      .createQueryBuilder(ProvisionedUser, 'row')
      .where('row.partnerId = :partnerId AND row.trustedEmailKey = :key AND row.deletedAt IS NULL', {
        partnerId: user.partnerId,
        key: user.trustedEmailKey,
      })
      .getExists())
  await applyTrigger(ctx, tx, user, {
    trigger: 'DELETION_REFUSED',
    fields: { upstreamErrors: error.errors, ...(taken ? { emailOrigin: EmailOrigin.SYNCED } : {}) },
    action: 'deletionRefused',
  })
}
