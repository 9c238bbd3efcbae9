import { randomBytes } from 'node:crypto'
import type { Database, Transaction } from '../../database/database'
import { readById, readRows, selectRows } from '../../database/rows'
import type { Platform } from '../../context/context'
import { timestamp } from '../../shared/clock'
import { decrypt, encrypt, type KeyRing } from '../../shared/encryption'
import { newId } from '../../shared/ids'
import { recordAudit } from '../audit-event/audit-event.service'
import { Partner } from './partner.entity'

/**
 * Makes a partner with an organisation of its own in the simulator: every token is one there.
 * @throws Error when it would be the second one beside a connection of the settings
 */
export async function insertPartner(
  { config, clock }: Platform,
  tx: Transaction,
  name: string,
): Promise<{ partner: Partner; webexToken: string }> {
  const others = config.webex ? await readRows(selectRows(tx.manager, Partner, 'row').orderBy('row.createdAt')) : []
  if (others.length > 0) throw new Error(severalPartners([...others, { id: 'a new one', name }]))
  const now = timestamp(clock.now())
  const webexToken = `simulated-${randomBytes(16).toString('hex')}`
  const partner: Partner = {
    id: newId('Partner'),
    name,
    encryptedWebexToken: encrypt(config.encryptionKeys, webexToken),
    createdAt: now,
    updatedAt: now,
  }
  await tx.manager.insert(Partner, partner)
  const ctx = { config, clock, actor: { partnerId: partner.id, name: 'command line', requestId: null } }
  await recordAudit(ctx, tx, { action: 'createPartner', targetId: partner.id, targetLabel: name })
  return { partner, webexToken }
}

/** The token with which we speak to a partner's Webex organisation. */
export async function webexTokenOf({ reader }: Database, encryptionKeys: KeyRing, partnerId: string): Promise<string> {
  const partner = await readById(reader, Partner, partnerId)
  if (!partner) throw new Error(`There is no partner ${partnerId}.`)
  return decrypt(encryptionKeys, partner.encryptedWebexToken)
}

export function listPartners({ database }: Pick<Platform, 'database'>): Promise<Partner[]> {
  return readRows(selectRows(database.reader, Partner, 'row').orderBy('row.createdAt').addOrderBy('row.id'))
}

/** Why the connection of the settings cannot be that of several partners, and what to do. */
export function severalPartners(partners: Pick<Partner, 'id' | 'name'>[]): string {
  const names = partners.map(({ id, name }) => `${name} (${id})`).join(', ')
  return (
    `The WEBEX_ settings are the connection of a single partner, but there are ${partners.length}: ${names}. ` +
    'Take them out, and connect each partner by itself: flowthrough partner connect --partner PARTNER'
  )
}
