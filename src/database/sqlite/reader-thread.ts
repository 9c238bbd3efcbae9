import { Worker } from 'node:worker_threads'
import type { Logger } from '../../shared/logger'
import { TookTooLong } from '../../shared/errors'
import { detached } from '../../shared/deadline'

export interface ReaderThread {
  /** How many reads it has to do. */
  readonly waiting: number
  read(sql: string, parameters: unknown[], limits: TimeLimits): Promise<Record<string, unknown>[]>
  stop(): Promise<void>
}

interface TimeLimits {
  /** The statement is ended after this, where it has the condition of `whereInTime`. */
  timeLimitMs: number
  /** By the clock: when nobody waits for it any more. Then it is not even begun. */
  endsAt: number
}

interface Answer {
  id: number
  rows?: Record<string, unknown>[]
  error?: string
  tookTooLong?: boolean
}

interface Caller {
  resolve(rows: Record<string, unknown>[]): void
  reject(error: Error): void
}

/**
 * Long reads in a thread of their own: better-sqlite3 is synchronous, and a slow search must not stop the event loop. A thread that
 * ended (it may run out of memory) fails the reads that it had, and the next read starts another.
 */
export function startReaderThread(file: string, logger: Logger): ReaderThread {
  let current: Thread | null = null
  let stopped = false

  function start(): Thread {
    const thread = startThread(file, error => {
      if (current === thread) current = null
      if (!stopped) logger.error({ err: error }, 'The reader thread stopped; the next read starts another.')
    })
    return thread
  }

  return {
    get waiting() {
      return current?.waiting() ?? 0
    },
    async read(sql, parameters, limits) {
      if (stopped) throw new Error('The database is closed.')
      current ??= detached(start)
      return current.read(sql, parameters, limits)
    },
    async stop() {
      stopped = true
      await current?.terminate()
    },
  }
}

/** The thread that comes to a new read first, as far as anybody can tell. */
export function leastBusy(threads: ReaderThread[]): ReaderThread {
  return threads.reduce((best, each) => (each.waiting < best.waiting ? each : best))
}

interface Thread {
  read: ReaderThread['read']
  waiting(): number
  terminate(): Promise<unknown>
}

function startThread(file: string, onEnd: (error: Error) => void): Thread {
  // The thread's program is the text of the function below, so that it runs the same compiled and from TypeScript under tests.
  const worker = new Worker(`(${readInThread.toString()})()`, {
    eval: true,
    workerData: { file, driver: require.resolve('better-sqlite3') },
  })
  worker.unref()
  const waiting = new Map<number, Caller>()
  let lastId = 0
  let cause: Error | null = null
  worker.on('message', (answer: Answer) => {
    const caller = waiting.get(answer.id)
    waiting.delete(answer.id)
    if (waiting.size === 0) worker.unref()
    if (answer.rows) caller?.resolve(answer.rows)
    else caller?.reject(answer.tookTooLong ? new TookTooLong(answer.error) : new Error(answer.error))
  })
  worker.on('error', error => (cause = error as Error))
  // Comes last, however the thread ends.
  worker.on('exit', code => {
    const error = cause ?? new Error(`The reader thread ended with ${code}.`)
    onEnd(error)
    for (const caller of waiting.values()) caller.reject(error)
    waiting.clear()
  })
  return {
    waiting: () => waiting.size,
    read: (sql, parameters, limits) =>
      new Promise((resolve, reject) => {
        lastId += 1
        const values = parameters.map(value => (typeof value === 'boolean' ? Number(value) : value))
        worker.postMessage({ id: lastId, sql, parameters: values, ...limits })
        waiting.set(lastId, { resolve, reject })
        worker.ref()
      }),
    terminate: () => worker.terminate(),
  }
}

/** Runs inside the thread; may use nothing from outside its own text. */
function readInThread(): void {
  const { parentPort, workerData } = require('node:worker_threads') as typeof import('node:worker_threads')
  const Database = require(workerData.driver) as typeof import('better-sqlite3')
  let connection: import('better-sqlite3').Database | undefined
  let deadline = Infinity
  let tookTooLong = false

  function open() {
    const opened = new Database(workerData.file, { readonly: true })
    // Called for row after row, it is the one way to end a statement: the driver has no other.
    opened.function('in_time', { deterministic: false }, () => {
      tookTooLong = performance.now() > deadline
      if (tookTooLong) throw new Error('The time for this statement is over.')
      return 1
    })
    return opened
  }

  parentPort?.on('message', ({ id, sql, parameters, timeLimitMs, endsAt }: Order) => {
    const leftMs = endsAt - Date.now()
    tookTooLong = leftMs <= 0
    deadline = performance.now() + Math.min(timeLimitMs, leftMs)
    try {
      if (tookTooLong) throw new Error('Nobody waits for this statement any more.')
      connection ??= open()
      parentPort.postMessage({ id, rows: connection.prepare(sql).all(...parameters) })
    } catch (error) {
      parentPort.postMessage({ id, error: String(error), tookTooLong })
    }
  })
}

interface Order extends TimeLimits {
  id: number
  sql: string
  parameters: unknown[]
}
