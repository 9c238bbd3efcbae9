import type { Logger } from '../shared/logger'
import { startLoop } from '../shared/loop'

/** Work that every serving process repeats. It stands next to the feature that owns it, and in the list of periodic-tasks.ts. */
export interface PeriodicTask<Dependencies> {
  readonly name: string
  /** Between the end of one run and the start of the next. */
  readonly intervalMs: number
  /** Several processes may run it at the same time. */
  run(dependencies: Dependencies): Promise<void>
}

/** Runs tasks now and after each interval. Returns a function that stops them and resolves when their current runs have ended. */
export function startPeriodicTasks<Dependencies extends { readonly logger: Logger }>(
  tasks: readonly PeriodicTask<Dependencies>[],
  dependencies: Dependencies,
): () => Promise<void> {
  const loops = tasks.map(task =>
    startLoop(() => task.run(dependencies), {
      pauseMs: task.intervalMs,
      onError: error => {
        const message = `A periodic task failed; the next run is in ${task.intervalMs / 1000} seconds.`
        dependencies.logger.warn({ err: error, task: task.name }, message)
      },
    }),
  )
  return async () => void (await Promise.all(loops.map(loop => loop.stop())))
}
