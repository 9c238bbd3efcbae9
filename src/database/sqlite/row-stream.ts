import { on } from 'node:events'
import { Worker } from 'node:worker_threads'
import { BATCH_ROWS, type RowStream, type RowStreamOptions } from '../row-stream'

/**
 * Opens streams on an SQLite file. Each has a thread of its own, because better-sqlite3 is synchronous, which waits with its
 * connection, and the snapshot of it, until the next batch is asked for. Slots are counted in this process: no other serves the file.
 */
export function createRowStreams(file: string) {
  const taken = new Map<string, number>()

  return function open(sql: string, parameters: unknown[], { signal, slots: { name, count } }: RowStreamOptions): RowStream | null {
    signal.throwIfAborted()
    const others = taken.get(name) ?? 0
    if (others >= count) return null
    taken.set(name, others + 1)
    // The thread's program is the text of the function below, so that it runs the same compiled and from TypeScript under tests.
    const worker = new Worker(`(${readInThread.toString()})()`, {
      eval: true,
      workerData: {
        file,
        sql,
        parameters: parameters.map(value => (typeof value === 'boolean' ? Number(value) : value)),
        batchRows: BATCH_ROWS,
        driver: require.resolve('better-sqlite3'),
      },
    })
    const ended = new Promise<void>(resolve => worker.once('exit', () => resolve())).then(() => {
      const left = (taken.get(name) ?? 1) - 1
      if (left > 0) taken.set(name, left)
      else taken.delete(name)
    })
    // Listens from now on: a thread that fails before anybody reads is told to who reads then.
    const messages = on(worker, 'message', { signal, close: ['exit'] }) as AsyncIterable<[Answer]>
    signal.addEventListener('abort', () => void worker.terminate(), { once: true })
    return batchesOf(worker, messages, ended)
  }
}

interface Answer {
  /** None are left when it is empty. */
  rows: Record<string, unknown>[]
  error?: string
}

async function* batchesOf(
  worker: Worker,
  messages: AsyncIterable<[Answer]>,
  ended: Promise<void>,
): AsyncGenerator<Record<string, unknown>[]> {
  try {
    worker.postMessage('next')
    for await (const [{ rows, error }] of messages) {
      if (error !== undefined) throw new Error(error)
      if (rows.length === 0) return
      // The thread reads the next batch while this one is worked on, and no further.
      worker.postMessage('next')
      yield rows
    }
    throw new Error('The thread that read the rows ended too early.')
  } finally {
    void worker.terminate()
    await ended
  }
}

/** Runs inside the thread; may use nothing from outside its own text. */
function readInThread(): void {
  const { parentPort, workerData } = require('node:worker_threads') as typeof import('node:worker_threads')
  const Database = require(workerData.driver) as typeof import('better-sqlite3')
  let rows: Iterator<unknown> | undefined
  parentPort?.on('message', () => {
    const batch: unknown[] = []
    try {
      rows ??= new Database(workerData.file, { readonly: true }).prepare(workerData.sql).iterate(...workerData.parameters)
      while (batch.length < workerData.batchRows) {
        const { value, done } = rows.next()
        if (done) break
        batch.push(value)
      }
      parentPort.postMessage({ rows: batch })
    } catch (error) {
      parentPort.postMessage({ rows: [], error: String(error) })
    }
  })
}
