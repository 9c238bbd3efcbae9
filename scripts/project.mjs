/** What every command needs before its own work: the packages installed. Plain Node, because nothing is installed yet. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

export const ROOT = path.resolve(import.meta.dirname ?? '.', '..')

const NODE_MIN = [20, 19]

/** Present while packages are added or compiled. An installation that was killed leaves it, and the next one starts from nothing. */
const UNFINISHED = path.join(ROOT, 'node_modules/.unfinished')

/**
 * Where no prebuilt binary of better-sqlite3 can be downloaded, compiling it takes most of an installation. -O1 compiles in less than half the
 * time of its own -O3, and costs 20 % more CPU in inserts; `npm ci` run by hand takes -O3. See docs/adr/0035.
 */
const COMPILER_FLAGS = { CFLAGS: '-O1', CXXFLAGS: '-O1' }

/** Ends this process with a message. */
export function giveUp(message, exitCode = 1) {
  process.stderr.write(`${message}\n`)
  process.exit(exitCode)
}

/** Runs Node on a script of a package, or on one of ours, its output on standard error. @returns its exit code */
export function runNode(args, environment = {}) {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 2, 2], env: { ...process.env, ...environment } })
  return exitCodeOf(child)
}

/**
 * Installs missing packages: `dependencies` build and run the server, `devDependencies` are for everything else.
 * @param dev whether `devDependencies` are needed too
 * @param meanwhile work that needs no compiled package; on a first installation it runs while better-sqlite3 compiles
 */
export async function ensureInstalled({ dev = true, meanwhile = () => undefined } = {}) {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1])) {
    giveUp(`Flowthrough needs Node ${NODE_MIN.join('.')} or newer; this is ${process.version}.`)
  }
  const present = existsSync(UNFINISHED) ? null : packagesIn('node_modules/.package-lock.json')
  if (present && isInstalled(present, dev)) return meanwhile()
  process.stderr.write('Installing packages; this takes a minute or two …\n')
  if (present) {
    // Unlike `npm ci`, this keeps what is there, better-sqlite3 above all.
    writeFileSync(UNFINISHED, '')
    const keepsDev = Object.values(present).some(entry => entry.dev)
    await npm('install', '--no-save', dev || keepsDev ? '--include=dev' : '--omit=dev')
    rmSync(UNFINISHED)
    return meanwhile()
  }
  await npm('ci', '--ignore-scripts', dev ? '--include=dev' : '--omit=dev')
  writeFileSync(UNFINISHED, '')
  await Promise.all([npm('rebuild'), meanwhile()])
  rmSync(UNFINISHED)
}

/** Whether node_modules holds what package-lock.json asks for; npm marks there what only `devDependencies` need. */
function isInstalled(present, dev) {
  return Object.entries(packagesIn('package-lock.json') ?? {})
    .filter(([location, entry]) => location !== '' && (dev || !entry.dev))
    .every(([location, { version, optional, devOptional }]) => {
      const isOptional = optional || (devOptional && !dev)
      return present[location] ? present[location].version === version : isOptional
    })
}

function packagesIn(file) {
  const location = path.join(ROOT, file)
  return existsSync(location) ? JSON.parse(readFileSync(location, 'utf8')).packages : null
}

async function npm(...command) {
  const args = [...command, '--no-audit', '--no-fund']
  const options = { cwd: ROOT, stdio: ['ignore', 2, 'pipe'], env: { ...COMPILER_FLAGS, ...process.env } }
  // The npm that runs us, if one does.
  const { npm_execpath: ours } = process.env
  const child = ours
    ? spawn(process.execPath, [ours, ...args], options)
    : spawn('npm', args, { ...options, shell: process.platform === 'win32' })
  let output = ''
  child.stderr.on('data', chunk => {
    output += chunk
    process.stderr.write(chunk)
  })
  if ((await exitCodeOf(child)) === 0) return
  // The one package that is compiled on this machine where no binary of it can be downloaded.
  const compiling = /better-sqlite3|node-gyp/.test(output)
  giveUp(
    compiling
      ? '\nThe packages could not be installed: better-sqlite3 did not compile. Where no prebuilt binary of it can be had, it needs a C++ compiler\n' +
          'with make, and Python 3 (Debian and Ubuntu: apt install g++ make python3; macOS: xcode-select --install). Install them and try again.'
      : '\nThe packages could not be installed; npm says why above.',
  )
}

function exitCodeOf(child) {
  return new Promise(resolve => {
    child.on('error', error => {
      process.stderr.write(`${error.message}\n`)
      resolve(1)
    })
    child.on('close', exitCode => resolve(exitCode ?? 1))
  })
}
