import { setTimeout as sleep } from 'node:timers/promises'
import { currentRequest } from '../../src/shared/current-request'
import { type Loop, type LoopOptions, startLoop } from '../../src/shared/loop'
import { eventually } from '../support/world/waiting'

const HOUR_MS = 3_600_000
let loops: Loop[] = []

afterEach(async () => {
  await Promise.all(loops.map(loop => loop.stop()))
  loops = []
})

/** A loop that ends with its test. */
function loop(work: () => Promise<void>, options: Partial<LoopOptions> = {}): Loop {
  const started = startLoop(work, { pauseMs: HOUR_MS, onError: () => undefined, ...options })
  loops.push(started)
  return started
}

describe('A loop', () => {
  it('runs its work at once, and again after each pause', async () => {
    let runs = 0
    loop(async () => void (runs += 1), { pauseMs: 1 })
    await eventually(async () => runs >= 3)
  })

  it('runs again when it is woken, also when that happens during a run', async () => {
    let runs = 0
    let end = (): void => undefined
    const { wake } = loop(async () => {
      runs += 1
      if (runs === 2) await new Promise<void>(resolve => (end = resolve))
    })
    await eventually(async () => runs === 1)
    wake()
    await eventually(async () => runs === 2)
    wake()
    wake()
    await sleep(20)
    expect(runs).toBe(2)
    end()
    await eventually(async () => runs === 3)
    await sleep(20)
    expect(runs).toBe(3)
  })

  it('goes on after an error, once its pause for errors is over', async () => {
    const errors: unknown[] = []
    let runs = 0
    const startedAt = performance.now()
    const { wake } = loop(
      async () => {
        runs += 1
        if (runs === 1) throw new Error('The database is away.')
      },
      { pauseAfterErrorMs: 200, onError: error => errors.push(error) },
    )
    await eventually(async () => runs === 1)
    wake()
    await eventually(async () => runs === 2)
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(199)
    expect(errors).toEqual([new Error('The database is away.')])
  })

  it('that is stopped waits for the current run, and starts no other', async () => {
    const log: string[] = []
    let end = (): void => undefined
    const { wake, stop } = loop(async () => {
      log.push('begins')
      await new Promise<void>(resolve => (end = resolve))
      log.push('ends')
    })
    await eventually(async () => log.length === 1)
    const stopped = stop().then(() => log.push('stopped'))
    wake()
    await sleep(20)
    expect(log).toEqual(['begins'])
    end()
    await stopped
    await sleep(20)
    expect(log).toEqual(['begins', 'ends', 'stopped'])
  })

  it('stops at once during a pause, also after an error', async () => {
    const quiet = loop(async () => undefined)
    let hasFailed = false
    const failing = loop(() => Promise.reject(new Error('The database is away.')), { onError: () => void (hasFailed = true) })
    await eventually(async () => hasFailed)
    await Promise.all([quiet.stop(), failing.stop()])
  })

  it('is no part of the request that started or woke it', async () => {
    const requests: unknown[] = []
    const work = async () => void requests.push(currentRequest.getStore() ?? null)
    const { wake } = currentRequest.run({ requestId: 'one' }, () => loop(work))
    await eventually(async () => requests.length === 1)
    currentRequest.run({ requestId: 'two' }, wake)
    await eventually(async () => requests.length === 2)
    expect(requests).toEqual([null, null])
  })
})
