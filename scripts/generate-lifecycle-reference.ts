import { writeFileSync } from 'node:fs'
import {
  type Effect,
  type Guard,
  LIFECYCLE,
  NO_FACTS,
  type RefusalReason,
  type Rule,
  type State,
  STATES,
  STUCK_STATUSES,
  type Trigger,
  TRIGGERS,
  triggerOfSync,
  UserStatus,
} from '../src/provisioning/lifecycle'
import { table } from './generate-error-reference'

const STATE_TEXTS: Record<State, string> = {
  NEW: 'Not handed over yet: there is no user.',
  PENDING_EMAIL_INPUT:
    'No e-mail address is confirmed or vouched for. The user has to sign in to the portal, or an operator has to give one.',
  PENDING_EMAIL_VALIDATION: 'The user typed an address and has not followed the link in the mail.',
  PENDING_USER_MIGRATION: 'The address belongs to an existing Webex account. Its owner has to consent to the move.',
  PROVISIONING: 'Webex is at work on a new user.',
  PROVISIONED: 'Live.',
  UPDATING: 'Webex is at work on a change of a live user.',
  ERROR: 'The last attempt failed.',
  DELETED: 'Gone for every caller. A tombstone stays until Webex has deleted its side, and after.',
}

const TRIGGER_TEXTS: Record<Trigger, { who: string; what: string }> = {
  HAND_OVER: {
    who: 'BroadWorks, an operator',
    what: 'hands the user over: `provisionUser`, `provisionUsers`, or the import of a CSV file.',
  },
  SUBMIT_EMAIL: { who: 'the user', what: 'types an address in the activation portal.' },
  CONFIRM_EMAIL: { who: 'the user', what: 'follows the link in the validation mail.' },
  TRY_AGAIN: { who: 'the user', what: 'presses "Try again" in the activation portal.' },
  RETRY_ACTIVATION: { who: 'an operator', what: 'starts the activation again: `retryActivation`.' },
  CHANGE_PACKAGE_TYPE: { who: 'an operator', what: 'gives another package: `changePackageType`.' },
  UPDATE_PROFILE: { who: 'an operator', what: 'changes names or numbers: `updateProvisionedUser`.' },
  DELETE_USER: { who: 'an operator', what: 'deletes the user: `deleteUser`.' },
  DELETION_REFUSED: { who: 'Webex', what: 'refuses for good to delete its side of a user.' },
  RESEND_CONSENT_EMAIL: { who: 'an operator', what: 'has Webex send the consent mail again: `resendConsentEmail`.' },
  RESEND_VALIDATION_EMAIL: { who: 'an operator, the user', what: 'has the validation mail sent again.' },
  UPSTREAM_NEEDS_CONSENT: { who: 'Webex', what: 'finds that the address belongs to an existing account.' },
  UPSTREAM_RESUMED: { who: 'Webex', what: 'goes on, because the owner of the address consented.' },
  UPSTREAM_PROVISIONED: { who: 'Webex', what: 'ends its work well.' },
  UPSTREAM_FAILED: { who: 'Webex', what: 'refuses a call, or ends its work in an error.' },
  UPSTREAM_SHOWS_PENDING_EMAIL_INPUT: shows(UserStatus.PENDING_EMAIL_INPUT),
  UPSTREAM_SHOWS_PENDING_EMAIL_VALIDATION: shows(UserStatus.PENDING_EMAIL_VALIDATION),
  UPSTREAM_SHOWS_PENDING_USER_MIGRATION: shows(UserStatus.PENDING_USER_MIGRATION),
  UPSTREAM_SHOWS_PROVISIONING: shows(UserStatus.PROVISIONING),
  UPSTREAM_SHOWS_PROVISIONED: shows(UserStatus.PROVISIONED),
  UPSTREAM_SHOWS_UPDATING: shows(UserStatus.UPDATING),
  UPSTREAM_SHOWS_ERROR: shows(UserStatus.ERROR),
  UPSTREAM_GONE: { who: 'the sync', what: 'reads everything that Webex has, and neither there nor when asked for is the user.' },
}

function shows(status: UserStatus): { who: string; what: string } {
  return { who: 'the sync', what: `finds the subscriber as \`${status.toLowerCase()}\` at Webex, with nothing under way here.` }
}

const GUARD_TEXTS: Record<Guard, string> = {
  emailGiven: 'an address is given that its giver vouches for',
  emailOnRecord: 'a confirmed or vouched address is on record',
  emailDiffers: 'the given address is not the one on record',
  hasPerson: 'Webex has the person, so only an update can have failed',
  emailConfirmed: 'the user has followed the mail',
  emailsTrusted: 'the template trusts the addresses of BroadWorks',
  waitsForFirstUser: '"provision admin first" is on, and the first user of the customer is not active yet',
}

const EFFECT_TEXTS: Record<Effect, string> = {
  NONE: 'nothing more',
  CREATE: 'create the user at Webex',
  REPLACE: 'delete what Webex has of the user, if anything; create the user there',
  UPDATE: 'update the user at Webex',
  REPEAT_UPDATE: 'look what Webex has of the update that failed, and send it again if it is not there',
  DELETE: 'end what runs; delete what Webex has of the user, if anything',
  RECORD: 'keep it on record for the next attempt',
  SEND_VALIDATION: 'send the validation mail; an earlier link is void',
  SEND_CONSENT: 'have Webex send its consent mail',
}

const REFUSAL_TEXTS: Record<RefusalReason, string> = {
  INVALID_STATE: 'refused: `INVALID_STATE`',
  EMAIL_REQUIRED: 'refused: `EMAIL_REQUIRED`',
  EMAIL_FIXED: 'refused: `INVALID`, because Webex cannot change the address of a user it has',
}

const TRANSITION_TEXTS: Record<string, string> = {
  T1: 'Hand-over without a trusted address: the user waits for one.',
  T2: 'Hand-over with an address that is trusted or vouched for: Webex starts at once.',
  T3: 'A user nobody handed over activates alone, by the link. Not in the table: this server serves flow-through provisioning.',
  T4: 'The user types an address in the portal.',
  T5: 'The user asks for another mail or types another address.',
  T6: 'The user follows the link in the mail.',
  T7: 'Webex finds that the address belongs to an existing account.',
  T8: 'The owner of that account consents.',
  T9: 'The consent mail is sent again; possible only while Webex waits for the consent.',
  T10: 'Webex has provisioned the user.',
  T11: 'Webex could not provision the user.',
  T12: 'A live user is changed.',
  T13: 'The change of a live user ends, well or in an error.',
  T14: 'The user presses "Try again" in the portal, and begins with an address again. A failed update is not for the user to mend.',
  T15: 'An operator retries the activation. The operator vouches for the address, so no validation mail is sent.',
  T16: 'An operator deletes the user. If Webex refuses for good, the user is back, in ERROR.',
  T17: 'A deleted user is handed over again. Not in the table: that is a new user with a new ID, who begins at NEW.',
  T18: 'An operator changes the package, names or numbers of a user who is not live: kept on record, or sent if Webex has the person.',
  T19: 'The sync takes over what Webex shows of a user for whom nothing is under way here, or whom nobody here knew.',
  T20: 'The sync deletes whom Webex does not have any more. Nothing is left to be done there.',
  G1: 'With "provision admin first", others wait for the first user of the customer. An operator\'s retry does not wait.',
  G2: 'What Webex is at work on is not changed a second time.',
}

/** The whole of docs/reference/lifecycle.md. A test fails when the file differs. */
export function renderLifecycleReference(): string {
  const sections = [introduction(), diagram(), stateSection(), triggerSection(), ...STATES.map(ruleSection), sourceSection()]
  return sections.join('\n\n') + '\n'
}

/** Writes beneath the working directory, the root of the repository, so that it also works from compiled code. */
export function main(): void {
  writeFileSync('docs/reference/lifecycle.md', renderLifecycleReference())
}

if (require.main === module) main()

function introduction(): string {
  return `# The lifecycle of a user

<!-- Generated from src/provisioning/lifecycle.ts by scripts/generate-lifecycle-reference.ts. Do not edit. -->

Every state a user can be in, everything that can happen, and what comes of it. The code has the same table, and nothing else changes a
status: see \`src/provisioning/lifecycle.ts\`. Each change is written only if nobody changed the user since it was read, so of two changes
at the same moment the second is decided by the state that the first one left.

What is refused changes nothing.`
}

/** Deletion and sync are possible everywhere, and what leaves a state as it is leads nowhere: drawn, they would hide the rest. */
function diagram(): string {
  const lines: string[] = []
  for (const state of STATES) {
    for (const next of STATES) {
      const triggers = TRIGGERS.filter(
        trigger => !NOT_DRAWN.includes(trigger) && LIFECYCLE[state][trigger].some(rule => 'to' in rule && rule.to === next),
      )
      if (triggers.length > 0 && state !== next) lines.push(`  ${state === 'NEW' ? '[*]' : state} --> ${next}: ${triggers.join(', ')}`)
    }
  }
  return `## In one picture

Not drawn: \`DELETE_USER\` and \`UPSTREAM_GONE\`, which lead from every living state to \`DELETED\`; \`UPSTREAM_SHOWS_…\`, which lead from
\`NEW\` and from every living state to the one in their name; and whatever leaves the state as it is.

\`\`\`mermaid
stateDiagram-v2
${lines.join('\n')}
\`\`\``
}

const NOT_DRAWN: readonly Trigger[] = ['DELETE_USER', 'UPSTREAM_GONE', ...Object.values(UserStatus).map(triggerOfSync)]

function stateSection(): string {
  const rows = STATES.map(state => [`\`${state}\``, STATE_TEXTS[state], STUCK_STATUSES.some(stuck => stuck === state) ? 'yes' : 'no'])
  return `## States\n\nA stuck user waits for a person and does not move on alone.\n\n${table(['State', 'Meaning', 'Stuck?'], rows)}`
}

function triggerSection(): string {
  const rows = TRIGGERS.map(trigger => [`\`${trigger}\``, TRIGGER_TEXTS[trigger].who, TRIGGER_TEXTS[trigger].what])
  return `## What can happen\n\n${table(['Trigger', 'Who', 'What they do'], rows)}`
}

function ruleSection(state: State): string {
  const named = TRIGGERS.filter(trigger => !isPlainRefusal(LIFECYCLE[state][trigger]))
  const refused = TRIGGERS.filter(trigger => !named.includes(trigger)).map(trigger => `\`${trigger}\``)
  const rows = named.flatMap(trigger => LIFECYCLE[state][trigger].map((rule, index) => ruleRow(trigger, rule, index)))
  const columns = ['Trigger', 'If', 'Leads to', 'What is done', 'Source']
  return `## ${state}\n\n${table(columns, rows)}\n\nRefused with \`INVALID_STATE\` (source I): ${refused.join(', ')}.`
}

function isPlainRefusal(rules: readonly Rule[]): boolean {
  return rules.every(rule => 'refuse' in rule && rule.refuse === 'INVALID_STATE' && rule.source === 'I')
}

function ruleRow(trigger: Trigger, rule: Rule, index: number): string[] {
  const condition = rule.when ? rule.when.map(guard => GUARD_TEXTS[guard]).join('; ') : index === 0 ? 'always' : 'otherwise'
  const outcome = 'to' in rule ? [`\`${rule.to}\``, EFFECT_TEXTS[rule.effect]] : [REFUSAL_TEXTS[rule.refuse], 'nothing']
  return [`\`${trigger}\``, condition, ...outcome, rule.source]
}

function sourceSection(): string {
  const guards = Object.keys(NO_FACTS) as Guard[]
  return `## How to read the rules

The rules of a trigger are tried from top to bottom; the first whose condition holds decides. There are ${guards.length} conditions, and each state
and trigger ends with a rule that has none, so there is always an answer.

The source of a rule is a letter and the number of a transition or guard. **V**: read in a primary source of Cisco's. **I**: no source says
it, so we decided.

${table(
  ['Number', 'Transition or guard'],
  Object.entries(TRANSITION_TEXTS).map(([number, text]) => [number, text]),
)}`
}
