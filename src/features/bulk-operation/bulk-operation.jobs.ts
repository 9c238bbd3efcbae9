import { z } from 'zod'
import { defineJob, wholeNumber } from '../../queue/define-job'
import { JobPriority } from '../../queue/job-queue'

/** The next users of a bulk operation. A job of an earlier `run`, from before the operation was resumed, does nothing. */
export const advanceBulkOperationJob = defineJob({
  name: 'advance-bulk-operation',
  payload: z.object({ bulkOperationId: z.string(), run: wholeNumber }),
  priority: JobPriority.BULK_STEP,
})
