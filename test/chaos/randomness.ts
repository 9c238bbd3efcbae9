import { randomInt } from 'node:crypto'

/**
 * CHAOS_SEED repeats a run's choices; what the machine makes of them differs a little each time. `random` looks for what nobody has met yet.
 * @param usual what is taken when nothing else is asked for
 */
export function chooseSeed(usual: string = 'random'): number {
  const seed = process.env['CHAOS_SEED'] ?? usual
  return seed === 'random' ? randomInt(2 ** 31) : Number(seed)
}

/** A row of whole numbers from 0 up to, not including, a limit, the same for the same seed: mulberry32. */
export function numbersFrom(seed: number): (limit: number) => number {
  let state = seed
  return limit => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}
