import { setImmediate as nextTick, setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { detached } from '../../shared/deadline'
import { readRows, selectRows } from '../../database/rows'
import type { Platform } from '../../context/context'
import { BulkOperation } from './bulk-operation.entity'

/** Between two reads: a progress bar that moves five times a second looks smooth. */
const PAUSE_MS = 200
/** After a failed read, the next one is likely to fail, too. */
const PAUSE_AFTER_FAILURE_MS = 1000
/** Operations read by one statement: reads of SQLite are synchronous, and a row has some kilobytes. */
const BATCH_SIZE = 500

/** Gets null when the operation no longer exists. The same state is the same object. */
type OnState = (operation: BulkOperation | null) => void

/** The reader of watched bulk operations of a process. One read is for all watchers. */
export interface BulkOperationFeed {
  /**
   * Passes the state of the operation to `onState`: the current one at the next read, then each new one.
   * @returns ends the watch
   */
  watch(id: string, onState: OnState): () => void
}

declare module '../../context/context' {
  interface Platform {
    readonly bulkOperationFeed: BulkOperationFeed
  }
}

interface Watcher {
  id: string
  onState: OnState
  /** The last state that was passed on; undefined before the first one. */
  state: BulkOperation | null | undefined
}

export function createBulkOperationFeed({ database, logger }: Pick<Platform, 'database' | 'logger'>): BulkOperationFeed {
  const watchers = new Set<Watcher>()
  let stopListening: (() => void) | null = null
  let isReadDue = false
  let isReading = false

  async function readAll(): Promise<void> {
    // A watcher that is added during this read gets its state from the next one.
    const current = [...watchers]
    const ids = [...new Set(current.map(({ id }) => id))]
    const known = new Map(current.flatMap(({ state }) => (state ? [[state.id, state]] : [])))
    const read = new Map<string, BulkOperation>()
    for (let first = 0; first < ids.length; first += BATCH_SIZE) {
      const some = ids.slice(first, first + BATCH_SIZE)
      for (const row of await readRows(selectRows(database.reader, BulkOperation, 'row').where('row.id IN (:...some)', { some }))) {
        const before = known.get(row.id)
        read.set(row.id, before && isDeepStrictEqual(before, row) ? before : row)
      }
      // Other requests run between two batches.
      await nextTick()
    }
    for (const watcher of current) {
      const operation = read.get(watcher.id) ?? null
      if (watcher.state === operation || !watchers.has(watcher)) continue
      // Set before the call: if the call fails, the next read passes the state to all other watchers.
      watcher.state = operation
      watcher.onState(operation)
    }
  }

  async function readWhileDue(): Promise<void> {
    isReading = true
    while (isReadDue && watchers.size > 0) {
      // Before the read, so that a notification during the read is not missed.
      isReadDue = false
      const isRead = await readAll().then(
        () => true,
        (error: unknown) => {
          if (watchers.size > 0) logger.warn({ err: error }, 'Bulk operations could not be read; the next try is in one second.')
          return false
        },
      )
      if (!isRead) isReadDue = true
      await sleep(isRead ? PAUSE_MS : PAUSE_AFTER_FAILURE_MS, undefined, { ref: false })
    }
    isReading = false
  }

  function startReading(): void {
    isReadDue = true
    // For all watchers, so not within the request that caused it.
    if (!isReading) void detached(readWhileDue)
  }

  return {
    watch(id, onState) {
      const watcher: Watcher = { id, onState, state: undefined }
      watchers.add(watcher)
      stopListening ??= database.notifier.listen(startReading)
      startReading()
      return () => {
        if (!watchers.delete(watcher) || watchers.size > 0) return
        stopListening?.()
        stopListening = null
      }
    },
  }
}
