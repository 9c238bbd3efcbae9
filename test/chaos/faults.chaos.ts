import { act, gather } from './crowd'
import { ALL_AT_ONCE, FAULTS } from './faults'
import { chooseSeed } from './randomness'
import { report } from './report'
import { mendTheRest, untilSettled } from './settling'
import { complaintsAbout } from './verdict'
import { startWorld } from './world'

const USERS = Number(process.env['CHAOS_USERS'] ?? 500)

it.each(Object.entries({ ...FAULTS, 'all at once': ALL_AT_ONCE }))(
  'of 500 users, none is lost, doubled or deleted unasked by: %s',
  async (name, rules) => {
    const seed = chooseSeed()
    const world = await startWorld()
    try {
      const crowd = await gather(world, USERS)
      await world.setFaults(rules.map((rule, index) => ({ ...rule, seed: (seed + index) % 2 ** 31 })))
      await act(world, crowd)
      const settledMs = await untilSettled(world, crowd.members, 300_000)
      await world.setFaults([])
      const mended = await mendTheRest(world, crowd.members)
      const has = (kind: string) => rules.some(rule => rule.kind === kind)
      const complaints = await complaintsAbout(world, crowd.members, { replacements: has('background'), lateWork: has('late-work') })
      report(`${name}: ${crowd.members.length} users settled in ${settledMs} ms with CHAOS_SEED=${seed}`, mended)
      expect({ seed, complaints }).toEqual({ seed, complaints: [] })
    } finally {
      await world.stop()
    }
  },
  600_000,
)
