import Bottleneck from 'bottleneck'
import { NotSent } from './webex-error'

export interface CallLimits {
  /** Calls under way at a time. */
  concurrency: number
  /** Calls begun in a second, spread evenly; null for as many as come. */
  callsPerSecond: number | null
}

/** A job has 30 s in all, of which the call itself may take 20: who has not had a turn by now lets the job come back later. */
const TURN_MAX_MS = 4000
/** When Webex says "too many calls" without saying for how long: what Cisco's own wxc_sdk waits. */
const CLOSED_BY_DEFAULT_MS = 5000
/** A longer wait is kept by the call that was told so; one answer must not stop a whole partner for hours. */
const CLOSED_MAX_MS = 60_000

/** Through which all calls of one partner go, in this process: as many as Webex is to be asked, and none while it wants none. */
export class CallGate {
  private readonly limiter: Bottleneck
  private closedUntilMs = 0

  constructor({ concurrency, callsPerSecond }: CallLimits) {
    this.limiter = new Bottleneck({ maxConcurrent: concurrency, minTime: callsPerSecond === null ? 0 : 1000 / callsPerSecond })
  }

  /** Null while it is open. */
  closedUntil(): Date | null {
    return this.closedUntilMs > Date.now() ? new Date(this.closedUntilMs) : null
  }

  /** @param retryAfterMs null when Webex did not say */
  close(retryAfterMs: number | null): void {
    const closedMs = Math.min(retryAfterMs ?? CLOSED_BY_DEFAULT_MS, CLOSED_MAX_MS)
    this.closedUntilMs = Math.max(this.closedUntilMs, Date.now() + closedMs)
  }

  /**
   * Makes the call when its turn has come. The wait for it is no part of the call's own time.
   * @throws NotSent when the gate is closed, or no turn came within some seconds
   */
  async pass<Value>(call: () => Promise<Value>): Promise<Value> {
    this.refuseWhileClosed()
    const leave = await this.turn()
    try {
      this.refuseWhileClosed()
      return await call()
    } finally {
      leave()
    }
  }

  private refuseWhileClosed(): void {
    const restMs = this.closedUntilMs - Date.now()
    if (restMs > 0) throw new NotSent(`Webex wants no more calls for ${Math.ceil(restMs / 1000)} seconds.`, restMs)
  }

  /** Answers how to give the turn back. */
  private turn(): Promise<() => void> {
    return new Promise((resolve, reject) => {
      let isWaiting = true
      const timer = setTimeout(() => {
        isWaiting = false
        reject(new NotSent('Too many calls to Webex wait for their turn.', TURN_MAX_MS))
      }, TURN_MAX_MS)
      void this.limiter.schedule(async () => {
        if (!isWaiting) return
        clearTimeout(timer)
        await new Promise<void>(leave => resolve(leave))
      })
    })
  }
}
