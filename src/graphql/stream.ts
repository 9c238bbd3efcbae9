import { setTimeout as sleep } from 'node:timers/promises'

/** Values one after another, for as long as whoever takes them wants more: what a subscription answers. */
export interface Stream<Value> extends AsyncIterableIterator<Value> {
  /** There may be something to take. */
  wake(): void
  /** Ends it with an error. */
  fail(error: Error): void
  return(): Promise<IteratorResult<Value>>
}

/**
 * A generator would not do: it hears that nobody wants more only when it has the next value, which may be never.
 * @param take the next value, or null when there is none at present
 * @param onEnd called once, whoever ends it
 */
export function createStream<Value>(take: () => Value | null | Promise<Value | null>, onEnd: () => void): Stream<Value> {
  let ended = false
  let failure: Error | null = null
  let tell = (): void => undefined
  let woken = untilTold()

  function untilTold(): Promise<void> {
    return new Promise(resolve => (tell = resolve))
  }

  function wake(): void {
    tell()
    woken = untilTold()
  }

  function end(): IteratorResult<Value> {
    if (!ended) {
      ended = true
      onEnd()
      wake()
    }
    return { done: true, value: undefined }
  }

  async function next(): Promise<IteratorResult<Value>> {
    while (!ended) {
      // Before the look, so that what comes during it is not missed.
      const told = woken
      const value = failure ? null : await take()
      if (failure) break
      if (value !== null && !ended) return { done: false, value }
      await told
    }
    const cause = failure
    failure = null
    end()
    if (cause) throw cause
    return { done: true, value: undefined }
  }

  return {
    wake,
    fail(error) {
      failure = error
      wake()
    },
    async next() {
      try {
        return await next()
      } catch (error) {
        end()
        throw error
      }
    },
    return: async () => end(),
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

export interface LookAgainOptions<Value> {
  /** Calls its argument whenever it is worth to look; answers how to end that. */
  listen: (look: () => void) => (() => void) | Promise<() => void>
  look: () => Promise<Value>
  /** Looks are no closer together than this. */
  pauseMs: number
}

/** A value as it is now, and again whenever it has become another. */
export async function lookAgain<Value>({ listen, look, pauseMs }: LookAgainOptions<Value>): Promise<Stream<Value>> {
  let due = true
  let ended = false
  let last: string | null = null
  let nextLookAt = 0

  async function take(): Promise<Value | null> {
    if (!due) return null
    const waitMs = nextLookAt - performance.now()
    if (waitMs > 0) await sleep(waitMs)
    if (ended) return null
    due = false
    nextLookAt = performance.now() + pauseMs
    const value = await look()
    const text = JSON.stringify(value)
    if (text === last) return null
    last = text
    return value
  }

  const stream = createStream(take, () => {
    ended = true
    end()
  })
  const end = await listen(() => {
    due = true
    stream.wake()
  })
  return stream
}
