import { readRows, selectRows } from '../../../database/rows'
import type { Acting, Platform } from '../../../context/context'
import { enqueue, implementJob } from '../../../queue/define-job'
import { isPausedNow } from '../../onboarding-template/circuit-breaker'
import { resumeTemplateJob } from '../../onboarding-template/onboarding-template.jobs'
import { ProvisionedUser } from '../../provisioned-user/provisioned-user.entity'
import { amendUser } from '../../provisioned-user/provisioned-user.transition'
import { AttemptPhase } from '../activation-attempt.entity'
import { enqueueAdvance, isPersonal, readAttempt } from '../activation-attempt.service'
import { livingUser, type Work } from './attempt-work'

/** Phases in which nothing is under way at Webex. A deletion follows its look at once, or what was seen is not so any more. */
const AT_REST: readonly AttemptPhase[] = [AttemptPhase.PRECHECK, AttemptPhase.REREAD, AttemptPhase.CREATE, AttemptPhase.UPDATE]

/** Resumed at a time, so that no transaction is long. */
const BATCH_SIZE = 200

/** Whether an attempt has to wait for the end of its template's pause. */
export function hasToPark({ attempt, template }: Work): boolean {
  return template.pausedAt !== null && AT_REST.includes(attempt.phase) && !isPersonal(attempt)
}

/** Leaves an attempt where it stands, without a job, until the template is resumed. */
export async function park({ ctx, attempt, user, template }: Work): Promise<void> {
  await ctx.database.transaction(async tx => {
    const current = await livingUser(tx, user.id)
    const isPaused = await isPausedNow(tx, template.id)
    if (isPaused) await amendUser(ctx, tx, current, { parkedAttemptId: attempt.id })
    else await enqueueAdvance(ctx, tx, attempt)
  })
}

/** Continues the attempts that waited for the end of a template's pause, one batch a job. */
export const resumeTemplateWorker = implementJob(resumeTemplateJob, async (platform: Platform, payload) => {
  const { partnerId, onboardingTemplateId } = payload
  const ctx: Acting = { ...platform, actor: { partnerId, name: 'activation', requestId: null } }
  await ctx.database.transaction(async tx => {
    const parked = await readRows(
      selectRows(tx.manager, ProvisionedUser, 'row')
        .where('row.onboardingTemplateId = :onboardingTemplateId AND row.parkedAttemptId IS NOT NULL', { onboardingTemplateId })
        .orderBy('row.id')
        .limit(BATCH_SIZE),
    )
    for (const user of parked) {
      const attempt = await readAttempt(tx.manager, user.parkedAttemptId as string)
      await amendUser(ctx, tx, user, { parkedAttemptId: null })
      if (attempt) await enqueueAdvance(ctx, tx, attempt)
    }
    if (parked.length === BATCH_SIZE) await enqueue(ctx, tx, resumeTemplateJob, payload)
  })
})
