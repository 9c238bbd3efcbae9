import { createListeners, type WakeUp } from '../wake-up'

/** Soon enough for a person who watches; a look takes microseconds. */
const LOOK_INTERVAL_MS = 200

/**
 * Announcements go to the listeners of this process at once. What another process wrote, such as a command, is noticed by a number that
 * SQLite changes with each commit of somebody else.
 * @param dataVersion answers that number for a connection which does not write
 */
export function createSqliteWakeUp(dataVersion: () => number): WakeUp {
  const { tell, listen, close } = createListeners(() => {
    let known = dataVersion()
    const timer = setInterval(() => {
      const current = dataVersion()
      if (current === known) return
      known = current
      tell()
    }, LOOK_INTERVAL_MS).unref()
    return () => clearInterval(timer)
  })
  return { announce: tell, listen, close: async () => close() }
}
