/** One call in three. */
const SHARE = 1 / 3

type Rule = { kind: string; share: number } & Record<string, unknown>

/** Longer than a call of these tests may take, 400 ms: the answer comes too late, the work does not. */
const LATE_MS = 700

/** The faults of the simulator by name, each as it has to be survived. */
export const FAULTS: Record<string, Rule[]> = {
  // For a second nothing is sent then; more of these would only make the test longer.
  throttle: [
    { kind: 'throttle', share: 0.1, times: 10, retryAfterSeconds: 1 },
    { kind: 'throttle', share: SHARE, retryAfterSeconds: 0 },
  ],
  lock: [
    { kind: 'lock', share: 0.1, times: 50, retryAfterSeconds: 1 },
    { kind: 'lock', share: SHARE, retryAfterSeconds: 0 },
  ],
  fail: [{ kind: 'fail', share: SHARE }],
  'fail-after': [{ kind: 'fail-after', share: SHARE }],
  hang: [{ kind: 'hang', share: SHARE, delayMs: 5000 }],
  'drop-before': [{ kind: 'drop-before', share: SHARE }],
  'drop-after': [{ kind: 'drop-after', share: SHARE }],
  twice: [{ kind: 'twice', share: SHARE }],
  'late-answer': [{ kind: 'late-answer', share: SHARE, delayMs: LATE_MS }],
  'late-work': [{ kind: 'late-work', share: SHARE, delayMs: LATE_MS }],
  retype: [{ kind: 'retype', share: SHARE }],
  background: [{ kind: 'background', share: SHARE, errorCode: 2560 }],
}

/** One call in three meets any of them. */
export const ALL_AT_ONCE = sharedOut(Object.keys(FAULTS))

/** Those after which a look at what Webex has always tells whether a call was carried out. */
export const ALL_IN_TIME = sharedOut(Object.keys(FAULTS).filter(kind => kind !== 'late-work'))

/** One call in three fails, in one way or another. */
export const ONE_CALL_IN_THREE = sharedOut(Object.keys(FAULTS).filter(kind => kind !== 'retype' && kind !== 'background'))

function sharedOut(kinds: string[]): Rule[] {
  return kinds.map((kind, index) => {
    const rule = FAULTS[kind]?.at(-1) as Rule
    // A rule is asked only about the calls that those before it left.
    const share = SHARE / kinds.length
    return { ...rule, share: share / (1 - index * share) }
  })
}
