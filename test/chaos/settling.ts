import { setTimeout as sleep } from 'node:timers/promises'
import { busyUsers, type Member, plannedUsers, retry } from './crowd'
import { inTens, type World } from './world'

/** An automatic attempt comes 18 s after the one that was given up, give or take a quarter, when RETRY_PAUSE_MS is 40. */
const AUTOMATIC_MS = 25_000

/**
 * Waits until nobody is busy, and nothing of those who were deleted is left at Webex.
 * @returns how long it took, in milliseconds
 */
export async function untilSettled(world: World, members: Member[], withinMs: number): Promise<number> {
  const startedAt = Date.now()
  for (;;) {
    const busy = await busyUsers(world)
    const live = await world.live()
    const left = members.filter(({ part, broadworksId }) => part.ends === 'DELETED' && (live.get(broadworksId) ?? 0) > 0)
    const tookMs = Date.now() - startedAt
    if (busy.length + left.length === 0) return tookMs
    if (tookMs > withinMs) {
      const states = busy.slice(0, 5).map(({ broadworksId, status }) => `${broadworksId} ${status}`)
      const undeleted = left.slice(0, 5).map(({ broadworksId }) => `${broadworksId} not deleted`)
      const count = `${busy.length} busy, ${left.length} not deleted after ${tookMs} ms`
      throw new Error([count, ...states, ...undeleted, JSON.stringify(await world.jobs()), world.log().slice(-4000)].join('\n'))
    }
    await sleep(200)
  }
}

/**
 * Once the faults are over: who waits for an automatic attempt gets it, and who would have to wait for longer is retried by a person.
 * @returns how many waited, and how many of them were retried
 */
export async function mendTheRest(
  world: World,
  members: Member[],
  automaticMs = AUTOMATIC_MS,
): Promise<{ planned: number; retried: number }> {
  const all = await plannedUsers(world)
  for (const deadline = Date.now() + automaticMs; Date.now() < deadline && (await plannedUsers(world)).length > 0;) await sleep(500)
  await untilSettled(world, members, 60_000)
  const rest = await plannedUsers(world)
  const byId = new Map(members.map(member => [member.id, member]))
  await inTens(rest, async ({ id }) => {
    await retry(world, id)
    // The address of those who are to fail fails again, and to try is to create anew.
    const member = byId.get(id)
    if (member) member.replaced = true
  })
  await untilSettled(world, members, 60_000)
  return { planned: all.length, retried: rest.length }
}
