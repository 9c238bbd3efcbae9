import type { Timestamp } from '../shared/clock'

/** How patient the server is with Webex; every pause is a multiple of the first. */
export interface RetryPolicy {
  /** Pause after the first transient failure, in milliseconds. */
  firstPauseMs: number
}

/** What went wrong for the time being within an attempt. */
export interface Setback {
  /** Calls that failed since the last one that did not. */
  failedCalls: number
  /** How often background work at Webex ended in an error that may pass, and was begun anew. */
  restarts: number
  /** When the first of these was. */
  since: Timestamp
}

/** A lock or a limit passes within seconds, a disturbance within minutes; who fails for ten minutes will not be mended by hammering. */
const MAX_TRIES = 6
const WINDOW = 300
/** 2, 6, 18, 54 and 162 s with the ordinary first pause: four minutes together, so Retry-After has room within the window. */
const GROWTH = 3
/** A quarter of an hour, one, four, twelve hours and a day after the last attempt: what lasts longer needs a person. */
const LATER_PAUSES = [450, 1800, 7200, 21_600, 43_200]
/** Who failed together does not come back together. */
const JITTER = 0.25

/**
 * How long to pause before the next try, in milliseconds: 6 tries at most, within 10 minutes (with the ordinary first pause).
 * @param failures how many tries have failed, this one included
 * @param sinceMs how long ago the first of them was
 * @param retryAfterMs what Webex asks for; kept to even where it is longer than the pause would be
 * @returns null when it is to be given up
 */
export function pauseBeforeNextTry(
  { firstPauseMs }: RetryPolicy,
  { failures, sinceMs, retryAfterMs }: { failures: number; sinceMs: number; retryAfterMs: number | null },
  random: () => number = Math.random,
): number | null {
  if (failures >= MAX_TRIES) return null
  const pauseMs = Math.max(jittered(firstPauseMs * GROWTH ** (failures - 1), random), retryAfterMs ?? 0)
  return sinceMs + pauseMs > firstPauseMs * WINDOW ? null : pauseMs
}

/**
 * How long after an attempt that was given up the server makes another by itself, in milliseconds.
 * @param automaticAttempts how many it made since a person last acted or the user last recovered
 * @returns null when a person has to act
 */
export function pauseBeforeNextAttempt(
  { firstPauseMs }: RetryPolicy,
  automaticAttempts: number,
  retryAfterMs: number | null,
  random: () => number = Math.random,
): number | null {
  const factor = LATER_PAUSES[automaticAttempts]
  return factor === undefined ? null : Math.max(jittered(firstPauseMs * factor, random), retryAfterMs ?? 0)
}

function jittered(pauseMs: number, random: () => number): number {
  return Math.round(pauseMs * (1 - JITTER + 2 * JITTER * random()))
}
