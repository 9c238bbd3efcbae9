import type { Transaction } from '../../database/database'
import { readById } from '../../database/rows'
import type { Acting } from '../../context/context'
import { explainError, liesInTemplate, type UpstreamError } from '../../provisioning/error-catalog'
import { timestamp } from '../../shared/clock'
import { recordAudit } from '../audit-event/audit-event.service'
import { OnboardingTemplate } from './onboarding-template.entity'

/**
 * Counts an attempt that ended in an error, when the error is one that fails every user of the template until somebody mends it; past
 * the threshold the template pauses, once.
 */
export async function countFailure(ctx: Acting, tx: Transaction, templateId: string, error: UpstreamError | null): Promise<void> {
  if (!error || !liesInTemplate(error)) return
  await tx.manager.increment(OnboardingTemplate, { id: templateId }, 'failureCount', 1)
  const template = await readById(tx.manager, OnboardingTemplate, templateId)
  if (!template || template.pausedAt || template.failureCount < ctx.config.pauseAfterFailures) return
  await tx.manager.update(OnboardingTemplate, { id: templateId }, { pausedAt: timestamp(ctx.clock.now()), pauseCause: error })
  await recordAudit(ctx, tx, {
    action: 'pauseOnboardingTemplate',
    targetId: template.id,
    targetLabel: template.name,
    changes: [{ field: 'paused', before: null, after: explainError(error, 'en').meaning }],
  })
}

/** A success shows that the template works: what failed before it says nothing any more. */
export async function countSuccess({ manager }: Transaction, templateId: string): Promise<void> {
  await manager
    .createQueryBuilder()
    .update(OnboardingTemplate)
    .set({ failureCount: 0 })
    .where('id = :templateId AND failure_count > 0 AND paused_at IS NULL', { templateId })
    .execute()
}

/** Whether the template is paused, and stays so until this transaction has ended: whoever resumes it waits for the row. */
export async function isPausedNow({ manager }: Transaction, templateId: string): Promise<boolean> {
  const { affected } = await manager
    .createQueryBuilder()
    .update(OnboardingTemplate)
    .set({ failureCount: () => 'failure_count' })
    .where('id = :templateId AND paused_at IS NOT NULL', { templateId })
    .execute()
  return affected === 1
}
