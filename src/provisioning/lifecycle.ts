/**
 * The lifecycle of a user as one table: every state, every trigger, every guard, and where each rule comes from. It is pure: it
 * says what may happen and what has to be done; who does it is elsewhere. Tags: V read in a primary source of Cisco's, I our
 * decision; T and G numbers are those of the transitions and guards that docs/reference/lifecycle.md lists.
 */
export enum UserStatus {
  PENDING_EMAIL_INPUT = 'PENDING_EMAIL_INPUT',
  PENDING_EMAIL_VALIDATION = 'PENDING_EMAIL_VALIDATION',
  PENDING_USER_MIGRATION = 'PENDING_USER_MIGRATION',
  PROVISIONING = 'PROVISIONING',
  PROVISIONED = 'PROVISIONED',
  UPDATING = 'UPDATING',
  ERROR = 'ERROR',
}

/** A status, or one of the two ends: not handed over yet, and deleted. */
export type State = UserStatus | 'NEW' | 'DELETED'

export const STATES: readonly State[] = ['NEW', ...Object.values(UserStatus), 'DELETED']

/** Stuck users wait for a person: they do not move on by themselves. */
export const STUCK_STATUSES: readonly UserStatus[] = [
  UserStatus.PENDING_EMAIL_INPUT,
  UserStatus.PENDING_EMAIL_VALIDATION,
  UserStatus.PENDING_USER_MIGRATION,
  UserStatus.ERROR,
]

export const TRIGGERS = [
  'HAND_OVER',
  'SUBMIT_EMAIL',
  'CONFIRM_EMAIL',
  'TRY_AGAIN',
  'RETRY_ACTIVATION',
  'CHANGE_PACKAGE_TYPE',
  'UPDATE_PROFILE',
  'DELETE_USER',
  'DELETION_REFUSED',
  'RESEND_CONSENT_EMAIL',
  'RESEND_VALIDATION_EMAIL',
  'UPSTREAM_NEEDS_CONSENT',
  'UPSTREAM_RESUMED',
  'UPSTREAM_PROVISIONED',
  'UPSTREAM_FAILED',
  'UPSTREAM_SHOWS_PENDING_EMAIL_INPUT',
  'UPSTREAM_SHOWS_PENDING_EMAIL_VALIDATION',
  'UPSTREAM_SHOWS_PENDING_USER_MIGRATION',
  'UPSTREAM_SHOWS_PROVISIONING',
  'UPSTREAM_SHOWS_PROVISIONED',
  'UPSTREAM_SHOWS_UPDATING',
  'UPSTREAM_SHOWS_ERROR',
  'UPSTREAM_GONE',
] as const

export type Trigger = (typeof TRIGGERS)[number]

/** What a sync found: the status of a subscriber whom nothing here is at work on. */
export function triggerOfSync(status: UserStatus): Trigger {
  return `UPSTREAM_SHOWS_${status}`
}

/** What a guard may ask about the user and the request. */
export interface Facts {
  /** The caller gave an address, and by giving it vouches for it. */
  emailGiven: boolean
  /** A confirmed or vouched address is on record. */
  emailOnRecord: boolean
  /** The given address is not the one on record. */
  emailDiffers: boolean
  /** The user has a Webex person: the first provisioning succeeded, so only an update can have failed. */
  hasPerson: boolean
  /** The user followed the mail to the address on record; the status does not tell while the first user of the customer is waited for. */
  emailConfirmed: boolean
  /** The template trusts the addresses that BroadWorks hands over. */
  emailsTrusted: boolean
  /** "Provision admin first" is on and the customer's first user is not active yet. */
  waitsForFirstUser: boolean
}

export const NO_FACTS: Facts = {
  emailGiven: false,
  emailOnRecord: false,
  emailDiffers: false,
  hasPerson: false,
  emailConfirmed: false,
  emailsTrusted: false,
  waitsForFirstUser: false,
}

export type Guard = keyof Facts

/** What has to be done when a rule applies, in the transaction of the change or by a job enqueued in it. */
export type Effect = 'NONE' | 'CREATE' | 'REPLACE' | 'UPDATE' | 'REPEAT_UPDATE' | 'DELETE' | 'RECORD' | 'SEND_VALIDATION' | 'SEND_CONSENT'

export type RefusalReason = 'INVALID_STATE' | 'EMAIL_REQUIRED' | 'EMAIL_FIXED'

export type Rule = { when?: readonly Guard[]; source: string } & ({ to: State; effect: Effect } | { refuse: RefusalReason })

export type Decision = { allowed: true; to: State; effect: Effect } | { allowed: false; reason: RefusalReason }

/** The first rule whose guards all hold decides. Total: the last rule of every cell has no guard. */
export function decide(state: State, trigger: Trigger, facts: Facts): Decision {
  const rule = LIFECYCLE[state][trigger].find(candidate => (candidate.when ?? []).every(guard => facts[guard]))
  if (!rule) throw new Error(`The lifecycle has no rule for ${trigger} in ${state}.`)
  return 'to' in rule ? { allowed: true, to: rule.to, effect: rule.effect } : { allowed: false, reason: rule.refuse }
}

const REFUSED: readonly Rule[] = [{ refuse: 'INVALID_STATE', source: 'I' }]

/** What Webex is at work on has to end before it is changed again. */
const UNDER_WAY: readonly Rule[] = [{ refuse: 'INVALID_STATE', source: 'I G2' }]

const NOTHING_ALLOWED = Object.fromEntries(TRIGGERS.map(trigger => [trigger, REFUSED])) as Record<Trigger, readonly Rule[]>

function moves(to: State, effect: Effect, source: string): readonly Rule[] {
  return [{ to, effect, source }]
}

const { PENDING_EMAIL_INPUT, PENDING_EMAIL_VALIDATION, PENDING_USER_MIGRATION, PROVISIONING, PROVISIONED, UPDATING, ERROR } = UserStatus

/** A sync takes over whatever Webex shows, from every living state and for subscribers that were not known. */
const FOUND_BY_SYNC: Record<Trigger, readonly Rule[]> = {
  ...NOTHING_ALLOWED,
  ...Object.fromEntries(Object.values(UserStatus).map(status => [triggerOfSync(status), moves(status, 'NONE', 'I T19')])),
}

const LIVING_STATE: Record<Trigger, readonly Rule[]> = { ...FOUND_BY_SYNC, UPSTREAM_GONE: moves('DELETED', 'NONE', 'I T20') }

export const LIFECYCLE: Record<State, Record<Trigger, readonly Rule[]>> = {
  NEW: {
    ...FOUND_BY_SYNC,
    HAND_OVER: [
      { when: ['emailGiven'], to: PROVISIONING, effect: 'CREATE', source: 'V T2' },
      { when: ['emailsTrusted'], refuse: 'EMAIL_REQUIRED', source: 'V T2' },
      { to: PENDING_EMAIL_INPUT, effect: 'NONE', source: 'V T1' },
    ],
  },
  PENDING_EMAIL_INPUT: {
    ...LIVING_STATE,
    SUBMIT_EMAIL: moves(PENDING_EMAIL_VALIDATION, 'SEND_VALIDATION', 'V T4'),
    RETRY_ACTIVATION: [
      { when: ['emailGiven'], to: PROVISIONING, effect: 'REPLACE', source: 'I T15' },
      { refuse: 'EMAIL_REQUIRED', source: 'I T15' },
    ],
    CHANGE_PACKAGE_TYPE: moves(PENDING_EMAIL_INPUT, 'RECORD', 'I T18'),
    UPDATE_PROFILE: moves(PENDING_EMAIL_INPUT, 'RECORD', 'I T18'),
    DELETE_USER: moves('DELETED', 'DELETE', 'V T16'),
  },
  PENDING_EMAIL_VALIDATION: {
    ...LIVING_STATE,
    SUBMIT_EMAIL: moves(PENDING_EMAIL_VALIDATION, 'SEND_VALIDATION', 'I T5'),
    CONFIRM_EMAIL: [
      { when: ['waitsForFirstUser'], to: PENDING_EMAIL_VALIDATION, effect: 'RECORD', source: 'V G1' },
      { to: PROVISIONING, effect: 'CREATE', source: 'V T6' },
    ],
    RETRY_ACTIVATION: [
      { when: ['emailGiven'], to: PROVISIONING, effect: 'REPLACE', source: 'I T15' },
      { refuse: 'EMAIL_REQUIRED', source: 'I T15' },
    ],
    CHANGE_PACKAGE_TYPE: moves(PENDING_EMAIL_VALIDATION, 'RECORD', 'I T18'),
    UPDATE_PROFILE: moves(PENDING_EMAIL_VALIDATION, 'RECORD', 'I T18'),
    DELETE_USER: moves('DELETED', 'DELETE', 'V T16'),
    RESEND_VALIDATION_EMAIL: [
      // Whoever has confirmed waits for somebody else, and another mail would lead to nothing.
      { when: ['emailConfirmed'], refuse: 'INVALID_STATE', source: 'I G1' },
      { to: PENDING_EMAIL_VALIDATION, effect: 'SEND_VALIDATION', source: 'I T5' },
    ],
  },
  PENDING_USER_MIGRATION: {
    ...LIVING_STATE,
    RETRY_ACTIVATION: [
      { when: ['emailGiven'], to: PROVISIONING, effect: 'REPLACE', source: 'I T15' },
      { refuse: 'EMAIL_REQUIRED', source: 'I T15' },
    ],
    CHANGE_PACKAGE_TYPE: moves(PENDING_USER_MIGRATION, 'RECORD', 'I T18'),
    UPDATE_PROFILE: moves(PENDING_USER_MIGRATION, 'RECORD', 'I T18'),
    DELETE_USER: moves('DELETED', 'DELETE', 'V T16'),
    RESEND_CONSENT_EMAIL: moves(PENDING_USER_MIGRATION, 'SEND_CONSENT', 'V T9'),
    UPSTREAM_RESUMED: moves(PROVISIONING, 'NONE', 'I T8'),
  },
  PROVISIONING: {
    ...LIVING_STATE,
    CHANGE_PACKAGE_TYPE: UNDER_WAY,
    UPDATE_PROFILE: UNDER_WAY,
    DELETE_USER: moves('DELETED', 'DELETE', 'V T16'),
    UPSTREAM_NEEDS_CONSENT: moves(PENDING_USER_MIGRATION, 'NONE', 'V T7'),
    UPSTREAM_PROVISIONED: moves(PROVISIONED, 'NONE', 'V T10'),
    UPSTREAM_FAILED: moves(ERROR, 'NONE', 'V T11'),
  },
  PROVISIONED: {
    ...LIVING_STATE,
    CHANGE_PACKAGE_TYPE: moves(UPDATING, 'UPDATE', 'V T12'),
    UPDATE_PROFILE: moves(UPDATING, 'UPDATE', 'V T12'),
    DELETE_USER: moves('DELETED', 'DELETE', 'V T16'),
  },
  UPDATING: {
    ...LIVING_STATE,
    CHANGE_PACKAGE_TYPE: UNDER_WAY,
    UPDATE_PROFILE: UNDER_WAY,
    DELETE_USER: moves('DELETED', 'DELETE', 'V T16'),
    UPSTREAM_PROVISIONED: moves(PROVISIONED, 'NONE', 'V T13'),
    UPSTREAM_FAILED: moves(ERROR, 'NONE', 'I T13'),
  },
  ERROR: {
    ...LIVING_STATE,
    TRY_AGAIN: [
      { when: ['hasPerson'], refuse: 'INVALID_STATE', source: 'I T14' },
      { to: PENDING_EMAIL_INPUT, effect: 'NONE', source: 'I T14' },
    ],
    RETRY_ACTIVATION: [
      { when: ['hasPerson', 'emailGiven', 'emailDiffers'], refuse: 'EMAIL_FIXED', source: 'V T15' },
      { when: ['hasPerson'], to: UPDATING, effect: 'REPEAT_UPDATE', source: 'I T15' },
      { when: ['emailGiven'], to: PROVISIONING, effect: 'REPLACE', source: 'I T15' },
      { when: ['emailOnRecord'], to: PROVISIONING, effect: 'REPLACE', source: 'I T15' },
      { refuse: 'EMAIL_REQUIRED', source: 'I T15' },
    ],
    CHANGE_PACKAGE_TYPE: [
      { when: ['hasPerson'], to: UPDATING, effect: 'UPDATE', source: 'I T18' },
      { to: ERROR, effect: 'RECORD', source: 'I T18' },
    ],
    UPDATE_PROFILE: [
      { when: ['hasPerson'], to: UPDATING, effect: 'UPDATE', source: 'I T18' },
      { to: ERROR, effect: 'RECORD', source: 'I T18' },
    ],
    DELETE_USER: moves('DELETED', 'DELETE', 'V T16'),
  },
  DELETED: {
    ...NOTHING_ALLOWED,
    DELETION_REFUSED: moves(ERROR, 'NONE', 'I T16'),
  },
}
