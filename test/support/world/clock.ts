import type { Clock } from '../../../src/shared/clock'
import type { TestApp } from './app'

/** Goes on as time does, and can be moved ahead. */
export interface TestClock extends Clock {
  moveAhead(milliseconds: number): void
}

export function createTestClock(): TestClock {
  let aheadMs = 0
  return {
    now: () => new Date(Date.now() + aheadMs),
    moveAhead: milliseconds => void (aheadMs += milliseconds),
  }
}

/** Lets time pass for a whole server: whether a job of pg-boss is due is a matter of the clock of the database. */
export async function passTime({ platform: { database } }: TestApp, clock: TestClock, milliseconds: number): Promise<void> {
  clock.moveAhead(milliseconds)
  if (database.kind !== 'postgres') return
  const sooner = `UPDATE flowthrough_queue.job SET start_after = start_after - $1 * interval '1 millisecond' WHERE state < 'active'`
  await database.transaction(({ manager }) => manager.query(sooner, [milliseconds]))
}
