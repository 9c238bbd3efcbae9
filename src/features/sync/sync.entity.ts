import { Field, Int, ObjectType, registerEnumType } from 'type-graphql'
import { Check, Entity, ForeignKey, PrimaryColumn } from 'typeorm'
import {
  BooleanColumn,
  EnumColumn,
  ID_LENGTH,
  IntegerColumn,
  JsonColumn,
  LongTextColumn,
  oneOf,
  TimestampColumn,
} from '../../database/columns'
import { DateTime } from '../../graphql/scalars'
import type { Timestamp } from '../../shared/clock'
import { Partner } from '../partner/partner.entity'

export enum SyncState {
  IDLE = 'IDLE',
  RUNNING = 'RUNNING',
  FAILED = 'FAILED',
}

export enum SyncPhase {
  ENTERPRISES = 'ENTERPRISES',
  SUBSCRIBERS = 'SUBSCRIBERS',
  CONFIRM = 'CONFIRM',
  CLEAN_UP = 'CLEAN_UP',
}

registerEnumType(SyncState, {
  name: 'SyncState',
  description: 'Whether users and customers are being brought up to date from Webex.',
  valuesConfig: {
    IDLE: { description: 'No run is under way; the last one ended well, or there was none.' },
    RUNNING: { description: 'A run is under way.' },
    FAILED: { description: 'The last run ended before it was done; `error` says why.' },
  },
})

registerEnumType(SyncPhase, {
  name: 'SyncPhase',
  description: 'What a run is at.',
  valuesConfig: {
    ENTERPRISES: { description: 'Reading the enterprises; in full runs only.' },
    SUBSCRIBERS: { description: 'Reading the subscribers: all of them, or those that changed.' },
    CONFIRM: {
      description: 'Asking one by one for those about whom the lists leave a doubt: in full runs, for users whom they did not show.',
    },
    CLEAN_UP: { description: 'Putting away what the run had to remember; in full runs only.' },
  },
})

/** A subscriber whose BroadWorks ID is that of a user who has another subscriber: Webex is asked for both before anything is done. */
export interface Doubt {
  subscriberId: string
  /** The subscriber of the user who has the BroadWorks ID here. */
  rivalId: string
  /** Null until Webex was asked whether the rival is still there. */
  rivalIsGone: boolean | null
}

/** A user whom a full run should have seen and has not. */
export interface Unseen {
  userId: string
  subscriberId: string
}

/** One row a partner: the run that is under way, or else the last one. */
@Entity()
@Check('sync_state', oneOf('state', SyncState))
@Check('sync_phase', oneOf('phase', SyncPhase))
@ObjectType('SyncStatus', {
  description:
    'What the sync does or did last: it reads what Webex has of the partner, and brings customers and users here up to date. For callers who may see the whole partner.',
  simpleResolvers: true,
})
export class Sync {
  @ForeignKey(() => Partner, { name: 'sync_partner_fk' })
  @PrimaryColumn({ type: 'varchar', length: ID_LENGTH, collation: 'C' })
  readonly partnerId: string

  @Field(() => SyncState, { description: 'Whether a run is under way, and how the last one ended.' })
  @EnumColumn()
  readonly state: SyncState

  @Field(() => SyncPhase, { nullable: true, description: 'What the run is at; null while none is under way.' })
  @EnumColumn({ nullable: true })
  readonly phase: SyncPhase | null

  @Field(() => Boolean, {
    description: 'Whether the run reads everything (and finds out who is gone), or only what changed since the last one.',
  })
  @BooleanColumn()
  readonly full: boolean

  /** A full run was asked for while one of the changes was under way, and follows it. */
  @BooleanColumn()
  readonly fullRequested: boolean

  /** Somebody vouched for it that many users are gone; of the full run under way, or of the one that follows it. */
  @BooleanColumn()
  readonly allowDeletions: boolean

  /** Link to the page to be read next, or in CONFIRM the last subscriber that was asked for; null at the start of a phase. */
  @LongTextColumn({ nullable: true })
  readonly nextPage: string | null

  /** To be cleared up before the next page; at most as many as a page has subscribers. */
  @JsonColumn()
  readonly doubts: Doubt[]

  /** To be asked for next, in the order of their subscribers. */
  @JsonColumn()
  readonly unseen: Unseen[]

  @Field(() => Int, { description: 'Enterprises that the run has read.' })
  @IntegerColumn()
  readonly enterprises: number

  @Field(() => Int, { description: 'Subscribers that the run has read.' })
  @IntegerColumn()
  readonly subscribers: number

  @Field(() => Int, { description: 'Users that the run has made, because they were not known here.' })
  @IntegerColumn()
  readonly created: number

  @Field(() => Int, { description: 'Users that the run has changed.' })
  @IntegerColumn()
  readonly updated: number

  @Field(() => Int, { description: 'Users that the run has deleted, because Webex does not have them any more.' })
  @IntegerColumn()
  readonly deleted: number

  @Field(() => Int, {
    description:
      'Enterprises and subscribers that the run has left alone: they are being changed from here at the moment, are held only here, or could not be understood.',
  })
  @IntegerColumn()
  readonly skipped: number

  /** How often in a row the next call failed for the time being. */
  @IntegerColumn()
  readonly tries: number

  /** How often a phase was begun again in this run. */
  @IntegerColumn()
  readonly restarts: number

  /** Counts the changes: of two processes that do the same step, the second one finds it done. */
  @IntegerColumn()
  readonly revision: number

  @Field(() => DateTime, { nullable: true, description: 'When the run began; null before the first one.' })
  @TimestampColumn({ nullable: true })
  readonly startedAt: Timestamp | null

  @Field(() => DateTime, { nullable: true, description: 'When the run ended; null while it is under way.' })
  @TimestampColumn({ nullable: true })
  readonly endedAt: Timestamp | null

  @Field(() => String, {
    nullable: true,
    description: 'Why the run failed or, while it is under way, what it waits out; null when all is well.',
  })
  @LongTextColumn({ nullable: true })
  readonly error: string | null

  /** A run of changes asks for those after this time, which is of Webex's clock. */
  @TimestampColumn({ nullable: true })
  readonly changedAfter: Timestamp | null

  /** The latest change that this run has seen, by Webex's clock. */
  @TimestampColumn({ nullable: true })
  readonly newestChange: Timestamp | null

  /** Up to here the changes are known, by Webex's clock; null until a full run ended well. */
  @TimestampColumn({ nullable: true })
  readonly syncedUntil: Timestamp | null

  @Field(() => DateTime, { nullable: true, description: 'When everything was read last, to its end; null when it never was.' })
  @TimestampColumn({ nullable: true })
  readonly lastFullSyncAt: Timestamp | null

  /** How many subscribers were read then: a run against another organisation brings users, too, and must not count as their being known. */
  @IntegerColumn({ nullable: true })
  readonly lastFullSubscribers: number | null

  /** When the schedule has to do something: begin a run or, where one is under way, take it over from a process that ended. */
  @TimestampColumn({ nullable: true })
  readonly dueAt: Timestamp | null

  @Field(() => DateTime, { description: 'When anything shown here changed last; a run that makes progress changes it with each page.' })
  @TimestampColumn()
  readonly updatedAt: Timestamp
}

/** A subscriber that the full run under way has seen. In a table, so that a million of them need no memory. */
@Entity()
export class SyncSighting {
  @PrimaryColumn({ type: 'varchar', length: ID_LENGTH, collation: 'C' })
  readonly partnerId: string

  @PrimaryColumn({ type: 'varchar', length: '200', collation: 'C' })
  readonly webexSubscriberId: string
}
