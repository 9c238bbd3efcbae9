import { Field, Int, ObjectType } from 'type-graphql'
import { DateTime } from '../../graphql/scalars'
import {
  type CatalogLocale,
  catalogEntry,
  ErrorSurface,
  explainError,
  explainPlanned,
  explainStatus,
  Fixer,
  noAnswer,
  primaryError,
  type UpstreamError,
  type Waiting,
} from '../../provisioning/error-catalog'
import { STUCK_STATUSES, UserStatus } from '../../provisioning/lifecycle'
import { ProvisionedUser } from './provisioned-user.entity'

@ObjectType({
  description: 'What is known of one numbered error of Webex, its portal or BroadWorks, in the language of `Accept-Language` (en, it).',
  simpleResolvers: true,
})
export class CatalogEntry {
  @Field(() => Int, { description: 'Number of the error.' })
  code: number

  @Field(() => ErrorSurface, { description: 'Where it shows itself.' })
  surface: ErrorSurface

  @Field(() => String, { description: 'What it means, in one plain sentence.' })
  meaning: string

  @Field(() => Boolean, { description: 'Whether the same attempt can succeed later without a change.' })
  retryable: boolean

  @Field(() => Fixer, { description: 'Who has to act first.' })
  fixer: Fixer

  @Field(() => [String], { description: 'What to do, in order.' })
  steps: string[]

  @Field(() => Boolean, { description: "Whether the meaning was read in a source of Cisco's; otherwise it is our best knowledge." })
  verified: boolean
}

@ObjectType({ description: 'One error of an attempt, as Webex gave it and as we understand it.', simpleResolvers: true })
export class ProvisioningError {
  @Field(() => Int, { nullable: true, description: 'Number of the error; null when Webex gave none.' })
  code: number | null

  @Field(() => Int, {
    nullable: true,
    description: 'HTTP status of the call that was refused; null for an error of background work, or without an answer.',
  })
  httpStatus: number | null

  @Field(() => String, { description: 'What it means, in the language of `Accept-Language` (en, it).' })
  message: string

  @Field(() => String, { nullable: true, description: 'What Webex said, untouched; null when it said nothing.' })
  upstreamText: string | null

  @Field(() => String, { nullable: true, description: "ID that finds the call in Cisco's logs." })
  trackingId: string | null

  @Field(() => CatalogEntry, { nullable: true, description: 'What the catalogue knows of the code; null for an unknown one.' })
  catalogEntry: CatalogEntry | null
}

@ObjectType({ description: 'Why a user is not live, who can do something about it, and what.', simpleResolvers: true })
export class Diagnosis {
  @Field(() => String, { description: 'Why, in one plain sentence in the language of `Accept-Language` (en, it).' })
  cause: string

  @Field(() => Fixer, { description: 'Who has to act first.' })
  fixer: Fixer

  @Field(() => Boolean, { description: 'Whether it can go on without a change: by itself, or by the same attempt again.' })
  retryable: boolean

  @Field(() => [String], { description: 'What to do, in order.' })
  steps: string[]

  @Field(() => DateTime, { nullable: true, description: 'Since when the user is stuck; null while something is at work.' })
  stuckSince: string | null

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the server tries again by itself, in ERROR after a failure that may pass; null when a person has to act.',
  })
  nextAttemptAt: string | null

  @Field(() => ProvisionedUser, {
    nullable: true,
    description:
      "The customer's first user, who has to be live before this one can go on (`provisionAdminFirst`); null when nobody has to.",
  })
  blockedBy: (() => Promise<ProvisionedUser | null>) | null
}

export function provisioningErrors(errors: UpstreamError[], locale: CatalogLocale): ProvisioningError[] {
  return errors.map(error => ({
    ...error,
    message: explainError(error, locale).meaning,
    catalogEntry: error.code === null ? null : catalogEntry(error.code, locale),
  }))
}

/**
 * Null for who is provisioned: there is nothing to explain.
 * @param firstUser looks up the first user of the customer, when it is asked for
 */
export function diagnose(user: ProvisionedUser, locale: CatalogLocale, firstUser: () => Promise<ProvisionedUser | null>): Diagnosis | null {
  if (user.status === UserStatus.PROVISIONED) return null
  const waiting = waitingOf(user)
  const { nextAttemptAt } = user
  const facts = {
    stuckSince: STUCK_STATUSES.includes(user.status) ? user.lastStatusChange : null,
    nextAttemptAt,
    blockedBy: waiting === 'firstUser' ? firstUser : null,
  }
  const status = explainStatus(user.status, waiting, locale)
  if (status) return { ...status, ...facts }
  const error = primaryError(user.upstreamErrors) ?? noAnswer(null)
  const { meaning, fixer, retryable, steps } = (nextAttemptAt ? explainPlanned : explainError)(error, locale)
  return { cause: meaning, fixer, retryable, steps, ...facts }
}

/** What a user waits for whose status does not tell it. */
export function waitingOf({
  status,
  emailConfirmedAt,
  parkedAttemptId,
}: Pick<ProvisionedUser, 'status' | 'emailConfirmedAt' | 'parkedAttemptId'>): Waiting {
  if (status === UserStatus.PENDING_EMAIL_VALIDATION && emailConfirmedAt) return 'firstUser'
  return parkedAttemptId ? 'paused' : null
}

/** The text that support copies into a ticket: a line an error, then a line of where and when. Null unless the user is in ERROR. */
export function errorText(user: ProvisionedUser, spEnterpriseId: string, locale: CatalogLocale): string | null {
  if (user.status !== UserStatus.ERROR) return null
  const lines = user.upstreamErrors.map(error => {
    const number = error.code ?? (error.httpStatus === null ? null : `HTTP ${error.httpStatus}`)
    return [number, error.upstreamText ?? explainError(error, locale).meaning].filter(part => part !== null).join(' ')
  })
  const trackingId = primaryError(user.upstreamErrors)?.trackingId ?? '-'
  return [
    ...lines,
    `BroadWorks ID ${user.broadworksId} · enterprise ${spEnterpriseId} · tracking ${trackingId} · ${user.lastStatusChange}`,
  ].join('\n')
}
