/**
 * Maps the values of a stream and its error. graphql-js maps, too, but executes all events with the same context.
 * @param to.error called when the source or `value` fails; the stream ends with the error it returns
 */
export function mappedStream<Value>(
  source: AsyncIterator<unknown>,
  to: { value: (value: unknown) => Promise<Value>; error: (error: Error) => Promise<Error> },
): AsyncIterableIterator<Value> {
  return {
    async next() {
      try {
        const result = await source.next()
        return result.done ? { done: true, value: undefined } : { done: false, value: await to.value(result.value) }
      } catch (error) {
        await source.return?.()
        throw await to.error(error as Error)
      }
    },
    async return() {
      await source.return?.()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
