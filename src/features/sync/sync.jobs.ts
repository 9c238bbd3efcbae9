import { z } from 'zod'
import { defineJob, wholeNumber } from '../../queue/define-job'
import { JobPriority } from '../../queue/job-queue'

/** The next step of a sync run. A job whose `revision` is not the current one of the run does nothing: the step was done already. */
export const advanceSyncJob = defineJob({
  name: 'advance-sync',
  payload: z.object({ partnerId: z.string(), revision: wholeNumber }),
  priority: JobPriority.BULK,
})
