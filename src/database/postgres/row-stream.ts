import { Client } from 'pg'
import { BATCH_ROWS, type RowStream, type RowStreamOptions } from '../row-stream'

/** A database that is reached at all is reached sooner. */
const CONNECT_TIMEOUT_MS = 10_000

/**
 * Opens a stream on a connection of its own, outside of the pools: it may last as long as somebody's download. A slot is an advisory
 * lock of its transaction, so it is free again however the connection ends.
 * @param numberOf the number of a lock's name
 */
export async function openRowStream(
  url: string,
  numberOf: (name: string) => number,
  sql: string,
  parameters: unknown[],
  { signal, slots }: RowStreamOptions,
): Promise<RowStream | null> {
  signal.throwIfAborted()
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
  // A connection that breaks fails whoever reads from it; here nobody else is to be told.
  client.on('error', () => undefined)
  signal.addEventListener('abort', () => void client.end(), { once: true })
  try {
    await client.connect()
    await client.query('BEGIN READ ONLY')
    for (let slot = 1; slot <= slots.count; slot += 1) {
      const lock = numberOf(`${slots.name} ${slot}`)
      const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS taken', [lock])
      if (rows[0]?.taken) return batchesOf(client, sql, parameters)
    }
    await client.end()
    return null
  } catch (error) {
    await client.end()
    throw error
  }
}

async function* batchesOf(client: Client, sql: string, parameters: unknown[]): AsyncGenerator<Record<string, unknown>[]> {
  const fetch = () => client.query<Record<string, unknown>>(`FETCH ${BATCH_ROWS} FROM batches`)
  try {
    await client.query(`DECLARE batches NO SCROLL CURSOR FOR ${sql}`, parameters)
    let batch = await fetch()
    while (batch.rows.length > 0) {
      // The next batch is read while this one is worked on; it is nobody's failure when nobody asks for it any more.
      const next = fetch()
      next.catch(() => undefined)
      yield batch.rows
      batch = await next
    }
  } finally {
    await client.end()
  }
}
