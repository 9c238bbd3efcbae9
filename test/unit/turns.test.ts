import { setTimeout as sleep } from 'node:timers/promises'
import { RequestTookTooLong, runWithDeadline } from '../../src/shared/deadline'
import { createTurns } from '../../src/database/turns'

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

describe('Turns', () => {
  it('are so many for each party at once, in the order in which they were asked for', async () => {
    const begun: string[] = []
    const { begin, end } = workOf(begun)
    const turns = createTurns(2)
    const ofAlice = ['a1', 'a2', 'a3', 'a4'].map(name => turns('alice', begin(name)))
    const ofMallory = turns('mallory', begin('m1'))
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
    const again = turns('alice', begin('a5'))
    await sleep(1)
    end('a5')
    expect(await again).toBe('a5')
  })

  it('are given on when work fails', async () => {
    const turns = createTurns(1)
    const failures = [1, 2].map(number => turns('alice', () => Promise.reject(new Error(`failed ${number}`))))
    expect(await Promise.allSettled(failures)).toMatchObject([{ reason: { message: 'failed 1' } }, { reason: { message: 'failed 2' } }])
    expect(await turns('alice', async () => 'done')).toBe('done')
  })

  it('are waited for no longer than a request may take; what it wanted is not begun after that', async () => {
    const begun: string[] = []
    const { begin, end } = workOf(begun)
    const turns = createTurns(1)
    const first = turns('alice', begin('first'))
    await expect(runWithDeadline(50, () => turns('alice', begin('late')))).rejects.toThrow(RequestTookTooLong)
    const next = turns('alice', begin('next'))
    end('first')
    await first
    await sleep(1)
    end('next')
    expect(await next).toBe('next')
    expect(begun).toEqual(['first', 'next'])
  })
})
