import { setTimeout as sleep } from 'node:timers/promises'

/** Looks again and again until the value is there (not null, undefined or false); fails with the last look after the time is over, far more than anything needs on a quiet machine. */
export async function eventually<Value>(look: () => Promise<Value | null | undefined | false>, timeoutMs = 45_000): Promise<Value> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const value = await look()
    if (value) return value
    if (Date.now() > deadline) throw new Error(`It did not come to be within ${timeoutMs} ms.`)
    await sleep(25)
  }
}
