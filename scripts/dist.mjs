/** Keeps dist what the sources say. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { giveUp, ROOT, runNode } from './project.mjs'

const DIST = path.join(ROOT, 'dist')
const LOCK = path.join(ROOT, '.cache/build.lock')
const BUILD_MAX_MS = 5 * 60_000

/** What is built by itself, and from what; a page is not built again because the server changed. */
const PARTS = [
  {
    name: 'server',
    sources: ['package-lock.json', 'scripts/compile.mjs', 'src'],
    args: ['scripts/compile.mjs'],
  },
  page('playground', ['schema/examples', 'schema/curl-command.ts']),
  page('activation'),
]

function page(name, sources = []) {
  return {
    name,
    sources: ['package-lock.json', 'web/package.json', 'web/tsconfig.json', 'web/vite.config.ts', `web/${name}`, ...sources],
    args: ['node_modules/vite/bin/vite.js', 'build', '-c', 'web/vite.config.ts', '--mode', name, '--logLevel', 'warn'],
    // A test run's own would make it a development build, and leave that behind for the server.
    environment: { NODE_ENV: 'production' },
  }
}

/** Builds what is missing or stale; when several processes want to at once, one does it for all. */
export async function ensureBuilt({ force = false } = {}) {
  if (!force && PARTS.every(isBuilt)) return
  await withLock(async () => {
    if (force) rmSync(DIST, { recursive: true, force: true })
    mkdirSync(DIST, { recursive: true })
    await Promise.all(PARTS.filter(part => !isBuilt(part)).map(build))
  })
}

async function build(part) {
  const { name, args, environment } = part
  const hash = hashOfSources(part)
  process.stderr.write(`Building the ${name} …\n`)
  rmSync(stampOf(part), { force: true })
  if ((await runNode(args, environment)) !== 0) giveUp(`The build of the ${name} failed; the reason is above.`)
  writeFileSync(stampOf(part), hash)
}

/** What the part was built from, as a hash of its sources: times of files would lie after a checkout or a copy. */
function stampOf({ name }) {
  return path.join(DIST, `.${name}-built-from`)
}

function isBuilt(part) {
  const stamp = stampOf(part)
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === hashOfSources(part)
}

function hashOfSources({ sources }) {
  const hash = createHash('sha256')
  for (const file of sources.flatMap(filesOf)) hash.update(`${file}\0`).update(readFileSync(path.join(ROOT, file)))
  return hash.digest('hex')
}

/** The file, or all files beneath the folder. */
function filesOf(source) {
  if (statSync(path.join(ROOT, source)).isFile()) return [source]
  return readdirSync(path.join(ROOT, source), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.relative(ROOT, path.join(entry.parentPath, entry.name)))
    .sort()
}

async function withLock(work) {
  mkdirSync(path.dirname(LOCK), { recursive: true })
  for (;;) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      if (isAbandoned(LOCK)) rmSync(LOCK, { force: true })
      else await sleep(200)
    }
  }
  const unlock = () => rmSync(LOCK, { force: true })
  process.once('exit', unlock)
  try {
    return await work()
  } finally {
    process.off('exit', unlock)
    unlock()
  }
}

/** A lock whose holder was killed, or that is too old for a build. */
function isAbandoned(lock) {
  try {
    if (Date.now() - statSync(lock).mtimeMs > BUILD_MAX_MS) return true
    process.kill(Number(readFileSync(lock, 'utf8')), 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}
