import type { Context } from '../../context/context'
import { PAGE_SIZE_MAX } from '../../graphql/paginate'
import { rowsOf } from '../../graphql/query-loaders'
import { timestamp } from '../../shared/clock'
import { BadUserInput } from '../../shared/errors'
import { outcomeFor, toldChange, touchedUsers } from './touched-user'
import type { UserChange } from '../change-log/user-change.entity'
import { BEGINNING, changesAfter, decodePosition, encodePosition, latestOf, newestPosition } from './user-change.log'
import type { UserChangePage } from './user-change.types'

/**
 * A page of the changes that the caller may see, from a cursor on or from the oldest that is kept.
 * @param first how many changes at most; of several of one user, one is told
 * @throws BadUserInput naming `first` or `after`
 */
export async function pageOfChanges(ctx: Context, after: string | null, first: number): Promise<UserChangePage> {
  const { viewer, database, clock } = ctx
  if (first < 0 || first > PAGE_SIZE_MAX) throw new BadUserInput('first', `\`first\` must be from 0 to ${PAGE_SIZE_MAX}; it is ${first}.`)
  const start = after === null ? BEGINNING : decodePosition(ctx, viewer.partnerId, after)
  const now = timestamp(clock.now())
  // Before the page, so that the page has all up to there that the caller may see.
  const newest = await newestPosition(database, viewer.partnerId)
  const query = changesAfter(database, viewer, start, first + 1)
  const found = (await ctx.load(rowsOf, { query, inBackground: viewer.customerIds !== null })) as UserChange[]
  const changes = found.slice(0, first)
  const last = changes.at(-1)
  const hasMore = found.length > first
  const outcomes = (await touchedUsers(database, changes)).map(touched => outcomeFor(viewer, {}, touched))
  return {
    changes: outcomes.map(outcome => outcome && toldChange(viewer, {}, outcome)).filter(change => change !== null),
    // With nothing left to tell, what is to come is newer than now, and behind what the caller may not see; else the next change is as old
    // as the last, or a bit younger.
    endCursor: hasMore
      ? encodePosition(viewer.partnerId, last ?? start, (last ?? (found[0] as UserChange)).at)
      : encodePosition(viewer.partnerId, latestOf(start, newest, last ?? start), now),
    hasMore,
    latestCursor: encodePosition(viewer.partnerId, newest, now),
  }
}
