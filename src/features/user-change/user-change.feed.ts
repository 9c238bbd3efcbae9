import { setImmediate as nextTurn } from 'node:timers/promises'
import { Mutex } from 'async-mutex'
import type { Viewer } from '../../auth/viewer'
import { detached } from '../../shared/deadline'
import { decodeRows, readRows } from '../../database/rows'
import type { Platform } from '../../context/context'
import { BadUserInput } from '../../shared/errors'
import { type TouchedUser, touchedUsers } from './touched-user'
import type { UserChange } from '../change-log/user-change.entity'
import { type ChangePosition, changesAfter, newestPosition } from './user-change.log'

/** So many changes are read at a time: their users are all in memory. */
const BATCH_SIZE = 500
/** Who missed more reads pages, which it can do at its own pace. */
export const MISSED_MAX = 1000

type Tell = (touched: TouchedUser[]) => void
/** Whose changes are told; whoever watches leaves out what the caller may not see. */
type Scope = Pick<Viewer, 'partnerId' | 'customerIds'>

export interface UserChangeFeed {
  /**
   * Tells of the partner's changes from now on, or from a place on, in their order.
   * @throws BadUserInput naming `after` when too much that the caller may see happened since
   */
  watch(scope: Scope, tell: Tell, after?: ChangePosition | null): Promise<Watch>
}

export interface Watch {
  /** From where on it tells. */
  start: ChangePosition
  end(): void
}

type Surroundings = Pick<Platform, 'database' | 'logger'>

const feeds = new WeakMap<object, UserChangeFeed>()

/** The one reader of changes that a process has at a database; it reads while somebody watches, and each change once for all who do. */
export function feedOf({ database, logger }: Surroundings): UserChangeFeed {
  let feed = feeds.get(database)
  if (!feed) feeds.set(database, (feed = createFeed({ database, logger })))
  return feed
}

function createFeed({ database, logger }: Surroundings): UserChangeFeed {
  const partners = new Map<string, { position: ChangePosition; watchers: Set<Tell> }>()
  const turns = new Mutex()
  let endListening: (() => void) | null = null
  let waiting = false

  async function readOn(): Promise<void> {
    for (const [partnerId, partner] of partners) {
      let read: number
      do {
        const changes = await readRows(changesAfter(database, { partnerId, customerIds: null }, partner.position, BATCH_SIZE))
        const touched = await touchedUsers(database, changes)
        partner.position = changes.at(-1) ?? partner.position
        if (touched.length > 0) tellAll(partner.watchers, touched)
        read = changes.length
        // SQLite is read without a pause: requests wait for a batch, not for all that there is to read.
        await nextTurn()
      } while (read === BATCH_SIZE && partner.watchers.size > 0)
    }
  }

  function tellAll(watchers: Iterable<Tell>, touched: TouchedUser[]): void {
    for (const tell of watchers) {
      try {
        tell(touched)
      } catch (error) {
        logger.error({ err: error }, 'Somebody who watches users could not be told of changes; all others were.')
      }
    }
  }

  async function readMissed(scope: Scope, after: ChangePosition): Promise<UserChange[]> {
    const query = changesAfter(database, scope, after, MISSED_MAX + 1)
    if (!scope.customerIds) return readRows(query)
    // Those of a few customers may be far between.
    return decodeRows(query, await database.backgroundRead(...query.getQueryAndParameters()))
  }

  /** One that waits for its turn already will see what made another necessary. */
  function look(): void {
    if (waiting) return
    waiting = true
    const read = async (): Promise<void> => {
      waiting = false
      await readOn().catch((error: unknown) => {
        if (partners.size > 0) logger.warn({ err: error }, 'Changes of users could not be read; they will be in a moment.')
      })
    }
    // On behalf of all who watch, whoever's request it was that called for it.
    detached(() => void turns.runExclusive(read))
  }
  function leave(partnerId: string, tell: Tell): void {
    const partner = partners.get(partnerId)
    partner?.watchers.delete(tell)
    if (partner?.watchers.size === 0) partners.delete(partnerId)
    if (partners.size > 0) return
    endListening?.()
    endListening = null
  }

  return {
    watch: (scope, tell, after = null) =>
      turns.runExclusive(async () => {
        const { partnerId } = scope
        const partner = partners.get(partnerId) ?? { position: await newestPosition(database, partnerId), watchers: new Set() }
        const missed = after ? await readMissed(scope, after) : []
        if (missed.length > MISSED_MAX) {
          throw new BadUserInput('after', `There are more than ${MISSED_MAX} changes after \`after\`; read them by \`userChanges\` first.`)
        }
        if (missed.length > 0) tell(await touchedUsers(database, missed))
        // Its own, so that who watches twice ends one of both.
        const own: Tell = touched => tell(touched)
        partner.watchers.add(own)
        partners.set(partnerId, partner)
        endListening ??= database.notifier.listen(look)
        // Changes before this process listened caused no call.
        look()
        return { start: after ?? partner.position, end: () => leave(partnerId, own) }
      }),
  }
}
