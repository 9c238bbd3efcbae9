import { WebSocket } from 'ws'
import type { Viewer } from '../../auth/viewer'
import type { Logger } from '../../shared/logger'

/** Whoever is silent for twice as long is not there any more. Proxies close what is silent for a minute, as a rule. */
const PING_INTERVAL_MS = 12_000
/** A token that was revoked or expired is good for no longer; a look is one statement. */
const TOKEN_CHECK_INTERVAL_MS = 2000

/** Closes the connection soon after its token is worth nothing any more. */
export function watchToken(logger: Logger, socket: WebSocket, authenticate: () => Promise<Viewer | null>, refuse: () => void): () => void {
  let timer: NodeJS.Timeout
  const wait = (): void => void (timer = setTimeout(() => void look(), TOKEN_CHECK_INTERVAL_MS).unref())
  const look = async (): Promise<void> => {
    try {
      if (!(await authenticate())) return refuse()
    } catch (error) {
      logger.warn({ err: error }, 'The token of a connection could not be looked at; it will be in a moment.')
    }
    if (socket.readyState === WebSocket.OPEN) wait()
  }
  wait()
  return () => clearTimeout(timer)
}

/** What comes over a connection has to be read before anybody knows what it is: so often the largest message may come within the time. */
const FLOW_MESSAGES = 10
const FLOW_MS = 10_000
/** What the smallest message counts for, as its length does not tell what it takes. */
const MESSAGE_BYTES = 1000

/** Tells, of each message by its length, whether too much has come lately. */
export function createFlow(largestBytes: () => number): (bytes: number) => boolean {
  let begunAt = -Infinity
  let received = 0
  return bytes => {
    const now = performance.now()
    if (now - begunAt > FLOW_MS) [begunAt, received] = [now, 0]
    received += Math.max(bytes, MESSAGE_BYTES)
    return received > largestBytes() * FLOW_MESSAGES
  }
}

/** Closes a connection that has been of no use for so long; `touch` says that it was. */
export function watchIdleness(idleMs: number, isBusy: () => boolean, close: () => void): { touch: () => void; end: () => void } {
  const timer = setTimeout(() => (isBusy() ? timer.refresh() : close()), idleMs).unref()
  return { touch: () => void timer.refresh(), end: () => clearTimeout(timer) }
}

/** Ends a connection whose client is not there any more, and keeps proxies from ending one that is silent. */
export function keepAlive(socket: WebSocket): () => void {
  let alive = true
  socket.on('pong', () => (alive = true))
  const timer = setInterval(() => {
    if (!alive) return socket.terminate()
    alive = false
    socket.ping()
  }, PING_INTERVAL_MS).unref()
  return () => clearInterval(timer)
}
