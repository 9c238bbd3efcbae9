import type { Transaction } from '../../database/database'
import type { Acting } from '../../graphql/context'
import { timestamp } from '../../shared/clock'
import { newId } from '../../shared/ids'
import { type AuditChange, AuditEvent } from './audit-event.entity'

export interface AuditRecord {
  action: string
  targetId: string
  targetLabel: string
  customerId?: string | null
  changes?: AuditChange[]
}

/** Puts a change on record, in its transaction. */
export async function recordAudit(ctx: Acting, tx: Transaction, record: AuditRecord): Promise<void> {
  await recordAudits(ctx, tx, [record])
}

/** As `recordAudit`, for many changes in one statement. */
export async function recordAudits(ctx: Acting, { manager }: Transaction, records: AuditRecord[]): Promise<void> {
  const rows = records.map(record => ({
    id: newId('AuditEvent'),
    partnerId: ctx.actor.partnerId,
    at: timestamp(ctx.clock.now()),
    actor: ctx.actor.name,
    requestId: ctx.actor.requestId,
    action: record.action,
    targetId: record.targetId,
    targetLabel: record.targetLabel,
    customerId: record.customerId ?? null,
    changes: record.changes ?? [],
  }))
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

function asText(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
