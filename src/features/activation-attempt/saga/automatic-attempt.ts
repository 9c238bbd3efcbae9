import type { Acting, Platform } from '../../../context/context'
import { UserStatus } from '../../../provisioning/lifecycle'
import { implementJob } from '../../../queue/define-job'
import { readUser } from '../../provisioned-user/provisioned-user.loaders'
import { applyTrigger } from '../../provisioned-user/provisioned-user.transition'
import { AttemptTrigger } from '../activation-attempt.entity'
import { attemptAutomaticallyJob } from '../activation-attempt.jobs'
import { startAttempt } from '../activation-attempt.service'

/** Makes the attempt that was planned for the time `at`, unless the user changed since. */
export const attemptAutomaticallyWorker = implementJob(attemptAutomaticallyJob, async (platform: Platform, { userId, at }) => {
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
})
