import { Presets, SingleBar } from 'cli-progress'

export interface Progress {
  readonly update: (done: number) => void
  readonly stop: () => void
}

/** A progress bar on standard error; a line now and then where that is no terminal. */
export function startProgress(what: string, total: number): Progress {
  const bar = new SingleBar(
    {
      format: `${what} {bar} {percentage}% | {value}/{total} | {eta_formatted}`,
      stream: process.stderr,
      noTTYOutput: true,
      notTTYSchedule: 5000,
    },
    Presets.shades_classic,
  )
  bar.start(total, 0)
  return { update: done => bar.update(done), stop: () => bar.stop() }
}
