import type { Transaction } from '../../database/database'
import type { Acting, Platform } from '../../context/context'
import { enqueue, implementJob, type PayloadOf } from '../../queue/define-job'
import { UserStatus } from '../../provisioning/lifecycle'
import { WebexError } from '../../webex/webex-error'
import { timestamp, type Timestamp } from '../../shared/clock'
import type { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { readUser } from '../provisioned-user/provisioned-user.loaders'
import { applyTrigger, planConsentCheck } from '../provisioned-user/provisioned-user.transition'
import { AttemptTrigger } from './activation-attempt.entity'
import { watchConsentJob } from './activation-attempt.jobs'
import { followByAttempt } from './activation-attempt.service'

/** People answer a mail within minutes or within weeks: a tenth of the time waited so far, within these bounds. */
const PAUSE_MIN_MS = 1000
const PAUSE_MAX_MS = 10 * 60_000

/**
 * Asks now and then whether the owner of the address consented to the move: Webex has nothing that would tell us.
 * @param mailedAt when the consent mail was sent last; from then on the pauses grow
 */
export async function enqueueConsentWatch(ctx: Acting, tx: Transaction, userId: string, mailedAt: Timestamp): Promise<void> {
  const now = ctx.clock.now().getTime()
  const pauseMs = Math.min(PAUSE_MAX_MS, Math.max(PAUSE_MIN_MS, (now - Date.parse(mailedAt)) / 10))
  const at = timestamp(new Date(now + pauseMs))
  await planConsentCheck(tx, userId, at)
  await enqueue(ctx, tx, watchConsentJob, { userId, at }, { pauseMs })
}

export const watchConsentWorker = implementJob(watchConsentJob, watchConsent)

/** Asks Webex once whether the owner consented, and plans the next check while it waits. */
async function watchConsent(platform: Platform, { userId, at }: PayloadOf<typeof watchConsentJob>): Promise<void> {
  const user = await readUser(platform.database.reader, userId)
  if (!user?.webexSubscriberId || !user.consentMailedAt || !waitsForConsent(user, at)) return
  const { consentMailedAt, webexSubscriberId } = user
  const ctx: Acting = { ...platform, actor: { partnerId: user.partnerId, name: 'activation', requestId: null } }
  const waits = await stillWaits(ctx, webexSubscriberId)
  await ctx.database.transaction(async tx => {
    const current = await readUser(tx.manager, user.id)
    if (!current || !waitsForConsent(current, at) || current.webexSubscriberId !== webexSubscriberId) return
    if (waits) return enqueueConsentWatch(ctx, tx, user.id, consentMailedAt)
    const { user: resumed } = await applyTrigger(ctx, tx, current, { trigger: 'UPSTREAM_RESUMED', action: 'statusChanged' })
    await followByAttempt(ctx, tx, resumed, AttemptTrigger.AUTOMATIC)
  })
}

function waitsForConsent(user: ProvisionedUser, at: Timestamp | null): boolean {
  return !user.deletedAt && user.status === UserStatus.PENDING_USER_MIGRATION && user.consentCheckAt === at
}

/** A subscriber that is gone does not wait any more: the attempt that follows puts the error on record. */
async function stillWaits(ctx: Acting, subscriberId: string): Promise<boolean> {
  try {
    const client = await ctx.webex.of(ctx.actor.partnerId)
    const { value } = await client.getSubscriber(subscriberId)
    return value.status === 'pending_user_migration'
  } catch (error) {
    if (error instanceof WebexError) return error.httpStatus !== 404
    throw error
  }
}
