import { setTimeout as sleep } from 'node:timers/promises'
import { act, gather } from '../chaos/crowd'
import { ALL_IN_TIME } from '../chaos/faults'
import { chooseSeed, numbersFrom } from '../chaos/randomness'
import { mendTheRest, untilSettled } from '../chaos/settling'
import { complaintsAbout } from '../chaos/verdict'
import { startWorld } from '../chaos/world'

/** The short form of `npm run test:chaos`. */
const USERS = 40
const KILLS = 3
const CALLS_AT_A_TIME = 8
/** On PostgreSQL the jobs of a killed process wait for the end of their leases. */
const SETTLED_WITHIN_MS = 120_000

/** Among so few users, what is most to be feared is not left to chance. */
const SURE = [
  { kind: 'twice', methods: ['POST'], share: 0.3, times: 6 },
  { kind: 'drop-after', methods: ['POST'], share: 0.3, times: 6 },
  { kind: 'twice', methods: ['PUT'], times: 2 },
]

it('nobody is lost, made twice or deleted unasked by a Webex with every fault and a server that is killed again and again', async () => {
  // The same choices every time, so that nobody's change fails by what another run would have found.
  const seed = chooseSeed('1')
  const numberBelow = numbersFrom(seed)
  const world = await startWorld({ environment: { RETRY_PAUSE_MS: '10' } })
  try {
    // Where the creation of a deleted user was lost, its deletion looks for it for a minute: that is for the long form.
    const crowd = await gather(world, USERS, { without: 'hand-over-and-delete' })
    await world.setFaults([...SURE, ...ALL_IN_TIME].map((rule, index) => ({ ...rule, seed: (seed + index) % 2 ** 31 })))
    const acting = act(world, crowd)
    for (let kill = 0; kill < KILLS; kill += 1) {
      await sleep(numberBelow(300))
      await world.kill(0)
    }
    await acting
    await untilSettled(world, crowd.members, SETTLED_WITHIN_MS)
    await world.setFaults([])
    await mendTheRest(world, crowd.members, 0)
    const complaints = await complaintsAbout(world, crowd.members, { replacements: true, unrecorded: KILLS * CALLS_AT_A_TIME })
    expect({ seed, complaints }).toEqual({ seed, complaints: [] })
  } finally {
    await world.stop()
  }
}, 300_000)
