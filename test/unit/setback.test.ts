import {
  canRetryAlone,
  isPassing,
  setbackSince,
  withFailedCall,
  withoutFailedCalls,
  withRestart,
} from '../../src/features/activation-attempt/saga/setback'

const NOW = new Date('2026-11-01T10:00:00.000Z')
const EARLIER = { failedCalls: 2, restarts: 1, since: '2026-11-01T09:00:00.000Z' }

describe('a setback', () => {
  it('begins now, or goes on', () => {
    expect(setbackSince(null, NOW)).toEqual({ failedCalls: 0, restarts: 0, since: NOW.toISOString() })
    expect(setbackSince(EARLIER, NOW)).toEqual(EARLIER)
  })

  it('counts another call that failed', () => {
    expect(withFailedCall(null, NOW)).toEqual({ failedCalls: 1, restarts: 0, since: NOW.toISOString() })
    expect(withFailedCall(EARLIER, NOW)).toEqual({ ...EARLIER, failedCalls: 3 })
  })

  it('counts work that is begun anew, which calls that failed are no part of', () => {
    expect(withRestart(null, NOW)).toEqual({ failedCalls: 0, restarts: 1, since: NOW.toISOString() })
    expect(withRestart(EARLIER, NOW)).toEqual({ ...EARLIER, failedCalls: 0, restarts: 2 })
  })

  it('ends with a call that succeeds, unless work was begun anew', () => {
    expect(withoutFailedCalls(null)).toBeNull()
    expect(withoutFailedCalls({ ...EARLIER, restarts: 0 })).toBeNull()
    expect(withoutFailedCalls(EARLIER)).toEqual({ ...EARLIER, failedCalls: 0 })
  })
})

describe('a failure', () => {
  const error = (code: number | null, httpStatus: number | null) => ({ code, httpStatus, upstreamText: 'No.', trackingId: null })

  it('passes when its main error does', () => {
    expect(isPassing([])).toBe(false)
    expect(isPassing([error(null, 503)])).toBe(true)
    expect(isPassing([error(null, 400)])).toBe(false)
    expect(isPassing([error(null, 503), error(10022, 409)])).toBe(false)
  })

  it.each([
    [null, null, false],
    ['person', null, true],
    [null, 'anna@example.com', true],
    ['person', 'anna@example.com', true],
  ])('of a user with the person %s and the address %s can be retried without a person: %s', (webexPersonId, trustedEmailKey, expected) => {
    expect(canRetryAlone({ webexPersonId, trustedEmailKey })).toBe(expected)
  })
})
