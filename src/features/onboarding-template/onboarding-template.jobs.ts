import { z } from 'zod'
import { defineJob } from '../../queue/define-job'

/** Continues the attempts that waited for the end of a template's pause. */
export const resumeTemplateJob = defineJob({
  name: 'resume-template',
  payload: z.object({ partnerId: z.string(), onboardingTemplateId: z.string() }),
})

/** Continues the users who waited for the first user of their customer, for a template that stopped to require it. */
export const releaseUsersOfTemplateJob = defineJob({
  name: 'release-users-of-template',
  payload: z.object({ onboardingTemplateId: z.string() }),
})
