import type { Platform } from './context/context'
import { watchConsentWorker } from './features/activation-attempt/consent-watch'
import { advanceAttemptWorker } from './features/activation-attempt/saga/activation-runner'
import { attemptAutomaticallyWorker } from './features/activation-attempt/saga/automatic-attempt'
import { resumeTemplateWorker } from './features/activation-attempt/saga/parking'
import { advanceBulkOperationWorker } from './features/bulk-operation/run/bulk-run'
import { lookUpOrganizationWorker } from './features/customer/organization-look-up'
import { sendValidationMailWorker } from './features/portal/validation-mail/validation-mailing'
import { advanceSyncWorker } from './features/sync/run/sync-run'
import { releaseUsersOfTemplateWorker, releaseWaitingUsersWorker } from './features/user-action/admin-first'
import { deleteSubscriberWorker } from './features/user-action/deletion'
import type { JobImplementation } from './queue/define-job'

/** All kinds of background jobs. Each implements a definition from the `.jobs.ts` file of a feature. */
export const JOBS: readonly JobImplementation<Platform>[] = [
  advanceAttemptWorker,
  attemptAutomaticallyWorker,
  watchConsentWorker,
  resumeTemplateWorker,
  releaseUsersOfTemplateWorker,
  releaseWaitingUsersWorker,
  deleteSubscriberWorker,
  advanceSyncWorker,
  sendValidationMailWorker,
  advanceBulkOperationWorker,
  lookUpOrganizationWorker,
]
