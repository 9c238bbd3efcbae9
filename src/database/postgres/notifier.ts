import { Client } from 'pg'
import type { Logger } from '../../shared/logger'
import { detached } from '../../shared/deadline'
import { createListeners, type Notifier } from '../notifier'

const CHANNEL = 'flowthrough_change'
/** Notifications within this time are sent as one: a bulk operation makes hundreds of changes a second. */
const NOTIFY_INTERVAL_MS = 50
/**
 * Listeners are called this often without a notification, too. Notifications are lost while the connection is down and behind a pooler such
 * as PgBouncer, and changes cannot be read in order while an older transaction is open.
 */
const POLL_INTERVAL_MS = 1000
const RECONNECT_PAUSE_MS = 1000

/** Notifies by NOTIFY. Listens on a connection of its own, which is open only while there are listeners. */
export function createPostgresNotifier(url: string, logger: Logger, execute: (sql: string) => Promise<unknown>): Notifier {
  const { listen, close } = createListeners(callAll => {
    const timer = setInterval(callAll, POLL_INTERVAL_MS).unref()
    const disconnect = receive(url, logger, callAll)
    return () => {
      clearInterval(timer)
      disconnect()
    }
  })
  let planned: NodeJS.Timeout | null = null
  let sent: Promise<void> = Promise.resolve()
  const send = (): void => {
    planned = null
    sent = execute(`NOTIFY ${CHANNEL}`).then(
      () => undefined,
      (error: unknown) => logger.warn({ err: error }, 'NOTIFY failed; listeners see the change within one second.'),
    )
  }
  return {
    listen,
    notify: () => void (planned ??= detached(() => setTimeout(send, NOTIFY_INTERVAL_MS))),
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

/**
 * Calls `onNotification` at each notification and whenever the connection is established.
 * @returns closes the connection
 */
function receive(url: string, logger: Logger, onNotification: () => void): () => void {
  let client: Client | null = null
  let pause: NodeJS.Timeout | null = null
  let closed = false

  async function connect(): Promise<void> {
    const own = new Client({ connectionString: url, keepAlive: true })
    client = own
    const reconnect = (error?: unknown): void => {
      if (client !== own) return
      client = null
      void own.end().catch(() => undefined)
      if (closed) return
      logger.warn({ err: error }, 'The LISTEN connection was lost; reconnecting. Until then, changes are seen within one second.')
      pause = setTimeout(() => void connect(), RECONNECT_PAUSE_MS).unref()
    }
    own.on('error', reconnect)
    own.on('end', () => reconnect())
    own.on('notification', onNotification)
    try {
      await own.connect()
      await own.query(`LISTEN ${CHANNEL}`)
      onNotification()
    } catch (error) {
      reconnect(error)
    }
  }

  void connect()
  return () => {
    closed = true
    if (pause) clearTimeout(pause)
    const current = client
    client = null
    void current?.end().catch(() => undefined)
  }
}
