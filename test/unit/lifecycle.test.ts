import { readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { renderLifecycleReference } from '../../scripts/generate-lifecycle-reference'
import {
  type Decision,
  decide,
  type Facts,
  type Guard,
  LIFECYCLE,
  NO_FACTS,
  type Rule,
  type State,
  STATES,
  STUCK_STATUSES,
  type Trigger,
  TRIGGERS,
  triggerOfSync,
  UserStatus,
} from '../../src/provisioning/lifecycle'

const GUARDS = Object.keys(NO_FACTS) as Guard[]
/** All 64 combinations of the facts. */
const ALL_FACTS: Facts[] = GUARDS.reduce<Facts[]>((all, guard) => all.flatMap(facts => [facts, { ...facts, [guard]: true }]), [NO_FACTS])
const LIVING = Object.values(UserStatus)

const { PENDING_EMAIL_INPUT, PENDING_EMAIL_VALIDATION, PENDING_USER_MIGRATION, PROVISIONING, PROVISIONED, UPDATING, ERROR } = UserStatus
const REFUSED: Decision = { allowed: false, reason: 'INVALID_STATE' }
const EMAIL_REQUIRED: Decision = { allowed: false, reason: 'EMAIL_REQUIRED' }

function facts(...held: Guard[]): Facts {
  return { ...NO_FACTS, ...Object.fromEntries(held.map(guard => [guard, true])) }
}

function everyRule(): { state: State; trigger: Trigger; rule: Rule }[] {
  return STATES.flatMap(state => TRIGGERS.flatMap(trigger => LIFECYCLE[state][trigger].map(rule => ({ state, trigger, rule }))))
}

/** Every state that some trigger and some facts lead to from here. */
function nextOf(state: State): Set<State> {
  const decisions = TRIGGERS.flatMap(trigger => ALL_FACTS.map(given => decide(state, trigger, given)))
  return new Set(decisions.flatMap(decision => (decision.allowed ? [decision.to] : [])))
}

function reachableFrom(state: State): Set<State> {
  const seen = new Set<State>([state])
  for (const each of seen) for (const next of nextOf(each)) seen.add(next)
  return seen
}

describe('the lifecycle as a table', () => {
  it('decides for every state, every trigger and every combination of facts', () => {
    expect(ALL_FACTS).toHaveLength(128)
    expect(new Set(ALL_FACTS.map(given => JSON.stringify(given))).size).toBe(128)
    for (const state of STATES) {
      for (const trigger of TRIGGERS) {
        for (const given of ALL_FACTS) {
          const decision = decide(state, trigger, given)
          if (decision.allowed) expect(STATES).toContain(decision.to)
          else expect(['INVALID_STATE', 'EMAIL_REQUIRED', 'EMAIL_FIXED']).toContain(decision.reason)
        }
      }
    }
  })

  it('has no rule that can never decide, because one before it always does', () => {
    for (const state of STATES) {
      for (const trigger of TRIGGERS) {
        const rules = LIFECYCLE[state][trigger]
        const deciding = ALL_FACTS.map(given => rules.findIndex(rule => (rule.when ?? []).every(guard => given[guard])))
        expect([...new Set(deciding)].sort()).toEqual(rules.map((_, index) => index))
      }
    }
  })

  it('says of every rule where it comes from', () => {
    const rules = everyRule()
    expect(rules.length).toBeGreaterThanOrEqual(STATES.length * TRIGGERS.length)
    for (const { state, trigger, rule } of rules) {
      expect([`${trigger} in ${state}`, rule.source]).toEqual([`${trigger} in ${state}`, expect.stringMatching(/^(V|S|I)( [TG]\d{1,2})?$/)])
      // Only the plain "this is not possible here" may go without the number of a transition or guard.
      if ('to' in rule || rule.refuse !== 'INVALID_STATE') expect(rule.source).toMatch(/ [TG]\d/)
    }
  })

  it('gives an effect where something has to be done outside, and none where Webex only told us', () => {
    for (const { trigger, rule } of everyRule()) {
      if (!('to' in rule)) continue
      if (trigger.startsWith('UPSTREAM_') || trigger === 'DELETION_REFUSED') expect(rule.effect).toBe('NONE')
      if (trigger.startsWith('UPSTREAM_')) continue
      if (rule.to === 'UPDATING') expect(['UPDATE', 'REPEAT_UPDATE']).toContain(rule.effect)
      if (rule.to === 'DELETED') expect(rule.effect).toBe('DELETE')
      if (rule.to === PROVISIONING) expect(['CREATE', 'REPLACE']).toContain(rule.effect)
    }
  })
})

describe('any sequence of triggers', () => {
  const step = fc.record({ trigger: fc.constantFrom(...TRIGGERS), given: fc.constantFrom(...ALL_FACTS) })

  it('stays within the states, never makes a user new again, and revives a deleted one only when Webex refused the deletion', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), steps => {
        let state: State = 'NEW'
        for (const { trigger, given } of steps) {
          const decision = decide(state, trigger, given)
          if (!decision.allowed) continue
          expect(STATES).toContain(decision.to)
          expect(decision.to).not.toBe('NEW')
          if (state === 'NEW' && trigger === 'HAND_OVER') expect([PROVISIONING, PENDING_EMAIL_INPUT]).toContain(decision.to)
          if (state === 'NEW' && trigger !== 'HAND_OVER') expect(trigger).toBe(`UPSTREAM_SHOWS_${decision.to}`)
          if (state === 'DELETED') expect([trigger, decision.to]).toEqual(['DELETION_REFUSED', ERROR])
          state = decision.to
        }
      }),
      { numRuns: 500 },
    )
  })

  it('reaches every state, and from every living one leads on to PROVISIONED and to DELETED', () => {
    expect(reachableFrom('NEW')).toEqual(new Set(STATES))
    for (const state of LIVING) expect(reachableFrom(state)).toEqual(new Set([...LIVING, 'DELETED']))
  })

  it('never leads out of a stuck state without somebody who acts', () => {
    const byThemselves: Trigger[] = ['UPSTREAM_NEEDS_CONSENT', 'UPSTREAM_PROVISIONED', 'UPSTREAM_FAILED']
    expect([...STUCK_STATUSES].sort()).toEqual([ERROR, PENDING_EMAIL_INPUT, PENDING_EMAIL_VALIDATION, PENDING_USER_MIGRATION])
    for (const state of STUCK_STATUSES) for (const trigger of byThemselves) expect(decide(state, trigger, NO_FACTS)).toEqual(REFUSED)
  })
})

/** What a cell of the table "What is allowed in which state" means for some facts. */
type Cell = (state: State, given: Facts) => Decision

const no: Cell = () => REFUSED
const recorded: Cell = state => ({ allowed: true, to: state, effect: 'RECORD' })
const yesDelete: Cell = () => ({ allowed: true, to: 'DELETED', effect: 'DELETE' })
const upstreamPut: Cell = () => ({ allowed: true, to: UPDATING, effect: 'UPDATE' })
const mailAgain =
  (effect: 'SEND_CONSENT' | 'SEND_VALIDATION'): Cell =>
  (state, given) =>
    effect === 'SEND_VALIDATION' && given.emailConfirmed
      ? { allowed: false, reason: 'INVALID_STATE' }
      : { allowed: true, to: state, effect }
const emailRequired: Cell = (_, given) => (given.emailGiven ? { allowed: true, to: PROVISIONING, effect: 'REPLACE' } : EMAIL_REQUIRED)
const emailOptional: Cell = (_, given) =>
  given.emailGiven || given.emailOnRecord ? { allowed: true, to: PROVISIONING, effect: 'REPLACE' } : EMAIL_REQUIRED
const repeatsUpdate: Cell = (_, given) =>
  given.emailGiven && given.emailDiffers
    ? { allowed: false, reason: 'EMAIL_FIXED' }
    : { allowed: true, to: UPDATING, effect: 'REPEAT_UPDATE' }

const ACTIONS = ['RETRY_ACTIVATION', 'CHANGE_PACKAGE_TYPE', 'DELETE_USER', 'RESEND_CONSENT_EMAIL', 'RESEND_VALIDATION_EMAIL'] as const

/** The table of the API's design, row by row: the actions in the order above. */
const ALLOWED: { row: string; state: UserStatus; hasPerson?: boolean; cells: [Cell, Cell, Cell, Cell, Cell] }[] = [
  { row: PENDING_EMAIL_INPUT, state: PENDING_EMAIL_INPUT, cells: [emailRequired, recorded, yesDelete, no, no] },
  {
    row: PENDING_EMAIL_VALIDATION,
    state: PENDING_EMAIL_VALIDATION,
    cells: [emailRequired, recorded, yesDelete, no, mailAgain('SEND_VALIDATION')],
  },
  {
    row: PENDING_USER_MIGRATION,
    state: PENDING_USER_MIGRATION,
    cells: [emailRequired, recorded, yesDelete, mailAgain('SEND_CONSENT'), no],
  },
  { row: PROVISIONING, state: PROVISIONING, cells: [no, no, yesDelete, no, no] },
  { row: UPDATING, state: UPDATING, cells: [no, no, yesDelete, no, no] },
  { row: PROVISIONED, state: PROVISIONED, cells: [no, upstreamPut, yesDelete, no, no] },
  { row: 'ERROR, no webexPersonId', state: ERROR, hasPerson: false, cells: [emailOptional, recorded, yesDelete, no, no] },
  { row: 'ERROR, webexPersonId set', state: ERROR, hasPerson: true, cells: [repeatsUpdate, upstreamPut, yesDelete, no, no] },
]

describe('what is allowed in which state', () => {
  it.each(ALLOWED)('is as the design says in $row', ({ state, hasPerson, cells }) => {
    for (const given of ALL_FACTS) {
      if (hasPerson !== undefined && given.hasPerson !== hasPerson) continue
      ACTIONS.forEach((action, index) => {
        const expected = (cells[index] as Cell)(state, given)
        expect([action, given, decide(state, action, given)]).toEqual([action, given, expected])
      })
    }
  })

  it('covers every status', () => {
    expect(new Set(ALLOWED.map(({ state }) => state))).toEqual(new Set(LIVING))
  })

  it('treats a change of names and numbers like a change of the package', () => {
    for (const state of STATES) {
      for (const given of ALL_FACTS) expect(decide(state, 'UPDATE_PROFILE', given)).toEqual(decide(state, 'CHANGE_PACKAGE_TYPE', given))
    }
  })
})

type Step = [name: string, from: State, trigger: Trigger, held: Guard[], outcome: State | 'refused']

const TRANSITIONS: Step[] = [
  ['T1', 'NEW', 'HAND_OVER', [], PENDING_EMAIL_INPUT],
  ['T2', 'NEW', 'HAND_OVER', ['emailGiven'], PROVISIONING],
  ['T2', 'NEW', 'HAND_OVER', ['emailGiven', 'emailsTrusted'], PROVISIONING],
  ['T2', 'NEW', 'HAND_OVER', ['emailsTrusted'], 'refused'],
  ['T4', PENDING_EMAIL_INPUT, 'SUBMIT_EMAIL', ['emailGiven'], PENDING_EMAIL_VALIDATION],
  ['T5', PENDING_EMAIL_VALIDATION, 'SUBMIT_EMAIL', ['emailGiven'], PENDING_EMAIL_VALIDATION],
  ['T5', PENDING_EMAIL_VALIDATION, 'RESEND_VALIDATION_EMAIL', [], PENDING_EMAIL_VALIDATION],
  ['G1', PENDING_EMAIL_VALIDATION, 'RESEND_VALIDATION_EMAIL', ['emailConfirmed'], 'refused'],
  ['T6', PENDING_EMAIL_VALIDATION, 'CONFIRM_EMAIL', [], PROVISIONING],
  ['T7', PROVISIONING, 'UPSTREAM_NEEDS_CONSENT', [], PENDING_USER_MIGRATION],
  ['T8', PENDING_USER_MIGRATION, 'UPSTREAM_RESUMED', [], PROVISIONING],
  ['T9', PENDING_USER_MIGRATION, 'RESEND_CONSENT_EMAIL', [], PENDING_USER_MIGRATION],
  ['T10', PROVISIONING, 'UPSTREAM_PROVISIONED', [], PROVISIONED],
  ['T11', PROVISIONING, 'UPSTREAM_FAILED', [], ERROR],
  ['T12', PROVISIONED, 'CHANGE_PACKAGE_TYPE', ['hasPerson'], UPDATING],
  ['T12', PROVISIONED, 'UPDATE_PROFILE', ['hasPerson'], UPDATING],
  ['T13', UPDATING, 'UPSTREAM_PROVISIONED', ['hasPerson'], PROVISIONED],
  ['T13', UPDATING, 'UPSTREAM_FAILED', ['hasPerson'], ERROR],
  ['T14', ERROR, 'TRY_AGAIN', [], PENDING_EMAIL_INPUT],
  ['T14', ERROR, 'TRY_AGAIN', ['hasPerson'], 'refused'],
  ...[PENDING_EMAIL_INPUT, PENDING_EMAIL_VALIDATION, PENDING_USER_MIGRATION, ERROR].map((state): Step => [
    'T15',
    state,
    'RETRY_ACTIVATION',
    ['emailGiven'],
    PROVISIONING,
  ]),
  ...LIVING.map((state): Step => ['T16', state, 'DELETE_USER', [], 'DELETED']),
  ['T16', 'DELETED', 'DELETE_USER', [], 'refused'],
  ['T16', 'DELETED', 'DELETION_REFUSED', [], ERROR],
  // Whoever is handed over again is another user, who begins at NEW; the tombstone stays one.
  ['T17', 'DELETED', 'HAND_OVER', ['emailGiven'], 'refused'],
  ['T18', PROVISIONED, 'CHANGE_PACKAGE_TYPE', [], UPDATING],
  ['T18', PENDING_EMAIL_INPUT, 'CHANGE_PACKAGE_TYPE', [], PENDING_EMAIL_INPUT],
  ['T18', PENDING_EMAIL_VALIDATION, 'CHANGE_PACKAGE_TYPE', [], PENDING_EMAIL_VALIDATION],
  ['T18', PENDING_USER_MIGRATION, 'CHANGE_PACKAGE_TYPE', [], PENDING_USER_MIGRATION],
  ['T18', ERROR, 'CHANGE_PACKAGE_TYPE', [], ERROR],
  ...(['NEW', ...LIVING] as const).flatMap(state => LIVING.map((shown): Step => ['T19', state, triggerOfSync(shown), [], shown])),
  ...LIVING.map((shown): Step => ['T19', 'DELETED', triggerOfSync(shown), [], 'refused']),
  ...LIVING.map((state): Step => ['T20', state, 'UPSTREAM_GONE', [], 'DELETED']),
  ...(['NEW', 'DELETED'] as const).map((state): Step => ['T20', state, 'UPSTREAM_GONE', [], 'refused']),
  ['G1', PENDING_EMAIL_VALIDATION, 'CONFIRM_EMAIL', ['waitsForFirstUser'], PENDING_EMAIL_VALIDATION],
  ['G1', PENDING_EMAIL_VALIDATION, 'RETRY_ACTIVATION', ['waitsForFirstUser', 'emailGiven'], PROVISIONING],
  ...[PROVISIONING, UPDATING].flatMap((state): Step[] => [
    ['G2', state, 'CHANGE_PACKAGE_TYPE', ['hasPerson'], 'refused'],
    ['G2', state, 'UPDATE_PROFILE', ['hasPerson'], 'refused'],
  ]),
]

describe('the transitions of the domain', () => {
  it.each(TRANSITIONS)('%s: from %s, %s with %j leads to %s', (_, from, trigger, held, outcome) => {
    const decision = decide(from, trigger, facts(...held))
    expect(decision.allowed ? decision.to : 'refused').toBe(outcome)
  })

  it('allow nothing else to change a state', () => {
    const known = new Set(TRANSITIONS.map(([, from, trigger, , to]) => `${from} ${trigger} ${to}`))
    const repeated = ['RETRY_ACTIVATION', 'CHANGE_PACKAGE_TYPE', 'UPDATE_PROFILE'].map(trigger => `${ERROR} ${trigger} ${UPDATING}`)
    const changes = everyRule().flatMap(({ state, trigger, rule }) =>
      'to' in rule && rule.to !== state ? [`${state} ${trigger} ${rule.to}`] : [],
    )
    expect(changes.filter(change => !known.has(change) && !repeated.includes(change))).toEqual([])
  })
})

describe('the lifecycle reference', () => {
  it('is up to date', () => {
    const file = path.join(__dirname, '..', '..', 'docs', 'reference', 'lifecycle.md')
    expect(readFileSync(file, 'utf8')).toBe(renderLifecycleReference())
  })

  it('explains every transition and guard that the table names as its source', () => {
    const reference = renderLifecycleReference()
    const cited = new Set(everyRule().flatMap(({ rule }) => rule.source.match(/[TG]\d+/g) ?? []))
    expect(cited.size).toBeGreaterThan(15)
    for (const name of cited) expect(reference).toMatch(new RegExp(`^\\| ${name} +\\| \\S`, 'm'))
  })
})
