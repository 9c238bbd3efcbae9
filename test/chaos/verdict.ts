import { UserHistoryDocument, type UserHistoryQuery, type UserRowFragment } from '../support/operations/operations.generated'
import { eventually } from '../support/world/waiting'
import type { Member } from './crowd'
import { inTens, type LedgerEntry, type World } from './world'

type Attempt = NonNullable<UserHistoryQuery['provisionedUser']>['attempts']['nodes'][number]

export interface Allowances {
  /** Calls that may be missing in the histories, because their process was killed before it could write down what came of them. */
  unrecorded?: number
  /** Whether Webex's own work failed, which the server mends by another creation in place of the first. */
  replacements?: boolean
  /** Whether Webex may carry out a creation after the server looked for it and found none, so that it repeats it. */
  lateWork?: boolean
}

/** Everything that is not as it has to be after all has settled, in words; nothing when it is. */
export async function complaintsAbout(world: World, members: Member[], allowances: Allowances = {}): Promise<string[]> {
  const users = new Map((await world.users()).map(user => [user.broadworksId, user]))
  const live = await world.live()
  const entries = new Map<string, LedgerEntry[]>()
  for (const entry of await world.ledger()) entries.set(entry.userId, [...(entries.get(entry.userId) ?? []), entry])
  const complaints: string[] = []
  let unrecorded = 0
  await inTens(members, async member => {
    const { broadworksId } = member
    const user = users.get(broadworksId)
    const steps = entries.get(broadworksId) ?? []
    const found = [
      ...wrongOutcome(member, user),
      ...wrongAtWebex(member, user, live.get(broadworksId) ?? 0),
      ...wrongInLedger(member, user, steps, allowances),
    ]
    if (user) {
      const { provisionedUser } = await world.ask(UserHistoryDocument, { id: user.id })
      const attempts = provisionedUser?.attempts.nodes ?? []
      found.push(...wrongInHistory(user, attempts))
      unrecorded += steps.filter(entry => !isRecorded(entry, attempts)).length
      if (found.length > 0) found.push(historyOf(attempts))
    }
    if (found.length > 0)
      found.push(`the ledger: ${steps.map(({ kind, subscriberId }) => `${kind} ${subscriberId?.slice(-8)}`).join(', ')}`)
    complaints.push(...found.map(text => `${broadworksId} (${member.part.deed}): ${text}`))
  })
  if (unrecorded > (allowances.unrecorded ?? 0)) complaints.push(`${unrecorded} calls are in no history`)
  return [...complaints, ...(await wrongAtRest(world))]
}

/** A history as it reads, the first attempt first. */
export function historyOf(attempts: readonly Attempt[]): string {
  return attempts
    .toReversed()
    .flatMap(({ trigger, email, outcome, startedAt, endedAt, steps, errors }) => [
      `${trigger} ${email ?? ''} ${startedAt} to ${endedAt}: ${outcome} ${errors.map(({ code }) => code).join()}`,
      ...steps.map(step => `    ${step.startedAt} ${step.name} ${step.httpStatus} ${step.trackingId} ${step.message}`),
    ])
    .join('\n  ')
}

function wrongOutcome({ part, packageType }: Member, user: UserRowFragment | undefined): string[] {
  const expected = part.ends === 'DELETED' ? 'nobody' : `${part.ends} ${packageType} ${part.ends === 'ERROR' ? '200048' : ''}`
  const actual = user ? `${user.status} ${user.packageType} ${user.errors.map(({ code }) => code).join()}` : 'nobody'
  const found = actual === expected ? [] : [`is ${actual} and not ${expected}`]
  return user?.diagnosis?.nextAttemptAt ? [...found, 'waits for an automatic attempt'] : found
}

function wrongAtWebex({ part }: Member, user: UserRowFragment | undefined, live: number): string[] {
  const expected = part.ends === 'DELETED' ? 0 : 1
  if (user && !user.webexSubscriberId) return ['has no subscriber on record']
  return live === expected ? [] : [`has ${live} subscribers at Webex`]
}

/** Creations and deletions take turns, each deletion is of the subscriber that was created last, and somebody asked for it. */
function wrongInLedger(
  { part, replaced, seededSubscriberId }: Member,
  user: UserRowFragment | undefined,
  entries: LedgerEntry[],
  { replacements = false, lateWork = false }: Allowances,
): string[] {
  const found: string[] = []
  let present = seededSubscriberId
  for (const { kind, subscriberId } of entries) {
    if (kind === 'create') {
      if (present) found.push('was created twice')
      present = subscriberId
    }
    if (kind === 'delete') {
      if (subscriberId !== present) found.push('had something deleted that was not the last that was created')
      present = null
    }
  }
  if (user && present !== user.webexSubscriberId) found.push('has another subscriber on record than Webex has')
  const count = (kind: string) => entries.filter(entry => entry.kind === kind).length
  const deletes = count('delete')
  const more = (part.ends === 'DELETED' ? 0 : 1) - (seededSubscriberId ? 1 : 0)
  if (count('create') - deletes !== more) found.push(`was created ${count('create')} times and deleted ${deletes}`)
  const asked = replaced || part.ends === 'DELETED' ? 1 : 0
  // One that was carried out twice has the tracking ID of the first; any other was sent without a look at what Webex has.
  const created = new Set(entries.filter(({ kind }) => kind === 'create').map(({ trackingId }) => trackingId))
  const blind = entries.filter(({ kind, trackingId }) => kind === 'refused-duplicate' && !created.has(trackingId)).length
  if (blind > 0 && !lateWork) found.push(`was created again ${blind} times without a look`)
  if (deletes > asked && !replacements) found.push(`was deleted ${deletes} times, and that was asked for ${asked} times`)
  return found
}

/** An honest log: every attempt ended, every step with its time, its tracking ID and what came of it, and the user as the last one left it. */
function wrongInHistory(user: UserRowFragment, attempts: readonly Attempt[]): string[] {
  const found: string[] = []
  let until = ''
  for (const { outcome, startedAt, endedAt, steps } of attempts.toReversed()) {
    if (outcome === 'RUNNING' || !endedAt) found.push('has an attempt that runs')
    if (startedAt < until) found.push('has two attempts at a time')
    until = endedAt ?? ''
    if (steps.length === 0) found.push('has an attempt without a step')
    let before = startedAt
    for (const step of steps) {
      if (step.startedAt < before || !step.endedAt || step.endedAt < step.startedAt) found.push(`has a step out of time: ${step.name}`)
      // What Webex's limit held back until the end was never sent, and has nothing to track.
      const isHeldBack = step.message?.startsWith('Webex wants no more calls') ?? false
      if (!step.message || (!step.trackingId && !isHeldBack)) found.push(`has a step that tells too little: ${step.name}`)
      before = step.endedAt ?? ''
    }
  }
  const last = attempts[0]
  const outcome = user.status === 'ERROR' ? 'FAILED' : user.status
  if (last?.outcome !== outcome) found.push(`is ${user.status} after an attempt that is ${last?.outcome}`)
  const codes = (errors: readonly { code?: number | null }[] = []) => errors.map(({ code }) => code).join()
  if (codes(last?.errors) !== codes(user.errors)) found.push('has other errors than its last attempt')
  return found
}

/** The simulator answers a tracking ID that begins with the one it was sent; where the answer was lost, the latter is on record. */
function isRecorded({ trackingId }: LedgerEntry, attempts: readonly Attempt[]): boolean {
  return attempts.some(({ steps }) => steps.some(step => step.trackingId && trackingId.startsWith(step.trackingId)))
}

/** Jobs that may be left: a plan that somebody forestalled finds nothing to do, and for the organisation of a customer nobody waits. */
const MAY_BE_LEFT: unknown[] = ['attempt-automatically', 'look-up-organization']

/** Nothing is left to do but to watch over the consents that are awaited. */
async function wrongAtRest(world: World): Promise<string[]> {
  const found: string[] = []
  const waiting = (await world.users({ statuses: ['PENDING_USER_MIGRATION'] })).length
  const expected = Array.from({ length: waiting }, () => 'watch-consent').join()
  const jobsLeft = async () => {
    const jobs = (await world.tables())['job'] ?? []
    const names = jobs.map(({ name }) => name).filter(name => !MAY_BE_LEFT.includes(name))
    return names.join()
  }
  // A watch over a consent that nobody waits for any more ends when its time has come, and a creation that was lost is looked for a minute.
  const isAtRest = await eventually(async () => (await jobsLeft()) === expected, 90_000).catch(() => false)
  if (!isAtRest) found.push(`${waiting} wait for consent, and jobs are left: ${await jobsLeft()}`)
  const { dead } = await world.jobs()
  if (dead > 0) found.push(`${dead} jobs are dead`)
  const tables = await world.tables()
  const running = tables['activation_attempt']?.filter(row => row['outcome'] === 'RUNNING').length
  if (running !== 0) found.push(`${running} attempts run`)
  const undeleted = tables['provisioned_user']?.filter(row => row['deleted_at'] && !row['deletion_ended_at']).length
  if (undeleted !== 0) found.push(`${undeleted} deletions have not ended`)
  if (found.length > 0) found.push(`the log: ${world.log().slice(-4000)}`)
  return found
}
