import { Field, Int, ObjectType, registerEnumType } from 'type-graphql'
import { Check, Entity, ForeignKey, Index } from 'typeorm'
import {
  BooleanColumn,
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
import { DateTime } from '../../graphql/scalars'
import { UserStatus } from '../../provisioning/lifecycle'
import type { Timestamp } from '../../shared/clock'
import { UserErrorCode } from '../../shared/errors'
import { Partner } from '../partner/partner.entity'
import { PackageType } from '../../provisioning/package-type'

export enum BulkKind {
  RETRY_ACTIVATION = 'RETRY_ACTIVATION',
  DELETE_USERS = 'DELETE_USERS',
  CHANGE_PACKAGE_TYPE = 'CHANGE_PACKAGE_TYPE',
}

export enum BulkStatus {
  RUNNING = 'RUNNING',
  DONE = 'DONE',
  CANCELLED = 'CANCELLED',
}

/** What became of one user. */
export enum BulkOutcome {
  CHANGED = 'CHANGED',
  UNCHANGED = 'UNCHANGED',
  REFUSED = 'REFUSED',
}

registerEnumType(BulkKind, {
  name: 'BulkKind',
  description: 'What a bulk operation does to each of its users.',
  valuesConfig: {
    RETRY_ACTIVATION: { description: 'As `retryActivation`.' },
    DELETE_USERS: { description: 'As `deleteUser`.' },
    CHANGE_PACKAGE_TYPE: { description: 'As `changePackageType`.' },
  },
})

registerEnumType(BulkStatus, {
  name: 'BulkStatus',
  description: 'Where a bulk operation stands.',
  valuesConfig: {
    RUNNING: { description: 'Users are being handled, one after another.' },
    DONE: { description: 'Every user was handled.' },
    CANCELLED: { description: 'It was stopped before all were handled; `resumeBulkOperation` goes on with the rest.' },
  },
})

registerEnumType(BulkOutcome, {
  name: 'BulkOutcome',
  description: 'What a bulk operation came to for a user; in a dry run, what it would come to.',
  valuesConfig: {
    CHANGED: { description: 'It was done: the attempt was started, the user deleted, the package asked for or recorded.' },
    UNCHANGED: { description: 'The user is as asked already; nothing had to be done.' },
    REFUSED: { description: 'It could not be done; `userErrors` says why.' },
  },
})

@ObjectType({ description: 'Users of a bulk operation who fared alike.', simpleResolvers: true })
export class BulkSummary {
  @Field(() => BulkOutcome, { description: 'What it came to; in a dry run, what it would come to.' })
  outcome: BulkOutcome

  @Field(() => UserErrorCode, { nullable: true, description: 'Why they were refused; null when they were not.' })
  code: UserErrorCode | null

  @Field(() => UserStatus, { nullable: true, description: 'State in which they were before; null for those who are not there.' })
  status: UserStatus | null

  @Field(() => Int, { description: 'How many users.' })
  count: number
}

@Entity()
@Index('bulk_operation_created_at', ['partnerId', 'createdAt', 'id'])
@Check('bulk_operation_kind', oneOf('kind', BulkKind))
@Check('bulk_operation_status', oneOf('status', BulkStatus))
@Check('bulk_operation_package_type', oneOf('package_type', PackageType))
@ObjectType({
  implements: Node,
  description: 'One action on many users. Whom it is about was settled when it started; each of them is handled once.',
  simpleResolvers: true,
})
export class BulkOperation {
  @IdColumn()
  readonly id: string

  @ForeignKey(() => Partner, { name: 'bulk_operation_partner_fk' })
  @ReferenceColumn()
  readonly partnerId: string

  @Field(() => BulkKind, { description: 'What is done to each user.' })
  @EnumColumn()
  readonly kind: BulkKind

  @Field(() => BulkStatus, { description: 'Where it stands.' })
  @EnumColumn()
  readonly status: BulkStatus

  @Field(() => Boolean, { description: 'Nothing is changed: it only tells what would happen.' })
  @BooleanColumn()
  readonly dryRun: boolean

  @Field(() => Int, { description: 'How many users it is about.' })
  @IntegerColumn()
  readonly total: number

  @Field(() => Int, { description: 'How many were handled: `succeeded` and `failed` together.' })
  @IntegerColumn()
  readonly done: number

  @Field(() => Int, {
    description: 'For how many it was done, or nothing had to be done; an attempt that was started may still fail at Webex.',
  })
  @IntegerColumn()
  readonly succeeded: number

  @Field(() => Int, { description: 'How many were refused.' })
  @IntegerColumn()
  readonly failed: number

  @Field(() => [BulkSummary], { description: 'What it came to so far, most users first.' })
  @JsonColumn()
  readonly summary: BulkSummary[]

  @Field(() => PackageType, { nullable: true, description: 'Package that the users are to have; null unless packages are changed.' })
  @EnumColumn({ nullable: true })
  readonly packageType: PackageType | null

  @Field(() => String, { description: 'Who started it: the name of a token.' })
  @TextColumn({ length: 200 })
  readonly actor: string

  /** The token that started it; who is restricted to some customers sees its own operations only. */
  @TextColumn({ length: 64 })
  readonly callerId: string

  @TextColumn({ length: 64, nullable: true })
  readonly requestId: string | null

  /** Number of the chunk that comes next. */
  @IntegerColumn()
  readonly nextChunk: number

  /** Counts the starts: a job of before it was cancelled is over. */
  @IntegerColumn()
  readonly run: number

  @Field(() => DateTime, { description: 'When it was started.' })
  @TimestampColumn()
  readonly createdAt: Timestamp

  @Field(() => DateTime, { nullable: true, description: 'When it was done or cancelled; null while it runs.' })
  @TimestampColumn({ nullable: true })
  readonly endedAt: Timestamp | null
}
