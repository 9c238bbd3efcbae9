import { apartFromRequest } from '../shared/deadline'

/** Tells whoever waits for something new in the database that it may be time to look. It carries nothing, and may come for nothing. */
export interface WakeUp {
  /** Call it when a change is durable. Listeners are called soon, in this process and in all others at the database. */
  announce(): void
  /** Answers a function that ends it. A listener is called after each announcement or after several, and sometimes without one. */
  listen(listener: () => void): () => void
  /** Announces what was not announced yet, and calls nobody any more. */
  close(): Promise<void>
}

/** The listeners of one process; `start` begins to hear of announcements when there is somebody to be told, and answers how to end it. */
export function createListeners(start: (tell: () => void) => () => void): {
  tell: () => void
  listen: WakeUp['listen']
  close: () => void
} {
  const listeners = new Set<() => void>()
  let end: (() => void) | null = null
  const tell = (): void => {
    for (const listener of [...listeners]) listener()
  }
  const close = (): void => {
    listeners.clear()
    end?.()
    end = null
  }
  return {
    tell,
    close,
    listen(listener) {
      // Its own, so that who listens twice ends one of both.
      const own = (): void => listener()
      listeners.add(own)
      end ??= apartFromRequest(() => start(tell))
      return () => {
        if (listeners.delete(own) && listeners.size === 0) close()
      }
    },
  }
}
