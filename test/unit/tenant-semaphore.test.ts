import { setTimeout as sleep } from 'node:timers/promises'
import { RequestTookTooLong, runWithDeadline } from '../../src/shared/deadline'
import { createTenantSemaphore } from '../../src/database/tenant-semaphore'

/** Work that goes on until it is told to end. */
function workOf(log: string[]) {
  const endings = new Map<string, () => void>()
  return {
    begin: (name: string) => () =>
      new Promise<string>(resolve => {
        log.push(name)
        endings.set(name, () => resolve(name))
      }),
    end: (name: string) => endings.get(name)?.(),
  }
}

describe('The tenant semaphore', () => {
  it('runs as much of each tenant at once as it has slots, in the order of the calls', async () => {
    const begun: string[] = []
    const { begin, end } = workOf(begun)
    const run = createTenantSemaphore(2)
    const ofAlice = ['a1', 'a2', 'a3', 'a4'].map(name => run('alice', begin(name)))
    const ofMallory = run('mallory', begin('m1'))
    await sleep(1)
    expect(begun).toEqual(['a1', 'a2', 'm1'])
    end('m1')
    expect(await ofMallory).toBe('m1')
    end('a2')
    expect(await ofAlice[1]).toBe('a2')
    await sleep(1)
    expect(begun).toEqual(['a1', 'a2', 'm1', 'a3'])
    for (const name of ['a1', 'a3']) end(name)
    await sleep(1)
    end('a4')
    expect(await Promise.all(ofAlice)).toEqual(['a1', 'a2', 'a3', 'a4'])
    // And from the beginning, when nothing was left.
    const again = run('alice', begin('a5'))
    await sleep(1)
    end('a5')
    expect(await again).toBe('a5')
  })

  it('frees the slot when work fails', async () => {
    const run = createTenantSemaphore(1)
    const failures = [1, 2].map(number => run('alice', () => Promise.reject(new Error(`failed ${number}`))))
    expect(await Promise.allSettled(failures)).toMatchObject([{ reason: { message: 'failed 1' } }, { reason: { message: 'failed 2' } }])
    expect(await run('alice', async () => 'done')).toBe('done')
  })

  it('stops waiting at the deadline of the request, and does not begin its work after that', async () => {
    const begun: string[] = []
    const { begin, end } = workOf(begun)
    const run = createTenantSemaphore(1)
    const first = run('alice', begin('first'))
    await expect(runWithDeadline(50, () => run('alice', begin('late')))).rejects.toThrow(RequestTookTooLong)
    const next = run('alice', begin('next'))
    end('first')
    await first
    await sleep(1)
    end('next')
    expect(await next).toBe('next')
    expect(begun).toEqual(['first', 'next'])
  })
})
