import { createStream, lookAgain } from '../../src/graphql/stream'

/** A stream over what is put into an array. */
function streamOf(values: number[]) {
  const ends: string[] = []
  const stream = createStream(
    () => values.shift() ?? null,
    () => ends.push('ended'),
  )
  return { stream, ends }
}

describe('A stream', () => {
  it('hands out what is there, and waits for more', async () => {
    const values = [1, 2]
    const { stream } = streamOf(values)
    expect(await stream.next()).toEqual({ done: false, value: 1 })
    expect(await stream.next()).toEqual({ done: false, value: 2 })
    const third = stream.next()
    values.push(3)
    stream.wake()
    expect(await third).toEqual({ done: false, value: 3 })
  })

  it('misses nothing that comes while it looks', async () => {
    const values: number[] = []
    let looks = 0
    const stream = createStream(
      async () => {
        looks += 1
        const value = values.shift() ?? null
        if (looks === 1) {
          values.push(1)
          stream.wake()
        }
        return value
      },
      () => undefined,
    )
    expect(await stream.next()).toEqual({ done: false, value: 1 })
  })

  it('ends at once for whoever waits when nobody wants more, and is cleared away once', async () => {
    const { stream, ends } = streamOf([])
    const waiting = stream.next()
    await stream.return()
    await stream.return()
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    expect(ends).toEqual(['ended'])
  })

  it('ends with the error that it was given, or that came of a look', async () => {
    const { stream, ends } = streamOf([])
    const waiting = stream.next()
    stream.fail(new Error('Too slow.'))
    await expect(waiting).rejects.toThrow('Too slow.')
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    expect(ends).toEqual(['ended'])
    const failing = createStream<number>(
      () => {
        throw new Error('No database.')
      },
      () => ends.push('failed'),
    )
    await expect(failing.next()).rejects.toThrow('No database.')
    expect(await failing.next()).toEqual({ done: true, value: undefined })
    expect(ends).toEqual(['ended', 'failed'])
  })
})

describe('Looking again', () => {
  function counter() {
    const state = { count: 0, looks: 0, again: () => undefined as void, ended: false }
    const stream = lookAgain({
      listen: again => {
        state.again = again
        return () => void (state.ended = true)
      },
      look: async () => {
        state.looks += 1
        return { count: state.count }
      },
      pauseMs: 10,
    })
    return { state, stream }
  }

  it('tells a value at once, and again only when it has become another', async () => {
    const { state, stream: made } = counter()
    const stream = await made
    expect((await stream.next()).value).toEqual({ count: 0 })
    const next = stream.next()
    state.again()
    while (state.looks < 2) await new Promise(setImmediate)
    state.count = 1
    state.again()
    expect((await next).value).toEqual({ count: 1 })
    await stream.return()
    expect(state.ended).toBe(true)
  })

  it('is not done for who has gone while it was too early for it', async () => {
    const { state, stream: made } = counter()
    const stream = await made
    await stream.next()
    state.again()
    const next = stream.next()
    await stream.return()
    expect(await next).toEqual({ done: true, value: undefined })
    expect(state.looks).toBe(1)
  })
})
