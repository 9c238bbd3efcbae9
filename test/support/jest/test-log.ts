import { appendFileSync, openSync, readFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { createLogger, type Logger } from '../../../src/shared/logger'

/**
 * Logs at level `trace` into a file of this process's, whatever the tests set for the servers: at the end of the run, log-check.js looks
 * through all of them for secrets.
 */
export function testLogger(): Logger {
  const file = openSync(fileOf(`${process.pid}.log`), 'a')
  // At once: a worker may be ended with what it has not written.
  return createLogger('trace', { write: line => void writeSync(file, line) })
}

/** What the servers of this process have logged so far. */
export function loggedLines(): Record<string, unknown>[] {
  const lines = readFileSync(fileOf(`${process.pid}.log`), 'utf8')
    .trim()
    .split('\n')
  return lines.map(line => JSON.parse(line) as Record<string, unknown>)
}

/** Keeps what a process of the tests wrote to its standard error, to be looked through, too. */
export function keepLogOf(processId: number | undefined, text: string): void {
  appendFileSync(fileOf(`${process.pid}-${processId}.log`), text)
}

function fileOf(name: string): string {
  const folder = process.env['TEST_LOGS']
  if (!folder) throw new Error('There is no folder for the logs; global-setup.js makes it.')
  return path.join(folder, name)
}
