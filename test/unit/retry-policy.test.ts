import fc from 'fast-check'
import { pauseBeforeNextAttempt, pauseBeforeNextTry, type RetryPolicy } from '../../src/provisioning/retry-policy'

/** With the ordinary setting: 2 s. */
const ORDINARY: RetryPolicy = { firstPauseMs: 2000 }
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const policy = fc.integer({ min: 1, max: 60_000 }).map(firstPauseMs => ({ firstPauseMs }))
const retryAfter = fc.option(fc.integer({ min: 0, max: 24 * HOUR_MS }))

interface World {
  callMs?: () => number
  retryAfterMs?: () => number | null
  draw?: () => number
}

/** Calls that fail again and again, as an attempt makes them. Answers when each try began, and the pauses between them, in milliseconds. */
function failAgainAndAgain(retry: RetryPolicy, { callMs = () => 0, retryAfterMs = () => null, draw = () => 0.5 }: World = {}) {
  const triesAtMs: number[] = []
  const pausesMs: number[] = []
  let nowMs = 0
  let firstFailureMs: number | null = null
  for (;;) {
    triesAtMs.push(nowMs)
    nowMs += callMs()
    firstFailureMs ??= nowMs
    const failure = { failures: triesAtMs.length, sinceMs: nowMs - firstFailureMs, retryAfterMs: retryAfterMs() }
    const pauseMs = pauseBeforeNextTry(retry, failure, draw)
    if (pauseMs === null) return { triesAtMs, pausesMs, firstFailureMs }
    pausesMs.push(pauseMs)
    nowMs += pauseMs
  }
}

/** Answers as the sequence says, and over again when it is at its end. */
function inTurn<Value>(values: readonly Value[]): () => Value {
  let index = 0
  return () => values[index++ % values.length] as Value
}

describe('the pause before the next try', () => {
  it('is 2, 6, 18, 54 and 162 seconds with the ordinary setting, and then there is none', () => {
    expect(failAgainAndAgain(ORDINARY).pausesMs).toEqual([2000, 6000, 18_000, 54_000, 162_000])
  })

  it('is off by a quarter at most, so that who failed together does not come back together', () => {
    fc.assert(
      fc.property(policy, fc.integer({ min: 1, max: 5 }), random, ({ firstPauseMs }, failures, drawn) => {
        const pauseMs = pauseBeforeNextTry({ firstPauseMs }, { failures, sinceMs: 0, retryAfterMs: null }, () => drawn) as number
        const wholeMs = firstPauseMs * 3 ** (failures - 1)
        expect(Math.abs(pauseMs - wholeMs)).toBeLessThanOrEqual(wholeMs / 4 + 0.5)
      }),
    )
    const pausesMs = [0, 0.25, 0.5, 0.999].map(drawn =>
      pauseBeforeNextTry(ORDINARY, { failures: 1, sinceMs: 0, retryAfterMs: null }, () => drawn),
    )
    expect(pausesMs).toEqual([1500, 1750, 2000, 2499])
    const drawnByItself = () => pauseBeforeNextTry(ORDINARY, { failures: 5, sinceMs: 0, retryAfterMs: null })
    expect(new Set(Array.from({ length: 20 }, drawnByItself)).size).toBeGreaterThan(1)
  })

  it('grows from try to try, however it is drawn', () => {
    fc.assert(
      fc.property(policy, fc.array(random, { minLength: 1 }), (retry, drawn) => {
        const { pausesMs } = failAgainAndAgain(retry, { draw: inTurn(drawn) })
        for (const [index, pauseMs] of pausesMs.slice(1).entries()) expect(pauseMs).toBeGreaterThan(pausesMs[index] as number)
      }),
    )
  })

  it('leaves room for all six tries, however it is drawn, as long as calls fail at once and Webex asks for no rest', () => {
    fc.assert(
      fc.property(policy, fc.array(random, { minLength: 1 }), (retry, drawn) => {
        expect(failAgainAndAgain(retry, { draw: inTurn(drawn) }).triesAtMs).toHaveLength(6)
      }),
    )
  })

  it('lets nothing be tried more than six times, nor later than 10 minutes after the first failure', () => {
    const callMs = fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1 })
    fc.assert(
      fc.property(
        policy,
        callMs,
        fc.array(retryAfter, { minLength: 1 }),
        fc.array(random, { minLength: 1 }),
        (retry, calls, asked, drawn) => {
          const world = { callMs: inTurn(calls), retryAfterMs: inTurn(asked), draw: inTurn(drawn) }
          const { triesAtMs, firstFailureMs } = failAgainAndAgain(retry, world)
          expect(triesAtMs.length).toBeLessThanOrEqual(6)
          // 10 minutes with the ordinary pause of 2 s.
          if (triesAtMs.length > 1) expect((triesAtMs.at(-1) as number) - firstFailureMs).toBeLessThanOrEqual(300 * retry.firstPauseMs)
        },
      ),
    )
  })

  it('is never shorter than what Webex asks for, nor shorter than it would be otherwise', () => {
    fc.assert(
      fc.property(policy, fc.integer({ min: 1, max: 5 }), retryAfter, random, (retry, failures, retryAfterMs, drawn) => {
        const ownMs = pauseBeforeNextTry(retry, { failures, sinceMs: 0, retryAfterMs: null }, () => drawn) as number
        const pauseMs = pauseBeforeNextTry(retry, { failures, sinceMs: 0, retryAfterMs }, () => drawn)
        const wantedMs = Math.max(ownMs, retryAfterMs ?? 0)
        expect(pauseMs).toBe(wantedMs > 300 * retry.firstPauseMs ? null : wantedMs)
      }),
    )
  })

  it('is not made when Webex asks for more than is left of the 10 minutes', () => {
    const after = (sinceMs: number, retryAfterMs: number) => pauseBeforeNextTry(ORDINARY, { failures: 1, sinceMs, retryAfterMs })
    expect(after(0, 10 * MINUTE_MS)).toBe(10 * MINUTE_MS)
    expect(after(0, 10 * MINUTE_MS + 1)).toBeNull()
    expect(after(9 * MINUTE_MS, MINUTE_MS)).toBe(MINUTE_MS)
    expect(after(9 * MINUTE_MS, MINUTE_MS + 1)).toBeNull()
  })
})

describe('the pause before the next attempt', () => {
  const LATER_MS = [15 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, 12 * HOUR_MS, 24 * HOUR_MS]

  it('is a quarter of an hour, one, four, twelve hours and a day, and then a person has to act', () => {
    const pausesMs = Array.from({ length: 7 }, (_, automatic) => pauseBeforeNextAttempt(ORDINARY, automatic, null, () => 0.5))
    expect(pausesMs).toEqual([...LATER_MS, null, null])
    expect(pauseBeforeNextAttempt(ORDINARY, 5, HOUR_MS)).toBeNull()
  })

  it('is off by a quarter at most, and never shorter than what Webex asks for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), retryAfter, random, (automatic, retryAfterMs, drawn) => {
        const wholeMs = LATER_MS[automatic] as number
        const ownMs = pauseBeforeNextAttempt(ORDINARY, automatic, null, () => drawn) as number
        expect(Math.abs(ownMs - wholeMs)).toBeLessThanOrEqual(wholeMs / 4)
        expect(pauseBeforeNextAttempt(ORDINARY, automatic, retryAfterMs, () => drawn)).toBe(Math.max(ownMs, retryAfterMs ?? 0))
      }),
    )
    expect(pauseBeforeNextAttempt(ORDINARY, 0, null, () => 0)).toBeLessThan(pauseBeforeNextAttempt(ORDINARY, 0, null, () => 0.9) as number)
  })

  it('comes after all tries of the attempt before, so that two attempts never overlap', () => {
    const { triesAtMs } = failAgainAndAgain(ORDINARY, { draw: () => 0.999 })
    expect(pauseBeforeNextAttempt(ORDINARY, 0, null, () => 0)).toBeGreaterThan(triesAtMs.at(-1) as number)
  })
})
