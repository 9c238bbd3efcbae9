import { ADVANCE_ATTEMPT } from './features/activation-attempt/activation-attempt.service'
import { WATCH_CONSENT, watchConsent } from './features/activation-attempt/consent-watch'
import { abandonAttempt, advanceAttempt } from './features/activation-attempt/saga/activation-runner'
import { ATTEMPT_AUTOMATICALLY, attemptAutomatically } from './features/activation-attempt/saga/automatic-attempt'
import { resumeParkedAttempts } from './features/activation-attempt/saga/parking'
import { ADVANCE_BULK_OPERATION } from './features/bulk-operation/run/bulk-record'
import { abandonBulkOperation, advanceBulkOperation } from './features/bulk-operation/run/bulk-run'
import { LOOK_UP_ORGANIZATION, lookUpOrganization } from './features/customer/organization-look-up'
import { RESUME_TEMPLATE } from './features/onboarding-template/circuit-breaker'
import { abandonDeletion, DELETE_SUBSCRIBER, deleteSubscriber } from './features/user-action/deletion'
import { RELEASE_WAITING_USERS, releaseWaitingUsers } from './features/user-action/admin-first'
import { ADVANCE_SYNC } from './features/sync/sync.service'
import { abandonSync, advanceSync } from './features/sync/run/sync-run'
import { recordRefusal, SEND_VALIDATION_MAIL, sendValidationMail } from './features/portal/validation-mail/validation-mailing'
import type { Platform } from './context/context'

/** All kinds of background jobs, with who does them and what happens when one has failed for good. */
export function registerJobs(platform: Platform): void {
  const { queue } = platform
  queue.work(
    ADVANCE_ATTEMPT,
    ({ attemptId, turn }) => advanceAttempt(platform, attemptId as string, Number(turn)),
    ({ attemptId, turn }) => abandonAttempt(platform, attemptId as string, Number(turn)),
  )
  queue.work(ATTEMPT_AUTOMATICALLY, ({ userId, at }) => attemptAutomatically(platform, userId as string, at as string))
  queue.work(WATCH_CONSENT, ({ userId, at }) => watchConsent(platform, userId as string, at as string))
  queue.work(RESUME_TEMPLATE, ({ partnerId, onboardingTemplateId }) =>
    resumeParkedAttempts(platform, partnerId as string, onboardingTemplateId as string),
  )
  queue.work(RELEASE_WAITING_USERS, ({ customerId }) => releaseWaitingUsers(platform, customerId as string))
  queue.work(
    DELETE_SUBSCRIBER,
    ({ userId }) => deleteSubscriber(platform, userId as string),
    ({ userId }) => abandonDeletion(platform, userId as string),
  )
  queue.work(
    ADVANCE_SYNC,
    ({ partnerId, revision }) => advanceSync(platform, partnerId as string, Number(revision)),
    ({ partnerId, revision }) => abandonSync(platform, partnerId as string, Number(revision)),
  )
  queue.work(
    SEND_VALIDATION_MAIL,
    ({ userId, validationId }) => sendValidationMail(platform, userId as string, validationId as string),
    ({ userId, validationId }) => recordRefusal(platform, userId as string, validationId as string),
  )
  queue.work(
    ADVANCE_BULK_OPERATION,
    ({ bulkOperationId, run }) => advanceBulkOperation(platform, bulkOperationId as string, Number(run)),
    ({ bulkOperationId, run }) => abandonBulkOperation(platform, bulkOperationId as string, Number(run)),
  )
  queue.work(LOOK_UP_ORGANIZATION, ({ customerId }) => lookUpOrganization(platform, customerId as string))
}
