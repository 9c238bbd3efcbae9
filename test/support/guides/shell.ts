import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'

/** The machine's own programs, and after them what stands in for those that it may not have: the tests need nothing but Node. */
const PATH = [process.env['PATH'], path.join(__dirname, 'commands')].join(path.delimiter)

export interface RunOptions {
  /** The folder that it runs in. */
  directory: string
  /** What it finds beside PATH; nothing else of the environment comes along. */
  environment: Record<string, string>
  timeoutMs: number
}

/** Runs a shell script; the first command that fails ends it. @returns what it printed @throws when it fails */
export function runScript(script: string, options: RunOptions): Promise<string> {
  return run('sh', ['-eu', '-c', script], options)
}

/** Gives a command to any POSIX shell. @returns what it printed @throws when it fails */
export function paste(command: string, options: Partial<RunOptions> = {}): Promise<string> {
  return run('sh', ['-c', command], { directory: __dirname, environment: {}, timeoutMs: 30_000, ...options })
}

/** Runs an ES module in Node. @returns what it printed @throws when it fails */
export function runModule(script: string, options: RunOptions): Promise<string> {
  return run(process.execPath, ['--input-type=module', '--eval', script], options)
}

async function run(program: string, args: string[], { directory, environment, timeoutMs }: RunOptions): Promise<string> {
  const env = { ...environment, PATH } as Record<string, string> as NodeJS.ProcessEnv
  const { stdout } = await promisify(execFile)(program, args, { cwd: directory, env, timeout: timeoutMs })
  return stdout
}
