import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { detached } from '../../shared/deadline'
import { readRows, selectRows } from '../../database/rows'
import type { Platform } from '../../context/context'
import { BulkOperation } from './bulk-operation.entity'

/** A bar that moves five times a second looks smooth. */
const PAUSE_MS = 200
/** What could not be read once is likely to fail again at once. */
const PAUSE_AFTER_FAILURE_MS = 1000
/** So many operations are read by one statement: SQLite is read without a pause, and a row has some kilobytes at most. */
const BATCH_SIZE = 500

/** Null when there is no such operation any more. The same state is the same object. */
type Tell = (operation: BulkOperation | null) => void

export interface BulkOperationFeed {
  /** Tells of an operation as it is a moment after this, and whenever it has become another; answers how to end that. */
  watch(id: string, tell: Tell): () => void
}

type Surroundings = Pick<Platform, 'database' | 'logger'>

const feeds = new WeakMap<object, BulkOperationFeed>()

/** The one reader of operations that move which a process has at a database: each look is for all who watch, however many they are. */
export function feedOf({ database, logger }: Surroundings): BulkOperationFeed {
  let feed = feeds.get(database)
  if (!feed) feeds.set(database, (feed = createFeed({ database, logger })))
  return feed
}

interface Watcher {
  id: string
  tell: Tell
  /** Undefined before anything was. */
  told: BulkOperation | null | undefined
}

function createFeed({ database, logger }: Surroundings): BulkOperationFeed {
  const watchers = new Set<Watcher>()
  let endListening: (() => void) | null = null
  let isDue = false
  let isLooking = false

  async function readAll(): Promise<void> {
    // Who joins while this reads is told by the next look: of a state that is no older than what they have seen by then.
    const asking = [...watchers]
    const ids = [...new Set(asking.map(({ id }) => id))]
    const known = new Map(asking.flatMap(({ told }) => (told ? [[told.id, told]] : [])))
    const read = new Map<string, BulkOperation>()
    for (let first = 0; first < ids.length; first += BATCH_SIZE) {
      const some = ids.slice(first, first + BATCH_SIZE)
      for (const row of await readRows(selectRows(database.reader, BulkOperation, 'row').where('row.id IN (:...some)', { some }))) {
        const before = known.get(row.id)
        read.set(row.id, before && isDeepStrictEqual(before, row) ? before : row)
      }
      // Requests wait for a batch, not for all that there is to read.
      await nextTurn()
    }
    for (const watcher of asking) {
      const operation = read.get(watcher.id) ?? null
      if (watcher.told === operation || !watchers.has(watcher)) continue
      // Before it is told: should that fail, the next look tells all others.
      watcher.told = operation
      watcher.tell(operation)
    }
  }

  async function lookWhileDue(): Promise<void> {
    isLooking = true
    while (isDue && watchers.size > 0) {
      // Before the read, so that a notification during the read is not missed.
      isDue = false
      const isRead = await readAll().then(
        () => true,
        (error: unknown) => {
          if (watchers.size > 0) logger.warn({ err: error }, 'Bulk operations could not be told of; they will be in a moment.')
          return false
        },
      )
      if (!isRead) isDue = true
      await sleep(isRead ? PAUSE_MS : PAUSE_AFTER_FAILURE_MS, undefined, { ref: false })
    }
    isLooking = false
  }

  function look(): void {
    isDue = true
    // On behalf of all who watch, whoever's request it was that called for it.
    if (!isLooking) void detached(lookWhileDue)
  }

  return {
    watch(id, tell) {
      const watcher: Watcher = { id, tell, told: undefined }
      watchers.add(watcher)
      endListening ??= database.notifier.listen(look)
      look()
      return () => {
        if (!watchers.delete(watcher) || watchers.size > 0) return
        endListening?.()
        endListening = null
      }
    },
  }
}
