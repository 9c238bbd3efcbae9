import { In, IsNull, Not } from 'typeorm'
import type { Transaction } from '../../database/database'
import { readRows, selectRows } from '../../database/rows'
import type { Acting } from '../../context/context'
import type { UpstreamError } from '../../provisioning/error-catalog'
import { timestamp } from '../../shared/clock'
import { searchKey } from '../../shared/text'
import { ActivationAttempt } from '../activation-attempt/activation-attempt.entity'
import { AuditEvent } from '../audit-event/audit-event.entity'
import { ERASED, withoutPerson } from '../audit-event/sealing'
import { BulkChunk } from '../bulk-operation/bulk-chunk.entity'
import { BulkResult } from '../bulk-operation/bulk-result.entity'
import { Download } from '../download/download.entity'
import type { ExportRequest } from '../export/exported-users'
import { HandOver } from '../provisioning-request/provisioning-request.entity'
import { OnboardingTemplate } from '../onboarding-template/onboarding-template.entity'
import { amendUser } from '../provisioned-user/provisioned-user.transition'
import { erasedName, type Person } from './person'

/** A place where something of a person is kept, and how it is taken out there. */
export interface Place {
  /** What is erased there, for people. */
  name: string
  /** Answers how many it erased. */
  erase(ctx: Acting, tx: Transaction, person: Person): Promise<number>
}

/** Every place that keeps personal values: a table that comes to keep some comes to this list, in front of the users, who are looked up by their names. */
export const PLACES: Place[] = [
  { name: 'attempts', erase: eraseAttempts },
  { name: 'audit events that were written before there were keys', erase: eraseEvents },
  { name: 'causes of pauses', erase: erasePauseCauses },
  { name: 'results of bulk operations', erase: eraseBulkResults },
  { name: 'addresses in bulk operations', erase: eraseBulkItems },
  { name: 'searches of exports', erase: eraseSearches },
  { name: 'hand-over records', erase: eraseHandOver },
  { name: 'users', erase: eraseUsers },
]

/** The addresses that were used, and what Webex said, which may repeat them. */
async function eraseAttempts(_: Acting, { manager }: Transaction, person: Person): Promise<number> {
  const attempts = await manager.find(ActivationAttempt, { where: { provisionedUserId: In(idsOf(person)) } })
  for (const { id, upstreamErrors, steps } of attempts) {
    await manager.update(
      ActivationAttempt,
      { id },
      {
        email: null,
        upstreamErrors: withoutTexts(upstreamErrors),
        steps: steps.map(step => ({ ...step, trackingId: null, message: step.message === null ? null : ERASED })),
      },
    )
  }
  return attempts.length
}

/** Later events are unreadable as soon as the key is dropped, with the user's other values. */
async function eraseEvents(_: Acting, { manager }: Transaction, person: Person): Promise<number> {
  const events = await manager.find(AuditEvent, { where: { targetId: In(idsOf(person)), sealed: IsNull() } })
  for (const event of events) await manager.update(AuditEvent, { id: event.id }, withoutPerson(event))
  return events.length
}

/** The error that paused a template is kept with Webex's own words, which may be about this person; rather one text too many. */
async function erasePauseCauses(_: Acting, { manager }: Transaction, person: Person): Promise<number> {
  const { partnerId, texts } = person
  const keys = [...texts].map(searchKey)
  const paused = await manager.findBy(OnboardingTemplate, { partnerId, pausedAt: Not(IsNull()) })
  let erased = 0
  for (const { id, pauseCause } of paused) {
    if (!pauseCause) continue
    const { upstreamText, trackingId } = pauseCause
    const words = searchKey(upstreamText ?? '')
    if (!texts.has(trackingId ?? '') && !keys.some(key => words.includes(key))) continue
    const without = { ...pauseCause, upstreamText: upstreamText === null ? null : ERASED, trackingId: null }
    await manager.update(OnboardingTemplate, { id }, { pauseCause: without })
    erased += 1
  }
  return erased
}

/** Why users were refused is told with their names. */
async function eraseBulkResults(_: Acting, { manager }: Transaction, person: Person): Promise<number> {
  const results = await manager.findBy(BulkResult, { userId: In(idsOf(person)) })
  const refused = results.filter(({ userErrors }) => userErrors.length > 0)
  for (const { id, userErrors } of refused) {
    await manager.update(BulkResult, { id }, { userErrors: userErrors.map(error => ({ ...error, message: ERASED })) })
  }
  return refused.length
}

/** Of operations that are not done; of a cancelled one perhaps for ever. */
async function eraseBulkItems(_: Acting, { manager }: Transaction, person: Person): Promise<number> {
  const ids = idsOf(person)
  let erased = 0
  for (const userId of ids) {
    // A TypeID has no character that LIKE takes for something else but `_`, which stands for itself, too.
    const chunks = await readRows(selectRows(manager, BulkChunk, 'row').where('row.items LIKE :mention', { mention: `%"${userId}"%` }))
    for (const { bulkOperationId, number, items } of chunks) {
      const without = items.map(item => (item.userId === userId ? { userId } : item))
      await manager.update(BulkChunk, { bulkOperationId, number }, { items: without })
      erased += items.filter(item => item.userId === userId && item.email !== undefined).length
    }
  }
  return erased
}

/**
 * Who exports what a search shows has typed who is meant. A search for a part of a name counts, and one for more than the name; of downloads
 * that are over any, so that one with a slip of the pen does not stay until they are tidied up.
 */
async function eraseSearches({ clock }: Acting, { manager }: Transaction, { partnerId, texts }: Person): Promise<number> {
  const keys = [...texts].map(searchKey)
  const now = timestamp(clock.now())
  const downloads = await readRows(selectRows(manager, Download, 'row').where('row.partnerId = :partnerId', { partnerId }))
  const searches = downloads.filter(({ request, expiresAt }) => {
    const { filter } = request as Partial<ExportRequest>
    if (filter?.search == null) return false
    const term = searchKey(filter.search.trim())
    return expiresAt < now || keys.some(key => key.includes(term) || term.includes(key))
  })
  for (const { id } of searches) await manager.delete(Download, { id })
  return searches.length
}

/** With it goes the way back through the portal: who was erased has to be handed over anew. */
async function eraseHandOver(_: Acting, { manager }: Transaction, { partnerId, broadworksIdKey }: Person): Promise<number> {
  const { affected } = await manager.delete(HandOver, { partnerId, broadworksIdKey })
  return affected ?? 0
}

/**
 * Whatever says who it was, and the key of the audit trail. The ID of what was deleted at Webex is kept: a list of Webex's that is behind must
 * not bring the user back.
 */
async function eraseUsers(ctx: Acting, tx: Transaction, { tombstones }: Person): Promise<number> {
  for (const user of tombstones) {
    await amendUser(ctx, tx, user, {
      broadworksId: erasedName(user.id),
      broadworksIdSuffix: null,
      webexPersonId: null,
      firstName: '',
      lastName: '',
      email: null,
      emailOrigin: null,
      primaryPhoneNumber: null,
      mobilePhoneNumber: null,
      extension: null,
      requestedProfile: null,
      upstreamErrors: withoutTexts(user.upstreamErrors),
      personalKey: null,
    })
  }
  return tombstones.length
}

/** Codes without the words that Webex said, and without what finds the call in its logs. */
function withoutTexts(errors: UpstreamError[]): UpstreamError[] {
  return errors.map(error => ({ ...error, upstreamText: null, trackingId: null }))
}

function idsOf({ tombstones }: Person): string[] {
  return tombstones.map(({ id }) => id)
}
