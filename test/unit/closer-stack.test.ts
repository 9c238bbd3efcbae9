import { CloserStack } from '../../src/shared/closer-stack'

describe('A closer stack', () => {
  it('closes what was opened last first, one after the other', async () => {
    const log: string[] = []
    const closers = new CloserStack()
    closers.add(() => void log.push('lock'))
    closers.add(async () => {
      log.push('database begins')
      await Promise.resolve()
      log.push('database ends')
    })
    closers.add(() => void log.push('server'))
    await closers.close()
    expect(log).toEqual(['server', 'database begins', 'database ends', 'lock'])
  })

  it('closes everything once', async () => {
    let closed = 0
    const closers = new CloserStack()
    closers.add(() => void (closed += 1))
    await closers.close()
    await closers.close()
    expect(closed).toBe(1)
  })

  it('closes the rest when one fails, and throws the first error', async () => {
    const log: string[] = []
    const closers = new CloserStack()
    closers.add(() => void log.push('lock'))
    closers.add(() => Promise.reject(new Error('The database is gone.')))
    closers.add(() => {
      throw new Error('The server hangs.')
    })
    await expect(closers.close()).rejects.toThrow('The server hangs.')
    expect(log).toEqual(['lock'])
  })
})
