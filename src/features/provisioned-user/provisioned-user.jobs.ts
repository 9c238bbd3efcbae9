import { z } from 'zod'
import { defineJob } from '../../queue/define-job'

/** Deletes at Webex what it holds of a deleted user. */
export const deleteSubscriberJob = defineJob({
  name: 'delete-subscriber',
  payload: z.object({ userId: z.string() }),
})

/** Continues the users of a customer who confirmed their address and waited until its first user is live. */
export const releaseWaitingUsersJob = defineJob({
  name: 'release-waiting-users',
  payload: z.object({ customerId: z.string() }),
})
