import { DatabaseBusy } from '../../database/database'
import type { Acting } from '../../context/context'
import { recordAudit } from '../audit-event/audit-event.service'
import { erasedName, findPerson, readPerson } from './person'
import { PLACES } from './places'

export interface Erasure {
  /** How much was erased, by what it was. */
  erased: Record<string, number>
  /** Somebody reads an older state: the write-ahead log of SQLite keeps what was overwritten until it is written over itself. */
  leftInLog: boolean
}

/**
 * Makes a deleted person unreadable wherever something of the person is kept: users, attempts, audit trail, mails, hand-over record and search
 * index. That things were done to somebody, when and by whom stays on record. Done again, it finds nothing left; broken off, it is done again.
 * @param given ID of a user, or a BroadWorks ID, which may have stood for several users after one another
 * @throws NotErasable
 */
export async function erasePerson(ctx: Acting, given: string): Promise<Erasure> {
  const found = await findPerson(ctx, given)
  // First: broken off behind the transaction, nobody would know the addresses any more.
  const mails = await ctx.mail.forget(found.texts)
  const erased = await ctx.database.transaction(async tx => {
    const person = await readPerson(ctx, tx.manager, found.broadworksIdKey)
    const counts: Erasure['erased'] = {}
    for (const place of PLACES) counts[place.name] = await place.erase(ctx, tx, person)
    const last = person.tombstones.at(-1)
    if (last) {
      const { id, customerId } = last
      await recordAudit(ctx, tx, { action: 'erased', targetId: id, targetLabel: erasedName(id), customerId })
    }
    return counts
  })
  return { erased: { ...erased, mails }, leftInLog: await isLeftInLog(ctx) }
}

async function isLeftInLog({ database }: Acting): Promise<boolean> {
  if (database.kind !== 'sqlite') return false
  try {
    await database.emptyLog()
    return false
  } catch (error) {
    if (error instanceof DatabaseBusy) return true
    throw error
  }
}
