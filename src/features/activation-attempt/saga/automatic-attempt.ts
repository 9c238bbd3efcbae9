import type { Transaction } from '../../../database/database'
import type { Acting, Platform } from '../../../context/context'
import { UserStatus } from '../../../provisioning/lifecycle'
import type { Timestamp } from '../../../shared/clock'
import { readUser } from '../../provisioned-user/provisioned-user.loaders'
import { applyTrigger } from '../../provisioned-user/provisioned-user.transition'
import { AttemptTrigger } from '../activation-attempt.entity'
import { startAttempt } from '../activation-attempt.service'

export const ATTEMPT_AUTOMATICALLY = 'attempt-automatically'

/** Plans an attempt that nobody has to ask for. */
export async function enqueueAutomaticAttempt(ctx: Acting, tx: Transaction, userId: string, at: Timestamp): Promise<void> {
  await ctx.queue.enqueue(tx, { name: ATTEMPT_AUTOMATICALLY, payload: { userId, at }, runAt: new Date(at) })
}

/** Makes the attempt that was planned for this time, unless somebody acted since. */
export async function attemptAutomatically(platform: Platform, userId: string, at: Timestamp): Promise<void> {
  await platform.database.transaction(async tx => {
    const user = await readUser(tx.manager, userId)
    if (!user || user.deletedAt || user.status !== UserStatus.ERROR || user.nextAttemptAt !== at) return
    const ctx: Acting = { ...platform, actor: { partnerId: user.partnerId, name: 'activation', requestId: null } }
    const { user: after, effect } = await applyTrigger(ctx, tx, user, {
      trigger: 'RETRY_ACTIVATION',
      facts: { emailOnRecord: user.trustedEmailKey !== null },
      fields: { upstreamErrors: [], automaticAttempts: user.automaticAttempts + 1 },
      action: 'retryAutomatically',
    })
    await startAttempt(ctx, tx, after, effect, AttemptTrigger.AUTOMATIC)
  })
}
