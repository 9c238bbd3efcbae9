import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import { addressRule, workMs } from './address-rules'
import { ApiError, type ApiErrorItem } from '../api-error'
import { sendConsentMail } from './consent-mails'
import type { Database } from '../database'
import { findEnterprise, insertEnterprises } from '../enterprise-table'
import { ADDRESS_TAKEN, describeError, ENTERPRISE_ON_OTHER_TEMPLATE, USER_ID_TAKEN } from '../error-descriptions'
import { drawBackgroundError } from '../faults/fault-table'
import { recordInLedger } from '../ledger'
import type { Call } from '../organisation'
import { enterpriseId, organizationId, subscriberId } from '../../webex/webex-identifiers'
import { failure, outcomeOfCreation, outcomeOfUpdate, type Outcome } from './progress'
import { readChanges, readNewSubscriber, readPrecheck, refuseWithoutNumber } from './subscriber-fields'
import * as table from './subscriber-table'

export function createSubscriber(database: Database, delayMs: number, call: Call, body: unknown) {
  const { organisation } = call
  const fields = readNewSubscriber(body)
  const { email, userId, spEnterpriseId, provisioningId } = fields
  refuseByAddress(email)
  refuseTakenUserId(database, organisation, userId)
  if (isOnOtherTemplate(database, organisation, fields)) throw new ApiError(409, [describeError(ENTERPRISE_ON_OTHER_TEMPLATE)])

  // The first user of an enterprise makes it, and from then on it belongs to that user's template.
  const enterprise = { id: enterpriseId(randomUUID()), orgId: organizationId(randomUUID()), spEnterpriseId, provisioningId }
  insertEnterprises(database, organisation, [enterprise])

  const now = Date.now()
  const id = subscriberId(randomUUID())
  const times = { created: now, lastStatusChange: now }
  const work = email
    ? { status: 'provisioning' as const, dueAt: now + workMs(email, delayMs), outcome: JSON.stringify(outcome(email)) }
    : { status: 'pending_email_input' as const }
  table.insertSubscribers(database, [{ ...fields, ...times, ...work, organisation, id, selfActivated: 0 }])
  recordInLedger(database, call, 'create', id, userId)
  return requireSubscriber(database, organisation, id)

  function outcome(address: string): Outcome {
    return outcomeByFault(database, call) ?? outcomeOfCreation(address, table.isAddressTaken(database, organisation, address))
  }
}

/** A creation that was refused because the user ID exists leaves nothing behind but a line in the ledger. */
export function recordRefusal(database: Database, call: Call, body: unknown, error: unknown): void {
  const isDuplicate = error instanceof ApiError && error.errors.some(({ errorCode }) => errorCode === USER_ID_TAKEN)
  if (isDuplicate) recordInLedger(database, call, 'refused-duplicate', null, (body as { userId: string }).userId)
}

/** Answers the old values: the new ones are seen once the update is through. */
export function updateSubscriber(database: Database, delayMs: number, call: Call, id: string, body: unknown) {
  const { organisation } = call
  const subscriber = requireSubscriber(database, organisation, id)
  const changes = readChanges(body)
  const isAtRest = subscriber.status === 'provisioned' || subscriber.status === 'error'
  if (!isAtRest || !subscriber.personId) throw conflict(`A subscriber that is not provisioned (${subscriber.status}) cannot be updated`)
  refuseWithoutNumber({ ...subscriber, ...changes })
  refuseTakenUserId(database, organisation, changes.userId, subscriber.sequence)

  const now = Date.now()
  table.updateSubscriber(database, subscriber.sequence, {
    status: 'updating',
    errors: null,
    lastStatusChange: now,
    dueAt: now + workMs(subscriber.email, delayMs),
    outcome: JSON.stringify(outcomeByFault(database, call) ?? outcomeOfUpdate(subscriber.email, changes)),
  })
  recordInLedger(database, call, 'update', id, subscriber.userId)
  return requireSubscriber(database, organisation, id)
}

export function deleteSubscriber(database: Database, call: Call, id: string): void {
  const { userId } = requireSubscriber(database, call.organisation, id)
  table.deleteSubscriber(database, call.organisation, id)
  recordInLedger(database, call, 'delete', id, userId)
}

export function requireSubscriber(database: Database, organisation: string, id: string): table.StoredSubscriber {
  const subscriber = table.findSubscriber(database, organisation, id)
  if (!subscriber) throw notFound()
  return subscriber
}

export function resendConsentMail(database: Database, organisation: string, id: string): void {
  const subscriber = requireSubscriber(database, organisation, id)
  if (subscriber.status !== 'pending_user_migration') throw conflict(`A subscriber in ${subscriber.status} does not wait for consent`)
  sendConsentMail(database, subscriber, Date.now())
}

/** Consumer accounts pass, as they do in the real precheck: that is its known blind spot. */
export function precheckSubscriber(database: Database, organisation: string, body: unknown) {
  const fields = readPrecheck(body)
  refuseByAddress(fields.email)
  const rule = addressRule(fields.email)
  const problems: ApiErrorItem[] = []
  if (rule.kind === 'error') problems.push(describeError(rule.errorCode))
  if (table.isUserIdTaken(database, organisation, fields.userId ?? '')) problems.push(describeError(USER_ID_TAKEN))
  else if (table.isAddressTaken(database, organisation, fields.email)) problems.push(describeError(ADDRESS_TAKEN))
  if (isOnOtherTemplate(database, organisation, fields)) problems.push(describeError(ENTERPRISE_ON_OTHER_TEMPLATE))
  if (problems.length > 0) throw new ApiError(400, problems)
  return { message: 'success', info: [{ infoCode: 100, description: 'Provisioning preCheck validation successful.' }] }
}

function outcomeByFault(database: Database, call: Call): Outcome | undefined {
  const errorCode = drawBackgroundError(database, call)
  return errorCode === undefined ? undefined : failure(errorCode)
}

function refuseTakenUserId(database: Database, organisation: string, userId: string | undefined, exceptSequence?: number): void {
  if (userId === undefined || !table.isUserIdTaken(database, organisation, userId, exceptSequence)) return
  throw new ApiError(409, [describeError(USER_ID_TAKEN)])
}

type EnterpriseKey = { spEnterpriseId?: string; provisioningId?: string }

function isOnOtherTemplate(database: Database, organisation: string, fields: EnterpriseKey): boolean {
  const enterprise = findEnterprise(database, organisation, fields.spEnterpriseId ?? '')
  return enterprise !== undefined && fields.provisioningId !== undefined && enterprise.provisioningId !== fields.provisioningId
}

function refuseByAddress(email: string | undefined): void {
  const rule = addressRule(email ?? '')
  if (rule.kind !== 'http') return
  const description = STATUS_CODES[rule.httpStatus] ?? `Refused with status ${rule.httpStatus}`
  const isTemporary = rule.httpStatus === 429 || rule.httpStatus === 423
  throw new ApiError(rule.httpStatus, [{ description }], isTemporary ? { 'retry-after': '1' } : {})
}

function conflict(description: string): ApiError {
  return new ApiError(409, [{ description }])
}

function notFound(): ApiError {
  return new ApiError(404, [{ description: 'The subscriber could not be found.' }])
}
