import { createListeners, type Notifier } from '../notifier'

/** How often commits of other processes are looked for. Reading the number takes microseconds. */
const POLL_INTERVAL_MS = 200

/**
 * Calls the listeners of this process directly. A commit of another process, such as a command, is detected by polling
 * `PRAGMA data_version`.
 * @param dataVersion reads that number from a connection that does not write
 */
export function createSqliteNotifier(dataVersion: () => number): Notifier {
  const { callAll, listen, close } = createListeners(() => {
    let known = dataVersion()
    const timer = setInterval(() => {
      const current = dataVersion()
      if (current === known) return
      known = current
      callAll()
    }, POLL_INTERVAL_MS).unref()
    return () => clearInterval(timer)
  })
  return { notify: callAll, listen, close: async () => close() }
}
