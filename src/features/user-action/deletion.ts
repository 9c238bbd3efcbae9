import type { Transaction } from '../../database/database'
import { readById } from '../../database/rows'
import type { Acting, Platform } from '../../context/context'
import { isTransient, noAnswer, type UpstreamError } from '../../provisioning/error-catalog'
import { enqueue, implementJob, type PayloadOf } from '../../queue/define-job'
import type { WebexClient } from '../../webex/webex-client'
import { WebexError } from '../../webex/webex-error'
import { timestamp } from '../../shared/clock'
import { isCreationUnderWay } from '../activation-attempt/activation-attempt.service'
import { isOurs } from '../activation-attempt/subscriber-mapping'
import { LATE_CREATION_MS, mayBeCreatedLate } from '../activation-attempt/unanswered-creation'
import { recordAudit } from '../audit-event/audit-event.service'
import { Customer } from '../customer/customer.entity'
import { OnboardingTemplate } from '../onboarding-template/onboarding-template.entity'
import { isTakenAddress } from '../provisioned-user/addresses'
import { EmailOrigin, type ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { deleteSubscriberJob, releaseWaitingUsersJob } from '../provisioned-user/provisioned-user.jobs'
import { readUser } from '../provisioned-user/provisioned-user.loaders'
import { amendUser, applyTrigger } from '../provisioned-user/provisioned-user.transition'
import { aboutUser } from '../provisioned-user/user-fields'

const PAUSE_MIN_MS = 1000
const PAUSE_MAX_MS = 10 * 60_000

export const deleteSubscriberWorker = implementJob(deleteSubscriberJob, deleteSubscriber, abandonDeletion)

type Payload = PayloadOf<typeof deleteSubscriberJob>

/** Makes the next call that deletes a user at Webex. After a transient error the job runs again; after any other the user is alive again, in ERROR. */
async function deleteSubscriber(platform: Platform, { userId }: Payload): Promise<void> {
  const user = await readUser(platform.database.reader, userId)
  if (!user?.deletedAt || user.deletionEndedAt) return
  const ctx: Acting = { ...platform, actor: { partnerId: user.partnerId, name: 'deletion', requestId: null } }
  if (!user.webexSubscriberId && (await isCreationUnderWay(ctx.database.reader, userId, ctx.clock.now()))) {
    return ctx.database.transaction(tx => tryAgainLater(ctx, tx, user))
  }
  const client = await platform.webex.of(user.partnerId)
  try {
    if (user.creationUnconfirmed) return await lookForCreation(ctx, client, user)
    if (user.webexSubscriberId) await deleteKnown(client, user.webexSubscriberId)
    await endDeletion(ctx, user)
  } catch (error) {
    if (!(error instanceof WebexError)) throw error
    // An expired token of ours says nothing of the user; the others are the same call's chance later.
    const [first] = error.errors
    const passing = error.httpStatus === 401 || (first && isTransient(first))
    await ctx.database.transaction(tx =>
      passing ? tryAgainLater(ctx, tx, user, error.retryAfterMs) : revive(ctx, tx, userId, error.errors),
    )
  }
}

/** Revives a user whose deletion failed for good because of an error of this server. The log has the error. */
async function abandonDeletion(platform: Platform, { userId }: Payload): Promise<void> {
  const user = await readUser(platform.database.reader, userId)
  if (!user?.deletedAt || user.deletionEndedAt) return
  const ctx: Acting = { ...platform, actor: { partnerId: user.partnerId, name: 'deletion', requestId: null } }
  await ctx.database.transaction(tx => revive(ctx, tx, userId, [noAnswer(null)]))
}

async function deleteKnown(client: WebexClient, subscriberId: string): Promise<void> {
  try {
    await client.deleteSubscriber(subscriberId)
  } catch (error) {
    if (!(error instanceof WebexError) || error.httpStatus !== 404) throw error
  }
}

/** Ends it, or has it look on where an unanswered creation of before may yet make another subscriber of the user. */
async function endDeletion(ctx: Acting, { id }: ProvisionedUser): Promise<void> {
  const now = ctx.clock.now()
  await ctx.database.transaction(async tx => {
    const creationUnconfirmed = await mayBeCreatedLate(tx.manager, id, now)
    // The ID of what was deleted is kept: a list of Webex's that is behind must not bring the user back.
    const fields = creationUnconfirmed ? { creationUnconfirmed } : { deletionEndedAt: timestamp(now) }
    const user = await amendUser(ctx, tx, await tombstone(tx, id), fields)
    if (creationUnconfirmed) await tryAgainLater(ctx, tx, user)
    else await recordAudit(ctx, tx, { ...aboutUser(user), action: 'deletedAtWebex' })
  })
}

/** A creation was sent before the user was deleted and its answer never came: what it made is deleted next, as soon as it shows. */
async function lookForCreation(ctx: Acting, client: WebexClient, user: ProvisionedUser): Promise<void> {
  const mayShowLater = ctx.clock.now().getTime() - Date.parse(user.deletedAt as string) < LATE_CREATION_MS
  const found = await findOurs(ctx, client, user)
  await ctx.database.transaction(async tx => {
    if (!found && mayShowLater) return tryAgainLater(ctx, tx, user)
    const outcome = found ? { webexSubscriberId: found } : { deletionEndedAt: timestamp(ctx.clock.now()) }
    await amendUser(ctx, tx, await tombstone(tx, user.id), { creationUnconfirmed: false, ...outcome })
    if (found) await enqueue(ctx, tx, deleteSubscriberJob, { userId: user.id })
  })
}

/** Never somebody else's subscriber of the same BroadWorks ID. */
async function findOurs(ctx: Acting, client: WebexClient, user: ProvisionedUser): Promise<string | null> {
  const customer = await readById(ctx.database.reader, Customer, user.customerId)
  const template = await readById(ctx.database.reader, OnboardingTemplate, user.onboardingTemplateId)
  if (!customer || !template) return null
  const { value: subscribers } = await client.findSubscribers(user.broadworksId)
  return subscribers.find(subscriber => isOurs(subscriber, user, customer, template))?.id ?? null
}

async function tryAgainLater(ctx: Acting, tx: Transaction, user: ProvisionedUser, retryAfterMs: number | null = null): Promise<void> {
  const waitedMs = ctx.clock.now().getTime() - Date.parse(user.deletedAt as string)
  const pauseMs = Math.max(retryAfterMs ?? 0, Math.min(PAUSE_MAX_MS, Math.max(PAUSE_MIN_MS, waitedMs / 4)))
  await enqueue(ctx, tx, deleteSubscriberJob, { userId: user.id }, { pauseMs })
}

async function tombstone({ manager }: Transaction, userId: string): Promise<ProvisionedUser> {
  return (await readUser(manager, userId)) as ProvisionedUser
}

async function revive(ctx: Acting, tx: Transaction, userId: string, errors: UpstreamError[]): Promise<void> {
  const user = await tombstone(tx, userId)
  const taken = user.trustedEmailKey !== null && (await isTakenAddress(tx.manager, user.partnerId, user.email ?? '', user.id))
  await applyTrigger(ctx, tx, user, {
    trigger: 'DELETION_REFUSED',
    fields: { upstreamErrors: errors, ...(taken ? { emailOrigin: EmailOrigin.SYNCED } : {}) },
    action: 'deletionRefused',
  })
  // The customer has its administrator back, and users who confirmed meanwhile wait for nothing any more.
  if (user.webexPersonId) await enqueue(ctx, tx, releaseWaitingUsersJob, { customerId: user.customerId })
}
