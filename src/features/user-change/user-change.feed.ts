import { setImmediate as nextTick } from 'node:timers/promises'
import { Mutex } from 'async-mutex'
import type { Viewer } from '../../auth/viewer'
import { detached } from '../../shared/deadline'
import { decodeRows, readRows } from '../../database/rows'
import type { Platform } from '../../context/context'
import { BadUserInput } from '../../shared/errors'
import { type TouchedUser, touchedUsers } from './touched-user'
import type { UserChange } from '../change-log/user-change.entity'
import { type ChangePosition, changesAfter, newestPosition } from './user-change.log'

/** Changes read at a time; their users are all in memory. */
const BATCH_SIZE = 500
/** A client that missed more changes pages through `userChanges` at its own pace. */
export const MISSED_MAX = 1000

type Watcher = (touched: TouchedUser[]) => void
/** The users whose changes are read. A watcher filters them by the rights of its caller. */
type Scope = Pick<Viewer, 'partnerId' | 'customerIds'>

/** The reader of user changes of a process. It reads while there are watchers, and reads each change once for all of them. */
export interface UserChangeFeed {
  /**
   * Passes the partner's changes to the watcher, in their order, from now on or from a position on.
   * @throws BadUserInput naming `after` when the scope has more than MISSED_MAX changes after it
   */
  watch(scope: Scope, watcher: Watcher, after?: ChangePosition | null): Promise<Watch>
}

export interface Watch {
  /** The position after which changes are passed. */
  start: ChangePosition
  end(): void
}

declare module '../../context/context' {
  interface Platform {
    readonly userChangeFeed: UserChangeFeed
  }
}

export function createUserChangeFeed({ database, logger }: Pick<Platform, 'database' | 'logger'>): UserChangeFeed {
  const partners = new Map<string, { position: ChangePosition; watchers: Set<Watcher> }>()
  const mutex = new Mutex()
  let stopListening: (() => void) | null = null
  let isReadQueued = false

  async function readNew(): Promise<void> {
    for (const [partnerId, partner] of partners) {
      let read: number
      do {
        const changes = await readRows(changesAfter(database, { partnerId, customerIds: null }, partner.position, BATCH_SIZE))
        const touched = await touchedUsers(database, changes)
        partner.position = changes.at(-1) ?? partner.position
        if (touched.length > 0) callAll(partner.watchers, touched)
        read = changes.length
        // Reads of SQLite are synchronous: other requests run between two batches.
        await nextTick()
      } while (read === BATCH_SIZE && partner.watchers.size > 0)
    }
  }

  function callAll(watchers: Iterable<Watcher>, touched: TouchedUser[]): void {
    for (const watcher of watchers) {
      try {
        watcher(touched)
      } catch (error) {
        logger.error({ err: error }, 'A watcher of user changes failed; the others got the changes.')
      }
    }
  }

  async function readMissed(scope: Scope, after: ChangePosition): Promise<UserChange[]> {
    const query = changesAfter(database, scope, after, MISSED_MAX + 1)
    if (!scope.customerIds) return readRows(query)
    // Changes of a few customers may be far apart in the index.
    return decodeRows(query, await database.backgroundRead(...query.getQueryAndParameters()))
  }

  /** Does nothing while a read is queued: that read sees the new changes, too. */
  function queueRead(): void {
    if (isReadQueued) return
    isReadQueued = true
    const read = async (): Promise<void> => {
      isReadQueued = false
      await readNew().catch((error: unknown) => {
        if (partners.size > 0) logger.warn({ err: error }, 'Reading user changes failed; the next notification reads them.')
      })
    }
    // For all watchers, so not within the request that caused it.
    detached(() => void mutex.runExclusive(read))
  }

  function remove(partnerId: string, watcher: Watcher): void {
    const partner = partners.get(partnerId)
    partner?.watchers.delete(watcher)
    if (partner?.watchers.size === 0) partners.delete(partnerId)
    if (partners.size > 0) return
    stopListening?.()
    stopListening = null
  }

  return {
    watch: (scope, watcher, after = null) =>
      mutex.runExclusive(async () => {
        const { partnerId } = scope
        const partner = partners.get(partnerId) ?? { position: await newestPosition(database, partnerId), watchers: new Set() }
        const missed = after ? await readMissed(scope, after) : []
        if (missed.length > MISSED_MAX) {
          throw new BadUserInput('after', `There are more than ${MISSED_MAX} changes after \`after\`; read them by \`userChanges\` first.`)
        }
        if (missed.length > 0) watcher(await touchedUsers(database, missed))
        // A function of its own, because the same watcher may be added twice.
        const own: Watcher = touched => watcher(touched)
        partner.watchers.add(own)
        partners.set(partnerId, partner)
        stopListening ??= database.notifier.listen(queueRead)
        // Changes before this process listened caused no notification.
        queueRead()
        return { start: after ?? partner.position, end: () => remove(partnerId, own) }
      }),
  }
}
