import { AsyncLocalStorage } from 'node:async_hooks'
import { currentRequest } from './current-request'
import { TookTooLong } from './errors'

/** A request was ended because it took longer than it may. */
export class RequestTookTooLong extends TookTooLong {
  /** Of all that its request is told of by now; it may fail in as many places as it has fields. */
  readonly isFirst: boolean

  constructor({ timeoutMs, isTold, mayHaveChanged }: Deadline) {
    const changed = mayHaveChanged ? 'What it had done by then stays; look at it before you ask again.' : 'Nothing was changed.'
    super(`This took longer than ${timeoutMs / 1000} seconds and was ended. ${changed} Ask for less at a time.`)
    this.isFirst = !isTold
  }
}

/** When the request that is being answered has to end. */
class Deadline {
  readonly timeoutMs: number
  /** Something of the request was committed, or done elsewhere. */
  mayHaveChanged = false
  isTold = false
  isLifted = false
  private isAnswered = false
  private readonly endsAt: number
  private readonly timer: NodeJS.Timeout
  private readonly endings = new Set<() => void>()

  constructor(timeoutMs: number, elapsedMs: number) {
    this.timeoutMs = timeoutMs
    const leftMs = timeoutMs - elapsedMs
    this.endsAt = performance.now() + leftMs
    this.timer = setTimeout(() => {
      for (const end of this.endings) end()
      if (this.isAnswered) this.isLifted = true
    }, leftMs)
  }

  get leftMs(): number {
    return this.endsAt - performance.now()
  }

  /** @throws RequestTookTooLong when the time is over */
  check(): void {
    if (this.leftMs <= 0) throw this.error()
  }

  error(): RequestTookTooLong {
    const error = new RequestTookTooLong(this)
    this.isTold = true
    return error
  }

  /**
   * Does work that can be ended from outside, by what makes it fail.
   * @throws RequestTookTooLong when it was ended
   */
  async endable<Result>(work: () => Promise<Result>, end: () => void): Promise<Result> {
    this.check()
    let isEnded = false
    const ending = () => {
      isEnded = true
      end()
    }
    this.endings.add(ending)
    try {
      return await work()
    } catch (error) {
      throw isEnded ? this.error() : error
    } finally {
      this.endings.delete(ending)
    }
  }

  /** Waits no longer than until the time is over. @throws RequestTookTooLong */
  async wait<Result>(work: () => Promise<Result>): Promise<Result> {
    let giveUp: () => void = () => undefined
    const over = new Promise<never>((_resolve, reject) => (giveUp = () => reject(new Error('The time is over.'))))
    return this.endable(() => Promise.race([work(), over]), giveUp)
  }

  /**
   * The request is answered. What it set off may take its time from now on; what runs still, such as the other fields of an answer that an
   * error made null, is ended in time all the same.
   */
  lift(): void {
    this.isAnswered = true
    this.timer.unref()
    if (this.endings.size > 0 && this.leftMs > 0) return
    clearTimeout(this.timer)
    this.isLifted = true
  }
}

const deadlines = new AsyncLocalStorage<Deadline | null>()

/**
 * Answers a request: SQL that it would begin after its time is refused, and on PostgreSQL what runs then is ended at the server.
 * @param elapsedMs how much of its time was over before
 */
export async function runWithDeadline<Result>(timeoutMs: number, work: () => Promise<Result> | Result, elapsedMs = 0): Promise<Result> {
  const deadline = new Deadline(timeoutMs, elapsedMs)
  try {
    return await deadlines.run(deadline, work)
  } finally {
    deadline.lift()
  }
}

/** Runs work without the deadline of the current request: for work that a request only starts, and others rely on. */
export function withoutDeadline<Result>(work: () => Result): Result {
  return deadlines.run(null, work)
}

/** Runs work without the deadline and without the request ID of the current request: for work shared by many requests. */
export function detached<Result>(work: () => Result): Result {
  return currentRequest.run(null, () => withoutDeadline(work))
}

/** Null where nobody waits for an answer, and for what goes on after it. */
export function currentDeadline(): Deadline | null {
  const deadline = deadlines.getStore() ?? null
  return deadline?.isLifted ? null : deadline
}

/**
 * Waits for something that ends by itself, and changes nothing here, no longer than the request may take; it goes on unheeded.
 * @throws RequestTookTooLong
 */
export async function withinDeadline<Result>(work: () => Promise<Result>): Promise<Result> {
  const deadline = currentDeadline()
  return deadline ? deadline.wait(work) : work()
}

/**
 * Runs work that must not stop halfway because it has effects in other systems. At the deadline its request gets an error, and the work goes on.
 * @throws RequestTookTooLong
 */
export async function runToCompletion<Result>(work: () => Promise<Result>): Promise<Result> {
  noteChange()
  return withinDeadline(() => withoutDeadline(work))
}

/** From now on, the request cannot be told that nothing was changed. */
export function noteChange(): void {
  const deadline = currentDeadline()
  if (deadline) deadline.mayHaveChanged = true
}
