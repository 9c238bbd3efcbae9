import { z } from 'zod'
import { defineJob } from '../../queue/define-job'
import { JobPriority } from '../../queue/job-queue'

/** Sends a validation mail. A job whose `validationId` is not the user's current one does nothing: a newer mail was requested. */
export const sendValidationMailJob = defineJob({
  name: 'send-validation-mail',
  payload: z.object({ userId: z.string(), validationId: z.string() }),
  priority: JobPriority.PERSON,
})
