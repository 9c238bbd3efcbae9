import { isDeepStrictEqual } from 'node:util'
import type { Transaction } from '../../../database/database'
import type { Acting } from '../../../context/context'
import { STUCK_STATUSES, triggerOfSync, UserStatus } from '../../../provisioning/lifecycle'
import type { Subscriber } from '../../../webex/webex-types'
import { timestamp, type Timestamp } from '../../../shared/clock'
import { comparisonKey } from '../../../shared/text'
import { AttemptTrigger } from '../../activation-attempt/activation-attempt.entity'
import { followByAttempt } from '../../activation-attempt/activation-attempt.service'
import { enqueue } from '../../../queue/define-job'
import { releaseWaitingUsersJob } from '../../provisioned-user/provisioned-user.jobs'
import { EmailOrigin, type ProvisionedUser } from '../../provisioned-user/provisioned-user.entity'
import { type FoundUser, insertFoundUsers } from '../../provisioned-user/provisioned-user.creation'
import { amendUser, applyTrigger } from '../../provisioned-user/provisioned-user.transition'
import type { UserFields } from '../../provisioned-user/user-fields'
import { type CustomersAtWebex, readCustomers } from './customers-at-webex'
import { type KnownUsers, readKnownUsers } from './known-users'
import { changedFields, type Found, newUserFields, readFound, type Terms, timeOf } from './subscriber-fields'
import type { Doubt } from '../sync.entity'

export interface PageTerms {
  /** When the page was asked for: what changed here since is newer than what it shows. */
  askedAt: Timestamp
  /** Finds the page in Cisco's logs. */
  trackingId: string
  /** What Webex said when it was asked about a subscriber whose BroadWorks ID another user has. */
  resolved?: Doubt
}

export interface PageOutcome {
  created: number
  updated: number
  skipped: number
  doubts: Doubt[]
}

interface Page extends PageTerms {
  ctx: Acting
  tx: Transaction
  known: KnownUsers
  customers: CustomersAtWebex
  outcome: PageOutcome
  /** To be inserted, by the key of the BroadWorks ID. */
  added: { found: FoundUser; key: string }[]
  /** Customers for whose first user others may have waited: with a person, whatever the status, somebody is live or was. */
  active: Set<string>
}

/** Brings the users of some subscribers up to date, and makes those that are not known. */
export async function takeOverSubscribers(ctx: Acting, tx: Transaction, subscribers: Subscriber[], terms: PageTerms): Promise<PageOutcome> {
  const unique = [...new Map(subscribers.map(subscriber => [subscriber.id, subscriber])).values()]
  const readable = unique.flatMap(subscriber => readFound(subscriber) ?? [])
  const page: Page = {
    ...terms,
    ctx,
    tx,
    known: await readKnownUsers(tx, ctx.actor.partnerId, readable, terms.askedAt),
    customers: await readCustomers(
      ctx,
      tx,
      readable.map(({ subscriber }) => subscriber),
    ),
    outcome: { created: 0, updated: 0, skipped: unique.length - readable.length, doubts: [] },
    added: [],
    active: new Set(),
  }
  for (const found of readable) await takeOver(page, found)
  const added = page.added.map(({ found }) => found)
  for (const user of await insertFoundUsers(ctx, tx, added, 'foundAtWebex')) await followIfUnderWay(page, user)
  for (const customerId of page.active) await enqueue(ctx, tx, releaseWaitingUsersJob, { customerId })
  return { ...page.outcome, created: added.length }
}

async function takeOver(page: Page, found: Found): Promise<void> {
  const { known, outcome, resolved } = page
  const { id, userId } = found.subscriber
  const key = comparisonKey(userId)
  const user = known.bySubscriber.get(id)
  const holder = known.byBroadworksId.get(key)
  const rivalId = page.added.find(added => added.key === key)?.found.fields.webexSubscriberId ?? holder?.webexSubscriberId ?? null
  const isGoing = known.beingDeleted.has(key)

  if (user) {
    const isTaken = rivalId !== null ? rivalId !== id : isGoing || (holder !== undefined && holder.id !== user.id)
    return isLeftAlone(page, user) || isOldNews(user, found) ? skip(page) : change(page, user, found, isTaken)
  }
  if (isGoing || (holder && (isLeftAlone(page, holder) || holder.webexSubscriberId === null))) return skip(page)
  if (rivalId === null) return add(page, found, false)
  if (resolved?.subscriberId !== id || resolved.rivalId !== rivalId) {
    return void outcome.doubts.push({ subscriberId: id, rivalId, rivalIsGone: null })
  }
  return holder && resolved.rivalIsGone ? change(page, holder, found, false) : add(page, found, true)
}

function skip({ outcome }: Page): void {
  outcome.skipped += 1
}

/** Deleted here, being changed from here, or changed since Webex was asked. */
function isLeftAlone({ known, askedAt }: Page, user: ProvisionedUser): boolean {
  return user.deletedAt !== null || known.busy.has(user.id) || user.updatedAt >= askedAt
}

/**
 * Who is at the portal, with an address to give or to confirm, gets over what Webex still shows: the failure of before, or its own wait
 * for an address. Only what is newer counts, and that somebody is live or under way.
 */
function isOldNews(user: ProvisionedUser, { status, subscriber }: Found): boolean {
  const isWaiting = user.status === UserStatus.PENDING_EMAIL_INPUT || user.status === UserStatus.PENDING_EMAIL_VALIDATION
  if (!isWaiting || !STUCK_STATUSES.includes(status) || subscriber.personId !== null) return false
  const isConfirming = user.validationId !== null || user.emailConfirmedAt !== null
  return isConfirming || Date.parse(subscriber.lastStatusChange ?? '') < Date.parse(user.lastStatusChange)
}

async function add(page: Page, found: Found, isDuplicate: boolean): Promise<void> {
  const { ctx, customers } = page
  const { subscriber } = found
  const now = timestamp(ctx.clock.now())
  const template = await customers.template(subscriber.provisioningId)
  const customer = await customers.customer(subscriber.spEnterpriseId, subscriber.provisioningId)
  const ours = { partnerId: ctx.actor.partnerId, customerId: customer.id, onboardingTemplateId: template.id }
  const fields = { ...newUserFields(found, termsOf(page, found, null, isDuplicate)), ...ours }
  const key = isDuplicate ? '' : comparisonKey(subscriber.userId)
  const status = isDuplicate ? UserStatus.ERROR : found.status
  const createdAt = timeOf(subscriber.created, now)
  page.added.push({ key, found: { fields, status, createdAt, lastStatusChange: timeOf(subscriber.lastStatusChange, now) } })
  keepAddress(page, fields, subscriber.id)
  if (template.provisionAdminFirst && subscriber.personId) page.active.add(customer.id)
}

/** Writes only what differs; a user whom Webex shows as it is here costs nothing. */
async function change(page: Page, user: ProvisionedUser, found: Found, isTaken: boolean): Promise<void> {
  const { ctx, tx, known, outcome } = page
  const { status, fields } = changedFields(user, found, termsOf(page, found, user.id, isTaken))
  const names = Object.keys(fields) as (keyof UserFields)[]
  const differs = status !== user.status || names.some(name => !isDeepStrictEqual(fields[name], user[name]))
  if (!differs && !isUnderWay(status)) return
  const changedAt = timeOf(found.subscriber.lastStatusChange, timestamp(ctx.clock.now()))
  const trigger = triggerOfSync(status)
  const after = differs
    ? (await applyTrigger(ctx, tx, user, { trigger, fields, changedAt, action: 'changedAtWebex' })).user
    : await amendUser(ctx, tx, user, {})
  outcome.updated += 1
  known.byBroadworksId.set(after.broadworksIdKey, after)
  keepAddress(page, after, after.id)
  if (user.webexPersonId === null && after.webexPersonId !== null) page.active.add(user.customerId)
  await followIfUnderWay(page, after)
}

/** Webex tells nobody when it is done: somebody has to ask. */
async function followIfUnderWay({ ctx, tx }: Page, user: ProvisionedUser): Promise<void> {
  if (isUnderWay(user.status)) await followByAttempt(ctx, tx, user, AttemptTrigger.AUTOMATIC)
}

function isUnderWay(status: UserStatus): boolean {
  return status === UserStatus.PROVISIONING || status === UserStatus.UPDATING
}

function termsOf({ known, trackingId }: Page, { subscriber: { email } }: Found, userId: string | null, isDuplicate: boolean): Terms {
  const owner = email === null ? undefined : known.addresses.get(comparisonKey(email))
  return { trackingId, isDuplicate, isAddressFree: owner === undefined || owner === userId }
}

/** Of two subscribers with one address in a page, the first one has it. */
function keepAddress({ known }: Page, { email, emailOrigin }: Pick<UserFields, 'email' | 'emailOrigin'>, owner: string): void {
  const isTrusted = emailOrigin === EmailOrigin.CONFIRMED || emailOrigin === EmailOrigin.VOUCHED
  if (email !== null && isTrusted) known.addresses.set(comparisonKey(email), owner)
}
