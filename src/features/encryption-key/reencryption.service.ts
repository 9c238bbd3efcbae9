import type { ObjectLiteral } from 'typeorm'
import type { EntityClass } from '../../database/database'
import { pacedTransactions } from '../../database/transactions'
import type { Platform } from '../../context/context'
import { currentPrefix, decrypt, encrypt } from '../../shared/encryption'
import { Partner } from '../partner/partner.entity'
import { WebexConnection } from '../partner/webex-connection.entity'
import { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'

interface Place {
  entity: EntityClass
  /** The property that names a row. */
  id: string
  /** The properties that are encrypted. */
  properties: string[]
}

/**
 * All that is kept encrypted. Partners come last: a server opens what they have when it starts, and so refuses to start where somebody
 * dropped the old key before all of this was done.
 */
export const PLACES: Place[] = [
  { entity: ProvisionedUser, id: 'id', properties: ['personalKey'] },
  { entity: WebexConnection, id: 'partnerId', properties: ['encryptedClientSecret', 'encryptedRefreshToken', 'encryptedAccessToken'] },
  { entity: Partner, id: 'id', properties: ['encryptedWebexToken'] },
]

/** Short transactions, because on SQLite a process that serves waits for each of them. */
const BATCH_SIZE = 200

type Host = Pick<Platform, 'config' | 'database'>

/** How many rows have something that the current key did not encrypt. */
export async function countOutdated(host: Host): Promise<number> {
  let outdated = 0
  for (const place of PLACES) {
    const query = queryOutdated(host, place).select('COUNT(*)', 'count')
    const [row] = await host.database.backgroundRead(...query.getQueryAndParameters())
    outdated += Number(row?.['count'])
  }
  return outdated
}

/**
 * Encrypts with the current key whatever another one encrypted, a few rows at a time, beside servers that go on. Broken off, it is done again
 * and goes on with what is left.
 * @param onProgress is told how many rows are done
 * @throws Error in plain words when none of the keys fits
 */
export async function reencrypt(host: Host, onProgress: (done: number) => void): Promise<void> {
  const transaction = pacedTransactions(host.database)
  let done = 0
  for (const place of PLACES) {
    let after = ''
    for (;;) {
      const rows = await readOutdated(host, place, after)
      await transaction(async ({ manager }) => {
        for (const row of rows) {
          const { [place.id]: id, ...secrets } = row
          const read = Object.entries(secrets).flatMap(([property, text]): [string, string][] => (text === null ? [] : [[property, text]]))
          // Only what still is as it was read: a server may have renewed a token meanwhile, or somebody have been erased.
          const asRead = { [place.id]: id, ...Object.fromEntries(read) }
          await manager.update(place.entity, asRead, Object.fromEntries(read.map(([property, text]) => [property, anew(host, text)])))
        }
      })
      done += rows.length
      onProgress(done)
      if (rows.length < BATCH_SIZE) break
      after = rows.at(-1)?.[place.id] ?? ''
    }
  }
}

type Row = Record<string, string | null>

async function readOutdated(host: Host, place: Place, after: string): Promise<Row[]> {
  const query = queryOutdated(host, place).select([])
  for (const property of [place.id, ...place.properties]) query.addSelect(`row.${property}`, property)
  query.andWhere(`row.${place.id} > :after`, { after }).orderBy(`row.${place.id}`).limit(BATCH_SIZE)
  return (await host.database.backgroundRead(...query.getQueryAndParameters())) as Row[]
}

function queryOutdated({ config, database }: Host, { entity, properties }: Place) {
  const prefix = currentPrefix(config.encryptionKeys)
  const isOutdated = properties.map(property => `SUBSTR(row.${property}, 1, ${prefix.length}) <> :prefix`)
  return database.reader.createQueryBuilder<ObjectLiteral>(entity, 'row').where(`(${isOutdated.join(' OR ')})`, { prefix })
}

function anew({ config: { encryptionKeys } }: Host, encrypted: string): string {
  return encrypt(encryptionKeys, decrypt(encryptionKeys, encrypted))
}
