/** What every command needs before its own work: the packages installed. Plain Node, because nothing is installed yet. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

export const ROOT = path.resolve(import.meta.dirname ?? '.', '..')

const NODE_MIN = [20, 19]

/** Ends this process in plain words. */
export function giveUp(message, exitCode = 1) {
  process.stderr.write(`${message}\n`)
  process.exit(exitCode)
}

/** Runs Node on a script of a package, or on one of ours, its output on standard error. @returns its exit code */
export function runNode(args, environment = {}) {
  return spawnSync(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 2, 2], env: { ...process.env, ...environment } }).status ?? 1
}

export async function ensureInstalled() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1])) {
    giveUp(`Flowthrough needs Node ${NODE_MIN.join('.')} or newer; this is ${process.version}.`)
  }
  if (isInstalled()) return
  process.stderr.write('Installing packages; this takes a minute or two …\n')
  const { exitCode, output } = await npmCi()
  if (exitCode === 0) return
  // The one package that is compiled on this machine where no binary of it can be downloaded.
  const compiling = /better-sqlite3|node-gyp/.test(output)
  giveUp(
    compiling
      ? '\nThe packages could not be installed: better-sqlite3 did not compile. Where no prebuilt binary of it can be had, it needs a C++ compiler\n' +
          'with make, and Python 3 (Debian and Ubuntu: apt install g++ make python3; macOS: xcode-select --install). Install them and try again.'
      : '\nThe packages could not be installed; npm says why above.',
  )
}

/** Whether node_modules holds just what package-lock.json asks for. */
function isInstalled() {
  const present = packagesIn('node_modules/.package-lock.json')
  if (!present) return false
  return Object.entries(packagesIn('package-lock.json') ?? {}).every(
    ([location, { version, optional }]) => location === '' || present[location]?.version === version || (optional && !present[location]),
  )
}

function packagesIn(file) {
  const location = path.join(ROOT, file)
  return existsSync(location) ? JSON.parse(readFileSync(location, 'utf8')).packages : null
}

function npmCi() {
  // The npm that runs us, if one does; what builds and tests is needed in production, too.
  const npm = process.env.npm_execpath
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund']
  const options = { cwd: ROOT, stdio: ['ignore', 2, 'pipe'] }
  const child = npm
    ? spawn(process.execPath, [npm, ...args], options)
    : spawn('npm', args, { ...options, shell: process.platform === 'win32' })
  let output = ''
  child.stderr.on('data', chunk => {
    output += chunk
    process.stderr.write(chunk)
  })
  return new Promise(resolve => {
    child.on('error', error => resolve({ exitCode: 1, output: String(error) }))
    child.on('close', exitCode => resolve({ exitCode: exitCode ?? 1, output }))
  })
}
