import { Field, Int, ObjectType } from 'type-graphql'
import { DateTime } from '../../graphql/scalars'
import { type CatalogLocale, explainError } from '../../provisioning/error-catalog'
import type { OnboardingTemplate } from './onboarding-template.entity'

@ObjectType({
  description:
    'Automatic and bulk work of a template waits, because one attempt after another failed for a cause that lies in the template or its cluster. What a person asks for goes through.',
  simpleResolvers: true,
})
export class TemplatePause {
  @Field(() => DateTime, { description: 'When the pause began.' })
  since: string

  @Field(() => Int, { nullable: true, description: 'Number of the error that brought it about; null when Webex gave none.' })
  code: number | null

  @Field(() => String, { description: 'What has to be mended, in the language of `Accept-Language` (en, it).' })
  message: string

  @Field(() => Int, { description: 'How many attempts have failed for such a cause.' })
  failureCount: number
}

export function pauseOf({ pausedAt, pauseCause, failureCount }: OnboardingTemplate, locale: CatalogLocale): TemplatePause | null {
  if (!pausedAt || !pauseCause) return null
  return { since: pausedAt, code: pauseCause.code, message: explainError(pauseCause, locale).meaning, failureCount }
}
