import { Presets, SingleBar } from 'cli-progress'

export interface Progress {
  readonly update: (done: number) => void
  readonly stop: () => void
}

/**
 * A progress bar on standard error; a line now and then where that is no terminal.
 * @param total null when nobody knows it: then what is done is counted
 */
export function startProgress(what: string, total: number | null): Progress {
  const bar = new SingleBar(
    {
      format: total === null ? `${what} {value} | {duration_formatted}` : `${what} {bar} {percentage}% | {value}/{total} | {eta_formatted}`,
      stream: process.stderr,
      noTTYOutput: true,
      notTTYSchedule: 5000,
    },
    Presets.shades_classic,
  )
  bar.start(total ?? Infinity, 0)
  return { update: done => bar.update(done), stop: () => bar.stop() }
}
