import { z } from 'zod'
import { defineJob, renamed, wholeNumber } from '../../queue/define-job'

/**
 * The next call of an attempt. A job whose `version` is not the attempt's current one does nothing: the call was made already.
 * Jobs of the first release have no version, because their attempts had none; migration 0003 gave those attempts the version 0.
 */
export const advanceAttemptJob = defineJob({
  name: 'advance-attempt',
  payload: renamed({ turn: 'version' }, z.object({ attemptId: z.string(), version: wholeNumber.default(0) })),
})

/** The attempt that was planned for the time `at` after one that failed. */
export const attemptAutomaticallyJob = defineJob({
  name: 'attempt-automatically',
  payload: z.object({ userId: z.string(), at: z.string() }),
})

/**
 * The next check for the consent of the address's owner. A job whose `at` is not the time on record for the user does nothing.
 * The first release recorded no time, neither in the job nor for the user: both are null.
 */
export const watchConsentJob = defineJob({
  name: 'watch-consent',
  payload: z.object({ userId: z.string(), at: z.string().nullable().default(null) }),
})
