import { Command } from 'commander'
import { withPlatform } from '../platform'

const SHOWN_MAX = 100

export function jobsCommand(): Command {
  return new Command('jobs')
    .description('count the background jobs and list those that failed for good; may run beside a server')
    .option('--retry', 'let whoever serves try the dead jobs again')
    .action(({ retry }: { retry?: true }) =>
      withPlatform(async ({ queue }) => {
        if (retry) process.stdout.write(`${await queue.retryDeadJobs()} dead jobs are due again.\n`)
        const counts = await queue.counts()
        const dead = await queue.deadJobs(SHOWN_MAX)
        const lines = Object.entries(counts).map(([state, count]: [string, number]) => [state, String(count)])
        process.stdout.write(inColumns(lines))
        if (dead.length === 0) return
        const rows = dead.map(({ name, payload, failures, lastFailure, diedAt }) => [
          diedAt,
          name,
          Object.values(payload).join(' '),
          String(failures),
          lastFailure.replace(/\s+/g, ' '),
        ])
        process.stdout.write(`\n${inColumns([['died at', 'job', 'about', 'failures', 'last failure'], ...rows])}`)
        if (counts.dead > dead.length) process.stdout.write(`and ${counts.dead - dead.length} that died before\n`)
      }),
    )
}

function inColumns(rows: string[][]): string {
  const width = (column: number) => Math.max(...rows.map(row => (row[column] ?? '').length))
  return rows
    .map(
      row =>
        `${row
          .map((cell, column) => cell.padEnd(width(column)))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}
