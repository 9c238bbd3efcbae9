import { type ChildProcess, type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { keepLogOf } from '../jest/test-log'
import { eventually } from '../world/waiting'

const PROJECT = path.resolve(__dirname, '../../..')
const SERVER = path.join(PROJECT, 'dist/main.js')
const TOOL = path.join(PROJECT, 'dist/cli/main.js')

export interface Surroundings {
  /** Working folder: relative paths, such as that of the demo's data, are taken from it. */
  directory: string
  /** Settings. Nothing of the test run's own environment reaches the process but the path of programs. */
  environment?: Record<string, string>
}

export interface Ended {
  exitCode: number | null
  stdout: string
  stderr: string
}

export interface Running {
  readonly child: ChildProcess
  readonly output: { stdout: string; stderr: string }
  /** Waits until the process has printed it; answers its first group, or all of it. */
  printed(pattern: RegExp, timeoutMs?: number): Promise<string>
  readonly ended: Promise<Ended>
  /** Sends the signal and waits for the end. */
  end(signal?: NodeJS.Signals): Promise<Ended>
}

/** Tests ask more often than a caller may; those of the limits say so themselves. */
const UNHURRIED = { RATE_LIMIT_COST_PER_MINUTE: '2000000000', RATE_LIMIT_ANONYMOUS_PER_MINUTE: '1000000' }

/** For the hook that waits for it: a build takes half a minute on two cores, several on busy ones, and whoever does not build waits for who does. */
export const BUILD_TIMEOUT_MS = 300_000

let built: Promise<unknown> | undefined

/** Tests run what is built, so that has to be what the sources say. Processes that find it stale at once build it once. */
export async function ensureBuilt(): Promise<void> {
  built ??= promisify(execFile)(process.execPath, [path.join(PROJECT, 'scripts/build.mjs'), '--if-stale'], { cwd: PROJECT })
  await built
}

/** Runs `flowthrough` to its end, node itself: an npm between us would swallow signals. */
export async function runTool(args: string[], surroundings: Surroundings): Promise<Ended> {
  return start(TOOL, args, surroundings).ended
}

/** Runs `flowthrough` and expects it to succeed; answers what it printed. */
export async function useTool(args: string[], surroundings: Surroundings): Promise<string> {
  const { exitCode, stdout, stderr } = await runTool(args, surroundings)
  if (exitCode !== 0) throw new Error(`flowthrough ${args.join(' ')} ended with ${exitCode}: ${stderr}`)
  return stdout.trim()
}

export function startTool(args: string[], surroundings: Surroundings): Running {
  return start(TOOL, args, surroundings)
}

/** Starts the built server; it serves once `API` is printed. */
export function startServer(surroundings: Surroundings): Running {
  return start(SERVER, [], surroundings)
}

/**
 * Runs a line of a guide or a README in a shell, in a process group of its own: `end` sends its signal to all of the group, as Ctrl-C does.
 * What it prints to its standard error is taken for a log.
 */
export function startCommand(command: string, { directory, environment = {} }: Surroundings): Running {
  const options = { cwd: directory, env: environmentWith(environment), stdio: PIPES, detached: true }
  return watch(spawn('sh', ['-c', command], options), output => output, true)
}

/** The address under which a started server answers. */
export async function serverUrl(server: Running): Promise<string> {
  return server.printed(/^API +(http\S+)\/graphql$/m)
}

/** The address of the API of a started simulator. */
export async function simulatorUrl(simulator: Running): Promise<string> {
  return simulator.printed(/^Simulator +(http\S+)$/m)
}

/** Nobody types anything; what is printed is read. */
const PIPES: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe']

const environmentWith = (environment: Record<string, string>) => ({ PATH: process.env['PATH'], ...UNHURRIED, ...environment })

function start(script: string, args: string[], { directory, environment = {} }: Surroundings): Running {
  const options = { cwd: directory, env: environmentWith(environment), stdio: PIPES }
  return watch(spawn(process.execPath, [script, ...args], options), script === TOOL ? logLines : output => output)
}

/** @param isGroup whether the child leads a group of processes, all of which a signal is for */
function watch(child: ChildProcessByStdio<null, Readable, Readable>, logOf: (output: string) => string, isGroup = false): Running {
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', exitCode => {
      keepLogOf(child.pid, logOf(output.stderr))
      resolve({ exitCode, ...output })
    })
  })
  return {
    child,
    output,
    ended,
    async printed(pattern, timeoutMs = 50_000) {
      const found = await eventually(async () => {
        const match = pattern.exec(output.stdout)
        if (!match && child.exitCode !== null) throw new Error(`The process ended with ${child.exitCode}: ${output.stderr}`)
        return match
      }, timeoutMs)
      return found[1] ?? found[0]
    },
    async end(signal = 'SIGTERM') {
      if (!isGroup) child.kill(signal)
      else if (isAlive(child)) process.kill(-child.pid, signal)
      return ended
    },
  }
}

function isAlive(child: ChildProcess): child is ChildProcess & { pid: number } {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null
}

/** A command tells whoever called it what is wrong with their file, row by row; the log is what is JSON. */
function logLines(text: string): string {
  return text.replace(/^(?!\{).*\n?/gm, '')
}
