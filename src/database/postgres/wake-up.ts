import { Client } from 'pg'
import type { Logger } from '../../shared/logger'
import { apartFromRequest } from '../../shared/deadline'
import { createListeners, type WakeUp } from '../wake-up'

const CHANNEL = 'flowthrough_change'
/** One announcement stands for all of this time: a bulk operation makes hundreds of changes a second. */
const ANNOUNCE_INTERVAL_MS = 50
/**
 * Listeners are called as often anyway. An announcement gets lost while the connection is down and behind a pooler such as PgBouncer, and
 * what is announced cannot be read in order while an older transaction is under way.
 */
const LOOK_INTERVAL_MS = 1000
const RECONNECT_PAUSE_MS = 1000

/** Announces by NOTIFY and listens with a connection of its own, which is there only while somebody listens. */
export function createPostgresWakeUp(url: string, logger: Logger, execute: (sql: string) => Promise<unknown>): WakeUp {
  const { listen, close } = createListeners(tell => {
    const timer = setInterval(tell, LOOK_INTERVAL_MS).unref()
    const hangUp = hear(url, logger, tell)
    return () => {
      clearInterval(timer)
      hangUp()
    }
  })
  let planned: NodeJS.Timeout | null = null
  let sent: Promise<void> = Promise.resolve()
  const send = (): void => {
    planned = null
    sent = execute(`NOTIFY ${CHANNEL}`).then(
      () => undefined,
      (error: unknown) => logger.warn({ err: error }, 'A change could not be announced; it is seen a second later.'),
    )
  }
  return {
    listen,
    announce: () => void (planned ??= apartFromRequest(() => setTimeout(send, ANNOUNCE_INTERVAL_MS))),
    async close() {
      close()
      if (planned) {
        clearTimeout(planned)
        send()
      }
      await sent
    },
  }
}

/** Calls `tell` at each announcement, and whenever it is connected anew. Answers a function that ends it. */
function hear(url: string, logger: Logger, tell: () => void): () => void {
  let client: Client | null = null
  let pause: NodeJS.Timeout | null = null
  let ended = false

  async function connect(): Promise<void> {
    const own = new Client({ connectionString: url, keepAlive: true })
    client = own
    const lost = (error?: unknown): void => {
      if (client !== own) return
      client = null
      void own.end().catch(() => undefined)
      if (ended) return
      logger.warn({ err: error }, 'The connection that hears of changes is lost; it is made again, and changes are seen a second later.')
      pause = setTimeout(() => void connect(), RECONNECT_PAUSE_MS).unref()
    }
    own.on('error', lost)
    own.on('end', () => lost())
    own.on('notification', tell)
    try {
      await own.connect()
      await own.query(`LISTEN ${CHANNEL}`)
      tell()
    } catch (error) {
      lost(error)
    }
  }

  void connect()
  return () => {
    ended = true
    if (pause) clearTimeout(pause)
    const current = client
    client = null
    void current?.end().catch(() => undefined)
  }
}
