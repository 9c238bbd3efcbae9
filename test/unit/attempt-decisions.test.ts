import { AttemptPhase, AttemptTrigger, type ActivationAttempt } from '../../src/features/activation-attempt/activation-attempt.entity'
import type { AttemptStep, AttemptStepName } from '../../src/features/activation-attempt/attempt-step'
import {
  isFinalError,
  isLeftToUpdate,
  isRereadOutdated,
  isUpdateTaken,
  mayBeTooNew,
  mayHaveCreated,
  outcomeOfLookUp,
  outcomeOfPoll,
  outcomeOfReread,
  pollPauseMs,
  retryOfUpdate,
} from '../../src/features/activation-attempt/saga/decisions'
import type { ProvisionedUser } from '../../src/features/provisioned-user/provisioned-user.entity'
import { UserStatus } from '../../src/provisioning/lifecycle'
import { PackageType } from '../../src/provisioning/package-type'
import type { Subscriber } from '../../src/webex/webex-types'
import { NotSent, WebexError } from '../../src/webex/webex-error'

const NOW = new Date('2026-11-01T10:00:00.000Z')
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const REFUSAL = { code: 10022, httpStatus: 409, upstreamText: 'In use', trackingId: 'CISCO_1' }
const PASSING = { code: null, httpStatus: 503, upstreamText: 'Unavailable', trackingId: 'CISCO_1' }
const SETBACK = { failedCalls: 0, restarts: 1, since: ago(0) }

function ago(ms: number): string {
  return new Date(NOW.getTime() - ms).toISOString()
}

function step(name: AttemptStepName, fields: Partial<AttemptStep> = {}): AttemptStep {
  return { name, startedAt: ago(0), endedAt: ago(0), httpStatus: 200, trackingId: null, message: null, ...fields }
}

function attempt(fields: Partial<ActivationAttempt> = {}): ActivationAttempt {
  const kept = { trigger: AttemptTrigger.API, startedAt: ago(0), upstreamErrors: [], setback: null, steps: [], ...fields }
  return kept as unknown as ActivationAttempt
}

function user(fields: Partial<ProvisionedUser> = {}): ProvisionedUser {
  const requested = { requestedPackageType: null, requestedProfile: null }
  const person = { firstName: 'Anna', lastName: 'Rossi', email: 'anna@example.com', packageType: PackageType.STANDARD }
  return { ...person, ...requested, status: UserStatus.PROVISIONING, ...fields } as ProvisionedUser
}

function subscriber(status: string, fields: Partial<Subscriber> = {}): Subscriber {
  const person = { firstName: 'Anna', lastName: 'Rossi', email: 'anna@example.com', package: 'standard', personId: null, created: null }
  return { ...person, status, ...fields } as Subscriber
}

describe('a re-read before a deletion', () => {
  const AUTOMATIC = { trigger: AttemptTrigger.AUTOMATIC }
  const OTHER = { email: 'anna.rossi@example.com' }

  it.each<[string, string, Partial<Subscriber>, Partial<ActivationAttempt>]>([
    ['LIVE', 'provisioned', {}, {}],
    ['LIVE', 'provisioned', { personId: 'person' }, {}],
    ['UPDATE_FAILED', 'error', { personId: 'person' }, {}],
    ['UNDER_WAY', 'updating', {}, {}],
    ['UNDER_WAY', 'updating', { personId: 'person', ...OTHER }, {}],
    ['UNDER_WAY', 'provisioning', {}, {}],
    ['UNDER_WAY', 'provisioning', { email: 'Anna@Example.com' }, {}],
    ['OTHER_ADDRESS', 'provisioning', OTHER, {}],
    ['DELETE', 'provisioning', { lastName: 'Bianchi' }, {}],
    ['DELETE', 'error', {}, {}],
    ['DELETE', 'error', {}, AUTOMATIC],
    ['DELETE', 'error', {}, { setback: SETBACK }],
    ['DELETE', 'pending_user_migration', {}, {}],
    ['DELETE', 'pending_user_migration', { personId: 'person' }, {}],
    ['DELETE', 'pending_user_migration', { email: null }, {}],
    ['DELETE', 'pending_user_migration', {}, { setback: { ...SETBACK, failedCalls: 3, restarts: 0 } }],
    ['KEEP', 'pending_user_migration', {}, { setback: SETBACK }],
    ['KEEP', 'pending_user_migration', OTHER, { setback: SETBACK }],
    ['KEEP', 'pending_user_migration', {}, AUTOMATIC],
    ['KEEP', 'pending_user_migration', { email: null }, AUTOMATIC],
    ['KEEP', 'provisioning', { firstName: 'Bea' }, AUTOMATIC],
    ['OTHER_ADDRESS', 'pending_user_migration', OTHER, {}],
    ['OTHER_ADDRESS', 'pending_user_migration', OTHER, AUTOMATIC],
    ['OTHER_ADDRESS', 'error', OTHER, { steps: [step('re-read')] }],
    ['DELETE', 'error', OTHER, { steps: [step('precheck')] }],
    ['DELETE', 'pending_user_migration', OTHER, { steps: [step('precheck'), step('re-read')] }],
  ])('comes to %s for %s with %j in an attempt with %j', (outcome, status, shown, fields) => {
    expect(outcomeOfReread({ attempt: attempt(fields), user: user() }, subscriber(status, shown))).toBe(outcome)
  })

  it('compares with a user that has no address', () => {
    const asked = { attempt: attempt(), user: user({ email: null }) }
    expect(outcomeOfReread(asked, subscriber('error', { email: '' }))).toBe('DELETE')
    expect(outcomeOfReread(asked, subscriber('error'))).toBe('OTHER_ADDRESS')
  })

  it.each<[boolean, string, AttemptTrigger, string, object[]]>([
    [true, 'an automatic attempt finds an error that stays', AttemptTrigger.AUTOMATIC, 'error', [REFUSAL]],
    [false, 'the error passes', AttemptTrigger.AUTOMATIC, 'error', [PASSING]],
    [false, 'a person asked', AttemptTrigger.API, 'error', [REFUSAL]],
    [false, 'it is not in error', AttemptTrigger.AUTOMATIC, 'pending_user_migration', [REFUSAL]],
  ])('is final: %s when %s', (expected, _, trigger, status, errors) => {
    expect(isFinalError(attempt({ trigger }), subscriber(status), errors as never)).toBe(expected)
  })

  it('is outdated after a minute, and without a re-read', () => {
    const reread = (ms: number) => attempt({ steps: [step('re-read', { endedAt: ago(ms) }), step('delete')] })
    expect(isRereadOutdated(reread(MINUTE_MS), NOW)).toBe(false)
    expect(isRereadOutdated(reread(MINUTE_MS + 1), NOW)).toBe(true)
    expect(isRereadOutdated(attempt({ steps: [step('delete')] }), NOW)).toBe(true)
    expect(isRereadOutdated(attempt({ steps: [step('re-read', { endedAt: null })] }), NOW)).toBe(true)
  })

  it('counts by the last re-read', () => {
    const steps = [step('re-read', { endedAt: ago(HOUR_MS) }), step('re-read', { endedAt: ago(1000) })]
    expect(isRereadOutdated(attempt({ steps }), NOW)).toBe(false)
  })
})

describe('a creation that failed', () => {
  it.each([
    [true, null],
    [true, 500],
    [true, 503],
    [false, 499],
    [false, 400],
    [false, 429],
  ])('may have been carried out: %s with HTTP %p', (expected, httpStatus) => {
    expect(mayHaveCreated(new WebexError(httpStatus, 'CISCO_1', 'No.', []))).toBe(expected)
  })

  it('was not carried out when it was not sent', () => expect(mayHaveCreated(new NotSent('Busy.', 1000))).toBe(false))
})

describe('a look-up', () => {
  const refused = (steps: AttemptStep[]) => attempt({ upstreamErrors: [REFUSAL], steps })
  const unanswered = (ms: number) => step('create', { httpStatus: null, startedAt: ago(ms), endedAt: ago(ms) })
  const outcome = (of: ActivationAttempt, shown?: Subscriber) => outcomeOfLookUp({ attempt: of, user: user() }, shown, NOW)

  it('adopts what is as asked', () => {
    for (const status of ['provisioned', 'provisioning', 'error']) expect(outcome(attempt(), subscriber(status))).toBe('ADOPT')
    expect(outcome(refused([step('create', { httpStatus: 409 })]), subscriber('provisioning'))).toBe('ADOPT')
  })

  it.each<[string, Partial<Subscriber>]>([
    ['address', { email: 'bea@example.com' }],
    ['address, which is none,', { email: null }],
    ['package', { package: 'premium' }],
    ['first name', { firstName: 'Bea' }],
    ['last name', { lastName: 'Bianchi' }],
  ])('finds other data when the %s differs', (_, shown) => {
    expect(outcome(attempt(), subscriber('provisioning', shown))).toBe('OTHER_DATA')
    expect(outcome(attempt(), subscriber('error', shown))).toBe('OTHER_DATA')
  })

  it('compares with the package that was asked for', () => {
    const asked = { attempt: attempt(), user: user({ requestedPackageType: PackageType.PREMIUM }) }
    expect(outcomeOfLookUp(asked, subscriber('provisioning'), NOW)).toBe('OTHER_DATA')
    expect(outcomeOfLookUp(asked, subscriber('provisioning', { package: 'premium' }), NOW)).toBe('ADOPT')
  })

  it('tells an old failure from one of this attempt by the time of creation, give or take ten seconds', () => {
    const created = (ms: number) => subscriber('error', { created: ago(ms) })
    const at = refused([step('precheck', { startedAt: ago(HOUR_MS) }), step('create', { httpStatus: 409, startedAt: ago(MINUTE_MS) })])
    expect(outcome(at, created(MINUTE_MS + 10_000))).toBe('ADOPT')
    expect(outcome(at, created(0))).toBe('ADOPT')
    expect(outcome(at, created(MINUTE_MS + 10_001))).toBe('OLD_FAILURE')
    expect(outcome(at, subscriber('error'))).toBe('OLD_FAILURE')
    expect(outcome(refused([step('precheck')]), created(0))).toBe('OLD_FAILURE')
  })

  it('counts the first creation of the attempt', () => {
    const creations = [ago(HOUR_MS), ago(0)].map(startedAt => step('create', { httpStatus: 409, startedAt }))
    expect(outcome(refused(creations), subscriber('error', { created: ago(MINUTE_MS) }))).toBe('ADOPT')
  })

  it('adopts an error after a creation without a response, in this attempt or before it', () => {
    const refusedCreation = step('create', { httpStatus: 409 })
    expect(outcome(refused([unanswered(0), refusedCreation]), subscriber('error'))).toBe('ADOPT')
    expect(outcome(refused([step('create', { httpStatus: 500 }), refusedCreation]), subscriber('error'))).toBe('ADOPT')
    expect(outcome(refused([step('look-up'), refusedCreation]), subscriber('error'))).toBe('ADOPT')
    expect(outcome(refused([refusedCreation, step('look-up', { httpStatus: null })]), subscriber('error'))).toBe('OLD_FAILURE')
  })

  it('finds nothing', () => {
    expect(outcome(attempt())).toBe('ABSENT')
    expect(outcome(attempt({ steps: [unanswered(0)] }))).toBe('ABSENT')
    expect(outcome(refused([step('create', { httpStatus: 409 })]))).toBe('REFUSED')
    expect(outcome(refused([]))).toBe('REFUSED')
  })

  it('waits a minute for what a creation without a response may have made', () => {
    expect(outcome(refused([unanswered(MINUTE_MS - 1)]))).toBe('MAY_SHOW_LATE')
    expect(outcome(refused([unanswered(MINUTE_MS)]))).toBe('REFUSED')
    expect(outcome(refused([step('look-up'), step('create', { httpStatus: 409 })]))).toBe('MAY_SHOW_LATE')
    expect(outcome(refused([step('look-up')]))).toBe('REFUSED')
  })
})

describe('a poll', () => {
  const outcome = (of: ActivationAttempt, shown: Subscriber, fields: Partial<ProvisionedUser> = {}) =>
    outcomeOfPoll({ attempt: of, user: user(fields) }, shown, NOW)

  it.each(['provisioning', 'updating'])('waits six hours for the end of %s', status => {
    expect(outcome(attempt({ startedAt: ago(6 * HOUR_MS) }), subscriber(status))).toBe('UNDER_WAY')
    expect(outcome(attempt({ startedAt: ago(6 * HOUR_MS + 1) }), subscriber(status))).toBe('OVERDUE')
  })

  it('ends with a live user', () => {
    expect(outcome(attempt(), subscriber('provisioned'))).toBe('LIVE')
    expect(outcome(attempt(), subscriber('provisioned'), { requestedPackageType: PackageType.PREMIUM })).toBe('LIVE')
    expect(outcome(attempt({ steps: [step('update')] }), subscriber('provisioned'))).toBe('LIVE')
  })

  it('waits a minute for an update that was accepted', () => {
    const asked = { requestedPackageType: PackageType.PREMIUM }
    const updated = (ms: number) => attempt({ steps: [step('update', { endedAt: ago(ms) }), step('follow')] })
    expect(outcome(updated(MINUTE_MS - 1), subscriber('provisioned'), asked)).toBe('NOT_SHOWN')
    expect(outcome(updated(MINUTE_MS), subscriber('provisioned'), asked)).toBe('DROPPED')
    expect(outcome(updated(MINUTE_MS), subscriber('provisioned', { package: 'premium' }), asked)).toBe('LIVE')
  })

  it('ends in a wait for consent only while the user is provisioned for the first time', () => {
    expect(outcome(attempt(), subscriber('pending_user_migration'))).toBe('NEEDS_CONSENT')
    expect(outcome(attempt(), subscriber('pending_user_migration'), { status: UserStatus.UPDATING })).toBe('FAILED')
  })

  it.each(['error', 'pending_email_input', 'resting'])('ends in a failure with %s', status => {
    expect(outcome(attempt(), subscriber(status))).toBe('FAILED')
  })

  it('takes a subscriber that is not found for too new within a minute of its creation', () => {
    const created = (ms: number) => attempt({ steps: [step('create', { endedAt: ago(ms) }), step('follow')] })
    expect(mayBeTooNew(created(MINUTE_MS - 1), NOW)).toBe(true)
    expect(mayBeTooNew(created(MINUTE_MS), NOW)).toBe(false)
    expect(mayBeTooNew(attempt({ steps: [step('follow')] }), NOW)).toBe(false)
  })

  it.each([
    [0, 250],
    [1000, 250],
    [1004, 251],
    [MINUTE_MS - 4, 14_999],
    [MINUTE_MS, 15_000],
    [HOUR_MS, 15_000],
  ])('is repeated, %i ms after the start of the attempt, in %i ms', (ms, pauseMs) => {
    expect(pollPauseMs(attempt({ startedAt: ago(ms) }), NOW)).toBe(pauseMs)
  })
})

describe('an update', () => {
  const PREMIUM = { requestedPackageType: PackageType.PREMIUM }
  const EXTENSION = { requestedProfile: { extension: '12' } }

  it.each<[boolean, Partial<ProvisionedUser>, Partial<Subscriber>, AttemptStepName]>([
    [true, PREMIUM, {}, 'create'],
    [true, EXTENSION, {}, 'create'],
    [false, EXTENSION, { extension: '12' }, 'create'],
    [false, PREMIUM, { package: 'premium' }, 'create'],
    [false, PREMIUM, {}, 'update'],
    [false, {}, { package: 'premium' }, 'create'],
  ])('is left to do: %s with %j of a subscriber with %j after %s', (expected, fields, shown, name) => {
    const subject = { attempt: attempt({ steps: [step(name), step('follow')] }), user: user(fields) }
    expect(isLeftToUpdate(subject, subscriber('provisioned', shown))).toBe(expected)
  })

  it.each<[boolean, string, Partial<Subscriber>]>([
    [true, 'updating', {}],
    [true, 'provisioned', { package: 'premium' }],
    [false, 'provisioned', {}],
    [false, 'error', { package: 'premium' }],
  ])('was taken: %s when the subscriber is %s with %j', (expected, status, shown) => {
    expect(isUpdateTaken({ attempt: attempt(), user: user(PREMIUM) }, subscriber(status, shown))).toBe(expected)
  })

  it.each<[WebexError, object]>([
    [new NotSent('Busy.', 1000), { again: AttemptPhase.UPDATE }],
    [new WebexError(423, '', 'Locked.', []), { again: AttemptPhase.UPDATE }],
    [new WebexError(429, '', 'Too many.', []), { again: AttemptPhase.UPDATE }],
    [new WebexError(409, '', 'Conflict.', []), { again: AttemptPhase.UPDATE_SENT, mayPass: true }],
    [new WebexError(500, '', 'Fault.', []), { again: AttemptPhase.UPDATE_SENT }],
    [new WebexError(null, '', 'No response.', []), { again: AttemptPhase.UPDATE_SENT }],
  ])('that fails with %s is tried again as %j', (error, expected) => expect(retryOfUpdate(error)).toEqual(expected))
})
