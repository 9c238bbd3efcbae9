import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { Check, Entity, ForeignKey, Index } from 'typeorm'
import {
  EnumColumn,
  IdColumn,
  IntegerColumn,
  JsonColumn,
  oneOf,
  ReferenceColumn,
  TextColumn,
  TimestampColumn,
} from '../../database/columns'
import { Node } from '../../graphql/node'
import { DateTime, EmailAddress } from '../../graphql/scalars'
import type { UpstreamError } from '../../provisioning/error-catalog'
import type { Setback } from '../../provisioning/retry-policy'
import type { Timestamp } from '../../shared/clock'
import { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { AttemptStep } from './attempt-step'

export enum AttemptTrigger {
  PORTAL = 'PORTAL',
  ADMIN = 'ADMIN',
  BULK = 'BULK',
  AUTOMATIC = 'AUTOMATIC',
  IMPORT = 'IMPORT',
  API = 'API',
}

export enum AttemptOutcome {
  RUNNING = 'RUNNING',
  PROVISIONED = 'PROVISIONED',
  PENDING_USER_MIGRATION = 'PENDING_USER_MIGRATION',
  FAILED = 'FAILED',
  CANCELLED = 'CANCELLED',
}

/** Where a running attempt stands: which call comes next, and whether the last one may have been carried out unanswered. */
export enum AttemptPhase {
  /** Webex is asked whether the new address could be used, before anything is given up for it. */
  PRECHECK = 'PRECHECK',
  /** Webex is asked where the user stands, right before it is deleted there. */
  REREAD = 'REREAD',
  DELETE = 'DELETE',
  CREATE = 'CREATE',
  /** The creation was sent and no answer is on record: read what Webex has before anything is repeated. */
  CREATE_SENT = 'CREATE_SENT',
  /** The creation has ended and may have been carried out: look for it by the BroadWorks ID. */
  FIND = 'FIND',
  UPDATE = 'UPDATE',
  /** The update was sent and no answer is on record, or an earlier one failed: read what Webex has before it is repeated. */
  UPDATE_SENT = 'UPDATE_SENT',
  FOLLOW = 'FOLLOW',
}

registerEnumType(AttemptTrigger, {
  name: 'AttemptTrigger',
  description: 'What started an attempt.',
  valuesConfig: {
    PORTAL: { description: 'The user, in the activation portal.' },
    ADMIN: { description: 'A mutation on one user.' },
    BULK: { description: 'A bulk operation.' },
    AUTOMATIC: { description: 'This server by itself, for example after the user consented to the move.' },
    IMPORT: { description: 'The hand-over in a CSV import.' },
    API: { description: 'The hand-over by `provisionUser`.' },
  },
})

registerEnumType(AttemptOutcome, {
  name: 'AttemptOutcome',
  description: 'How an attempt ended.',
  valuesConfig: {
    RUNNING: { description: 'It has not ended.' },
    PROVISIONED: { description: 'The user is live, or the change of a live user arrived.' },
    PENDING_USER_MIGRATION: { description: 'Webex waits for the consent of the owner of the address.' },
    FAILED: { description: 'Webex refused, or the work ended in an error; see `errors`.' },
    CANCELLED: { description: 'The user was deleted meanwhile.' },
  },
})

@Entity()
@Index('activation_attempt_user', ['provisionedUserId', 'startedAt', 'id'])
@Index('activation_attempt_running', ['startedAt', 'id'], { where: `outcome = 'RUNNING'` })
@Check('activation_attempt_trigger', oneOf('trigger', AttemptTrigger))
@Check('activation_attempt_outcome', oneOf('outcome', AttemptOutcome))
@Check('activation_attempt_phase', oneOf('phase', AttemptPhase))
@ObjectType({
  implements: Node,
  description: 'One try to provision or update a user at Webex, from its start to its outcome. All attempts of a user are kept.',
  simpleResolvers: true,
})
export class ActivationAttempt {
  @IdColumn()
  readonly id: string

  @ReferenceColumn()
  readonly partnerId: string

  @ForeignKey(() => ProvisionedUser, { name: 'activation_attempt_user_fk' })
  @ReferenceColumn()
  readonly provisionedUserId: string

  @Field(() => AttemptTrigger, { description: 'What started it.' })
  @EnumColumn()
  readonly trigger: AttemptTrigger

  @Field(() => String, { description: 'Who asked for it: the name of a token, or of a part of this server.' })
  @TextColumn({ length: 200 })
  readonly actor: string

  @Field(() => EmailAddress, { nullable: true, description: 'Address that was used; null when only an update was made.' })
  @TextColumn({ length: 254, nullable: true })
  readonly email: string | null

  @Field(() => AttemptOutcome, { description: 'How it ended.' })
  @EnumColumn()
  readonly outcome: AttemptOutcome

  @EnumColumn()
  readonly phase: AttemptPhase

  @Field(() => DateTime, { description: 'When it was asked for.' })
  @TimestampColumn()
  readonly startedAt: Timestamp

  @Field(() => DateTime, { nullable: true, description: 'When it ended; null while it runs.' })
  @TimestampColumn({ nullable: true })
  readonly endedAt: Timestamp | null

  /** Errors of its end; while it runs, those of a refusal that is being looked into. */
  @JsonColumn()
  readonly upstreamErrors: UpstreamError[]

  /** Counts the jobs of the attempt. One that was done, and whose process was killed before it could say so, is of an earlier turn. */
  @IntegerColumn({ initial: 0 })
  readonly turn: number

  /** What went wrong for the time being; null when the last call did its part. */
  @JsonColumn({ nullable: true })
  readonly setback: Setback | null

  @Field(() => [AttemptStep], { description: 'Its calls to Webex in order, the polls of one wait as one step.' })
  @JsonColumn()
  readonly steps: AttemptStep[]
}
