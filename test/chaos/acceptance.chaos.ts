import { setTimeout as sleep } from 'node:timers/promises'
import { UserHistoryDocument } from '../support/operations/operations.generated'
import { addressOf, type Member, movingUsers, retry } from './crowd'
import { ONE_CALL_IN_THREE } from './faults'
import { chooseSeed, numbersFrom } from './randomness'
import { report } from './report'
import { eventually } from '../support/world/waiting'
import { untilSettled } from './settling'
import { complaintsAbout, historyOf } from './verdict'
import { inTens, startWorld } from './world'

const KILLS = 8
const CALLS_AT_A_TIME = 8
const SETTLED_WITHIN_MS = 300_000

it('a retry of every stuck user settles all of them, while Webex fails one call in three and the server is killed and restarted', async () => {
  const seed = chooseSeed()
  const numberBelow = numbersFrom(seed)
  const world = await startWorld({ seeded: 1000, environment: { WEBEX_CALLS_PER_SECOND: '50' } })
  try {
    const stuck = await world.users({ excludeProvisioned: true })
    await world.setFaults(ONE_CALL_IN_THREE.map((rule, index) => ({ ...rule, seed: (seed + index) % 2 ** 31 })))
    const members = stuck.map(({ id, broadworksId, packageType, webexSubscriberId }): Member => ({
      id,
      broadworksId,
      packageType,
      part: { share: 0, deed: 'retry', ends: 'PROVISIONED' },
      replaced: webexSubscriberId !== null,
      seededSubscriberId: webexSubscriberId,
    }))
    const startedAt = Date.now()
    const retrying = inTens(stuck, async ({ id }) => expect(await retry(world, id, addressOf('good'))).toEqual([]))
    for (let kill = 0; kill < KILLS; kill += 1) {
      await sleep(numberBelow(1000))
      await world.kill(0)
    }
    await retrying
    await eventually(async () => (await movingUsers(world)).length === 0, SETTLED_WITHIN_MS)
    await untilSettled(world, members, SETTLED_WITHIN_MS)
    report(`${stuck.length} stuck users of 1000 settled within ${Date.now() - startedAt} ms with CHAOS_SEED=${seed}`)

    const complaints = await complaintsAbout(world, members, { unrecorded: KILLS * CALLS_AT_A_TIME, lateWork: true })
    expect({ seed, complaints }).toEqual({ seed, complaints: [] })
    expect(await world.users({ excludeProvisioned: true })).toEqual([])

    const histories = await Promise.all(
      members.map(async ({ id }) => {
        const { provisionedUser } = await world.ask(UserHistoryDocument, { id: id ?? '' })
        return historyOf(provisionedUser?.attempts.nodes ?? [])
      }),
    )
    const longest = histories.sort((one, other) => other.length - one.length)[0]
    report(`the longest history:\n  ${longest}`)
  } finally {
    await world.stop()
  }
}, 900_000)
