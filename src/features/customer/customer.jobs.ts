import { z } from 'zod'
import { defineJob } from '../../queue/define-job'

/** Asks Webex for the ID of a customer's organization, which exists once the customer has a user there. */
export const lookUpOrganizationJob = defineJob({
  name: 'look-up-organization',
  payload: z.object({ customerId: z.string() }),
})
