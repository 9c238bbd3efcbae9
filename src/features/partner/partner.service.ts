import { randomBytes } from 'node:crypto'
import type { Database, Transaction } from '../../database/database'
import { readById, readRows, selectRows } from '../../database/rows'
import type { Platform } from '../../graphql/context'
import { timestamp } from '../../shared/clock'
import { decrypt, encrypt } from '../../shared/encryption'
import { newId } from '../../shared/ids'
import { Partner } from './partner.entity'

/** Makes a partner with an organisation of its own in the simulator: every token is one there. */
export async function insertPartner(
  { config, clock }: Platform,
  tx: Transaction,
  name: string,
): Promise<{ partner: Partner; webexToken: string }> {
  const now = timestamp(clock.now())
  const webexToken = `simulated-${randomBytes(16).toString('hex')}`
  const partner: Partner = {
    id: newId('Partner'),
    name,
    encryptedWebexToken: encrypt(config.encryptionKey, webexToken),
    createdAt: now,
    updatedAt: now,
  }
  await tx.manager.insert(Partner, partner)
  return { partner, webexToken }
}

/** The token with which we speak to a partner's Webex organisation. */
export async function webexTokenOf({ reader }: Database, encryptionKey: Buffer, partnerId: string): Promise<string> {
  const partner = await readById(reader, Partner, partnerId)
  if (!partner) throw new Error(`There is no partner ${partnerId}.`)
  try {
    return decrypt(encryptionKey, partner.encryptedWebexToken)
  } catch (cause) {
    throw new Error(
      'The database was encrypted with another key. Give it as ENCRYPTION_KEY, or bring back the file `encryption-key` of the data folder.',
      { cause },
    )
  }
}

export function listPartners({ database }: Platform): Promise<Partner[]> {
  return readRows(selectRows(database.reader, Partner, 'row').orderBy('row.createdAt').addOrderBy('row.id'))
}
