import { Semaphore } from 'async-mutex'
import { currentDeadline, withinDeadline } from '../shared/deadline'

/** Lets work through, each party's in the order in which it came. @throws RequestTookTooLong when its time is over before its turn */
export type Turns = <Result>(party: string, work: () => Promise<Result>) => Promise<Result>

/**
 * Each party does only so much at once, and what it wants beyond that stands in a line of its own: so whoever asks for a lot waits for
 * themselves, and nobody else does.
 */
export function createTurns(atOnce: number): Turns {
  const parties = new Map<string, Semaphore>()

  return (party, work) => {
    const turns = parties.get(party) ?? new Semaphore(atOnce)
    // Once its request is answered, nobody could tell any more that its time is over.
    const deadline = currentDeadline()
    return withinDeadline(async () => {
      parties.set(party, turns)
      try {
        return await turns.runExclusive(() => {
          deadline?.check()
          return work()
        })
      } finally {
        // The next in line has taken its turn by now.
        if (turns.getValue() === atOnce) parties.delete(party)
      }
    })
  }
}
