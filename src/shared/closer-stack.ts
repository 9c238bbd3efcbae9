type Closer = () => Promise<void> | void

/** Closes what a process opened, the last first. */
export class CloserStack {
  private readonly closers: Closer[] = []

  /** To be called as soon as something is open. */
  add(close: Closer): void {
    this.closers.push(close)
  }

  /**
   * Closes everything; a second call has nothing left to do. What cannot be closed does not keep the rest open.
   * @throws Error the first one that a closer threw, once all have run
   */
  async close(): Promise<void> {
    const errors: unknown[] = []
    for (let close = this.closers.pop(); close; close = this.closers.pop()) {
      try {
        await close()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }
}
