import type { Context, Loader } from '../../context/context'
import { KEPT_COUNT_COST } from '../../graphql/engine/limits/prices'
import { createStream, lookAgain, type Stream } from '../../graphql/stream'
import { timestamp } from '../../shared/clock'
import { BadUserInput, FellBehind } from '../../shared/errors'
import { customerById } from '../customer/customer.loaders'
import { templateById } from '../onboarding-template/onboarding-template.loaders'
import { type Outcome, outcomeFor, toldChange, type TouchedUser } from './touched-user'
import { decodePosition, encodePosition } from './user-change.log'
import type { Watch } from './user-change.feed'
import type { ToldChange, UserChangeFilter } from './user-change.types'

/** Who takes changes more slowly than they come has so many users waiting at most; each is some kilobytes. */
const WAITING_MAX = 1000

/**
 * What becomes of the users whom the filter selects, from now on or from a cursor on. A user who changes again before it was taken is told
 * once, as it is then.
 * @throws BadUserInput naming the field of the filter, or `after`
 */
export async function streamOfChanges(ctx: Context, filter: UserChangeFilter, after: string | null): Promise<Stream<ToldChange>> {
  await refuseUnseen(ctx, 'customerIds', customerById, filter.customerIds)
  await refuseUnseen(ctx, 'onboardingTemplateIds', templateById, filter.onboardingTemplateIds)
  const { viewer } = ctx
  const waiting = new Map<string, Outcome>()
  const start = after === null ? null : decodePosition(ctx, viewer.partnerId, after)
  const beganAt = timestamp(ctx.clock.now())
  let cursor = after
  let watch: Watch | null = null

  function take(): ToldChange | null {
    for (const [userId, outcome] of waiting) {
      waiting.delete(userId)
      const change = toldChange(viewer, filter, outcome)
      if (!change) continue
      cursor = change.cursor
      return change
    }
    return null
  }

  function add(touched: TouchedUser[]): void {
    for (const each of touched) {
      const outcome = outcomeFor(viewer, filter, each, waiting.get(each.userId))
      if (!outcome) continue
      // Behind the others, so that cursors rise.
      waiting.delete(each.userId)
      waiting.set(each.userId, outcome)
    }
    wakeOrEnd()
  }

  function wakeOrEnd(): void {
    // What comes before the feed has answered is judged when it has.
    if (!watch || waiting.size <= WAITING_MAX) return stream.wake()
    waiting.clear()
    watch.end()
    stream.fail(new FellBehind(cursor ?? encodePosition(viewer.partnerId, watch.start, beganAt)))
  }

  const stream = createStream(take, () => watch?.end())
  watch = await ctx.userChangeFeed.watch(viewer, add, start)
  wakeOrEnd()
  return stream
}

/** A view of counts moves no quicker than people read. */
const COUNTS_PAUSE_MS = 1000

/**
 * A value that follows from the kept counts of the users whom the filter selects, now and whenever a change of such users made it another
 * one. Each look is paid for before it is made, also when it shows nothing new: who has spent their budget has nothing looked for.
 */
export function streamOfCounts<Value>(ctx: Context, filter: UserChangeFilter, look: () => Promise<Value>): Promise<Stream<Value>> {
  const { viewer, budget } = ctx
  return lookAgain({
    listen: async again => {
      const watch = await ctx.userChangeFeed.watch(viewer, touched => {
        if (touched.some(each => outcomeFor(viewer, filter, each))) again()
      })
      return () => watch.end()
    },
    async look() {
      await budget.pay(KEPT_COUNT_COST)
      return look()
    },
    pauseMs: COUNTS_PAUSE_MS,
  })
}

/** A filter that names more objects than this is a mistake or an attack. */
const NAMED_MAX = 1000

/** @throws BadUserInput when an argument names what the caller does not see, whether it is there or not */
export async function refuseUnseen(
  ctx: Context,
  argument: string,
  loader: Loader<string, object | null>,
  ids: string[] | null | undefined,
): Promise<void> {
  if (ids && ids.length > NAMED_MAX) {
    throw new BadUserInput(argument, `\`${argument}\` may name ${NAMED_MAX} values at most; it names ${ids.length}.`)
  }
  const found = await Promise.all((ids ?? []).map(id => ctx.load(loader, id)))
  if (found.includes(null)) throw new BadUserInput(argument, `\`${argument}\` names what is not there, or what you may not see.`)
}
