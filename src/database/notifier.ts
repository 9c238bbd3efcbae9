import { detached } from '../shared/deadline'

/** Notifies listeners that the database may have changed. A notification has no payload, and spurious ones are possible. */
export interface Notifier {
  /** Call it after a commit. Listeners of this process and of all others at the same database are called soon. */
  notify(): void
  /**
   * Calls the listener after each notification, or once for several.
   * @returns ends the listening
   */
  listen(listener: () => void): () => void
  /** Sends a notification that is still waiting, and removes all listeners. */
  close(): Promise<void>
}

/**
 * The listeners of one process.
 * @param start starts receiving notifications: called with the first listener; returns a function that stops
 */
export function createListeners(start: (callAll: () => void) => () => void): {
  callAll: () => void
  listen: Notifier['listen']
  close: () => void
} {
  const listeners = new Set<() => void>()
  let stop: (() => void) | null = null
  const callAll = (): void => {
    for (const listener of [...listeners]) listener()
  }
  const close = (): void => {
    listeners.clear()
    stop?.()
    stop = null
  }
  return {
    callAll,
    close,
    listen(listener) {
      // A function of its own, because the same listener may be registered twice.
      const own = (): void => listener()
      listeners.add(own)
      stop ??= detached(() => start(callAll))
      return () => {
        if (listeners.delete(own) && listeners.size === 0) close()
      }
    },
  }
}
