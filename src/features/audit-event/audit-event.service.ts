import type { Transaction } from '../../database/database'
import type { Acting } from '../../context/context'
import { timestamp } from '../../shared/clock'
import { newId } from '../../shared/ids'
import { type AuditChange, AuditEvent } from './audit-event.entity'
import { seal } from './sealing'

/** A filter may name a thousand objects; the trail tells what kind of filter it was, and is kept for ever. */
const VALUE_MAX_LENGTH = 4000

/** Who is on record, and what it takes to write that down. */
export type Recording = Pick<Acting, 'actor' | 'clock' | 'config'>

export interface AuditRecord {
  action: string
  targetId: string
  targetLabel: string
  customerId?: string | null
  changes?: AuditChange[]
  /** Of the person whom the event is about: only with it can be read who that is. */
  personalKey?: string | null
}

/** Puts a change on record, in its transaction. */
export async function recordAudit(ctx: Recording, tx: Transaction, record: AuditRecord): Promise<void> {
  await recordAudits(ctx, tx, [record])
}

/** As `recordAudit`, for many changes in one statement. */
export async function recordAudits(ctx: Recording, { manager }: Transaction, records: AuditRecord[]): Promise<void> {
  const { encryptionKeys } = ctx.config
  const rows = records.map(({ action, targetId, targetLabel, customerId = null, changes: given = [], personalKey = null }) => {
    const changes = given.map(({ field, before, after }) => ({ field, before: shortened(before), after: shortened(after) }))
    return {
      id: newId('AuditEvent'),
      partnerId: ctx.actor.partnerId,
      at: timestamp(ctx.clock.now()),
      actor: ctx.actor.name,
      requestId: ctx.actor.requestId,
      action,
      targetId,
      customerId,
      ...(personalKey === null ? { targetLabel, changes, sealed: null } : seal(encryptionKeys, personalKey, { targetLabel, changes })),
    }
  })
  await manager.createQueryBuilder().insert().into(AuditEvent).values(rows).updateEntity(false).execute()
}

/** The fields of `names` in which two states of an object differ, as texts. */
export function differences<Target extends object>(
  names: readonly (keyof Target & string)[],
  before: Partial<Target>,
  after: Partial<Target>,
): AuditChange[] {
  return names
    .map(field => ({ field, before: asText(before[field]), after: asText(after[field]) }))
    .filter(change => change.before !== change.after)
}

function shortened(text: string | null): string | null {
  return text !== null && text.length > VALUE_MAX_LENGTH ? `${text.slice(0, VALUE_MAX_LENGTH).replace(/[\ud800-\udbff]$/, '')}…` : text
}

function asText(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
