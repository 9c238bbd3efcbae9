import { setImmediate as yieldToOthers, setTimeout as sleep } from 'node:timers/promises'
import { detached } from './deadline'

export interface LoopOptions {
  /** Between the end of one run and the start of the next. */
  pauseMs: number
  /** Instead of `pauseMs`, after a run that failed. `wake` does not shorten it. */
  pauseAfterErrorMs?: number
  onError: (error: unknown) => void
}

export interface Loop {
  /** Ends the pause. During a run, the next one follows at once. */
  wake(): void
  /** Starts no further run, and resolves when the current one has ended. */
  stop(): Promise<void>
}

/** Repeats work: now, after each pause, and when woken. One run at a time; an error does not end the loop. */
export function startLoop(work: () => Promise<void>, { pauseMs, pauseAfterErrorMs = pauseMs, onError }: LoopOptions): Loop {
  const stopping = new AbortController()
  let waking = new AbortController()

  async function run(): Promise<void> {
    for (;;) {
      // The request that woke the loop is answered first.
      await yieldToOthers()
      if (stopping.signal.aborted) return
      // A call of `wake` after this line may be too late for the run, so it asks for another one.
      waking = new AbortController()
      try {
        await work()
        await pause(pauseMs, waking.signal)
      } catch (error) {
        onError(error)
        await pause(pauseAfterErrorMs, stopping.signal)
      }
    }
  }

  const running = detached(run)
  return {
    wake: () => waking.abort(),
    async stop() {
      stopping.abort()
      waking.abort()
      await running
    },
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal, ref: false }).catch(() => undefined)
}
